"""The queue of raised hands: the place where nothing is missed, whatever the map shows."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.models.hands import HandsModel
from app.ui.models.ticker import Ticker
from app.ui.panels.hand_card import AGAIN, APPROACH, CHAT, DECLINE, LOCATE, LOWER, TIMELINE, HandCard
from app.ui.panels.look import Look
from app.ui.panels.parts import empty_state

KEYS = {
    Qt.Key.Key_Return: APPROACH,
    Qt.Key.Key_Enter: APPROACH,
    Qt.Key.Key_A: APPROACH,
    Qt.Key.Key_C: CHAT,
    Qt.Key.Key_N: DECLINE,
    Qt.Key.Key_M: LOCATE,
    Qt.Key.Key_T: TIMELINE,
    Qt.Key.Key_R: AGAIN,
    Qt.Key.Key_Delete: LOWER,
}
"""What a key does on the card that has the focus."""


class HandsPanel(QWidget):
    """Cards in the model's order.

    Args:
        now: server time, s.

    Signals:
        acted: a hand's id, and ``approach``, ``chat``, ``decline``, ``locate``, ``lower``, ``timeline``
            or ``again``.
        emptied: the card that had the keyboard is gone, and there is no other.
    """

    acted = Signal(str, str)
    emptied = Signal()

    def __init__(
        self,
        model: HandsModel,
        look: Look,
        ticker: Ticker,
        now: Callable[[], float],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._look, self._ticker, self._now = model, look, ticker, now
        self.cards: dict[str, HandCard] = {}
        teach = tr("{keys} raises yours.", keys="Ctrl+Shift+E")
        self.empty = empty_state(("hand", tr("All quiet."), teach), look, self)
        self._list = QWidget(self)
        self._list.setObjectName("hands")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._list)
        self._scroll.viewport().setAutoFillBackground(False)
        self._list.setAutoFillBackground(False)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self.empty)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.sync)
        for signal in (
            model.rowsInserted, model.rowsRemoved, model.rowsMoved, model.dataChanged, model.modelReset,
        ):  # fmt: skip
            signal.connect(self._later.start)
        ticker.ticked.connect(self._tick)
        self.sync()

    def sync(self) -> None:
        """Cards for the model's rows, each kept while its hand is raised."""
        rows = self._model.rows
        wanted = {row.key for row in rows}
        for key in [key for key in self.cards if key not in wanted]:
            self._drop(key)
        for at, row in enumerate(rows):
            card = self.cards.get(row.key)
            if card is None:
                card = HandCard(row, self._look, self._list)
                card.acted.connect(self.acted)
                self.cards[row.key] = card
            elif card.row != row:
                card.show_row(row)
            if self._column.indexOf(card) != at:
                self._column.insertWidget(at, card)
        self._pages.setCurrentIndex(0 if rows else 1)
        self._tick()
        self._need_ticks()

    def focus(self) -> bool:
        """The first card gets the keyboard; ``False`` when there is none."""
        first = next((self.cards[row.key] for row in self._model.rows if row.key in self.cards), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return first is not None

    def _drop(self, key: str) -> None:
        card = self.cards[key]
        had_focus = self._focused_card() is card
        del self.cards[key]
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        if had_focus and not self.focus():
            self.emptied.emit()

    def _tick(self) -> None:
        now = self._now()
        for card in self.cards.values():
            card.show_time(now)

    def _need_ticks(self) -> None:
        self._ticker.need(self, bool(self.cards) and self.isVisible())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick()
        self._need_ticks()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._need_ticks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focused = self._focused_card()
        if focused is None:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(focused, 1 if key == Qt.Key.Key_Down else -1)
        elif key in KEYS and self._allowed(focused, KEYS[key]):
            self.acted.emit(focused.row.id, KEYS[key])
        else:
            super().keyPressEvent(event)

    def _focused_card(self) -> HandCard | None:
        """The card in which the keyboard is, or was when the window last had it."""
        focused = self.focusWidget()
        cards = self.cards.values()
        return next((card for card in cards if focused is card or card.isAncestorOf(focused)), None)

    def _step(self, card: HandCard, by: int) -> None:
        keys = [row.key for row in self._model.rows]
        at = min(max(keys.index(card.row.key) + by, 0), len(keys) - 1)
        target = self.cards[keys[at]]
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self._scroll.ensureWidgetVisible(target)

    @staticmethod
    def _allowed(card: HandCard, action: str) -> bool:
        buttons = {
            APPROACH: card.approach,
            CHAT: card.chat,
            DECLINE: card.decline,
            LOCATE: card.locate,
            LOWER: card.lower_hand,
            TIMELINE: card.timeline,
            AGAIN: card.again,
        }
        button = buttons[action]
        return button.isVisible() and button.isEnabled()
