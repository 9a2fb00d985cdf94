"""Priority messages over real sockets: how far they come, who reads them, and on which machines."""

from __future__ import annotations

from pathlib import Path

from app.core.commands import EscalateMessage, MarkRead, ReportCall, SendMessage
from app.core.errors import Code
from app.core.model import MessageId, Recipients, Rung
from app.core.policy import AnswerWay
from app.server.main import Server
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import Ids, running

URGENT = MessageId("urgent")


def urgent(ids: Ids) -> SendMessage:
    return SendMessage("Which contract?", Recipients(people=(ids.bob, ids.dev)), priority=True)


def rungs(author: Caller) -> dict[str, Rung]:
    return {line.person: line.rung for line in author.me.priorities[URGENT].lines}


async def read(caller: Caller) -> None:
    message = caller.me.calls[URGENT].message
    assert await caller.do(MarkRead(message.conversation, message.sent_at)) is None


async def test_its_author_sees_how_far_it_comes_on_the_machines_of_each(server: Server, ids: Ids) -> None:
    ann = await Caller.enter(server.url, "ann")
    desk = await Caller.enter(server.url, "bob", device="desk-17")
    laptop = await Caller.enter(server.url, "bob", device="laptop")
    async with ann, desk, laptop:
        assert await ann.do(urgent(ids), URGENT) is None
        await ann.until(lambda: rungs(ann) == {ids.bob: Rung.SENT, ids.dev: Rung.STORED})
        assert await desk.do(ReportCall(URGENT, Rung.RECEIVED)) is None
        assert await laptop.do(ReportCall(URGENT, Rung.SHOWN)) is None
        await ann.until(lambda: rungs(ann)[ids.bob] is Rung.SHOWN)
        (line,) = (line for line in ann.me.priorities[URGENT].lines if line.person == ids.bob)
        assert {d.device.name: d.rung for d in line.devices} == {
            "desk-17": Rung.RECEIVED,
            "laptop": Rung.SHOWN,
        }
        assert await desk.do(ReportCall(URGENT, Rung.ANSWERED)) is None
        assert rungs(ann)[ids.bob] is Rung.SHOWN


async def test_reading_it_on_one_machine_ends_the_call_on_all_of_ones_own(server: Server, ids: Ids) -> None:
    ann, dev = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "dev")
    desk, laptop = await Caller.enter(server.url, "bob"), await Caller.enter(server.url, "bob")
    async with ann, dev, desk, laptop:
        assert await ann.do(urgent(ids), URGENT) is None
        await laptop.until(lambda: URGENT in laptop.me.calls)
        await read(laptop)
        await desk.until(lambda: URGENT not in desk.me.calls)
        await dev.until(lambda: URGENT in dev.me.calls)
        await ann.until(lambda: rungs(ann)[ids.bob] is Rung.ANSWERED)
        answers = ann.me.priorities[URGENT].answers
        assert [(a.person, a.way) for a in answers] == [(ids.bob, AnswerWay.READ)]
        assert await desk.do(ReportCall(URGENT, Rung.SHOWN)) is Code.PRIORITY_OVER


async def test_who_was_away_is_called_on_coming_in_and_the_author_sees_that_it_arrives(
    server: Server, ids: Ids
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(urgent(ids), URGENT) is None
        assert rungs(ann) == {ids.bob: Rung.STORED, ids.dev: Rung.STORED}
        async with await Caller.enter(server.url, "bob") as bob:
            assert URGENT in bob.me.calls
            await ann.until(lambda: rungs(ann)[ids.bob] is Rung.SENT)


async def test_an_answer_by_one_ends_it_for_all_and_its_author_is_told_by_a_server_that_knew_nothing(
    server: Server, ids: Ids
) -> None:
    """The author has gone home; what they are told is read from the store."""
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(urgent(ids), URGENT) is None
    bob, dev = await Caller.enter(server.url, "bob"), await Caller.enter(server.url, "dev")
    async with bob, dev:
        with_ = bob.me.conversations[bob.me.calls[URGENT].message.conversation].with_
        assert await bob.do(SendMessage("The second one", with_)) is None
        await dev.until(lambda: not dev.me.calls)
        async with await Caller.enter(server.url, "ann") as ann:
            answer = ann.me.priorities[URGENT].answer
            assert answer is not None
            assert (answer.person, answer.way) == (ids.bob, AnswerWay.REPLY)


async def test_a_forwarded_one_is_between_its_author_and_that_person(server: Server, ids: Ids) -> None:
    ann, chie = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "chie")
    bob = await Caller.enter(server.url, "bob")
    async with ann, bob, chie:
        assert await ann.do(urgent(ids), URGENT) is None
        assert await ann.do(EscalateMessage(URGENT, forward=ids.chie)) is None
        await chie.until(lambda: URGENT in chie.me.calls)
        call = chie.me.calls[URGENT]
        assert call.message.text == "Which contract?"
        await ann.until(lambda: rungs(ann)[ids.chie] is Rung.SENT)
        assert call.message.conversation not in bob.me.conversations
        await read(chie)
        await ann.until(lambda: rungs(ann)[ids.chie] is Rung.ANSWERED)
        assert await bob.do(EscalateMessage(URGENT, forward=ids.eva)) is Code.NOT_FOUND


async def test_all_of_it_outlives_the_server(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(urgent(ids), URGENT) is None
    async with running(data, clock) as server, await Caller.enter(server.url, "bob") as bob:
        await read(bob)
        async with await Caller.enter(server.url, "ann") as ann:
            assert rungs(ann)[ids.bob] is Rung.ANSWERED
            assert ann.me.priorities[URGENT].unread == (ids.dev,)
