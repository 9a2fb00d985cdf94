"""The colours the map paints with: its own narrow set, made from the theme.

Rings and glyphs keep 3:1 against what they stand on, texts 4.5:1 (tests/ui/test_map_colours.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.maps import ShapeKind
from app.core.model import PersonId, Role, Status


@dataclass(frozen=True, slots=True)
class MapColours:
    """Everything the map needs to know about the theme; ``#rrggbb`` each.

    Attributes:
        ground: behind the building; floor: inside of it.
        shapes: fill of each kind of a plan's shapes.
        detail: lines and highlights on furniture; shadow: under it, painted at ``shadow_alpha`` (0..255).
        room, room_edge: meeting rooms; quiet: the dashed edge of quiet zones.
        zone_text: names of zones.
        surface, text, muted: labels, bubbles' cards.
        halo: between a face and its ring, and round badges.
        status: ring and glyph; absent: automatic absence; lost: no connection.
        accent, on_accent: the one accent; red, yellow and what is written on them.
        light: the theme is a light one.
    """

    ground: str
    floor: str
    shapes: Mapping[ShapeKind, str]
    detail: str
    shadow: str
    shadow_alpha: int
    room: str
    room_edge: str
    quiet: str
    zone_text: str
    surface: str
    text: str
    muted: str
    halo: str
    status: Mapping[Status, str]
    absent: str
    lost: str
    accent: str
    on_accent: str
    red: str
    on_red: str
    yellow: str
    on_yellow: str
    light: bool


LIGHT = MapColours(
    ground="#e2dfd9",
    floor="#f3f0ea",
    shapes={
        ShapeKind.FLOOR: "#f3f0ea",
        ShapeKind.WALL: "#a9a196",
        ShapeKind.DESK: "#d9bd95",
        ShapeKind.TABLE: "#cfae82",
        ShapeKind.CHAIR: "#b9b7b8",
        ShapeKind.PLANT: "#6f9c6c",
        ShapeKind.SCREEN: "#4a5260",
        ShapeKind.RUG: "#e3e1ea",
        ShapeKind.SOFA: "#9fb0c4",
        ShapeKind.GLASS: "#b5cddc",
        ShapeKind.DOOR: "#c9b8a0",
    },
    detail="#ffffff",
    shadow="#4b4032",
    shadow_alpha=46,
    room="#e0eaf1",
    room_edge="#8fb0c6",
    quiet="#938b80",
    zone_text="#5b6472",
    surface="#ffffff",
    text="#1b2130",
    muted="#566072",
    halo="#ffffff",
    status={
        Status.AVAILABLE: "#17915a",
        Status.ON_CALL: "#3a68dc",
        Status.BUSY: "#8450d8",
        Status.AWAY: "#5f6878",
    },
    absent="#6d7686",
    lost="#6d7686",
    accent="#3462dc",
    on_accent="#ffffff",
    red="#d9243b",
    on_red="#ffffff",
    yellow="#f4b400",
    on_yellow="#2a1f00",
    light=True,
)

DARK = MapColours(
    ground="#1d1f24",
    floor="#2b2e35",
    shapes={
        ShapeKind.FLOOR: "#2b2e35",
        ShapeKind.WALL: "#545a66",
        ShapeKind.DESK: "#65543f",
        ShapeKind.TABLE: "#5c4c39",
        ShapeKind.CHAIR: "#494d57",
        ShapeKind.PLANT: "#466b4a",
        ShapeKind.SCREEN: "#14161b",
        ShapeKind.RUG: "#343742",
        ShapeKind.SOFA: "#45536a",
        ShapeKind.GLASS: "#4a6678",
        ShapeKind.DOOR: "#6d6250",
    },
    detail="#ffffff",
    shadow="#000000",
    shadow_alpha=90,
    room="#263542",
    room_edge="#4f7389",
    quiet="#7c828f",
    zone_text="#a7b0be",
    surface="#1c2027",
    text="#f0f2f6",
    muted="#a4adbc",
    halo="#1c2027",
    status={
        Status.AVAILABLE: "#35c988",
        Status.ON_CALL: "#7094ff",
        Status.BUSY: "#a983f5",
        Status.AWAY: "#98a2b3",
    },
    absent="#8b95a6",
    lost="#8b95a6",
    accent="#6f92ff",
    on_accent="#0c1330",
    red="#f0445a",
    on_red="#ffffff",
    yellow="#fac31a",
    on_yellow="#2a1f00",
    light=False,
)

FACES = (
    "#3a66c9",
    "#1f7a70",
    "#a8457c",
    "#7a55c0",
    "#a35a1c",
    "#5f711d",
    "#ad423f",
    "#50607a",
    "#1d7690",
    "#8c4a9e",
    "#2a7a45",
    "#8a6315",
)
"""White initials on each of them have a contrast of at least 4.5:1, in both themes."""

ROLE_MARKS = {Role.AGENT: "", Role.SUPERVISOR: "S", Role.ADMIN: "A"}


def face_colour(person: PersonId) -> int:
    """Index into ``FACES``: the same for a person on every machine, for ever."""
    return zlib.crc32(person.encode()) % len(FACES)
