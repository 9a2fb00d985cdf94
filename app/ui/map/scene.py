"""Everything on the map: who stands where, what moves, and what of it has to be painted again.

The scene knows no widget. It collects ``dirty`` rectangles in device px of the zoomed map; painting.py paints
it. Every pixel is a function of the scene and the camera alone: all that moves are sprites on whole device
px, so that painting a part gives exactly the pixels that painting everything would.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from app.core.maps import SpaceMap
from app.core.model import AssetId, PersonId, Place
from app.ui.map import labels
from app.ui.map.background import Background
from app.ui.map.camera import Camera
from app.ui.map.colours import MapColours
from app.ui.map.crowd import LEAP, NOTHING, Bools, Crowd, Indices
from app.ui.map.hands import SPARED, Hands
from app.ui.map.model import Avatar, Hand, Hit, reading_order
from app.ui.map.overlay import Overlay
from app.ui.map.signs import Signs
from app.ui.map.style import Style
from app.ui.map.trails import Trails
from app.ui.map.walking import Way

MANY = 14
"""Visible movers from which painting everything is cheaper than painting their rectangles."""
REARRANGE = 0.25
"""s between two arrangements of names while people walk."""


class Scene:
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
        self._labels_stale = self._hands_stale = False
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

    # What is shown

    def put(self, avatar: Avatar) -> None:
        """Add somebody, or show what changed about them."""
        before = self.avatars.get(avatar.id)
        if before == avatar:
            return
        self.avatars[avatar.id] = avatar
        if avatar.is_self:
            self._own = avatar.id
        row = self.crowd.row.get(avatar.id)
        if row is None:
            return
        self._unsprite(row)
        self._touch(row)
        if before is None or before.zone != avatar.zone:
            self._change(self._arrange_signs())
        if before is None or before.hand != avatar.hand:
            self._hand_changed(avatar.id, before.hand if before else None)

    def place(self, person: PersonId, x: float, y: float) -> None:
        """Somebody who was put stands here; a jump."""
        row = self.crowd.row.get(person)
        if row is None:
            row = self.crowd.add(person, x, y, self.now)
            self.crowd.project(self.camera.scale, np.array([row]))
            self._unsprite(row)
            self._touch(row)
            self._change(self._arrange_signs())
            if self.avatars[person].hand is not None:
                self._hand_changed(person, None)
            return
        self._touch(row)
        self.crowd.jump(row, x, y, self.now)
        self.crowd.lively[row] = False
        self.crowd.project(self.camera.scale, np.array([row]))
        self._touch(row)
        self._labels_stale = True
        self._moved_one(row)

    def glide(self, person: PersonId, x: float, y: float) -> None:
        """One step of somebody whom others move (oneself)."""
        row = self.crowd.row[person]
        self._enliven(row)
        old = self._sprite_box(row)
        self.crowd.jump(row, x, y, self.now)
        self.crowd.project(self.camera.scale, np.array([row]))
        new = self._sprite_box(row)
        if old != new:
            self.dirty.append(old.united(new))
            self._moved_one(row)

    def move(self, person: PersonId, place: Place) -> None:
        """Somebody walks on to here."""
        row = self.crowd.row.get(person)
        far = LEAP
        if row is not None:
            far = abs(float(self.crowd.x[row]) - place.x) + abs(float(self.crowd.y[row]) - place.y)
        if row is None or self.reduced_motion or far >= LEAP:
            self.place(person, place.x, place.y)
        elif far:
            self._enliven(row)
            self.crowd.step_to(row, place.x, place.y, self.now)

    def remove(self, person: PersonId) -> None:
        avatar, row = self.avatars.pop(person, None), self.crowd.row.get(person)
        if avatar is None or row is None:
            return
        self._touch(row)
        self.hide_way(person)
        self.overlay.forget(person)
        moved = self.crowd.remove(person)
        if moved is not None:
            self._touch(moved)  # it is painted earlier now
        self._labels_stale = True
        if avatar.hand is not None:
            self._hand_changed(person, avatar.hand)
        self.arrange_overlay()
        self._change(self._arrange_signs())

    def show_way(self, person: PersonId, way: Way) -> None:
        self.hide_way(person)
        self.trails.show(person, way)
        self._change(self.trails.boxes(person, self.camera))

    def hide_way(self, person: PersonId) -> None:
        self._change(self.trails.boxes(person, self.camera))
        self.trails.drop(person)

    def set_spotlight(self, people: frozenset[PersonId]) -> None:
        """Show these people's names however far away the view is."""
        if people != self._spotlight:
            self._spotlight = people
            self._labels_stale = True

    def set_focus(self, person: PersonId | None) -> None:
        self.overlay.focus = person
        self.arrange_overlay()

    def pulse(self, person: PersonId) -> None:
        """Waves round somebody: here."""
        if not self.reduced_motion:
            self.overlay.pulse(person, self.now)
            self.arrange_overlay()

    @property
    def top_row(self) -> int:
        """Who is painted over all others: oneself; -1 if oneself is not here."""
        return self.crowd.row.get(self._own, -1) if self._own is not None else -1

    def place_of(self, person: PersonId) -> tuple[float, float] | None:
        """Map px of where somebody is shown; ``None`` if nowhere."""
        row = self.crowd.row.get(person)
        return None if row is None else (float(self.crowd.x[row]), float(self.crowd.y[row]))

    def people_in_order(self) -> list[PersonId]:
        """Everybody on the map, see ``reading_order``."""
        return reading_order(avatar for avatar in self.avatars.values() if avatar.id in self.crowd.row)

    def hit(self, x: int, y: int) -> Hit | None:
        """What lies under a device px of the view."""
        at = QPoint(x, y)
        for pointer in reversed(self.overlay.pointers):
            if pointer.box.contains(at):
                return Hit(pointer.person, hand=True)
        on_map = QPoint(x + self.camera.left, y + self.camera.top)
        for bubble in reversed(self.hands.bubbles.values()):
            if bubble.body.contains(on_map):
                return Hit(bubble.person, hand=True)
        reach = max(self.radius, round(9 * self.camera.dpr))
        row = self.crowd.hit(on_map.x(), on_map.y(), reach, self.top_row)
        return None if row is None else Hit(self.crowd.ids[row], hand=False)

    # Time

    def tick(self, now: float) -> bool:
        """Move everything on; ``False`` when nothing moves any more."""
        self.now = now
        crowd = self.crowd
        rows = np.flatnonzero(crowd.moving[: len(crowd)])
        if len(rows):
            self._advance(rows, now)
        for row in crowd.calm(now).tolist():
            self._touch(row)
            self._labels_stale = True
        lively = bool(crowd.lively[: len(crowd)].any())
        if self._labels_stale and (not lively or now - self._arranged_at > REARRANGE):
            self._arrange_labels()
        if self._hands_stale:
            self._arrange_hands()
            self.arrange_overlay()
        boxes = self.hands.pop(now, at_once=self.reduced_motion)
        self.dirty += boxes
        pulsing = self.overlay.pulsing
        if pulsing:
            self.overlay.expire(now)
            self.arrange_overlay()
        return lively or bool(boxes) or self._labels_stale or pulsing

    def _advance(self, rows: Indices, now: float) -> None:
        crowd, camera = self.crowd, self.camera
        old_x, old_y = crowd.px[rows], crowd.py[rows]
        crowd.advance(now)
        crowd.project(camera.scale, rows)
        changed = (crowd.px[rows] != old_x) | (crowd.py[rows] != old_y)
        rows, old_x, old_y = rows[changed], old_x[changed], old_y[changed]
        if not len(rows):
            return
        reach = self.style.labels.width // 2 + self.style.faces.width
        across, down = crowd.px[rows] - camera.left, crowd.py[rows] - camera.top
        seen = (across > -reach) & (across < camera.width + reach)
        seen &= (down > -reach) & (down < camera.height + reach)
        if np.count_nonzero(seen) > MANY:
            self.all_dirty = True
        else:
            for row, x, y in zip(
                rows[seen].tolist(), old_x[seen].tolist(), old_y[seen].tolist(), strict=True
            ):
                box = self._sprite_box(row)
                back = QPoint(x - int(crowd.px[row]), y - int(crowd.py[row]))
                self.dirty.append(box.united(box.translated(back)))
        watched = {*self.hands.bubbles, *self.trails.people, *self.overlay.ringed}
        moved = set(rows.tolist()) if watched else set()
        for person in watched:
            if crowd.row.get(person) in moved:
                self._moved_one(crowd.row[person])

    def _moved_one(self, row: int) -> None:
        """What hangs on one avatar's place."""
        person = self.crowd.ids[row]
        if self.avatars[person].hand is not None:
            self._hands_stale = True
        x, y = float(self.crowd.x[row]), float(self.crowd.y[row])
        self._change(self.trails.walked(person, x, y, self.camera))
        if person in self.overlay.ringed:
            self.arrange_overlay()

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
