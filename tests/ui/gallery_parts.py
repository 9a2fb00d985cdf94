"""Sheets of the gallery: all icons, all small widgets."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from app.core.model import MapId, Person, PersonId, Space, SpaceId, Status
from app.ui.panels.look import Look
from app.ui.theme import Tokens, icon_pixmap
from app.ui.theme.icons import FOLDER
from app.ui.topbar import Protection, TopBar
from app.ui.widgets import Badge, EmptyState, Kind, Notice, Tone, button, icon_button, label, line
from app.ui.widgets.action_button import ActionButton
from app.ui.widgets.chip import Chip
from app.ui.widgets.flow import FlowLayout
from app.ui.widgets.switch import Switch

KINDS: tuple[Kind, ...] = ("", "quiet", "bare", "primary", "priority", "red", "yellow")
COLUMNS = 8


def _sheet(tokens: Tokens) -> QWidget:
    sheet = QWidget()
    sheet.setObjectName("sheet")
    sheet.setStyleSheet(f"#sheet {{ background: {tokens.colours.surface} }}")
    return sheet


def icons(tokens: Tokens) -> QWidget:
    """Each icon large, and as small as it is used, with its name."""
    sheet = _sheet(tokens)
    grid = QGridLayout(sheet)
    for number, path in enumerate(sorted(FOLDER.glob("*.svg"))):
        cell = QVBoxLayout()
        row = QHBoxLayout()
        for size in (32, 16):
            sign = label(parent=sheet)
            sign.setPixmap(icon_pixmap(path.stem, tokens.colours.text, size, sheet.devicePixelRatioF()))
            row.addWidget(sign)
        row.addStretch(1)
        cell.addLayout(row)
        cell.addWidget(label(path.stem, size="tiny", rank="muted", parent=sheet))
        grid.addLayout(cell, number // COLUMNS, number % COLUMNS)
    return sheet


def widgets(tokens: Tokens) -> QWidget:
    """Each small widget, idle, focused and disabled."""
    sheet = _sheet(tokens)
    sheet.setFixedWidth(760)
    column = QVBoxLayout(sheet)
    column.setSpacing(14)
    column.addLayout(_row(*(button(kind or "plain", kind=kind, tokens=tokens) for kind in KINDS)))
    off = [button("off", kind=kind, tokens=tokens) for kind in KINDS]
    for part in off:
        part.setEnabled(False)
    column.addLayout(_row(*off, *(icon_button(n, n, tokens=tokens) for n in ("settings", "search", "close"))))
    column.addLayout(_row(*_actions(tokens)))
    column.addLayout(_row(*_switches(tokens), *_badges(tokens)))
    column.addWidget(_chips(tokens))
    column.addLayout(_fields())
    column.addWidget(line())
    for size in ("tiny", "small", "body", "large", "title"):
        column.addWidget(label(f"{size}: 挙手とエスカレーション, gjpqy 0123456789", size=size, weight=600))
    column.addWidget(label("muted " * 20, rank="muted", elide=True))
    for tone in Tone:
        notice = Notice(tokens)
        notice.say(f"{tone.name}: what happened, in one sentence that may be long. " * 2, tone, "Undo")
        column.addWidget(notice)
    column.addWidget(EmptyState("hand", "All quiet.", "Ctrl+Shift+E raises yours.", tokens))
    return sheet


def top_bars(look: Look, language: str) -> QWidget:
    """The top bar, wide and narrow, in each state of the connection."""
    sheet = _sheet(look.theme.tokens)
    column = QVBoxLayout(sheet)
    name = "大阪サポートフロア（本社ビル 3階）" if language == "ja" else "Osaka Support Floor, third floor"
    spaces = (Space(SpaceId("o"), name, MapId("m")), Space(SpaceId("k"), "京都", MapId("m")))
    person = Person(PersonId("mia"), "mia", "山本 美和" if language == "ja" else "Mia Young")
    for width in (1280, 900):
        for number, protection in enumerate(Protection):
            bar = TopBar(look, sheet)
            bar.setFixedWidth(width)
            bar.set_spaces(spaces, SpaceId("o"))
            bar.set_counts(18, 9)
            bar.set_me(person, list(Status)[number], number == 1, False)
            bar.show_connection(protection, 1_700_000_000.0, 5.0)
            column.addWidget(bar)
    return sheet


def _row(*parts: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for part in parts:
        row.addWidget(part)
    row.addStretch(1)
    return row


def _actions(tokens: Tokens) -> list[QWidget]:
    plain = ActionButton(tokens, "chat")
    plain.set_text("Chat")
    plain.set_badge(3)
    yellow = ActionButton(tokens, "hand-solid", kind="yellow")
    yellow.set_text("Escalation")
    yellow.set_hint("Ctrl+Shift+E")
    red = ActionButton(tokens, "hand-solid", kind="red")
    red.set_text("Lower hand")
    red.set_active(True)
    red.set_trailing_text("2:41")
    return [plain, yellow, red]


def _switches(tokens: Tokens) -> list[QWidget]:
    made: list[QWidget] = []
    for on, enabled, tone in (
        (False, True, "accent"),
        (True, True, "accent"),
        (True, True, "red"),
        (True, False, "accent"),
    ):
        switch = Switch("switch", tokens, tone=tone, reduced_motion=True)  # type: ignore[arg-type] # one of Tone
        switch.setChecked(on)
        switch.setEnabled(enabled)
        made.append(switch)
    return made


def _badges(tokens: Tokens) -> list[QWidget]:
    made: list[QWidget] = []
    for count, alarming in ((2, True), (3, False), (120, False)):
        badge = Badge(tokens, alarming=alarming)
        badge.set_count(count)
        made.append(badge)
    return made


def _chips(tokens: Tokens) -> QWidget:
    host = QWidget()
    flow = FlowLayout(host)
    for name, sign, faded in (
        ("Aiko Tanaka", "user", False),
        ("@supervisors", "group", False),
        ("長谷川 多恵子", "user", True),
        ("Somebody with a name that goes on and on for ever", "user", False),
    ):
        flow.addWidget(Chip(name, name, tokens, icon_name=sign, faded=faded, parent=host))
    return host


def _fields() -> QHBoxLayout:
    field, choice, slider = QLineEdit(), QComboBox(), QSlider(Qt.Orientation.Horizontal)
    field.setPlaceholderText("placeholder")
    off = QLineEdit("off")
    off.setEnabled(False)
    choice.addItems(["first", "second"])
    slider.setValue(40)
    return _row(field, off, choice, slider)
