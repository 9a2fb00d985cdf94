"""Signing out says first what it means for a raised hand, and leads back to a page that can be typed into."""

from __future__ import annotations

import gc
from weakref import ref

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QDialog, QPushButton

from app.core.commands import RaiseEscalation
from app.core.model import Level
from app.ui.desk import Desk
from app.ui.map import MapView
from app.ui.map.accessible import PersonItem
from app.ui.program import Program
from tests.helpers.clock import settle
from tests.helpers.machine import HERE, Machine, page, signed_in, until
from tests.helpers.scripted import PASSWORD


def questions(desk: Desk) -> list[QDialog]:
    return [dialog for dialog in desk.window.findChildren(QDialog) if dialog.isVisible()]


def press(dialog: QDialog, words: str) -> None:
    next(button for button in dialog.findChildren(QPushButton) if button.text() == words).click()


async def test_signing_out_leads_to_the_password(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    desk.top_bar.sign_out_pressed.emit()
    await until(lambda: program.desk is None)
    assert page(program).focusWidget() is page(program).password
    assert page(program).password.isEnabled()


async def test_signing_out_with_a_raised_hand_asks_first(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    desk.hands.raise_hand(RaiseEscalation(Level.YELLOW, "help"))
    await settle()
    desk.bridge.tell()
    desk.top_bar.sign_out_pressed.emit()
    (question,) = questions(desk)
    press(question, "Cancel")
    await settle()
    assert program.desk is desk
    assert machine.server.office.space.escalations
    desk.top_bar.sign_out_pressed.emit()
    press(questions(desk)[-1], "Sign out and lower my hand")
    await until(lambda: program.desk is None)
    assert not machine.server.office.space.escalations


async def test_a_window_that_a_screen_reader_has_read_leaves_nothing_behind(machine: Machine) -> None:
    """What Qt was given to read is deleted by Qt; it must not keep the map, and the pictures in it."""
    program, _ = await signed_in(machine)
    before = _alive()
    for _ in range(3):
        view = _read(program)
        assert program.desk is not None
        program.desk.top_bar.sign_out_pressed.emit()
        await until(lambda: program.desk is None)
        program.signing_in.begin(HERE, "ann", PASSWORD)
        await until(lambda: program.desk is not None)
        after = _alive()
        assert view() is None
        assert after == before


def _read(program: Program) -> ref[MapView]:
    """The map, after everybody on it was read."""
    assert program.desk is not None
    view = program.desk.view
    read = QAccessible.queryAccessibleInterface(view)
    said = [read.child(i).text(QAccessible.Text.Name) for i in range(read.childCount())]
    assert any(words.startswith("Ann Field") for words in said)
    return ref(view)


def _alive() -> tuple[int, ...]:
    """Maps, and people on them as they were read, when everything was cleared away that can be."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    things = gc.get_objects()
    return tuple(sum(isinstance(thing, kind) for thing in things) for kind in (MapView, PersonItem))
