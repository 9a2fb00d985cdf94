"""Addresses in messages are opened, texts are copied; nothing else that others write does anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.commands import SendMessage
from app.ui.panels.chat_rows import MessagesDelegate
from app.ui.panels.links import links_in
from app.ui.panels.side_panel import Tab
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
    assert [a.words for a in delegate.offers(row)] == ["Copy text", "Open https://example.com/a?b=1"]


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
