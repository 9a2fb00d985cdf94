"""One's mention chats, the latest first, with what is unread; and messages found by a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from app.core.model import AssetId, Conversation, ConversationId, Message, MessageId, PersonId, Recipients
from app.core.person import PersonState
from app.core.space import SpaceState
from app.ui.i18n import tr, trn
from app.ui.models.messages import Draft
from app.ui.models.rows import RowModel
from app.ui.words import in_a_row, moment_words, name_of, person_of, recipients_words


@dataclass(frozen=True)
class ConversationRow:
    """One conversation.

    Attributes:
        title: whom it is with.
        face: the other person, when it is between two; ``None`` for groups and more people.
        preview: the newest message on one line, with its author where that is not obvious.
        when: its time, in words.
        here: the other person is in the space.
    """

    id: ConversationId
    title: str
    preview: str
    when: str
    unread: int
    face: PersonId | None = None
    picture: AssetId | None = None
    here: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def spoken(self) -> str:
        unread = trn("{n} unread message", "{n} unread messages", self.unread) if self.unread else ""
        return in_a_row((self.title, unread, self.preview, self.when))


@dataclass(frozen=True)
class FoundRow:
    """One message that a search found.

    Attributes:
        name: the author as one says it: “You”, or as ``full_name``, whose initials the face shows.
    """

    id: MessageId
    conversation: ConversationId
    with_: Recipients
    title: str
    author: PersonId
    name: str
    text: str
    when: str
    picture: AssetId | None = None
    full_name: str = ""

    @property
    def key(self) -> str:
        return self.id

    @property
    def spoken(self) -> str:
        return in_a_row((self.title, self.name, self.text, self.when))


def conversation_rows(
    space: SpaceState,
    me: PersonState,
    now: float,
    locale: QLocale,
    drafts: Sequence[Draft] = (),
    connected: bool = True,
) -> tuple[ConversationRow, ...]:
    """The conversations of this space, latest first.

    Args:
        drafts: one's own that are not confirmed, oldest first. They make a conversation appear in which
            nobody has written yet.
        connected: without a connection they are not on their way, and it says so.
    """
    mine = {c.id: c for c in me.conversations.values() if c.space == space.space.id and c.last}
    arrived = {message.id for c in mine.values() for message in c.last}
    unconfirmed = [draft for draft in drafts if draft.id not in arrived]
    # One that was not sent stands before any that is only on its way: it waits for the person.
    newest = {draft.conversation: draft for draft in sorted(unconfirmed, key=lambda d: bool(d.reason))}
    for draft in newest.values():
        mine.setdefault(draft.conversation, Conversation(draft.conversation, space.space.id, draft.with_))
    latest = sorted(mine.values(), key=lambda c: (-_latest(c, newest.get(c.id)), c.id))
    return tuple(_row(space, me.me, c, newest.get(c.id), now, locale, connected) for c in latest)


def _latest(conversation: Conversation, draft: Draft | None) -> float:
    """When something last happened there, s since the epoch."""
    sent = conversation.last[-1].sent_at if conversation.last else 0.0
    return max(sent, draft.written_at) if draft is not None else sent


def other_of(with_: Recipients, me: PersonId) -> PersonId | None:
    """The other one of a conversation between two."""
    if with_.groups or with_.everyone or with_.here:
        return None
    others = [p for p in with_.people if p != me]
    return others[0] if len(others) == 1 else None


def _row(
    space: SpaceState,
    me: PersonId,
    conversation: Conversation,
    draft: Draft | None,
    now: float,
    locale: QLocale,
    connected: bool,
) -> ConversationRow:
    face = other_of(conversation.with_, me)
    return ConversationRow(
        id=conversation.id,
        title=recipients_words(space, conversation.with_, me),
        preview=_preview(space, me, conversation, draft, connected),
        when=moment_words(_latest(conversation, draft), now, locale),
        unread=conversation.unread,
        face=face,
        picture=person_of(space, face).picture if face else None,
        here=face is not None and space.is_here(face),
    )


def _preview(
    space: SpaceState, me: PersonId, conversation: Conversation, draft: Draft | None, connected: bool
) -> str:
    """The newest on one line; what was not confirmed goes before it, as nobody else sees it."""
    if draft is not None:
        text = " ".join(draft.text.split())
        if draft.reason:
            return tr("Not sent: {text}", text=text)
        return tr("You: {text}", text=text) if connected else tr("Not sent yet: {text}", text=text)
    newest = conversation.last[-1]
    text = " ".join(newest.text.split())
    if newest.author == me:
        return tr("You: {text}", text=text)
    if other_of(conversation.with_, me) is not None:
        return text
    return tr("{name}: {text}", name=name_of(space, newest.author), text=text)


def found_rows(
    space: SpaceState,
    me: PersonId,
    messages: tuple[Message, ...],
    between: dict[ConversationId, Recipients],
    now: float,
    locale: QLocale,
) -> tuple[FoundRow, ...]:
    """Messages found, as the server ordered them."""
    rows = []
    for message in messages:
        with_ = between.get(message.conversation, message.to)
        author = person_of(space, message.author)
        rows.append(
            FoundRow(
                id=message.id,
                conversation=message.conversation,
                with_=with_,
                title=recipients_words(space, with_, me),
                author=message.author,
                name=tr("You") if message.author == me else author.name,
                text=" ".join(message.text.split()),
                when=moment_words(message.sent_at, now, locale),
                picture=author.picture,
                full_name=author.name,
            )
        )
    return tuple(rows)


class ConversationsModel(RowModel[ConversationRow]):
    """The list as a Qt model."""


class FoundModel(RowModel[FoundRow]):
    """What a search found, as a Qt model."""
