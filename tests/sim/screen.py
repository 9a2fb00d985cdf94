"""What is on the screen of a device: the program's own alerts, without the pixels."""

from __future__ import annotations

from collections.abc import Callable

from app.core.model import EscalationId, PersonId
from app.net.client import Client
from app.ui.alerts.state import AlertCenter, Incoming
from app.ui.alerts.views import Raiser


class Screen:
    """The program's own :class:`AlertCenter`, and a look at what it shows.

    Attributes:
        shown: every alert that was ever on it.
    """

    def __init__(self, me: PersonId, twice: Callable[[EscalationId], None]) -> None:
        """``twice``: told of an alert that calls again though nothing has happened."""
        self.shown: set[EscalationId] = set()
        self._twice = twice
        self._center = AlertCenter(me)
        self._ringing: set[EscalationId] = set()
        self._answered: set[EscalationId] = set()

    def ringing(self) -> set[EscalationId]:
        """Alerts that call now."""
        return set(self._ringing)

    def clear(self) -> None:
        """Signed out, or another database: what was shown may come again."""
        self._answered |= self.shown

    def refresh(self, client: Client) -> list[EscalationId]:
        """Follow the client's state. Returns what is shown for the first time."""
        if client.me is None:
            self.clear()
        alerts = list(client.me.alerts.values()) if client.me else []
        raisers = [Raiser(alert.escalation.raiser, alert.escalation.raiser) for alert in alerts]
        wanted = self._center.update(list(map(Incoming, alerts, raisers)), client.server_now())
        now = {EscalationId(view.id) for view in wanted.ringing}
        new = sorted(now - self._ringing)
        for hand in new:
            if hand in self.shown and hand not in self._answered:
                self._twice(hand)
        for alert in alerts:
            if alert.escalation.answered or alert.escalation.answer_of(self._center.me):
                self._answered.add(alert.escalation.id)  # if the help turns back, it rings again
            elif alert.escalation.id in new:
                self._answered.discard(alert.escalation.id)
        self._ringing = now
        first = [hand for hand in new if hand not in self.shown]
        self.shown.update(new)
        return first
