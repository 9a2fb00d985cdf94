"""Our own icons: SVGs in one style, coloured when they are drawn, sharp at each scale.

Each is drawn on 24 x 24 with strokes of 1.75 px and round ends in ``currentColor``.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.shipped import RESOURCES

FOLDER = RESOURCES / "icons"
SCALES = (1.0, 1.5, 2.0, 3.0)


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    text = (FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    return QSvgRenderer(QByteArray(text.encode()))


@lru_cache(maxsize=1024)
def icon_pixmap(name: str, colour: str, size: int = 20, ratio: float = 1.0) -> QPixmap:
    """The icon ``name`` in ``colour`` (``#rrggbb``), ``size`` px square at the device pixel ``ratio``.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    side = max(1, round(size * ratio))
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(name, colour).render(painter, QRectF(0, 0, side, side))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@lru_cache(maxsize=256)
def icon(name: str, colour: str, disabled: str | None = None, size: int = 20) -> QIcon:
    """A :class:`QIcon` that is sharp at each of the usual scales."""
    result = QIcon()
    for ratio in SCALES:
        result.addPixmap(icon_pixmap(name, colour, size, ratio), QIcon.Mode.Normal)
        if disabled:
            result.addPixmap(icon_pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return result
