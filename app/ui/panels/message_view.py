"""What chats and the inbox have in common: a list or one conversation, and its messages as one reads them."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.ui.i18n import tr
from app.ui.models.messages import MessageRow
from app.ui.models.rows import RowModel
from app.ui.panels.chat_rows import OPEN, MessagesDelegate
from app.ui.panels.composer import Composer
from app.ui.panels.look import Look
from app.ui.panels.parts import picture_button
from app.ui.panels.rows_view import COPY, RowsView
from app.ui.widgets import label

NEAR_TOP_PX = 120
NEAR_END_PX = 40


class MessageView(QWidget):
    """One conversation. Whoever is at its end stays there; whoever reads above is not moved.

    Attributes:
        composer: made by the subclass.
        present: somebody is at the machine; what comes before an empty chair is looked at by nobody.

    Signals:
        back: to the list.
        seen: the newest message is in view.
        older_wanted: the oldest message is nearly in view.
        acted: a message's key, and what is to be done with it.
    """

    back = Signal()
    seen = Signal()
    older_wanted = Signal()
    acted = Signal(str, str)

    composer: Composer

    def __init__(self, messages: RowModel[Any], look: Look, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._messages = messages
        self.present = True
        self._at_end = True
        self._from_end: int | None = None
        self.back_button = picture_button("chevron-left", tr("All conversations"), look, self)
        self.back_button.clicked.connect(self.back)
        self.title = label(size="large", weight=600, elide=True, parent=self)
        self.view = RowsView(look, self)
        self.view.setAccessibleName(tr("Messages"))
        self.view.acted.connect(self._act)
        bar = self.view.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)
        bar.rangeChanged.connect(self._range_changed)
        messages.rowsAboutToBeInserted.connect(self._hold)

    def use(self, delegate: MessagesDelegate) -> None:
        """Rows look so from now on."""
        self.view.use(delegate)
        self.view.setModel(self._messages)

    @property
    def attended(self) -> bool:
        """The person looks at the newest message."""
        return self.present and self.isVisible() and self.window().isActiveWindow() and self._at_end

    def to_end(self) -> None:
        self._at_end = True
        self.view.scrollToBottom()

    def show_title(self, title: str) -> None:
        self.title.setText(title)
        self.title.setAccessibleName(tr("Conversation: {title}", title=title))

    def _act(self, key: str, action: str) -> None:
        row = self._messages.row(self._messages.index_of(key))
        if action == COPY and isinstance(row, MessageRow):
            QGuiApplication.clipboard().setText(row.text)
        elif action.startswith(OPEN):
            QDesktopServices.openUrl(QUrl(action.removeprefix(OPEN)))
        else:
            self.acted.emit(key, action)

    def _hold(self, _parent: QModelIndex, first: int, _last: int) -> None:
        """Older messages above must not move what is being read."""
        bar = self.view.verticalScrollBar()
        self._from_end = bar.maximum() - bar.value() if first <= 1 and not self._at_end else None

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


class ListWidget(QWidget):
    """A list of conversations."""

    def focus(self) -> None:
        """The keyboard goes to what is most likely wanted."""
        raise NotImplementedError


L = TypeVar("L", bound=ListWidget)
V = TypeVar("V", bound=MessageView)


class ListAndOne(QStackedWidget, Generic[L, V]):
    """The list, or the conversation that was opened from it; they belong to it from then on."""

    def __init__(self, listed: L, one: V, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list, self.one = listed, one
        self.addWidget(listed)
        self.addWidget(one)

    @property
    def shows_one(self) -> bool:
        return self.currentWidget() is self.one

    def show_list(self) -> None:
        self.setCurrentWidget(self.list)
        self.list.focus()

    def show_one(self) -> None:
        self.setCurrentWidget(self.one)
        self.one.composer.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def focus(self) -> None:
        """The keyboard goes to what is most likely wanted."""
        if self.shows_one:
            self.one.composer.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.list.focus()
