"""The queue of raised hands, oldest first: who waits, for how long, who comes."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.maps import SpaceMap, ZoneKind
from app.core.model import (
    ALL_WORK,
    AnswerKind,
    AssetId,
    Escalation,
    EscalationId,
    Level,
    PersonId,
    Reach,
    Role,
    Rung,
    TakenStep,
)
from app.core.person import LadderLine, PersonState
from app.core.space import SpaceState
from app.ui.i18n import tr
from app.ui.models.rows import RowModel
from app.ui.words import clock_time, in_a_row, name_of, person_of, where_words

Named = tuple[PersonId, str]


@dataclass(frozen=True)
class LadderRow:
    """One recipient of one's own alert.

    Attributes:
        rung: the furthest one; machines: each with its name and its own.
        reach: how alerts come through at the best of them.
    """

    person: PersonId
    name: str
    rung: Rung
    machines: tuple[tuple[str, Rung], ...] = ()
    reach: Reach = ALL_WORK


@dataclass(frozen=True)
class HandRow:
    """One raised hand, in words.

    Attributes:
        raised_at: s, server time.
        notified: who was called; empty for a yellow one.
        coming, chatting, declined: who answered how, first come first; promised: who said they will come.
        outside: what answered from outside the program, such as the duty phone.
        unreached: who was called and had no connection since.
        ladder: how far the alert came at each recipient; only for one's own red hand.
        mine: it is the hand of the person at this screen.
        asked: this person was called and has not answered.
        my_answer: what this person answered.
        in_room: this person is in a meeting room, so cannot approach.
        lost: the raiser's connection is lost, the grace time runs.
        tried: what was done while nobody answered.
        alone: everything was tried, and nobody was available.
        traceable: this person may read its timeline.
    """

    id: EscalationId
    raiser: PersonId
    name: str
    level: Level
    raised_at: float
    message: str = ""
    picture: AssetId | None = None
    where: str = ""
    notified: tuple[Named, ...] = ()
    coming: tuple[Named, ...] = ()
    chatting: tuple[Named, ...] = ()
    promised: tuple[Named, ...] = ()
    outside: tuple[str, ...] = ()
    declined: tuple[Named, ...] = ()
    unreached: tuple[Named, ...] = ()
    ladder: tuple[LadderRow, ...] = ()
    mine: bool = False
    asked: bool = False
    my_answer: AnswerKind | None = None
    in_room: bool = False
    lost: bool = False
    tried: tuple[TakenStep, ...] = ()
    alone: bool = False
    traceable: bool = False
    spoken: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def red(self) -> bool:
        return self.level is Level.RED

    @property
    def seen(self) -> int:
        """Recipients who have it on a screen (own red hand only)."""
        return sum(1 for line in self.ladder if line.rung >= Rung.SHOWN)


def hand_rows(space: SpaceState, me: PersonState, space_map: SpaceMap | None) -> tuple[HandRow, ...]:
    """One's own hand first, then those that found nobody, then all others; each in the order in which they
    were raised."""
    in_room = _in_meeting_room(space, me.me, space_map)

    def place(hand: Escalation) -> tuple[bool, bool, float, str]:
        return hand.raiser != me.me, not stands_alone(hand), hand.raised_at, hand.id

    hands = sorted(space.escalations.values(), key=place)
    return tuple(_row(space, me, space_map, hand, in_room) for hand in hands)


def stands_alone(hand: Escalation) -> bool:
    """Everything was tried, and nobody has answered since."""
    return hand.nobody_since is not None and not hand.answered


def leads(space: SpaceState, person: PersonId) -> bool:
    """Whether the person is a supervisor or an admin here."""
    known = space.people.get(person)
    return known is not None and known.role is not Role.AGENT


def _row(
    space: SpaceState,
    me: PersonState,
    space_map: SpaceMap | None,
    hand: Escalation,
    in_room: bool,
) -> HandRow:
    raiser, occupant = person_of(space, hand.raiser), space.occupants.get(hand.raiser)
    mine = hand.raiser == me.me
    answer = hand.answer_of(me.me)
    ladder = me.ladders.get(hand.id) if mine else None

    def named(people: tuple[PersonId, ...]) -> tuple[Named, ...]:
        """Oneself first."""
        ordered = sorted(people, key=lambda p: p != me.me)
        return tuple((p, tr("You") if p == me.me else name_of(space, p)) for p in ordered)

    return HandRow(
        id=hand.id,
        raiser=hand.raiser,
        name=raiser.name,
        level=hand.level,
        raised_at=hand.raised_at,
        message=hand.message,
        picture=raiser.picture,
        where=where_words(space_map, occupant),
        notified=named(hand.notified),
        coming=named(hand.coming),
        chatting=named(hand.chatting),
        promised=named(hand.promised),
        outside=tuple(answer.name for answer in hand.outside),
        declined=named(hand.declined),
        unreached=named(hand.unreached),
        ladder=tuple(_ladder_row(space, line) for line in ladder.lines) if ladder else (),
        mine=mine,
        asked=me.me in hand.notified and answer is None,
        my_answer=answer.kind if answer else None,
        in_room=in_room,
        lost=occupant is not None and not occupant.connected,
        tried=hand.steps,
        alone=stands_alone(hand),
        traceable=mine or leads(space, me.me),
        spoken=_spoken(raiser.name, hand),
    )


def _ladder_row(space: SpaceState, line: LadderLine) -> LadderRow:
    occupant = space.occupants.get(line.person)
    machines = tuple((d.device.name or tr("A machine without a name"), d.rung) for d in line.devices)
    reach = occupant.reach if occupant is not None else ALL_WORK
    return LadderRow(line.person, name_of(space, line.person), line.rung, machines, reach)


def _spoken(name: str, hand: Escalation) -> str:
    level = tr("Red") if hand.level is Level.RED else tr("Yellow")
    message = hand.message or tr("no message")
    if stands_alone(hand):
        message = in_a_row((tr("Nobody available"), message))
    return tr(
        "{level} hand of {name}: {message}, raised at {time}",
        level=level,
        name=name,
        message=message,
        time=clock_time(hand.raised_at),
    )


def _in_meeting_room(space: SpaceState, me: PersonId, space_map: SpaceMap | None) -> bool:
    occupant = space.occupants.get(me)
    if occupant is None or space_map is None:
        return False
    return any(z.id == occupant.zone and z.kind is ZoneKind.MEETING_ROOM for z in space_map.zones)


class HandsModel(RowModel[HandRow]):
    """The queue as a Qt model."""

    def refresh(self, space: SpaceState, me: PersonState, space_map: SpaceMap | None) -> None:
        self.show(hand_rows(space, me, space_map))

    @property
    def own(self) -> HandRow | None:
        """The hand of the person at this screen."""
        return next((row for row in self.rows if row.mine), None)
