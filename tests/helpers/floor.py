"""A server without wires: the real rules decide, and every fake client folds what comes out.

The whole window, even several of them, is driven in one process. Nothing is sent, nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from app.core.commands import Command, SendMessage
from app.core.decide import decide
from app.core.errors import Code, Refusal, Refused, refuse
from app.core.geometry import WalkMap
from app.core.line_commands import AnsweringTalk
from app.core.maps import SpaceMap
from app.core.model import AssetId, ConversationId, Message, Person, PersonId, Place, Space, SpaceId
from app.core.permission_questions import GetRights, Rights
from app.core.permissions import Right
from app.core.person import PersonState
from app.core.questions import Found, Query, Result
from app.core.scene import Decision
from app.core.space import SpaceState
from app.core.wire import Token
from app.net.changes import SomebodyAnswers
from app.net.client import (
    ClientChange,
    ConnectionChanged,
    ConnectionState,
    Link,
    OutboxChanged,
    PlacesMoved,
    StateReplaced,
)
from app.net.outbox import Entry
from app.net.problems import ConnectionProblem, Problem
from tests.helpers.office import ANN, BOB, CHIE, DEV, Office, office_map

R = TypeVar("R", bound=Result)
SERVER = "127.0.0.1:7443"


class Floor(Office):
    """An office whose events reach every fake client that is in it."""

    def __init__(
        self, present: Iterable[PersonId] = (ANN, BOB, CHIE, DEV), now: float = 1_700_000_000.0
    ) -> None:
        self.clients: list[FakeClient] = []
        self.messages: list[Message] = []
        self.map = office_map()
        super().__init__(present)
        self.now = now

    def client(self, person: PersonId, app_time: Callable[[], float] | None = None) -> FakeClient:
        """A client of ``person``, signed in and here."""
        client = FakeClient(self, person, app_time)
        self.clients.append(client)
        return client

    def fold(self, decision: Decision) -> Decision:
        super().fold(decision)
        for client in self.clients:
            client.fold(decision)
        return decision

    def say_answering(self, person: PersonId, command: AnsweringTalk) -> None:
        for client in self.clients:
            client._tell((SomebodyAnswers(command.talk, person),))

    def walk_person(self, person: PersonId, to: Place) -> Decision | Refusal:
        outcome = super().walk_person(person, to)
        if isinstance(outcome, Decision):
            for client in self.clients:
                client.moved(person, to)
        return outcome


class FakeClient:
    """What :class:`app.net.client.Client` is to the window, without a network.

    Attributes:
        done: every command asked for, in order.
        broken: sentence of the refusal that every command meets while it is set.
        outbox: messages that were refused, and what a test puts there.
        asked: every question, in order.
        answers: for each type of question, what answers it; set by a test.
    """

    def __init__(self, floor: Floor, person: PersonId, app_time: Callable[[], float] | None) -> None:
        self.floor = floor
        self.asked: list[Query] = []
        self.answers: dict[type, Callable[[Any], Result | Refusal]] = {GetRights: self._rights}
        self.person: Person | None = floor.space.people[person]
        self.space: SpaceState | None = SpaceState(floor.space.snapshot())
        self.me: PersonState | None = PersonState(floor.persons[person].snapshot())
        self.spaces: tuple[Space, ...] = (floor.space.space,)
        self.map: SpaceMap | None = floor.map
        self.walk: WalkMap | None = floor.walk
        self.map_failure: Refused | ConnectionProblem | None = None
        self.connection = ConnectionState(
            link=Link.PROTECTED, since=floor.now, retry_at=None, refusal=None, server=SERVER
        )
        self.done: list[Command] = []
        self.broken: Code | None = None
        self.outbox: tuple[Entry, ...] = ()
        self.outbox_problem: Problem | None = None
        self.undone: tuple[Entry, ...] = ()
        self.closed_with: bool | None = None
        self.retried = 0
        self._id = person
        self._time = app_time
        self._listeners: list[Callable[[tuple[ClientChange, ...]], None]] = []

    # What the window reads and asks for

    def listen(self, callback: Callable[[tuple[ClientChange, ...]], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    async def sign_in(self, server: str, handle: str, password: str) -> Token:
        if password != "right":
            raise Refused.of(Code.WRONG_CREDENTIALS)
        self._tell((StateReplaced(),))
        return Token("token")

    async def resume(self, server: str, token: Token) -> None:
        if token != "token":
            raise Refused.of(Code.SIGNED_OUT)
        self._tell((StateReplaced(),))

    async def sign_out(self) -> None:
        self.space = self.me = self.person = None
        self._tell((StateReplaced(),))

    async def open_space(self, space: SpaceId) -> None:
        self._tell((StateReplaced(),))

    async def close(self, leave: bool) -> None:
        self.closed_with = leave

    async def do(self, command: Command, command_id: str | None = None) -> None:
        self.done.append(command)
        if self.broken is not None:
            refusal = refuse(self.broken)
            if isinstance(command, SendMessage):
                self.wait(Entry(command_id or "", command, self.floor.now, refusal=refusal))
            raise Refused(refusal)
        self.drop(command_id or "")
        floor = self.floor
        floor.commands += 1
        if isinstance(command, AnsweringTalk):
            floor.say_answering(self._id, command)
        outcome = decide(floor.scene, self._id, command, command_id or f"c{floor.commands:08}", floor.now)
        if isinstance(outcome, Refusal):
            raise Refused(outcome)
        floor.fold(outcome)

    def take_undone(self) -> tuple[Entry, ...]:
        undone, self.undone = self.undone, ()
        return undone

    def drop(self, command_id: str) -> None:
        self.outbox = tuple(entry for entry in self.outbox if entry.id != command_id)
        self._tell((OutboxChanged(),))

    def walk_to(self, place: Place) -> None:
        self.floor.walk_person(self._id, place)

    def retry_now(self) -> None:
        self.retried += 1

    def load_map(self) -> None:
        self.map_failure, self.map, self.walk = None, self.floor.map, self.floor.walk
        self._tell((StateReplaced(),))

    async def ask(self, question: Query, answer: type[R]) -> R:
        self.asked.append(question)
        result = self.answers[type(question)](question)
        if isinstance(result, Refusal):
            raise Refused(result)
        assert isinstance(result, answer)
        return result

    def _rights(self, _: GetRights) -> Rights:
        person = self.floor.space.people[self._id]
        return Rights(tuple(right for right in Right if self.floor.permissions.may(person, right)))

    async def history(self, conversation: ConversationId, before: float | None) -> Found:
        return Found()

    async def search(self, text: str, before: float | None) -> Found:
        assert self.me is not None
        mine = self.me.conversations.values()
        hits = [m for c in mine for m in c.last if text.casefold() in m.text.casefold()]
        hits.sort(key=lambda m: -m.sent_at)
        return Found(tuple(hits), tuple((c.id, c.with_) for c in mine))

    async def picture(self, asset: AssetId) -> bytes:
        raise Refused.of(Code.NOT_FOUND)

    def server_now(self) -> float:
        return self._time() if self._time else self.floor.now

    # What the floor and the test do

    def fold(self, decision: Decision) -> None:
        assert self.space is not None
        assert self.me is not None
        changes: list[ClientChange] = []
        for event in decision.space:
            changes += self.space.apply(event)
        for person, personal in decision.personal:
            if person == self._id:
                changes += self.me.apply(personal)
        self._tell(tuple(changes))

    def wait(self, entry: Entry) -> None:
        """It waits in the outbox from now on."""
        self.outbox = (*(other for other in self.outbox if other.id != entry.id), entry)
        self._tell((OutboxChanged(),))

    def moved(self, person: PersonId, to: Place) -> None:
        assert self.space is not None
        self.space.places[person] = to
        self._tell((PlacesMoved(((person, to),)),))

    def lose_map(self, why: Refused | ConnectionProblem) -> None:
        self.map_failure, self.map, self.walk = why, None, None
        self._tell((StateReplaced(),))

    def link(self, state: ConnectionState) -> None:
        self.connection = state
        self._tell((ConnectionChanged(),))

    def _tell(self, changes: tuple[ClientChange, ...]) -> None:
        for listener in tuple(self._listeners):
            listener(changes)
