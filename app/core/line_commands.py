"""What people ask for on lines; everybody in the space may work on its inbox."""

from __future__ import annotations

from app.core.lines import CustomerId
from app.core.model import Frozen, PersonId


class ReplyOnLine(Frozen, tag="line_reply"):
    """Text the customer from the line's number. The command's id becomes the message's id."""

    talk: CustomerId
    text: str


class NoteOnLine(Frozen, tag="line_note"):
    """Write down something for colleagues; the customer never sees it."""

    talk: CustomerId
    text: str


class TouchTalk(Frozen, tag="talk_touch"):
    """I look after what came last."""

    talk: CustomerId


class AssignTalk(Frozen, tag="talk_assign"):
    """``to``: who looks after it from now on; ``None``: whoever has time."""

    talk: CustomerId
    to: PersonId | None = None


class ResolveTalk(Frozen, tag="talk_resolve"):
    talk: CustomerId


class ReopenTalk(Frozen, tag="talk_reopen"):
    talk: CustomerId


class AnsweringTalk(Frozen, tag="talk_answering"):
    """I am writing to the customer just now. Passing: it is told to others and written down nowhere."""

    talk: CustomerId


LineCommand = ReplyOnLine | NoteOnLine | TouchTalk | AssignTalk | ResolveTalk | ReopenTalk | AnsweringTalk
