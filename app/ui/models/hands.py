"""The queue of raised hands, oldest first: who waits, for how long, who comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.calls import PhoneWay, Pursuit
from app.core.commands import RaiseEscalation
from app.core.ladders import LadderLine
from app.core.maps import SpaceMap, ZoneKind
from app.core.model import (
    ALL_WORK,
    AnswerKind,
    AssetId,
    Escalation,
    EscalationId,
    Heard,
    Level,
    PersonId,
    Reach,
    Role,
    Rung,
    Taken,
    TakenStep,
)
from app.core.person import PersonState
from app.core.space import SpaceState
from app.net.client import ConnectionState, Link
from app.net.outbox import Entry
from app.ui.i18n import tr
from app.ui.models.rows import RowModel
from app.ui.models.unsent import reason_words
from app.ui.models.waiting import Hold, called, waiting_hands
from app.ui.words import clock_time, in_a_row, name_of, person_of, where_words

Named = tuple[PersonId, str]
Reached = tuple[Taken, tuple[str, ...]]
"""A way outside the program, and the names of those for whom it was tried."""


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
        outside: what answered from outside the program, such as the duty phone, and how;
            ``outside_declined``: what said no, perhaps after a yes.
        unreached: who was called and had no connection since.
        ladder: how far the alert came at each recipient; only for one's own red hand.
        mine: it is the hand of the person at this screen.
        asked: this person was called and has not answered.
        my_answer: what this person answered.
        in_room: this person is in a meeting room, so cannot approach.
        lost: the raiser's connection is lost, the grace time runs.
        tried: what was done while nobody answered; ``heard``: what is known of what that sent.
        reached: whom phones and addresses were tried for, by name; only for one's own.
        alone: everything was tried, and nobody was available.
        traceable: this person may read its timeline.
        unsent: what this person did about it last waits for the connection.
        hold: one's own that is not up, and why; ``None`` for every raised hand.
        calls: whom it will call, in words; only while it is held.
        reason: why it waits for a word, as a sentence.
        possible: it can be raised at this moment.
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
    outside: tuple[tuple[str, AnswerKind], ...] = ()
    outside_declined: tuple[str, ...] = ()
    declined: tuple[Named, ...] = ()
    unreached: tuple[Named, ...] = ()
    ladder: tuple[LadderRow, ...] = ()
    mine: bool = False
    asked: bool = False
    my_answer: AnswerKind | None = None
    in_room: bool = False
    lost: bool = False
    tried: tuple[TakenStep, ...] = ()
    reached: tuple[Reached, ...] = ()
    heard: tuple[Heard, ...] = ()
    alone: bool = False
    traceable: bool = False
    unsent: bool = False
    hold: Hold | None = None
    calls: tuple[str, ...] = ()
    reason: str = ""
    possible: bool = False
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


def waiting_rows(
    space: SpaceState,
    me: PersonState,
    outbox: Sequence[Entry],
    connection: ConnectionState,
    offset: float,
) -> tuple[HandRow, ...]:
    """One's own hands that were asked for and are not up.

    Args:
        offset: s by which the server's clock is ahead of this machine's.
    """
    return tuple(
        _waiting_row(space, me, entry, entry.command, hold, connection.link is Link.PROTECTED, offset)
        for entry, hold in waiting_hands(space, outbox, connection)
        if isinstance(entry.command, RaiseEscalation)
    )


def _waiting_row(
    space: SpaceState,
    me: PersonState,
    entry: Entry,
    command: RaiseEscalation,
    hold: Hold,
    possible: bool,
    offset: float,
) -> HandRow:
    raiser = person_of(space, me.me)
    not_up = tr("not raised") if hold is Hold.ASKED else tr("waiting for the connection")
    return HandRow(
        id=EscalationId(entry.id),
        raiser=me.me,
        name=raiser.name,
        level=command.level,
        raised_at=round(entry.made_at + offset),
        message=command.message,
        picture=raiser.picture,
        mine=True,
        hold=hold,
        calls=called(space, command.recipients) if command.level is Level.RED else (),
        reason=reason_words(entry),
        possible=possible,
        spoken=_spoken(raiser.name, command.level, in_a_row((not_up, command.message)), entry.made_at),
    )


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
        outside=tuple((answer.name, answer.kind) for answer in hand.outside if answer.kind.helps),
        outside_declined=tuple(answer.name for answer in hand.outside if not answer.kind.helps),
        declined=named(hand.declined),
        unreached=named(hand.unreached),
        ladder=tuple(_ladder_row(space, line) for line in ladder.lines) if ladder else (),
        mine=mine,
        asked=me.me in hand.notified and answer is None,
        my_answer=answer.kind if answer else None,
        in_room=in_room,
        lost=occupant is not None and not occupant.connected,
        tried=hand.steps,
        reached=_reached(space, ladder.pursuits) if ladder else (),
        heard=hand.heard,
        alone=stands_alone(hand),
        traceable=mine or leads(space, me.me),
        spoken=_spoken(raiser.name, hand.level, _said(hand), hand.raised_at),
    )


def _reached(space: SpaceState, pursuits: Sequence[Pursuit]) -> tuple[Reached, ...]:
    """Each name once for each way."""
    names: dict[Taken, dict[str, None]] = {}
    for pursuit in pursuits:
        way = _WAYS[pursuit.ways[0]] if pursuit.ways else Taken.POST
        whom = (*(name_of(space, person) for person in pursuit.people), *pursuit.contacts)
        names.setdefault(way, {}).update(dict.fromkeys(whom))
    return tuple((way, tuple(found)) for way, found in names.items())


_WAYS = {PhoneWay.TEXT: Taken.TEXT, PhoneWay.CALL: Taken.CALL}


def _ladder_row(space: SpaceState, line: LadderLine) -> LadderRow:
    occupant = space.occupants.get(line.person)
    machines = tuple((d.device.name or tr("A machine without a name"), d.rung) for d in line.devices)
    reach = occupant.reach if occupant is not None else ALL_WORK
    return LadderRow(line.person, name_of(space, line.person), line.rung, machines, reach)


def _said(hand: Escalation) -> str:
    message = hand.message or tr("no message")
    return in_a_row((tr("Nobody available"), message)) if stands_alone(hand) else message


def _spoken(name: str, level: Level, message: str, at: float) -> str:
    return tr(
        "{level} hand of {name}: {message}, raised at {time}",
        level=tr("Red") if level is Level.RED else tr("Yellow"),
        name=name,
        message=message,
        time=clock_time(at),
    )


def _in_meeting_room(space: SpaceState, me: PersonId, space_map: SpaceMap | None) -> bool:
    occupant = space.occupants.get(me)
    if occupant is None or space_map is None:
        return False
    return any(z.id == occupant.zone and z.kind is ZoneKind.MEETING_ROOM for z in space_map.zones)


class HandsModel(RowModel[HandRow]):
    """The queue as a Qt model."""

    def refresh(
        self,
        space: SpaceState,
        me: PersonState,
        space_map: SpaceMap | None,
        waiting: Sequence[HandRow] = (),
        unsent: frozenset[EscalationId] = frozenset(),
    ) -> None:
        """``waiting``: one's own that are not up yet; they come first. ``unsent``: see :class:`HandRow`."""
        raised = hand_rows(space, me, space_map)
        self.show((*waiting, *(replace(row, unsent=True) if row.id in unsent else row for row in raised)))

    @property
    def own(self) -> HandRow | None:
        """The raised hand of the person at this screen."""
        return next((row for row in self.rows if row.mine and row.hold is None), None)
