"""The one scene that all contestants of the map benchmark draw, and the sprites they draw it with.

Peers get their sprites and their background from our own map, so that everybody draws the same pixels: one
sprite an avatar (face, ring and name together, which is the cheaper way for them), as far away as it takes to
have all of them in a view of 1280 x 800. At 10,000 that is so far that the map shows dots with rings and no
names; so do the peers.
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict, dataclass
from pathlib import Path

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from app.core.model import Place
from app.ui.map import MapView, painting
from tests.helpers.map_people import CELL, crowd, drawn_office

WIDTH, HEIGHT = 1280, 800
"""px of the window."""
ZOOM = {100: 1.0, 1_000: 0.62, 10_000: 0.2}
"""At which so many people have about 50 px of floor each and fill the view."""
MOVING = 10
"""One in so many walks."""
SPEED = 90.0
"""px on the screen a second that walkers walk."""
SECONDS = {"moving": 4.0, "panning": 3.0, "zooming": 3.0, "idle": 6.0}
WARM_UP = 1.2
"""s of each mode before it is measured."""


@dataclass(frozen=True)
class Sprite:
    """One avatar for the peers: upper left corner on the screen, and its picture in the atlas; px."""

    x: int
    y: int
    left: int
    top: int
    width: int
    height: int


def fill(view: MapView, count: int) -> None:
    """Make our map show the scene."""
    zoom = ZOOM[count]
    space_map = drawn_office(math.ceil(WIDTH / zoom / CELL), math.ceil(HEIGHT / zoom / CELL))
    view.scene.declutter = False
    view.set_reduced_motion(False)
    view.set_map(space_map, {})
    crowd(view, count, margin=30, hands=False)
    view.zoom_by(zoom / view.camera.zoom)
    view.camera.zoom, view.camera.left, view.camera.top = zoom, 0, 0
    view.scene.sharpen(force=True)


def walkers(count: int) -> list[int]:
    return list(range(0, count, MOVING))


def wander(rnd: random.Random, x: float, y: float, step: float, width: float, height: float) -> Place:
    """A step in any direction that stays on the map."""
    angle = rnd.random() * math.tau
    return Place(
        round(min(max(x + math.cos(angle) * step, 30), width - 30)),
        round(min(max(y + math.sin(angle) * step, 30), height - 30)),
    )


def export(view: MapView, folder: Path) -> None:
    """Write ``atlas.png``, ``background.png`` and ``scene.json`` for the peers, from a filled view."""
    folder.mkdir(parents=True, exist_ok=True)
    picture = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    background = view.scene.background
    assert background is not None
    background.paint(painter, view.camera, picture.rect())
    painter.end()
    picture.save(str(folder / "background.png"))
    painting.paint(view.scene, QPainter(picture), picture.rect())  # fills the atlases
    sprites = _export_sprites(view, folder / "atlas.png")
    (folder / "scene.json").write_text(json.dumps([asdict(sprite) for sprite in sprites]))


def read(folder: Path) -> list[Sprite]:
    return [Sprite(**row) for row in json.loads((folder / "scene.json").read_text())]


def _export_sprites(view: MapView, path: Path) -> list[Sprite]:
    """Each different face and name once, in rows of an atlas as wide as graphics cards like it."""
    scene, crowd_ = view.scene, view.scene.crowd
    face, name = scene.style.face_painter, scene.style.label_painter
    side, wide = 2048, scene.style.faces.width
    sheet = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    sheet.fill(Qt.GlobalColor.transparent)
    painter = QPainter(sheet)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    found: dict[object, QRect] = {}
    sprites: list[Sprite] = []
    x = y = 0
    for row, person in enumerate(crowd_.ids):
        avatar = scene.avatars[person]
        named = bool(crowd_.labelled[row])
        room = int(crowd_.label_room[row]) if named else 0
        width = max(wide, room)
        height = wide // 2 + int(crowd_.label_top[row]) + scene.style.labels.height if named else wide
        key = (face.key(avatar), name.key(avatar, room) if named else None)
        if key not in found:
            if x + width > side:
                x, y = 0, y + height + 1
            painter.save()
            painter.translate(x + (width - wide) // 2, y)
            face.draw(painter, avatar)
            painter.restore()
            if named:
                painter.save()
                painter.translate(x + (width - room) // 2, y + height - scene.style.labels.height)
                name.draw(painter, avatar, room)
                painter.restore()
            found[key] = QRect(x, y, width, height)
            x += width + 1
        box = found[key]
        left, top = int(crowd_.px[row]) - width // 2, int(crowd_.py[row]) - wide // 2
        sprites.append(Sprite(left, top, box.x(), box.y(), width, height))
    painter.end()
    sheet.copy(0, 0, side, min(y + 128, side)).save(str(path))
    return sprites
