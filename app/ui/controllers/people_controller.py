"""The list of people follows the state while it is looked at."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal

from app.ui.bridge import Bridge
from app.ui.models.people import PeopleModel
from app.ui.panels.people_panel import PeoplePanel
from app.ui.panels.people_rows import APPROACH, CHAT, LOCATE
from app.ui.port import ClientPort


class PeopleController(QObject):
    """Signals:
    chat_wanted, approach_wanted, locate_wanted: with the person's id.
    """

    chat_wanted = Signal(str)
    approach_wanted = Signal(str)
    locate_wanted = Signal(str)

    def __init__(self, panel: PeoplePanel, model: PeopleModel, client: ClientPort, bridge: Bridge) -> None:
        super().__init__(panel)
        self._panel, self._model, self._client = panel, model, client
        self._stale = True
        for signal in (
            bridge.replaced,
            bridge.directory_changed,
            bridge.occupants_changed,
            bridge.hands_changed,
        ):
            signal.connect(self.refresh)
        panel.search_changed.connect(self._search)
        panel.chosen.connect(self.chat_wanted)
        panel.acted.connect(self._act)
        panel.installEventFilter(self)

    def refresh(self, *_: object) -> None:
        """Read the state now if anybody looks, else when somebody does."""
        self._stale = not self._panel.isVisible()
        if self._stale:
            return
        space, me = self._client.space, self._client.me
        if space is None or me is None:
            self._model.show(())
            return
        self._model.refresh(space, me.me, self._client.map)
        occupant, walk = space.occupants.get(me.me), self._client.walk
        self._panel.set_in_room(
            occupant is not None and walk is not None and occupant.zone in walk.meeting_rooms
        )

    def _search(self, text: str) -> None:
        self._model.search = text
        self.refresh()

    def _act(self, person: str, action: str) -> None:
        if action == CHAT:
            self.chat_wanted.emit(person)
        elif action == APPROACH:
            self.approach_wanted.emit(person)
        elif action == LOCATE:
            self.locate_wanted.emit(person)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Show and self._stale:
            self.refresh()
        return super().eventFilter(watched, event)
