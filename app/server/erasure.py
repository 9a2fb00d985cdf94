"""Erases one person or customer: everything that says who it was is gone, counts and times stay.

Step by step, in small transactions, beside people at work; broken off, the next start of a server goes on.
Streams are read as they are, rewritten without the person, and their number skips one: whoever has them in
memory, a server or a screen, notices the gap and reads them anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

import msgspec

from app.core import wire
from app.core.audit import Act, Deed, Subject
from app.core.erasing import CustomerEraser, Eraser, PersonEraser, parts_of
from app.core.events import MessagesForgotten, PersonalEvent, SpaceChanged, SpaceEvent
from app.core.line_events import TalkForgotten
from app.core.lines import CustomerId
from app.core.model import PersonId, SpaceId
from app.core.person import PersonSnapshot, PersonState
from app.core.privacy import Trace
from app.core.privacy_questions import Erased
from app.core.space import SpaceSnapshot, SpaceState
from app.server.delivery.numbers import masked, parts
from app.server.store.base import Batch, Entry, Store, Stored, StoreError
from app.server.store.keys import StreamKey, space_stream
from app.server.store.privacy import TABLES, PersonTraits, Traits

log = logging.getLogger(__name__)

TRIES = 50
"""Times that a stream is read again because somebody wrote to it meanwhile."""


Told = Callable[[Sequence[Entry], Mapping[StreamKey, int]], None]


def nobody(_: Sequence[Entry], __: Mapping[StreamKey, int]) -> None:
    """No stream is followed in this process."""


async def erase(
    store: Store, person: PersonId, by: PersonId | None, now: Callable[[], float], told: Told = nobody
) -> Erased | None:
    """``None``: there is nobody like that.

    Args:
        by: the admin; ``None``: at the server's command line.
        told: hears of events that were appended.

    Raises:
        StoreError: it is not done, or not all of it; begin again.
    """
    traits = await store.privacy.traits(person)
    if traits is None:
        return None
    await store.privacy.withdraw(person, Deed(now(), Act.ERASED, Subject.PERSON, by, person=person))
    overwritten = await finish(store, traits, now, told)
    return Erased(tuple(await traces_of(store, traits)), overwritten)


async def traces_of(store: Store, traits: PersonTraits) -> Sequence[Trace]:
    """Where others named the person. Raises StoreError."""
    words = parts_of([(traits.handle, traits.name), *traits.former])
    return await store.privacy.traces(words, traits.person)


async def erase_customer(
    store: Store, number: str, by: PersonId | None, now: Callable[[], float], told: Told = nobody
) -> Erased | None:
    """As :func:`erase`, whoever has this phone number (E.164): on every line."""
    deed = Deed(now(), Act.ERASED, Subject.CUSTOMER, by, name=masked(number))
    traits = await store.privacy.begin_customer(number, deed)
    if traits is None:
        return None
    return Erased(overwritten=await finish(store, traits, now, told))


async def go_on(store: Store, now: Callable[[], float], told: Told = nobody) -> None:
    """Finish what was broken off. Raises StoreError."""
    for traits in await store.privacy.unfinished():
        await finish(store, traits, now, told)


async def finish(store: Store, traits: Traits, now: Callable[[], float], told: Told) -> bool:
    """Whether it is overwritten in every file; else that is tried again later."""
    if not isinstance(traits, PersonTraits):
        for space, talk in traits.talks:
            await _forget(store, space, talk, now, told)
    eraser = eraser_of(traits)
    for table in TABLES:
        after: tuple[object, ...] | None = ()
        while after is not None:
            after = await store.privacy.erase_rows(eraser, table, after)
    for key in await store.privacy.streams():
        nudge = await _rewrite(store, key, eraser)
        if nudge is not None:
            entries = [Entry(key, nudge, wire.encode(nudge))]
            told(entries, await store.append(Batch(SpaceId(""), now(), entries, {})))
    await store.privacy.finished(traits)
    overwritten = await store.privacy.scrub()
    if not overwritten:
        log.warning("the log of changes was being read; emptying it is tried again")
    return overwritten


async def _forget(
    store: Store, space: SpaceId, talk: CustomerId, now: Callable[[], float], told: Told
) -> None:
    key, forgotten = space_stream(space), TalkForgotten(talk)
    if not (await store.load(key)).exists:  # no server has been in that space yet
        await store.privacy.forget_talk(talk)
        return
    entries = [Entry(key, forgotten, wire.encode(forgotten))]
    told(entries, await store.append(Batch(space, now(), entries, {})))


def eraser_of(traits: Traits) -> Eraser:
    if not isinstance(traits, PersonTraits):
        return CustomerEraser(parts(traits.number), [talk for _, talk in traits.talks])
    names = [(traits.handle, traits.name), *traits.former]
    return PersonEraser(traits.person, names, [*map(parts, traits.numbers)], traits.namesakes)


async def _rewrite(store: Store, key: StreamKey, eraser: Eraser) -> SpaceEvent | PersonalEvent | None:
    """Returns an event that changes nothing, by which those who follow the stream see that a number is
    missing; ``None``: nothing of the person was in it."""
    for _ in range(TRIES):
        if not await store.privacy.mentions(key, eraser):
            return None
        stored = await store.load(key)
        state = folded(key, stored)
        scrubbed = eraser.value(msgspec.msgpack.decode(msgspec.msgpack.encode(state.snapshot())))
        at = stored.checkpoint_at + len(stored.events)
        if await store.privacy.rewrite(key, at, msgspec.msgpack.encode(scrubbed)):
            return SpaceChanged(state.space) if isinstance(state, SpaceState) else MessagesForgotten()
    raise StoreError(f"the stream {key} is written to all the time")


def folded(key: StreamKey, stored: Stored) -> SpaceState | PersonState:
    """The state at its newest number."""
    if key.startswith("space:"):
        assert stored.checkpoint is not None
        space = SpaceState(msgspec.msgpack.decode(stored.checkpoint, type=SpaceSnapshot))
        for payload in stored.events:
            space.apply(wire.decode_space_event(payload))
        return space
    blank = PersonSnapshot(PersonId(key.removeprefix("person:")))
    known = msgspec.msgpack.decode(stored.checkpoint, type=PersonSnapshot) if stored.checkpoint else blank
    person = PersonState(known)
    for payload in stored.events:
        person.apply(wire.decode_personal_event(payload))
    return person
