"""Contestant: our map. ``python -m tests.bench.map_ours COUNT [EXPORT_FOLDER]``"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication

from app.ui.map import MapView
from tests.bench.contest import Contest, swing
from tests.bench.map_scene import HEIGHT, SPEED, WIDTH, ZOOM, export, fill, walkers, wander

HEARD_EVERY = 100
"""ms between two places of one walker, as the server sends them."""


class CountingMap(MapView):
    frames = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.frames += 1
        super().paintEvent(event)


class Driver:
    """Lets people walk, and the camera move."""

    def __init__(self, view: CountingMap, count: int) -> None:
        self._view, self._count = view, count
        self._rnd = random.Random(1)
        self._frame = 0
        self._server, self._camera = QTimer(view), QTimer(view)
        self._server.setInterval(HEARD_EVERY)
        self._server.timeout.connect(self._places)
        self._camera.setTimerType(Qt.TimerType.PreciseTimer)
        self._camera.setInterval(16)
        self._mode = ""
        self._camera.timeout.connect(self._look)

    def start(self, mode: str) -> None:
        self._mode = mode
        for timer, wanted in ((self._server, "moving"), (self._camera, "panning zooming")):
            if mode in wanted:
                timer.start()
            else:
                timer.stop()

    def _places(self) -> None:
        view, crowd = self._view, self._view.scene.crowd
        assert view.space_map is not None
        step = SPEED / ZOOM[self._count] * HEARD_EVERY / 1000
        for row in walkers(self._count):
            place = wander(
                self._rnd,
                float(crowd.to_x[row]),
                float(crowd.to_y[row]),
                step,
                view.space_map.width,
                view.space_map.height,
            )
            view.move_avatar(crowd.ids[row], place)

    def _look(self) -> None:
        self._frame += 1
        if self._mode == "panning":
            self._view.pan(3 if self._frame % 120 < 60 else -3, 0)
        else:
            zoom = ZOOM[self._count] * (0.85 + 0.15 * swing(self._frame))
            self._view.zoom_by(zoom / self._view.camera.zoom)


def main() -> None:
    count = int(sys.argv[1])
    app = QApplication(sys.argv)
    view = CountingMap()
    view.resize(WIDTH, HEIGHT)
    view.show()
    fill(view, count)
    if len(sys.argv) > 2:
        export(view, Path(sys.argv[2]))
        return
    driver = Driver(view, count)
    sys.exit(Contest(lambda: view.frames, driver.start, app.quit).run())


if __name__ == "__main__":
    main()
