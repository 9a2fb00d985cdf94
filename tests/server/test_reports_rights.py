"""Who is told of alerts that were: whoever asked for help of their own, those who lead of all."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from app.core.audit import Act, Change, Subject
from app.core.case_questions import AlertOutcome, GetTimeline, Timeline
from app.core.cases import CaseId, Mark
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation
from app.core.errors import Code
from app.core.model import AnswerKind, EndReason, EscalationId, Level, Recipients
from app.core.policy import AnswerWay
from app.core.report_questions import (
    AlertFilter,
    Alerts,
    Board,
    Charts,
    Cursor,
    ExportAlerts,
    GetBoard,
    GetCharts,
    ListAlerts,
)
from app.server.main import Server
from app.server.store.audit import PART_S, Wanted
from app.server.store.sqlite.store import FILE
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import Ids

HAND = EscalationId("ann-calls")
UTC = ((0.0, 0),)


async def a_call_and_its_answer(server: Server, ids: Ids, clock: FakeClock) -> None:
    """Ann calls @supervisors, Chie cannot, Bob comes after 40 s; Dev raises a yellow hand."""
    async with (
        await Caller.enter(server.url, "ann") as ann,
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "chie") as chie,
        await Caller.enter(server.url, "dev") as dev,
    ):
        red = RaiseEscalation(Level.RED, "Refund?", Recipients(groups=(ids.supervisors,)))
        assert await ann.do(red, HAND) is None
        assert await chie.do(AnswerEscalation(HAND, AnswerKind.DECLINE)) is None
        clock.epoch += 40.0
        assert await bob.do(AnswerEscalation(HAND, AnswerKind.APPROACH)) is None
        assert await ann.do(EndEscalation(HAND)) is None
        assert await dev.do(RaiseEscalation(Level.YELLOW, "", Recipients()), "dev-waits") is None


async def test_a_timeline_tells_what_happened_and_who(server: Server, ids: Ids, clock: FakeClock) -> None:
    await a_call_and_its_answer(server, ids, clock)
    async with await Caller.enter(server.url, "ann") as ann:
        told = await ann.ask(GetTimeline(CaseId(HAND)))
    assert isinstance(told, Timeline)
    record = told.record
    assert (record.outcome, record.answered_by, record.way) == (
        AlertOutcome.ANSWERED,
        ids.bob,
        AnswerWay.APPROACH,
    )
    assert (record.groups, record.reason) == ((ids.supervisors,), EndReason.BUTTON)
    assert record.waited == pytest.approx(40, abs=0.01)
    marks = [(note.mark, note.people) for note in told.notes]
    assert marks[0] == (Mark.OPENED, (ids.ann,))
    assert (Mark.DECLINED, (ids.chie,)) in marks
    assert (Mark.ANSWERED, (ids.bob,)) in marks
    assert marks[-1][0] is Mark.ENDED
    assert [note.at for note in told.notes] == sorted(note.at for note in told.notes)
    assert dict(told.names) == {ids.ann: "Ann Field", ids.bob: "Bob Stone", ids.chie: "森 千恵"}


async def test_agents_see_their_own_alerts_alone(server: Server, ids: Ids, clock: FakeClock) -> None:
    await a_call_and_its_answer(server, ids, clock)
    async with await Caller.enter(server.url, "dev") as dev:
        assert await dev.ask(GetTimeline(CaseId(HAND))) is Code.NOT_FOUND
        for asked in (AlertFilter(), AlertFilter(person=ids.ann), AlertFilter(text="refund")):
            for question in (ListAlerts(ids.space, asked), ExportAlerts(ids.space, asked)):
                told = await dev.ask(question)
                assert isinstance(told, Alerts)
                assert {record.asked_by for record in told.records} <= {ids.dev}
        assert isinstance(await dev.ask(GetTimeline(CaseId("dev-waits"))), Timeline)
        assert await dev.ask(GetCharts(ids.space, 0.0, 1e10, UTC)) is Code.NOT_FOUND
        assert await dev.ask(GetBoard(ids.space, 0.0)) is Code.NOT_FOUND


async def test_supervisors_and_admins_see_all_of_their_space(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    await a_call_and_its_answer(server, ids, clock)
    for handle in ("bob", "eva"):
        async with await Caller.enter(server.url, handle) as lead:
            assert isinstance(await lead.ask(GetTimeline(CaseId(HAND))), Timeline)
            told = await lead.ask(ListAlerts(ids.space))
            assert isinstance(told, Alerts)
            assert [str(record.id) for record in told.records] == ["dev-waits", HAND]
            assert told.total == 2
            charts = await lead.ask(GetCharts(ids.space, clock.now() - 3600, clock.now() + 1, UTC))
            assert isinstance(charts, Charts)
            assert [group for group, _ in charts.groups] == [ids.supervisors]
            board = await lead.ask(GetBoard(ids.space, 0.0))
            assert isinstance(board, Board)
            assert (board.raised, board.today.answered) == (2, 1)


async def test_an_export_is_written_down_once_with_what_was_asked_for(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    await a_call_and_its_answer(server, ids, clock)
    async with await Caller.enter(server.url, "bob") as bob:
        told = await bob.ask(ExportAlerts(ids.space, AlertFilter(person=ids.ann, group=ids.supervisors)))
        assert isinstance(told, Alerts)
        assert [str(record.id) for record in told.records] == [HAND]
        await bob.ask(ListAlerts(ids.space))
    deeds = [deed for _, deed in (await server.store.audit.read(Wanted(subject=Subject.HISTORY))).deeds]
    assert [(deed.act, deed.by, deed.person) for deed in deeds] == [(Act.EXPORTED, ids.bob, ids.ann)]
    assert deeds[0].changes == (
        Change("group", "", "@supervisors"),
        Change("rows", after="1"),
        Change("complete", after="true"),
    )


def many_more(server: Server, count: int) -> None:
    """Alerts like Ann's, one second before each other."""
    with closing(sqlite3.connect(server.config.data / FILE)) as db, db:
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(alerts)") if name != "number"]
        fresh = {"id": "'copy-' || i", "opened_at": "opened_at - i"}
        chosen = ", ".join(fresh.get(name, name) for name in columns)
        db.execute(
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            f"INSERT INTO alerts ({', '.join(columns)}) SELECT {chosen} FROM alerts, n WHERE id = ?",
            (count, HAND),
        )


async def exports(server: Server) -> list[tuple[Change, ...]]:
    """What their lines say was asked for and read, oldest first."""
    page = await server.store.audit.read(Wanted(subject=Subject.HISTORY))
    return [deed.changes for _, deed in reversed(page.deeds)]


def read(rows: int, complete: str) -> tuple[Change, Change]:
    return Change("rows", after=str(rows)), Change("complete", after=complete)


async def next_part(by: Caller, query: ExportAlerts) -> Alerts:
    told = await by.ask(query)
    assert isinstance(told, Alerts)
    return told


async def test_an_export_of_many_parts_is_one_line_that_says_how_far_it_came(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    await a_call_and_its_answer(server, ids, clock)
    many_more(server, 1_200)
    async with await Caller.enter(server.url, "bob") as bob:
        red = AlertFilter(level=Level.RED, since=0.0)
        asked = (
            Change("since", "", "1970-01-01 00:00 UTC"),
            Change("level", "", "red"),
        )
        told = await next_part(bob, ExportAlerts(ids.space, red))
        assert await exports(server) == [(*asked, *read(500, "false"))]
        told = await next_part(bob, ExportAlerts(ids.space, red, told.more))
        stopped = told.more
        assert await exports(server) == [(*asked, *read(1_000, "false"))]
    async with await Caller.enter(server.url, "chie") as chie:
        told = await next_part(chie, ExportAlerts(ids.space, red, stopped))
        assert (len(told.records), told.more) == (201, None)
    assert await exports(server) == [(*asked, *read(1_000, "false")), (*asked, *read(201, "true"))]


async def test_nobody_reads_on_where_an_export_stopped_without_a_line_that_says_so(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    await a_call_and_its_answer(server, ids, clock)
    many_more(server, 1_000)
    async with await Caller.enter(server.url, "bob") as bob:
        first = await next_part(bob, ExportAlerts(ids.space))
        # Something else than what was asked for.
        await next_part(bob, ExportAlerts(ids.space, AlertFilter(level=Level.RED), first.more))
        # Where nobody stopped.
        await next_part(bob, ExportAlerts(ids.space, after=Cursor(1e10, CaseId("made-up"))))
        clock.epoch += PART_S + 1
        # Long afterwards.
        rest = await next_part(bob, ExportAlerts(ids.space, after=first.more))
        last = await next_part(bob, ExportAlerts(ids.space, after=rest.more))
        assert last.more is None
    assert await exports(server) == [
        read(500, "false"),
        (Change("level", "", "red"), *read(500, "false")),
        read(500, "false"),
        read(502, "true"),
    ]
