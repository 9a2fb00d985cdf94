"""History for those who come back is bounded by count and age; beyond it they are told so (promise P3)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.core import wire
from app.core.commands import SendMessage, SetStatus
from app.core.model import Recipients, Status
from app.core.wire import Position, Stream
from app.server.main import Server
from app.server.store.sqlite.streams import Keep
from tests.helpers.caller import Caller, snapshot_bytes
from tests.helpers.clock import FakeClock
from tests.helpers.running import FAST, Ids, rows, running

COUNT, AGE = 20, 3_600.0
TIGHT = replace(FAST, keep=Keep(COUNT, AGE), checkpoint_every=5)


async def busy_day(url: str, ids: Ids, times: int, clock: FakeClock) -> Caller:
    """Ann is seen and heard so many times; then she is gone without a word."""
    async with await Caller.enter(url, "ann") as ann:
        for number in range(times):
            clock.at += 0.2
            ann.session.tick(0.0)  # acknowledges
            assert await ann.do(SetStatus([Status.BUSY, Status.AVAILABLE][number % 2])) is None
            assert await ann.do(SendMessage(f"m{number}", Recipients(people=(ids.bob,)))) is None
    return ann


async def back(server: Server, before: Caller, **older: int) -> wire.Attached:
    """Come back, as if so many events of the named streams had not been seen."""
    positions = dict(before.session.positions)
    for name, missing in older.items():
        at = positions[Stream(name)]
        positions[Stream(name)] = Position(at.epoch, at.seq - missing)
    caller = await Caller.dial(server.url, positions)
    caller._space, caller._me = before.space, before.me
    async with caller:
        assert not await caller.resume(before.token)
        caller.session.send(wire.Attach(None, positions[Stream.SPACE], positions[Stream.PERSONAL]))
        caller.session.phase = caller.session.phase.ATTACHING
        return await caller.hear(wire.Attached)


async def test_what_is_kept_is_replayed_and_what_is_not_is_said_to_be_gone(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock, tuning=TIGHT) as server:
        ann = await busy_day(server.url, ids, 40, clock)
    async with running(data, clock, tuning=TIGHT) as server:
        near = await back(server, ann, space=10, personal=10)
        assert near.resync == ()
        assert near.space is None
        assert near.personal is None
    async with running(data, clock, tuning=TIGHT) as server:
        far = await back(server, ann, space=35)
        assert far.resync == (Stream.SPACE,)
        assert far.space is not None
        assert far.personal is None
        far = await back(server, ann, personal=35)
        assert far.resync == (Stream.PERSONAL,)
        assert far.space is None
        assert far.personal is not None
        assert snapshot_bytes(ann.me) == snapshot_bytes(type(ann.me)(far.personal))
        for key in (f"space:{ids.space}", f"person:{ids.ann}"):
            sql = f"SELECT count(*) FROM events e JOIN streams s ON s.id = e.stream WHERE s.key = '{key}'"
            ((kept,),) = rows(server, sql)
            assert 0 < kept <= COUNT + TIGHT.checkpoint_every


async def test_what_is_too_old_is_forgotten_even_where_nothing_happens_any_more(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock, tuning=TIGHT) as server:
        ann = await busy_day(server.url, ids, 10, clock)
        clock.at += AGE / 2
        await server.store.prune(clock.now())
    async with running(data, clock, tuning=TIGHT) as server:
        assert (await back(server, ann, personal=9)).resync == ()
        clock.at += AGE
        await server.store.prune(clock.now())
    async with running(data, clock, tuning=TIGHT) as server:
        late = await back(server, ann, personal=9)
        assert late.resync == (Stream.PERSONAL,)
        assert late.personal is not None
        sql = f"SELECT count(*) FROM events WHERE at < {clock.now() - AGE}"
        ((old,),) = rows(server, sql)
        assert old < TIGHT.checkpoint_every * 10  # only what no checkpoint holds yet
        assert snapshot_bytes(ann.me) == snapshot_bytes(type(ann.me)(late.personal))


@pytest.mark.parametrize("how", ["another database", "a number that was never given"])
async def test_a_position_that_means_nothing_here_begins_anew(
    server: Server, ids: Ids, clock: FakeClock, how: str
) -> None:
    ann = await busy_day(server.url, ids, 3, clock)
    for stream, at in ann.session.positions.items():
        other = (
            Position("elsewhere", at.seq) if how == "another database" else Position(at.epoch, at.seq + 999)
        )
        ann.session.positions[stream] = other
    attached = await back(server, ann)
    assert attached.resync == (Stream.SPACE, Stream.PERSONAL)
    assert attached.space is not None
    assert attached.personal is not None


async def test_who_comes_for_the_first_time_misses_nothing(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        (attached,) = [message for message in ann.heard if isinstance(message, wire.Attached)]
        assert attached.resync == ()
        assert attached.space is not None
