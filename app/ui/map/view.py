"""The space map as one widget that paints everything itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from app.core.geometry import WalkMap
from app.core.maps import SpaceMap
from app.core.model import AssetId, PersonId, Place, ZoneId
from app.ui.i18n import tr
from app.ui.map import accessible
from app.ui.map.canvas import MapCanvas
from app.ui.map.card import Card
from app.ui.map.colours import map_colours
from app.ui.map.controls import ZoomControls
from app.ui.map.keys import Keys
from app.ui.map.model import Avatar
from app.ui.map.pointing import GESTURES, Pointing
from app.ui.map.walking import Walker, Way
from app.ui.theme import LIGHT, Tokens
from app.ui.widgets import Notice, Tone

MISSING_WIDTH = 440
"""px of the sentence that stands where the map would be."""
STEP = 1.25
"""What one turn of the wheel or one press of a zoom key multiplies the zoom with."""


class MapView(MapCanvas):
    """Signals: see the package's docstring (app/ui/map/__init__.py).

    Args:
        clock: s of a monotonic clock, for movement; wall: s since the epoch, for running times.
    """

    self_moved = Signal(object)
    person_activated = Signal(str, QPoint)
    person_menu_requested = Signal(str, QPoint)
    approach_requested = Signal(str)
    chat_requested = Signal(str)
    hand_activated = Signal(str, str, QPoint)
    person_focused = Signal(str)
    map_wanted = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        accessible.install()  # first: Qt asks once, and keeps what it was told
        super().__init__(parent, clock=clock)
        self.wall = wall
        self.walker = Walker()
        self.self_id: PersonId | None = None
        self._accessible: accessible.MapAccessible | None = None
        self._pointing = Pointing(self)
        self._keys = Keys(self)
        self.card = Card(self)
        self.card.chat_requested.connect(self.chat_requested)
        self.card.approach_requested.connect(self.approach_requested)
        self.looked.connect(self.card.follow)
        self.controls = ZoomControls(self)
        self.controls.zoom_in.connect(lambda: self.zoom_by(STEP))
        self.controls.zoom_out.connect(lambda: self.zoom_by(1 / STEP))
        self.controls.fit.connect(self.fit)
        self.controls.where.connect(self.centre_on_self)
        self.missing = Notice(LIGHT, self)
        self.missing.acted.connect(self.map_wanted)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(tr("Map of the space"))
        self.set_tokens(LIGHT)

    # What is shown

    def set_map(self, space_map: SpaceMap, pictures: Mapping[AssetId, QImage]) -> None:
        """Show another map, all of it; pictures that are missing are left out until this is called again."""
        again = self.space_map is not None and self.space_map.id == space_map.id
        self.space_map = space_map
        self.camera.map_width, self.camera.map_height = space_map.width, space_map.height
        self.walker.stop()
        self.walker.walk_map = WalkMap(space_map)
        self.scene.set_map(space_map, pictures)
        if not again:
            self._whole, self._fitted = True, False
            self._fit_again()
        self.wake()

    def say_missing(self, why: str) -> None:
        """Why the map cannot be shown, where it would be; nothing when ``why`` is empty."""
        self.missing.say(why, Tone.PROBLEM, tr("Try again"))
        self._place_missing()

    def _place_missing(self) -> None:
        width = min(MISSING_WIDTH, self.width() - 32)
        self.missing.resize(width, self.missing.heightForWidth(width))
        self.missing.move((self.width() - width) // 2, (self.height() - self.missing.height()) // 3)

    def set_tokens(self, tokens: Tokens) -> None:
        """The theme is another one."""
        self.missing.set_tokens(tokens)
        colours = map_colours(tokens)
        self.scene.set_colours(colours)
        self.card.set_colours(colours)
        self.controls.set_colours(colours)
        self.wake()

    def put_avatar(self, avatar: Avatar) -> None:
        """Add somebody (shown once placed), or show what changed about them."""
        if avatar.is_self:
            self.self_id = avatar.id
        before = self.scene.avatars.get(avatar.id)
        self.scene.now = self.clock()
        self.scene.put(avatar)
        if before is not None and before != avatar:
            accessible.changed(self, avatar.id)
            if self.card.person == avatar.id:
                self.card.refresh()
        self.wake()

    def remove_avatar(self, person: PersonId) -> None:
        accessible.leaving(self, person)
        if self.self_id == person:
            self.self_id = None
            self.walker.stop()
        if self.card.person == person:
            self.card.dismiss()
        self.scene.now = self.clock()
        self.scene.remove(person)
        self.wake()

    def place_avatar(self, person: PersonId, place: Place) -> None:
        """Somebody stands here at once; unknown people are ignored."""
        if person not in self.scene.avatars:
            return
        new = person not in self.scene.crowd.row
        if person == self.self_id:
            self.walker.stop()
            self.scene.hide_way(person)
        self.scene.now = self.clock()
        self.scene.place(person, place.x, place.y)
        if new:
            accessible.arrived(self, person)
        self.wake()

    def move_avatar(self, person: PersonId, place: Place) -> None:
        """Somebody walked on; shown as a walk from where they are shown now.

        One's own avatar is ahead of the server while it walks: what comes back then is ignored.
        """
        if person not in self.scene.avatars or (person == self.self_id and self.walker.busy):
            return
        if person not in self.scene.crowd.row:
            self.place_avatar(person, place)
            return
        self.scene.now = self.clock()
        self.scene.move(person, place)
        self.wake()

    def walk_self(self, path: Sequence[Place]) -> None:
        """Walk one's own avatar along these corners; the dotted way is shown until it arrives."""
        if self.self_id is None or not path:
            return
        at = self.scene.place_of(self.self_id)
        if at is None:
            return
        if self.scene.reduced_motion:
            self.walker.follow(Way([at, *((p.x, p.y) for p in path)]), self.clock())
            self.walker.arrive()
        else:
            way = Way([at, *((p.x, p.y) for p in path)])
            self.walker.follow(way, self.clock())
            self.scene.show_way(self.self_id, way)
        self.wake()

    def walk_to(self, place: Place) -> None:
        """Walk to a place, or as near as walls allow; nothing happens where no way leads."""
        walk_map, at = self.walker.walk_map, None
        if self.self_id is not None:
            at = self.scene.place_of(self.self_id)
        if walk_map is None or at is None:
            return
        here = Place(round(at[0]), round(at[1]))
        origin = walk_map.nearest_walkable(here)
        goal = walk_map.nearest_walkable(place, origin)
        path = walk_map.path(origin, goal) if origin is not None and goal is not None else None
        if path:
            self.walk_self(path)

    def show_approach(self, person: PersonId, path: Sequence[Place]) -> None:
        """Show the dotted way somebody else is on; it goes as they walk it."""
        at = self.scene.place_of(person)
        if at is not None and path:
            self.scene.show_way(person, Way([at, *((p.x, p.y) for p in path)]))
            self.wake()

    def hide_approach(self, person: PersonId) -> None:
        self.scene.hide_way(person)
        self.wake()

    # People

    @property
    def focused_person(self) -> PersonId | None:
        """Who has the keyboard's attention."""
        return self.scene.overlay.focus

    def focus_person(self, person: PersonId | None) -> None:
        """Give somebody the keyboard's attention: a ring, the card, and a word to assistive technology."""
        self.scene.set_focus(person)
        self.scene.set_spotlight(frozenset() if person is None else frozenset({person}))
        if person is None:
            self.card.dismiss()
        else:
            self.bring_into_view(person)
            self.card.show_for(person)
            accessible.focused(self, person)
            self.person_focused.emit(person)
        self.wake()

    def centre_on_self(self) -> None:
        """Where am I?"""
        if self.self_id is not None:
            self.centre_on(self.self_id)

    def activate(self, person: PersonId, *, hand: bool) -> None:
        """Somebody was chosen: their hand, or they themselves."""
        at = self.mapToGlobal(self.anchor(person).center().toPoint())
        avatar = self.scene.avatars[person]
        if hand and avatar.hand is not None:
            self.hand_activated.emit(avatar.hand.escalation, person, at)
        else:
            self.person_activated.emit(person, at)

    def people_in_order(self) -> list[PersonId]:
        """Everybody on the map as keyboard and assistive technology go: hands first, then by name."""
        return self.scene.people_in_order()

    def person_at_global(self, x: int, y: int) -> PersonId | None:
        """Whom a px of the screen shows."""
        at, dpr = self.mapFromGlobal(QPoint(x, y)), self.camera.dpr
        hit = self.scene.hit(round(at.x() * dpr), round(at.y() * dpr))
        return hit.person if hit is not None else None

    def zone_name(self, zone: ZoneId | None) -> str:
        """The name of a zone of the map; empty outside of all zones."""
        zones = self.space_map.zones if self.space_map is not None else ()
        return next((one.name for one in zones if one.id == zone), "")

    def accessible_map(self) -> accessible.MapAccessible:
        """What assistive technology sees; kept here, because Qt holds no Python reference."""
        if self._accessible is None:
            self._accessible = accessible.MapAccessible(self)
        return self._accessible

    def step(self, now: float) -> bool:
        """Move one's own avatar and say where it is."""
        person, walker = self.self_id, self.walker
        if person is None or not walker.busy:
            return False
        at = self.scene.place_of(person)
        if at is None:
            return False
        if walker.walking:
            x, y = walker.advance(*at, now)
            self.scene.now = now
            self.scene.glide(person, x, y)
            if walker.way is None:
                self.scene.hide_way(person)
        if walker.due(now):
            self.self_moved.emit(self.scene.crowd.place(self.scene.crowd.row[person]))
        return walker.busy

    def steer(self, dx: int, dy: int) -> None:
        """Walk in a direction until told otherwise (the arrow keys)."""
        if self.self_id is not None and (dx or dy):
            self.scene.hide_way(self.self_id)
        self.walker.steer(dx, dy, self.clock())
        self.wake()

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_missing()
        self.controls.move(16, self.height() - self.controls.height() - 16)

    def hideEvent(self, event: QHideEvent) -> None:
        self.card.dismiss()
        super().hideEvent(event)

    def event(self, event: QEvent) -> bool:
        return super().event(event) if event.type() not in GESTURES else self._pointing.gesture(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pointing.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointing.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pointing.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pointing.double_click(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._pointing.context_menu(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._pointing.leave()
        super().leaveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._pointing.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keys.press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._keys.release(event):
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return self._keys.tab(forward) or super().focusNextPrevChild(forward)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._keys.focus_in(event.reason())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._keys.focus_out()
        super().focusOutEvent(event)
