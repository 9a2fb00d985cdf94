"""History, board and charts, compared with what a person would count by hand."""

from __future__ import annotations

import math
import random
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from app.core.case_questions import AlertOutcome
from app.core.cases import CaseId
from app.core.local_time import offsets_of
from app.core.model import GroupId, Level, PersonId, SpaceId
from app.core.policy import CaseKind
from app.core.report_questions import AlertFilter, Cursor, GetBoard, GetCharts, Speed
from app.server.store.sqlite import history
from app.server.store.sqlite.schema import MIGRATIONS, migrate
from app.server.store.sqlite.store import FILE, SqliteStore, connect
from tests.helpers.past import Past, past, write

HALL, ANNEX = SpaceId("hall"), SpaceId("annex")
PEOPLE = tuple(PersonId(name) for name in ("ann", "bob", "chie", "dev"))
TEAMS = (GroupId("leads"), GroupId("floor"))
BERLIN = ZoneInfo("Europe/Berlin")
SINCE = datetime(2026, 10, 20, tzinfo=BERLIN).timestamp()
UNTIL = datetime(2026, 10, 30, tzinfo=BERLIN).timestamp()
"""Clocks go back on the 25th."""
Holds = Callable[[Past], bool]


def offset(zone: ZoneInfo) -> Callable[[float], int]:
    def at(moment: float) -> int:
        ahead = datetime.fromtimestamp(moment, zone).utcoffset()
        assert ahead is not None
        return int(ahead.total_seconds())

    return at


@pytest.fixture(scope="module")
def alerts() -> list[Past]:
    return past(random.Random(7), 600, (HALL, ANNEX), PEOPLE, TEAMS, SINCE, UNTIL)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, alerts: list[Past]) -> Path:
    path = tmp_path_factory.mktemp("reports") / FILE
    with closing(connect(path)) as db:
        write(db, alerts)
    return path


@pytest.fixture
async def store(written: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(written)
    yield store
    await store.close()


def newest_first(alerts: list[Past], holds: Holds) -> list[str]:
    found = sorted((a for a in alerts if holds(a)), key=lambda a: (a.opened_at, a.id), reverse=True)
    return [alert.id for alert in found]


def missed(alert: Past) -> bool:
    return alert.outcome is not AlertOutcome.ANSWERED


MIDDLE = (SINCE + UNTIL) / 2
FILTERS: tuple[tuple[AlertFilter, Holds], ...] = (
    (AlertFilter(), lambda a: True),
    (AlertFilter(since=MIDDLE), lambda a: a.opened_at >= MIDDLE),
    (AlertFilter(until=MIDDLE), lambda a: a.opened_at < MIDDLE),
    (AlertFilter(person=PEOPLE[0]), lambda a: PEOPLE[0] in {a.asked_by, a.answered_by, *a.took_part}),
    (AlertFilter(group=TEAMS[0]), lambda a: TEAMS[0] in a.groups),
    (AlertFilter(kind=CaseKind.PRIORITY), lambda a: a.kind is CaseKind.PRIORITY),
    (AlertFilter(level=Level.YELLOW), lambda a: a.level is Level.YELLOW),
    *(
        (AlertFilter(outcome=outcome), lambda a, outcome=outcome: a.outcome is outcome)
        for outcome in AlertOutcome
    ),
    (AlertFilter(unanswered=True), lambda a: missed(a)),
    (AlertFilter(text="MANAGER"), lambda a: "manager" in a.text),
    (AlertFilter(text="へるぷ"), lambda a: a.text == "ﾍﾙﾌﾟ"),
    (AlertFilter(text="0% r"), lambda a: "100%" in a.text),
    (AlertFilter(text="返金"), lambda a: a.text == "返金の確認"),
    (AlertFilter(text="確認"), lambda a: a.text == "返金の確認"),
    (AlertFilter(text="認"), lambda a: a.text == "返金の確認"),
    (AlertFilter(text="?"), lambda a: a.text.endswith("?")),
    (
        AlertFilter(person=PEOPLE[2], text="manager"),
        lambda a: PEOPLE[2] in {a.asked_by, a.answered_by, *a.took_part} and "manager" in a.text,
    ),
    (AlertFilter(unanswered=True, text="n"), lambda a: missed(a) and "n" in a.text.casefold()),
    (AlertFilter(group=TEAMS[1], since=MIDDLE), lambda a: TEAMS[1] in a.groups and a.opened_at >= MIDDLE),
    (
        AlertFilter(MIDDLE, UNTIL, PEOPLE[1], TEAMS[1], CaseKind.ESCALATION, Level.RED, unanswered=True),
        lambda a: (
            a.opened_at >= MIDDLE
            and PEOPLE[1] in {a.asked_by, a.answered_by, *a.took_part}
            and TEAMS[1] in a.groups
            and a.level is Level.RED
            and missed(a)
        ),
    ),
)


@pytest.mark.parametrize("rare", [0, history.RARE], ids=["frequent words", "rare words"])
@pytest.mark.parametrize(("only", "holds"), FILTERS, ids=map(str, range(len(FILTERS))))
async def test_pages_hold_what_the_filter_lets_through_each_once(
    store: SqliteStore,
    alerts: list[Past],
    only: AlertFilter,
    holds: Holds,
    rare: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history, "RARE", rare)
    right = newest_first(alerts, lambda a: a.space == HALL and holds(a))
    assert right, "a filter that nothing passes shows nothing"
    listed: list[str] = []
    after: Cursor | None = None
    while True:
        found = await store.reports.page(HALL, only, None, after, 37)
        assert found.total == (len(right) if after is None else None)
        listed += [record.id for record in found.records]
        after = found.more
        if after is None:
            break
    assert listed == right


async def test_ones_own_history_has_nothing_of_others(store: SqliteStore, alerts: list[Past]) -> None:
    mine = newest_first(alerts, lambda a: a.space == HALL and a.asked_by == PEOPLE[2])
    found = await store.reports.page(HALL, AlertFilter(), PEOPLE[2], None, 1_000)
    assert [record.id for record in found.records] == mine
    assert found.total == len(mine)
    others = await store.reports.page(HALL, AlertFilter(person=PEOPLE[0]), PEOPLE[2], None, 1_000)
    assert {record.asked_by for record in others.records} == {PEOPLE[2]}


async def test_a_record_says_what_was_written(store: SqliteStore, alerts: list[Past]) -> None:
    found = await store.reports.page(HALL, AlertFilter(), None, None, 1_000)
    by_id = {alert.id: alert for alert in alerts}
    for record in found.records:
        alert = by_id[record.id]
        assert (record.kind, record.asked_by, record.level) == (alert.kind, alert.asked_by, alert.level)
        assert (record.outcome, record.nobody_at) == (alert.outcome, alert.nobody_at)
        assert record.waited == pytest.approx(alert.waited) if alert.waited is not None else not record.waited
        assert frozenset(record.groups) == alert.groups


def counted(some: list[Past]) -> Speed:
    """By the words of the definition: half, and nine of ten, had an answer by then."""
    waits = [a.waited for a in some if a.waited is not None]
    if not waits:
        return Speed(0, len(some))
    p90 = min(w for w in waits if sum(other <= w for other in waits) >= math.ceil(0.9 * len(waits)))
    return Speed(len(waits), len(some) - len(waits), median(waits), p90)


def close(found: Speed, right: Speed) -> bool:
    counts = (found.answered, found.unanswered) == (right.answered, right.unanswered)
    times = pytest.approx((right.median or 0, right.p90 or 0), abs=1e-4)
    return counts and (found.median or 0, found.p90 or 0) == times


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo", "Australia/Lord_Howe", "America/St_Johns"])
@pytest.mark.parametrize("kind", [None, CaseKind.PRIORITY])
async def test_charts_agree_with_counting_by_hand(
    store: SqliteStore, alerts: list[Past], zone: str, kind: CaseKind | None
) -> None:
    there = ZoneInfo(zone)
    offsets = offsets_of(offset(there), SINCE, UNTIL)
    charts = await store.reports.charts(GetCharts(HALL, SINCE, UNTIL, offsets, kind))

    calling = [
        a
        for a in alerts
        if a.space == HALL
        and a.level is not Level.YELLOW
        and a.outcome is not AlertOutcome.WAITING
        and kind in (None, a.kind)
    ]

    def local(alert: Past) -> datetime:
        return datetime.fromtimestamp(alert.opened_at, there)

    for hour, found in enumerate(charts.hours):
        assert close(found, counted([a for a in calling if local(a).hour == hour])), hour
    assert len(charts.hours) == 24
    for team, found in charts.groups:
        assert close(found, counted([a for a in calling if team in a.groups])), team
    assert {team for team, _ in charts.groups} == set(TEAMS)
    for day in charts.days:
        date = datetime(1970, 1, 1, tzinfo=UTC).date() + timedelta(days=day.number)
        then = [a for a in calling if local(a).date() == date]
        missed = [a for a in then if a.outcome is not AlertOutcome.ANSWERED]
        nobody = [a for a in then if a.outcome is AlertOutcome.NOBODY]
        assert (day.total, day.unanswered, day.nobody) == (len(then), len(missed), len(nobody)), date
    assert sum(day.total for day in charts.days) == len(calling)


async def test_the_board_tells_todays_figures_and_what_waits(store: SqliteStore, alerts: list[Past]) -> None:
    board = await store.reports.board(GetBoard(HALL, MIDDLE), MIDDLE)
    here = [a for a in alerts if a.space == HALL]
    today = [a for a in here if a.opened_at >= MIDDLE]
    calling = [a for a in today if a.level is not Level.YELLOW and a.outcome is not AlertOutcome.WAITING]
    assert close(board.today, counted(calling))
    assert board.raised == len(today)
    assert board.nobody == sum(a.outcome is AlertOutcome.NOBODY for a in calling)
    open_ = [
        a
        for a in here
        if a.ended_at is None and a.kind is not CaseKind.ESCALATION and a.outcome is not AlertOutcome.ANSWERED
    ]
    assert [r.id for r in board.open] == newest_first(open_, lambda a: True)[::-1]
    assert board.waiting == len(open_)
    alone = [a for a in here if a.ended_at is None and a.kind is CaseKind.ESCALATION]
    alone = [a for a in alone if a.outcome is AlertOutcome.NOBODY]
    assert [r.id for r in board.alone] == newest_first(alone, lambda a: True)[::-1]


@pytest.mark.parametrize(
    "only",
    [
        AlertFilter(),
        AlertFilter(person=PEOPLE[0]),
        AlertFilter(group=TEAMS[0]),
        AlertFilter(unanswered=True),
        AlertFilter(text="manager"),
        AlertFilter(text="金"),
    ],
)
async def test_no_more_is_counted_than_is_of_use(
    store: SqliteStore, only: AlertFilter, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rare in (0, history.RARE):
        monkeypatch.setattr(history, "RARE", rare)
        monkeypatch.setattr(history, "COUNTED", 3)
        assert (await store.reports.page(HALL, only, None, None, 5)).total == 4
        assert len((await store.reports.page(HALL, only, None, None, 5)).records) == 5


@pytest.mark.parametrize("text", ['"', "a\0b c", "\0\0\0", "* OR a", "\U0010ffff"])
async def test_words_are_never_read_as_a_query(store: SqliteStore, text: str) -> None:
    assert (await store.reports.page(HALL, AlertFilter(text=text), None, None, 5)).records == []


async def test_figures_and_pages_are_read_from_indexes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one a year of alerts would be read for each page."""
    with closing(connect(tmp_path / FILE)) as db:
        said: list[str] = []
        write(db, past(random.Random(3), 20, (HALL,), PEOPLE, TEAMS, SINCE, UNTIL))
        db.set_trace_callback(said.append)
        for rare in (0, history.RARE):
            monkeypatch.setattr(history, "RARE", rare)
            for only, _ in FILTERS:
                history.page(db, HALL, only, None, None, 50)
                history.page(db, HALL, only, None, Cursor(5.0, CaseId("x")), 50)
                history.page(db, HALL, only, PEOPLE[0], None, 50)
        history.standing(db, HALL, 5)
        db.execute("DELETE FROM alerts WHERE id = 'nowhere'")
        history.facts(db, HALL, 0.0, 1e9, None)
        db.set_trace_callback(None)
        asked = [sql for sql in said if sql.startswith(("SELECT", "DELETE"))]
        plans = [[row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in asked]
    assert not [step for plan in plans for step in plan if step.startswith(("SCAN alerts", "SCAN alert_who"))]
    found = [sql for sql, plan in zip(asked, plans, strict=True) if any("TEMP" in step for step in plan)]
    assert all("json_each" in sql or "DISTINCT doc" in sql for sql in found), "these are few"
    assert "COVERING INDEX alerts_time" in plans[-1][0]


def old_history(db: sqlite3.Connection, alerts: list[Past]) -> None:
    """A database of the program before this one, with these alerts."""
    for migration in MIGRATIONS[:12]:
        migration(db)
    db.execute("PRAGMA user_version = 12")
    write(db, alerts)


async def test_a_history_of_the_program_before_is_found_by_everything(
    tmp_path: Path, alerts: list[Past]
) -> None:
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        old_history(db, alerts)
    store = SqliteStore(tmp_path / FILE)
    for only, holds in FILTERS:
        found = await store.reports.page(HALL, only, None, None, 1_000)
        right = newest_first([alert for alert in alerts if alert.space == HALL], holds)
        assert [record.id for record in found.records] == right
    await store.close()
    with closing(connect(tmp_path / FILE)) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        db.execute("INSERT INTO alert_search (alert_search) VALUES ('integrity-check')")
        left = db.execute("SELECT name FROM sqlite_master WHERE name GLOB 'old_*' OR sql GLOB '*old_*'")
        assert left.fetchall() == []


def test_what_finds_an_alert_goes_with_it(tmp_path: Path, alerts: list[Past]) -> None:
    with closing(connect(tmp_path / FILE)) as db:
        write(db, alerts)
        assert db.execute("SELECT count(*) FROM alert_who").fetchone() > (0,)
        db.execute("UPDATE alerts SET search_key = 'other words' WHERE number % 2")
        db.execute("INSERT INTO alert_search (alert_search) VALUES ('integrity-check')")
        db.execute("UPDATE alerts SET answered_by = 'ann' WHERE answered_by IS NULL")
        db.execute("DELETE FROM alerts WHERE number % 3")
        db.execute("INSERT INTO alert_search (alert_search) VALUES ('integrity-check')")
        db.execute("DELETE FROM alerts")
        for table in ("alert_who", "alert_groups", "alert_answers", "alert_terms"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_rows_of_an_older_program_are_taken_over(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
        for migration in MIGRATIONS[:3]:
            migration(db)
        db.execute("PRAGMA user_version = 3")
        db.execute("INSERT INTO escalations VALUES ('h', 'hall', 'ann', 'red', 'Ｈelp', 5, 9, 12, 'button')")
        db.execute("INSERT INTO answers VALUES ('h', 1, 'chie', 'decline', 7), ('h', 2, 'bob', 'chat', 9)")
        migrate(db)
        row = db.execute("SELECT asked_by, search_key, answered_by, way, outcome, ended_at FROM alerts")
        assert row.fetchall() == [("ann", "help", "bob", "chat", "answered", 12)]
        assert db.execute("SELECT count(*) FROM alert_answers").fetchone() == (2,)
