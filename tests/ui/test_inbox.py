"""The inbox is used as a person uses it: what waits, replying, noting, handing over, and a line's setting."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from app.core import line_events as le
from app.core.cases import SendState
from app.core.errors import Code, Refusal
from app.core.limits import INBOX_RESOLVED
from app.core.line_commands import AnsweringTalk, AssignTalk, NoteOnLine, ReplyOnLine, ResolveTalk, TouchTalk
from app.core.line_questions import (
    Customer,
    GetCustomer,
    GetLineSettings,
    GetTalk,
    LineSetting,
    LineSettings,
    ListTalks,
    SetLineEscalation,
    TalkPage,
    Talks,
)
from app.core.line_rules import customer_wrote
from app.core.lines import CustomerId, Handling, Line, LineId, LineTextId, Media, Talk
from app.core.model import PersonId
from app.core.questions import Done
from app.core.scene import Decision
from app.net.outbox import Entry
from app.ui.controllers.line_settings_controller import LineSettingsController
from app.ui.i18n import use_language
from app.ui.models.inbox import TalkRow, TextRow
from app.ui.models.people import Heading
from app.ui.panels.chat_rows import OPEN, TIMELINE
from app.ui.panels.inbox_rows import TextsDelegate
from app.ui.panels.side_panel import NARROWEST, SidePanel, Tab
from tests.helpers.desk import Side, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE, SPACE

LINE = Line(LineId("l1"), "Support", "+815031234567", SPACE)
FIRST, SECOND = CustomerId("c1"), CustomerId("c2")
Sides = Callable[[PersonId], Side]


@pytest.fixture
def floor() -> Floor:
    floor = Floor()
    floor.fold(Decision((le.LineChanged(LINE),)))
    return floor


@pytest.fixture
def sides(floor: Floor, qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sides]:
    monkeypatch.setattr(SidePanel, "isActiveWindow", lambda _self: True)
    opened: list[Side] = []

    def open_for(person: PersonId) -> Side:
        side = Side(floor, person, theme_of(qapp))
        opened.append(side)

        def page(question: GetTalk) -> TalkPage:
            talk = floor.space.inbox.talks[question.talk]
            return TalkPage(talk, talk.last)

        side.client.answers[GetTalk] = page
        side.panel.show()
        return side

    yield open_for
    for side in opened:
        side.bridge.close()
        side.panel.close()


def wrote(
    floor: Floor,
    talk: CustomerId,
    words: str,
    media: tuple[Media, ...] = (),
    ago: float = 0.0,
) -> None:
    beginning = Talk(talk, LINE.id, f"…{talk}")
    key = LineTextId(f"{talk}-{words}")
    floor.fold(customer_wrote(floor.scene, beginning, key, words, media, floor.now - ago))


def listed(side: Side) -> list[str | tuple[str, str, int]]:
    """Headings, and of each conversation its title, preview and what is new."""
    rows = side.inbox_models.talks.rows
    return [row.divides if isinstance(row, Heading) else (row.title, row.preview, row.unread) for row in rows]


def shown(side: Side) -> list[TextRow]:
    return [row for row in side.inbox_models.texts.rows if isinstance(row, TextRow)]


def opened(side: Side, talk: CustomerId = FIRST) -> Side:
    side.panel.show_tab(Tab.INBOX)
    side.inbox_actions.open(talk)
    side.settle()
    return side


def test_the_tab_is_there_while_the_space_has_lines_and_counts_what_waits(sides: Sides, floor: Floor) -> None:
    side = sides(BOB)
    assert side.panel.tabs.isTabVisible(Tab.INBOX)
    assert side.panel.tabs.count_of(Tab.INBOX) == 0
    wrote(floor, FIRST, "hello")
    wrote(floor, SECOND, "hi")
    side.settle()
    assert side.panel.tabs.count_of(Tab.INBOX) == 2
    assert side.panel.tabs.accessibleTabName(Tab.INBOX) == "Inbox, 2 conversations wait"
    side.panel.show_tab(Tab.INBOX)
    floor.fold(Decision((le.LineRemoved(LINE.id),)))
    side.settle()
    assert not side.panel.tabs.isTabVisible(Tab.INBOX)
    side.panel.show_tab(Tab.INBOX)
    assert side.panel.tab is not Tab.INBOX


def test_who_waits_longest_comes_first_and_what_is_done_last(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "new", ago=10)
    wrote(floor, SECOND, "older", ago=125)
    wrote(floor, CustomerId("c3"), "thanks", ago=5_000)
    floor.do(CHIE, ResolveTalk(CustomerId("c3")))
    side = sides(BOB)
    assert listed(side) == [
        "Waiting",
        ("Customer …c2", "older", 1),
        ("Customer …c1", "new", 1),
        "Resolved",
        ("Customer …c3", "thanks", 0),
    ]
    row = side.inbox_models.talks.rows[1]
    assert isinstance(row, TalkRow)
    assert row.spoken == "Customer …c2, 1 new message, waiting for 2:06, older"


def test_opening_it_touches_it_and_a_reply_goes_out_with_its_state(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Where is it?")
    side = opened(sides(BOB))
    assert TouchTalk(FIRST) in side.client.done
    QTest.keyClicks(side.inbox.talk.composer.field, "On its way")
    QTest.keyClick(side.inbox.talk.composer.field, Qt.Key.Key_Return)
    side.settle()
    assert ReplyOnLine(FIRST, "On its way") in side.client.done
    assert shown(side)[-1].time.endswith(" · sending…")
    reply = floor.space.inbox.talks[FIRST].last[-1].id
    floor.fold(Decision((le.LineSent(FIRST, reply, SendState.DELIVERED),)))
    side.settle()
    assert shown(side)[-1].time.endswith(" · delivered")
    assert side.panel.tabs.count_of(Tab.INBOX) == 0


def test_a_reply_that_failed_says_why_and_can_be_written_again(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Where is it?")
    floor.do(BOB, ReplyOnLine(FIRST, "On its way"), "r1")
    floor.fold(Decision((le.LineSent(FIRST, LineTextId("r1"), SendState.FAILED, "gateway_refused"),)))
    side = opened(sides(BOB))
    failed = shown(side)[-1]
    assert failed.reason == "The phone gateway refused it."
    side.inbox.talk.view.acted.emit(failed.key, "again")
    assert side.inbox.talk.composer.text() == "On its way"


def test_a_note_is_never_a_reply(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Where is it?")
    side = opened(sides(BOB))
    side.inbox.talk.note_mode.click()
    assert side.inbox.talk.composer.field.accessibleName() == "A note for colleagues"
    side.inbox.talk.composer.set_text("angry")
    side.inbox.talk.composer.button.click()
    side.settle()
    assert NoteOnLine(FIRST, "angry") in side.client.done
    assert not [command for command in side.client.done if isinstance(command, ReplyOnLine)]
    side.inbox_actions.close_talk()
    opened(side)
    assert not side.inbox.talk.notes


def test_others_see_who_is_answering_until_they_stop(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Where is it?")
    bob, chie = sides(BOB), sides(CHIE)
    opened(bob)
    QTest.keyClicks(bob.inbox.talk.composer.field, "On its way")
    assert [c for c in bob.client.done if isinstance(c, AnsweringTalk)] == [AnsweringTalk(FIRST)]
    chie.settle()
    assert listed(chie)[1] == ("Customer …c1", "Bob Stone is answering…", 0)
    assert listed(bob)[1] == ("Customer …c1", "Where is it?", 0)
    floor.now += 10.0
    chie.ticker.ticked.emit()
    assert listed(chie)[1] == ("Customer …c1", "Where is it?", 0)


def test_who_said_stop_can_only_be_noted_about(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "hello")
    wrote(floor, FIRST, "STOP")
    side = opened(sides(BOB))
    assert "STOP" in side.inbox.talk.notice.text
    assert not side.inbox.talk.reply_mode.isEnabled()
    assert side.inbox.talk.notes


def test_it_is_resolved_reopened_and_handed_over(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "hello")
    side = opened(sides(BOB))
    assert [name for _, name in side.inbox_actions._people()] == [
        "To me",
        "Ann Field",
        "Dev Patel",
        "森 千恵",
    ]
    side.inbox.talk.assigned.emit(ANN)
    side.settle()
    assert side.client.done[-1] == AssignTalk(FIRST, ANN)
    assert side.inbox.talk.about.text().endswith("Ann Field")
    assert side.inbox.talk.resolve.accessibleName() == "Resolve"
    side.inbox.talk.resolve.click()
    side.settle()
    assert floor.space.inbox.talks[FIRST].state is Handling.RESOLVED
    assert not side.inbox.shows_one
    side.inbox.list.view.acted.emit(FIRST, "reopen")
    side.settle()
    assert floor.space.inbox.talks[FIRST].waits


def test_files_are_links_and_nothing_but_web_addresses(sides: Sides, floor: Floor) -> None:
    media = (Media("https://gateway.example/m/1", "image/png"), Media("file:///etc/passwd", "x/y"))
    wrote(floor, FIRST, "look", media=media)
    side = opened(sides(BOB))
    (row,) = shown(side)
    assert row.files == (("File 1", "https://gateway.example/m/1"),)
    delegate = side.inbox.talk.view.itemDelegate()
    assert isinstance(delegate, TextsDelegate)
    assert [a.name for a in delegate.entered(row)] == [f"{OPEN}https://gateway.example/m/1"]


def test_the_number_is_asked_for_when_it_is_wanted(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "hello")
    side = opened(sides(BOB))
    side.client.answers[GetCustomer] = lambda _: Customer("+819012345678")
    assert side.inbox.talk.title.text() == "Customer …c1"
    side.inbox.talk.number.click()
    assert side.inbox.talk.title.text() == "+819012345678"


def test_older_conversations_are_fetched(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "hello")
    first = sides(ANN)
    first.panel.show_tab(Tab.INBOX)
    assert not first.inbox.list.older.isVisible(), "the space holds all there are"
    for number in range(INBOX_RESOLVED):
        wrote(floor, CustomerId(f"another-{number}"), "hello")
    side = sides(BOB)
    side.panel.show_tab(Tab.INBOX)
    old = Talk(SECOND, LINE.id, "…old", state=Handling.RESOLVED)
    side.client.answers[ListTalks] = lambda _: Talks((old,))
    assert side.inbox.list.older.isVisible()
    side.inbox.list.older.click()
    assert listed(side)[-2:] == ["Resolved", ("Customer …old", "", 0)]
    assert not side.inbox.list.older.isVisible()


def test_only_who_supervises_is_offered_the_setting(sides: Sides) -> None:
    for person, offered in ((ANN, False), (BOB, True)):
        side = sides(person)
        side.panel.show_tab(Tab.INBOX)
        assert side.inbox.list.settings.isVisible() is offered


def test_a_lines_setting_is_shown_masked_and_saved(sides: Sides, qapp: QApplication) -> None:
    side = sides(BOB)
    kept = [LineSetting(LINE)]
    side.client.answers[GetLineSettings] = lambda _: LineSettings(tuple(kept))

    def save(asked: SetLineEscalation) -> Done | Refusal:
        if asked.cell == "12":
            return Refusal(Code.PHONE_INVALID)
        kept[0] = LineSetting(LINE, asked.enabled, asked.minutes, "…678")
        return Done()

    side.client.answers[SetLineEscalation] = save
    controller = LineSettingsController(side.client, side.asking, theme_of(qapp), side.panel)
    controller.open(side.panel)
    dialog = controller.dialog
    assert dialog is not None
    assert not dialog.cell.isEnabled()
    assert dialog.minutes.lineEdit().width() > dialog.minutes.width() / 2, "the number can be read"
    dialog.enabled.setChecked(True)
    dialog.minutes.setValue(5)
    dialog.cell.setText("12")
    dialog.save.click()
    assert "not a phone number" in dialog.notice.text
    dialog.cell.setText("+81 90 1234 5678")
    dialog.save.click()
    assert dialog.notice.text == "Saved. It counts for messages that come from now on."
    assert dialog.cell.text() == ""
    assert "…678" in dialog.cell.placeholderText()
    assert side.client.asked[-2] == SetLineEscalation(LINE.id, True, 5, "+81 90 1234 5678")
    dialog.enabled.setChecked(False)
    dialog.save.click()
    assert kept[0].enabled is False
    dialog.reject()
    assert controller.dialog is None


def test_a_customers_message_has_a_timeline_for_those_who_supervise(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Is it open today?")
    for person, offered in ((BOB, True), (ANN, False)):
        side = opened(sides(person))
        (row,) = shown(side)
        delegate = side.inbox.talk.view.itemDelegate()
        assert isinstance(delegate, TextsDelegate)
        assert (TIMELINE in [action.name for action in delegate.offers(row)]) is offered
        wanted: list[str] = []
        side.inbox_actions.timeline_wanted.connect(wanted.append)
        side.inbox.talk.acted.emit(row.key, TIMELINE)
        assert wanted == [row.key]


def test_what_was_not_sent_is_said_and_stands_in_the_list(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Where is it?")
    side = opened(sides(BOB))
    command, refusal = ReplyOnLine(FIRST, "On its way"), Refusal(Code.OPTED_OUT)
    side.client.wait(Entry("r1", command, floor.now, refusal=refusal))
    side.settle()
    assert listed(side)[1] == ("Customer …c1", "Not sent: On its way", 0)
    failed = shown(side)[-1]
    assert (failed.local, failed.text) == (True, "On its way")
    side.inbox.talk.view.acted.emit(failed.key, "again")
    assert side.inbox.talk.composer.text() == "On its way"
    assert side.client.outbox == ()


def test_whoever_opens_it_sees_what_became_of_forwarding(sides: Sides, floor: Floor) -> None:
    wrote(floor, FIRST, "Where is it?")
    floor.fold(Decision((le.TalkForwarded(FIRST, LineTextId("t"), floor.now),)))
    side = opened(sides(BOB))
    assert side.inbox.talk.notice.text.startswith("Nobody had looked at it")
    told = le.TalkForwarded(FIRST, LineTextId("t"), floor.now, SendState.FAILED, "gateway_refused")
    floor.fold(Decision((told,)))
    side.settle()
    assert side.inbox.talk.notice.text.endswith("The phone gateway refused it.")
    floor.do(BOB, ReplyOnLine(FIRST, "On its way"))
    side.settle()
    assert not side.inbox.talk.notice.isVisible()
    assert not side.inbox.talk.composer.toggle.isVisible()


def test_a_narrower_panel_gives_long_messages_their_lines(sides: Sides, floor: Floor, qtbot: QtBot) -> None:
    wrote(floor, FIRST, "Where is my order 8812? I leave tomorrow, and nobody picks up the phone.")
    wrote(floor, FIRST, "Hello?")
    side = sides(BOB)
    side.panel.resize(600, 700)
    view = opened(side).inbox.talk.view
    first, second = (view.model().index(row, 0) for row in (1, 2))

    def one_below_the_other() -> bool:
        needed = view.itemDelegate().sizeHint(QStyleOptionViewItem(), first).height()
        top = view.visualRect(first).top()
        return view.visualRect(first).height() == needed and view.visualRect(second).top() == top + needed

    qtbot.waitUntil(one_below_the_other)
    wide = view.visualRect(first).height()
    side.panel.resize(280, 700)
    qtbot.waitUntil(lambda: one_below_the_other() and view.visualRect(first).height() > wide)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_all_tabs_are_in_view_in_the_narrowest_panel(sides: Sides, floor: Floor, language: str) -> None:
    use_language(language)
    try:
        wrote(floor, FIRST, "hello")
        side = sides(BOB)
        side.panel.set_unread(3)
        side.panel.set_hands(2, True)
        side.panel.resize(NARROWEST, 600)
        side.settle()
        tabs = side.panel.tabs
        ends = [tabs.tabRect(tab).right() for tab in Tab]
        assert ends == sorted(ends)
        assert ends[-1] < tabs.width() <= NARROWEST
        side.panel.resize(500, 600)
        assert tabs.tabRect(Tab.PEOPLE).width() == tabs._words_width(Tab.PEOPLE) + 2 * tabs.PAD
    finally:
        use_language("en")
