"""Paints a scene, or a part of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QPainter, QPixmap

from app.ui.map.atlas import draw_fragments
from app.ui.map.crowd import NOTHING, Floats, Indices
from app.ui.map.scene import Scene

FEW = 150
"""Up to so many avatars in view are scaled smoothly while the zoom changes."""


@dataclass(frozen=True, slots=True)
class People:
    """Sprites of names and faces. Good until the next ones are asked for."""

    batches: list[tuple[Floats, QPixmap]]
    smooth: bool

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.smooth)
        for table, strip in self.batches:
            draw_fragments(painter, table, strip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


def paint(scene: Scene, painter: QPainter, clip: QRect) -> None:
    """Paint the part ``clip`` of the view; the painter is in device px of the view and clipped to it."""
    paint_still(scene, painter, clip)
    paint_lively(scene, painter, clip, walkers(scene, clip))


def paint_still(scene: Scene, painter: QPainter, clip: QRect) -> None:
    """From below: map, zones' names, ways, people who stand still (names, then faces)."""
    camera = scene.camera
    if scene.background is not None:
        scene.background.paint(painter, camera, clip)
    else:
        painter.fillRect(clip, scene.style.colours.office.ground)
    scene.signs.paint(painter, camera, clip)
    scene.trails.paint(painter, camera, clip)
    rows = rows_near(scene, clip)
    _people(scene, rows[~scene.crowd.lively[rows]]).paint(painter)


def walkers(scene: Scene, clip: QRect) -> People:
    """Everybody who walks near a part of the view, ready to be painted, once or in several parts."""
    rows = rows_near(scene, clip)
    return _people(scene, rows[scene.crowd.lively[rows]])


def paint_lively(scene: Scene, painter: QPainter, clip: QRect, people: People) -> None:
    """From below: people who walk, what the map has above people, hands, rings and pointers."""
    camera = scene.camera
    people.paint(painter)
    if scene.background is not None:
        scene.background.paint(painter, camera, clip, above=True)
    scene.hands.paint(painter, QPoint(camera.left, camera.top), clip)
    scene.overlay.paint(painter, scene.style, clip)


def rows_near(scene: Scene, clip: QRect) -> Indices:
    """Whose face or name may reach into a part of the view."""
    camera, style = scene.camera, scene.style
    left, top = clip.left() + camera.left, clip.top() + camera.top
    half = round(style.faces.width / 2 * max(scene.stretch, 1.0)) + 1
    across = max(half, style.labels.width // 2)
    down = half + style.labels.height + style.label_painter.size.gap + 1
    right, bottom = left + clip.width() + across, top + clip.height() + down
    return scene.crowd.within(left - across, top - down, right, bottom)


def _people(scene: Scene, rows: Indices) -> People:
    """These people's sprites; oneself over all others."""
    if not len(rows):
        return People([], smooth=False)
    crowd, camera, style = scene.crowd, scene.camera, scene.style
    top = scene.top_row
    if top >= 0 and (rows == top).any():
        rows = np.append(rows[rows != top], top)
    _find_sprites(scene, rows)
    xs, ys = crowd.px[rows] - np.int32(camera.left), crowd.py[rows] - np.int32(camera.top)
    named = crowd.labelled[rows]
    label_rows, label_xs, label_ys = rows[named], xs[named], ys[named]
    middles = label_ys + crowd.label_top[label_rows] + np.int32(style.labels.height // 2)
    # Names first, so that none covers a face.
    names = style.labels.batches(crowd.label[label_rows], label_xs, middles)
    faces = style.faces.batches(crowd.face[rows], xs, ys, scene.stretch)
    return People(names + faces, smooth=scene.stretch != 1.0 and len(rows) <= FEW)


def _find_sprites(scene: Scene, rows: Indices) -> None:
    """Draw what of these people's faces and names is not in the atlases yet."""
    crowd, faces, names = scene.crowd, scene.style.faces, scene.style.labels
    new = rows[crowd.face[rows] == NOTHING]
    if len(new):
        if faces.overflows(len(new)):
            faces.clear()
            faces.limit = max(faces.limit, 2 * len(rows))
            crowd.face[: len(crowd)] = NOTHING
            new = rows
        drawer = scene.style.face_painter
        for row in new.tolist():
            avatar = scene.avatars[crowd.ids[row]]
            draw = partial(drawer.draw, avatar=avatar)
            crowd.face[row] = faces.sprite(drawer.key(avatar), faces.width, draw)
    new = rows[(crowd.label[rows] == NOTHING) & crowd.labelled[rows]]
    if len(new):
        if names.overflows(len(new)):
            names.clear()
            names.limit = max(names.limit, 2 * len(rows))
            crowd.label[: len(crowd)] = NOTHING
            new = rows[crowd.labelled[rows]]
        writer = scene.style.label_painter
        for row in new.tolist():
            avatar, room = scene.avatars[crowd.ids[row]], int(crowd.label_room[row])
            write = partial(writer.draw, avatar=avatar, room=room)
            crowd.label[row] = names.sprite(writer.key(avatar, room), room, write)
