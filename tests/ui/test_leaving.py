"""Signing out says first what it means for a raised hand, and leads back to a page that can be typed into."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QPushButton

from app.core.commands import RaiseEscalation
from app.core.model import Level
from app.ui.desk import Desk
from tests.helpers.clock import settle
from tests.helpers.machine import Machine, page, signed_in, until


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
