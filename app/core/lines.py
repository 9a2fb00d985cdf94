"""Lines: numbers that customers text, and the inbox of a space in which their messages stand.

Pure: the nouns, and how an inbox follows what happens (:class:`Inbox`); the rules are in
:mod:`app.core.inbox`. A customer's number is in none of this: it stays on the server and is asked for by
whoever works on the conversation (:class:`app.core.line_questions.GetCustomer`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated, NewType

import msgspec

from app.core.cases import SendState
from app.core.characters import LABEL_CHARS, line, lines
from app.core.limits import INBOX_OPEN, INBOX_RESOLVED, LINE_TAIL
from app.core.model import Frozen, PersonId, SpaceId, shown_as
from app.core.policy import ContactId

LineId = NewType("LineId", str)
LineTextId = NewType("LineTextId", str)
CustomerId = NewType("CustomerId", str)
"""A conversation is between a line and one customer; the id is made by the server and says nothing."""

MOST_MINUTES = 1_440
Minutes = Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)]


class Line(Frozen):
    """A text number of the company's.

    Attributes:
        number: E.164; what customers write to, so no secret.
    """

    id: LineId
    name: str
    number: str
    space: SpaceId

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS), number=line(self.number, LABEL_CHARS))


LINE_CONTACT, CUSTOMER_CONTACT, LINE_SEND = "line:", "customer:", "line-out."


def line_contact(line: LineId) -> ContactId:
    """The cell phone of a line, as policies name it."""
    return ContactId(f"{LINE_CONTACT}{line}")


def customer_contact(talk: CustomerId) -> ContactId:
    """A customer, as what is sent names them."""
    return ContactId(f"{CUSTOMER_CONTACT}{talk}")


class TextKind(enum.StrEnum):
    IN = "in"
    """From the customer."""
    OUT = "out"
    """To the customer."""
    NOTE = "note"
    """Seen by colleagues alone."""
    PHONE = "phone"
    """A note that came from the cell phone to which the line forwards."""


class Media(Frozen, array_like=True):
    """A picture or another file that came with a message: data, opened by whoever wants to."""

    url: str
    kind: str = ""

    def __post_init__(self) -> None:
        shown_as(self, url=line(self.url), kind=line(self.kind, LABEL_CHARS))


class LineText(Frozen):
    """One message or note of a conversation.

    Attributes:
        at: when the server had it, s.
        author: who replied or noted; ``None``: the customer, or whoever holds the cell phone.
        state: what is known of a reply; ``None`` for all others.
        reason: why it failed, in a gateway's words.
    """

    id: LineTextId
    kind: TextKind
    text: str
    at: float
    author: PersonId | None = None
    media: tuple[Media, ...] = ()
    state: SendState | None = None
    reason: str = ""

    def __post_init__(self) -> None:
        shown_as(self, text=lines(self.text), reason=line(self.reason, LABEL_CHARS))


class Handling(enum.StrEnum):
    """How far a conversation is. A new message of the customer makes it unresolved again."""

    UNRESOLVED = "unresolved"
    """Nobody has looked at what came last."""
    TOUCHED = "touched"
    """Somebody has opened it, taken it on, noted something or replied."""
    RESOLVED = "resolved"


class Forwarding(Frozen, array_like=True):
    """What is known of a message that goes to the cell phone.

    Attributes:
        at: when its time had come, s.
        reason: why it failed: a refusal's code, or a gateway's words.
    """

    at: float
    state: SendState = SendState.WAITING
    reason: str = ""

    def __post_init__(self) -> None:
        shown_as(self, reason=line(self.reason, LABEL_CHARS))


class Handed(Frozen, array_like=True):
    """A colleague has given a conversation to its assignee, who has done nothing about it since.

    Attributes:
        at: s.
    """

    by: PersonId
    at: float


class Talk(Frozen):
    """The conversation of a line with one customer, as everybody in the space sees it.

    Attributes:
        shown: the end of the customer's number, by which it is recognised.
        last: the newest messages, oldest first, at most ``limits.LINE_TAIL``.
        touched_by: who was the last to do something about it.
        waiting_since: when the oldest message of the customer came that has neither been replied to nor
            resolved, s; ``None``: nothing waits.
        unread: messages of the customer since somebody touched it.
        forward: the message that nobody touched and that goes to the cell phone; ``None`` once nothing waits.
        opted_out: the customer does not want texts.
        handed: until the assignee has looked at it; ``None`` where they took it on themselves.
    """

    id: CustomerId
    line: LineId
    shown: str = ""
    last: tuple[LineText, ...] = ()
    state: Handling = Handling.UNRESOLVED
    assignee: PersonId | None = None
    touched_by: PersonId | None = None
    waiting_since: float | None = None
    unread: int = 0
    forward: Forwarding | None = None
    opted_out: bool = False
    handed: Handed | None = None

    def __post_init__(self) -> None:
        shown_as(self, shown=line(self.shown, LABEL_CHARS))

    @property
    def waits(self) -> bool:
        """It still has to be handled: resolved, or replied to."""
        return self.waiting_since is not None

    @property
    def active_at(self) -> float:
        """s; when something was last written."""
        return self.last[-1].at if self.last else 0.0

    def handed_to(self, person: PersonId) -> Handed | None:
        """That it was given to this person, who is still to look at it."""
        return self.handed if self.assignee == person else None

    @property
    def weight(self) -> tuple[int, float]:
        """What is kept longest: what waits, then what is not resolved, each the newest last."""
        rank = 2 if self.waits else 0 if self.state is Handling.RESOLVED else 1
        return rank, self.active_at


def written(talk: Talk, text: LineText) -> Talk:
    """The conversation after this message or note."""
    last = (*talk.last, text)[-LINE_TAIL:]
    if text.kind is TextKind.IN:
        since = talk.waiting_since if talk.waiting_since is not None else text.at
        return msgspec.structs.replace(
            talk, last=last, state=Handling.UNRESOLVED, unread=talk.unread + 1, waiting_since=since
        )
    waiting = None if text.kind is TextKind.OUT else talk.waiting_since
    state = talk.state if talk.state is Handling.RESOLVED else Handling.TOUCHED
    forward = talk.forward if waiting is not None else None
    return msgspec.structs.replace(
        touched(talk, text.author), last=last, state=state, waiting_since=waiting, forward=forward
    )


def touched(talk: Talk, by: PersonId | None) -> Talk:
    state = Handling.TOUCHED if talk.state is Handling.UNRESOLVED else talk.state
    handed = talk.handed if by != talk.assignee else None
    return msgspec.structs.replace(talk, state=state, touched_by=by, unread=0, handed=handed)


def assigned(talk: Talk, to: PersonId | None, by: PersonId, at: float) -> Talk:
    """``to`` looks after it from now on; who did not take it on themselves is still to hear of it."""
    handed = Handed(by, at) if to is not None and to != by else None
    return msgspec.structs.replace(touched(talk, by), assignee=to, handed=handed)


def resolved(talk: Talk, by: PersonId) -> Talk:
    """It keeps its newest message alone; the others are asked for."""
    return msgspec.structs.replace(
        touched(talk, by),
        state=Handling.RESOLVED,
        waiting_since=None,
        forward=None,
        handed=None,
        last=talk.last[-1:],
    )


def sent(talk: Talk, text: LineTextId, state: SendState, reason: str) -> Talk:
    """What became of a reply."""
    last = tuple(
        msgspec.structs.replace(known, state=state, reason=reason) if known.id == text else known
        for known in talk.last
    )
    return msgspec.structs.replace(talk, last=last)


def forwarded(talk: Talk, at: float, state: SendState, reason: str) -> Talk:
    """A message goes to the cell phone; what is heard of it once nothing waits any more changes nothing."""
    forward = Forwarding(at, state, reason) if talk.waits else None
    return msgspec.structs.replace(talk, forward=forward)


def opted_out(talk: Talk, out: bool) -> Talk:
    """Who wants no more texts waits for none."""
    if out:
        talk = msgspec.structs.replace(touched(talk, None), waiting_since=None, forward=None)
    return msgspec.structs.replace(talk, opted_out=out)


def kept(talks: Iterable[Talk]) -> set[CustomerId]:
    """Which of them a space holds; all others are in the store and are asked for."""
    heaviest = sorted(talks, key=lambda talk: (talk.weight, talk.id), reverse=True)
    open_: list[CustomerId] = []
    done: list[CustomerId] = []
    for talk in heaviest:
        (done if talk.state is Handling.RESOLVED else open_).append(talk.id)
    return {*open_[:INBOX_OPEN], *done[:INBOX_RESOLVED]}
