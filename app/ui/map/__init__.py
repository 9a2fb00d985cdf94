"""The space map: one widget that paints everything itself.

::

    view.py        MapView: the widget, its signals, the one ticker
      pointing.py, keys.py     mouse, touchpad, fingers; keyboard
      card.py, controls.py     the card beside an avatar; the zoom buttons
      accessible.py            what assistive technology sees
    scene.py       who stands where, what moves          (no widget)
      stage.py     how that is drawn, and what of it is dirty
      crowd.py     all places as arrays: movement, culling, hit test
      labels.py, hands.py, signs.py, trails.py, overlay.py   names, bubbles, zones, ways, rings and pointers
    painting.py    paints a scene, or a part of it; layer.py keeps a picture of all that stands still
      background.py            the map in cached tiles, from plan.py (shapes) or tiles.py (Tiled layers)
      atlas.py, faces.py, bubbles.py, edges.py, glyphs.py, style.py, colours.py   sprites and how they look
    camera.py      zoom and origin

**How to use it** (everything is exported here)

``MapView(parent)``

Map and look:
    ``set_map(space_map, pictures)``: ``pictures`` are decoded QImages by asset id; call it again when missing
    ones have come (a map with the same id keeps the view). ``set_tokens(tokens)`` at each change of the
    theme. ``set_reduced_motion(bool)``. ``set_insets(QMargins)``: what floats over the edges, px.
People:
    ``put_avatar(Avatar(...))`` adds or changes; nothing shows before the first ``place_avatar(id, place)``.
    ``place_avatar`` jumps, ``move_avatar(id, place)`` walks there (call it at each position that comes).
    ``remove_avatar(id)``. For one's own avatar (``Avatar.is_self``) positions that come back from the server
    may be given to ``move_avatar`` as well: they are ignored while one walks.
Walking:
    A click on the floor and the arrow keys walk at once, round walls. ``walk_self(path)`` walks a path
    (``WalkMap.path``), for Approach; ``walk_to(place)`` finds the path itself.
    ``show_approach(person, path)`` shows the dotted way of somebody else until it is walked;
    ``hide_approach(person)``.
Looking:
    ``fit()``, ``centre_on_self()``, ``centre_on(person)``, ``zoom_by(factor)``,
    ``focus_person(person | None)``.

Signals (ids are strings, places ``Place``, points global px):
    ``self_moved(Place)``: tell the server; at most 10 a second, the last place always.
    ``person_activated(person, point)``: click or Enter on somebody. Show no pop-up that grabs the mouse: a
    double click may follow. ``person_menu_requested(person, point)``: right click or menu key.
    ``approach_requested(person)``: double click, A, or the card's button. ``chat_requested(person)``: C or
    the card's button. ``hand_activated(escalation, person, point)``: click or Enter on a raised hand.
    ``person_focused(person)``: the keyboard came to somebody.
"""

from app.ui.map.colours import FACES, MapColours, face_colour, map_colours
from app.ui.map.model import Avatar, Hand, initials
from app.ui.map.view import MapView

__all__ = ["FACES", "Avatar", "Hand", "MapColours", "MapView", "face_colour", "initials", "map_colours"]
