"""Everything on the map: who stands where, what moves, and how that goes on with time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint

from app.core.model import PersonId, Place
from app.ui.map.crowd import LEAP, Indices
from app.ui.map.model import Avatar, Hit, reading_order
from app.ui.map.stage import MANY, Stage
from app.ui.map.walking import Way

REARRANGE = 0.25
"""s between two arrangements of names while people walk."""


class Scene(Stage):
    """What happens to people on the stage; it is drawn by what :class:`Stage` knows."""

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
            self._signs_stale = True
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
            self._signs_stale = True
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
        ringed = person in self.overlay.ringed
        self.overlay.forget(person)
        moved = self.crowd.remove(person)
        if moved is not None:
            self._touch(moved)  # it is painted earlier now
        self._labels_stale = True
        if avatar.hand is not None:
            self._hand_changed(person, avatar.hand)
        if ringed:
            self.arrange_overlay()
        self._signs_stale = True

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
        if self._signs_stale:
            self._change(self._arrange_signs())
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
