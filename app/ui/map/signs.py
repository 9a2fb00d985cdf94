"""Names of zones on the map, with how many people are in a meeting room."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPixmap

from app.core.maps import Zone, ZoneKind
from app.core.model import ZoneId
from app.ui.map import glyphs
from app.ui.map.camera import Camera
from app.ui.map.colours import MapColours
from app.ui.theme.fonts import font

HEIGHT = 22
NARROWEST = 52
"""px; a zone that is smaller on the screen has no sign."""


@dataclass(frozen=True, slots=True)
class Sign:
    """``box`` in device px of the zoomed map."""

    pixmap: QPixmap
    box: QRect


class Signs:
    """The signs of a map's zones for one pixel density in one set of colours."""

    def __init__(self, zones: tuple[Zone, ...], dpr: float, colours: MapColours) -> None:
        self._zones = zones
        self._dpr = dpr
        self._colours = colours
        self._font = font(max(round(12 * dpr), 6), 600)
        self._metrics = QFontMetricsF(self._font)
        self._kept: dict[tuple[ZoneId, int, int], QPixmap] = {}
        self.signs: dict[ZoneId, Sign] = {}

    def arrange(self, camera: Camera, occupancy: dict[ZoneId, int]) -> list[QRect]:
        """Work out all signs again; the boxes where something changed."""
        before, self.signs = self.signs, {}
        for zone in self._zones:
            sign = self._sign(zone, camera, occupancy.get(zone.id, 0))
            if sign is not None:
                self.signs[zone.id] = sign
        changed: list[QRect] = []
        for zone_id in before.keys() | self.signs.keys():
            old, new = before.get(zone_id), self.signs.get(zone_id)
            if old != new:
                changed += [sign.box for sign in (old, new) if sign is not None]
        return changed

    def paint(self, painter: QPainter, camera: Camera, clip: QRect) -> None:
        origin = QPoint(camera.left, camera.top)
        for sign in self.signs.values():
            if sign.box.translated(-origin).intersects(clip):
                painter.drawPixmap(sign.box.topLeft() - origin, sign.pixmap)

    def _sign(self, zone: Zone, camera: Camera, count: int) -> Sign | None:
        left = camera.snap(min(corner.x for corner in zone.outline))
        right = camera.snap(max(corner.x for corner in zone.outline))
        top = camera.snap(min(corner.y for corner in zone.outline))
        gap = round(10 * self._dpr)
        room = right - left - 2 * gap
        if room < NARROWEST * self._dpr or not zone.name:
            return None
        pixmap = self._pixmap(zone, count, room)
        return Sign(pixmap, QRect(left + gap, top + gap, pixmap.width(), pixmap.height()))

    def _pixmap(self, zone: Zone, count: int, room: int) -> QPixmap:
        dpr = self._dpr
        shown = count if zone.kind is ZoneKind.MEETING_ROOM else 0
        name = zone.name + (f" · {shown}" if shown else "")
        full = 34 * dpr + self._metrics.horizontalAdvance(name)
        width = int(min(full + 1, room))
        key = (zone.id, shown, width)
        if key not in self._kept:
            if len(self._kept) > 128:
                self._kept.clear()
            self._kept[key] = self._draw(zone, shown, width)
        return self._kept[key]

    def _draw(self, zone: Zone, count: int, width: int) -> QPixmap:
        dpr, colours = self._dpr, self._colours
        pixmap = QPixmap(width, round(HEIGHT * dpr))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plate = QColor(colours.surface)
        plate.setAlpha(245 if count else 220)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(QRectF(pixmap.rect()), 7 * dpr, 7 * dpr)
        ink = QColor(colours.text if count else colours.office.zone_text)
        side = 13 * dpr
        icon = QRectF(7 * dpr, (pixmap.height() - side) / 2, side, side)
        if zone.kind is ZoneKind.QUIET:
            glyph = glyphs.leaf()
        else:
            glyph = glyphs.closed_door() if count else glyphs.door()
        glyphs.draw(painter, glyph, icon, QColor(colours.accent) if count else ink)
        text = QRectF(icon.right() + 6 * dpr, 0, width - icon.right() - 13 * dpr, pixmap.height())
        tail = f" · {count}" if count else ""
        room = text.width() - self._metrics.horizontalAdvance(tail)
        name = self._metrics.elidedText(zone.name, Qt.TextElideMode.ElideRight, room + 0.5)
        painter.setPen(ink)
        painter.setFont(self._font)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        painter.drawText(text.adjusted(0, 0, 8 * dpr, 0), flags, name + tail)
        painter.end()
        return pixmap
