"""What was committed, number by number: everybody else has to agree with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from app.core import events as ev
from app.core.commands import Command
from app.core.model import Escalation, EscalationId, MessageId, PersonId, SpaceId
from app.core.person import PersonSnapshot, PersonState
from app.core.space import SpaceSnapshot, SpaceState, with_step
from app.core.wire import decode_personal_event, decode_space_event
from app.server.store.base import Batch, Stored
from app.server.store.keys import StreamKey, person_stream, space_stream

Event = ev.SpaceEvent | ev.PersonalEvent
Snapshot = SpaceSnapshot | PersonSnapshot
State = SpaceState | PersonState


class Stream:
    """Attributes:
    events: number 1 and on.
    states: after number 0, 1, … without places.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.events: list[Event] = []
        self.states = [frozen(state)]

    @property
    def at(self) -> int:
        return len(self.events)

    def append(self, event: Event) -> None:
        self.state.apply(event)  # type: ignore[arg-type]  # each stream has events of its own kind
        self.events.append(event)
        self.states.append(frozen(self.state))


def fold(key: StreamKey, stored: Stored) -> State:
    """What a server that starts now would make of it."""
    space = key.startswith("space:")
    state: State
    if space:
        assert stored.checkpoint is not None
        state = SpaceState(msgspec.msgpack.decode(stored.checkpoint, type=SpaceSnapshot))
    elif stored.checkpoint is not None:
        state = PersonState(msgspec.msgpack.decode(stored.checkpoint, type=PersonSnapshot))
    else:
        state = PersonState(PersonSnapshot(PersonId(key.partition(":")[2])))
    for payload in stored.events:
        if isinstance(state, SpaceState):
            state.apply(decode_space_event(payload))
        else:
            state.apply(decode_personal_event(payload))
    return state


def frozen(state: State) -> Snapshot:
    """What two who know the same agree on; positions are passing facts."""
    return state.snapshot(places=False) if isinstance(state, SpaceState) else state.snapshot()


def fingerprint(command: Command) -> bytes:
    """As :mod:`app.server.service` makes it; a run in which nothing accepted is found shows a difference."""
    return hashlib.sha256(msgspec.msgpack.encode(command)).digest()[:16]


def without_places(snapshot: Snapshot) -> Snapshot:
    return msgspec.structs.replace(snapshot, places=()) if isinstance(snapshot, SpaceSnapshot) else snapshot


class Truth:
    """One database from its beginning.

    Attributes:
        epoch: of the database.
        commands: whose command with which id was carried out, and the fingerprint of its content.
        hands: every hand that was ever raised, as it was then, with those whom later steps called.
        ended: why each of them ended.
        messages: all that were written.
    """

    def __init__(self, epoch: str, spaces: dict[SpaceId, SpaceSnapshot]) -> None:
        self.epoch = epoch
        self.streams: dict[StreamKey, Stream] = {
            space_stream(space): Stream(SpaceState(beginning)) for space, beginning in spaces.items()
        }
        self.commands: dict[tuple[PersonId, str], bytes] = {}
        self.hands: dict[EscalationId, Escalation] = {}
        self.ended: dict[EscalationId, ev.EscalationEnded] = {}
        self.messages: set[MessageId] = set()

    def stream(self, key: StreamKey) -> Stream:
        known = self.streams.get(key)
        if known is None:
            kind, _, name = key.partition(":")
            assert kind == "person", f"nobody knows the beginning of {key}"
            known = self.streams[key] = Stream(PersonState(PersonSnapshot(PersonId(name))))
        return known

    def space(self, space: SpaceId) -> Stream:
        return self.stream(space_stream(space))

    def person(self, person: PersonId) -> Stream:
        return self.stream(person_stream(person))

    def has(self, person: PersonId, command_id: str, command: Command) -> bool:
        """Whether exactly this command was carried out."""
        return self.commands.get((person, command_id)) == fingerprint(command)

    def committed(self, batch: Batch, numbers: Mapping[StreamKey, int]) -> str:
        """It is on the disk. Returns what is wrong with it, if anything."""
        wrong = ""
        for key, first in numbers.items():
            if first != self.stream(key).at + 1:
                wrong = f"{key}: number {first} was given after {self.stream(key).at}"
        for entry in batch.entries:
            self.stream(entry.stream).append(entry.event)
            if isinstance(entry.event, ev.EscalationRaised):
                self.hands[entry.event.escalation.id] = entry.event.escalation
            elif isinstance(entry.event, ev.EscalationStepped):
                hand = self.hands[entry.event.escalation]
                self.hands[hand.id] = with_step(hand, entry.event.taken, ())
            elif isinstance(entry.event, ev.EscalationEnded):
                self.ended[entry.event.escalation] = entry.event
            elif isinstance(entry.event, ev.MessageArrived):
                self.messages.add(entry.event.message.id)
        if batch.command is not None:
            self.commands[batch.command.person, batch.command.id] = batch.command.fingerprint
        return wrong
