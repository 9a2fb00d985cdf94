"""What supervisors look at, for eyes: board, history, charts, timelines; full, empty, wrong, narrow."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta

import msgspec
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.case_questions import Ahead, AlertOutcome, AlertRecord, GetTimeline, Timeline
from app.core.cases import CALL, SMS, CaseId, Mark, Note
from app.core.commands import RaiseEscalation
from app.core.errors import Code, refuse
from app.core.events import EscalationStepped, NobodyAvailable
from app.core.line_events import LineChanged, TalkAdded
from app.core.lines import CustomerId, Line, LineId, Talk
from app.core.model import (
    EndReason,
    EscalationId,
    GroupId,
    Level,
    PersonId,
    Recipients,
    Role,
    Taken,
    TakenStep,
)
from app.core.policy import (
    AnswerWay,
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Forward,
    Reached,
    Repeat,
)
from app.core.report_questions import (
    COUNTED,
    Alerts,
    Board,
    Capped,
    Charts,
    Cursor,
    Day,
    GetBoard,
    GetCharts,
    ListAlerts,
    Speed,
)
from app.core.scene import Decision
from app.net.changes import ConnectionState, Link
from app.ui.controllers.overview_controller import OverviewController
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.reports.reports_window import ReportsWindow, View
from app.ui.theme import Theme
from tests.helpers.office import SPACE, SUPERVISORS
from tests.helpers.support_floor import BILLING, ME, RED, SupportFloor, run_now

Save = Callable[[str, QWidget], None]
FINN, QUENTIN, TARA, HUGO, LENA, INES, BEN = (
    PersonId(name) for name in ("finn", "quentin", "tara", "hugo", "lena", "ines", "ben")
)
ALONE = EscalationId("alone")
WORDS = {
    "en": (
        "Refund over the limit, customer is shouting",
        "Customer asks for a manager, line 3",
        "Where is the form for a change of address?",
        "Contract 4471, they want to cancel",
        "System does not show the order",
        "Threat against a technician, please listen in",
    ),
    "ja": (
        "上限を超える返金のご要望で、お客様がお怒りです",
        "お客様が責任者との通話をご希望です（3番）",
        "住所変更の用紙はどこですか？",
        "契約4471、解約のご希望です",
        "注文がシステムに表示されません",
        "技術者への脅迫です。会話に入ってください",
    ),
}
NAMES = {"en": ("Support", "Parts and repairs", "Duty phone"), "ja": ("サポート", "部品と修理", "当直電話")}
KINDS = (
    (CaseKind.ESCALATION, Level.RED),
    (CaseKind.ESCALATION, Level.RED),
    (CaseKind.ESCALATION, Level.YELLOW),
    (CaseKind.PRIORITY, None),
    (CaseKind.LINE, None),
)


class ReportScenes:
    """A supervisor's overview over a floor where much has happened today."""

    def __init__(self, theme: Theme, language: str, save: Save) -> None:
        self._save, self._language = save, language
        self.now = time.time()
        self.floor = SupportFloor(language, self.now - 900)
        people = self.floor.space.people
        people[ME] = msgspec.structs.replace(people[ME], role=Role.SUPERVISOR)
        self.names = tuple((person.id, person.name) for person in people.values())
        self.client = self.floor.client(ME)
        locale = QLocale("ja_JP" if language == "ja" else "en_GB")
        self.records = self._past()
        self._answer()
        self.desk = Desk(self.client, theme, IdleWatch(lambda: None), run_now, locale)

    @property
    def overview(self) -> OverviewController:
        assert self.desk.reports.overview is not None
        return self.desk.reports.overview

    @property
    def window(self) -> ReportsWindow:
        return self.overview.window

    def show(self) -> None:
        self.desk.window.resize(1280, 800)
        self.desk.window.show()
        self._board()
        self._history()
        self._charts()
        self._timelines()
        self.desk.close()

    # The board

    def _board(self) -> None:
        full, self.client.answers[GetBoard] = self.client.answers[GetBoard], lambda _: Board()
        self.desk.reports.show_board()
        self._save("board-quiet", self.window)
        capped = Board(capped=Capped(3, self.client.server_now(), Code.CAP_TARGET))
        self.client.answers[GetBoard] = lambda _: capped
        self.overview.board_kept.look(True)
        self._save("board-capped", self.window)
        self._raise_hands()
        self._wait_on_lines()
        self.client.answers[GetBoard] = full
        self.desk.bridge.tell()
        self.window.open(View.BOARD)
        self._save("board", self.window)
        lost = ConnectionState(Link.NOT_PROTECTED, since=self.now - 60)
        self.client.link(lost)
        self.window.resize(700, 720)
        self._save("board-narrow", self.window)
        self.client.link(msgspec.structs.replace(lost, link=Link.PROTECTED))
        self.window.toggle_whole()
        board = self.overview.board
        board.setMinimumSize(1920, 1080)  # larger than the screen of this platform
        self._save("board-wall", board)
        board.setMinimumSize(0, 0)
        self.window.toggle_whole()
        self.window.resize(1080, 720)

    def _raise_hands(self) -> None:
        floor, words = self.floor, WORDS[self._language]
        floor.raise_hands()
        floor.fold(Decision((EscalationStepped(RED, TakenStep(Taken.TEXT, floor.now)),)))
        to = Recipients(groups=(BILLING,), people=(TARA,))
        floor.ask(HUGO, RaiseEscalation(Level.RED, words[0], to), ALONE)
        floor.fold(
            Decision(
                (
                    EscalationStepped(ALONE, TakenStep(Taken.TEXT, floor.now)),
                    EscalationStepped(ALONE, TakenStep(Taken.CALL, floor.now)),
                    NobodyAvailable(ALONE, floor.now),
                )
            )
        )
        floor.now += 60
        floor.ask(LENA, RaiseEscalation(Level.YELLOW, words[2]), EscalationId("form"))
        floor.now = self.now

    def _wait_on_lines(self) -> None:
        support, parts, _ = NAMES[self._language]
        lines = Line(LineId("l1"), support, "+81312345678", SPACE), Line(LineId("l2"), parts, "+8166", SPACE)
        for line in lines:
            self.floor.fold(Decision((LineChanged(line),)))
        for number, ago in enumerate((1_500, 240)):
            talk = Talk(CustomerId(f"c{number}"), lines[0].id, "…321", waiting_since=self.now - ago)
            self.floor.fold(Decision((TalkAdded(talk),)))

    def _answer(self) -> None:
        open_ = [
            self._record(900 + number, CaseKind.PRIORITY, None, AlertOutcome.WAITING, self.now - ago)
            for number, ago in enumerate((610, 95))
        ]
        open_[0] = msgspec.structs.replace(open_[0], nobody_at=self.now - 10, outcome=AlertOutcome.NOBODY)
        board = Board(Speed(41, 4, 34.0, 118.0), 52, 2, tuple(open_), 2, names=self.names)
        self.client.answers |= {
            GetBoard: lambda _: board,
            ListAlerts: lambda asked: self._page(asked),
            GetCharts: lambda asked: self._figures(asked),
            GetTimeline: lambda asked: self._timeline(asked.case),
        }

    # The history

    def _history(self) -> None:
        self.window.open(View.HISTORY)
        self._save("history", self.window)
        overview = self.overview
        filters = overview.history.filters
        filters.span.setCurrentIndex(5)
        filters.span.activated.emit(5)
        filters.unanswered.setChecked(True)
        overview.history.say("", problem=False)
        self.window.resize(700, 720)
        self._save("history-narrow", self.window)
        self.window.resize(1080, 720)
        self.client.answers[ListAlerts] = lambda _: refuse(Code.STORE_UNREAD, reason="disk error")
        overview.list_first()
        self._save("history-wrong", self.window)
        self.client.answers[ListAlerts] = lambda _: Alerts(total=0)
        filters.text.setText("4471")
        overview.list_first()
        self._save("history-empty", self.window)

    def _record(
        self, number: int, kind: CaseKind, level: Level | None, outcome: AlertOutcome, at: float
    ) -> AlertRecord:
        rng = random.Random(number)
        words = WORDS[self._language]
        helped = outcome is AlertOutcome.ANSWERED
        people = (FINN, INES, LENA, HUGO, BEN)
        waiting = outcome is AlertOutcome.WAITING
        return AlertRecord(
            CaseId(f"case-{number}"),
            kind,
            SPACE,
            at,
            outcome,
            asked_by=None if kind is CaseKind.LINE else rng.choice(people),
            level=level,
            text="" if kind is CaseKind.PRIORITY else rng.choice(words),
            groups=(SUPERVISORS,) if level is Level.RED else (),
            answered_at=at + rng.expovariate(1 / 50) if helped else None,
            answered_by=rng.choice((QUENTIN, TARA, ME)) if helped else None,
            way=AnswerWay.APPROACH if helped else None,
            ended_at=None if waiting else at + 400,
            reason=None if waiting or kind is not CaseKind.ESCALATION else EndReason.BUTTON,
        )

    def _past(self) -> list[AlertRecord]:
        rng, at, found = random.Random(4), self.now - 700, []
        outcomes = (AlertOutcome.ANSWERED, AlertOutcome.NOBODY, AlertOutcome.WITHDRAWN)
        for number in range(60):
            kind, level = rng.choice(KINDS)
            outcome = AlertOutcome.WAITING if number == 0 else rng.choices(outcomes, (8, 1, 2))[0]
            if level is Level.YELLOW and outcome is AlertOutcome.NOBODY:
                outcome = AlertOutcome.WITHDRAWN
            found.append(self._record(number, kind, level, outcome, at))
            at -= rng.expovariate(1 / 1_800)
        return found

    def _page(self, asked: ListAlerts) -> Alerts:
        if asked.after is not None:
            return Alerts(tuple(self.records[50:]), self.names)
        last = self.records[49]
        total = COUNTED + 1 if asked.only.unanswered else 4_312
        return Alerts(tuple(self.records[:50]), self.names, total, Cursor(last.opened_at, last.id))

    # Charts

    def _charts(self) -> None:
        overview = self.overview
        self.window.open(View.CHARTS)
        self.window.resize(1080, 1010)
        self._save("charts", self.window)
        overview.charts.tables.click()
        self._save("charts-tables", self.window)
        overview.charts.tables.click()
        overview.charts.span.setCurrentIndex(3)
        overview.charts.wanted.emit()
        self.window.resize(700, 1010)
        self._save("charts-year", self.window)
        self.client.answers[GetCharts] = lambda _: Charts((Speed(),) * 24)
        overview.charts.span.setCurrentIndex(0)
        overview.charts.wanted.emit()
        self.window.resize(1080, 720)
        self._save("charts-empty", self.window)
        self.client.answers[GetCharts] = lambda _: refuse(Code.STORE_UNREAD, reason="disk error")
        overview.charts.wanted.emit()
        self._save("charts-wrong", self.window)
        self.window.close()

    def _figures(self, asked: GetCharts) -> Charts:
        rng = random.Random(9)

        def speed(busy: float) -> Speed:
            if busy < 0.05:
                return Speed()
            median = rng.uniform(18, 60) * (0.6 + busy)
            many = round(busy * 120)
            return Speed(many, round(many * rng.uniform(0.02, 0.2)), median, median * rng.uniform(2, 4))

        busy = (
            [0.0] * 7 + [0.1, 0.5, 0.9, 1.0, 0.95, 0.5, 0.7, 0.9, 0.85, 0.8, 0.6, 0.4, 0.2, 0.1] + [0.0] * 3
        )
        groups = ((SUPERVISORS, speed(1.0)), (BILLING, speed(0.6)), (GroupId("gone"), speed(0.1)))
        first = (date.today() - date(1970, 1, 1)).days
        count = round((asked.until - asked.since) / timedelta(days=1).total_seconds())
        days = []
        for number in range(first - count + 1, first + 1):
            quiet = (number + 4) % 7 in (0, 6)
            unanswered = rng.randrange(2) if quiet else rng.randrange(9)
            days.append(Day(number, 40, unanswered, rng.randrange(unanswered + 1)))
        return Charts(tuple(map(speed, busy)), groups, tuple(days))

    # Timelines

    def _timelines(self) -> None:
        for case in ("runs", "nobody", "phone", "quiet"):
            self.desk.reports.show_timeline(case)
            window = self.desk.reports.timeline
            assert window is not None
            self._save(f"timeline-{case}", window)
        self.client.answers[GetTimeline] = lambda _: refuse(Code.NOT_FOUND)
        self.desk.reports.show_timeline("gone")
        window = self.desk.reports.timeline
        assert window is not None
        self._save("timeline-wrong", window)
        window.close()

    def _timeline(self, case: CaseId) -> Timeline:
        """One that still runs, one that found nobody, one that a phone answered, a yellow one."""
        words, day = WORDS[self._language], {"en": "Daytime", "ja": "日中"}[self._language]
        others = {"runs": AlertOutcome.WAITING, "nobody": AlertOutcome.NOBODY}
        outcome = others.get(case, AlertOutcome.ANSWERED)
        level = Level.YELLOW if case == "quiet" else Level.RED
        began = self.now - (95 if case == "runs" else 7_000)
        record = msgspec.structs.replace(
            self._record(7, CaseKind.ESCALATION, level, outcome, began), text=words[0], asked_by=HUGO
        )
        duty = Contact(ContactId("duty"), NAMES[self._language][2], ContactKind.PHONE, "…789")
        notes = [
            Note(began, Mark.OPENED, (HUGO,)),
            Note(began, Mark.CALLED, (QUENTIN, TARA)),
            Note(began + 1, Mark.SHOWN, (QUENTIN,)),
            Note(began + 14, Mark.DECLINED, (QUENTIN,)),
            Note(began + 60, Mark.CALLED, (ME, LENA), what=Taken.NOTIFY, step=0),
            Note(began + 90, Mark.STEP, (TARA,), channel=SMS, what=Taken.TEXT, step=1),
            Note(began + 91, Mark.SENT, (TARA,), channel=SMS),
        ]
        if case == "quiet":
            record = msgspec.structs.replace(record, answered_at=began + 25, answered_by=QUENTIN)
            notes[1:] = [Note(began + 25, Mark.ANSWERED, (QUENTIN,), way=AnswerWay.CHAT)]
            return Timeline(record, tuple(notes), names=self.names)
        if case == "runs":
            ahead = (
                Ahead(self.now + 25, Repeat(60.0, 3), 2),
                Ahead(self.now + 145, Call(Reached(contacts=(duty.id,))), 3),
                Ahead(self.now + 745, Forward(LENA), 4),
            )
            return Timeline(record, tuple(notes), day, ahead, (duty,), self.names)
        notes += [
            Note(began + 95, Mark.DELIVERED, (TARA,), channel=SMS),
            Note(began + 210, Mark.STEP, contact=duty.id, channel=CALL, what=Taken.CALL, step=3),
            Note(began + 212, Mark.SENT, contact=duty.id, channel=CALL),
        ]
        if case == "phone":
            notes += [
                Note(began + 240, Mark.ANSWERED, contact=duty.id, channel=CALL, way=AnswerWay.KEY),
                Note(began + 400, Mark.ENDED),
            ]
            answered = {"answered_at": began + 240, "answered_by": None, "way": AnswerWay.KEY}
            record = msgspec.structs.replace(record, **answered)
        else:
            notes += [
                Note(began + 241, Mark.FAILED, contact=duty.id, channel=CALL, reason="phone_busy"),
                Note(began + 600, Mark.NOBODY),
            ]
        return Timeline(record, tuple(notes), day, (), (duty,), self.names)
