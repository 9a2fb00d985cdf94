"""The nouns of priority messages: what calls somebody, how it was answered, what was done meanwhile."""

from __future__ import annotations

import enum

from app.core.characters import LABEL_CHARS, line
from app.core.model import Frozen, Message, MessageId, PersonId, shown_as
from app.core.policy import AnswerWay, ContactId


class PhoneWay(enum.StrEnum):
    """How a person is reached by phone; the names are those of the channels of a send."""

    TEXT = "sms"
    CALL = "call"


class Call(Frozen):
    """A priority message as it calls me, until I have read or answered it.

    Attributes:
        number: how often it has called again.
        at: when it called last, server time, s.
    """

    message: Message
    number: int = 0
    at: float = 0.0

    @property
    def id(self) -> MessageId:
        """Of the message that the author sent, also where this is the copy handed on to me."""
        return origin(self.message)


class Answered(Frozen):
    """Somebody has read a priority message, or answered it.

    Attributes:
        person: ``None`` for somebody who is known by a contact alone.
        name, contact: of that contact, and its id.
    """

    way: AnswerWay
    at: float
    person: PersonId | None = None
    name: str = ""
    contact: ContactId | None = None

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


class Pursuit(Frozen):
    """What was done about a priority message, or a red hand, that nobody had answered.

    Attributes:
        people: whom it was done for. Who has no number, or wants quiet now, is not among them.
        ways: by phone; empty where it was handed on in the program, or told to contacts that are no phones.
        by_hand: the author asked for it; else the policy did it.
        contacts: names of those outside the program that were reached, such as the duty phone.
        targets: those contacts, where it was asked for by hand.
    """

    at: float
    people: tuple[PersonId, ...] = ()
    ways: tuple[PhoneWay, ...] = ()
    by_hand: bool = False
    contacts: tuple[str, ...] = ()
    targets: tuple[ContactId, ...] = ()

    @property
    def told(self) -> bool:
        """Contacts were told that are no phones."""
        return bool(self.contacts) and not self.ways


def origin(message: Message) -> MessageId:
    """The message that alerts: this one, or the one that it hands on."""
    return message.forwards or message.id
