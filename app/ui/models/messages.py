"""The messages of one conversation, with days, the line above what is new, and what was not sent."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QLocale

from app.core.ladders import SentPriority
from app.core.mentions import Directory
from app.core.model import (
    AssetId,
    ConversationId,
    EscalationId,
    Message,
    MessageId,
    PersonId,
    Recipients,
)
from app.core.space import SpaceState
from app.ui.addresses import shown_text
from app.ui.i18n import tr
from app.ui.models.people import Heading
from app.ui.models.priority import Part, state_parts
from app.ui.models.rows import RowModel
from app.ui.words import clock_time, day_of, day_words, in_a_row, person_of

TOGETHER_S = 300.0
"""s within which messages of one author stand under one name."""


class Sending(enum.Enum):
    SENT = "sent"
    UNDER_WAY = "under_way"
    FAILED = "failed"


@dataclass(frozen=True)
class Draft:
    """A message of one's own that the server has not confirmed: under way, or not sent.

    Attributes:
        id: becomes the message's id; the same for every attempt, so that none counts twice.
        written_at: s since the epoch, on this machine's clock.
        reason: why it was not sent, in words; empty while it is under way.
        with_: everybody the conversation is between.
    """

    id: MessageId
    conversation: ConversationId
    text: str
    to: Recipients
    with_: Recipients
    written_at: float
    escalation: EscalationId | None = None
    reason: str = ""
    priority: bool = False


@dataclass(frozen=True)
class MentionSpan:
    """``text[start:end]`` names somebody; ``me`` when that includes the person at this screen."""

    start: int
    end: int
    me: bool


@dataclass(frozen=True)
class MessageRow:
    """One message.

    Attributes:
        first: shows face, name and time; what follows soon from the same author does not.
        reason: why it was not sent.
        files: what came with it: what each is called, and its address.
        tag: that it is a priority message, in words; empty for others.
        state: of one's own priority message: how far it has come, in words with their tones.
        waiting: nobody has answered it, and more can be done.
    """

    id: MessageId
    author: PersonId
    name: str
    text: str
    time: str
    first: bool
    picture: AssetId | None = None
    mentions: tuple[MentionSpan, ...] = ()
    sending: Sending = Sending.SENT
    reason: str = ""
    files: tuple[tuple[str, str], ...] = ()
    tag: str = ""
    state: tuple[Part, ...] = ()
    waiting: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def spoken(self) -> str:
        said = self._said()
        states = (words for words, _ in self.state)
        return in_a_row((self.tag, said, *states), ". ") if self.tag else said

    def _said(self) -> str:
        text = tr("{name}, {time}: {text}", name=self.name, time=self.time, text=shown_text(self.text))
        if self.sending is Sending.FAILED:
            return tr("Not sent: {reason} {text}", reason=self.reason, text=text)
        return text


@dataclass(frozen=True)
class NewLine:
    """The line above the first message that was unread when the conversation was opened."""

    key: str = "#new"

    @property
    def divides(self) -> str:
        return tr("New")

    @property
    def spoken(self) -> str:
        return self.divides


AnyRow = MessageRow | Heading | NewLine


def mention_spans(
    space: SpaceState, directory: Directory, text: str, me: PersonId
) -> tuple[MentionSpan, ...]:
    """Where ``text`` names people and groups."""
    spans = []
    for mention in directory.mentions(text):
        group = space.groups.get(mention.group) if mention.group else None
        mine = mention.person == me or (group is not None and me in group.members)
        spans.append(MentionSpan(mention.start, mention.end, mine or mention.everyone or mention.here))
    return tuple(spans)


def message_rows(
    space: SpaceState,
    me: PersonId,
    messages: Sequence[Message],
    drafts: Sequence[Draft],
    new_after: float | None,
    now: float,
    locale: QLocale,
    connected: bool = True,
    priorities: Mapping[MessageId, SentPriority] = MappingProxyType({}),
) -> tuple[AnyRow, ...]:
    """Rows from the oldest to the newest.

    Args:
        priorities: one's own priority messages whose way is followed.
        connected: what is under way goes out now, not only when the connection is back.
        messages: oldest first, each once.
        drafts: one's own that are not confirmed; those among ``messages`` are left out.
        new_after: what others sent after this (s) was unread when the conversation was opened.
    """
    rows: list[AnyRow] = []
    last: Message | None = None
    marked = new_after is None
    for message in messages:
        day = day_of(message.sent_at)
        new_day = last is None or day_of(last.sent_at) != day
        if new_day:
            rows.append(Heading(f"#day {day.isoformat()}", day_words(day, day_of(now), locale)))
        new_line = not marked and message.author != me and message.sent_at > (new_after or 0.0)
        if new_line:
            rows.append(NewLine())
            marked = True
        together = (
            last is not None
            and not (new_day or new_line)
            and last.author == message.author
            and message.sent_at - last.sent_at < TOGETHER_S
        )
        rows.append(_message(space, me, message, not together, priorities.get(message.id)))
        last = message
    sent = {message.id for message in messages}
    rows += [_draft(space, me, draft, connected) for draft in drafts if draft.id not in sent]
    return tuple(rows)


def _message(
    space: SpaceState, me: PersonId, message: Message, first: bool, sent: SentPriority | None
) -> MessageRow:
    author = person_of(space, message.author)
    return MessageRow(
        id=message.id,
        author=message.author,
        name=author.name,
        text=message.text,
        time=clock_time(message.sent_at),
        first=first,
        picture=author.picture,
        mentions=mention_spans(space, space.directory, message.text, me),
        tag=_tag(message, me),
        state=state_parts(space, sent) if sent is not None else (),
        waiting=sent is not None and sent.waiting,
    )


def _tag(message: Message, me: PersonId) -> str:
    if not message.priority:
        return ""
    if message.forwards is None:
        return tr("Priority")
    return tr("Priority, handed on") if message.author == me else tr("Priority, handed on to you")


def _draft(space: SpaceState, me: PersonId, draft: Draft, connected: bool) -> MessageRow:
    author = person_of(space, me)
    if draft.reason:
        time = clock_time(draft.written_at)
    else:
        time = tr("sending…") if connected else tr("waits for the connection")
    return MessageRow(
        id=draft.id,
        author=me,
        name=author.name,
        text=draft.text,
        time=time,
        first=True,
        picture=author.picture,
        mentions=mention_spans(space, space.directory, draft.text, me),
        sending=Sending.FAILED if draft.reason else Sending.UNDER_WAY,
        reason=draft.reason,
        tag=tr("Priority") if draft.priority else "",
    )


class MessagesModel(RowModel[AnyRow]):
    """One conversation as a Qt model."""
