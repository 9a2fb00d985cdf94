"""Addresses in messages are opened, texts are copied; nothing else that others write does anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from app.core.commands import SendMessage
from app.ui.addresses import links_in, shortened, shown_text
from app.ui.models.messages import MessageRow
from app.ui.panels.chat_rows import MessagesDelegate, message_spans
from app.ui.panels.side_panel import Tab
from app.ui.panels.spans import plain
from tests.helpers.desk import Side, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB


@pytest.fixture
def side(qapp: QApplication) -> Iterator[Side]:
    """Bob's side panel."""
    made = Side(Floor(), BOB, theme_of(qapp))
    made.panel.show()
    yield made
    made.bridge.close()
    made.panel.close()


def read(side: Side, text: str) -> None:
    """Ann writes this to Bob, who opens the conversation."""
    side.floor.do(ANN, SendMessage(text))
    side.settle()
    (conversation,) = side.floor.persons[BOB].conversations
    side.panel.show_tab(Tab.CHAT)
    side.chat_actions.open_conversation(conversation)


def test_an_address_is_opened_by_a_click_on_it_and_by_the_menu(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    read(side, "@bob 👍 see https://example.com/a?b=1, and file:///etc/passwd")
    view = side.chat.conversation.view
    delegate = view.itemDelegate()
    assert isinstance(delegate, MessagesDelegate)
    index = side.chat_models.messages.index(side.chat_models.messages.rowCount() - 1, 0)
    row, rect = side.chat_models.messages.row(index), view.visualRect(index)
    points = [QPoint(x, y) for y in range(rect.top(), rect.bottom(), 4) for x in range(0, rect.width(), 4)]
    links = [delegate.link_at(rect, row, point) for point in points]
    assert {link.address for link in links if link is not None} == {"https://example.com/a?b=1"}
    beside = next(point for point, link in zip(points, links, strict=True) if link is None)
    on_it = next(point for point, link in zip(points, links, strict=True) if link is not None)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=beside)
    assert opened == []
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=on_it)
    assert opened == ["https://example.com/a?b=1"]
    assert [a.words for a in delegate.offers(row)] == ["Open https://example.com/a?b=1", "Copy text"]


def test_a_message_is_copied_by_key(side: Side) -> None:
    read(side, "@bob contract 4471")
    view = side.chat.conversation.view
    view.setFocus()
    view.setCurrentIndex(side.chat_models.messages.index(side.chat_models.messages.rowCount() - 1, 0))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "@bob contract 4471"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/b(c))", ["https://a.example/b(c)"]),
        ("資料はhttps://a.example/あ。ご確認を", ["https://a.example/あ"]),
        ("HTTP://A.example and http://b.example!", ["HTTP://A.example", "http://b.example"]),
        ("javascript:alert(1) handraise://space/x https://", []),
    ],
)
def test_only_web_addresses_are_links(text: str, addresses: list[str]) -> None:
    assert [link.address for link in links_in(text)] == addresses
    assert [text[link.start : link.end] for link in links_in(text)] == addresses


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://bank.example@evil.example/in", "https://evil.example/in"),
        ("https://bank.example%2f@evil.example", "https://evil.example"),
        ("https://раураl.example/x", "https://xn--l-7sba6dbr.example/x"),
        ("https://bank.example∕x.evil.example/", "https://bank.xn--examplex-4f7d.evil.example/"),
        ("https://ｂank.example", "https://bank.example"),
        ("http://3232235777/", "http://192.168.1.1/"),
        ("https://a.example/\u05d0/x", "https://a.example/%D7%90/x"),
        ("https://a.example/会議?b=1&c#d", "https://a.example/会議?b=1&c#d"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_what_is_shown_is_what_is_opened(written: str, shown: str) -> None:
    (link,) = links_in(written)
    assert link.address == shown
    assert shown_text(f"see {written} now") == f"see {shown} now"


@pytest.mark.parametrize(
    "written", ["http://bank.example\\@evil.example/", "https://a..example/", "https://a.example:99999/"]
)
def test_what_leads_nobody_knows_where_stays_text(written: str) -> None:
    assert links_in(written) == ()
    assert shown_text(written) == written


def test_a_deceiving_address_is_painted_and_spoken_as_it_is_opened(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    read(side, "@bob 👍 log in at https://bank.example@evil.example/ now, https://b.example/@bob too")
    row = side.chat_models.messages.rows[-1]
    assert isinstance(row, MessageRow)
    painted = plain(message_spans(row, "text"))
    assert painted == "@bob 👍 log in at https://evil.example/ now, https://b.example/@bob too"
    assert painted in row.spoken
    view = side.chat.conversation.view
    index = side.chat_models.messages.index_of(row.key)
    delegate, rect = view.itemDelegate(), view.visualRect(index)
    assert isinstance(delegate, MessagesDelegate)
    found = [
        link
        for y in range(rect.top(), rect.bottom(), 3)
        for x in range(0, rect.width(), 3)
        if (link := delegate.link_at(rect, row, QPoint(x, y))) is not None
    ]
    assert {link.address for link in found} == {"https://evil.example/", "https://b.example/@bob"}


def test_enter_opens_the_address_or_lets_one_choose(
    side: Side, monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    read(side, "@bob https://a.example/?q=1&r=2")
    view = side.chat.conversation.view
    view.setFocus()
    view.setCurrentIndex(side.chat_models.messages.index(side.chat_models.messages.rowCount() - 1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["https://a.example/?q=1&r=2"]
    side.floor.do(ANN, SendMessage("@bob https://b.example and https://c.example"))
    side.settle()
    view.setCurrentIndex(side.chat_models.messages.index(side.chat_models.messages.rowCount() - 1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    menu = view.findChild(QMenu)
    assert menu is not None
    assert [a.text() for a in menu.actions()] == ["Open https://b.example", "Open https://c.example"]
    menu.actions()[1].trigger()
    assert opened[1:] == ["https://c.example"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://a.example/" + "x" * 100, "https://a.example/" + "x" * 21 + "…"),
        ("https://bank.example." + "x" * 40 + ".evil.example/", "…" + "x" * 26 + ".evil.example"),
    ],
)
def test_a_menu_shows_whose_address_it_is(address: str, words: str) -> None:
    assert shortened(address) == words
    assert len(words) == 40
