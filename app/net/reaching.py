"""Tells the server how alerts come through at this machine: with each attach, and when that changes."""

from __future__ import annotations

from collections.abc import Callable

from app.core import wire
from app.core.commands import ReportChannels
from app.core.errors import Code
from app.core.model import Reach
from app.net.uplink import Uplink


class Reaching:
    """Nothing is kept for later: an attach says it anyway, as it is then."""

    def __init__(self, uplink: Uplink, new_id: Callable[[], str], reach: Reach) -> None:
        uplink.set_reach(reach)
        self._uplink, self._new_id = uplink, new_id
        self._due = False
        self._sent = ""

    def tell(self, reach: Reach) -> None:
        if reach != self._uplink.reach:
            self._uplink.set_reach(reach)
            self._due = True
            self.look()

    def look(self) -> None:
        """Call when a connection is live, and about once a second."""
        if self._due and self._uplink.live:
            self._due = False
            self._sent = self._new_id()
            self._uplink.send(wire.Do(self._sent, ReportChannels(self._uplink.reach)))

    def refused(self, request: str, code: Code) -> bool:
        """Whether it was ours; a server that was busy is told again."""
        if request != self._sent:
            return False
        self._due = code in (Code.TOO_FAST, Code.STORE_FAILED)
        return True
