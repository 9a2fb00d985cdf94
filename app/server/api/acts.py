"""What integrations do to escalations: by the same rules as people, through the same ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

import msgspec

from app.core.commands import AnswerEscalation, Command, RaiseEscalation
from app.core.decide import decide
from app.core.errors import Code, Refusal, Refused, refuse
from app.core.hands import answered_from_afar, answered_outside, lowered
from app.core.hooks import Integration
from app.core.model import (
    Answer,
    AnswerKind,
    EndReason,
    Escalation,
    EscalationId,
    GroupId,
    OutsideAnswer,
    PersonId,
    Recipients,
)
from app.core.scene import Decision, Scene
from app.core.space import SpaceState
from app.server.api.requests import AnswerRequest, ApiAnswer, RaiseRequest
from app.server.ledger import Asked, Decide, Ledger, Room
from app.server.spaces import Spaces
from app.server.store.base import CommandRecord

_KINDS: Mapping[ApiAnswer, AnswerKind] = {
    ApiAnswer.COMING: AnswerKind.COMING,
    ApiAnswer.CHAT: AnswerKind.CHAT,
    ApiAnswer.DECLINE: AnswerKind.DECLINE,
}


class Acts:
    """Every method raises Refused, and nothing has happened then.

    ``name`` is a request's own: what was done under a name is not done again.
    """

    def __init__(self, spaces: Spaces, ledger: Ledger) -> None:
        self._spaces, self._ledger = spaces, ledger

    async def raise_hand(self, by: Integration, name: str, asked: RaiseRequest) -> EscalationId:
        """For a person who is in the space; they take it down as if they had raised it themselves."""
        room = self._room(by)
        person = _person(room.state, asked.person)
        to = Recipients(
            tuple(_person(room.state, who) for who in asked.people),
            tuple(_group(room.state, who) for who in asked.groups),
        )
        command = RaiseEscalation(asked.level, asked.message, to)
        await self._commit(room, by, name, asked, _decided(person, command, name), person)
        return EscalationId(name)

    async def answer(
        self, by: Integration, name: str, escalation: EscalationId, asked: AnswerRequest
    ) -> None:
        room = self._room(by)
        if asked.kind is ApiAnswer.ACKNOWLEDGE:
            if asked.person is not None:
                raise Refused.of(Code.BAD_REQUEST, reason="acknowledge goes without a person")
            await self._commit(room, by, name, asked, _on(escalation, _acknowledged(by)), of=escalation)
            return
        if asked.person is None:
            raise Refused.of(Code.BAD_REQUEST, reason=f"{asked.kind} needs a person")
        person = _person(room.state, asked.person)
        if asked.kind is ApiAnswer.RESOLVE:
            rule = _on(escalation, _resolved(person))
        else:
            command = AnswerEscalation(escalation, _KINDS[asked.kind])
            rule = _decided(person, command, name)
        await self._commit(room, by, name, asked, rule, person, of=escalation)

    async def end(self, by: Integration, name: str, escalation: EscalationId) -> None:
        rule = _on(escalation, lambda _, hand, now: lowered(hand, EndReason.PROGRAM, now))
        await self._commit(self._room(by), by, name, None, rule, of=escalation)

    async def _commit(
        self,
        room: Room,
        by: Integration,
        name: str,
        asked: msgspec.Struct | None,
        rule: Decide,
        person: PersonId | None = None,
        of: EscalationId | None = None,
    ) -> None:
        """Args:
        person: whose own state the rule reads.
        of: the hand that it is about, whose raiser's own state the rule may read.
        """

        def reads(state: SpaceState) -> set[PersonId]:
            hand = state.escalations.get(of) if of is not None else None
            return {one for one in (person, hand.raiser if hand else None) if one is not None}

        fingerprint = hashlib.sha256(msgspec.json.encode((of, asked))).digest()[:16]
        record = CommandRecord(PersonId(f"integration:{by.id}"), name, fingerprint)
        outcome = await self._ledger.commit(room, Asked(rule, reads, record))
        if isinstance(outcome, Refusal):
            raise Refused(outcome)

    def _room(self, by: Integration) -> Room:
        room = self._spaces.room(by.space)
        if room is None:
            raise Refused.of(Code.NOT_FOUND)
        return room


def _decided(person: PersonId, command: Command, name: str) -> Decide:
    return lambda scene, now: decide(scene, person, command, name, now)


def _on(escalation: EscalationId, rule: Callable[[Scene, Escalation, float], Decision | Refusal]) -> Decide:
    """A rule about a hand that is still raised."""

    def about(scene: Scene, now: float) -> Decision | Refusal:
        hand = scene.space.escalations.get(escalation)
        return rule(scene, hand, now) if hand is not None else refuse(Code.ESCALATION_OVER)

    return about


def _acknowledged(by: Integration) -> Callable[[Scene, Escalation, float], Decision]:
    def rule(_: Scene, hand: Escalation, now: float) -> Decision:
        return answered_outside(hand, OutsideAnswer(by.name, AnswerKind.API, now))

    return rule


def _resolved(person: PersonId) -> Callable[[Scene, Escalation, float], Decision | Refusal]:
    def rule(scene: Scene, hand: Escalation, now: float) -> Decision | Refusal:
        if person == hand.raiser:
            return refuse(Code.OWN_HAND)
        helped = answered_from_afar(scene, hand, Answer(person, AnswerKind.API, now))
        return helped + lowered(hand, EndReason.PROGRAM, now)

    return rule


def _person(state: SpaceState, who: str) -> PersonId:
    wanted = who.removeprefix("@").casefold()
    for person in state.people.values():
        if person.id == who or person.handle.casefold() == wanted:
            return person.id
    raise Refused.of(Code.UNKNOWN_PERSON)


def _group(state: SpaceState, who: str) -> GroupId:
    wanted = who.removeprefix("@").casefold()
    for group in state.groups.values():
        if group.id == who or group.handle.casefold() == wanted:
            return group.id
    raise Refused.of(Code.UNKNOWN_GROUP)
