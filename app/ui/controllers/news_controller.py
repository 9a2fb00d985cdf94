"""What came of one's own call for help, told by native notifications to who does not look at the window.

Nothing of it takes the keyboard focus; what has been seen in the window is told no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject

from app.core.person import PersonState
from app.core.space import SpaceState
from app.ui.alerts.center import Alerts
from app.ui.alerts.notes import News
from app.ui.alerts.sentences import beginning
from app.ui.bridge import Bridge
from app.ui.controllers.hands_controller import HandsController
from app.ui.i18n import tr
from app.ui.models.hands import HandRow
from app.ui.models.priority import answer_words, nobody_words
from app.ui.models.waiting import Hold
from app.ui.panels.hands_words import declined_words, help_words
from app.ui.port import ClientPort


class NewsController(QObject):
    """Args:
    attended: the person has the window before them.
    """

    def __init__(
        self,
        alerts: Alerts,
        client: ClientPort,
        bridge: Bridge,
        hands: HandsController,
        attended: Callable[[], bool],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._alerts, self._client, self._hands, self._attended = alerts, client, hands, attended
        self._helped: dict[str, str] = {}
        self._seen = {news.key for news in self._all()}
        hands.own_changed.connect(self.refresh)
        bridge.priorities_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Also to be called when the window has the person's attention."""
        if self._client.space is None:  # for a moment, while it is read anew
            return
        now = list(self._all())
        keys = {news.key for news in now}
        self._seen = keys if self._attended() else self._seen & keys
        self._alerts.set_news([news for news in now if news.key not in self._seen])

    def _all(self) -> Iterator[News]:
        space, me = self._client.space, self._client.me
        if space is not None and me is not None:
            mine = self._hands.mine
            yield from (news for row in mine for news in (*_of_hand(row), *self._left_alone(row)))
            self._helped = {row.id: help_words(row) or self._helped.get(row.id, "") for row in mine}
            yield from _of_messages(space, me)

    def _left_alone(self, row: HandRow) -> Iterator[News]:
        """Who looked elsewhere because somebody came has to hear that they do not."""
        if self._helped.get(row.id) and not help_words(row) and not row.alone:
            body = declined_words(row) or row.message or tr("Your hand")
            yield News(f"{row.id} left {self._helped[row.id]}", tr("Nobody is coming any more"), body)


def _of_hand(row: HandRow) -> Iterator[News]:
    helped = help_words(row)
    if row.hold is Hold.ASKED:
        yield News(f"{row.id} not raised", tr("Your hand was not raised"), row.reason)
    elif row.alone:
        body = tr("Everything was tried; your hand stays raised.")
        yield News(f"{row.id} alone", tr("Nobody available"), body)
    elif helped:
        first = next((person for person, _ in (*row.coming, *row.chatting, *row.promised)), "")
        yield News(f"{row.id} helped {first}", helped, row.message or tr("Your hand"), urgent=False)


def _of_messages(space: SpaceState, me: PersonState) -> Iterator[News]:
    for sent in me.priorities.values():
        about, text = sent.message.conversation, beginning(sent.message.text)
        if sent.answer is not None:
            words = answer_words(space, sent.answer)
            yield News(f"{sent.id} answered", words, text, about, urgent=False)
        elif sent.exhausted_at is not None and sent.waiting:
            yield News(f"{sent.id} alone", tr("Nobody available"), nobody_words(space, sent), about)
