"""Top bar and control toolbar follow the state: space, connection, oneself, one's own hand."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.core.model import Occupant, Status
from app.net.client import Link
from app.ui.bridge import Bridge
from app.ui.controllers.hands_controller import HandsController
from app.ui.models.ticker import Ticker
from app.ui.port import ClientPort
from app.ui.toolbar import Toolbar
from app.ui.topbar import Protection, TopBar
from app.ui.words import problem_words, refusal_words

PROTECTION = {
    Link.OFFLINE: Protection.OFFLINE,
    Link.CONNECTING: Protection.CONNECTING,
    Link.PROTECTED: Protection.PROTECTED,
    Link.NOT_PROTECTED: Protection.NOT_PROTECTED,
}


class BarsController(QObject):
    """Shows; what is pressed is connected elsewhere.

    Args:
        wall: s since the epoch on this machine, as the connection's times are given.
    """

    def __init__(
        self,
        top_bar: TopBar,
        toolbar: Toolbar,
        client: ClientPort,
        bridge: Bridge,
        hands: HandsController,
        ticker: Ticker,
        wall: Callable[[], float],
    ) -> None:
        super().__init__(toolbar)
        self._top_bar, self._toolbar, self._client = top_bar, toolbar, client
        self._hands, self._ticker, self._wall = hands, ticker, wall
        hands.own_changed.connect(self.show_hand)
        ticker.ticked.connect(toolbar.tick)
        ticker.ticked.connect(self._count_down)
        bridge.connection_changed.connect(self.show_connection)
        bridge.directory_changed.connect(self.show_space)
        bridge.occupants_changed.connect(self.show_space)
        bridge.space_changed.connect(self.show_space)
        bridge.replaced.connect(self.show_space)
        bridge.replaced.connect(self.show_connection)
        top_bar.retry_pressed.connect(client.retry_now)

    def show_space(self, *_: object) -> None:
        """The space, how many are here, and oneself."""
        space, me = self._client.space, self._client.me
        if space is None or me is None:
            return
        self._top_bar.set_spaces(self._client.spaces, space.space.id)
        occupants = space.occupants.values()
        on_calls = sum(1 for o in occupants if o.status is Status.ON_CALL)
        self._top_bar.set_counts(len(space.occupants), on_calls)
        own = space.occupants.get(me.me) or Occupant(me.me)
        self._top_bar.set_me(space.people.get(me.me), own.status, own.auto_away, not own.connected)
        self._toolbar.set_status(own.status, own.auto_away)

    def show_hand(self) -> None:
        """One's own hand, with its running time while it is up, or waits to be."""
        own, waiting = self._hands.own, self._hands.waiting
        self._ticker.need(self._toolbar, own is not None or waiting is not None)
        if own is not None:
            self._toolbar.set_hand(own.level, own.raised_at)
        elif waiting is not None:
            self._toolbar.set_hand(waiting.level, waiting.raised_at, waiting=True)
        else:
            self._toolbar.set_hand(None)

    def show_connection(self) -> None:
        """Protected or not, since when, and when it is tried again."""
        state = self._client.connection
        self._toolbar.set_connected(state.link is Link.PROTECTED)
        reason = ""
        if state.refusal is not None:
            reason = refusal_words(state.refusal)
        elif state.problem is not None:
            reason = problem_words(state.problem)
        retry_in = None if state.retry_at is None else max(0.0, state.retry_at - self._wall())
        self._top_bar.show_connection(PROTECTION[state.link], state.since, retry_in, reason)
        self._ticker.need(self._top_bar, state.retry_at is not None)

    def _count_down(self) -> None:
        if self._client.connection.retry_at is not None:
            self.show_connection()
