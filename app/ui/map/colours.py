"""The colours the map paints with: the theme's own, and the materials of an office in light and dark.

Rings and glyphs keep 3:1 against what they stand on, texts 4.5:1 (tests/ui/test_map_layout.py).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.maps import ShapeKind
from app.core.model import PersonId, Role, Status
from app.ui.theme import tokens as theme
from app.ui.theme.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Materials:
    """What an office is made of; ``#rrggbb`` each.

    Attributes:
        ground: behind the building.
        shapes: fill of each kind of a plan's shapes.
        detail: highlights on furniture, painted at ``lift`` (0..255).
        shadow: under furniture, painted at ``shadow_alpha`` (0..255).
        room, room_edge: meeting rooms; quiet: the dashed edge of quiet zones.
        zone_text: names of zones.
    """

    ground: str
    shapes: Mapping[ShapeKind, str]
    detail: str
    lift: int
    shadow: str
    shadow_alpha: int
    room: str
    room_edge: str
    quiet: str
    zone_text: str


@dataclass(frozen=True, slots=True)
class MapColours:
    """Everything the map needs to know about a theme; ``#rrggbb`` each.

    Attributes:
        surface, text, muted: labels and cards.
        halo: between a face and its ring, and round badges.
        status: ring and glyph; absent: automatic absence; lost: no connection.
        accent, on_accent: the one accent; red, yellow and what is written on them.
    """

    office: Materials
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


DAY = Materials(
    ground="#e2dfd9",
    shapes={
        ShapeKind.FLOOR: "#f3f0ea",
        ShapeKind.WALL: "#a9a196",
        ShapeKind.DESK: "#d9bd95",
        ShapeKind.TABLE: "#cfae82",
        ShapeKind.CHAIR: "#b9b7b8",
        ShapeKind.PLANT: "#6f9c6c",
        ShapeKind.SCREEN: "#4a5260",
        ShapeKind.RUG: "#e6e3da",
        ShapeKind.SOFA: "#9fb0c4",
        ShapeKind.GLASS: "#b5cddc",
        ShapeKind.DOOR: "#c9b8a0",
    },
    detail="#ffffff",
    lift=84,
    shadow="#4b4032",
    shadow_alpha=46,
    room="#e0eaf1",
    room_edge="#8fb0c6",
    quiet="#938b80",
    zone_text="#4f5867",
)

NIGHT = Materials(
    ground="#1d1f24",
    shapes={
        ShapeKind.FLOOR: "#2b2e35",
        ShapeKind.WALL: "#545a66",
        ShapeKind.DESK: "#65543f",
        ShapeKind.TABLE: "#5c4c39",
        ShapeKind.CHAIR: "#494d57",
        ShapeKind.PLANT: "#466b4a",
        ShapeKind.SCREEN: "#14161b",
        ShapeKind.RUG: "#343740",
        ShapeKind.SOFA: "#45536a",
        ShapeKind.GLASS: "#4a6678",
        ShapeKind.DOOR: "#6d6250",
    },
    detail="#ffffff",
    lift=24,
    shadow="#000000",
    shadow_alpha=90,
    room="#263542",
    room_edge="#4f7389",
    quiet="#7c828f",
    zone_text="#b4bcc9",
)


def map_colours(tokens: Tokens) -> MapColours:
    """What the map takes from a theme."""
    colours = tokens.colours
    return MapColours(
        office=NIGHT if tokens.dark else DAY,
        surface=colours.surface,
        text=colours.text,
        muted=colours.muted,
        halo=colours.surface,
        status={status: colours.status(status) for status in Status},
        absent=colours.grey,
        lost=colours.grey,
        accent=colours.accent,
        on_accent=colours.on_accent,
        red=colours.red,
        on_red=colours.on_red,
        yellow=colours.yellow,
        on_yellow=colours.on_yellow,
    )


LIGHT = map_colours(theme.LIGHT)

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

INITIALS = "#ffffff"

ROLE_MARKS = {Role.AGENT: "", Role.SUPERVISOR: "S", Role.ADMIN: "A"}


def face_colour(person: PersonId) -> int:
    """Index into ``FACES``: the same for a person on every machine, for ever."""
    return zlib.crc32(person.encode()) % len(FACES)
