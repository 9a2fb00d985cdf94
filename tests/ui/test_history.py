"""The history: filters ask anew, pages come as one scrolls, Enter opens a timeline, a file is whole."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QDate, QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.core.case_questions import AlertOutcome, AlertRecord, GetTimeline, Timeline
from app.core.cases import CaseId, Mark, Note
from app.core.errors import Code, Refusal, refuse
from app.core.events import CaseNoted
from app.core.model import Level, PersonId, Taken
from app.core.policy import CaseKind, Contact, ContactId, ContactKind
from app.core.report_questions import COUNTED, Alerts, Cursor, ExportAlerts, ListAlerts
from app.core.scene import Decision
from app.ui.controllers import history_exporter
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.panels.look import Look
from app.ui.reports.filters import ALL, CHOSEN
from app.ui.reports.history_model import Column
from app.ui.reports.history_page import HistoryPage
from app.ui.reports.note_words import NoteWords
from app.ui.reports.reports_window import View
from tests.helpers.desk import put_away, run_now, theme_of
from tests.helpers.floor import FakeClient, Floor
from tests.helpers.office import ANN, BOB, SPACE

PAGE = 40
COUNT = 90


def record(number: int, text: str = "Refund?") -> AlertRecord:
    return AlertRecord(
        id=CaseId(f"case-{number}"),
        kind=CaseKind.ESCALATION,
        space=SPACE,
        opened_at=1_700_000_000.0 - number * 60,
        outcome=AlertOutcome.NOBODY if number == 1 else AlertOutcome.ANSWERED,
        asked_by=ANN,
        level=Level.RED,
        text=text,
        answered_at=None if number == 1 else 1_700_000_038.0 - number * 60,
        answered_by=None if number == 1 else BOB,
    )


def answer(asked: ListAlerts | ExportAlerts) -> Alerts:
    """The server's pages of 90 alerts."""
    first = 0 if asked.after is None else int(asked.after.id.removeprefix("case-")) + 1
    found = [record(number) for number in range(first, min(first + PAGE, COUNT))]
    last = found[-1]
    more = Cursor(last.opened_at, last.id) if first + PAGE < COUNT else None
    total = COUNT if asked.after is None else None
    return Alerts(tuple(found), ((ANN, "Ann Field"), (BOB, "Bob Stone")), total, more)


class Seen:
    """One person's desk with the overview open."""

    def __init__(self, floor: Floor, person: PersonId, app: QApplication) -> None:
        self.floor = floor
        self.client: FakeClient = floor.client(person)
        self.client.answers[ListAlerts] = self.client.answers[ExportAlerts] = answer
        theme = theme_of(app)
        self.desk = Desk(self.client, theme, IdleWatch(lambda: 0.0), run_now, QLocale("en_GB"))
        self.desk.window.show()
        self.desk.reports.show_history()

    @property
    def page(self) -> HistoryPage:
        assert self.desk.reports.overview is not None
        return self.desk.reports.overview.history

    @property
    def asked(self) -> list[ListAlerts]:
        return [query for query in self.client.asked if isinstance(query, ListAlerts)]

    def cell(self, row: int, column: Column) -> object:
        return self.page.model.index(row, column).data()


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def seen(floor: Floor, qapp: QApplication, qtbot: QtBot) -> Iterator[Seen]:
    made = Seen(floor, BOB, qapp)
    yield made
    put_away(made.desk)


def test_the_first_page_is_asked_for_and_stands_in_the_table(seen: Seen) -> None:
    assert seen.asked[0].space == SPACE
    assert seen.asked[0].only.since is not None, "the last days, unless more is wished"
    assert seen.page.count.text() == "90 alerts"
    assert seen.cell(0, Column.WHO) == "Ann Field"
    assert seen.cell(0, Column.OUTCOME) == "Answered"
    assert (seen.cell(0, Column.HELPER), seen.cell(0, Column.WAITED)) == ("Bob Stone", "0:38")
    assert (seen.cell(1, Column.OUTCOME), seen.cell(1, Column.HELPER)) == ("Nobody available", "")
    assert seen.cell(1, Column.WAITED) == "–"
    spoken = seen.page.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "Red hand" in spoken
    assert "Refund?" in spoken


def test_scrolling_to_the_end_brings_each_page_once(seen: Seen) -> None:
    assert seen.page.model.rowCount() == PAGE
    seen.page.table.scrollToBottom()
    assert seen.page.model.rowCount() == 2 * PAGE
    seen.page.table.scrollToBottom()
    seen.page.table.scrollToBottom()
    assert [r.id for r in seen.page.model.records] == [f"case-{number}" for number in range(COUNT)]
    assert len(seen.asked) == 3


def test_each_filter_is_part_of_the_question(seen: Seen) -> None:
    filters = seen.page.filters
    filters.span.setCurrentIndex(filters.span.findData(ALL))
    filters.kind.setCurrentIndex(filters.kind.findData("escalation red"))
    filters.outcome.setCurrentIndex(filters.outcome.findData("nobody"))
    filters.person.setCurrentIndex(filters.person.findData(ANN))
    filters.group.setCurrentIndex(1)
    filters.text.setText(" refund ")
    filters.unanswered.click()
    only = seen.asked[-1].only
    assert (only.since, only.until) == (None, None)
    assert (only.kind, only.level) == (CaseKind.ESCALATION, Level.RED)
    assert (only.outcome, only.person, only.text) == (AlertOutcome.NOBODY, ANN, "refund")
    assert only.group in seen.floor.space.groups
    assert only.unanswered


def test_two_dates_are_both_whole_days(seen: Seen) -> None:
    filters = seen.page.filters
    filters.span.setCurrentIndex(filters.span.findData(CHOSEN))
    filters.span.activated.emit(filters.span.currentIndex())
    assert filters.since.isVisible()
    day = filters.until.date().addDays(-2)
    filters.since.setDate(filters.until.date())
    filters.until.setDate(day)  # before the first: the order does not matter
    only = seen.asked[-1].only
    assert only.since is not None
    assert only.until is not None
    assert round((only.until - only.since) / 86_400) == 3


def test_what_comes_for_older_filters_is_too_late(seen: Seen) -> None:
    page, before = seen.page, len(seen.page.model.records)

    def refused(asked: ListAlerts) -> Refusal:
        assert seen.desk.reports.overview is not None
        seen.desk.reports.overview._asked += 1  # the filters were changed while it was on its way
        return refuse(Code.STORE_FAILED, reason="disk full")

    seen.client.answers[ListAlerts] = refused
    page.wanted.emit()
    assert page.notice.text == ""
    assert len(page.model.records) == before


def test_a_long_history_is_not_counted_to_its_end(seen: Seen) -> None:
    seen.client.answers[ListAlerts] = lambda asked: msgspec.structs.replace(answer(asked), total=COUNTED)
    seen.page.wanted.emit()
    assert seen.page.count.text() == "10,000 alerts"
    seen.client.answers[ListAlerts] = lambda asked: msgspec.structs.replace(answer(asked), total=COUNTED + 1)
    seen.page.wanted.emit()
    assert seen.page.count.text() == "More than 10,000 alerts"
    assert seen.page.export.isEnabled()


def test_dates_are_written_as_the_language_does(qapp: QApplication) -> None:
    theme = theme_of(qapp)
    written = {}
    for name in ("ja_JP", "de_DE", "en_US"):
        page = HistoryPage(Look(theme, lambda _: None), QLocale(name))
        page.filters.since.setDate(QDate(2026, 11, 9))
        written[name] = page.filters.since.text()
    assert written == {"ja_JP": "2026/11/09", "de_DE": "09.11.2026", "en_US": "11/9/2026"}


def test_what_takes_longer_than_a_blink_says_so(seen: Seen) -> None:
    page = seen.page
    assert not page.asked.isActive(), "the answer is there"
    page.asked.timeout.emit()
    assert page.count.text() == "Loading…"
    page.say("disk full", problem=True)
    assert page.count.text() == "90 alerts"


def test_a_refusal_is_said_and_what_was_shown_stays(seen: Seen) -> None:
    seen.client.answers[ListAlerts] = lambda _: refuse(Code.STORE_UNREAD, reason="disk error")
    seen.page.wanted.emit()
    assert "disk error" in seen.page.notice.text
    assert seen.page.model.rowCount() == PAGE


def test_nothing_found_says_what_to_do(seen: Seen) -> None:
    seen.client.answers[ListAlerts] = lambda _: Alerts(total=0)
    seen.page.wanted.emit()
    assert seen.page.empty.isVisible()
    assert not seen.page.table.isVisible()
    assert not seen.page.export.isEnabled()


def test_agents_have_nobody_to_choose_from_and_no_board(floor: Floor, qapp: QApplication) -> None:
    seen = Seen(floor, ANN, qapp)
    filters, overview = seen.page.filters, seen.desk.reports.overview
    assert not filters.person.isVisible()
    assert not filters.group.isVisible()
    assert overview is not None
    seen.desk.reports.show_board()
    assert overview.window.view is View.HISTORY
    seen.desk.close()


def told(*notes: Note) -> Timeline:
    return Timeline(record(1), notes, names=((ANN, "Ann Field"), (BOB, "Bob Stone")))


def test_enter_opens_the_timeline_and_news_bring_it_up_to_date(seen: Seen, qtbot: QtBot) -> None:
    notes = [Note(1_700_000_000.0, Mark.OPENED, (ANN,))]
    seen.client.answers[GetTimeline] = lambda asked: told(*notes) if asked.case == "case-1" else Alerts()
    seen.page.table.setCurrentIndex(seen.page.model.index(1, 0))
    QTest.keyClick(seen.page.table, Qt.Key.Key_Return)
    window = seen.desk.reports.timeline
    assert window is not None
    assert [row.words for row in window.model.rows] == ["Ann Field raised a hand; it is stored"]
    assert window.title.text() == "Ann Field: Refund?"
    assert window.state.text() == "Nobody available"

    notes.append(Note(1_700_000_030.0, Mark.SHOWN, (BOB,)))
    seen.floor.fold(Decision((CaseNoted(CaseId("case-1")), CaseNoted(CaseId("case-7")))))
    qtbot.waitUntil(lambda: len(window.model.rows) == 2)
    assert window.model.rows[1].words == "On the screen of Bob Stone"

    QTest.keyClick(window, Qt.Key.Key_Escape)
    asked = len(seen.client.asked)
    seen.floor.fold(Decision((CaseNoted(CaseId("case-1")),)))
    seen.desk.bridge.tell()
    assert not seen.desk.reports._again.isActive(), "nobody looks"
    assert len(seen.client.asked) == asked


def test_notes_say_which_step_and_why_not(seen: Seen) -> None:
    contact = Contact(ContactId("duty"), "Duty phone", ContactKind.PHONE, "…789")
    timeline = Timeline(record(1), contacts=(contact,), names=((BOB, "Bob Stone"),))
    say = NoteWords(timeline).of
    step = Note(1.0, Mark.STEP, (BOB,), channel="sms", what=Taken.TEXT, step=2)
    assert say(step) == "Step 3 is due: text message: Bob Stone"
    called = Note(1.0, Mark.CALLED, (BOB,), what=Taken.NOTIFY, step=0)
    assert say(called) == "Step 1 is due: calls Bob Stone"
    assert say(Note(1.0, Mark.STEP, (BOB,), what=Taken.CALL)) == "By hand: call by phone: Bob Stone"
    failed = Note(1.0, Mark.FAILED, (BOB,), channel="sms", reason="no_number")
    assert say(failed) == "Text message to Bob Stone failed: There is no verified phone number."
    busy = Note(1.0, Mark.FAILED, contact=contact.id, channel="call", reason="busy")
    assert say(busy) == "Call to Duty phone (…789) failed: the gateway says “busy”"
    gone = Note(1.0, Mark.DELIVERED, contact=ContactId("gone"), channel="sms")
    assert say(gone) == "Text message to a contact that is gone delivered"


async def test_a_file_holds_every_page(seen: Seen, tmp_path: Path) -> None:
    overview = seen.desk.reports.overview
    assert overview is not None
    said: list[tuple[str, bool]] = []
    target = tmp_path / "history.csv"
    only = seen.page.filters.value()
    await overview.exporter.save(target, SPACE, only, lambda words, bad: said.append((words, bad)))
    lines = list(csv.reader(io.StringIO(target.read_bytes().decode("utf-8-sig"), newline="")))
    assert [line[-1] for line in lines[1:]] == [f"case-{number}" for number in range(COUNT)]
    exports = [query for query in seen.client.asked if isinstance(query, ExportAlerts)]
    assert [query.only for query in exports] == [only] * 3
    assert [bad for _, bad in said] == [False] * 3
    assert [words.partition(" ")[0] for words, _ in said[:2]] == ["40", "80"], "how far it is"
    assert "90 alerts written" in said[-1][0]


async def test_the_window_stays_free_while_a_file_is_made(
    seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overview = seen.desk.reports.overview
    assert overview is not None
    here, made = threading.get_ident(), []

    def noted(work: Callable[..., Any]) -> Callable[..., Any]:
        def worked(*given: Any) -> Any:
            made.append((work.__name__, threading.get_ident() == here))
            return work(*given)

        return worked

    for name in ("csv_bytes", "write_whole"):
        monkeypatch.setattr(history_exporter, name, noted(getattr(history_exporter, name)))
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(turn)

    turn()
    target = tmp_path / "history.csv"
    await overview.exporter.save(target, SPACE, seen.page.filters.value(), lambda *_: None)
    assert made == [("csv_bytes", False)] * 3 + [("write_whole", False)]
    assert turns > len(made), "the loop went on between the pages"


async def test_a_file_is_not_begun_that_cannot_be_finished(seen: Seen, tmp_path: Path) -> None:
    overview = seen.desk.reports.overview
    assert overview is not None
    said: list[tuple[str, bool]] = []
    target = tmp_path / "history.csv"
    target.write_text("from last week")
    seen.client.answers[ExportAlerts] = lambda asked: (
        answer(asked) if asked.after is None else refuse(Code.NOT_FOUND)
    )
    await overview.exporter.save(target, SPACE, seen.page.filters.value(), lambda *told: said.append(told))
    assert said[-1][1]
    assert target.read_text() == "from last week"
    assert os.listdir(tmp_path) == [target.name]


async def test_a_file_that_cannot_be_written_is_said(seen: Seen, tmp_path: Path) -> None:
    overview = seen.desk.reports.overview
    assert overview is not None
    said: list[tuple[str, bool]] = []
    target = tmp_path / "no folder" / "history.csv"
    await overview.exporter.save(target, SPACE, seen.page.filters.value(), lambda *told: said.append(told))
    assert [bad for _, bad in said] == [False, False, True]
    assert not target.parent.exists()


def test_the_button_asks_where(seen: Seen) -> None:
    seen.page.export.click()
    dialog = seen.desk.window.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.defaultSuffix() == "csv"
    dialog.reject()
