"""What everybody in a space may know, and the one way it changes: :meth:`SpaceState.apply`.

The server and every client fold the same events with this code. Positions are passing facts: they are
kept beside the folded state (:attr:`SpaceState.places`) and never compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, get_args

import msgspec

from app.core import events as ev
from app.core.cases import CaseId
from app.core.inbox import Inbox, InboxChange
from app.core.ladders import with_news
from app.core.line_events import LineEvent
from app.core.lines import Line, Talk
from app.core.mentions import Directory
from app.core.model import (
    Answer,
    EndReason,
    Escalation,
    EscalationId,
    Frozen,
    Group,
    Heard,
    Occupant,
    OutsideAnswer,
    Person,
    PersonId,
    Place,
    Space,
    Taken,
    TakenStep,
)


class SpaceSnapshot(Frozen):
    """A whole space at one number of its stream; ``places`` is where people were just then."""

    space: Space
    people: tuple[Person, ...] = ()
    groups: tuple[Group, ...] = ()
    occupants: tuple[Occupant, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    places: tuple[tuple[PersonId, Place], ...] = ()
    lines: tuple[Line, ...] = ()
    talks: tuple[Talk, ...] = ()


class SpaceTouched(Frozen):
    """The space itself (name, map) changed."""


class DirectoryTouched(Frozen):
    """People or groups changed; ``person`` when it was one person's looks."""

    person: PersonId | None = None


class OccupantTouched(Frozen):
    """Somebody's presence, status, reach, zone or seat changed."""

    person: PersonId


class OccupantGone(Frozen):
    person: PersonId


class EscalationTouched(Frozen):
    """A hand was raised, answered, or reached somebody."""

    escalation: EscalationId
    new: bool = False


class EscalationGone(Frozen):
    """A hand was lowered; ``escalation`` is as it last was."""

    escalation: Escalation
    reason: EndReason


class CaseTouched(Frozen):
    """The timeline of a case has more lines."""

    case: CaseId


class WaitingTouched(Frozen):
    """What waits besides hands is not the same any more."""


Change = (
    SpaceTouched
    | DirectoryTouched
    | OccupantTouched
    | OccupantGone
    | EscalationTouched
    | EscalationGone
    | CaseTouched
    | WaitingTouched
    | InboxChange
)


def with_answer(escalation: Escalation, answer: Answer) -> Escalation:
    """A person's earlier answer is replaced where it stands; who begins to help comes after those who do."""
    before = escalation.answer_of(answer.person)
    if before is None or (answer.kind.helps and not before.kind.helps):
        others = (a for a in escalation.answers if a.person != answer.person)
        answers = (*others, answer)
    else:
        answers = tuple(answer if a.person == answer.person else a for a in escalation.answers)
    stale = tuple(p for p in escalation.stale if p != answer.person)
    return msgspec.structs.replace(escalation, answers=answers, stale=stale)


def outside_before(escalation: Escalation, answer: OutsideAnswer) -> OutsideAnswer | None:
    """What the same one had said; a contact may have been renamed meanwhile."""
    who = answer.contact or answer.name
    return next((a for a in escalation.outside if (a.contact or a.name) == who), None)


def with_outside(escalation: Escalation, answer: OutsideAnswer) -> Escalation:
    before = outside_before(escalation, answer)
    others = (a for a in escalation.outside if a is not before)
    return msgspec.structs.replace(escalation, outside=(*others, answer))


def called_again(escalation: Escalation) -> Escalation:
    """Whoever said that they help has to say so anew."""
    helped = tuple(a.person for a in escalation.answers if a.kind.helps)
    cannot = tuple(a for a in escalation.outside if not a.kind.helps)
    return msgspec.structs.replace(escalation, stale=helped, outside=cannot)


def with_step(escalation: Escalation, taken: TakenStep, unreached: Iterable[PersonId]) -> Escalation:
    if taken.what is Taken.CAME_BACK:
        escalation = msgspec.structs.replace(called_again(escalation), nobody_since=None)
    return msgspec.structs.replace(
        escalation,
        notified=(*escalation.notified, *taken.people),
        unreached=(*escalation.unreached, *unreached),
        steps=(*escalation.steps, taken),
    )


def with_heard(escalation: Escalation, heard: Heard) -> Escalation:
    return msgspec.structs.replace(escalation, heard=with_news(escalation.heard, heard))


def with_reached(escalation: Escalation, people: Iterable[PersonId]) -> Escalation:
    reached = frozenset(people)
    unreached = tuple(p for p in escalation.unreached if p not in reached)
    return msgspec.structs.replace(escalation, unreached=unreached)


class SpaceState:
    """The space at one number of its stream.

    Attributes:
        people: every member of the space, present or not.
        occupants: who is in the space now.
        escalations: the raised hands, oldest first.
        places: where the occupants stand, in px; not part of the folded state.
        inbox: its lines, and the conversations with customers on them.
    """

    def __init__(self, snapshot: SpaceSnapshot) -> None:
        self.space = snapshot.space
        self.people = {p.id: p for p in snapshot.people}
        self.groups = {g.id: g for g in snapshot.groups}
        self.occupants = {o.person: o for o in snapshot.occupants}
        self.escalations = {e.id: e for e in snapshot.escalations}
        self.places: dict[PersonId, Place] = dict(snapshot.places)
        self.inbox = Inbox(snapshot.lines, snapshot.talks)

    def snapshot(self, *, places: bool = True) -> SpaceSnapshot:
        lines, talks = self.inbox.snapshot()
        return SpaceSnapshot(
            space=self.space,
            people=tuple(sorted(self.people.values(), key=lambda p: p.id)),
            groups=tuple(sorted(self.groups.values(), key=lambda g: g.id)),
            occupants=tuple(sorted(self.occupants.values(), key=lambda o: o.person)),
            escalations=tuple(self.escalations.values()),
            places=tuple(sorted(self.places.items())) if places else (),
            lines=lines,
            talks=talks,
        )

    def escalation_of(self, person: PersonId) -> Escalation | None:
        """The person's raised hand; there is one at most."""
        return next((e for e in self.escalations.values() if e.raiser == person), None)

    def is_here(self, person: PersonId) -> bool:
        """In the space, with a connection."""
        occupant = self.occupants.get(person)
        return occupant is not None and occupant.connected

    @cached_property
    def directory(self) -> Directory:
        return Directory(self.people, self.groups)

    def apply(self, event: ev.SpaceEvent) -> tuple[Change, ...]:
        """Fold one event; returns what a view may have to redraw.

        An event about somebody or something that is not there changes nothing: the server decides
        what may happen, this only follows.
        """
        return _APPLY[type(event)](self, event)

    # One function per event; the table below names them.

    def _space(self, event: ev.SpaceChanged) -> tuple[Change, ...]:
        self.space = event.space
        return (SpaceTouched(),)

    def _person(self, event: ev.PersonChanged) -> tuple[Change, ...]:
        self.people[event.person.id] = event.person
        self._forget_directory()
        return (DirectoryTouched(event.person.id),)

    def _person_removed(self, event: ev.PersonRemoved) -> tuple[Change, ...]:
        self.people.pop(event.person, None)
        self._forget_directory()
        return (DirectoryTouched(event.person),)

    def _group(self, event: ev.GroupChanged) -> tuple[Change, ...]:
        self.groups[event.group.id] = event.group
        self._forget_directory()
        return (DirectoryTouched(),)

    def _group_removed(self, event: ev.GroupRemoved) -> tuple[Change, ...]:
        self.groups.pop(event.group, None)
        self._forget_directory()
        return (DirectoryTouched(),)

    def _entered(self, event: ev.Entered) -> tuple[Change, ...]:
        self.occupants[event.occupant.person] = event.occupant
        self.places[event.occupant.person] = event.place
        return (OccupantTouched(event.occupant.person),)

    def _left(self, event: ev.Left) -> tuple[Change, ...]:
        self.places.pop(event.person, None)
        if self.occupants.pop(event.person, None) is None:
            return ()
        return (OccupantGone(event.person),)

    def _link_lost(self, event: ev.LinkLost) -> tuple[Change, ...]:
        return self._occupant(event.person, lost_since=event.at)

    def _link_restored(self, event: ev.LinkRestored) -> tuple[Change, ...]:
        return self._occupant(event.person, lost_since=None)

    def _status(self, event: ev.StatusSet) -> tuple[Change, ...]:
        return self._occupant(event.person, status=event.status)

    def _auto_away(self, event: ev.AutoAwaySet) -> tuple[Change, ...]:
        return self._occupant(event.person, auto_away=event.auto_away)

    def _reach(self, event: ev.ReachChanged) -> tuple[Change, ...]:
        return self._occupant(event.person, reach=event.reach)

    def _zone(self, event: ev.ZoneCrossed) -> tuple[Change, ...]:
        return self._occupant(event.person, zone=event.zone)

    def _seat(self, event: ev.SeatTaken) -> tuple[Change, ...]:
        return self._occupant(event.person, seat=event.seat)

    def _raised(self, event: ev.EscalationRaised) -> tuple[Change, ...]:
        self.escalations[event.escalation.id] = event.escalation
        return (EscalationTouched(event.escalation.id, new=True),)

    def _answered(self, event: ev.EscalationAnswered) -> tuple[Change, ...]:
        return self._escalation(event.escalation, lambda e: with_answer(e, event.answer))

    def _reached(self, event: ev.EscalationReached) -> tuple[Change, ...]:
        return self._escalation(event.escalation, lambda e: with_reached(e, event.people))

    def _outside(self, event: ev.EscalationAnsweredOutside) -> tuple[Change, ...]:
        return self._escalation(event.escalation, lambda e: with_outside(e, event.answer))

    def _stepped(self, event: ev.EscalationStepped) -> tuple[Change, ...]:
        return self._escalation(event.escalation, lambda e: with_step(e, event.taken, event.unreached))

    def _heard(self, event: ev.PhonesHeard) -> tuple[Change, ...]:
        return self._escalation(event.escalation, lambda e: with_heard(e, event.heard))

    def _nobody(self, event: ev.NobodyAvailable) -> tuple[Change, ...]:
        return self._escalation(event.escalation, lambda e: msgspec.structs.replace(e, nobody_since=event.at))

    def _noted(self, event: ev.CaseNoted) -> tuple[Change, ...]:
        return (CaseTouched(event.case),)

    def _waiting(self, event: ev.WaitingChanged) -> tuple[Change, ...]:
        return (WaitingTouched(),)

    def _ended(self, event: ev.EscalationEnded) -> tuple[Change, ...]:
        gone = self.escalations.pop(event.escalation, None)
        return (EscalationGone(gone, event.reason),) if gone else ()

    def _inbox(self, event: LineEvent) -> tuple[Change, ...]:
        return self.inbox.apply(event)

    def _forget_directory(self) -> None:
        self.__dict__.pop("directory", None)

    def _occupant(self, person: PersonId, **changed: Any) -> tuple[Change, ...]:
        occupant = self.occupants.get(person)
        if occupant is None:
            return ()
        self.occupants[person] = msgspec.structs.replace(occupant, **changed)
        return (OccupantTouched(person),)

    def _escalation(
        self, escalation: EscalationId, change: Callable[[Escalation], Escalation]
    ) -> tuple[Change, ...]:
        present = self.escalations.get(escalation)
        if present is None:
            return ()
        self.escalations[escalation] = change(present)
        return (EscalationTouched(escalation),)


_APPLY: dict[type, Callable[[SpaceState, Any], tuple[Change, ...]]] = {
    ev.SpaceChanged: SpaceState._space,
    ev.PersonChanged: SpaceState._person,
    ev.PersonRemoved: SpaceState._person_removed,
    ev.GroupChanged: SpaceState._group,
    ev.GroupRemoved: SpaceState._group_removed,
    ev.Entered: SpaceState._entered,
    ev.Left: SpaceState._left,
    ev.LinkLost: SpaceState._link_lost,
    ev.LinkRestored: SpaceState._link_restored,
    ev.StatusSet: SpaceState._status,
    ev.AutoAwaySet: SpaceState._auto_away,
    ev.ReachChanged: SpaceState._reach,
    ev.ZoneCrossed: SpaceState._zone,
    ev.SeatTaken: SpaceState._seat,
    ev.EscalationRaised: SpaceState._raised,
    ev.EscalationAnswered: SpaceState._answered,
    ev.EscalationReached: SpaceState._reached,
    ev.EscalationAnsweredOutside: SpaceState._outside,
    ev.EscalationStepped: SpaceState._stepped,
    ev.PhonesHeard: SpaceState._heard,
    ev.NobodyAvailable: SpaceState._nobody,
    ev.CaseNoted: SpaceState._noted,
    ev.WaitingChanged: SpaceState._waiting,
    ev.EscalationEnded: SpaceState._ended,
    **dict.fromkeys(get_args(LineEvent), SpaceState._inbox),
}
