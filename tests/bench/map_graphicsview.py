"""Contestant: QGraphicsView with one pixmap item an avatar. ``python -m tests.bench.map_graphicsview FOLDER``

With the settings that suit it best here: no index over items that move, the whole viewport painted at once.
"""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView

from tests.bench.contest import Contest, swing
from tests.bench.map_scene import HEIGHT, MOVING, SPEED, WIDTH, read


class CountingView(QGraphicsView):
    frames = 0

    def __init__(self, scene: QGraphicsScene, background: QPixmap) -> None:
        super().__init__(scene)
        self._background = background

    def drawBackground(self, painter: QPainter, rect: QRectF | object) -> None:
        painter.drawPixmap(0, 0, self._background)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.frames += 1
        super().paintEvent(event)


class Driver:
    """Moves items and the view every 16 ms."""

    def __init__(self, view: CountingView, items: list[QGraphicsPixmapItem]) -> None:
        self._view = view
        self._walkers = items[::MOVING]
        rnd = random.Random(1)
        self._steps = [
            (math.cos(a) * SPEED / 60, math.sin(a) * SPEED / 60)
            for a in (rnd.random() * math.tau for _ in self._walkers)
        ]
        self._frame = 0
        self._mode = ""
        self._timer = QTimer(view)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(16)
        self._timer.timeout.connect(self._tick)

    def start(self, mode: str) -> None:
        self._mode = mode
        self._view.resetTransform()
        if mode == "idle":
            self._timer.stop()
        else:
            self._timer.start()

    def _tick(self) -> None:
        self._frame += 1
        if self._mode == "moving":
            turn = 1 if self._frame % 60 < 30 else -1
            for item, (dx, dy) in zip(self._walkers, self._steps, strict=True):
                item.moveBy(turn * dx, turn * dy)
        elif self._mode == "panning":
            bar = self._view.horizontalScrollBar()
            bar.setValue(bar.value() + (3 if self._frame % 120 < 60 else -3))
        else:
            self._view.resetTransform()
            zoom = 0.85 + 0.15 * swing(self._frame)
            self._view.scale(zoom, zoom)


def main() -> None:
    folder = Path(sys.argv[1])
    app = QApplication(sys.argv)
    scene = QGraphicsScene(-400, -400, WIDTH + 800, HEIGHT + 800)
    scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
    view = CountingView(scene, QPixmap(str(folder / "background.png")))
    view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setFrameShape(QGraphicsView.Shape.NoFrame)
    atlas = QPixmap(str(folder / "atlas.png"))
    pixmaps: dict[tuple[int, int], QPixmap] = {}
    items: list[QGraphicsPixmapItem] = []
    for sprite in read(folder):
        corner = (sprite.left, sprite.top)
        if corner not in pixmaps:
            pixmaps[corner] = atlas.copy(sprite.left, sprite.top, sprite.width, sprite.height)
        item = scene.addPixmap(pixmaps[corner])
        item.setPos(sprite.x, sprite.y)
        items.append(item)
    view.resize(WIDTH, HEIGHT)
    view.show()
    view.centerOn(WIDTH / 2, HEIGHT / 2)
    driver = Driver(view, items)
    sys.exit(Contest(lambda: view.frames, driver.start, app.quit).run())


if __name__ == "__main__":
    main()
