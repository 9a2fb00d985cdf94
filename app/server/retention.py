"""Forgets what has been kept long enough, each kind of data for as long as admins set.

In small transactions, so that no alert waits for it. What is deleted is overwritten in the file.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

import msgspec

from app.core import wire
from app.core.events import MessagesForgotten
from app.core.line_events import TalkForgotten
from app.core.lines import CustomerId
from app.core.model import PersonId, SpaceId
from app.core.privacy import DAY, Kept
from app.core.scene import NOTHING, Decision, Scene
from app.server.clock import Clock
from app.server.erasure import folded, go_on
from app.server.ledger import Asked, Ledger
from app.server.spaces import Spaces
from app.server.store.base import Batch, Entry, Store, StoreError
from app.server.store.keys import person_stream

log = logging.getLogger(__name__)

EVERY_S = 3_600.0
"""s between two looks for what is old."""
AGAIN_S = 60.0
"""s until what could not be overwritten is tried again."""
WITH_NUMBERS = frozenset(Kept) - {Kept.AUDIT}
"""Where somebody may have written a phone number, or texted to it: an earlier number of a person is known
for as long, so that erasing finds it there."""
EVENTS_S = DAY
"""s after which events of a stream that nobody follows are folded into its checkpoint."""


async def _tried(doing: Awaitable[None]) -> None:
    try:
        await doing
    except StoreError as error:
        log.error("forgetting what is old: %s; it is tried again", error.reason)


class Retention:
    def __init__(self, store: Store, spaces: Spaces, ledger: Ledger, clock: Clock) -> None:
        self._store, self._spaces, self._ledger, self._clock = store, spaces, ledger, clock

    async def run(self) -> None:
        """For ever. Apart from the housekeeping, as very much may have grown old at once."""
        await _tried(self.go_on())  # an erasure may have been broken off
        while True:
            waited = 0.0
            while waited < EVERY_S:
                await asyncio.sleep(AGAIN_S)
                waited += AGAIN_S
                await _tried(self.overwrite())
            await _tried(self.enforce())

    async def overwrite(self) -> None:
        """Empty the log of changes, where that is still owed. Raises StoreError."""
        if await self._store.privacy.owed() and not await self._store.privacy.scrub():
            log.info("the log of changes is being read; emptying it is tried again")

    async def go_on(self) -> None:
        """Finish erasures that were broken off. Raises StoreError."""
        await go_on(self._store, self._clock.now, self._spaces.feeds.stored)

    async def enforce(self) -> None:
        """Everything that is due. Raises StoreError; what was done until then is done."""
        now = self._clock.now()
        await self._store.prune(now)
        await self.go_on()
        forgotten, kept = 0, await self._store.privacy.days()
        for kind, days in kept.items():
            if days is not None:
                forgotten += await self._forget(kind, now - days * DAY)
        longest = [kept[kind] for kind in WITH_NUMBERS]
        if None not in longest:
            oldest = max(days for days in longest if days is not None)
            forgotten += await self._store.privacy.forget_numbers(now - oldest * DAY)
        await self._settle(now - EVENTS_S)
        if forgotten:
            log.info("%d old rows were forgotten", forgotten)
        await self.overwrite()

    async def _forget(self, kind: Kept, before: float) -> int:
        if kind is Kept.MESSAGES:
            for person in await self._store.privacy.readers_of_old(before):
                await self._tell(person, before)
        elif kind is Kept.LINES:
            await self._forget_talks(before)
        forgotten = 0
        while count := await self._store.privacy.forget(kind, before):
            forgotten += count
        return forgotten

    async def _tell(self, person: PersonId, before: float) -> None:
        """Their own state holds the newest messages of each conversation, however old they are."""
        event = MessagesForgotten(before)
        entries = [Entry(person_stream(person), event, wire.encode(event))]
        batch = Batch(SpaceId(""), self._clock.now(), entries, {})
        self._spaces.feeds.stored(entries, await self._store.append(batch))

    async def _forget_talks(self, before: float) -> None:
        last: CustomerId | None = None
        while talks := await self._store.privacy.old_talks(before, last):
            for space, talk in talks:
                await self._forget_talk(space, talk, before)
            last = talks[-1][1]

    async def _forget_talk(self, space: SpaceId, talk: CustomerId, before: float) -> None:
        """Whatever still waits for somebody stays: the customer has not been answered."""
        room, stored = self._spaces.room(space), await self._store.lines.talk(talk)
        if room is None or stored is None:
            return

        def rule(scene: Scene, _: float) -> Decision:
            known = scene.space.inbox.talks.get(talk, stored)
            if known.waits or known.active_at >= before:
                return NOTHING
            return Decision((TalkForgotten(talk),))

        await self._ledger.commit(room, Asked(rule))

    async def _settle(self, before: float) -> None:
        """Streams that nobody follows would keep their events until their person comes back."""
        while standing := await self._store.privacy.unsettled(before):
            for stream in standing:
                stored = await self._store.load(stream.key)
                at = stored.checkpoint_at + len(stored.events)
                state = msgspec.msgpack.encode(folded(stream.key, stored).snapshot())
                await self._store.checkpoint(stream.key, at, state, self._clock.now())
