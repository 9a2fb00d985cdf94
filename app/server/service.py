"""What clients ask for: authorised, counted once, decided, written down, told.

A conversation (:mod:`.talk`) calls this with what came over its connection; nothing here knows a socket.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import msgspec

from app import stages
from app.core import questions, wire
from app.core.commands import (
    AnswerEscalation,
    Command,
    LeaveSpace,
    MarkRead,
    RaiseEscalation,
    ReportCall,
    ReportChannels,
    ReportRung,
    SendMessage,
)
from app.core.decide import decide
from app.core.errors import Code, Refusal, Refused, refuse
from app.core.hands import report_rung
from app.core.limits import SEARCH_CHARS
from app.core.line_commands import AnsweringTalk, LineCommand
from app.core.lines import CustomerId, Talk
from app.core.model import AssetId, MapId, PersonId, Place, Reach, Step
from app.core.presence import walk_to
from app.core.priority import report_call
from app.core.scene import NOTHING, Decision, Scene
from app.core.space import SpaceState
from app.server.hub import Hub, call_key
from app.server.ledger import Asked, Ledger, Room
from app.server.link import AlertKey, Link
from app.server.rungs import Rungs
from app.server.spaces import Spaces
from app.server.store.base import CommandRecord, Page, Store
from app.server.walkers import Walkers

log = logging.getLogger(__name__)

COMMAND_ID = re.compile(r"[\w\-]{1,64}", re.ASCII)
Q = TypeVar("Q", bound=questions.Query)
C = TypeVar("C", bound=Command)
_encode = msgspec.msgpack.Encoder().encode


class Presence(Protocol):
    async def leave(self, link: Link, command: CommandRecord | None) -> Refusal | None: ...

    async def report_channels(
        self, link: Link, reach: Reach, command: CommandRecord | None
    ) -> Refusal | None: ...


class Service:
    """Commands, positions and questions of people who are signed in."""

    def __init__(
        self,
        store: Store,
        spaces: Spaces,
        ledger: Ledger,
        hub: Hub,
        rungs: Rungs,
        presence: Presence,
        walkers: Walkers,
    ) -> None:
        self._store, self._spaces, self._ledger, self._hub = store, spaces, ledger, hub
        self._rungs, self._presence, self._walkers = rungs, presence, walkers
        self._remembered = _Remembered()
        self._answers: dict[type, Callable[[Link, Any], Awaitable[questions.Result]]] = {}
        self._doers: dict[type, Callable[[Link, Any, CommandRecord], Awaitable[Refusal | None]]] = {}
        self.answers(questions.GetMap, self._get_map)
        self.answers(questions.GetAsset, self._get_asset)
        self.answers(questions.History, self._history)
        self.answers(questions.Search, self._search)

    async def do(self, link: Link, command_id: str, command: Command) -> Refusal | None:
        """Carry out a command; ``None`` means that it is written down.

        The same id with the same content has the same outcome and does nothing again.
        """
        person = _person(link)
        if isinstance(command, RaiseEscalation):
            stages.note(stages.RECEIVED, command_id)
        if not COMMAND_ID.fullmatch(command_id):
            return refuse(Code.BAD_FRAME)
        if isinstance(command, ReportRung):
            return await self._report(link, person, command)
        if isinstance(command, ReportCall):
            return await self._report_call(link, person, command)
        record = CommandRecord(person, command_id, hashlib.sha256(_encode(command)).digest()[:16])
        known = self._remembered.find(record)
        if known is not None:
            return known[0]
        doer = self._doers.get(type(command))
        if doer is not None:
            return await doer(link, command, record)
        if isinstance(command, LeaveSpace):
            return await self._presence.leave(link, record)
        if isinstance(command, ReportChannels):
            return await self._presence.report_channels(link, command.reach, record)
        room = self._room_for(link, person, command)
        if room is None:
            return refuse(Code.NOT_IN_SPACE)
        if isinstance(command, AnsweringTalk):
            return self._answering(room, person, command)
        asked = Asked(
            lambda scene, now: decide(scene, person, command, command_id, now, link.device),
            lambda state: self._reads(state, person, command),
            record,
            talks=await self._talks(room, command),
        )
        outcome = await self._ledger.commit(room, asked)
        refusal = outcome if isinstance(outcome, Refusal) else None
        if refusal is not None or outcome == NOTHING:
            self._remembered.keep(record, refusal)
        return refusal

    async def _talks(self, room: Room, command: Command) -> dict[CustomerId, Talk]:
        """The conversation that a command is about, where the space does not hold it."""
        if not isinstance(command, LineCommand) or command.talk in room.state.inbox.talks:
            return {}
        stored = await self._store.lines.talk(command.talk)
        return {} if stored is None else {stored.id: stored}

    def _answering(self, room: Room, person: PersonId, command: AnsweringTalk) -> Refusal | None:
        """Others see it while it lasts; nobody needs it afterwards."""
        if person not in room.state.occupants or command.talk not in room.state.inbox.talks:
            return refuse(Code.NOT_FOUND)
        self._hub.tell(room.id, wire.Answering(command.talk, person))
        return None

    async def _report(self, link: Link, person: PersonId, command: ReportRung) -> Refusal | None:
        room = self._room_for(link, person, command)
        if room is None:
            return refuse(Code.ESCALATION_OVER)
        hand = room.state.escalations.get(command.escalation)
        readers = {hand.raiser: (await self._spaces.feeds.person(hand.raiser)).state} if hand else {}
        outcome = report_rung(Scene(room.state, room.walk, persons=readers), person, command, link.device)
        if isinstance(outcome, Refusal):
            return outcome
        if not outcome:
            return None
        step = Step(person, command.rung, link.device)
        return await self._rungs.report(AlertKey(room.id, command.escalation), step)

    async def _report_call(self, link: Link, person: PersonId, command: ReportCall) -> Refusal | None:
        me = (await self._spaces.feeds.person(person)).state
        call = me.calls.get(command.message)
        room = self._spaces.room(call.message.space) if call else None
        if call is None or room is None:
            return refuse(Code.PRIORITY_OVER)
        author = (await self._spaces.feeds.person(call.message.author)).state
        scene = Scene(room.state, room.walk, persons={person: me, author.me: author})
        outcome = report_call(scene, person, command, link.device)
        if isinstance(outcome, Refusal):
            return outcome
        if not outcome:
            return None
        return await self._rungs.report(call_key(call.message), Step(person, command.rung, link.device))

    def _room_for(self, link: Link, person: PersonId, command: Command) -> Room | None:
        """The space a command is about. An alert may call from another space than the one that is open."""
        here = self._spaces.room(link.space)
        if isinstance(command, ReportRung | AnswerEscalation):
            if here is not None and command.escalation in here.state.escalations:
                return here
            alert = self._spaces.alert_of(person, command.escalation)
            return (self._spaces.room(alert.space) if alert else None) or here
        return here

    def _reads(self, state: SpaceState, person: PersonId, command: Command) -> set[PersonId]:
        """Whose own state a rule looks at: one's own, that of the person whose hand it is about, and of
        those whose priority messages are read or answered by it."""
        if isinstance(command, AnswerEscalation):
            hand = state.escalations.get(command.escalation)
            return {person, hand.raiser} if hand else {person}
        if isinstance(command, SendMessage | MarkRead):
            me = self._spaces.feeds.state_of(person)
            return {person, *(call.message.author for call in me.calls.values())} if me else {person}
        return {person}

    def step(self, link: Link, to: Place) -> bool:
        """The avatar moved. Where it cannot be, it is put back.

        Returns:
            False: something is to be written down, so nothing was done; see :meth:`walk`.
        """
        person, room = _person(link), self._spaces.room(link.space)
        if room is None:
            return True
        outcome = walk_to(Scene(room.state, room.walk), person, to, 0.0)
        if isinstance(outcome, Decision) and outcome:
            return False
        self._arrive(link, room, person, to, outcome)
        return True

    async def walk(self, link: Link, to: Place) -> None:
        """The same where the step may also enter or leave a zone, which is written down first."""
        if self.step(link, to):
            return
        person, room = _person(link), self._spaces.room(link.space)
        if room is not None:
            asked = Asked(lambda scene, now: walk_to(scene, person, to, now), places=((person, to),))
            self._arrive(link, room, person, to, await self._ledger.commit(room, asked))

    def _arrive(
        self, link: Link, room: Room, person: PersonId, to: Place, outcome: Decision | Refusal
    ) -> None:
        places = room.state.places
        if isinstance(outcome, Refusal):
            if person in places:
                back = places[person]
                link.session.send(wire.Places(((person, back.x, back.y),)))
                link.flush()
        elif person in places and places[person] != to:
            self._walkers.stepped(room, person, to)

    def answers(self, of: type[Q], answer: Callable[[Link, Q], Awaitable[questions.Result]]) -> None:
        """From now on ``answer`` answers questions of this type. It raises Refused where it will not."""
        self._answers[of] = answer

    def carries_out(
        self, of: type[C], carry_out: Callable[[Link, C, CommandRecord], Awaitable[Refusal | None]]
    ) -> None:
        """From now on ``carry_out`` does what commands of this type ask for; they need more than a rule."""
        self._doers[of] = carry_out

    async def ask(self, link: Link, query: questions.Query) -> questions.Result:
        """Answer a question.

        Raises:
            Refused: ``not_found``, also where it exists and is not for this person.
        """
        return await self._answers[type(query)](link, query)

    async def _get_map(self, link: Link, query: questions.GetMap) -> questions.Blob:
        return questions.Blob(await self._map(_person(link), query.map))

    async def _get_asset(self, link: Link, query: questions.GetAsset) -> questions.Blob:
        return questions.Blob(await self._asset(_person(link), query.asset))

    async def _history(self, link: Link, query: questions.History) -> questions.Found:
        return _found(await self._store.history(_person(link), query.conversation, query.before))

    async def _search(self, link: Link, query: questions.Search) -> questions.Found:
        return _found(await self._store.search(_person(link), query.text[:SEARCH_CHARS], query.before))

    async def _map(self, person: PersonId, map_id: MapId) -> bytes:
        mine = {space.map for space in self._spaces.roster.spaces_of(person)}
        document = await self._store.map_document(map_id) if map_id in mine else None
        if document is None:
            raise Refused.of(Code.NOT_FOUND)
        return document

    async def _asset(self, person: PersonId, asset: AssetId) -> bytes:
        rooms = [self._spaces.room(space.id) for space in self._spaces.roster.spaces_of(person)]
        visible = any(room is not None and _shows(room, asset) for room in rooms)
        data = await self._store.asset(asset) if visible else None
        if data is None:
            raise Refused.of(Code.NOT_FOUND)
        return data


class _Remembered:
    """Outcomes of commands that changed nothing: kept in memory, since there is nothing to write down.

    After a restart such a command is decided anew, which is safe for the same reason.
    """

    LIMIT = 4_096

    def __init__(self) -> None:
        self._outcomes: OrderedDict[tuple[PersonId, str], tuple[bytes, Refusal | None]] = OrderedDict()

    def find(self, record: CommandRecord) -> tuple[Refusal | None] | None:
        known = self._outcomes.get((record.person, record.id))
        if known is None:
            return None
        fingerprint, refusal = known
        return (refusal if fingerprint == record.fingerprint else refuse(Code.ID_REUSED),)

    def keep(self, record: CommandRecord, refusal: Refusal | None) -> None:
        if refusal is not None and refusal.code in (Code.STORE_FAILED, Code.INTERNAL, Code.ID_REUSED):
            return  # trying again is worth while
        self._outcomes[record.person, record.id] = (record.fingerprint, refusal)
        while len(self._outcomes) > self.LIMIT:
            self._outcomes.popitem(last=False)


def _person(link: Link) -> PersonId:
    if link.person is None:
        raise Refused.of(Code.OUT_OF_TURN)
    return link.person


def _shows(room: Room, asset: AssetId) -> bool:
    return asset in room.walk.map.assets or any(p.picture == asset for p in room.state.people.values())


def _found(page: Page) -> questions.Found:
    return questions.Found(tuple(page.messages), tuple(page.conversations.items()), page.more)
