"""What others write and are called is shown literally in every place where the person at the screen reads.

A real server whose database holds hostile names (as an older program could have stored them), people who
send hostile messages over real sockets, and the whole desk of the person whom they call.
"""

from __future__ import annotations

import html
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QWindow
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)

from app.core.commands import RaiseEscalation, SendMessage
from app.core.model import Level, PersonId, Recipients, Role
from app.net.credentials import CredentialStore
from app.server.admin import Admin
from app.server.store.sqlite.store import FILE
from app.ui import program as program_module
from app.ui.alerts.center import Alerts
from app.ui.alerts.notification import AlertNotifications
from app.ui.alerts.popup import AlertPopups
from app.ui.alerts.tray import Tray
from app.ui.alerts.tray_icons import TrayIcons
from app.ui.desk import Desk
from app.ui.folders import Folders
from app.ui.map.accessible import describe
from app.ui.models.rows import ROW_ROLE
from app.ui.preferences import Preferences
from app.ui.program import Program, Start
from app.ui.theme.tokens import LIGHT
from tests.helpers.alert_desk import SilentSound
from tests.helpers.caller import Caller
from tests.helpers.clock import settle
from tests.helpers.desk import theme_of
from tests.helpers.hostile import EMOJI, HEBREW, MARKUP, MESSAGES, NAMES, wrong_with
from tests.helpers.machine import until
from tests.helpers.ring import Ring
from tests.helpers.running import HASHER, PASSWORD, furnish, running
from tests.ui.test_alert_notification import Service


@dataclass
class Screen:
    """Bob's program, and what else of his desktop it writes on."""

    program: Program
    desk: Desk
    service: Service
    tray: Tray
    strangers: tuple[PersonId, ...]


def strangers(data: Path) -> tuple[PersonId, ...]:
    """People, a group and a space with hostile names; the program itself would have refused them."""
    with Admin(data, hasher=HASHER) as admin:
        people = tuple(
            admin.add_user(f"s{i}", f"Stranger {i}", PASSWORD, Role.AGENT) for i in range(len(NAMES))
        )
        admin.add_group("hostile", "Hostile")
    with closing(sqlite3.connect(data / FILE)) as db, db:
        for person, name in zip(people, NAMES, strict=True):
            db.execute("UPDATE people SET name = ? WHERE id = ?", (name, person))
        db.execute("UPDATE groups SET name = ? WHERE handle = 'hostile'", (NAMES[1],))
        db.execute("UPDATE spaces SET name = ?", (f"R&D {NAMES[1]}",))
    return people


@asynccontextmanager
async def bobs_screen(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Screen]:
    ids = furnish(tmp_path / "data")
    people = strangers(tmp_path / "data")
    service, tray = Service(), Tray(TrayIcons(), available=lambda: False)

    async def markup() -> bool:
        return True

    def alerts(clock: Callable[[], float], *_: object) -> Alerts:
        notes = AlertNotifications(notifier=lambda: service, markup=markup)
        popups = AlertPopups(clock, LIGHT, seen=QWindow.isExposed)
        return Alerts(clock=clock, popups=popups, sound=SilentSound(), notifications=notes, tray=tray)

    monkeypatch.setattr(program_module, "make_alerts", alerts)
    kept = partial(CredentialStore, Ring())
    monkeypatch.setattr(program_module, "CredentialStore", kept)
    folders = Folders(*(tmp_path / name for name in ("settings", "cache", "runtime", "outbox")))
    async with running(tmp_path / "data") as server, AsyncExitStack() as stack:
        preferences = Preferences.load(folders.settings)
        program = Program(theme_of(qapp), preferences, folders, Start(server.url, "bob", PASSWORD))
        stack.push_async_callback(program._close)
        program._begin()
        await until(lambda: program.desk is not None)
        assert program.desk is not None
        for i, (person, message) in enumerate(zip(people, MESSAGES, strict=True)):
            caller = await stack.enter_async_context(await Caller.enter(server.url, f"s{i}"))
            assert not await caller.do(SendMessage(f"@bob {message}"))
            red = RaiseEscalation(Level.RED, message, Recipients(people=(ids.bob,)))
            assert not await caller.do(red, f"hand-{person}")
        me = program.client.me
        await until(lambda: me is not None and len(me.alerts) == len(NAMES))
        program.desk.bridge.tell()
        await until(lambda: len(service.shown) == len(NAMES))
        yield Screen(program, program.desk, service, tray, people)


def shown_by(widget: QWidget) -> Iterator[str]:
    """Everything that a widget shows or says."""
    yield widget.windowTitle()
    yield widget.accessibleName()
    yield widget.accessibleDescription()
    yield html.unescape(widget.toolTip().removeprefix("<span>").removesuffix("</span>"))
    if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
        yield widget.text()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, QAbstractItemView) and widget.model() is not None:
        model = widget.model()
        for i in range(model.rowCount()):
            index = model.index(i, 0)
            row = index.data(ROW_ROLE)
            yield str(index.data(Qt.ItemDataRole.AccessibleTextRole) or "")
            yield from (value for value in getattr(row, "__dict__", {}).values() if isinstance(value, str))
    spoken = QAccessible.queryAccessibleInterface(widget)
    if spoken is not None:
        yield spoken.text(QAccessible.Text.Name)
        yield spoken.text(QAccessible.Text.Description)


def texts(desk: Desk) -> set[str]:
    """What is on the screen now, hidden pages included."""
    found = {text for widget in QApplication.allWidgets() for text in shown_by(widget) if text}
    view = desk.view
    found |= {describe(view, avatar) for avatar in view.scene.avatars.values()}
    return found | {avatar.name for avatar in view.scene.avatars.values()}


async def visit(screen: Screen) -> set[str]:
    """Open everything that shows people's words, and read it all."""
    desk, found = screen.desk, set[str]()
    for person in screen.strangers:
        desk.chat.open_with(person)
        found |= texts(desk)
        desk._person_menu(person, QPoint(0, 0))
    desk.escalation.press()
    desk.escalation.dialog.notify.switch.setChecked(True)
    recipients = desk.escalation.dialog.recipients
    for key in recipients._offers:
        recipients.choose(key)
    desk.top_bar.search.setText("Stranger")
    desk.top_bar._choose_space()
    desk.top_bar._about_me()
    await settle()
    return found | texts(desk)


async def test_what_others_write_is_shown_literally_everywhere(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bobs_screen(tmp_path, qapp, monkeypatch) as screen:
        check(screen, await visit(screen))


def check(screen: Screen, found: set[str]) -> None:
    # Nothing hides, reorders or piles up, and what is harmless is all there.
    assert {text: wrong_with(text) for text in found if wrong_with(text)} == {}
    everything = "\n".join(found)
    for literal in (MARKUP, EMOJI, HEBREW, "https://evil.example/", "Mia", "invoicegnp.exe", "می‌خواهم"):
        assert literal in everything, literal
    # Labels and tooltips are no markup.
    widgets = QApplication.allWidgets()
    labels = [w for w in widgets if isinstance(w, QLabel) and w.metaObject().className() != "QTipLabel"]
    assert any(MARKUP in label.text() for label in labels)
    assert {label.textFormat() for label in labels if label.text()} == {Qt.TextFormat.PlainText}
    tips = [w.toolTip().removeprefix("<span>").removesuffix("</span>") for w in widgets]
    assert not [tip for tip in tips if "<" in tip]
    # An ampersand is no key: "R&D" would be shown as RD, and listen to Alt+D.
    buttons = [widget for widget in widgets if isinstance(widget, QAbstractButton)]
    assert any("&" in button.text() for button in buttons)
    assert not [button.text() for button in buttons if not button.shortcut().isEmpty()]
    menus = [*(w for w in widgets if isinstance(w, QMenu)), screen.tray.menu]
    entries = {action.text() for menu in menus for action in menu.actions()}
    assert any("R&&D" in text for text in entries)
    assert not [text for text in entries if "&" in text.replace("&&", "") or "\n" in text]
    # What other programs show: the tray's tooltip has only our own words, the notification is escaped.
    assert not [at for at in screen.tray.tooltip().split("\n") if "<" in at or wrong_with(at)]
    notes = screen.service.shown.values()
    assert not [note.title for note in notes if wrong_with(note.title)]
    assert not [note.message for note in notes if wrong_with(note.message) or "<" in note.message]
    assert any("&lt;img src=x&gt; &amp; &lt;b&gt;R&amp;D&lt;/b&gt;" in note.message for note in notes)
    assert f"\u2068{HEBREW}\u2069 needs help" in {note.title for note in notes}
