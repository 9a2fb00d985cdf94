"""The side panels with everything behind them, on a fake client."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QLocale
from PySide6.QtWidgets import QApplication

from app.core.model import PersonId
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking
from app.ui.controllers.chat_controller import ChatController, ChatModels
from app.ui.controllers.hands_controller import HandsController
from app.ui.controllers.inbox_controller import InboxController, InboxModels
from app.ui.desk import Desk
from app.ui.models.hands import HandsModel
from app.ui.models.people import PeopleModel
from app.ui.models.ticker import Ticker
from app.ui.panels.chat_panel import ChatPanel
from app.ui.panels.hands_panel import HandsPanel
from app.ui.panels.inbox_panel import InboxPanel
from app.ui.panels.look import Look
from app.ui.panels.people_panel import PeoplePanel
from app.ui.panels.side_panel import SidePanel
from app.ui.theme import Theme
from tests.helpers.floor import Floor


def run_now(coro: Coroutine[Any, Any, None], name: str) -> None:
    """Runs a coroutine that never waits for anything, as those of the fake client."""
    try:
        coro.send(None)
    except StopIteration:
        return
    raise AssertionError(f"{name} waits for something")


class Side:
    """One person's side panel."""

    def __init__(self, floor: Floor, person: PersonId, theme: Theme) -> None:
        self.floor, self.me = floor, person
        self.client = client = floor.client(person)
        self.said: list[str] = []
        self.bridge = Bridge(client)
        self.look = Look(theme, lambda _asset: None)
        self.ticker = Ticker()
        self.asking = Asking(client, run_now, self.said.append)
        self.hands_model, self.people_model, self.chat_models = HandsModel(), PeopleModel(), ChatModels()
        self.hands = HandsPanel(self.hands_model, self.look, self.ticker, client.server_now)
        self.chat = ChatPanel(
            self.chat_models.conversations,
            self.chat_models.found,
            self.chat_models.messages,
            self.look,
            lambda: (client.space, client.me.me) if client.space and client.me else None,
        )
        self.inbox_models = InboxModels()
        self.inbox = InboxPanel(self.inbox_models.talks, self.inbox_models.texts, self.look)
        self.people = PeoplePanel(self.people_model, self.look)
        self.panel = SidePanel(self.hands, self.chat, self.inbox, self.people, self.look)
        self.panel.resize(340, 720)
        self.hand_actions = HandsController(
            self.hands_model, client, self.bridge, self.asking, client.server_now
        )
        self.chat_actions = ChatController(
            self.chat, self.chat_models, client, self.bridge, self.asking, QLocale("en_GB")
        )
        self.inbox_actions = InboxController(
            self.inbox, self.inbox_models, client, self.bridge, self.asking, self.ticker, QLocale("en_GB")
        )
        self.inbox_actions.waiting_changed.connect(self.panel.set_inbox)
        self.hands.acted.connect(self.hand_actions.act)
        self.hand_actions.queue_changed.connect(self.panel.set_hands)
        self.hand_actions.chat_wanted.connect(self.chat_actions.open_with)
        self.chat_actions.unread_changed.connect(self.panel.set_unread)
        self.settle()

    def settle(self) -> None:
        """Everything that happened is on the screen now."""
        self.bridge.tell()
        self.hand_actions.refresh()
        self.chat_actions.refresh()
        self.inbox_actions.refresh()
        self.hands.sync()


def put_away(desk: Desk) -> None:
    """Close it; all that was to go with it is gone, instead of some time later, in another test."""
    desk.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


_themes: dict[QApplication, Theme] = {}


def theme_of(app: QApplication) -> Theme:
    """The one theme of the test's application."""
    if app not in _themes:
        _themes[app] = Theme(app, "light")
    return _themes[app]
