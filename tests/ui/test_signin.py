"""The sign-in page: what is typed stays, what is wrong is said, what is kept is said honestly."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.core.errors import Code, refuse
from app.ui.i18n import use_language
from app.ui.signin import SignInPage
from app.ui.words import refusal_words
from tests.helpers.desk import theme_of

ADDRESS = "wss://office.example.com:7443"


@pytest.fixture
def page(qtbot: QtBot, qapp: QApplication) -> SignInPage:
    made = SignInPage(theme_of(qapp))
    qtbot.addWidget(made)
    made.resize(900, 600)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_the_first_start_teaches(page: SignInPage) -> None:
    page.fill("", "", remember=True)
    assert page.teaching.isVisible()
    assert page.server.hasFocus()
    page.fill(ADDRESS, "mia", remember=True)
    assert not page.teaching.isVisible()
    assert page.password.hasFocus()


def test_enter_signs_in_with_what_was_typed(qtbot: QtBot, page: SignInPage) -> None:
    page.fill(f" {ADDRESS} ", "@mia", remember=False)
    page.password.setText("öä 秘密")
    with qtbot.waitSignal(page.sign_in_requested) as asked:
        QTest.keyClick(page.password, Qt.Key.Key_Return)
    assert asked.args == [ADDRESS, "mia", "öä 秘密", False]


def test_an_empty_field_is_named_and_gets_the_keyboard(qtbot: QtBot, page: SignInPage) -> None:
    page.fill(ADDRESS, "", remember=True)
    with qtbot.assertNotEmitted(page.sign_in_requested):
        page.button.click()
    assert page.notice.text == "Please fill in “Handle”."
    assert page.handle.hasFocus()


def test_two_clicks_sign_in_once(qtbot: QtBot, page: SignInPage) -> None:
    page.fill(ADDRESS, "mia", remember=True)
    page.password.setText("secret")
    asked: list[object] = []
    page.sign_in_requested.connect(lambda *given: asked.append(given))
    page.sign_in_requested.connect(lambda *_: page.set_busy(True))
    page.button.click()
    page.button.click()
    QTest.keyClick(page, Qt.Key.Key_Return)
    assert len(asked) == 1
    assert page.button.text() == "Signing in…"


def test_an_error_keeps_what_was_typed(page: SignInPage) -> None:
    page.fill(ADDRESS, "mia", remember=True)
    page.password.setText("wrong")
    page.set_busy(True)
    page.show_error(refusal_words(refuse(Code.WRONG_CREDENTIALS)), password=True)
    assert page.notice.text == "The handle or the password is wrong."
    assert (page.server.text(), page.handle.text(), page.password.text()) == (ADDRESS, "mia", "wrong")
    assert page.password.selectedText()
    assert page.button.isEnabled()


def test_an_unencrypted_server_is_allowed_by_the_person_alone(page: SignInPage) -> None:
    page.fill("ws://office.example.com", "mia", remember=True)
    page.password.setText("secret")
    page.offer_plain("The connection would not be encrypted.", "ws://office.example.com:7443")
    heard: list[object] = []
    page.plain_allowed.connect(heard.append)
    page.sign_in_requested.connect(lambda *given: heard.append(given))
    page.notice.acted.emit()
    again = ("ws://office.example.com", "mia", "secret", True)
    assert heard == ["ws://office.example.com:7443", again]


def test_it_says_where_the_session_is_kept(page: SignInPage) -> None:
    assert not page.kept.isVisible()
    page.set_secret_store("Kept in the secret store.", kept=True)
    assert page.kept.isVisible()
    assert page.remember.isEnabled()
    page.set_secret_store("There is none.", kept=False)
    assert not page.remember.isEnabled()


def test_the_password_is_hidden_until_it_is_asked_for(page: SignInPage) -> None:
    assert page.password.echoMode() is QLineEdit.EchoMode.Password
    page._eye.trigger()
    assert page.password.echoMode() is QLineEdit.EchoMode.Normal
    page.clear_secret()
    assert page.password.text() == ""


def test_the_keyboard_goes_through_the_page_in_order(page: SignInPage) -> None:
    page.fill("", "", remember=True)
    for expected in (page.handle, page.password, page.remember, page.button):
        QTest.keyClick(page, Qt.Key.Key_Tab)
        assert expected.hasFocus()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("size", [(560, 600), (900, 600), (1280, 800)])
def test_nothing_is_cut(qtbot: QtBot, qapp: QApplication, language: str, size: tuple[int, int]) -> None:
    """Even in the smallest window, with an error, the teaching and the note about secrets."""
    use_language(language)
    try:
        page = SignInPage(theme_of(qapp))
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        page.set_secret_store("サインイン状態はパスワード管理機能に保存されます。 " * 2, kept=True)
        page.show_error(refusal_words(refuse(Code.WRONG_CREDENTIALS)))
        qtbot.waitUntil(lambda: page.card.layout() is not None and page.notice.height() > 30)
        for words in (page.kept, page.teaching, page.notice._text):
            assert words.height() >= words.heightForWidth(words.width()), words.text()
        assert page.rect().contains(page.card.geometry())
    finally:
        use_language("en")
