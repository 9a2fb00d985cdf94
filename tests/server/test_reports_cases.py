"""What became of alerts that nobody answered, as timeline, history and board tell it while it happens."""

from __future__ import annotations

from contextlib import closing

from app.core.case_questions import AlertOutcome, GetTimeline, Timeline
from app.core.cases import CaseId, Mark
from app.core.commands import AnswerEscalation, MarkRead, RaiseEscalation, SendMessage
from app.core.model import AnswerKind, EscalationId, Level, Recipients
from app.core.policy import CaseKind, Notify
from app.core.report_questions import AlertFilter, Alerts, Board, GetBoard, ListAlerts
from app.server.main import Server
from app.server.store.sqlite.store import FILE, connect
from tests.helpers.caller import Caller, waiting_changed
from tests.helpers.case_rows import assign
from tests.helpers.clock import FakeClock
from tests.helpers.running import Ids
from tests.helpers.tale import policy

HAND = EscalationId("hand")


async def timeline(caller: Caller) -> Timeline:
    told = await caller.ask(GetTimeline(CaseId(HAND)))
    assert isinstance(told, Timeline)
    return told


async def test_a_hand_that_finds_nobody_and_then_somebody(server: Server, ids: Ids, clock: FakeClock) -> None:
    plan = policy((60.0, Notify(Recipients(people=(ids.dev,)))))
    with closing(connect(server.config.data / FILE)) as db:
        assign(db, ids.space, plan)
    ann, bob, dev = [await Caller.enter(server.url, handle) for handle in ("ann", "bob", "dev")]
    async with ann, bob, dev:
        begun = clock.now()
        red = RaiseEscalation(Level.RED, "Refund?", Recipients(people=(ids.bob,), groups=(ids.supervisors,)))
        assert await ann.do(red, HAND) is None
        told = await timeline(ann)
        assert told.policy == plan.name
        assert [(round(one.at - begun), type(one.action)) for one in told.ahead] == [(60, Notify)]

        clock.epoch += 60.1
        await dev.until(lambda: HAND in dev.me.alerts)
        assert (ids.dev,) in [note.people for note in (await timeline(bob)).notes if note.mark is Mark.CALLED]
        clock.epoch += 600.0
        await ann.until(lambda: ann.space.escalations[HAND].nobody_since is not None)
        told = await timeline(ann)
        assert told.record.outcome is AlertOutcome.NOBODY
        assert told.notes[-1].mark is Mark.NOBODY
        assert told.ahead == ()
        board = await bob.ask(GetBoard(ids.space, begun))
        assert isinstance(board, Board)
        assert [record.id for record in board.alone] == [CaseId(HAND)]
        assert board.nobody == 1

        assert await bob.do(AnswerEscalation(HAND, AnswerKind.APPROACH)) is None
        told = await timeline(ann)
        assert told.record.outcome is AlertOutcome.ANSWERED
        assert told.record.nobody_at is not None
        board = await bob.ask(GetBoard(ids.space, begun))
        assert isinstance(board, Board)
        assert board.alone == ()


async def test_a_priority_message_stands_in_the_history_without_its_words(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    """They are between its author and those it was written to."""
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "eva") as eva:
        to = Recipients(people=(ids.bob,), groups=(ids.supervisors,))
        assert await ann.do(SendMessage("the code is 4711", to, priority=True), "urgent") is None
        found = await eva.ask(ListAlerts(ids.space, AlertFilter(kind=CaseKind.PRIORITY)))
        assert isinstance(found, Alerts)
        (record,) = found.records
        assert (record.id, record.asked_by, record.text) == (CaseId("urgent"), ids.ann, "")
        assert record.groups == (ids.supervisors,)
        searched = await eva.ask(ListAlerts(ids.space, AlertFilter(text="4711")))
        assert isinstance(searched, Alerts)
        assert searched.records == ()
        board = await eva.ask(GetBoard(ids.space, clock.now() - 60))
        assert isinstance(board, Board)
        assert [open_.id for open_ in board.open] == [CaseId("urgent")]
        told = await eva.ask(GetTimeline(CaseId("urgent")))
        assert isinstance(told, Timeline)
        assert b"4711" not in b"".join(eva.frames)


async def test_who_leads_is_told_when_the_messages_of_others_change_the_board(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    async with (
        await Caller.enter(server.url, "ann") as ann,
        await Caller.enter(server.url, "dev") as dev,
        await Caller.enter(server.url, "eva") as eva,
    ):
        await eva.until(lambda: ids.dev in eva.space.occupants)
        before = waiting_changed(eva)
        assert (
            await ann.do(SendMessage("the code is 4711", Recipients(people=(ids.dev,)), priority=True))
            is None
        )
        await eva.until(lambda: waiting_changed(eva) == before + 1)
        await dev.until(lambda: bool(dev.me.calls))
        (call,) = dev.me.calls.values()
        assert await dev.do(MarkRead(call.message.conversation, call.message.sent_at)) is None
        await eva.until(lambda: waiting_changed(eva) == before + 2)
        board = await eva.ask(GetBoard(ids.space, clock.now() - 60))
        assert isinstance(board, Board)
        assert board.open == ()
        assert board.today.answered == 1

        to_dev = Recipients(people=(ids.dev,))
        assert await ann.do(SendMessage("and now?", to_dev, priority=True)) is None
        await eva.until(lambda: waiting_changed(eva) == before + 3)
        assert await dev.do(SendMessage("come over", Recipients(people=(ids.ann,)))) is None
        await eva.until(lambda: waiting_changed(eva) == before + 4)
        assert b"4711" not in b"".join(eva.frames)
