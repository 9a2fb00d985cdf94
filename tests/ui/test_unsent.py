"""What is too old to be done blindly is asked about, what was not sent is said, a dead link shows in time."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtTest import QTest

from app.core.commands import Command, EndEscalation, RaiseEscalation, SendMessage, SetStatus, TakeSeat
from app.core.errors import Code
from app.core.model import AnswerKind, EscalationId, Level, Recipients, SeatId, SpaceId, Status
from app.net import outbox as outbox_module
from app.net.assets import MemoryCache
from app.net.client import Client
from app.net.outbox import CALL_SECONDS, MESSAGE_HOURS, Entry
from app.net.problems import ConnectionProblem, Problem, Trouble
from app.net.shelf import MemoryShelf
from app.tasks import Tasks
from app.ui import program as program_module
from app.ui.desk import Desk
from app.ui.models.messages import MessageRow, Sending
from app.ui.network import NetworkWatch
from app.ui.unsent_card import UnsentCard
from tests.helpers.clock import settle
from tests.helpers.machine import Machine, page, signed_in, until
from tests.helpers.office import ANN, BOB, SPACE
from tests.helpers.scripted import PASSWORD

AWAY = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)


@pytest.fixture
def shelf(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> MemoryShelf:
    """What the machine's programs leave for each other."""
    kept = MemoryShelf()

    def client(**_: object) -> Client:
        return Client(
            connect=machine.server.connect,
            clock=machine.clock,
            rng=random.Random(1),
            tasks=Tasks("client"),
            cache=MemoryCache(),
            app="test",
            shelf=kept,
        )

    monkeypatch.setattr(program_module, "Client", client)
    return kept


def card_of(desk: Desk) -> UnsentCard:
    (card,) = desk.window.area.findChildren(UnsentCard)
    return card


def messages(desk: Desk) -> list[MessageRow]:
    """Those of the open conversation, as the window shows them."""
    desk.chat.refresh()
    return [row for row in desk.panels.chat_models.messages.rows if isinstance(row, MessageRow)]


async def cut(machine: Machine, desk: Desk) -> None:
    machine.server.problem = AWAY
    machine.server.peer.abort()
    await machine.clock.advance(3)
    desk.bridge.tell()


async def back(machine: Machine, desk: Desk) -> None:
    machine.server.problem = None
    await machine.clock.advance(40)
    desk.bridge.tell()


async def too_late(machine: Machine, desk: Desk) -> None:
    desk.hands.raise_hand(RaiseEscalation(Level.RED, "line 3", Recipients(people=(BOB,))))
    await machine.clock.advance(CALL_SECONDS + 5)
    desk.bridge.tell()


async def test_a_hand_raised_offline_is_raised_only_after_a_word(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    desk.unsent._wall = machine.clock.time
    await cut(machine, desk)
    focus = desk.window.focusWidget()
    await too_late(machine, desk)
    card = card_of(desk)
    assert card.isVisible()
    assert card.title.text() == "Raise your hand now?"
    assert card.words.text().startswith("You raised a hand at ")
    assert "while there was no connection. It is not up.\n“line 3”" in card.words.text()
    assert not card.yes.isEnabled()
    assert desk.window.focusWidget() is focus
    await back(machine, desk)
    assert card.yes.isEnabled()
    assert machine.server.commands == []
    QTest.mouseClick(card.yes, Qt.MouseButton.LeftButton)
    await settle()
    desk.bridge.tell()
    assert not card.isVisible()
    (hand,) = machine.server.office.space.escalations.values()
    assert (hand.raiser, hand.message, hand.level) == (ANN, "line 3", Level.RED)


async def test_a_hand_that_is_refused_after_the_word_is_in_the_dialog_with_the_reason(
    machine: Machine,
) -> None:
    _, desk = await signed_in(machine)
    await cut(machine, desk)
    await too_late(machine, desk)
    await back(machine, desk)
    machine.server.full = True
    QTest.mouseClick(card_of(desk).yes, Qt.MouseButton.LeftButton)
    await settle()
    desk.bridge.tell()
    dialog = desk.escalation.dialog
    assert dialog.isVisible()
    assert dialog.notice.text.startswith("The server could not save this")
    assert dialog.message.text() == "line 3"
    assert [offer.key for offer in dialog.recipients.chosen] == [f"p:{BOB}"]
    machine.server.full = False
    QTest.mouseClick(dialog.execute_button, Qt.MouseButton.LeftButton)
    await settle()
    (hand,) = machine.server.office.space.escalations.values()
    assert (hand.message, hand.level) == ("line 3", Level.RED)


async def test_dropping_it_raises_nothing(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    await cut(machine, desk)
    await too_late(machine, desk)
    QTest.mouseClick(card_of(desk).no, Qt.MouseButton.LeftButton)
    assert not card_of(desk).isVisible()
    await back(machine, desk)
    assert machine.server.commands == []
    assert program.client.outbox == ()


async def test_one_that_may_have_arrived_is_asked_about_honestly(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    machine.server.deaf = True
    desk.hands.raise_hand(RaiseEscalation(Level.YELLOW))
    await settle()
    await cut(machine, desk)
    await machine.clock.advance(CALL_SECONDS + 5)
    desk.bridge.tell()
    assert (
        "and the connection broke before the server answered. It is not up now." in card_of(desk).words.text()
    )


async def test_a_hand_raised_anew_elsewhere_needs_no_question(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    await cut(machine, desk)
    await too_late(machine, desk)
    machine.server.act(ANN, RaiseEscalation(Level.YELLOW), "from the other machine")
    await back(machine, desk)
    assert not card_of(desk).isVisible()
    assert program.client.outbox == ()


async def test_an_answer_is_asked_about_while_the_hand_is_up(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    for hand in ("first", "second"):
        machine.server.act(BOB, RaiseEscalation(Level.RED, "?", Recipients(people=(ANN,))), hand)
        await settle()
        await cut(machine, desk)
        desk.hands.answer(EscalationId(hand), AnswerKind.DECLINE)
        await machine.clock.advance(CALL_SECONDS + 5)
        if hand == "second":
            machine.server.act(BOB, EndEscalation(EscalationId(hand)))
        await back(machine, desk)
        card = card_of(desk)
        assert card.isVisible()
        if hand == "first":
            assert card.title.text() == "Answer Bob Stone now?"
            QTest.mouseClick(card.yes, Qt.MouseButton.LeftButton)
            await settle()
            desk.bridge.tell()
            (escalation,) = machine.server.office.space.escalations.values()
            assert escalation.declined == (ANN,)
            machine.server.act(BOB, EndEscalation(escalation.id))
            await settle()
        else:
            assert card.title.text() == "Your answer was not sent"
            assert card.words.text().endswith("while there was no connection. It is down by now.")
            assert not card.yes.isVisible()
            QTest.mouseClick(card.no, Qt.MouseButton.LeftButton)
        assert not card.isVisible()
        assert program.client.outbox == ()


async def test_the_next_start_asks_about_what_the_last_one_left(machine: Machine, shelf: MemoryShelf) -> None:
    program, desk = await signed_in(machine)
    await cut(machine, desk)
    desk.hands.raise_hand(RaiseEscalation(Level.YELLOW, "line 3"))
    desk.chat.open_with(BOB)
    desk.chat.send("still there?")
    await settle()
    program.terminate()
    await program._close()
    machine.server.problem = None
    machine.clock.epoch += 600
    _, again = await signed_in(machine)
    again.bridge.tell()
    assert card_of(again).title.text() == "Raise your hand now?"
    again.chat.open_with(BOB)
    assert [(row.text, row.sending) for row in messages(again)] == [("still there?", Sending.SENT)]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (EndEscalation(EscalationId("hand")), "Your hand was not lowered. The server could not save this"),
        (SetStatus(Status.BUSY), "Your status is not “Busy”. The server could not save this"),
        (TakeSeat(SeatId("s1")), "Your home seat is still the one it was. The server could not save this"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_the_last_one_left_and_the_server_refuses_is_said(
    machine: Machine, shelf: MemoryShelf, command: Command, words: str
) -> None:
    entry = Entry("left", command, machine.clock.time(), space=SPACE)
    await shelf.place("ws://localhost:7443", ANN).save((entry,))
    machine.server.full = True
    _, desk = await signed_in(machine)
    desk.bridge.tell()
    assert desk.toasts.text.startswith(words)


async def test_a_message_of_long_ago_is_not_sent_by_itself_and_can_be_deleted(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    await cut(machine, desk)
    desk.chat.open_with(BOB)
    desk.chat.send("lunch?")
    await settle()
    machine.clock.epoch += MESSAGE_HOURS * 3_600
    await back(machine, desk)
    (row,) = messages(desk)
    assert row.sending is Sending.FAILED
    assert row.reason == "This was not sent: there was no connection for 4 hours."
    desk.chat.close_conversation()
    (listed,) = desk.panels.chat_models.conversations.rows
    assert listed.preview == "Not sent: lunch?"
    desk.chat.open_conversation(listed.key)
    desk.chat._act(row.key, "discard")
    desk.bridge.tell()
    assert messages(desk) == []
    assert program.client.outbox == ()
    assert machine.server.commands == []


async def test_a_message_for_another_space_can_be_copied(machine: Machine, shelf: MemoryShelf) -> None:
    entry = Entry(
        "m", SendMessage("for Kobe", Recipients(people=(BOB,))), machine.clock.time(), space=SpaceId("kobe")
    )
    await shelf.place("ws://localhost:7443", ANN).save((entry,))
    program, desk = await signed_in(machine)
    desk.bridge.tell()
    card = card_of(desk)
    assert card.title.text() == "A message was not sent"
    assert card.words.text().endswith("\n“for Kobe”")
    QTest.mouseClick(card.yes, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "for Kobe"
    assert program.client.outbox == ()


async def test_what_cannot_even_wait_is_given_back(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    _, desk = await signed_in(machine)
    monkeypatch.setattr(outbox_module, "MOST_ENTRIES", 0)
    desk.chat.open_with(BOB)
    desk.chat.send("too much")
    await settle()
    assert desk.panels.chat.conversation.composer.text() == "too much"
    assert desk.toasts.text == "This was not sent: too much is waiting for the connection already."


async def test_a_disk_that_keeps_nothing_is_said_once_something_waits(
    machine: Machine, shelf: MemoryShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Problem(Trouble.NOT_KEPT_FULL)
    monkeypatch.setattr(Client, "outbox_problem", full)
    _, desk = await signed_in(machine)
    desk.bridge.tell()
    assert desk.toasts.text == ""
    await cut(machine, desk)
    desk.chat.open_with(BOB)
    desk.chat.send("is this kept?")
    await settle()
    desk.bridge.tell()
    assert desk.toasts.text.startswith("The disk is full: what waits for the connection is not saved on it.")


async def test_a_half_open_link_stands_in_the_window_within_15_s(machine: Machine) -> None:
    _, desk = await signed_in(machine)
    await machine.clock.advance(20)
    machine.server.peer.dead = True
    machine.server.problem = AWAY
    shown: list[str] = []
    for _ in range(15):
        await machine.clock.advance(1)
        desk.bridge.tell()
        shown.append(desk.top_bar.pill.text)
    assert shown[0] == "Protected"
    assert shown[-1].startswith("NOT PROTECTED since")


def test_the_network_is_news_when_it_becomes_another_one() -> None:
    watch, heard = NetworkWatch(), []
    watch.changed.connect(lambda: heard.append(True))
    reach = QNetworkInformation.Reachability
    counts = []
    for state, medium in (
        (reach.Online, "Ethernet"),  # the first word
        (reach.Online, "Ethernet"),
        (reach.Site, "Ethernet"),  # no internet, the same network
        (reach.Disconnected, "Unknown"),
        (reach.Disconnected, "Unknown"),
        (reach.Online, "WiFi"),
        (reach.Online, "Cellular"),
    ):
        watch.hear(state, medium)
        counts.append(len(heard))
    assert counts == [0, 0, 0, 1, 1, 2, 3]


async def test_half_a_sentence_is_there_again_for_who_was_signed_out(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    desk.chat.open_with(BOB)
    desk.panels.chat.conversation.composer.set_text("half a sen")
    machine.server.peer.bye(Code.SIGNED_OUT, retry=False)
    await until(lambda: program.desk is None)
    for handle, typed in (("chie", ""), ("ann", "half a sen")):
        page(program).handle.setText(handle)
        page(program).password.setText(PASSWORD)
        page(program).button.click()
        await until(lambda: program.desk is not None)
        assert program.desk is not None
        program.desk.chat.open_with(BOB)
        assert program.desk.panels.chat.conversation.composer.text() == typed
        machine.server.peer.bye(Code.SIGNED_OUT, retry=False)
        await until(lambda: program.desk is None)
