"""How the side panel looks: the theme's tokens as colours, fonts, faces and icons ready to paint with."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QIcon,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)

from app.core.model import AssetId, PersonId, Status
from app.ui.map import FACES, Avatar, face_colour, initials, map_colours
from app.ui.map.faces import DIAMETER, FacePainter, FaceSize
from app.ui.theme import Theme, icon, icon_pixmap
from app.ui.theme.fonts import font

Portraits = Callable[[AssetId | None], QImage | None]
"""A person's picture if it is here; else it comes later."""
FACES_KEPT = 2_000


class Look(QObject):
    """Attributes:
    colours: the theme's, by the names of its tokens.

    Signals:
        changed: everything is to be painted anew.
    """

    changed = Signal()

    def __init__(self, theme: Theme, portraits: Portraits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._portraits = portraits
        self._faces: dict[Hashable, QPixmap] = {}
        self._read()
        theme.changed.connect(self._theme_changed)

    def _read(self) -> None:
        colours = self.theme.tokens.colours
        self.colours = {name: QColor(getattr(colours, name)) for name in colours.__slots__}
        # Text in an accent or status colour uses the shade that can be read on a surface.
        self.tones = {
            **self.colours,
            **{
                name: self.colours[f"{name}_text"]
                for name in ("accent", "green", "priority", "red", "yellow")
            },
        }

    def _theme_changed(self) -> None:
        self._faces.clear()
        self._read()
        self.changed.emit()

    def portrait_came(self) -> None:
        """A picture that was missing is here."""
        self.changed.emit()

    def colour(self, name: str) -> QColor:
        return self.colours[name]

    def font(self, size: int, *, bold: bool = False, tabular: bool = False) -> QFont:
        """``size``: px."""
        return font(size, 600 if bold else 400, tabular=tabular)

    def icon(self, name: str) -> QIcon:
        return icon(name, self.theme.tokens.colours.text, self.theme.tokens.colours.faint)

    def pixmap(self, name: str, tone: str, side: int) -> QPixmap:
        """An icon in a tone, ``side`` px square."""
        return icon_pixmap(name, self.colours[tone].name(), side, _ratio())

    # Faces and hands

    def paint_face(
        self,
        painter: QPainter,
        box: QRectF,
        person: PersonId,
        name: str,
        picture: AssetId | None = None,
        status: Status | None = None,
        auto_away: bool = False,
        lost: bool = False,
    ) -> None:
        """A person's face as on the map; without a status there is no ring."""
        image, ratio = self._portraits(picture), painter.device().devicePixelRatioF()
        looks = (image.cacheKey() if image else initials(name), face_colour(person))
        key = (looks, status, auto_away, lost, box.width(), ratio)
        pixmap = self._faces.get(key)
        if pixmap is None:
            if len(self._faces) > FACES_KEPT:
                self._faces.clear()
            avatar = Avatar(person, name, status or Status.AVAILABLE, auto_away, picture=image, lost=lost)
            pixmap = (
                self._with_ring(avatar, box.width(), ratio)
                if status
                else self._bare(avatar, box.width(), ratio)
            )
            self._faces[key] = pixmap
        side = pixmap.width() / pixmap.devicePixelRatio()
        painter.drawPixmap(box.center() - QPointF(side / 2, side / 2), pixmap)

    def _with_ring(self, avatar: Avatar, width: float, ratio: float) -> QPixmap:
        size = FaceSize.at(width / DIAMETER, ratio)
        drawer = FacePainter(size, map_colours(self.theme.tokens))
        pixmap = _blank(size.side, ratio)
        pixmap.setDevicePixelRatio(1)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawer.draw(painter, avatar)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _bare(self, avatar: Avatar, width: float, ratio: float) -> QPixmap:
        pixmap = _blank(round(width * ratio), ratio)
        box = QRectF(0, 0, width, width)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(Qt.PenStyle.NoPen)
        if avatar.picture is not None:
            path = QPainterPath()
            path.addEllipse(box)
            painter.setClipPath(path)
            edge = min(avatar.picture.width(), avatar.picture.height())
            left, top = (avatar.picture.width() - edge) / 2, (avatar.picture.height() - edge) / 2
            painter.drawImage(box, avatar.picture, QRectF(left, top, edge, edge))
        else:
            painter.setBrush(QColor(FACES[face_colour(avatar.id)]))
            painter.drawEllipse(box)
            painter.setPen(QColor("white"))
            painter.setFont(font(max(8, round(width * 0.36)), 600))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, avatar.initials)
        painter.end()
        return pixmap

    def paint_hand(self, painter: QPainter, box: QRectF, red: bool) -> None:
        """Red: a square with a strong edge; yellow: a disc. Told apart without colour too."""
        level = "red" if red else "yellow"
        painter.setBrush(self.colours[f"{level}_soft"])
        side = round(box.width() * 0.58)
        if red:
            painter.setPen(QPen(self.colours["red"], 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 8, 8)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(box)
        hand = icon_pixmap("hand-solid", self.colours[f"{level}_text"].name(), side, _ratio())
        painter.drawPixmap(box.center() - QPointF(side / 2, side / 2), hand)


def _blank(side: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


def _ratio() -> float:
    return max(screen.devicePixelRatio() for screen in QGuiApplication.screens())
