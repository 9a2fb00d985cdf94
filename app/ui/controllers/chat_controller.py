"""Mention chats: which one is open, older pages, sending, what was not sent, reading, searching."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QObject, Signal

from app.core.commands import MarkRead, SendMessage
from app.core.errors import Refused
from app.core.mentions import between, conversation_id
from app.core.model import (
    ConversationId,
    EscalationId,
    Message,
    MessageId,
    PersonId,
    Recipients,
)
from app.core.person import PersonState
from app.core.space import SpaceState
from app.core.text import whole
from app.net.client import Link
from app.net.problems import ConnectionProblem
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, failure_words, new_id
from app.ui.i18n import tr
from app.ui.models.candidates import call_words, reach, reach_words
from app.ui.models.conversations import ConversationsModel, FoundModel, conversation_rows, found_rows
from app.ui.models.messages import Draft, MessagesModel, message_rows
from app.ui.models.unsent import drafts_of
from app.ui.panels.chat_panel import ChatPanel
from app.ui.panels.chat_rows import AGAIN, DISCARD, ESCALATE, TIMELINE
from app.ui.port import ClientPort
from app.ui.words import recipients_words


class ChatModels:
    """The three lists of the chat panel."""

    def __init__(self) -> None:
        self.conversations = ConversationsModel()
        self.found = FoundModel()
        self.messages = MessagesModel()


class OpenChat:
    """The conversation on the screen.

    Attributes:
        id: ``None`` while it is new and nobody is named yet.
        to: whom a message goes to, besides those mentioned in it.
        older: pages fetched, oldest first; what the state holds comes after them.
        new_after: what was unread when it was opened came after this, s.
        complete: there is nothing older.
        about: the hand it was started from, until the first message.
    """

    def __init__(self, id_: ConversationId | None, to: Recipients, new_after: float | None) -> None:
        self.id = id_
        self.to = to
        self.older: tuple[Message, ...] = ()
        self.new_after = new_after
        self.complete = False
        self.fetching = False
        self.about: EscalationId | None = None


class ChatController(QObject):
    """Signals:
    unread_changed: unread messages of all conversations.
    shown: the panel wants to be seen, with the keyboard in it.
    escalate_wanted, timeline_wanted: the id of one's own priority message, of which more is to be done, or
        seen.
    """

    unread_changed = Signal(int)
    shown = Signal()
    escalate_wanted = Signal(str)
    timeline_wanted = Signal(str)

    def __init__(
        self,
        panel: ChatPanel,
        models: ChatModels,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        locale: QLocale,
    ) -> None:
        super().__init__(panel)
        self._panel, self._models, self._client = panel, models, client
        self._asking, self._locale = asking, locale
        self._found: dict[str, tuple[Message, Recipients]] = {}
        self._typed: dict[str, str] = {}
        self._shown_drafts: tuple[Draft, ...] = ()
        self.open_chat: OpenChat | None = None
        for signal in (
            bridge.replaced,
            bridge.conversations_changed,
            bridge.directory_changed,
        ):
            signal.connect(self.refresh)
        bridge.outbox_changed.connect(self._outbox_changed)
        bridge.occupants_changed.connect(self._list)
        bridge.occupants_changed.connect(self._messages)
        bridge.priorities_changed.connect(self._messages)
        bridge.connection_changed.connect(self._messages)
        bridge.connection_changed.connect(self._list)
        self._connect()

    def _connect(self) -> None:
        chats, view = self._panel.list, self._panel.conversation
        chats.opened.connect(self.open_conversation)
        chats.found_opened.connect(self._open_found)
        chats.search_wanted.connect(self.search)
        chats.new_wanted.connect(self.new_conversation)
        view.back.connect(self.close_conversation)
        view.seen.connect(self.mark_read)
        view.older_wanted.connect(self._fetch_older)
        view.acted.connect(self._act)
        view.composer.sent.connect(self.send)
        view.composer.edited.connect(self._edited)

    # What is shown

    def refresh(self, *_: object) -> None:
        self._list()
        self._messages()
        self.mark_read()

    def _state(self) -> tuple[SpaceState, PersonState] | None:
        space, me = self._client.space, self._client.me
        return (space, me) if space is not None and me is not None else None

    def _outbox_changed(self) -> None:
        """Much else goes through the outbox, too."""
        drafts = self._drafts()
        if drafts != self._shown_drafts:
            self._shown_drafts = drafts
            self.refresh()

    def _drafts(self) -> tuple[Draft, ...]:
        """One's messages that are under way or were not sent, in the order they were written."""
        state = self._state()
        return drafts_of(state[0], state[1].me, self._client.outbox) if state else ()

    def _list(self, *_: object) -> None:
        state = self._state()
        now, drafts = self._client.server_now(), self._drafts()
        connected = self._client.connection.link is Link.PROTECTED
        rows = conversation_rows(*state, now, self._locale, drafts, connected) if state else ()
        self._models.conversations.show(rows)
        self.unread_changed.emit(state[1].unread if state else 0)

    def _messages(self) -> None:
        state, chat = self._state(), self.open_chat
        if state is None or chat is None:
            self._models.messages.show(())
            return
        space, me = state
        known = me.conversations.get(chat.id) if chat.id else None
        last = known.last if known else ()
        first_at = last[0].sent_at if last else None
        older = tuple(m for m in chat.older if first_at is None or m.sent_at < first_at)
        drafts = tuple(draft for draft in self._drafts() if draft.conversation == chat.id)
        now, connected = self._client.server_now(), self._client.connection.link is Link.PROTECTED
        rows = message_rows(
            space,
            me.me,
            (*older, *last),
            drafts,
            chat.new_after,
            now,
            self._locale,
            connected,
            me.priorities,
        )
        self._models.messages.show(rows)

    # Opening

    def open_conversation(self, key: str) -> None:
        state = self._state()
        known = state[1].conversations.get(ConversationId(key)) if state else None
        if known is not None:
            self._open(known.id, known.with_, known.read_at if known.unread else None)
            return
        draft = next((draft for draft in self._drafts() if draft.conversation == key), None)
        if draft is not None:
            self._open(draft.conversation, draft.with_, None)

    def open_with(self, person: str, hand: str = "") -> None:
        """The chat with one person, perhaps about their raised hand."""
        state = self._state()
        if state is None or person == state[1].me:
            return
        self._open_to(Recipients(people=(PersonId(person),)))
        if self.open_chat is not None and hand:
            self.open_chat.about = EscalationId(hand)

    def new_conversation(self) -> None:
        """Nobody is named yet: mentions in the first message say who."""
        self._open(None, Recipients(), None)

    def close_conversation(self) -> None:
        self.keep_typed()
        self.open_chat = None
        self._panel.show_list()
        self._messages()

    def _open_to(self, to: Recipients) -> None:
        state = self._state()
        if state is None:
            return
        space, me = state
        with_ = between(space.groups, me.me, to)
        id_ = conversation_id(space.space.id, with_)
        known = me.conversations.get(id_)
        self._open(id_, with_, known.read_at if known and known.unread else None)

    def _open(self, id_: ConversationId | None, to: Recipients, new_after: float | None) -> None:
        state = self._state()
        if state is None:
            return
        self.keep_typed()
        self.open_chat = OpenChat(id_, to, new_after)
        title = recipients_words(state[0], to, state[1].me) if id_ else tr("New message")
        hint = tr("Message {name}", name=title) if id_ else tr("Write @ and a name, then your message")
        self._messages()
        self._panel.show_one()
        self._panel.conversation.open(title, hint)
        composer = self._panel.conversation.composer
        composer.set_priority(False)
        composer.set_text(self._typed.pop(id_ or "", ""))
        if id_ is None and not composer.text():
            composer.set_text("@")
        self._edited(composer.text())
        self.shown.emit()
        self.mark_read()

    def use_typed(self, typed: dict[str, str]) -> None:
        """What was typed and not sent, by conversation ("" for a new one): kept there from now on."""
        self._typed = typed

    def keep_typed(self) -> None:
        """What is typed and not sent waits for the conversation to be opened again."""
        if self.open_chat is not None:
            self._typed[self.open_chat.id or ""] = self._panel.conversation.composer.text()

    # Reading

    def mark_read(self) -> None:
        """Everything in view counts as read, while the window has the person's attention."""
        state, chat = self._state(), self.open_chat
        if state is None or chat is None or chat.id is None:
            return
        known = state[1].conversations.get(chat.id)
        attended = self._panel.conversation.attended
        if known is not None and known.unread and known.last and attended:
            self._asking.quietly(MarkRead(known.id, known.last[-1].sent_at))

    # Sending

    def _edited(self, text: str) -> None:
        state, chat = self._state(), self.open_chat
        if state is None or chat is None:
            return
        space, me = state
        reached = reach(space, me.me, text, chat.to)
        alone = chat.id is not None and len(reached.people) == 1 and not reached.absent
        words = "" if alone else reach_words(space, reached)
        if self._panel.conversation.composer.priority:
            words = call_words(space, reached)
        self._panel.conversation.composer.set_reach(words)

    def send(self, text: str) -> None:
        state, chat = self._state(), self.open_chat
        if state is None or chat is None:
            return
        space, me = state
        text = whole(text)
        reached = reach(space, me.me, text, chat.to)
        if not reached.people:
            self._asking.say(tr("Nobody would see this yet: write @ and a name."))
            return
        with_ = between(space.groups, me.me, reached.to)
        id_ = conversation_id(space.space.id, with_)
        command = SendMessage(text, reached.to, chat.about, self._panel.conversation.composer.priority)
        chat.about = None
        chat.new_after = None  # who answers has read what was new
        self._panel.conversation.composer.clear()
        if id_ != chat.id:
            self._open(id_, with_, None)
        self._panel.conversation.to_end()
        self._deliver(command, MessageId(new_id()))

    def _deliver(self, command: SendMessage, message: MessageId) -> None:
        def failed(reason: str) -> None:
            if all(entry.id != message for entry in self._client.outbox):
                self._give_back(command, reason)

        self._asking.do(command, command_id=message, failed=failed)

    def _give_back(self, command: SendMessage, reason: str) -> None:
        """It cannot even wait to be sent; what was typed is there again."""
        composer = self._panel.conversation.composer
        if not composer.text():
            composer.set_text(command.text)
            composer.set_priority(command.priority)
        self._asking.say(reason)

    def _act(self, key: str, action: str) -> None:
        entry = next((entry for entry in self._client.outbox if entry.id == key), None)
        if action == AGAIN and entry is not None and isinstance(entry.command, SendMessage):
            self._deliver(entry.command, MessageId(key))
        elif action == DISCARD:
            self._client.drop(key)
        elif action == ESCALATE:
            self.escalate_wanted.emit(key)
        elif action == TIMELINE:
            self.timeline_wanted.emit(key)

    # Older pages

    def _fetch_older(self) -> None:
        chat = self.open_chat
        if chat is None or chat.id is None or chat.complete or chat.fetching:
            return
        self._asking.spawn(self._fetch(chat, chat.id), "older messages")

    async def _fetch(self, chat: OpenChat, id_: ConversationId) -> None:
        await self._older(chat, id_)

    async def _older(self, chat: OpenChat, id_: ConversationId) -> bool:
        """One more page; ``False`` when it did not come."""
        chat.fetching = True
        state = self._state()
        known = state[1].conversations.get(id_) if state else None
        oldest = chat.older[0] if chat.older else (known.last[0] if known and known.last else None)
        try:
            found = await self._client.history(id_, oldest.sent_at if oldest else None)
        except (Refused, ConnectionProblem) as error:
            self._asking.say(failure_words(error))
            chat.complete = isinstance(error, Refused)
            return False
        finally:
            chat.fetching = False
        chat.older = (*reversed(found.messages), *chat.older)
        chat.complete = not found.more
        if self.open_chat is chat:
            self._messages()
        return True

    # Searching

    def search(self, text: str) -> None:
        """Look for messages; an empty text ends the search."""
        if text:
            self._asking.spawn(self._search(text), "search messages")
        else:
            self._models.found.show(())

    async def _search(self, text: str) -> None:
        try:
            found = await self._client.search(whole(text), None)
        except (Refused, ConnectionProblem) as error:
            self._asking.say(failure_words(error))
            return
        state = self._state()
        if state is None or self._panel.list.search.text().strip() != text:
            return  # something else is looked for by now
        with_ = dict(found.conversations)
        self._found = {m.id: (m, with_.get(m.conversation, m.to)) for m in found.messages}
        now = self._client.server_now()
        self._models.found.show(found_rows(state[0], state[1].me, found.messages, with_, now, self._locale))

    def _open_found(self, key: str) -> None:
        found = self._found.get(key)
        if found is not None:
            self.open_message(*found)

    def open_message(self, message: Message, with_: Recipients) -> None:
        """The conversation of a message that was found, at that message."""
        self._open(message.conversation, with_, None)
        chat = self.open_chat
        if chat is not None and chat.id is not None:
            self._asking.spawn(self._go_to(chat, chat.id, message.id), "go to a message")

    async def _go_to(self, chat: OpenChat, id_: ConversationId, message: MessageId) -> None:
        """Fetch page after page until the message is there: what lies between is not left out."""
        while not (self._models.messages.index_of(message).isValid() or chat.complete):
            if not await self._older(chat, id_) or self.open_chat is not chat:
                return
        self._panel.conversation.show_message(message)
