"""What history, board and charts cost on a busy database: ``python -m tests.bench.reports_bench [ALERTS]``.

The ratios count, and they are of one run: a page against reading every row, a late page against the first,
figures from the index against figures from rows. Each time is the best of several.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.core import wire
from app.core.case_questions import AlertOutcome
from app.core.local_time import DAY
from app.core.model import GroupId, PersonId, SpaceId
from app.core.policy import CaseKind
from app.core.report_questions import EXPORT_PAGE, PAGE, AlertFilter, Alerts, Cursor, GetBoard, GetCharts
from app.server.store.sqlite import history, reports
from app.server.store.sqlite.store import FILE, connect
from app.ui.reports.csv_file import csv_bytes
from tests.helpers.past import past, write

ALERTS = 100_000
SPACES = tuple(SpaceId(f"space-{n}") for n in range(3))
HALL = SPACES[0]
PEOPLE = tuple(PersonId(f"person-{n:03}") for n in range(300))
GROUPS = tuple(GroupId(f"group-{n:02}") for n in range(12))
DAYS = 365
SINCE, UNTIL = 1_700_000_000.0, 1_700_000_000.0 + DAYS * DAY
TRIES = 5
RARE = ("Contract 4471, they want to cancel", "大阪で停電")


def best(work: Callable[[], object]) -> float:
    """s"""
    times = []
    for _ in range(TRIES):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def every_row(db: sqlite3.Connection) -> int:
    """What a page would cost without an index: all rows are read and compared."""
    rows = db.execute("SELECT * FROM alerts NOT INDEXED WHERE space = ? ORDER BY opened_at DESC", (HALL,))
    return len(rows.fetchmany(PAGE))


def pages(db: sqlite3.Connection) -> dict[str, float]:
    """s for each kind of page."""

    def page(only: AlertFilter, of: PersonId | None = None, after: Cursor | None = None) -> float:
        return best(lambda: history.page(db, HALL, only, of, after, PAGE))

    late = history.page(db, HALL, AlertFilter(until=SINCE + DAY), None, None, 1).records[0]
    return {
        "first page, with the count": page(AlertFilter()),
        "a page after it": page(AlertFilter(), after=Cursor(UNTIL, late.id)),
        "the last pages of the year": page(AlertFilter(), after=Cursor(late.opened_at, late.id)),
        "one week": page(AlertFilter(since=UNTIL - 7 * DAY)),
        "unanswered only": page(AlertFilter(unanswered=True)),
        "one person": page(AlertFilter(person=PEOPLE[7])),
        "one group": page(AlertFilter(group=GROUPS[3])),
        "one person and one group": page(AlertFilter(person=PEOPLE[7], group=GROUPS[3])),
        "one kind": page(AlertFilter(kind=CaseKind.LINE)),
        "one outcome": page(AlertFilter(outcome=AlertOutcome.WITHDRAWN)),
        "a text that is frequent": page(AlertFilter(text="manager")),
        "a text that is rare": page(AlertFilter(text="contract 4471")),
        "a text that is nowhere": page(AlertFilter(text="no such words")),
        "two characters, frequent": page(AlertFilter(text="返金")),
        "two characters, rare": page(AlertFilter(text="停電")),
        "two characters, nowhere": page(AlertFilter(text="鯨鯨")),
        "one's own": page(AlertFilter(), PEOPLE[7]),
    }


def export(db: sqlite3.Connection) -> None:
    """Page by page, as a client asks for it; what holds the server's loop, and what is done in threads."""
    names = {person: f"Person {person}" for person in PEOPLE}
    read, sent, written, count, after = [], [], [], 0, None
    while True:
        start = time.perf_counter()
        found = history.page(db, HALL, AlertFilter(), None, after, EXPORT_PAGE)
        read.append(time.perf_counter() - start)
        start = time.perf_counter()
        wire.encode(wire.Reply("export", Alerts(tuple(found.records), tuple(names.items()))))
        sent.append(time.perf_counter() - start)
        start = time.perf_counter()
        csv_bytes(found.records, names, {})
        written.append(time.perf_counter() - start)
        count, after = count + len(found.records), found.more
        if after is None:
            break
    print(f"  an export of {count:,} in {len(read)} pages of {EXPORT_PAGE}; all of it, and the longest page:")
    for name, took in (
        ("read, in the store's thread", read),
        ("encoded, in the server's loop", sent),
        ("made, in a client's thread", written),
    ):
        print(f"    {name:<30} {sum(took) * 1e3:8.1f} ms   {max(took) * 1e3:6.2f} ms")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, closing(connect(Path(folder) / FILE)) as db:
        alerts = past(random.Random(1), count, SPACES, PEOPLE, GROUPS, SINCE, UNTIL)
        for number, text in enumerate(RARE):
            alerts[number * 7] = replace(alerts[number * 7], text=text, space=HALL)
        write(db, alerts)
        scan = best(lambda: every_row(db))
        print(f"{count:,} alerts in {len(SPACES)} spaces, {DAYS} days; every row read: {scan * 1e3:.1f} ms")
        for name, took in pages(db).items():
            print(f"  {name:<28} {took * 1e3:8.2f} ms   1/{scan / took:,.1f} of every row")
        offsets = ((SINCE, 3_600),)
        quarter = GetCharts(HALL, UNTIL - 90 * DAY, UNTIL, offsets)
        year = GetCharts(HALL, SINCE, UNTIL, offsets)
        rows = "SELECT * FROM alerts NOT INDEXED WHERE space = ?"
        slow = best(lambda: db.execute(rows, (HALL,)).fetchall())
        indexed = best(lambda: history.facts(db, HALL, SINCE, UNTIL, None))
        print(f"  facts of the year            {indexed * 1e3:8.2f} ms   1/{slow / indexed:,.1f} of the rows")
        for name, asked in (("charts of a quarter", quarter), ("charts of the year", year)):
            took = best(partial(reports.charts, db, asked))
            print(f"  {name:<28} {took * 1e3:8.2f} ms   {took / scan:,.1f} times every row")
        export(db)
        took = best(lambda: reports.board(db, GetBoard(HALL, UNTIL - DAY), UNTIL))
        print(f"  {'the board':<28} {took * 1e3:8.2f} ms   1/{scan / took:,.1f} of every row")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ALERTS)
