"""The map as it is drawn: where each sprite, name, sign, hand and pointer is, what has to be painted again.

A stage knows no widget. It collects ``dirty`` rectangles in device px of the zoomed map; painting.py paints
it. Every pixel is a function of the stage and the camera alone: all that moves are sprites on whole device
px, so that painting a part gives exactly the pixels that painting everything would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from app.core.maps import SpaceMap
from app.core.model import AssetId, PersonId
from app.ui.map import labels
from app.ui.map.background import Background
from app.ui.map.camera import Camera
from app.ui.map.colours import MapColours
from app.ui.map.crowd import NOTHING, Bools, Crowd
from app.ui.map.hands import SPARED, Hands
from app.ui.map.model import Avatar, Hand
from app.ui.map.overlay import Overlay
from app.ui.map.signs import Signs
from app.ui.map.style import Style
from app.ui.map.trails import Trails

MANY = 14
"""Visible movers from which painting everything is cheaper than painting their rectangles."""


class Stage:
    """Attributes:
    avatars: everybody, by id; places are in ``crowd``.
    dirty: rectangles to paint again, device px of the zoomed map; ``all_dirty``: the whole view.
    stale: those of them where what stands still changed (see layer.py); ``all_stale``: everywhere.
    declutter: names step aside and shorten where people stand close.
    safe: device px of the view that nothing floats over; pointers stand inside.
    """

    def __init__(self, camera: Camera, colours: MapColours) -> None:
        self.camera = camera
        self.crowd = Crowd()
        self.avatars: dict[PersonId, Avatar] = {}
        self.hands = Hands()
        self.overlay = Overlay()
        self.trails = Trails()
        self.dirty: list[QRect] = []
        self.stale: list[QRect] = []
        self.all_dirty = self.all_stale = True
        self.declutter = True
        self.reduced_motion, self.safe, self.now = False, QRect(), 0.0
        self.background: Background | None = None
        self.signs = Signs((), camera.dpr, colours)
        self.style = Style.make(camera.zoom, camera.dpr, colours)
        self._map: SpaceMap | None = None
        self._pictures: Mapping[AssetId, QImage] = {}
        self._own: PersonId | None = None
        self._spotlight: frozenset[PersonId] = frozenset()
        self._labels_stale = self._hands_stale = self._signs_stale = False
        self._arranged_at = 0.0

    # The look

    def set_map(self, space_map: SpaceMap, pictures: Mapping[AssetId, QImage]) -> None:
        self._map, self._pictures = space_map, pictures
        self.set_colours(self.style.colours)

    def set_colours(self, colours: MapColours) -> None:
        camera = self.camera
        self.style = Style.make(camera.zoom, camera.dpr, colours)
        zones = self._map.zones if self._map is not None else ()
        self.signs = Signs(zones, camera.dpr, colours)
        if self._map is not None:
            self.background = Background(self._map, self._pictures, colours.office)
        self.sharpen(force=True)

    @property
    def sharp(self) -> bool:
        """Everything was drawn for the present zoom."""
        return self.style.zoom == self.camera.zoom and self.style.dpr == self.camera.dpr

    def sharpen(self, *, force: bool = False) -> None:
        """Draw everything for the present zoom."""
        if self.sharp and not force:
            return
        camera, old = self.camera, self.style
        self.style = new = old.at(camera.zoom, camera.dpr)
        n = len(self.crowd)
        if force or new.faces is not old.faces:
            self.crowd.face[:n] = NOTHING
        if force or new.labels is not old.labels:
            for person, row in self.crowd.row.items():
                self.crowd.label_width[row] = new.label_painter.width(self.avatars[person])
            self.crowd.label[:n] = NOTHING
        if new.dpr != old.dpr:
            zones = self._map.zones if self._map is not None else ()
            self.signs = Signs(zones, camera.dpr, new.colours)
        if self.background is not None:
            self.background.sharpen(camera.scale)
        self.trails.sharpen(camera.zoom, camera.dpr, new.colours)
        self.camera_zoomed()
        self._arrange_labels()
        self.all_stale = True

    @property
    def stretch(self) -> float:
        """What sprites are scaled by until the zoom settles."""
        return self.camera.scale / (self.style.zoom * self.style.dpr)

    @property
    def radius(self) -> int:
        """Device px of a face as it is shown now."""
        return round(self.style.face_painter.size.diameter / 2 * self.stretch)

    def camera_zoomed(self) -> None:
        """The zoom is another one now; what was drawn is scaled until :meth:`sharpen`."""
        self.crowd.project(self.camera.scale)
        self._arrange_signs()
        self._arrange_hands()
        self.arrange_overlay()
        self.all_dirty = True

    # Arranging

    def _unsprite(self, row: int) -> None:
        """Somebody looks different: find the sprites again."""
        self.crowd.face[row] = self.crowd.label[row] = NOTHING
        avatar = self.avatars[self.crowd.ids[row]]
        width = self.style.label_painter.width(avatar)
        if width != self.crowd.label_width[row]:
            self.crowd.label_width[row] = width
            self.crowd.label_room[row] = min(int(self.crowd.label_room[row]), width)
        self._labels_stale = True

    def _enliven(self, row: int) -> None:
        """Somebody begins to walk: from now on painted with those who do."""
        if not self.crowd.lively[row]:
            self._touch(row)
            self.crowd.lively[row] = True
            self._labels_stale = True

    def _touch(self, row: int) -> None:
        self._change([self._sprite_box(row)])

    def _change(self, boxes: list[QRect]) -> None:
        """What stands still changed here."""
        self.dirty += boxes
        self.stale += boxes

    def _sprite_box(self, row: int) -> QRect:
        """All that face and name of one avatar may cover."""
        crowd = self.crowd
        x, y = int(crowd.px[row]), int(crowd.py[row])
        half = round(self.style.faces.width / 2 * max(self.stretch, 1.0)) + 1
        wide = max(half, int(crowd.label_room[row]) // 2 + 1, int(crowd.label_width[row]) // 2 + 1)
        reach = half + self.style.labels.height + self.style.label_painter.size.gap + 2
        return QRect(x - wide, y - reach, 2 * wide, 2 * reach)

    def _arrange_labels(self) -> None:
        crowd, n = self.crowd, len(self.crowd)
        self._labels_stale = False
        self._arranged_at = self.now
        before = (crowd.label_room[:n].copy(), crowd.label_top[:n].copy(), crowd.labelled[:n].copy())
        wanted = np.ones(n, np.bool_) if self.camera.zoom >= labels.ALL_FROM else self._named_far_away()
        labels.arrange(crowd, self.style.label_painter.size, self.radius, wanted, declutter=self.declutter)
        changed = np.flatnonzero(
            (before[0] != crowd.label_room[:n])
            | (before[1] != crowd.label_top[:n])
            | (before[2] != crowd.labelled[:n])
        )
        crowd.label[changed] = NOTHING
        if len(changed) > 4 * MANY:
            self.all_dirty = self.all_stale = True
        else:
            for row in changed.tolist():
                self._touch(row)
        if 0 < len(self.hands.bubbles) <= SPARED:
            self.clear_hands()

    def _named_far_away(self) -> Bools:
        """Oneself, raised hands and who comes to them, a few who walk, and of the others as many as fit."""
        crowd, n = self.crowd, len(self.crowd)
        first = np.zeros(n, np.bool_)
        always = {a.id for a in self.avatars.values() if a.is_self or a.hand is not None}
        always |= {*self._spotlight, *self.trails.people}
        first[[crowd.row[person] for person in always if person in crowd.row]] = True
        if np.count_nonzero(crowd.lively[:n]) <= MANY:
            first |= crowd.lively[:n]
        return labels.spread(crowd, self.style.label_painter.size, first) if self.declutter else first

    def _arrange_signs(self) -> list[QRect]:
        self._signs_stale = False
        zones = Counter(avatar.zone for avatar in self.avatars.values() if avatar.zone is not None)
        return self.signs.arrange(self.camera, dict(zones))

    def _hand_changed(self, person: PersonId, before: Hand | None) -> None:
        avatar = self.avatars.get(person)
        hand = avatar.hand if avatar is not None else None
        if hand is None or before is None or hand.escalation != before.escalation:
            self.dirty += self.hands.drop(person)
        self._arrange_hands()
        self.arrange_overlay()
        self._labels_stale = True

    def _arrange_hands(self) -> None:
        self._hands_stale = False
        raised = [
            (avatar.id, avatar.hand, self.crowd.row[avatar.id])
            for avatar in self.avatars.values()
            if avatar.hand is not None and avatar.id in self.crowd.row
        ]
        self.dirty += self.hands.arrange(
            self.style.bubble_painter,
            raised,
            self.crowd,
            self.radius,
            self.style.labels.height,
            self.camera,
            self.now,
        )

    def clear_hands(self) -> None:
        """What a few hands keep clear of is elsewhere: the edges of the view, names, faces."""
        if 0 < len(self.hands.bubbles) <= SPARED:
            self._arrange_hands()
        self.arrange_overlay()

    def arrange_overlay(self) -> None:
        """Pointers at the edge of the view and rings round single avatars."""
        origin = QPoint(self.camera.left, self.camera.top)
        hands = [
            (b.person, b.hand, self.view_at(b.person), b.body.center() - origin)
            for b in self.hands.bubbles.values()
        ]
        self.dirty += self.overlay.arrange(
            hands, self.style, self.camera, self.safe, self.radius, self.now, self._ring_places()
        )

    def _ring_places(self) -> dict[PersonId, QPoint]:
        return {p: self.view_at(p) for p in self.overlay.ringed if p in self.crowd.row}

    def view_at(self, person: PersonId) -> QPoint:
        """Device px of the view of somebody's face."""
        row = self.crowd.row[person]
        return QPoint(int(self.crowd.px[row]) - self.camera.left, int(self.crowd.py[row]) - self.camera.top)
