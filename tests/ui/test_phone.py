"""One's own phone and quiet hours, and who may what: the dialogs ask the server and show what it says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt, QTime
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import Code, refuse
from app.core.permission_questions import GetPermissions, PermissionsNow, SetOwnRight, SetPermission
from app.core.permissions import Least, OwnRight, Right
from app.core.phone_questions import (
    GetMyPhone,
    MyPhone,
    QuietHours,
    RemoveMyPhone,
    SetMyPhone,
    SetQuietHours,
    TryMyPhone,
    VerifyMyPhone,
)
from app.core.questions import Query
from app.ui.controllers.permissions_controller import PermissionsController
from app.ui.controllers.phone_controller import PhoneController
from app.ui.permissions_dialog import PermissionsDialog
from app.ui.phone_dialog import PhoneDialog
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import FakeClient, Floor
from tests.helpers.office import ANN, BOB, EVA

NONE = MyPhone(available=True)
WAITING = MyPhone(waiting="…678", waits_until=1_700_000_600.0, available=True)
MINE = MyPhone(shown="…678", available=True)


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def client() -> FakeClient:
    return Floor().client(EVA)


def last(client: FakeClient) -> Query:
    return client.asked[-1]


@pytest.fixture
def phone(client: FakeClient, host: QWidget, qapp: QApplication) -> Iterator[PhoneDialog]:
    client.answers[GetMyPhone] = lambda _: NONE
    controller = PhoneController(client, run_now, theme_of(qapp), host)
    controller.open(host)
    assert controller.dialog is not None
    yield controller.dialog
    if controller.dialog is not None:
        controller.dialog.reject()


def test_a_number_counts_once_its_code_came_back(phone: PhoneDialog, client: FakeClient) -> None:
    assert phone.state.text() == "No number is confirmed."
    assert phone.code.isHidden()
    client.answers[SetMyPhone] = lambda _: WAITING
    QTest.keyClicks(phone.number, "+81 90 1234 5678")
    QTest.keyClick(phone.number, Qt.Key.Key_Return)
    assert last(client) == SetMyPhone("+81 90 1234 5678")
    assert phone.state.text() == "No number is confirmed."
    assert phone.code_hint.text().startswith("A code was sent to …678.")
    client.answers[VerifyMyPhone] = lambda _: refuse(Code.CODE_WRONG, left=4)
    QTest.keyClicks(phone.code, "000000")
    QTest.keyClick(phone.code, Qt.Key.Key_Return)
    assert "4" in phone.notice.text
    client.answers[VerifyMyPhone] = lambda _: MINE
    QTest.keyClicks(phone.code, "123456")
    QTest.mouseClick(phone.confirm, Qt.MouseButton.LeftButton)
    assert last(client) == VerifyMyPhone("123456")
    assert phone.state.text() == "…678, confirmed"
    assert phone.code.isHidden()
    assert phone.number.text() == ""  # it is not kept on the screen


def test_it_can_be_tried_and_removed(phone: PhoneDialog, client: FakeClient) -> None:
    phone.show_phone(MINE)
    client.answers[TryMyPhone] = lambda _: MINE
    QTest.mouseClick(phone.call_me, Qt.MouseButton.LeftButton)
    assert last(client) == TryMyPhone(call=True)
    assert phone.notice.text == "You are being called."
    client.answers[RemoveMyPhone] = lambda _: NONE
    QTest.mouseClick(phone.remove, Qt.MouseButton.LeftButton)
    assert last(client) == RemoveMyPhone()
    assert phone.remove.isHidden()


def test_quiet_hours_are_kept_with_their_zone(phone: PhoneDialog, client: FakeClient) -> None:
    client.answers[SetQuietHours] = lambda q: MyPhone(available=True, quiet=q.hours)
    phone.zone.setCurrentText("Asia/Tokyo")
    phone.quiet.click()
    assert last(client) == SetQuietHours(QuietHours(22 * 60, 7 * 60, "Asia/Tokyo"))
    phone.end.setTime(QTime(6, 30))
    phone.end.editingFinished.emit()
    assert last(client) == SetQuietHours(QuietHours(22 * 60, 6 * 60 + 30, "Asia/Tokyo"))
    asked = len(client.asked)
    phone.zone.setCurrentText("Asia/Nowhere")
    assert len(client.asked) == asked  # a zone that is none is not even asked for
    phone.quiet.click()
    assert last(client) == SetQuietHours(None)
    assert not phone.start.isEnabled()


def test_a_server_without_phones_says_so(phone: PhoneDialog) -> None:
    phone.show_phone(MyPhone())
    assert not phone.send.isEnabled()
    assert phone.notice.text.startswith("This server cannot send text messages")


# Permissions


@pytest.fixture
def permissions(client: FakeClient, host: QWidget, qapp: QApplication) -> Iterator[PermissionsDialog]:
    client.answers[GetPermissions] = lambda _: PermissionsNow(
        Least.EVERYBODY, Least.SUPERVISORS, (OwnRight(ANN, Right.PHONES, True),)
    )
    controller = PermissionsController(client, run_now, theme_of(qapp), host)
    controller.open(host)
    assert controller.dialog is not None
    yield controller.dialog
    if controller.dialog is not None:
        controller.dialog.reject()


def test_an_admin_sees_and_sets_who_may(permissions: PermissionsDialog, client: FakeClient) -> None:
    box = permissions.least[Right.PHONES]
    assert box.currentText() == "Supervisors and admins"
    client.answers[SetPermission] = lambda q: PermissionsNow(Least.EVERYBODY, q.least)
    box.setCurrentIndex(box.findData(Least.NOBODY))
    box.activated.emit(box.currentIndex())
    assert last(client) == SetPermission(Right.PHONES, Least.NOBODY)
    assert permissions.removes == {}


def test_exceptions_are_added_and_removed(permissions: PermissionsDialog, client: FakeClient) -> None:
    client.answers[SetOwnRight] = lambda q: PermissionsNow(
        Least.EVERYBODY,
        Least.SUPERVISORS,
        () if q.allowed is None else (OwnRight(q.person, q.right, q.allowed),),
    )
    remove = permissions.removes[ANN, Right.PHONES]
    assert remove.accessibleName() == "Remove the exception of Ann Field"
    QTest.mouseClick(remove, Qt.MouseButton.LeftButton)
    assert last(client) == SetOwnRight(ANN, Right.PHONES, None)
    assert permissions.removes == {}
    permissions.person.setCurrentIndex(permissions.person.findData(BOB))
    permissions.what.setCurrentIndex(1)
    QTest.mouseClick(permissions.add, Qt.MouseButton.LeftButton)
    assert last(client) == SetOwnRight(BOB, Right.PRIORITY, False)
    assert list(permissions.removes) == [(BOB, Right.PRIORITY)]


def test_a_refusal_is_said_where_it_was_asked_for(permissions: PermissionsDialog, client: FakeClient) -> None:
    client.answers[SetPermission] = lambda _: refuse(Code.NOT_FOUND)
    permissions.least_chosen.emit(Right.PHONES, Least.NOBODY)
    assert permissions.notice.text == "This does not exist, or is not for you."
