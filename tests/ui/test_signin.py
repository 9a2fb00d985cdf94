"""The sign-in page: what is typed stays, what is wrong is said, what is kept is said honestly."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.core.errors import Code, refuse
from app.net.problems import Problem, Trouble
from app.ui.floor_drawing import FloorDrawing
from app.ui.i18n import use_language
from app.ui.signin import SignInPage
from app.ui.theme import THEMES, Tokens
from app.ui.words import problem_words, refusal_words
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
    for expected in (page.handle, page.password, page.remember, page.button, *page.corner.buttons):
        QTest.keyClick(page, Qt.Key.Key_Tab)
        assert expected.hasFocus()
        assert expected.accessibleName() or expected is page.button


def test_a_wrong_address_gets_the_keyboard_and_anything_else_can_be_tried_again(page: SignInPage) -> None:
    page.fill(ADDRESS, "mia", remember=True)
    page.set_busy(True)
    page.show_error("office.example.com:7443 does not answer.", server=True)
    assert page.server.hasFocus()
    assert page.server.selectedText() == ADDRESS
    page.set_busy(True)
    page.show_error("The server is restarting.")
    assert page.button.hasFocus()


def choose(page: SignInPage, opener: QPushButton, words: str) -> list[str]:
    """Open a corner's menu with Enter and take an entry; what the menu offers."""
    opener.setFocus()
    QTest.keyClick(opener, Qt.Key.Key_Return)
    menu = opener.findChildren(QMenu)[-1]
    offered = [action.text() for action in menu.actions()]
    next(action for action in menu.actions() if action.text() == words).trigger()
    menu.close()
    return offered


def test_the_language_is_chosen_before_anything_can_be_read(qtbot: QtBot, page: SignInPage) -> None:
    page.language_chosen.connect(use_language)
    page.language_chosen.connect(page.retranslate)
    try:
        with qtbot.assertNotEmitted(page.sign_in_requested):
            assert choose(page, page.corner.language, "日本語") == ["As the system", "English", "日本語"]
        assert page.button.text() == "サインイン"
        assert page.server.accessibleName() == "サーバー"
        assert page.corner.language.accessibleName() == "言語"
        assert page._eye.text() == "パスワードを表示"
        texts = [label.text() for label in page.findChildren(QLabel) if label.text() != "Handraise"]
        assert not [text for text in texts if text.isascii() and text]
    finally:
        use_language("en")


def test_the_look_is_chosen_and_marked(qtbot: QtBot, page: SignInPage) -> None:
    with qtbot.waitSignal(page.theme_chosen) as chosen:
        choose(page, page.corner.look, "Dark")
    assert chosen.args == ["dark"]
    with qtbot.waitSignal(page.preferences_pressed):
        page.corner.settings.click()


def has(image: QImage, colour: str) -> bool:
    wanted = QColor(colour).rgb()
    points = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return any(image.pixel(x, y) == wanted for x, y in points)


@pytest.mark.parametrize("size", [(900, 600), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES)
def test_one_hand_is_up_beside_the_card(qtbot: QtBot, tokens: Tokens, size: tuple[int, int]) -> None:
    """It is seen at every size, and high contrast draws nothing that is not to be read."""
    picture = QPixmap(*size)
    painter = QPainter(picture)
    FloorDrawing(tokens).paint(painter, picture.size())
    painter.end()
    beside = picture.copy(size[0] // 2 + 200, 0, size[0] // 2 - 200, size[1] // 2).toImage()
    assert has(beside, tokens.colours.yellow) is not tokens.high_contrast
    assert not has(beside, tokens.colours.red)


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


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_longest_warning_is_read_whole_in_the_smallest_window(
    qtbot: QtBot, qapp: QApplication, language: str
) -> None:
    use_language(language)
    try:
        page = SignInPage(theme_of(qapp))
        qtbot.addWidget(page)
        page.resize(page.minimumSize())
        page.show()
        page.set_secret_store("サインイン状態はパスワード管理機能に保存されます。 " * 2, kept=True)
        warning = problem_words(Problem(Trouble.UNPROTECTED, {"host": "office.example.com"}))
        page.offer_plain(warning, "ws://office.example.com:7443")
        words, action = page.notice._text, page.notice._action
        qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()) > 40)
        assert action.width() >= action.sizeHint().width()
        assert not action.geometry().intersects(words.geometry())
        assert page.rect().contains(page.card.geometry())
    finally:
        use_language("en")


# Ways in besides the password

WAY = ("oidc", "Example Corp")


def test_a_servers_ways_in_are_offered_until_the_address_is_another_one(
    qtbot: QtBot, page: SignInPage
) -> None:
    with qtbot.waitSignal(page.server_entered) as entered:
        page.fill(ADDRESS, "", remember=True)
    assert entered.args == [ADDRESS]
    assert page.way_buttons == []
    page.offer_ways([WAY])
    (offered,) = page.way_buttons
    assert offered.text() == "Sign in with Example Corp"
    page.remember.setChecked(False)
    with qtbot.waitSignal(page.way_requested) as asked:
        offered.click()
    assert asked.args == [ADDRESS, "oidc", False]
    page.button.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Tab)
    assert offered.hasFocus()
    page.server.setFocus()
    QTest.keyClick(page.server, Qt.Key.Key_X)
    assert page.way_buttons == []


def test_the_wait_for_the_browser_can_be_given_up(qtbot: QtBot, page: SignInPage) -> None:
    page.fill(ADDRESS, "mia", remember=True)
    page.offer_ways([WAY])
    page.show_browser("Example Corp")
    assert page.notice.text.startswith("Sign in with Example Corp in the browser window")
    assert not page.button.isEnabled()
    assert not page.way_buttons[0].isEnabled()
    cancel = page.notice.findChild(QPushButton)
    assert cancel is not None
    assert (cancel.text(), cancel.isEnabled()) == ("Cancel", True)
    with qtbot.waitSignal(page.cancel_requested), qtbot.assertNotEmitted(page.plain_allowed):
        cancel.click()
    page.set_busy(False)
    assert page.way_buttons[0].isEnabled()


def test_the_ways_are_named_in_the_chosen_language(page: SignInPage) -> None:
    page.offer_ways([WAY])
    use_language("ja")
    try:
        page.retranslate("ja")
        assert page.way_buttons[0].text() == "Example Corp でサインイン"
    finally:
        use_language("en")
