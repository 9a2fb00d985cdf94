"""Mention chats: the list of conversations with a search, and one conversation at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.models.conversations import ConversationsModel, FoundModel
from app.ui.models.messages import MessagesModel
from app.ui.panels.chat_rows import ConversationsDelegate, FoundDelegate, MessagesDelegate
from app.ui.panels.composer import Composer, Source
from app.ui.panels.look import Look
from app.ui.panels.message_view import ListAndOne, ListWidget, MessageView
from app.ui.panels.parts import EmptyOr, empty_state, picture_button, search_field
from app.ui.panels.rows_view import RowsView

SEARCH_WAIT_MS = 250


class ConversationList(ListWidget):
    """Signals:
    opened: the key of a conversation.
    found_opened: the key of a message that the search found.
    search_wanted: what to look for, once typing pauses; empty when the search is over.
    new_wanted: a new conversation.
    """

    opened = Signal(str)
    found_opened = Signal(str)
    search_wanted = Signal(str)
    new_wanted = Signal()

    def __init__(
        self, conversations: ConversationsModel, found: FoundModel, look: Look, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.search = search_field(tr("Search messages"), look, self)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(SEARCH_WAIT_MS)
        self._pause.timeout.connect(self._search)
        self.search.textChanged.connect(self._typed)
        self.new = picture_button("plus", tr("New message"), look, self)
        self.new.clicked.connect(self.new_wanted)
        self.view = RowsView(look, self)
        self.view.setAccessibleName(tr("Conversations"))
        self.view.use(ConversationsDelegate(look, self.view))
        self.view.setModel(conversations)
        self.view.opened.connect(self.opened)
        self.found = RowsView(look, self)
        self.found.setAccessibleName(tr("Messages found"))
        self.found.use(FoundDelegate(look, self.found))
        self.found.setModel(found)
        self.found.opened.connect(self.found_opened)
        self._pages = QStackedWidget(self)
        teach = tr("Write to somebody with @ and their name. Only those mentioned see it.")
        empty = EmptyOr(self.view, conversations, look, ("chat", tr("No messages yet"), teach), self)
        self._pages.addWidget(empty)
        nothing = tr("Other words may help; messages that were not for you are never found.")
        self._pages.addWidget(
            EmptyOr(self.found, found, look, ("search", tr("Nothing found"), nothing), self)
        )
        self._arrange()
        self.setFocusProxy(self.view)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(12, 0, 12, 0)
        top.setSpacing(6)
        top.addWidget(self.search, 1)
        top.addWidget(self.new)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 0)
        box.setSpacing(4)
        box.addLayout(top)
        box.addWidget(self._pages, 1)

    def focus(self) -> None:
        """The keyboard goes to the conversations; where there are none, to the button for a new one."""
        some = self.view.model().rowCount() > 0
        (self.view if some else self.new).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _typed(self, text: str) -> None:
        if text.strip():
            self._pause.start()
        else:
            self._pause.stop()
            self._search()

    def _search(self) -> None:
        text = self.search.text().strip()
        self._pages.setCurrentIndex(1 if text else 0)
        self.search_wanted.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif event.key() == Qt.Key.Key_Down and self.search.hasFocus():
            current = self._pages.currentWidget()
            view = self.found if current is not None and current.isAncestorOf(self.found) else self.view
            view.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


class ConversationView(MessageView):
    """One conversation, or a new one whose people are still to be named."""

    def __init__(
        self, messages: MessagesModel, look: Look, source: Source, parent: QWidget | None = None
    ) -> None:
        super().__init__(messages, look, parent)
        self._delegate = MessagesDelegate(look, self.view)
        self.use(self._delegate)
        self.empty = empty_state(("chat", tr("A new conversation"), ""), look, self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.empty)
        messages.rowsInserted.connect(self._choose)
        messages.rowsRemoved.connect(self._choose)
        self.composer = Composer(look, source, self)
        self.composer.left.connect(self.back)
        self._arrange()
        self.setFocusProxy(self.composer)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(8, 8, 12, 4)
        top.setSpacing(4)
        top.addWidget(self.back_button)
        top.addWidget(self.title, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(self._pages, 1)
        box.addWidget(self.composer)

    def open(self, title: str, placeholder: str) -> None:
        """Another conversation is shown from now on, at its end."""
        self._delegate.marked = ""
        self.show_title(title)
        self.composer.set_placeholder(placeholder)
        self.empty.teaching.setText(placeholder)
        self._choose()
        self.to_end()

    def show_message(self, key: str) -> None:
        """Bring one message into view and choose it."""
        index = self._messages.index_of(key)
        if index.isValid():
            self._at_end = False
            self._delegate.marked = key
            self.view.scrollTo(index, RowsView.ScrollHint.PositionAtCenter)
            self.view.setCurrentIndex(index)
            self.view.viewport().update()

    def _choose(self) -> None:
        self._pages.setCurrentIndex(0 if self._messages.rowCount() else 1)


class ChatPanel(ListAndOne[ConversationList, ConversationView]):
    """Attributes:
    conversation: the one that was opened.
    """

    def __init__(
        self,
        conversations: ConversationsModel,
        found: FoundModel,
        messages: MessagesModel,
        look: Look,
        source: Source,
        parent: QWidget | None = None,
    ) -> None:
        chats, one = ConversationList(conversations, found, look), ConversationView(messages, look, source)
        super().__init__(chats, one, parent)
        self.conversation = one
