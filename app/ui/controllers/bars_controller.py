"""Top bar and control toolbar follow the state: space, connection, oneself, one's own hand."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.net.client import Link
from app.ui.bridge import Bridge
from app.ui.controllers.hands_controller import HandsController
from app.ui.controllers.self_controller import SelfController
from app.ui.port import ClientPort
from app.ui.toolbar import Toolbar
from app.ui.topbar import TopBar


class BarsController(QObject):
    """Shows; what is pressed is connected elsewhere."""

    def __init__(
        self,
        top_bar: TopBar,
        toolbar: Toolbar,
        client: ClientPort,
        bridge: Bridge,
        self_: SelfController,
        hands: HandsController,
    ) -> None:
        super().__init__(toolbar)
        self._top_bar, self._toolbar, self._client = top_bar, toolbar, client
        self._self, self._hands = self_, hands
        self_.changed.connect(self.show_self)
        hands.own_changed.connect(self.show_hand)
        bridge.connection_changed.connect(self.show_connection)
        for signal in (bridge.replaced, bridge.space_changed, bridge.occupants_changed):
            signal.connect(self.show_space)
        bridge.replaced.connect(self.show_connection)

    def show_self(self) -> None:
        occupant = self._self.occupant
        if occupant is not None:
            self._toolbar.set_status(occupant.status, occupant.auto_away)

    def show_hand(self) -> None:
        own = self._hands.own
        if own is None:
            self._toolbar.set_hand(None)
        else:
            self._toolbar.set_hand(own.level, own.raised_at)

    def show_connection(self) -> None:
        self._toolbar.set_connected(self._client.connection.link is Link.PROTECTED)

    def show_space(self, *_: object) -> None:
        return
