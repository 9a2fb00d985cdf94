"""Oneself: status, automatic away, the home seat, quitting with a raised hand."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.core.commands import SetAutoAway, SetStatus, TakeSeat
from app.core.model import Occupant, SeatId, Status
from app.net.client import Link
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking
from app.ui.i18n import tr
from app.ui.idle import IdleWatch
from app.ui.port import ClientPort


class SelfController(QObject):
    """Says what one chose, and when one is away from the screen."""

    def __init__(
        self, client: ClientPort, bridge: Bridge, asking: Asking, idle: IdleWatch, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._asking, self._idle = client, asking, idle
        bridge.replaced.connect(self._again)
        bridge.connection_changed.connect(self._again)
        idle.changed.connect(self._tell_away)

    @property
    def occupant(self) -> Occupant | None:
        """Oneself in the space."""
        space, me = self._client.space, self._client.me
        return space.occupants.get(me.me) if space and me else None

    def set_status(self, status: Status) -> None:
        """By hand; away lowers one's hand."""
        self._asking.do(SetStatus(status))

    def take_seat(self, seat: SeatId) -> None:
        """Make the seat one's home."""
        self._asking.do(
            TakeSeat(seat), done=lambda: self._asking.say(tr("This is your home seat now. You start here."))
        )

    def _again(self) -> None:
        """After a reconnect the server may still believe what was true before."""
        self._tell_away(self._idle.away)

    def _tell_away(self, away: bool) -> None:
        occupant = self.occupant
        connected = self._client.connection.link is Link.PROTECTED
        if occupant is not None and connected and occupant.auto_away != away:
            self._asking.quietly(SetAutoAway(away))
