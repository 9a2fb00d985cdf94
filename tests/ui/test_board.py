"""The board: hands in order, what else waits, today's figures; alive, large on a wall, honest when old."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QLocale, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.case_questions import AlertOutcome, AlertRecord, GetTimeline
from app.core.cases import CaseId
from app.core.commands import AnswerEscalation, RaiseEscalation
from app.core.errors import Code, refuse
from app.core.events import CaseNoted, EscalationStepped, NobodyAvailable, PhonesHeard, WaitingChanged
from app.core.line_events import LineChanged, TalkAdded
from app.core.lines import CustomerId, Line, LineId, Talk
from app.core.model import (
    AnswerKind,
    EscalationId,
    Heard,
    Level,
    PersonId,
    Recipients,
    Taken,
    TakenStep,
)
from app.core.policy import CaseKind
from app.core.report_questions import Alerts, Board, Capped, GetBoard, ListAlerts, Speed
from app.core.scene import Decision
from app.core.sends import SendState
from app.net.client import ConnectionState, Link
from app.ui.controllers.asking import Asking
from app.ui.controllers.board_controller import BoardController
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.models.rows import ROW_ROLE
from app.ui.reports.board_page import BoardPage
from app.ui.reports.board_rows import BoardDelegate, BoardRow
from app.ui.reports.reports_window import View
from tests.helpers.desk import put_away, run_now, theme_of
from tests.helpers.floor import SERVER, FakeClient, Floor
from tests.helpers.office import ANN, BOB, CHIE, DEV, SPACE

YELLOW, RED = EscalationId("yellow"), EscalationId("red")
MESSAGE = AlertRecord(
    CaseId("m1"), CaseKind.PRIORITY, SPACE, 1_699_999_900.0, AlertOutcome.WAITING, asked_by=DEV
)
LINE = Line(id=LineId("l1"), space=SPACE, name="Support", number="+81300000000")


class Wall:
    """A supervisor's desk with the board open."""

    def __init__(self, floor: Floor, person: PersonId, app: QApplication) -> None:
        self.floor = floor
        self.client: FakeClient = floor.client(person)
        self.told = Board(
            today=Speed(9, 2, 31.0, 95.0),
            raised=12,
            nobody=1,
            open=(MESSAGE,),
            names=((DEV, "Dev Patel"),),
        )
        self.client.answers[GetBoard] = lambda _: self.told
        self.client.answers[ListAlerts] = lambda _: Alerts(total=0)
        self.client.answers[GetTimeline] = lambda _: refuse(Code.NOT_FOUND)
        theme = theme_of(app)
        self.desk = Desk(self.client, theme, IdleWatch(lambda: 0.0), run_now, QLocale("en_GB"))
        self.desk.window.show()
        self.desk.reports.show_board()
        self.settle()

    def settle(self) -> None:
        self.desk.bridge.tell()

    @property
    def page(self) -> BoardPage:
        assert self.desk.reports.overview is not None
        return self.desk.reports.overview.board

    @property
    def kept(self) -> BoardController:
        assert self.desk.reports.overview is not None
        return self.desk.reports.overview.board_kept

    @property
    def asked(self) -> int:
        return sum(isinstance(query, GetBoard) for query in self.client.asked)

    def soon(self) -> None:
        """The time in which changes are gathered is over."""
        self.kept._soon.stop()
        self.kept._soon.timeout.emit()

    def hands(self) -> list[BoardRow]:
        return list(self.page.hands.rows)


@pytest.fixture
def floor() -> Floor:
    """Dev's yellow hand, then Ann's red one to Chie."""
    floor = Floor()
    floor.do(DEV, RaiseEscalation(Level.YELLOW, "Where is the form?", Recipients()), YELLOW)
    floor.now += 10
    floor.do(ANN, RaiseEscalation(Level.RED, "Refund?", Recipients(people=(CHIE,))), RED)
    floor.fold(Decision((EscalationStepped(RED, TakenStep(Taken.TEXT, floor.now)),)))
    return floor


@pytest.fixture
def wall(floor: Floor, qapp: QApplication) -> Iterator[Wall]:
    made = Wall(floor, BOB, qapp)
    yield made
    put_away(made.desk)


def test_hands_stand_in_order_and_follow_what_happens(wall: Wall) -> None:
    assert [row.title for row in wall.hands()] == ["Dev Patel", "Ann Field"]
    assert wall.hands()[1].spoken.startswith("Ann Field, Refund?")
    assert "text message: on its way" in wall.hands()[1].spoken
    wall.floor.fold(Decision((PhonesHeard(RED, Heard(Taken.TEXT, SendState.SENT, 1)),)))
    wall.settle()
    assert "text message sent" in wall.hands()[1].spoken

    wall.floor.fold(Decision((NobodyAvailable(RED, wall.floor.now),)))
    wall.settle()
    assert [row.title for row in wall.hands()] == ["Ann Field", "Dev Patel"]
    assert "Nobody available" in wall.hands()[0].spoken

    wall.floor.do(CHIE, AnswerEscalation(RED, AnswerKind.APPROACH))
    wall.settle()
    assert [row.title for row in wall.hands()] == ["Dev Patel", "Ann Field"]
    assert "森 千恵 is on the way" in wall.hands()[1].spoken


def test_todays_figures_are_those_of_the_server(wall: Wall) -> None:
    shown = {name: figure.value for name, figure in wall.page.figures.items()}
    assert shown == {
        "raised": "12",
        "answered": "9",
        "median": "0:31",
        "p90": "1:35",
        "unanswered": "2",
        "nobody": "1",
    }
    assert wall.page.figures["median"].accessibleName() == "Half answered within: 0:31"
    assert [q.space for q in wall.client.asked if isinstance(q, GetBoard)] == [SPACE]


def test_priority_messages_and_lines_stand_beside(wall: Wall) -> None:
    wall.floor.fold(Decision((LineChanged(LINE),)))
    talk = Talk(CustomerId("c1"), LINE.id, "…321", waiting_since=wall.floor.now - 60)
    wall.floor.fold(Decision((TalkAdded(talk),)))
    wall.settle()
    spoken = [row.spoken for row in wall.page.others.rows]
    assert spoken == [
        "Priority messages",
        "Dev Patel, nobody has answered yet",
        "Lines",
        "Support, 1 unanswered",
    ]
    assert isinstance(line := wall.page.others.rows[-1], BoardRow)
    assert line.since == wall.floor.now - 60


def test_a_row_opens_its_timeline_and_a_line_has_none(wall: Wall) -> None:
    wall.floor.fold(Decision((LineChanged(LINE),)))
    wall.settle()
    wall.page.hands_view.opened.emit(RED)
    wall.page.others_view.opened.emit(f"line-{LINE.id}")
    assert [str(q.case) for q in wall.client.asked if isinstance(q, GetTimeline)] == [str(RED)]


def test_that_a_limit_of_texts_and_calls_was_reached_is_said_for_an_hour(wall: Wall) -> None:
    assert wall.page.notice.isHidden()
    capped = Capped(3, wall.client.server_now(), Code.CAP_SERVER)
    wall.told = msgspec.structs.replace(wall.told, capped=capped)
    wall.kept.look(True)
    assert wall.page.notice.text == (
        "3 texts and calls were not sent in the last hour. The limit of the whole server was reached."
    )
    assert wall.page.notice.isVisible()
    wall.floor.now += 3_601
    wall.page._ticker.ticked.emit()
    assert wall.page.notice.isHidden()


def test_what_is_old_says_so(wall: Wall) -> None:
    assert not wall.page.stale.isVisible()
    lost = ConnectionState(Link.NOT_PROTECTED, since=wall.floor.now, server=SERVER)
    wall.client.link(lost)
    wall.settle()
    assert wall.page.stale.isVisible()
    wall.client.link(msgspec.structs.replace(lost, link=Link.PROTECTED))
    wall.settle()
    assert not wall.page.stale.isVisible()


def test_events_tell_it_to_ask_once_for_all_that_came_together(wall: Wall) -> None:
    wall.soon()
    asked = wall.asked
    wall.floor.fold(Decision((WaitingChanged(), WaitingChanged())))
    wall.floor.do(CHIE, AnswerEscalation(RED, AnswerKind.APPROACH))
    wall.settle()
    assert wall.asked == asked, "others may come with it"
    wall.told = msgspec.structs.replace(wall.told, raised=99)
    wall.soon()
    assert wall.asked == asked + 1
    assert wall.page.figures["raised"].value == "99"
    assert not wall.kept._soon.isActive(), "nothing is asked while nothing changes"
    assert wall.kept._anyway.isActive()


def test_a_step_that_was_noted_may_have_reached_a_limit(wall: Wall) -> None:
    wall.soon()
    assert not wall.kept._soon.isActive()
    wall.floor.fold(Decision((CaseNoted(CaseId(RED)),)))
    wall.settle()
    assert wall.kept._soon.isActive()


def test_nothing_is_asked_while_nobody_looks(wall: Wall) -> None:
    overview = wall.desk.reports.overview
    assert overview is not None

    def nobody_looks() -> None:
        asked = wall.asked
        wall.floor.fold(Decision((WaitingChanged(),)))
        wall.settle()
        assert not wall.kept._soon.isActive()
        assert not wall.kept._anyway.isActive()
        assert wall.asked == asked

    overview.window.open(View.HISTORY)
    nobody_looks()
    asked = wall.asked
    overview.window.open(View.BOARD)
    assert wall.asked == asked + 1, "what was missed is asked for at once"
    overview.window.showMinimized()
    nobody_looks()
    overview.window.showNormal()
    assert wall.asked == asked + 2
    overview.window.showMinimized()
    wall.desk.reports.show_board()
    assert not overview.window.isMinimized()
    assert wall.kept._anyway.isActive()
    overview.window.close()
    nobody_looks()


def test_what_is_told_while_it_asks_is_asked_for_after_it(floor: Floor, qapp: QApplication) -> None:
    """An answer may be older than what was told while it came."""
    wall = Wall(floor, BOB, qapp)
    waiting: list[Coroutine[Any, Any, None]] = []
    wall.kept._asking = Asking(wall.client, lambda work, _: waiting.append(work), lambda _: None)
    wall.floor.fold(Decision((WaitingChanged(),)))
    wall.settle()
    wall.soon()
    wall.floor.fold(Decision((WaitingChanged(),)))
    wall.settle()
    wall.soon()
    assert len(waiting) == 1, "one after the other"
    assert not wall.kept._soon.isActive()
    run_now(waiting.pop(), "the answer comes")
    assert wall.kept._soon.isActive()
    wall.soon()
    assert len(waiting) == 1
    waiting.pop().close()
    put_away(wall.desk)


def test_a_connection_that_is_back_asks_for_what_was_missed(wall: Wall) -> None:
    lost = ConnectionState(Link.NOT_PROTECTED, since=wall.floor.now, server=SERVER)
    wall.client.link(lost)
    wall.settle()
    assert not wall.kept._soon.isActive()
    wall.client.link(msgspec.structs.replace(lost, link=Link.PROTECTED))
    wall.settle()
    assert wall.kept._soon.isActive()


def test_on_a_wall_it_grows_with_the_screen(wall: Wall) -> None:
    overview = wall.desk.reports.overview
    assert overview is not None
    window, delegate = overview.window, wall.page.hands_view.itemDelegate()
    assert isinstance(delegate, BoardDelegate)
    row = wall.page.hands.index(0, 0).data(ROW_ROLE)
    desk = delegate.height(row, 500)
    QTest.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert not window.tabs.isVisible()
    wall.page.resize(QSize(2_580, 1_440))
    assert delegate.scale == 3
    assert delegate.height(row, 500) == 3 * desk
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.isVisible()
    wall.page.fit()
    assert delegate.scale == 1
    assert window.tabs.isVisible()
