"""Both themes come from the same tokens, and everything on the screen can be read.

Contrast as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

import itertools
import re

import pytest

from app.core.model import Level, Status
from app.ui.map.colours import FACES
from app.ui.theme import DARK, HIGH_CONTRAST, LIGHT, THEMES, Tokens

TEXT, GLYPH = 4.5, 3.0
each_theme = pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES)

SURFACES = ("window", "surface", "raised", "sunken", "hover")
TEXTS = ("text", "muted", "accent_text", "red_text", "yellow_text", "green_text", "priority_text")
GROUNDS = {
    "accent_soft": ("text", "accent_text"),
    "red_soft": ("text", "red_text"),
    "yellow_soft": ("text", "yellow_text"),
    "green_soft": ("text", "green_text"),
    "priority_soft": ("text", "priority_text"),
    "pressed": ("text",),
    "priority": ("on_priority",),
    "accent": ("on_accent",),
    "red": ("on_red",),
    "yellow": ("on_yellow",),
}


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def too_faint(tokens: Tokens, pairs: list[tuple[str, str]], least: float) -> list[str]:
    colours = tokens.colours
    found = [
        (ink, ground, contrast(getattr(colours, ink), getattr(colours, ground))) for ink, ground in pairs
    ]
    return [f"{ink} on {ground}: {ratio:.2f}" for ink, ground, ratio in found if ratio < least]


def test_contrast_is_computed_as_defined() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@each_theme
def test_every_colour_is_written_in_full(tokens: Tokens) -> None:
    for name in tokens.colours.__slots__:
        assert re.fullmatch(r"#[0-9a-f]{6}", getattr(tokens.colours, name)), name


@each_theme
def test_text_can_be_read_on_each_surface(tokens: Tokens) -> None:
    pairs = list(itertools.product(TEXTS, SURFACES))
    pairs += [(ink, ground) for ground, inks in GROUNDS.items() for ink in inks]
    assert not too_faint(tokens, pairs, TEXT)


@each_theme
def test_rings_glyphs_and_outlines_stand_out(tokens: Tokens) -> None:
    marks = ("green", "blue", "violet", "grey", "red", "edge", "focus", "accent")
    pairs = list(itertools.product(marks, ("surface", "raised")))
    pairs += [("focus", "window"), ("edge", "window"), ("focus", "sunken")]
    assert not too_faint(tokens, pairs, GLYPH)


def test_initials_can_be_read_on_every_face() -> None:
    assert not [face for face in FACES if contrast("#ffffff", face) < TEXT]


@each_theme
def test_no_status_looks_like_an_escalation(tokens: Tokens) -> None:
    """Red and yellow are reserved: a status never takes one of them, nor the colour of another."""
    colours = tokens.colours
    statuses = [colours.status(status) for status in Status]
    assert len(set(statuses)) == len(Status)
    assert not set(statuses) & {colours.red, colours.yellow, colours.red_text, colours.yellow_text}


@each_theme
def test_red_and_yellow_hands_differ_in_lightness_too(tokens: Tokens) -> None:
    red, yellow = (tokens.colours.level(level)[0] for level in (Level.RED, Level.YELLOW))
    assert contrast(red, yellow) > 2


def test_themes_differ_in_colours_and_shadow_alone() -> None:
    for tokens in (DARK, HIGH_CONTRAST):
        assert (tokens.spacing, tokens.type, tokens.radii) == (LIGHT.spacing, LIGHT.type, LIGHT.radii)
    assert (LIGHT.dark, DARK.dark, HIGH_CONTRAST.high_contrast) == (False, True, True)


def test_high_contrast_leaves_no_outline_to_guess() -> None:
    colours = HIGH_CONTRAST.colours
    assert contrast(colours.line, colours.surface) >= 7
    assert contrast(colours.text, colours.surface) == pytest.approx(21)
