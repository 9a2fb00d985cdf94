"""Mention chats: the list of conversations with a search, and one conversation at a time."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.models.conversations import ConversationsModel, FoundModel
from app.ui.models.messages import MessageRow, MessagesModel
from app.ui.panels.chat_rows import OPEN, ConversationsDelegate, FoundDelegate, MessagesDelegate
from app.ui.panels.composer import Composer, Source
from app.ui.panels.look import Look
from app.ui.panels.parts import EmptyOr, empty_state, picture_button, search_field
from app.ui.panels.rows_view import COPY, RowsView
from app.ui.widgets import label

SEARCH_WAIT_MS = 250
NEAR_TOP_PX = 120
NEAR_END_PX = 40


class ConversationList(QWidget):
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
        self, conversations: ConversationsModel, found: FoundModel, look: Look, parent: QWidget
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


class ConversationView(QWidget):
    """One conversation, or a new one whose people are still to be named.

    Signals:
        back: to the list.
        older_wanted: the oldest message is nearly in view.
        seen: the newest message is in view.
        acted: a message's key, and ``again`` or ``discard``.
    """

    back = Signal()
    older_wanted = Signal()
    seen = Signal()
    acted = Signal(str, str)

    def __init__(self, messages: MessagesModel, look: Look, source: Source, parent: QWidget) -> None:
        super().__init__(parent)
        self._messages = messages
        self._at_end = True
        self.back_button = picture_button("chevron-left", tr("All conversations"), look, self)
        self.back_button.clicked.connect(self.back)
        self.title = label(size="large", weight=600, elide=True, parent=self)
        self.view = RowsView(look, self)
        self.view.setAccessibleName(tr("Messages"))
        self._delegate = MessagesDelegate(look, self.view)
        self.view.use(self._delegate)
        self.view.setModel(messages)
        self.view.acted.connect(self._act)
        self.view.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.view.verticalScrollBar().rangeChanged.connect(self._range_changed)
        messages.rowsAboutToBeInserted.connect(self._hold)
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
        self.title.setText(title)
        self.title.setAccessibleName(tr("Conversation: {title}", title=title))
        self.composer.set_placeholder(placeholder)
        self.empty.teaching.setText(placeholder)
        self._choose()
        self.to_end()

    def to_end(self) -> None:
        self._at_end = True
        self.view.scrollToBottom()

    def show_message(self, key: str) -> None:
        """Bring one message into view and choose it."""
        index = self._messages.index_of(key)
        if index.isValid():
            self._at_end = False
            self._delegate.marked = key
            self.view.scrollTo(index, RowsView.ScrollHint.PositionAtCenter)
            self.view.setCurrentIndex(index)
            self.view.viewport().update()

    def _act(self, key: str, action: str) -> None:
        row = self._messages.row(self._messages.index_of(key))
        if action == COPY and isinstance(row, MessageRow):
            QGuiApplication.clipboard().setText(row.text)
        elif action.startswith(OPEN):
            QDesktopServices.openUrl(QUrl(action.removeprefix(OPEN)))
        else:
            self.acted.emit(key, action)

    @property
    def at_end(self) -> bool:
        return self._at_end

    def _choose(self) -> None:
        self._pages.setCurrentIndex(0 if self._messages.rowCount() else 1)

    def _hold(self, _parent: QModelIndex, first: int, _last: int) -> None:
        """Older messages above must not move what is being read."""
        bar = self.view.verticalScrollBar()
        self._from_end = bar.maximum() - bar.value() if first <= 1 and not self._at_end else None

    _from_end: int | None = None

    def _range_changed(self, _low: int, high: int) -> None:
        if self._at_end:
            self.view.verticalScrollBar().setValue(high)
        elif self._from_end is not None:
            self.view.verticalScrollBar().setValue(high - self._from_end)
            self._from_end = None

    def _scrolled(self, value: int) -> None:
        bar = self.view.verticalScrollBar()
        self._at_end = value >= bar.maximum() - NEAR_END_PX
        if self._at_end:
            self.seen.emit()
        if value < NEAR_TOP_PX and bar.maximum() > 0:
            self.older_wanted.emit()


class ChatPanel(QStackedWidget):
    """The list, or the conversation that was opened from it."""

    def __init__(
        self,
        conversations: ConversationsModel,
        found: FoundModel,
        messages: MessagesModel,
        look: Look,
        source: Source,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.list = ConversationList(conversations, found, look, self)
        self.conversation = ConversationView(messages, look, source, self)
        self.addWidget(self.list)
        self.addWidget(self.conversation)

    @property
    def shows_conversation(self) -> bool:
        return self.currentWidget() is self.conversation

    def show_list(self) -> None:
        self.setCurrentWidget(self.list)
        self.list.focus()

    def show_conversation(self) -> None:
        self.setCurrentWidget(self.conversation)
        self.conversation.composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus(self) -> None:
        """The keyboard goes to what is most likely wanted."""
        if self.shows_conversation:
            self.conversation.composer.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.list.focus()
