"""The search of the top bar: people from the state, messages from the server."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QObject, Signal

from app.core.errors import Refused
from app.core.model import Message, Recipients
from app.net.problems import ConnectionProblem
from app.ui.controllers.asking import Asking, failure_words
from app.ui.models.conversations import found_rows
from app.ui.models.people import PersonRow, people_rows
from app.ui.port import ClientPort
from app.ui.search_popup import SearchPopup

MOST_PEOPLE = 5
MOST_MESSAGES = 8


class SearchController(QObject):
    """Signals:
    person_chosen: the person's id.
    message_chosen: the message, and whom its conversation is between.
    """

    person_chosen = Signal(str)
    message_chosen = Signal(object, object)

    def __init__(self, popup: SearchPopup, client: ClientPort, asking: Asking, locale: QLocale) -> None:
        super().__init__(popup)
        self._popup, self._client, self._asking, self._locale = popup, client, asking, locale
        self._found: dict[str, tuple[Message, Recipients]] = {}
        popup.searched.connect(self._people)
        popup.messages_wanted.connect(self._messages)
        popup.person_chosen.connect(self.person_chosen)
        popup.message_chosen.connect(self._open)

    def _people(self, text: str) -> None:
        space, me = self._client.space, self._client.me
        if space is not None and me is not None:
            rows = people_rows(space, me.me, self._client.map, text)
            people = tuple(row for row in rows if isinstance(row, PersonRow) and not row.me)
            self._popup.show_people(people[:MOST_PEOPLE])

    def _messages(self, text: str) -> None:
        if text:
            self._asking.spawn(self._search(text), "search")

    async def _search(self, text: str) -> None:
        try:
            found = await self._client.search(text, None)
        except (Refused, ConnectionProblem) as error:
            self._asking.say(failure_words(error))
            return
        space, me = self._client.space, self._client.me
        if space is None or me is None or self._popup.text() != text:
            return  # something else is looked for by now
        with_, messages = dict(found.conversations), found.messages[:MOST_MESSAGES]
        self._found = {m.id: (m, with_.get(m.conversation, m.to)) for m in messages}
        now = self._client.server_now()
        self._popup.show_messages(found_rows(space, me.me, messages, with_, now, self._locale))

    def _open(self, key: str) -> None:
        found = self._found.get(key)
        if found is not None:
            self.message_chosen.emit(*found)
