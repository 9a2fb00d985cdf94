"""Whom a red escalation calls: chips, and a field that finds people and groups while one types."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.ui.escalation.choices import Offer, search, what_to_type
from app.ui.escalation.pick_list import PaintFace, PickList, paint_person
from app.ui.i18n import tr
from app.ui.theme.tokens import Tokens
from app.ui.widgets.chip import HEIGHT, Chip
from app.ui.widgets.flow import FlowLayout

LOWEST = 40
MOST_LINES = 3
GAP = 5
"""px; lines of chips before the field scrolls; px between chips."""


class RecipientsField(QWidget):
    """Args:
        found: the list of what the typed text may mean; its parent is what it may cover.

    Signals:
        changed: other chips.

    Attributes:
        nothing: what an empty field says where nothing can be chosen.
    """

    changed = Signal()

    def __init__(
        self, tokens: Tokens, paint_face: PaintFace, found: PickList, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._tokens, self._paint_face, self._list = tokens, paint_face, found
        self._offers: Mapping[str, Offer] = {}
        self.nothing = tr("@name or @group")
        self._chosen: dict[str, Chip] = {}
        self._scroll = QScrollArea(self)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = QWidget(self._scroll)
        self._flow = FlowLayout(self._inside, spacing=GAP, stretch_last=True)
        self._flow.setContentsMargins(6, 6, 6, 6)
        self.field = SearchField(self._inside)
        self._flow.addWidget(self.field)
        self._scroll.setWidget(self._inside)
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.addWidget(self._scroll)
        self.setFocusProxy(self.field)
        self.field.installEventFilter(self)
        self.field.searched.connect(self._search)
        self.field.focus_changed.connect(self.update)
        found.picked.connect(self.choose)
        self._fit()

    # What is chosen

    @property
    def chosen(self) -> tuple[Offer, ...]:
        """In the order in which they were chosen."""
        return tuple(self._offers[key] for key in self._chosen)

    @property
    def chips(self) -> tuple[Chip, ...]:
        return tuple(self._chosen.values())

    def set_offers(self, offers: Mapping[str, Offer]) -> None:
        """Everybody who can be chosen now; chips of those who cannot any more go."""
        self._offers = offers
        self._hint()
        gone = [key for key in self._chosen if key not in offers]
        for key in gone:
            self._drop(key)
        for key, chip in self._chosen.items():
            offer = offers[key]
            chip.set_state(offer.name, _said(offer), not offer.reachable, self._face(offer))
        if self._list.isVisible():
            self._search(self.field.wanted)
        if gone:
            self._altered()

    def show_chosen(self, keys: Iterable[str]) -> None:
        """These chips, in this order; nobody is told, and the keyboard stays where it is."""
        wanted = [key for key in dict.fromkeys(keys) if key in self._offers]
        if wanted != list(self._chosen):
            for key in list(self._chosen):
                self._drop(key)
            for key in wanted:
                self._add(self._offers[key])
            self._arrange()

    def choose(self, key: str) -> None:
        """Add a chip, and make the field ready for the next."""
        offer = self._offers.get(key)
        self.field.clear()
        self._list.hide()
        if offer is None or key in self._chosen:
            return
        self._add(offer)
        self._altered()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, offer: Offer) -> None:
        chip = Chip(
            offer.key,
            offer.name,
            self._tokens,
            spoken=_said(offer),
            icon_name=offer.icon,
            face=self._face(offer),
            faded=not offer.reachable,
            parent=self._inside,
        )
        chip.removed.connect(self.remove)
        chip.step.connect(self._step)
        self._flow.insert_widget(len(self._chosen), chip)
        self._chosen[offer.key] = chip
        chip.show()

    def remove(self, key: str) -> None:
        """Take a chip away; the keyboard goes to the next, or back to the field."""
        keys = list(self._chosen)
        if key not in keys:
            return
        at = keys.index(key)
        self._drop(key)
        left = list(self._chosen.values())
        target = left[at] if at < len(left) else self.field
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        self._altered()

    def clear(self) -> None:
        for key in list(self._chosen):
            self._drop(key)
        self.field.clear()
        self._altered()

    def _drop(self, key: str) -> None:
        chip = self._chosen.pop(key)
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _face(self, offer: Offer) -> Callable[[QPainter, QRectF], None] | None:
        if offer.person is None:
            return None
        return partial(_paint_chip_face, offer=offer, paint_face=self._paint_face)

    def _altered(self) -> None:
        self._arrange()
        self.changed.emit()

    def _arrange(self) -> None:
        self._hint()
        self._order()
        self._fit()

    def _hint(self) -> None:
        words = what_to_type(self._offers.values()) or self.nothing
        self.field.setPlaceholderText("" if self._chosen else words)

    def _order(self) -> None:
        """Tab stops at the field alone; from there the arrow keys reach the chips."""
        for chip in self._chosen.values():
            chip.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    # Typing

    def _search(self, typed: str) -> None:
        rows = search(self._offers.values(), typed, self._chosen)
        self._list.offer(rows, self, choose_first=bool(typed.strip("@＠ ")))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._list.handle_key(event) or self._key(event)
        if watched is self.field and isinstance(event, QFocusEvent):
            if event.type() is QEvent.Type.FocusOut:
                self._list.hide()
            self.update()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key, at_start = event.key(), self.field.cursorPosition() == 0 and not self.field.hasSelectedText()
        if key == Qt.Key.Key_Down:
            self._search(self.field.wanted)
            if self._list.isVisible() and self._list.current is None:
                self._list.step(1)
        elif key == Qt.Key.Key_Backspace and at_start and self._chosen:
            self.remove(list(self._chosen)[-1])
        elif key == Qt.Key.Key_Left and at_start and self._chosen:
            list(self._chosen.values())[-1].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            return False
        return True

    def _step(self, key: str, by: int) -> None:
        chips = list(self._chosen.values())
        at = list(self._chosen).index(key) + by
        target: QWidget = chips[at] if 0 <= at < len(chips) else chips[0] if at < 0 else self.field
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.field.setFocus(Qt.FocusReason.MouseFocusReason)
        self._search(self.field.wanted)

    # Looks

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._list.set_tokens(tokens)
        for chip in self._chosen.values():
            chip.set_tokens(tokens)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, self.minimumHeight())

    def _fit(self) -> None:
        """As high as the chips need, up to some lines; then it scrolls to the field."""
        inner = self._flow.heightForWidth(max(self.width() - 2, 1))
        most = MOST_LINES * HEIGHT + (MOST_LINES - 1) * GAP + 12
        self.setFixedHeight(max(LOWEST, min(inner, most) + 2))
        if inner > most:
            QTimer.singleShot(0, self, lambda: self._scroll.ensureWidgetVisible(self.field))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != self.width():
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, focused = self._tokens.colours, self.field.hasFocus()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if focused else 1
        painter.setPen(QPen(QColor(colours.focus if focused else colours.edge), width))
        painter.setBrush(QColor(colours.surface))
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.drawRoundedRect(box, self._tokens.radii.s, self._tokens.radii.s)


class SearchField(QLineEdit):
    """Signals:
    searched: what is typed, the part that an input method is still composing included.
    focus_changed
    """

    searched = Signal(str)
    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._composed = ""
        self.setStyleSheet("border: none; background: transparent; padding: 0 4px; min-height: 0;")
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr("Recipients"))
        self.setAccessibleDescription(tr("Type a name; the arrow keys choose, Enter takes."))
        self.textEdited.connect(lambda _text: self.searched.emit(self.wanted))

    @property
    def wanted(self) -> str:
        return self.text() + self._composed

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEIGHT)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composed = event.preeditString()
        super().inputMethodEvent(event)
        self.searched.emit(self.wanted)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()
        tabbed = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.MouseFocusReason)
        if tabbed and not self.wanted:
            self.searched.emit("")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.searched.emit(self.wanted)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.ignore()
            return
        super().keyPressEvent(event)


def _said(offer: Offer) -> str:
    return tr("{name}, {presence}", name=offer.name, presence=offer.detail)


def _paint_chip_face(painter: QPainter, box: QRectF, *, offer: Offer, paint_face: PaintFace) -> None:
    paint_person(painter, box, offer, paint_face, ring=False)
