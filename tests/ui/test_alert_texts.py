"""Customers' texts at the people of the space: one gentle sound, one notification, and no storm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core import line_events as le
from app.core.commands import SetStatus
from app.core.line_commands import AssignTalk, NoteOnLine, ReplyOnLine, TouchTalk
from app.core.line_questions import GetTalk, TalkPage
from app.core.line_rules import customer_wrote
from app.core.lines import CustomerId, Line, LineId, LineTextId, Talk
from app.core.model import PersonId, Status
from app.core.scene import Decision
from app.ui.alerts.notes import note_of_texts
from app.ui.alerts.sound import Mode
from app.ui.alerts.state import AlertCenter, Wanted
from app.ui.alerts.text_state import (
    AGAIN_SECONDS,
    APART_SECONDS,
    SOUND_SECONDS,
    TextsView,
    TextTelling,
    Waiting,
)
from app.ui.alerts.tray_icons import Look
from app.ui.controllers.texts_controller import TextsController
from app.ui.models.inbox import TalkRow
from app.ui.panels.side_panel import SidePanel, Tab
from tests.helpers.alert_desk import Desk, alert_desk
from tests.helpers.desk import Side, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE, SPACE
from tests.ui.test_alert_calls import call
from tests.ui.test_alert_center import alert

ME = PersonId("me")


def text(talk: str, at: float, words: str = "Where is it?") -> Waiting:
    return Waiting(CustomerId(talk), f"Customer …{talk}", words, at)


def told(wanted: Wanted) -> str:
    """``*1 a b``: the first telling sounds, of a and b; ``-1 a``: it is silent by now."""
    texts = wanted.texts
    if texts is None:
        return ""
    names = " ".join(waiting.id for waiting in texts.waiting)
    return f"{'*' if texts.sounding else '-'}{texts.number} {names}"


@pytest.fixture
def center() -> AlertCenter:
    center = AlertCenter(ME)
    center.update_texts("s", (), calm=False, now=0)
    return center


Told = tuple[float, Sequence[Waiting] | None, str]


def transcript(center: AlertCenter, lines: Sequence[Told], *, calm: bool = False) -> None:
    """Each line: (s, the texts that wait now or ``None`` for a mere look, what is told then)."""
    for now, present, expected in lines:
        wanted = center.look(now) if present is None else center.update_texts("s", present, calm, now)
        assert told(wanted) == expected, f"at {now} s"


def test_a_text_sounds_once_and_is_told_until_somebody_looks_at_it(center: AlertCenter) -> None:
    a = text("a", 10)
    transcript(
        center,
        [
            (10, [a], "*1 a"),
            (10 + SOUND_SECONDS - 0.1, None, "*1 a"),
            (10 + SOUND_SECONDS, None, "-1 a"),
            (500, [a], "-1 a"),
            (501, [], ""),
            (502, [], ""),
        ],
    )


def test_a_customer_who_writes_line_after_line_is_told_once(center: AlertCenter) -> None:
    lines: list[Told] = [
        (t, [text("a", t)], "*1 a" if t < 10 + SOUND_SECONDS else "-1 a") for t in (10, 12, 15, 40)
    ]
    transcript(center, [*lines, (10 + AGAIN_SECONDS, [text("a", 10 + AGAIN_SECONDS)], "*2 a")])


def test_many_customers_at_once_are_told_together(center: AlertCenter) -> None:
    burst = [text(name, 10 + n) for n, name in enumerate("abcde")]
    transcript(
        center,
        [
            (10, burst[:1], "*1 a"),
            (11, burst[:2], "*1 a"),
            (14, burst, "-1 a"),
            (10 + APART_SECONDS - 1, None, "-1 a"),
            (10 + APART_SECONDS, None, "*2 e d c b a"),
            (60, burst[1:2], "-2 b"),
        ],
    )


def test_it_says_when_to_look_again(center: AlertCenter) -> None:
    assert center.update_texts("s", [text("a", 10)], False, 10).look_again == 10 + SOUND_SECONDS
    both = [text("a", 10), text("b", 12)]
    assert center.update_texts("s", both, False, 15).look_again == 10 + APART_SECONDS
    assert center.look(10 + APART_SECONDS).look_again == 10 + APART_SECONDS + SOUND_SECONDS
    assert center.look(100).look_again is None


def test_what_waits_already_on_coming_in_is_not_told(center: AlertCenter) -> None:
    center.update_texts("other", [text("x", 5)], False, 10)
    assert told(center.look(10)) == ""
    assert told(center.update_texts("other", [text("x", 5), text("y", 11)], False, 11)) == "*1 y"
    assert told(center.update_texts("other", [text("x", 40)], False, 40)) == "*2 x"


def test_a_snooze_keeps_it_until_its_end(center: AlertCenter) -> None:
    center.snooze(1_000)
    transcript(center, [(10, [text("a", 10)], ""), (50, [text("a", 10), text("b", 50)], "")])
    transcript(center, [(1_000, None, "*1 b a")])


def test_whoever_is_on_a_call_sees_it_and_hears_nothing(center: AlertCenter) -> None:
    transcript(center, [(10, [text("a", 10)], "-1 a")], calm=True)
    transcript(center, [(20, [text("a", 10)], "-1 a")])  # nor after the call


@pytest.mark.parametrize(
    ("telling", "expected"),
    [(TextTelling.SOUND, "*1 a"), (TextTelling.NOTIFICATION, "-1 a"), (TextTelling.COUNT, "")],
)
def test_a_person_says_how_much_they_want(center: AlertCenter, telling: TextTelling, expected: str) -> None:
    center.tell_texts(telling)
    transcript(center, [(10, [text("a", 10)], expected)])
    center.tell_texts(TextTelling.COUNT)
    transcript(center, [(11, None, "")])
    center.tell_texts(TextTelling.SOUND)
    transcript(center, [(12, [text("a", 10)], "")])  # what was passed over stays so


def given(talk: str, at: float, words: str = "Where is it?") -> Waiting:
    return Waiting(CustomerId(talk), f"Customer …{talk}", words, at, "Ann Field", at)


def test_who_is_given_a_conversation_hears_of_it_once_whatever_came_before(center: AlertCenter) -> None:
    transcript(
        center,
        [
            (10, [text("a", 10)], "*1 a"),
            (40, [given("a", 40)], "*2 a"),
            (45, [given("a", 40), given("b", 45)], "-2 a"),
            (40 + APART_SECONDS, None, "*3 b a"),
            (65, [replace(given("a", 40), at=65), given("b", 45)], "-3 a b"),
            (300, None, "-3 a b"),
        ],
    )


def test_the_notification_says_who_assigned_whom() -> None:
    one = note_of_texts(TextsView(1, (given("a", 1),)))
    assert (one.id, one.title) == ("texts:a", "Ann Field assigned a customer to you")
    assert one.body == "Customer …a: Where is it?"
    both = note_of_texts(TextsView(2, (given("b", 2), given("a", 1))))
    assert both.title == "2 customers were assigned to you"
    assert (
        note_of_texts(TextsView(3, (given("b", 2), text("a", 1)))).title == "2 customers are waiting for you"
    )


def test_the_notification_says_who_wrote_what_or_how_many() -> None:
    one = note_of_texts(TextsView(1, (text("a", 1),)))
    assert (one.id, one.title, one.body, one.urgent) == ("texts:a", "Customer …a", "Where is it?", False)
    several = note_of_texts(TextsView(2, (text("b", 2, "<b>Hello</b>"), text("a", 1))))
    assert (several.id, several.title) == ("texts:", "2 customers wrote")
    assert several.body == "Customer …b: <b>Hello</b>"
    assert one.key != several.key


# -- all channels --------------------------------------------------------------------------------


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with alert_desk(monkeypatch) as made:
        made.alerts.set_texts("s", (), calm=False)
        yield made


def test_it_takes_neither_focus_nor_taskbar_nor_pop_up(desk: Desk) -> None:
    desk.alerts.set_texts("s", [text("a", desk.now)], calm=False)
    heard = [desk.sound.mode]
    assert desk.notes.shown == ("texts:a",)
    assert desk.channels() == "note"
    assert desk.tray.look() is Look.UNREAD
    assert "1 customer wrote" in desk.tray.tooltip()
    desk.later(SOUND_SECONDS)
    assert [*heard, desk.sound.mode] == [Mode.CHIMING, Mode.QUIET]
    assert desk.notes.shown == ("texts:a",)
    desk.alerts.set_texts("s", (), calm=False)
    assert desk.channels() == ""
    assert desk.tray.look() == Look.NORMAL


def test_whoever_calls_for_help_or_with_priority_is_heard_over_it(desk: Desk) -> None:
    desk.alerts.set_texts("s", [text("a", desk.now)], calm=False)
    desk.alerts.set_alerts([], [call()])
    heard = [desk.sound.mode]
    desk.alerts.set_alerts([alert()], [])
    assert [*heard, desk.sound.mode] == [Mode.CALLING, Mode.RINGING]
    assert desk.notes.shown == ("e1", "texts:a")
    desk.later(SOUND_SECONDS)
    desk.alerts.set_alerts([], [])
    assert desk.sound.mode is Mode.QUIET


def test_the_notification_opens_what_it_is_about_and_an_alerts_the_window(desk: Desk) -> None:
    wanted: list[str] = []
    desk.alerts.texts_requested.connect(wanted.append)
    desk.alerts.open_requested.connect(lambda: wanted.append("window"))
    for note in ("texts:a", "texts:", "e1"):
        desk.notes.opened.emit(note)
    assert wanted == ["a", "", "window"]


def test_another_person_at_the_screen_keeps_the_choice_of_the_machine(desk: Desk) -> None:
    desk.alerts.set_text_telling(TextTelling.COUNT)
    desk.alerts.set_person(PersonId("other"))
    desk.alerts.set_texts("s", (), calm=False)
    desk.alerts.set_texts("s", [text("a", desk.now)], calm=False)
    assert (desk.sound.mode, desk.notes.shown) == (Mode.QUIET, ())


# -- whom it concerns ----------------------------------------------------------------------------

LINE = Line(LineId("l1"), "Support", "+815031234567", SPACE)
FIRST, SECOND = CustomerId("c1"), CustomerId("c2")


class Screen:
    """The inbox of one person, and the alerts beside it."""

    def __init__(self, floor: Floor, person: PersonId, app: QApplication, desk: Desk) -> None:
        self.side, self.desk = Side(floor, person, theme_of(app)), desk
        self.side.panel.show()
        client, bridge = self.side.client, self.side.bridge
        self.texts = TextsController(
            desk.alerts, client, bridge, self.side.inbox_actions.in_view, self.side.panel
        )

    def row(self) -> TalkRow:
        return next(row for row in self.side.inbox_models.talks.rows if isinstance(row, TalkRow))

    def noted(self) -> tuple[str, ...]:
        self.side.settle()
        return self.desk.notes.shown


@pytest.fixture
def floor() -> Floor:
    floor = Floor(present=(ANN, BOB))
    floor.fold(Decision((le.LineChanged(LINE),)))
    return floor


@pytest.fixture
def screen(floor: Floor, qapp: QApplication, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    monkeypatch.setattr(SidePanel, "isActiveWindow", lambda _self: True)
    made = Screen(floor, BOB, qapp, desk)
    yield made
    made.side.bridge.close()
    made.side.panel.close()


def wrote(floor: Floor, talk: CustomerId, words: str) -> None:
    floor.now += 1
    key = LineTextId(f"{talk}-{words}")
    floor.fold(customer_wrote(floor.scene, Talk(talk, LINE.id, f"…{talk}"), key, words, (), floor.now))


def test_a_new_conversation_is_everybodys_and_an_assigned_one_is_whose_it_is(
    screen: Screen, floor: Floor
) -> None:
    wrote(floor, FIRST, "Hello?")
    assert screen.noted() == ("texts:c1",)
    assert screen.desk.sound.mode is Mode.CHIMING
    floor.do(ANN, TouchTalk(FIRST))
    assert screen.noted() == ()
    floor.do(ANN, AssignTalk(FIRST, ANN))
    wrote(floor, FIRST, "Are you there?")
    assert screen.noted() == ()
    floor.do(ANN, AssignTalk(FIRST, BOB))
    screen.desk.later(AGAIN_SECONDS)
    wrote(floor, FIRST, "And now?")
    assert screen.noted() == ("texts:c1",)
    floor.do(BOB, ReplyOnLine(FIRST, "Yes"))
    assert screen.noted() == ()


def test_what_a_colleague_assigns_is_told_until_it_is_looked_at(screen: Screen, floor: Floor) -> None:
    wrote(floor, FIRST, "Hello?")
    floor.do(ANN, ReplyOnLine(FIRST, "One moment"))
    assert screen.noted() == ()
    floor.do(ANN, AssignTalk(FIRST, ANN))
    assert screen.noted() == (), "it is Ann's own"
    floor.now += 1
    floor.do(ANN, AssignTalk(FIRST, BOB))
    screen.desk.later(APART_SECONDS)
    assert screen.noted() == ("texts:c1",)
    assert screen.desk.sound.mode is Mode.CHIMING
    assert "1 customer was assigned to you" in screen.desk.tray.tooltip()
    assert (screen.row().preview, screen.row().handed) == ("Ann Field assigned this to you", True)
    assert screen.side.panel.tabs.count_of(Tab.INBOX) == 1
    floor.do(ANN, NoteOnLine(FIRST, "It is about the parcel"))
    assert screen.noted() == ("texts:c1",), "what others do takes nothing from it"
    floor.do(BOB, TouchTalk(FIRST))
    assert screen.noted() == ()
    assert (screen.row().preview, screen.row().handed) == ("Note: It is about the parcel", False)
    assert screen.side.panel.tabs.count_of(Tab.INBOX) == 0


def test_what_one_takes_on_oneself_or_has_in_front_is_not_told(screen: Screen, floor: Floor) -> None:
    wrote(floor, FIRST, "Hello?")
    screen.side.client.answers[GetTalk] = lambda asked: TalkPage(floor.space.inbox.talks[asked.talk])
    screen.side.settle()
    floor.do(BOB, AssignTalk(FIRST, BOB))
    assert screen.noted() == ()
    floor.do(BOB, AssignTalk(FIRST, None))
    screen.side.panel.show_tab(Tab.INBOX)
    screen.side.inbox_actions.open(FIRST)
    screen.side.settle()
    screen.desk.later(AGAIN_SECONDS)
    floor.now += 1
    floor.do(ANN, AssignTalk(FIRST, BOB))
    screen.side.bridge.tell()  # before anybody could say that it is looked at
    assert (screen.desk.notes.shown, screen.desk.sound.mode) == ((), Mode.QUIET)
    assert screen.side.client.done[-1] == TouchTalk(FIRST)


def test_a_conversation_of_somebody_who_is_not_here_is_everybodys(screen: Screen, floor: Floor) -> None:
    wrote(floor, FIRST, "Hello?")
    floor.do(ANN, AssignTalk(FIRST, CHIE))
    screen.desk.later(AGAIN_SECONDS)
    wrote(floor, FIRST, "Still there?")
    assert screen.noted() == ("texts:c1",)


def test_what_the_person_looks_at_is_not_told(screen: Screen, floor: Floor) -> None:
    wrote(floor, FIRST, "Hello?")
    screen.side.client.answers[GetTalk] = lambda asked: TalkPage(floor.space.inbox.talks[asked.talk])
    screen.side.settle()
    screen.side.panel.show_tab(Tab.INBOX)
    screen.side.inbox_actions.open(FIRST)
    assert screen.noted() == ()
    screen.desk.later(AGAIN_SECONDS)
    wrote(floor, FIRST, "Still there?")
    screen.side.bridge.tell()  # before anybody could say that it is looked at
    assert (screen.desk.notes.shown, screen.desk.sound.mode) == ((), Mode.QUIET)


def test_whoever_is_busy_hears_nothing(screen: Screen, floor: Floor) -> None:
    floor.do(BOB, SetStatus(Status.BUSY))
    screen.side.settle()
    wrote(floor, SECOND, "Hello?")
    assert screen.noted() == ("texts:c2",)
    assert screen.desk.sound.mode is Mode.QUIET
