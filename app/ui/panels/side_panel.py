"""The panel beside the map: tabs with counts over Hands, Chat, Inbox and People."""

from __future__ import annotations

import enum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.ui.i18n import tr, trn
from app.ui.panels.chat_panel import ChatPanel
from app.ui.panels.hands_panel import HandsPanel
from app.ui.panels.inbox_panel import InboxPanel
from app.ui.panels.look import Look
from app.ui.panels.parts import Tabs
from app.ui.panels.people_panel import PeoplePanel

WIDTH = 340
NARROWEST = 280


class Tab(enum.IntEnum):
    HANDS = 0
    CHAT = 1
    INBOX = 2
    PEOPLE = 3


class SidePanel(QWidget):
    """Signals:
    tab_changed: the tab that is shown now.
    """

    tab_changed = Signal(int)

    def __init__(
        self,
        hands: HandsPanel,
        chat: ChatPanel,
        inbox: InboxPanel,
        people: PeoplePanel,
        look: Look,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._look = look
        self.hands, self.chat, self.inbox, self.people = hands, chat, inbox, people
        self.setMinimumWidth(NARROWEST)
        self.tabs = Tabs(look, self)
        for words in (tr("Hands"), tr("Chat"), tr("Inbox"), tr("People")):
            self.tabs.add(words)
        self.tabs.setAccessibleName(tr("Side panel"))
        self.tabs.setTabVisible(Tab.INBOX, False)
        self._pages = QStackedWidget(self)
        for page in (hands, chat, inbox, people):
            self._pages.addWidget(page)
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.tabs.currentChanged.connect(self.tab_changed)
        hands.emptied.connect(self._focus_tabs)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.tabs)
        box.addWidget(self._pages, 1)
        look.changed.connect(self.update)

    @property
    def tab(self) -> Tab:
        return Tab(self.tabs.currentIndex())

    def show_tab(self, tab: Tab, *, focus: bool = True) -> None:
        if not self.tabs.isTabVisible(tab):
            return
        self.tabs.setCurrentIndex(tab)
        if focus:
            self.focus()

    def focus(self) -> None:
        """The keyboard goes into the page that is shown; to its tab where there is nothing in it."""
        if self.tab is Tab.HANDS:
            if not self.hands.focus():
                self._focus_tabs()
        elif self.tab is Tab.CHAT:
            self.chat.focus()
        elif self.tab is Tab.INBOX:
            self.inbox.focus()
        else:
            self.people.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _focus_tabs(self) -> None:
        self.tabs.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_hands(self, count: int, red: bool) -> None:
        spoken = trn("{n} hand raised", "{n} hands raised", count)
        self.tabs.set_count(Tab.HANDS, count, "red" if red else "yellow", spoken)

    def set_unread(self, count: int) -> None:
        self.tabs.set_count(
            Tab.CHAT, count, "accent", trn("{n} unread message", "{n} unread messages", count)
        )

    def set_inbox(self, there: bool, waiting: int) -> None:
        """Whether the space has lines, and how many conversations with customers wait."""
        self.tabs.setTabVisible(Tab.INBOX, there)
        spoken = trn("{n} conversation waits", "{n} conversations wait", waiting)
        self.tabs.set_count(Tab.INBOX, waiting, "accent", spoken)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, 600)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("surface"))
        painter.fillRect(0, 0, 1, self.height(), self._look.colour("line"))
