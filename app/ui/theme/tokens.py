"""The design language in numbers: colours, spacing, type, radii. Light, dark and high contrast share names.

Red belongs to red escalations and NOT PROTECTED alone, yellow to yellow escalations and the Escalation
button alone. Text keeps a contrast of 4.5:1 on each surface it stands on, glyphs and rings 3:1
(tests/ui/test_tokens.py computes them).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.core.model import Level, Status


@dataclass(frozen=True, slots=True)
class Colours:
    """``#rrggbb`` each.

    Attributes:
        window: behind everything; surface: panels and cards; raised: what floats; sunken: fields, tracks.
        hover, pressed: rows and quiet buttons under the pointer, and pressed.
        line: separators; edge: outlines of fields and cards.
        text, muted, faint: of first, second and third rank; faint is for disabled and decoration only.
        accent: the one accent, with what is written on it and its soft ground.
        priority: of priority messages alone, with what is written on it, as text, and its soft ground.
        red, yellow, green, violet, grey: see above; ``*_soft`` are grounds, ``on_*`` is written on them,
            ``red_text`` and ``yellow_text`` are readable on surfaces.
        focus: the ring round what has the keyboard.
        shadow: colour of the one shadow.
    """

    window: str
    surface: str
    raised: str
    sunken: str
    hover: str
    pressed: str
    line: str
    edge: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_text: str
    accent_soft: str
    priority: str
    on_priority: str
    priority_text: str
    priority_soft: str
    red: str
    on_red: str
    red_text: str
    red_soft: str
    yellow: str
    on_yellow: str
    yellow_text: str
    yellow_soft: str
    green: str
    green_text: str
    green_soft: str
    blue: str
    violet: str
    grey: str
    focus: str
    shadow: str

    def status(self, status: Status) -> str:
        """Ring and glyph of a status."""
        return {
            Status.AVAILABLE: self.green,
            Status.ON_CALL: self.blue,
            Status.BUSY: self.violet,
            Status.AWAY: self.grey,
        }[status]

    def level(self, level: Level) -> tuple[str, str, str]:
        """Fill, what is written on it, and the soft ground of an escalation's level."""
        if level is Level.RED:
            return self.red, self.on_red, self.red_soft
        return self.yellow, self.on_yellow, self.yellow_soft


@dataclass(frozen=True, slots=True)
class Spacing:
    """px"""

    xs: int = 4
    s: int = 8
    m: int = 12
    l: int = 16  # noqa: E741 - the sizes are called xs, s, m, l, xl
    xl: int = 24


@dataclass(frozen=True, slots=True)
class Type:
    """Sizes in px, weights as OpenType counts them."""

    tiny: int = 11
    small: int = 12
    body: int = 13
    large: int = 15
    title: int = 18
    regular: int = 400
    semibold: int = 600
    bold: int = 700


@dataclass(frozen=True, slots=True)
class Radii:
    """px; ``full`` is half of whatever is rounded."""

    s: int = 6
    m: int = 10
    l: int = 14  # noqa: E741 - see Spacing
    full: int = 999


@dataclass(frozen=True, slots=True)
class Shadow:
    """The one shadow of what floats: px, and opacity 0..255."""

    blur: int = 24
    offset_y: int = 6
    alpha: int = 60


@dataclass(frozen=True, slots=True)
class Tokens:
    """A whole theme."""

    name: str
    dark: bool
    colours: Colours
    high_contrast: bool = False
    spacing: Spacing = Spacing()
    type: Type = Type()
    radii: Radii = Radii()
    shadow: Shadow = Shadow()


LIGHT = Tokens(
    "light",
    dark=False,
    colours=Colours(
        window="#f4f5f7",
        surface="#ffffff",
        raised="#ffffff",
        sunken="#f2f3f6",
        hover="#eef0f4",
        pressed="#e2e5eb",
        line="#e4e7ec",
        edge="#858d9c",
        text="#1a1f2b",
        muted="#566072",
        faint="#8d96a6",
        accent="#3462dc",
        on_accent="#ffffff",
        accent_text="#2b57cc",
        accent_soft="#e6edfc",
        priority="#0b7285",
        on_priority="#ffffff",
        priority_text="#0a6576",
        priority_soft="#def2f6",
        red="#d9243b",
        on_red="#ffffff",
        red_text="#c01830",
        red_soft="#fde7ea",
        yellow="#f4b400",
        on_yellow="#2a1f00",
        yellow_text="#7a5600",
        yellow_soft="#fdf1cf",
        green="#17915a",
        green_text="#0f7345",
        green_soft="#dcf3e7",
        blue="#3a68dc",
        violet="#8450d8",
        grey="#5f6878",
        focus="#3462dc",
        shadow="#141a28",
    ),
)

DARK = Tokens(
    "dark",
    dark=True,
    shadow=Shadow(alpha=150),
    colours=Colours(
        window="#15181d",
        surface="#1c2027",
        raised="#242933",
        sunken="#14171c",
        hover="#272c36",
        pressed="#313846",
        line="#2c323d",
        edge="#6b7587",
        text="#f0f2f6",
        muted="#a4adbc",
        faint="#737d8e",
        accent="#6f92ff",
        on_accent="#0c1330",
        accent_text="#8faaff",
        accent_soft="#232f4f",
        priority="#2fb3c9",
        on_priority="#04252b",
        priority_text="#5fd0e3",
        priority_soft="#143840",
        red="#db3248",
        on_red="#ffffff",
        red_text="#ff7c8c",
        red_soft="#43212a",
        yellow="#fac31a",
        on_yellow="#2a1f00",
        yellow_text="#f6cb4d",
        yellow_soft="#40351a",
        green="#35c988",
        green_text="#4fd79a",
        green_soft="#183629",
        blue="#7094ff",
        violet="#a983f5",
        grey="#98a2b3",
        focus="#8faaff",
        shadow="#000000",
    ),
)

HIGH_CONTRAST = replace(
    DARK,
    name="high_contrast",
    high_contrast=True,
    colours=replace(
        DARK.colours,
        window="#000000",
        surface="#000000",
        raised="#000000",
        sunken="#000000",
        hover="#1f1f1f",
        pressed="#333333",
        line="#ffffff",
        edge="#ffffff",
        text="#ffffff",
        muted="#ffffff",
        faint="#c8c8c8",
        accent="#7fd4ff",
        on_accent="#000000",
        accent_text="#7fd4ff",
        accent_soft="#00334d",
        priority="#6ff0ff",
        on_priority="#000000",
        priority_text="#6ff0ff",
        priority_soft="#003d47",
        red_text="#ff8b98",
        yellow="#ffd633",
        green="#5cf2a5",
        green_text="#5cf2a5",
        blue="#8fb4ff",
        violet="#cdb0ff",
        grey="#e0e0e0",
        focus="#ffffff",
    ),
)

THEMES = {tokens.name: tokens for tokens in (LIGHT, DARK, HIGH_CONTRAST)}
