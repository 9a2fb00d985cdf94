"""Questions about lines: what is older than what a space holds, a customer's number, a line's setting."""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.lines import CustomerId, Line, LineId, LineText, Minutes, Talk
from app.core.model import Frozen, SpaceId


class ListTalks(Frozen, tag="list_talks"):
    """Conversations with customers that were written in before ``before`` (s), newest first."""

    before: float | None = None


class GetTalk(Frozen, tag="get_talk"):
    """Messages of a conversation older than ``before`` (s), newest page first asked."""

    talk: CustomerId
    before: float | None = None


class GetCustomer(Frozen, tag="get_customer"):
    """The number of a customer, for whoever works on the conversation."""

    talk: CustomerId


class GetLineSettings(Frozen, tag="get_line_settings"):
    """The lines of a space, with what is done about messages that nobody touches."""

    space: SpaceId


class SetLineEscalation(Frozen, tag="set_line_escalation"):
    """Attributes:
    cell: number to forward to, as it was typed; empty: the one that is known.
    """

    line: LineId
    enabled: bool
    minutes: Minutes = 10
    cell: Annotated[str, msgspec.Meta(max_length=64)] = ""


LineQuery = ListTalks | GetTalk | GetCustomer | GetLineSettings | SetLineEscalation


class Talks(Frozen, tag="talks"):
    """Newest first; ``more`` when there are older ones."""

    talks: tuple[Talk, ...] = ()
    more: bool = False


class TalkPage(Frozen, tag="talk_page"):
    """The conversation as it is now, and messages of it, oldest first; ``more`` when there are older ones."""

    talk: Talk
    texts: tuple[LineText, ...] = ()
    more: bool = False


class Customer(Frozen, tag="customer"):
    number: str


class LineSetting(Frozen):
    """Attributes:
    cell: the end of the number that messages are forwarded to; empty: none is known.
    """

    line: Line
    enabled: bool = False
    minutes: Minutes = 10
    cell: str = ""


class LineSettings(Frozen, tag="line_settings"):
    lines: tuple[LineSetting, ...] = ()


LineResult = Talks | TalkPage | Customer | LineSettings
