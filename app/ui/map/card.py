"""The card beside an avatar: who it is, what they do, and the whole message of a raised hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.core.model import Level, PersonId
from app.ui.i18n import tr, trn
from app.ui.map import glyphs
from app.ui.map.colours import LIGHT, ROLE_MARKS, MapColours
from app.ui.map.model import Avatar
from app.ui.theme.fonts import font
from app.ui.words import elapsed, in_a_row, role_words, status_words

if TYPE_CHECKING:
    from app.ui.map.view import MapView

WIDTH, PAD, GAP = 264, 14, 10
"""px"""
RIM = 8
"""px round the card for its shadow."""
LINGER = 260
"""ms the card stays when the pointer has left, so that it can be reached."""


class _CardButton(QAbstractButton):
    """A small pill; the keyboard has keys of its own for it."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.colours = LIGHT
        self.filled = False

    def sizeHint(self) -> QSize:
        width = QFontMetricsF(font(12, 600)).horizontalAdvance(self.text())
        return QSize(round(width) + 26, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = QColor(self.colours.accent if self.filled else self.colours.text)
        if not self.filled:
            fill.setAlpha(40 if self.isDown() else 30 if self.underMouse() else 18)
        elif self.underMouse():
            fill = fill.lighter(112)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(self.rect()), 10, 10)
        painter.setFont(font(12, 600))
        painter.setPen(QColor(self.colours.on_accent if self.filled else self.colours.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


class Card(QWidget):
    """Signals: chat_requested, approach_requested with the person's id.

    All text of others is painted, and so never read as markup.
    """

    chat_requested = Signal(str)
    approach_requested = Signal(str)

    def __init__(self, view: MapView) -> None:
        super().__init__(view)
        self._view = view
        self._colours = LIGHT
        self.person: PersonId | None = None
        self.chat_button = _CardButton(tr("Chat"), self)
        self.chat_button.clicked.connect(lambda: self.chat_requested.emit(self.person))
        self.approach_button = _CardButton(tr("Approach"), self)
        self.approach_button.filled = True
        self.approach_button.clicked.connect(lambda: self.approach_requested.emit(self.person))
        self._linger = QTimer(self)
        self._linger.setSingleShot(True)
        self._linger.setInterval(LINGER)
        self._linger.timeout.connect(self._fade)
        # Only while a card with a hand is shown: its running time.
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self.update)
        self.hide()

    def set_colours(self, colours: MapColours) -> None:
        self._colours = self.chat_button.colours = self.approach_button.colours = colours
        self.update()

    def show_for(self, person: PersonId) -> None:
        """Show somebody's card beside their avatar."""
        self._linger.stop()
        self.person = person
        self.refresh()
        self.show()
        self.raise_()

    def refresh(self) -> None:
        """What is shown about the person changed."""
        avatar = self._avatar()
        if avatar is None:
            self.dismiss()
            return
        for button in (self.chat_button, self.approach_button):
            button.setVisible(not avatar.is_self)
        if avatar.hand is not None:
            self._second.start()
        else:
            self._second.stop()
        height = self._lay_out(None)
        self.resize(WIDTH + 2 * RIM, round(height) + 2 * RIM)
        self.follow()
        self.update()

    def follow(self) -> None:
        """Stand beside the avatar again: right of it, or left where there is no room."""
        person = self.person
        if person is None or person not in self._view.scene.crowd.row:
            return
        view, pointer = self._view, self._view.scene.overlay.pointer_of(person)
        dpr = view.camera.dpr
        face = view.anchor(person).toAlignedRect()
        if pointer is not None:
            box = pointer.box
            face = QRectF(box.x() / dpr, box.y() / dpr, box.width() / dpr, box.height() / dpr).toAlignedRect()
        room = view.rect()
        x = face.right() + GAP - RIM
        if x + self.width() > room.right():
            x = face.left() - GAP + RIM - self.width()
        y = face.center().y() - self.height() // 2
        x = min(max(x, room.left()), max(room.right() - self.width(), 0))
        y = min(max(y, room.top()), max(room.bottom() - self.height(), 0))
        self.move(QPoint(x, y))

    def dismiss_soon(self) -> None:
        if self.person is not None:
            self._linger.start()

    def dismiss(self) -> None:
        self._linger.stop()
        self._second.stop()
        self.person = None
        self.hide()

    def _fade(self) -> None:
        """The pointer has gone; who has the keyboard's attention keeps the card."""
        focused = self._view.focused_person
        if focused is not None and self._view.hasFocus():
            self.show_for(focused)
        else:
            self.dismiss()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._linger.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.dismiss_soon()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(RIM, RIM, -RIM, -RIM)
        shadow = QColor(self._colours.office.shadow)
        painter.setPen(Qt.PenStyle.NoPen)
        for spread, alpha in ((6, 8), (4, 12), (2, 18)):
            shadow.setAlpha(alpha)
            painter.setBrush(shadow)
            painter.drawRoundedRect(
                box.adjusted(-spread, -spread, spread, spread).translated(0, 1.5), 14 + spread, 14 + spread
            )
        painter.setBrush(QColor(self._colours.surface))
        painter.drawRoundedRect(box, 14, 14)
        self._lay_out(painter)
        painter.end()

    def _avatar(self) -> Avatar | None:
        return self._view.scene.avatars.get(self.person) if self.person is not None else None

    def _lay_out(self, painter: QPainter | None) -> float:
        """Paint the card, or only measure it; its height in px without the rim."""
        avatar = self._avatar()
        if avatar is None:
            return 0.0
        page = _Page(painter, QRectF(RIM + PAD, RIM + PAD, WIDTH - 2 * PAD, 2000))
        colours = self._colours
        page.write(avatar.name, 15, 700, colours.text)
        role = role_words(avatar.role) if ROLE_MARKS[avatar.role] else ""
        place = self._view.zone_name(avatar.zone)
        state = tr("Connection lost") if avatar.lost else status_words(avatar.status, avatar.auto_away)
        page.write(in_a_row((state, role, place), " · "), 12, 400, colours.muted)
        if avatar.lost_channels:
            page.write(avatar.lost_channels, 12, 400, colours.muted)
        if avatar.hand is not None:
            hand = avatar.hand
            page.space(8)
            red = hand.level is Level.RED
            since = elapsed(self._view.wall() - hand.raised_at)
            word = (
                tr("Calls for help · {time}", time=since) if red else tr("Hand raised · {time}", time=since)
            )
            page.chip(
                word, colours.red if red else colours.yellow, colours.on_red if red else colours.on_yellow
            )
            if hand.message:
                page.space(6)
                page.write(hand.message, 13, 600, colours.text)
            if hand.coming:
                coming = trn("{n} person is on the way", "{n} people are on the way", hand.coming)
                page.space(2)
                page.write(coming, 12, 400, colours.muted)
        if not avatar.is_self:
            page.space(10)
            top = round(page.top)
            left = RIM + PAD
            for button in (self.approach_button, self.chat_button):
                size = button.sizeHint()
                if painter is None:
                    button.setGeometry(QRect(QPoint(left, top), size))
                left += size.width() + 8
            page.space(self.chat_button.sizeHint().height())
        return page.top - RIM + PAD


class _Page:
    """Writes lines below each other, or only measures them."""

    def __init__(self, painter: QPainter | None, room: QRectF) -> None:
        self._painter, self._room = painter, room
        self.top = room.top()

    def space(self, height: float) -> None:
        self.top += height

    def write(self, text: str, size: int, weight: int, colour: str) -> None:
        used = font(size, weight)
        width, height = self._room.width(), 0.0
        # Words wrap; a word that is too long breaks anywhere.
        layout = QTextLayout(text, used)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, height))
            height += line.height()
        layout.endLayout()
        if self._painter is not None:
            self._painter.setPen(QColor(colour))
            layout.draw(self._painter, QPointF(self._room.left(), self.top))
        self.top += height + 2

    def chip(self, text: str, fill: str, ink: str) -> None:
        """A coloured line with a hand."""
        used = font(12, 600)
        box = QRectF(self._room.left(), self.top, QFontMetricsF(used).horizontalAdvance(text) + 38, 24)
        if self._painter is not None:
            self._painter.setPen(Qt.PenStyle.NoPen)
            self._painter.setBrush(QColor(fill))
            self._painter.drawRoundedRect(box, 8, 8)
            glyphs.draw(
                self._painter, glyphs.hand(), QRectF(box.left() + 8, box.top() + 5, 14, 14), QColor(ink)
            )
            self._painter.setFont(used)
            self._painter.setPen(QColor(ink))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            self._painter.drawText(box.adjusted(28, 0, 0, 0), flags, text)
        self.top += box.height()
