"""Customers' texts that wait for this person, and what colleagues give them: from the inbox to the alerts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.core.lines import CustomerId, Talk, TextKind
from app.core.model import Status
from app.core.person import PersonState
from app.core.space import SpaceState
from app.ui.alerts.center import Alerts
from app.ui.alerts.sentences import beginning
from app.ui.alerts.text_state import Waiting
from app.ui.bridge import Bridge
from app.ui.models.inbox import customer_words, file_words
from app.ui.port import ClientPort
from app.ui.words import person_of


class TextsController(QObject):
    """Args:
    in_view: the conversation that the person looks at just now.
    """

    def __init__(
        self,
        alerts: Alerts,
        client: ClientPort,
        bridge: Bridge,
        in_view: Callable[[], CustomerId | None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._alerts, self._client, self._in_view = alerts, client, in_view
        for signal in (bridge.replaced, bridge.inbox_changed, bridge.occupants_changed):
            signal.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        space, me = self._client.space, self._client.me
        if space is None or me is None:
            self._alerts.set_texts("", (), calm=True)
            return
        seen, here = self._in_view(), space.occupants.get(me.me)
        waiting = [
            _waiting(space, me, talk)
            for talk in space.inbox.talks.values()
            if talk.id != seen and _concerns(space, me, talk)
        ]
        calm = here is None or here.status is not Status.AVAILABLE
        self._alerts.set_texts(space.space.id, waiting, calm)


def _concerns(space: SpaceState, me: PersonState, talk: Talk) -> bool:
    """Something new is in it, and it is one's own, or nobody's who is here; or it was given to one."""
    if not talk.unread:
        return talk.handed_to(me.me) is not None
    return talk.assignee is None or talk.assignee == me.me or not space.is_here(talk.assignee)


def _waiting(space: SpaceState, me: PersonState, talk: Talk) -> Waiting:
    title, text, handed = customer_words(talk), _newest(talk), talk.handed_to(me.me)
    if handed is None:
        return Waiting(talk.id, title, text, talk.active_at)
    at = max(handed.at, talk.active_at)
    return Waiting(talk.id, title, text, at, person_of(space, handed.by).name, handed.at)


def _newest(talk: Talk) -> str:
    """What the customer wrote last, on one line."""
    text = next((text.text for text in reversed(talk.last) if text.kind is TextKind.IN), "")
    return beginning(text) or file_words(1)
