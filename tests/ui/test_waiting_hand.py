"""A hand asked for without a connection stands where hands are listed, until it is up or taken back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app.core.commands import RaiseEscalation
from app.core.model import AnswerKind, EscalationId, Level, Recipients
from app.net.outbox import CALL_SECONDS
from app.ui.desk import Desk
from app.ui.panels.hand_card import HandCard
from app.ui.panels.spans import plain
from app.ui.program import Program
from tests.helpers.clock import settle
from tests.helpers.machine import Machine, signed_in
from tests.helpers.office import ANN, BOB, SUPERVISORS
from tests.ui.test_leaving import press, questions
from tests.ui.test_unsent import back, card_of, cut

RED = RaiseEscalation(Level.RED, "line 3", Recipients(people=(BOB,), groups=(SUPERVISORS,)))
WAITS = "waiting for the connection"


async def offline(machine: Machine) -> tuple[Program, Desk]:
    program, desk = await signed_in(machine)
    desk.unsent._wall = desk.hands._wall = machine.clock.time
    await cut(machine, desk)
    return program, desk


def cards(desk: Desk) -> list[HandCard]:
    desk.panels.hands.sync()
    return list(desk.panels.hands.cards.values())


def words(card: HandCard) -> str:
    return plain(card.who.spans)


async def raise_by_dialog(desk: Desk) -> None:
    desk.escalation.press()
    dialog = desk.escalation.dialog
    dialog.fill_in(RED.level, RED.message, RED.recipients)
    QTest.mouseClick(dialog.execute_button, Qt.MouseButton.LeftButton)
    await settle()
    desk.bridge.tell()


async def test_it_is_seen_with_its_dialog_closed_and_goes_up_when_the_connection_is_back(
    machine: Machine,
) -> None:
    program, desk = await offline(machine)
    await raise_by_dialog(desk)
    desk.escalation.dialog.close_panel()
    (card,) = cards(desk)
    assert card.name.text() == "Your hand"
    assert (
        words(card) == f"{WAITS} · not up yet; after 60 s you are asked first · calls @supervisors, Bob Stone"
    )
    assert card.accessibleName().startswith("Red hand of Ann")
    assert WAITS in card.accessibleName()
    assert card.lower_hand.text() == "Take it back"
    assert not card.again.isVisibleTo(card)
    assert not card.timeline.isVisibleTo(card)
    await machine.clock.advance(7)
    desk.panels.hands._tick()
    assert card.time.text() == "0:07"
    tray = program._alerts._tray
    assert "Your hand waits for the connection" in tray.tooltip()
    assert "Take back your hand, which waits" in [action.text() for action in tray.menu.actions()]
    await back(machine, desk)
    (hand,) = machine.server.office.space.escalations.values()
    assert (hand.raiser, hand.message) == (ANN, "line 3")
    assert cards(desk) == [card]
    assert WAITS not in words(card)
    assert card.lower_hand.text() == "Lower hand"
    assert "Your hand waits" not in tray.tooltip()


async def test_the_button_of_the_toolbar_takes_it_back_and_what_was_typed_is_still_there(
    machine: Machine,
) -> None:
    program, desk = await offline(machine)
    await raise_by_dialog(desk)
    button, dialog = desk.toolbar.escalation_button, desk.escalation.dialog
    assert button.accessibleName().startswith("Your hand waits for the connection. Take it back")
    assert not dialog.execute_button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await settle()
    desk.bridge.tell()
    assert program.client.outbox == ()
    assert cards(desk) == []
    assert dialog.execute_button.isEnabled()
    assert dialog.message.text() == "line 3"
    assert not dialog.notice.text
    assert button.accessibleName().startswith("NOT PROTECTED: your hand goes up when")
    await back(machine, desk)
    assert machine.server.commands == []


async def test_the_delete_key_takes_it_back_in_the_queue(machine: Machine) -> None:
    program, desk = await offline(machine)
    desk.hands.raise_hand(RED)
    await settle()
    desk.bridge.tell()
    (card,) = cards(desk)
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_Delete)
    desk.bridge.tell()
    assert cards(desk) == []
    assert program.client.outbox == ()
    assert "This was not sent" not in desk.toasts.text


async def test_one_that_may_be_up_already_says_so_and_is_lowered_when_taken_back(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    machine.server.deaf = True
    desk.hands.raise_hand(RaiseEscalation(Level.YELLOW))
    await settle()
    machine.server.deaf = False
    await cut(machine, desk)
    (card,) = cards(desk)
    assert words(card) == f"{WAITS} · it broke on the way, so it may be up already"
    machine.server.act(ANN, RaiseEscalation(Level.YELLOW), card.row.id)  # it had arrived
    card.lower_hand.click()
    await back(machine, desk)
    assert machine.server.office.space.escalations == {}
    assert cards(desk) == []


async def test_too_old_it_stays_in_the_queue_until_the_person_has_decided(machine: Machine) -> None:
    _, desk = await offline(machine)
    await raise_by_dialog(desk)
    desk.escalation.dialog.close_panel()
    await machine.clock.advance(CALL_SECONDS + 5)
    desk.bridge.tell()
    (card,) = cards(desk)
    assert words(card).startswith("not raised · This was not sent: there was no connection for 60 s.")
    assert card.lower_hand.text() == "Drop it"
    assert card.again.isVisibleTo(card)
    assert not card.again.isEnabled()
    assert card_of(desk).isVisible()
    assert not desk.escalation.dialog.isVisible()
    assert desk.escalation.dialog.untouched
    assert desk.toolbar.escalation_button.accessibleName().startswith("NOT PROTECTED")
    card.setFocus()
    QTest.keyClick(card, Qt.Key.Key_R)
    await back(machine, desk)
    assert machine.server.commands == []
    assert cards(desk) == [card]
    QTest.keyClick(card, Qt.Key.Key_R)
    await settle()
    desk.bridge.tell()
    (hand,) = machine.server.office.space.escalations.values()
    assert hand.message == "line 3"
    assert not card_of(desk).isVisible()
    assert [card.row.hold for card in cards(desk)] == [None]


async def test_quitting_asks_first_while_it_waits(machine: Machine) -> None:
    program, desk = await offline(machine)
    desk.hands.raise_hand(RED)
    await settle()
    desk.bridge.tell()
    program.quit()
    assert not program._finished.is_set()
    (question,) = questions(desk)
    said = [label.text() for label in question.findChildren(QLabel)]
    assert "Your hand waits for the connection. It is not raised then." in said
    press(question, "Take my hand back")
    assert program._finished.is_set()


async def test_lowering_and_answering_that_wait_are_said_on_the_card(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    machine.server.act(BOB, RaiseEscalation(Level.RED, "?", Recipients(people=(ANN,))), "bobs")
    machine.server.act(ANN, RaiseEscalation(Level.YELLOW), "anns")
    await settle()
    await cut(machine, desk)
    desk.hands.answer(EscalationId("bobs"), AnswerKind.DECLINE)
    desk.hands.lower()
    await settle()
    desk.bridge.tell()
    said = {str(card.row.id): words(card) for card in cards(desk)}
    assert said["bobs"] == "your answer waits for the connection"
    assert said["anns"] == "goes down when the connection is back"
    await back(machine, desk)
    assert "waits" not in words(cards(desk)[0])
    assert EscalationId("anns") not in machine.server.office.space.escalations
