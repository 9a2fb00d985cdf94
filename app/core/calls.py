"""The nouns of priority messages: what calls somebody, how it was answered, what was done meanwhile."""

from __future__ import annotations

import enum

from app.core.model import Frozen, Message, MessageId, PersonId
from app.core.policy import AnswerWay


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
    """

    way: AnswerWay
    at: float
    person: PersonId | None = None


class Pursuit(Frozen):
    """What was done about a priority message that nobody had answered.

    Attributes:
        people: whom it was done for. Who has no number, or wants quiet now, is not among them.
        ways: by phone; empty where it was handed on in the program.
        by_hand: the author asked for it; else the policy did it.
        contacts: names of those outside the program that were reached, such as the duty phone.
    """

    at: float
    people: tuple[PersonId, ...] = ()
    ways: tuple[PhoneWay, ...] = ()
    by_hand: bool = False
    contacts: tuple[str, ...] = ()


def origin(message: Message) -> MessageId:
    """The message that alerts: this one, or the one that it hands on."""
    return message.forwards or message.id
