"""Themes, icons and fonts: applied whole, sharp, and in the tokens' colours."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QFontMetrics, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.theme import DARK, LIGHT, THEMES, Theme, Tokens, icon, icon_pixmap
from app.ui.theme.fonts import font
from app.ui.theme.icons import FOLDER, SCALES
from app.ui.theme.style import SHEET, palette, sheet
from tests.helpers.desk import theme_of

ROOT = Path(__file__).resolve().parents[2]
LINES = sorted(path.stem for path in FOLDER.glob("*.svg") if path.stem not in ("app", "hand-solid"))


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return theme_of(qapp)


def inked(image: QImage) -> list[QColor]:
    """The colours of all pixels that are fully covered."""
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return [colour for x, y in points if (colour := image.pixelColor(x, y)).alpha() == 255]


@pytest.mark.parametrize("name", LINES)
def test_icons_are_drawn_in_one_style(name: str) -> None:
    drawing = ET.parse(FOLDER / f"{name}.svg").getroot()
    assert drawing.get("viewBox") == "0 0 24 24"
    assert drawing.get("stroke-width") == "1.75"
    assert (drawing.get("stroke-linecap"), drawing.get("stroke-linejoin")) == ("round", "round")
    assert drawing.get("stroke") == "currentColor"
    assert not re.search(r"#[0-9a-f]{3}", (FOLDER / f"{name}.svg").read_text())


@pytest.mark.parametrize("name", [*LINES, "hand-solid"])
def test_an_icon_has_the_colour_it_is_asked_for(qapp: QApplication, name: str) -> None:
    pixels = inked(icon_pixmap(name, "#c01830", 24, 2.0).toImage())
    assert len(pixels) > 40
    for colour in pixels:  # what lies over itself is rounded
        assert abs(colour.red() - 0xC0) + abs(colour.green() - 0x18) + abs(colour.blue() - 0x30) <= 2


def test_icons_are_sharp_at_each_scale(qapp: QApplication) -> None:
    for ratio in SCALES:
        pixmap = icon_pixmap("hand", "#000000", 20, ratio)
        assert (pixmap.width(), pixmap.devicePixelRatio()) == (round(20 * ratio), ratio)
    assert {size.width() for size in icon("hand", "#000000").availableSizes()} >= {20, 30, 40, 60}


def test_an_unknown_icon_is_an_error(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("no-such-icon", "#000000")


def test_every_icon_that_is_named_exists() -> None:
    named = re.compile(
        r"\b(?:icon|icon_pixmap|icon_button|picture_button|ActionButton)\(\s*(?:\w+,\s*)?\"([a-z-]+)\""
    )
    for path in (ROOT / "app" / "ui").rglob("*.py"):
        for name in named.findall(path.read_text(encoding="utf-8")):
            assert (FOLDER / f"{name}.svg").is_file(), f"{path.name}: {name}"


@pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES)
def test_the_style_names_only_tokens(tokens: Tokens) -> None:
    filled = sheet(tokens)
    assert "$" not in filled.replace("dollar sign", "")
    written = set(re.findall(r"#[0-9a-fA-F]{6}", filled))
    assert written <= {getattr(tokens.colours, name) for name in tokens.colours.__slots__}
    assert not re.findall(r"#[0-9a-fA-F]{6}", SHEET.read_text(encoding="utf-8"))


def test_a_choice_is_applied_and_told_once(qtbot: QtBot, qapp: QApplication, theme: Theme) -> None:
    theme.choose("light")
    with qtbot.waitSignal(theme.changed, timeout=1_000):
        theme.choose("dark")
    assert theme.tokens is DARK
    assert qapp.palette().window().color().name() == DARK.colours.window
    assert DARK.colours.surface in qapp.styleSheet()
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose("dark")
    theme.choose("light")
    assert theme.tokens is LIGHT


def test_windows_carry_the_programs_icon(qapp: QApplication, theme: Theme) -> None:
    picture = qapp.windowIcon().pixmap(32, 32).toImage()
    assert picture.size().width() == 32
    assert len({colour.name() for colour in inked(picture)}) > 1


def test_an_unknown_choice_follows_the_system(qapp: QApplication, theme: Theme) -> None:
    theme.choose("no such theme")
    dark = QGuiApplication.styleHints().colorScheme().name == "Dark"
    assert theme.tokens is (DARK if dark else LIGHT)
    theme.choose("light")


def test_the_palette_agrees_with_the_tokens() -> None:
    made = palette(DARK)
    assert made.text().color().name() == DARK.colours.text
    assert made.highlight().color().name() == DARK.colours.accent


def test_inter_ships_with_the_program(theme: Theme) -> None:
    assert "Inter" in QFontDatabase.families()
    assert "OFL" in (ROOT / "resources" / "fonts" / "COPYRIGHT.txt").read_text(encoding="utf-8")
    families = font(13).families()
    assert families[0] == "Inter"
    assert {"Noto Sans CJK JP", "Yu Gothic UI", "Hiragino Sans", "Meiryo"} <= set(families)


def test_digits_that_change_have_one_width(theme: Theme) -> None:
    metrics = QFontMetrics(font(13, 600, tabular=True))
    assert len({metrics.horizontalAdvance(digit * 4) for digit in "0123456789"}) == 1
