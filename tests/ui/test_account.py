"""One's own password and devices: what is wrong is said where it is typed; the list is the server's."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import Code, Refused
from app.core.model import Person, PersonId
from app.core.questions import Device
from app.net.problems import ConnectionProblem, Trouble
from app.ui.account import AccountDialog
from app.ui.controllers.account_controller import AccountController
from app.ui.theme import LIGHT
from tests.helpers.desk import theme_of

MIA = Person(PersonId("mia"), "mia", "Mia Jansen")
HERE = Device("d1", "laptop", 0.0, 1_700_000_000.0, here=True)
THERE = Device("d2", "<b>reception</b>", 0.0, 1_700_000_000.0)


class Server:
    """Answers at once."""

    def __init__(self) -> None:
        self.refused: Refused | ConnectionProblem | None = None
        self.passwords: list[tuple[str, str]] = []
        self.ended = 0
        self.known: tuple[Device, ...] = (HERE, THERE)

    async def change_password(self, current: str, new: str) -> int:
        if self.refused is not None:
            raise self.refused
        self.passwords.append((current, new))
        return self.ended

    async def devices(self) -> tuple[Device, ...]:
        if isinstance(self.refused, ConnectionProblem):
            raise self.refused
        return self.known

    async def end_device(self, device: str) -> None:
        self.known = tuple(known for known in self.known if known.id != device)


@pytest.fixture
def server() -> Server:
    return Server()


def run(coro: Coroutine[Any, Any, None], _name: str) -> None:
    """What never waits is done at once."""
    with pytest.raises(StopIteration):
        coro.send(None)


@pytest.fixture
def dialog(qtbot: QtBot, qapp: QApplication, server: Server) -> Iterator[AccountDialog]:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    controller = AccountController(server, run, theme_of(qapp), window)
    controller.open(window, MIA)
    assert controller.dialog is not None
    yield controller.dialog
    window.close()


def fill(dialog: AccountDialog, current: str, new: str, again: str) -> None:
    for field, text in ((dialog.current, current), (dialog.new, new), (dialog.again, again)):
        field.clear()
        QTest.keyClicks(field, text)


@pytest.mark.parametrize(
    ("current", "new", "again", "words"),
    [
        ("", "", "", "Enter your present password."),
        ("old", "short", "short", "A password has at least 10 characters."),
        ("old", "miajansen2026", "miajansen2026", "This password is easy to guess."),
        ("old", "a good long one", "a good long on", "The new password is not the same both times."),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    dialog: AccountDialog, server: Server, current: str, new: str, again: str, words: str
) -> None:
    fill(dialog, current, new, again)
    dialog.change.click()
    assert dialog.notice.text.startswith(words)
    assert server.passwords == []
    assert dialog.new.text() == new


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (0, "Your password is changed."),
        (1, "Your password is changed. You were signed out on 1 other device."),
        (3, "Your password is changed. You were signed out on 3 other devices."),
    ],
)
def test_a_good_one_is_changed_and_nothing_of_it_stays_in_the_window(
    dialog: AccountDialog, server: Server, ended: int, words: str
) -> None:
    server.ended = ended
    fill(dialog, "old", "a good long one", "a good long one")
    assert dialog.hint.text() == "This password will do."
    QTest.keyClick(dialog.again, Qt.Key.Key_Return)
    assert server.passwords == [("old", "a good long one")]
    assert dialog.notice.text == words
    assert [f.text() for f in dialog.findChildren(QLineEdit)] == ["", "", ""]
    assert dialog.isVisible()


def test_the_servers_refusal_keeps_what_was_typed(dialog: AccountDialog, server: Server) -> None:
    server.refused = Refused.of(Code.WRONG_PASSWORD)
    fill(dialog, "oops", "a good long one", "a good long one")
    dialog.change.click()
    assert dialog.notice.text == "The present password is wrong."
    assert dialog.current.selectedText() or dialog.current.text() == "oops"
    assert dialog.new.text() == "a good long one"
    assert dialog.change.isEnabled()


def test_the_devices_are_listed_and_can_be_signed_out_but_this_one(
    dialog: AccountDialog, server: Server
) -> None:
    words = {made.text(): made.textFormat() for made in dialog.findChildren(QLabel)}
    assert words["<b>reception</b>"] is Qt.TextFormat.PlainText
    assert "This device" in words
    assert list(dialog.sign_outs) == ["d2"]
    assert dialog.sign_outs["d2"].accessibleName() == "Sign out <b>reception</b>"
    dialog.sign_outs["d2"].click()
    assert server.known == (HERE,)
    assert dialog.sign_outs == {}


def test_without_a_connection_it_is_said(qtbot: QtBot, qapp: QApplication, server: Server) -> None:
    server.refused = ConnectionProblem(Trouble.NOT_CONNECTED)
    window = QWidget()
    qtbot.addWidget(window)
    controller = AccountController(server, run, theme_of(qapp), window)
    controller.open(window, MIA)
    assert controller.dialog is not None
    assert controller.dialog.devices_notice.text == "There is no connection to the server."
    fill(controller.dialog, "old", "a good long one", "a good long one")
    controller.dialog.change.click()
    assert controller.dialog.notice.text == "There is no connection to the server."


def test_a_refusal_that_comes_after_the_dialog_was_closed_is_said_all_the_same(
    qtbot: QtBot, qapp: QApplication, server: Server
) -> None:
    waiting: list[Coroutine[Any, Any, None]] = []
    window = QWidget()
    qtbot.addWidget(window)
    controller = AccountController(server, lambda coro, _: waiting.append(coro), theme_of(qapp), window)
    controller.open(window, MIA)
    assert controller.dialog is not None
    fill(controller.dialog, "oops", "a good long one", "a good long one")
    controller.dialog.change.click()
    controller.dialog.reject()
    server.refused = Refused.of(Code.WRONG_PASSWORD)
    said: list[str] = []
    controller.failed.connect(said.append)
    for coro in waiting:
        run(coro, "")
    assert said == ["Your password was not changed: The present password is wrong."]


def test_many_devices_scroll(qtbot: QtBot) -> None:
    dialog = AccountDialog("mia", "Mia Jansen", LIGHT)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show_devices([Device(str(n), f"pc-{n}", 0.0, 1.0) for n in range(40)])
    dialog.show()
    assert dialog.height() == dialog.room()
    assert dialog.rect().contains(dialog.done_button.geometry())
    assert len(dialog.sign_outs) == 40


def test_the_keyboard_goes_through_it_and_enter_presses_what_it_is_on(
    qtbot: QtBot, dialog: AccountDialog, server: Server
) -> None:
    dialog.change.setFocus()
    QTest.keyClick(dialog.change, Qt.Key.Key_Tab)
    assert dialog.sign_outs["d2"].hasFocus()
    QTest.keyClick(dialog.sign_outs["d2"], Qt.Key.Key_Return)
    assert server.known == (HERE,)
    fill(dialog, "old", "a good long one", "a good long one")
    QTest.keyClick(dialog.again, Qt.Key.Key_Return)
    assert dialog.done_button.hasFocus()
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(dialog.done_button, Qt.Key.Key_Return)


def test_a_hint_is_not_said_twice(dialog: AccountDialog) -> None:
    fill(dialog, "old", "short", "short")
    assert dialog.hint.isVisible()
    QTest.keyClick(dialog.again, Qt.Key.Key_Return)
    assert (dialog.notice.text, dialog.hint.isVisible()) == (dialog.hint.text(), False)
    QTest.keyClicks(dialog.new, "and more of it")
    assert dialog.hint.isVisible()
