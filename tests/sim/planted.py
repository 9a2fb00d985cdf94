"""Known bugs, to be put into the real code: a simulator that does not find them finds nothing."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

import msgspec

from app import tasks
from app.core import case_steps, wire
from app.core.cases import Case, Move, SendId
from app.core.model import SpaceId
from app.core.session import ClientSession, Folded, Incoming, Phase
from app.core.space import SpaceSnapshot
from app.core.wire import Position, Stream
from app.server import presence
from app.server.delivery.base import Parcel, Receipt
from app.server.delivery.carriers import Carriers
from app.server.feeds import Feed
from app.server.line_inbound import InboundText, LineInbound, Taken
from app.server.link import Link
from app.server.presence import Attendance
from app.server.store.base import Batch
from app.server.store.keys import StreamKey
from app.server.store.sqlite import case_events, cases, outbox_rows, streams
from app.server.store.sqlite.store import SqliteStore
from tests.sim import disk

JUMP = 80.0
"""s by which a clock is set, at least, for a bug to show."""
HASTE = 0.5
"""s between an answer that comes too early and what it is the answer to."""


@contextmanager
def lost_event_at_resume() -> Iterator[None]:
    """Who resumes misses the first event and gets the second one twice.

    A number less would be noticed: a client refuses a stream that goes on elsewhere than where it was.
    """
    since = Feed.since

    def another_one(feed: Feed[Any], after: int) -> list[bytes] | None:
        missing = since(feed, after)
        return [missing[1], *missing[1:]] if missing and len(missing) > 1 else missing

    with mock.patch.object(Feed, "since", another_one):
        yield


@contextmanager
def double_delivery() -> Iterator[None]:
    """A client folds whatever comes, also what it has."""

    def everything(session: ClientSession, message: wire.Events) -> list[Incoming]:
        if session.phase is not Phase.LIVE:
            return []
        at = session.positions[message.stream]
        if message.first > at.seq + 1:
            session.attach(session.space)
            return []
        last = max(at.seq, message.first + len(message.events) - 1)
        session.positions[message.stream] = Position(at.epoch, last)
        if message.stream is Stream.SPACE:
            events = tuple(map(wire.decode_space_event, message.events))
            return [Folded(Stream.SPACE, message.first, space=events)]
        personal = tuple(map(wire.decode_personal_event, message.events))
        return [Folded(Stream.PERSONAL, message.first, personal=personal)]

    with mock.patch.object(ClientSession, "_events", everything):
        yield


@contextmanager
def acknowledged_before_commit() -> Iterator[None]:
    """The store says "written" at once, and writes a moment later."""

    async def hasty(store: SqliteStore, batch: Batch) -> Mapping[StreamKey, int]:
        async def write() -> None:
            await asyncio.sleep(HASTE)
            await store._write.run(lambda db: streams.append(db, batch))

        counts: dict[StreamKey, int] = {}
        for entry in batch.entries:
            counts[entry.stream] = counts.get(entry.stream, 0) + 1
        heads = {key: len((await store.load(key)).events) for key in counts if key not in batch.expected}
        tasks.spawn(write(), name="written later")
        return {key: {**heads, **batch.expected}[key] + 1 for key in counts}

    with mock.patch.object(SqliteStore, "append", hasty):
        yield


@contextmanager
def stale_snapshot() -> Iterator[None]:
    """Snapshots are kept, and given out again with a newer number."""
    kept: dict[tuple[str, SpaceId], SpaceSnapshot] = {}

    def attached(space_id: SpaceId, at: Position, own: Position, *, space: Any, **rest: Any) -> wire.Attached:
        if space is not None:
            space = kept.setdefault((at.epoch, space_id), space)
        return wire.Attached(space_id, at, own, space=space, **rest)

    with mock.patch.object(presence, "wire", SimpleNamespace(Attached=attached)):
        yield


@contextmanager
def swallowed_disconnect() -> Iterator[None]:
    """Nobody is told that a connection broke."""

    async def ignored(attendance: Attendance, link: Link) -> None:
        return

    with mock.patch.object(Attendance, "detach", ignored):
        yield


@contextmanager
def forgotten_step() -> Iterator[None]:
    """After a look at an alert nobody looks again."""
    moved = cases.move

    def forgets(db: sqlite3.Connection, moves: Sequence[Move], at: float) -> None:
        moved(db, [msgspec.structs.replace(move, next_look=None) for move in moves], at)

    with mock.patch.object(cases, "move", forgets):
        yield


@contextmanager
def step_taken_twice() -> Iterator[None]:
    """The engine does what is due and does not go on; the outbox would refuse to send twice."""

    on = case_steps._Run._on

    def never_on(run: Any) -> None:
        if len(run.dues) > 1:
            on(run)  # it may be due again at once, for ever
            return
        run._change(since=run.now)
        run.sends.clear()

    with mock.patch.object(case_steps._Run, "_on", never_on):
        yield


@contextmanager
def step_after_answer() -> Iterator[None]:
    """The case of a hand does not hear of answers."""
    with mock.patch.object(case_events, "_answered"):
        yield


@contextmanager
def step_skipped_by_clock_jump() -> Iterator[None]:
    """When the clock is set forward, the step that waited counts as taken."""
    with_clock = case_steps._with_clock

    def forgetful(case: Case, now: float) -> Case:
        case = with_clock(case, now)
        late = case.waiting and now - case.since > JUMP and case.step < len(case.policy.steps)
        return msgspec.structs.replace(case, step=case.step + 1, since=now) if late else case

    with mock.patch.object(case_steps, "_with_clock", forgetful):
        yield


@contextmanager
def nobody_said_twice() -> Iterator[None]:
    """That nobody was available is forgotten once it was said."""
    exhaust = case_steps._Run._exhaust

    def forgetful(run: Any) -> bool:
        done = exhaust(run)
        if done:
            run._change(exhausted_at=None, since=run.now)
        return False

    with mock.patch.object(case_steps._Run, "_exhaust", forgetful):
        yield


@contextmanager
def sent_twice() -> Iterator[None]:
    """What goes to a gateway goes there twice."""
    send = Carriers.send

    async def stammer(carriers: Carriers, parcel: Parcel) -> Receipt:
        await send(carriers, parcel)
        return await send(carriers, parcel)

    with mock.patch.object(Carriers, "send", stammer):
        yield


@contextmanager
def sent_after_answer() -> Iterator[None]:
    """What was decided on is sent, whatever was answered since."""

    def blind(db: sqlite3.Connection, send: SendId, owner: str, now: float) -> bool:
        sql = "UPDATE sends SET attempts = attempts + 1, tried_at = max(tried_at, ?) WHERE id = ?"
        db.execute(sql, (now, send))
        return True

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(disk, "_begin", blind))
        stack.enter_context(mock.patch.object(outbox_rows, "cancel", return_value=()))
        yield


@contextmanager
def text_taken_unwritten() -> Iterator[None]:
    """Every third text of a customer is taken and thrown away."""
    receive = LineInbound._receive
    count = itertools.count(1)

    async def careless(inbound: LineInbound, text: InboundText) -> Taken:
        return Taken.STORED if next(count) % 3 == 0 else await receive(inbound, text)

    with mock.patch.object(LineInbound, "_receive", careless):
        yield


BUGS: Sequence[Callable[[], Any]] = (
    lost_event_at_resume,
    double_delivery,
    acknowledged_before_commit,
    stale_snapshot,
    swallowed_disconnect,
    forgotten_step,
    step_taken_twice,
    step_after_answer,
    step_skipped_by_clock_jump,
    nobody_said_twice,
    sent_twice,
    sent_after_answer,
    text_taken_unwritten,
)
