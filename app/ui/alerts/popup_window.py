"""The pop-up of alerts and priority messages: one window on every screen, above others, never with the
keyboard.

The window refuses the focus to the window manager itself (WM_HINTS input=False on X11,
WS_EX_NOACTIVATE on Windows, a non-activating panel on macOS), so keys go on to whatever program has
them; answering by keyboard is for the tray menu and the main window. On Wayland a client can neither
place itself nor stay on top: there the program runs on XWayland.

macOS hides tool windows of inactive programs unless told otherwise (WA_MacAlwaysShowToolWindow).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QObject,
    QPoint,
    QPropertyAnimation,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QCloseEvent, QGuiApplication, QRegion, QScreen, QShowEvent, QWindow
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.model import AnswerKind, EscalationId, MessageId
from app.ui.alerts.call_state import CallAnswer
from app.ui.alerts.card import RADIUS, AlertCard, MoreCard
from app.ui.alerts.card_parts import Pictures
from app.ui.alerts.views import AlertView
from app.ui.i18n import tr
from app.ui.theme.tokens import Tokens

WIDTH = 420
MARGIN = 16
GAP = 10
SLIDE_MS = 180
SLIDE_PX = 28
SETTLE_MS = 400
"""A click so soon after cards appeared or moved was meant for what was there before."""
EXPOSURE = (QEvent.Type.Expose, QEvent.Type.Hide, QEvent.Type.PlatformSurface)
"""Events after which a window may be seen, or not any more."""

Clock = Callable[[], float]
Seen = Callable[[QWindow], bool]
"""Whether a window can be seen by a person now."""


class PopupWindow(QWidget):
    """The column of cards on one screen.

    Signals:
        answered: (escalation id, AnswerKind), or (message id, CallAnswer).
        put_away: (escalation id), the calm card's close button.
        opened: the line for the cards that did not fit was clicked.
        exposure_changed: the window server shows it now, or no longer does.
    """

    answered = Signal(str, object)
    put_away = Signal(str)
    opened = Signal()
    exposure_changed = Signal()

    def __init__(self, screen: QScreen, clock: Clock, tokens: Tokens, pictures: Pictures, seen: Seen) -> None:
        super().__init__(
            None,
            Qt.WindowType.Tool
            | Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.WindowStaysOnTopHint
            | Qt.WindowType.WindowDoesNotAcceptFocus,
        )
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeNotification)  # on every desktop
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        # X servers without a compositor (thin clients) would paint translucency black: there a mask
        # cuts the window to its cards.
        self._masked = QGuiApplication.platformName() == "xcb"
        if not self._masked:
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setScreen(screen)
        self.setWindowTitle(tr("Somebody needs help"))
        self.reduced_motion = False
        self._screen = screen
        self._clock = clock
        self._tokens = tokens
        self._pictures = pictures
        self._seen = seen
        self._can_approach = True
        self._cards: dict[EscalationId | MessageId, AlertCard] = {}
        self._more = MoreCard(tokens, self)
        self._more.clicked.connect(self.opened)
        self._more.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)
        # The column's own minimum is that of its narrowest lines; we ask each card for its height.
        self._column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self._column.addWidget(self._more)
        self._settled = QElapsedTimer()
        self._slide = QPropertyAnimation(self, b"pos", self)
        self._slide.setDuration(SLIDE_MS)
        screen.availableGeometryChanged.connect(self._place)

    @property
    def cards(self) -> tuple[AlertCard, ...]:
        return tuple(self._cards.values())

    @property
    def exposed_cards(self) -> frozenset[EscalationId | MessageId]:
        """The cards a person can see now."""
        if not self.isVisible() or not self._seen(self.windowHandle()):
            return frozenset()
        return frozenset(a for a, card in self._cards.items() if card.isVisible())

    def set_views(self, views: Sequence[AlertView], can_approach: bool) -> None:
        """Show exactly these, oldest first; nothing hides the window."""
        self._can_approach = can_approach
        wanted = {view.id: view for view in views}
        if tuple(wanted) != tuple(self._cards):
            self._settled.start()
        for gone in [a for a in self._cards if a not in wanted]:
            card = self._cards.pop(gone)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {view.id: self._updated_card(view, i) for i, view in enumerate(views)}
        if not wanted:
            self.hide()
            return
        self._fit()
        if not self.isVisible():
            self._appear()
        else:
            self._place()

    def tick(self) -> None:
        """Show the running times of now."""
        for card in self._cards.values():
            card.tick(self._clock())

    def _answer(self, alert: str, kind: AnswerKind | CallAnswer) -> None:
        if self._settled.isValid() and self._settled.elapsed() < SETTLE_MS:
            return
        self.answered.emit(alert, kind)

    def _updated_card(self, view: AlertView, place: int) -> AlertCard:
        card = self._cards.get(view.id)
        if card is None:
            card = AlertCard(self._tokens, self._pictures, self)
            card.answered.connect(self._answer)
            card.put_away.connect(self.put_away)
        if self._column.indexOf(card) != place:
            self._column.removeWidget(card)
            self._column.insertWidget(place, card)
        card.set_view(view, self._can_approach, self._clock())
        return card

    # -- size and place --------------------------------------------------------------------------

    def _fit(self) -> None:
        """Show the oldest cards that fit; the last line says how many more there are."""
        room = self._screen.availableGeometry().height() - 2 * MARGIN
        used = 0
        hidden = 0
        reserve = self._more.heightForWidth(WIDTH) + GAP
        for i, card in enumerate(self._cards.values()):
            height = card.heightForWidth(WIDTH)
            last = i == len(self._cards) - 1
            fits = i == 0 or (hidden == 0 and used + height + (0 if last else reserve) <= room)
            card.setVisible(fits)
            hidden += not fits
            used += height + GAP if fits else 0
        self._more.set_count(hidden)
        self._more.setVisible(hidden > 0)

    def _size(self) -> QSize:
        shown = [c for c in (*self._cards.values(), self._more) if not c.isHidden()]
        height = sum(c.heightForWidth(WIDTH) for c in shown) + GAP * max(0, len(shown) - 1)
        return QSize(WIDTH, height)

    def _target(self) -> QPoint:
        area, size = self._screen.availableGeometry(), self._size()
        return QPoint(area.right() + 1 - MARGIN - size.width(), area.bottom() + 1 - MARGIN - size.height())

    def _place(self) -> None:
        """Where it belongs; a window that already is there is left alone, in its slide too."""
        box = QRect(self._target(), self._size())
        sliding = self._slide.state() is QPropertyAnimation.State.Running
        if box == self.geometry() or (sliding and box.size() == self.size()):
            return
        self._slide.stop()
        self.setGeometry(box)
        self._cut()
        self._settled.start()

    def _appear(self) -> None:
        target = self._target()
        self.setGeometry(QRect(target, self._size()))
        self._cut()
        if not self.reduced_motion:
            self._slide.setStartValue(target + QPoint(0, SLIDE_PX))
            self._slide.setEndValue(target)
            self.move(target + QPoint(0, SLIDE_PX))
            self._slide.start()
        self._settled.start()
        self.show()
        self.raise_()

    def _cut(self) -> None:
        if not self._masked:
            return
        self._column.activate()
        region = QRegion()
        for card in (*self._cards.values(), self._more):
            if not card.isHidden():
                region = region.united(rounded(card.geometry(), RADIUS))
        self.setMask(region)

    # -- events ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in EXPOSURE and watched is self.windowHandle():
            QTimer.singleShot(0, self, self.exposure_changed.emit)  # after the paint that follows
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()  # only an answer, or the end of the hand, takes it away


def rounded(box: QRect, radius: int) -> QRegion:
    """A rectangle with round corners as a region, row by row (px)."""
    region = QRegion(box.adjusted(0, radius, 0, -radius))
    for y in range(radius):
        inset = radius - round((radius**2 - (radius - y - 0.5) ** 2) ** 0.5)
        row = QRegion(box.x() + inset, box.y() + y, box.width() - 2 * inset, 1)
        region = region.united(row)
        region = region.united(row.translated(0, box.height() - 1 - 2 * y))
    return region
