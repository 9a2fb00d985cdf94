"""Hands, chat and people are used as a person uses them: by mouse, by keyboard, in Japanese too."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.commands import (
    AnswerEscalation,
    EndEscalation,
    MarkRead,
    RaiseEscalation,
    ReportRung,
    SendMessage,
)
from app.core.errors import Code
from app.core.model import AnswerKind, EscalationId, Level, PersonId, Recipients, Rung
from app.net.changes import ConnectionState, Link
from app.net.outbox import Entry
from app.ui.models.messages import MessageRow, NewLine, Sending
from app.ui.panels.hands_words import hand_spans
from app.ui.panels.side_panel import Tab
from app.ui.panels.spans import plain
from tests.helpers.desk import Side, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, IN_KITA, SUPERVISORS

Sides = Callable[[PersonId], Side]
HAND = EscalationId("h1")


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def sides(floor: Floor, qtbot: QtBot, qapp: QApplication) -> Iterator[Sides]:
    opened: list[Side] = []

    def open_for(person: PersonId) -> Side:
        side = Side(floor, person, theme_of(qapp))
        opened.append(side)
        side.panel.show()
        return side

    yield open_for
    for side in opened:
        side.bridge.close()
        side.panel.close()


def red(floor: Floor, *people: PersonId) -> None:
    """Ann calls these people, or else the supervisors."""
    to = Recipients(people=people) if people else Recipients(groups=(SUPERVISORS,))
    floor.do(ANN, RaiseEscalation(Level.RED, "Customer asks for a manager", to), HAND)


# -- hands


def test_an_empty_queue_teaches_how_to_raise(sides: Sides) -> None:
    side = sides(BOB)
    assert side.hands.empty.isVisible()
    assert side.hands.empty.teaching.text() == "Ctrl+Shift+E raises yours."
    assert not side.ticker.running


def test_the_queue_shows_who_waits_what_and_how_long(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    floor.now += 160
    side.settle()
    card = side.hands.cards[HAND]
    assert (card.name.text(), card.time.text()) == ("Ann Field", "2:40")
    assert plain(hand_spans(card.row)) == "nobody has answered yet"
    assert side.panel.tabs.count_of(Tab.HANDS) == 1
    assert side.ticker.running


def test_times_stand_still_while_nobody_looks(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    side.settle()
    side.panel.show_tab(Tab.PEOPLE)
    assert not side.ticker.running
    side.panel.show_tab(Tab.HANDS)
    assert side.ticker.running


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (Qt.Key.Key_Return, AnswerKind.APPROACH),
        (Qt.Key.Key_C, AnswerKind.CHAT),
        (Qt.Key.Key_N, AnswerKind.DECLINE),
    ],
)
def test_a_hand_is_answered_by_keyboard(sides: Sides, floor: Floor, key: Qt.Key, kind: AnswerKind) -> None:
    side = sides(BOB)
    red(floor)
    side.settle()
    side.hands.cards[HAND].setFocus()
    QTest.keyClick(side.hands.cards[HAND], key)
    answer = floor.space.escalations[HAND].answer_of(BOB)
    assert answer is not None
    assert answer.kind is kind


def test_a_hand_is_answered_by_mouse_and_everybody_sees_who_comes(sides: Sides, floor: Floor) -> None:
    bob, dev = sides(BOB), sides(DEV)
    red(floor)
    bob.settle()
    QTest.mouseClick(bob.hands.cards[HAND].approach, Qt.MouseButton.LeftButton)
    dev.settle()
    assert plain(hand_spans(dev.hands.cards[HAND].row)) == "Bob Stone is on the way"
    assert not dev.hands.cards[HAND].decline.isVisible()


def test_chat_on_a_hand_opens_the_chat_with_the_raiser(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    side.settle()
    QTest.mouseClick(side.hands.cards[HAND].chat, Qt.MouseButton.LeftButton)
    assert side.chat.conversation.title.text() == "Ann Field"
    side.chat.conversation.composer.set_text("I am here")
    side.chat_actions.send("I am here")
    assert isinstance(side.client.done[-1], SendMessage)
    assert side.client.done[-1].escalation == HAND


def test_one_cannot_approach_out_of_a_meeting_room(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    floor.walk_person(BOB, IN_KITA)
    side.settle()
    card = side.hands.cards[HAND]
    assert not card.approach.isEnabled()
    assert "Leave the meeting room first." in card.approach.toolTip()
    assert card.chat.isEnabled()


def test_the_raiser_sees_the_ladder_and_lowers_the_hand(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    red(floor, BOB, CHIE, EVA, DEV)
    floor.do(BOB, ReportRung(HAND, Rung.SHOWN))
    floor.do(CHIE, AnswerEscalation(HAND, AnswerKind.DECLINE))
    floor.do(DEV, AnswerEscalation(HAND, AnswerKind.APPROACH))
    side.settle()
    card = side.hands.cards[HAND]
    assert card.name.text() == "Your hand"
    lines = [line.accessibleName() for line in card.ladder.lines]
    assert lines == [
        "Eva Admin  not reached",
        "Bob Stone  on their screen",
        "森 千恵  can’t now",
        "Dev Patel  is on the way",
    ]
    assert "shown to 3 of 4" in plain(hand_spans(card.row))
    ended: list[str] = []
    side.hand_actions.ended.connect(ended.append)
    QTest.mouseClick(card.lower_hand, Qt.MouseButton.LeftButton)
    side.settle()
    assert ended == ["Your hand is lowered."]
    assert side.hands.cards == {}


def test_without_a_connection_it_is_said_that_the_hand_goes_down_later(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    red(floor)
    side.settle()
    side.client.link(ConnectionState(Link.NOT_PROTECTED, since=floor.now))
    side.client.wait(Entry("e1", EndEscalation(HAND), floor.now))
    side.hand_actions.lower()
    assert side.said == ["Your hand is lowered when the connection is back."]
    assert EndEscalation(HAND) not in side.client.done  # once is enough


def test_why_ones_hand_went_down_is_said(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    ended: list[str] = []
    side.hand_actions.ended.connect(ended.append)
    red(floor)
    floor.walk_person(ANN, IN_KITA)
    side.settle()
    assert ended == ["Your hand was lowered: you entered a meeting room."]


def test_a_refused_answer_says_why(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    side.settle()
    side.client.broken = Code.ESCALATION_OVER
    side.hand_actions.act(HAND, "approach")
    assert side.said == ["This hand has been lowered."]


def test_the_keyboard_stays_in_the_queue_when_a_card_goes(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    floor.do(DEV, RaiseEscalation(Level.YELLOW), "h2")
    side.settle()
    side.hands.cards[HAND].setFocus()
    floor.do(ANN, EndEscalation(HAND))
    side.settle()
    assert side.hands.focusWidget() is side.hands.cards["h2"]


def test_without_hands_the_keyboard_is_on_the_tab_where_it_can_be_seen(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    side.panel.show_tab(Tab.HANDS)
    assert side.panel.focusWidget() is side.panel.tabs
    red(floor)
    side.settle()
    side.panel.show_tab(Tab.HANDS)
    assert side.panel.focusWidget() is side.hands.cards[HAND]
    floor.do(ANN, EndEscalation(HAND))
    side.settle()
    assert side.panel.focusWidget() is side.panel.tabs


def test_who_comes_with_others_is_told_so_as_one_says_it(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    red(floor)
    floor.do(CHIE, AnswerEscalation(HAND, AnswerKind.APPROACH))
    floor.do(BOB, AnswerEscalation(HAND, AnswerKind.APPROACH))
    side.settle()
    assert plain(hand_spans(side.hands.cards[HAND].row)).startswith("You and 森 千恵 are on the way")


# -- chat


def test_without_conversations_the_keyboard_can_start_one(sides: Sides) -> None:
    side = sides(DEV)
    side.panel.show_tab(Tab.CHAT)
    assert side.panel.focusWidget() is side.chat.list.new
    QTest.keyClick(side.chat.list.new, Qt.Key.Key_Space)
    assert side.chat.shows_one


def test_an_answer_takes_the_line_above_what_was_new_away(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    floor.do(ANN, SendMessage("@bob are you free?"))
    side.settle()
    (conversation,) = floor.persons[BOB].conversations
    side.chat_actions.open_conversation(conversation)
    assert any(isinstance(row, NewLine) for row in side.chat_models.messages.rows)
    side.chat_actions.send("yes")
    side.settle()
    assert not any(isinstance(row, NewLine) for row in side.chat_models.messages.rows)


def test_a_conversation_is_opened_written_and_read(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    floor.do(ANN, SendMessage("@bob are you free?"))
    side.settle()
    assert side.panel.tabs.count_of(Tab.CHAT) == 1
    side.panel.show_tab(Tab.CHAT)
    side.chat.list.view.setCurrentIndex(side.chat_models.conversations.index(0, 0))
    QTest.keyClick(side.chat.list.view, Qt.Key.Key_Return)
    assert side.chat.shows_one
    composer = side.chat.conversation.composer
    QTest.keyClicks(composer.field, "yes")
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.field, "coming")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    side.settle()
    assert composer.text() == ""
    (chat,) = floor.persons[ANN].conversations.values()
    assert [m.text for m in chat.last] == ["@bob are you free?", "yes\ncoming"]


def test_opening_reads_only_while_the_window_is_active(
    sides: Sides, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    side = sides(BOB)
    floor.do(ANN, SendMessage("@bob hi"))
    side.settle()
    side.panel.show_tab(Tab.CHAT)
    active = False
    monkeypatch.setattr(type(side.panel), "isActiveWindow", lambda _self: active)
    (conversation,) = floor.persons[BOB].conversations
    side.chat_actions.open_conversation(conversation)
    assert floor.persons[BOB].unread == 1
    active = True
    side.chat_actions.mark_read()
    assert floor.persons[BOB].unread == 0
    assert isinstance(side.client.done[-1], MarkRead)


def test_mentions_are_offered_and_chosen_by_keyboard(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    side.panel.show_tab(Tab.CHAT)
    side.chat_actions.new_conversation()
    composer = side.chat.conversation.composer
    composer.set_text("")
    QTest.keyClicks(composer.field, "@bo")
    assert composer.list.isVisible()
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert composer.text() == "@bob "
    assert composer.reach.text() == "Bob Stone will see this"
    composer.set_text("see @千恵")
    assert composer.list.isVisible()
    QTest.keyClick(composer.field, Qt.Key.Key_Tab)
    assert composer.text() == "see @chie "
    composer.set_text("@super")
    QTest.keyClick(composer.field, Qt.Key.Key_Escape)
    assert not composer.list.isVisible()
    assert side.chat.shows_one


def test_a_new_conversation_goes_to_those_mentioned_alone(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    side.panel.show_tab(Tab.CHAT)
    side.chat_actions.new_conversation()
    side.chat_actions.send("hello")
    assert side.said == ["Nobody would see this yet: write @ and a name."]
    side.chat_actions.send("@supervisors hello")
    side.settle()
    assert side.chat.conversation.title.text() == "@supervisors"
    assert [len(floor.persons[p].conversations) for p in (ANN, BOB, CHIE, DEV)] == [1, 1, 1, 0]


def test_what_was_not_sent_is_kept_with_its_reason_and_sent_again_once(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    side.panel.show_tab(Tab.CHAT)
    side.chat_actions.open_with(BOB)
    side.client.broken = Code.SERVER_STOPPING
    side.chat_actions.send("important")
    side.settle()
    row = side.chat_models.messages.rows[-1]
    assert isinstance(row, MessageRow)
    assert (row.sending, row.reason) == (Sending.FAILED, "The server is restarting.")
    side.client.broken = None
    side.chat.conversation.view.acted.emit(row.key, "again")
    side.settle()
    (chat,) = floor.persons[BOB].conversations.values()
    assert [m.id for m in chat.last] == [row.id]
    rows = [r for r in side.chat_models.messages.rows if isinstance(r, MessageRow)]
    assert [r.sending for r in rows] == [Sending.SENT]


def test_what_is_typed_waits_for_the_conversation_to_be_opened_again(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    side.chat_actions.open_with(BOB)
    side.chat.conversation.composer.set_text("half a sen")
    side.chat_actions.open_with(DEV)
    assert side.chat.conversation.composer.text() == ""
    side.chat_actions.open_with(BOB)
    assert side.chat.conversation.composer.text() == "half a sen"


def test_messages_are_found_and_opened_where_they_stand(sides: Sides, floor: Floor, qtbot: QtBot) -> None:
    side = sides(BOB)
    floor.do(ANN, SendMessage("@bob contract 4471"))
    floor.do(ANN, SendMessage("@bob something else"))
    side.settle()
    side.panel.show_tab(Tab.CHAT)
    side.chat.list.search.setText("4471")
    qtbot.waitUntil(lambda: side.chat_models.found.rowCount() == 1, timeout=3_000)
    found = side.chat_models.found.rows[0]
    side.chat.list.found.opened.emit(found.key)
    assert side.chat.shows_one
    current = side.chat.conversation.view.currentIndex()
    row = side.chat_models.messages.row(current)
    assert isinstance(row, MessageRow)
    assert row.text == "@bob contract 4471"
    assert side.chat.conversation._delegate.marked == row.key


def test_markup_from_others_stays_text(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    floor.do(ANN, SendMessage("@bob <img src=x onerror=1> <b>bold</b>"))
    side.settle()
    (conversation,) = floor.persons[BOB].conversations
    side.chat_actions.open_conversation(conversation)
    row = side.chat_models.messages.rows[-1]
    assert isinstance(row, MessageRow)
    assert row.text == "@bob <img src=x onerror=1> <b>bold</b>"
    assert not side.panel.grab().isNull()


# -- people


def test_somebody_is_found_and_chatted_with_by_keyboard(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    model = side.people_model
    model.refresh(floor.space, ANN, floor.map)
    side.panel.show_tab(Tab.PEOPLE)
    chosen: list[str] = []
    side.people.chosen.connect(chosen.append)
    side.people.view.setCurrentIndex(model.index_of(BOB))
    QTest.keyClick(side.people.view, Qt.Key.Key_Return)
    assert chosen == [BOB]
    assert [a.name for a in side.people.delegate.actions(model.row(model.index_of(BOB)))] == [
        "chat", "approach", "locate",
    ]  # fmt: skip
    assert [a.name for a in side.people.delegate.actions(model.row(model.index_of(EVA)))] == ["chat"]


def test_a_rows_button_is_pressed_by_mouse(sides: Sides, floor: Floor) -> None:
    side = sides(ANN)
    side.people_model.refresh(floor.space, ANN, floor.map)
    side.panel.show_tab(Tab.PEOPLE)
    acted: list[tuple[str, str]] = []
    chosen: list[str] = []
    side.people.acted.connect(lambda person, action: acted.append((person, action)))
    side.people.chosen.connect(chosen.append)
    view = side.people.view
    rect = view.visualRect(side.people_model.index_of(BOB))
    approach = side.people.delegate._zones(rect, 3)[1].center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=approach)
    assert acted == [(BOB, "approach")]
    assert chosen == []
