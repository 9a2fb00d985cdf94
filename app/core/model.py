"""People, spaces, statuses, escalations and messages: the nouns, frozen and typed.

Distances are map pixels (px), times are seconds since the Unix epoch as the server's clock says (s).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated, NewType, dataclass_transform

import msgspec

from app.core.characters import LABEL_CHARS, line, lines
from app.core.sends import ContactId, SendState

PersonId = NewType("PersonId", str)
GroupId = NewType("GroupId", str)
SpaceId = NewType("SpaceId", str)
MapId = NewType("MapId", str)
ZoneId = NewType("ZoneId", str)
SeatId = NewType("SeatId", str)
EscalationId = NewType("EscalationId", str)
MessageId = NewType("MessageId", str)
ConversationId = NewType("ConversationId", str)
DeviceId = NewType("DeviceId", str)
AssetId = NewType("AssetId", str)
"""SHA-256 of a picture's bytes, in hex: the same picture has the same name everywhere."""


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Frozen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Base of every value in the core: immutable, comparable, small on the wire.

    A value with text of people in it shows only what :mod:`app.core.characters` lets through, wherever it
    comes from: its ``__post_init__`` sees to that, also when it is decoded.

    Nothing that is made of immutable values can be part of a cycle, so the garbage collector need not look
    at them: a snapshot with 50,000 messages is decoded in a third of the time without.
    """


def shown_as(value: Frozen, **texts: str) -> None:
    """For ``__post_init__``: these fields as they may be shown."""
    for field, text in texts.items():
        if text is not getattr(value, field):
            msgspec.structs.force_setattr(value, field, text)


class Role(enum.StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


class Status(enum.StrEnum):
    """What a person says of themself. Automatic absence is a separate flag: see :class:`Occupant`."""

    AVAILABLE = "available"
    ON_CALL = "on_call"
    BUSY = "busy"
    AWAY = "away"


class Person(Frozen):
    id: PersonId
    handle: str
    name: str
    role: Role = Role.AGENT
    picture: AssetId | None = None

    def __post_init__(self) -> None:
        handle = line(self.handle, LABEL_CHARS)
        name = line(self.name, LABEL_CHARS)
        shown_as(self, handle=handle, name=name if name.strip() else handle)


class Group(Frozen):
    """A mention group: ``@handle`` means each of its members."""

    id: GroupId
    handle: str
    name: str
    members: tuple[PersonId, ...] = ()

    def __post_init__(self) -> None:
        shown_as(self, handle=line(self.handle, LABEL_CHARS), name=line(self.name, LABEL_CHARS))


class Place(Frozen, array_like=True):
    """A point on the map, in px from its top left corner."""

    x: int
    y: int


class Space(Frozen):
    id: SpaceId
    name: str
    map: MapId

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


class Device(Frozen, array_like=True):
    """A machine on which somebody is signed in; ``name`` as it was given when signing in, or empty."""

    id: DeviceId
    name: str = ""


class Channel(enum.StrEnum):
    """A way in which an alert calls a person at their machine."""

    POPUP = "popup"
    SOUND = "sound"
    NOTIFICATION = "notification"
    TRAY = "tray"


Channels = Annotated[tuple[Channel, ...], msgspec.Meta(max_length=len(Channel))]


class Reach(Frozen, array_like=True):
    """How alerts come through at somebody's machines; what is named nowhere works.

    Attributes:
        lost: nothing comes through these.
        unknown: the system does not tell.
    """

    lost: Channels = ()
    unknown: Channels = ()


ALL_WORK = Reach()


def best_of(reaches: Iterable[Reach]) -> Reach:
    """A person is reached through a channel if any one of their machines has it."""
    all_of = tuple(reaches)
    lost = tuple(c for c in Channel if all_of and all(c in reach.lost for reach in all_of))
    unknown = (
        c for c in Channel if c not in lost and all(c in reach.lost or c in reach.unknown for reach in all_of)
    )
    return Reach(lost, tuple(unknown) if all_of else ())


class Occupant(Frozen):
    """A person who is in the space now (or whose connection was lost less than the grace time ago).

    Attributes:
        status: what the person chose by hand.
        auto_away: the screen is locked or nobody touches it; never ends an escalation.
        zone: the zone the person stands in.
        seat: the home seat, where the person starts.
        lost_since: when the last connection was lost; ``None`` while connected.
        reach: how alerts come through at the best of the person's machines.
    """

    person: PersonId
    status: Status = Status.AVAILABLE
    auto_away: bool = False
    zone: ZoneId | None = None
    seat: SeatId | None = None
    lost_since: float | None = None
    reach: Reach = ALL_WORK

    @property
    def connected(self) -> bool:
        return self.lost_since is None


class Level(enum.StrEnum):
    """Yellow is seen by everybody and calls nobody; red also alerts its recipients."""

    YELLOW = "yellow"
    RED = "red"


class EndReason(enum.StrEnum):
    """Why an escalation ended; kept in the history."""

    BUTTON = "button"
    MEETING_ROOM = "meeting_room"
    AWAY = "away"
    LEFT = "left"
    CONNECTION_LOST = "connection_lost"
    REMOVED = "removed"
    PROGRAM = "program"
    """A phone system or the like ended it, over the HTTP API."""


class AnswerKind(enum.StrEnum):
    """What a person did about a raised hand. Declining is counted and is not an answer."""

    APPROACH = "approach"
    CHAT = "chat"
    DECLINE = "decline"
    COMING = "coming"
    """Said in the program; they are not on the way yet."""
    KEY = "key"
    """Pressed in a phone call."""
    SMS = "sms"
    API = "api"
    """Said by a phone system or the like, for the person."""

    @property
    def helps(self) -> bool:
        return self is not AnswerKind.DECLINE


FROM_DESK = frozenset({AnswerKind.APPROACH, AnswerKind.CHAT, AnswerKind.DECLINE, AnswerKind.COMING})
"""What a client may say; the others are known by the way they came."""


class Answer(Frozen):
    """One person's latest answer to an escalation.

    Attributes:
        target: where an approaching person walks to.
    """

    person: PersonId
    kind: AnswerKind
    at: float
    target: Place | None = None


class OutsideAnswer(Frozen):
    """The latest answer of somebody who is no person here, known by a contact or as a program alone.

    Attributes:
        name: of the contact or program.
    """

    name: str
    kind: AnswerKind
    at: float
    contact: ContactId | None = None

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


class Taken(enum.StrEnum):
    """What was done about an alert that nobody answered."""

    NOTIFY = "notify"
    REPEAT = "repeat"
    TEXT = "text"
    CALL = "call"
    FORWARD = "forward"
    POST = "post"
    CAME_BACK = "came_back"


class TakenStep(Frozen, array_like=True):
    """A step as everybody may know of it.

    Attributes:
        at: s.
        people: who is called in the program from then on; never who was texted or called by phone.
    """

    what: Taken
    at: float
    people: tuple[PersonId, ...] = ()


class Heard(Frozen, array_like=True):
    """What is known of the texts, the calls, or what else a hand's steps have sent: of the one that came
    furthest.

    Attributes:
        what: ``TEXT``, ``CALL`` or ``POST``.
        news: how many reports it follows from; what follows from fewer is older.
        reason: why it failed: a refusal's code, or a gateway's words.
    """

    what: Taken
    state: SendState
    news: int
    reason: str = ""

    def __post_init__(self) -> None:
        shown_as(self, reason=line(self.reason))


class Recipients(Frozen):
    """Whom something is addressed to, as it was written: people, groups, everybody, everybody here."""

    people: tuple[PersonId, ...] = ()
    groups: tuple[GroupId, ...] = ()
    everyone: bool = False
    here: bool = False

    def __bool__(self) -> bool:
        return bool(self.people or self.groups or self.everyone or self.here)


class Escalation(Frozen):
    """A raised hand.

    Attributes:
        recipients: as chosen (red only).
        notified: the people behind the recipients when it was raised, without the raiser, and those whom
            later steps called.
        unreached: those of ``notified`` who had no connection when they were called and still have not
            had one since.
        answers: the latest answer of each person, in the order in which they first answered, or began to
            help.
        outside: the latest answer of each one who is no person here.
        stale: people whose answer helps no longer, since the alert called again after it.
        steps: what was done while nobody answered.
        heard: what is known of what these have sent.
        nobody_since: everything was tried and nobody was available, s.
    """

    id: EscalationId
    raiser: PersonId
    level: Level
    raised_at: float
    message: str = ""
    recipients: Recipients = Recipients()
    notified: tuple[PersonId, ...] = ()
    unreached: tuple[PersonId, ...] = ()
    answers: tuple[Answer, ...] = ()
    outside: tuple[OutsideAnswer, ...] = ()
    stale: tuple[PersonId, ...] = ()
    steps: tuple[TakenStep, ...] = ()
    nobody_since: float | None = None
    heard: tuple[Heard, ...] = ()

    def __post_init__(self) -> None:
        shown_as(self, message=line(self.message))

    @property
    def helping(self) -> tuple[Answer, ...]:
        """Answers that hold, first come first."""
        return tuple(a for a in self.answers if a.kind.helps and a.person not in self.stale)

    @property
    def coming(self) -> tuple[PersonId, ...]:
        """Who is on the way, first come first."""
        return tuple(a.person for a in self.helping if a.kind is AnswerKind.APPROACH)

    @property
    def promised(self) -> tuple[PersonId, ...]:
        """Who said that they come, and has not set out yet."""
        here = (AnswerKind.APPROACH, AnswerKind.CHAT)
        return tuple(a.person for a in self.helping if a.kind not in here)

    @property
    def chatting(self) -> tuple[PersonId, ...]:
        return tuple(a.person for a in self.helping if a.kind is AnswerKind.CHAT)

    @property
    def declined(self) -> tuple[PersonId, ...]:
        return tuple(a.person for a in self.answers if a.kind is AnswerKind.DECLINE)

    @property
    def answered(self) -> bool:
        """Somebody comes or talks; nobody needs to be called any more."""
        return bool(self.helping) or any(a.kind.helps for a in self.outside)

    def answer_of(self, person: PersonId) -> Answer | None:
        return next((a for a in self.answers if a.person == person), None)


class Rung(enum.IntEnum):
    """How far an alert has come to one recipient (promise P6). Each rung includes those before it."""

    STORED = 0
    SENT = 1
    RECEIVED = 2
    SHOWN = 3
    ANSWERED = 4


class Step(Frozen, array_like=True):
    """An alert came so far at one recipient: on that machine, or on none that is known."""

    person: PersonId
    rung: Rung
    device: Device | None = None


class Alert(Frozen):
    """A red escalation as it calls one recipient; lives in that person's own stream.

    It carries what a pop-up shows, so that it can be shown whatever space is open on the screen. Whom
    else it calls, who was not reached, and who else cannot come is in the space's stream alone: what
    hundreds are called by must not be written hundreds of times with hundreds of names in it.

    Attributes:
        calls: how often it has called anew.
    """

    space: SpaceId
    escalation: Escalation
    calls: int = 0


class Message(Frozen):
    """One message of a mention chat.

    Attributes:
        to: as written by the author; the conversation it belongs to follows from it.
        escalation: the hand it was started from.
        priority: it calls its recipients until they have read it.
        forwards: the priority message that this one hands on to somebody else.
    """

    id: MessageId
    space: SpaceId
    conversation: ConversationId
    author: PersonId
    text: str
    sent_at: float
    to: Recipients
    escalation: EscalationId | None = None
    priority: bool = False
    forwards: MessageId | None = None

    def __post_init__(self) -> None:
        text = lines(self.text)
        if text is not self.text:  # asked here too: a snapshot holds very many
            shown_as(self, text=text)


class Conversation(Frozen):
    """What one person sees of a mention chat.

    Attributes:
        with_: everybody it is between, the author of its first message included.
        last: the newest messages, oldest first, at most ``limits.CONVERSATION_TAIL``.
        read_at: ``sent_at`` of the newest message this person has read.
        unread: how many messages of others came after it.
    """

    id: ConversationId
    space: SpaceId
    with_: Recipients
    last: tuple[Message, ...] = ()
    read_at: float = 0.0
    unread: int = 0
