"""What the inbox asks the server for: older messages, older conversations, a customer's number."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.line_questions import Customer, GetCustomer, GetTalk, ListTalks, TalkPage, Talks
from app.core.lines import LineText, Talk
from app.ui.controllers.asking import Asking, Failed, failure_words
from app.ui.port import ClientPort


class OpenTalk:
    """The conversation on the screen.

    Attributes:
        talk: as it was when it was fetched; the space may know a newer state.
        texts: fetched messages, oldest first.
        complete: there is nothing older.
        number: the customer's, once it was asked for.
    """

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.texts: tuple[LineText, ...] = ()
        self.complete = False
        self.fetching = False
        self.number = ""


class InboxPages(QObject):
    """Attributes:
    older: conversations that the space does not hold, the newest first.
    whole: nothing is older than those.

    Signals:
        texts_came: more is known of this conversation (an OpenTalk).
        talks_came: :attr:`older` is longer.
    """

    texts_came = Signal(object)
    talks_came = Signal()

    def __init__(self, client: ClientPort, asking: Asking, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._asking = client, asking
        self.forget()

    def forget(self) -> None:
        """Perhaps another space."""
        self.older: tuple[Talk, ...] = ()
        self.whole = False

    def fetch(self, open_: OpenTalk) -> None:
        """Its newest page."""
        self._asking.spawn(self._fetch(open_, anew=True), "messages of a customer")

    def fetch_older(self, open_: OpenTalk | None) -> None:
        if open_ is not None and open_.texts and not open_.complete and not open_.fetching:
            self._asking.spawn(self._fetch(open_), "older messages of a customer")

    def fetch_talks(self) -> None:
        self._asking.spawn(self._fetch_talks(), "older conversations")

    def fetch_number(self, open_: OpenTalk | None) -> None:
        if open_ is not None:
            self._asking.spawn(self._fetch_number(open_), "a customer's number")

    async def _fetch(self, open_: OpenTalk, *, anew: bool = False) -> None:
        open_.fetching = True
        before = None if anew or not open_.texts else open_.texts[0].at
        try:
            page = await self._client.ask(GetTalk(open_.talk.id, before), TalkPage)
        except Failed as error:
            self._asking.say(failure_words(error))
            return
        finally:
            open_.fetching = False
        open_.talk, open_.complete = page.talk, not page.more
        open_.texts = page.texts if anew else (*page.texts, *open_.texts)
        self.texts_came.emit(open_)

    async def _fetch_talks(self) -> None:
        before = min((talk.active_at for talk in self.older), default=None)
        try:
            page = await self._client.ask(ListTalks(before), Talks)
        except Failed as error:
            self._asking.say(failure_words(error))
            return
        self.older = (*self.older, *page.talks)
        self.whole = not page.more
        self.talks_came.emit()

    async def _fetch_number(self, open_: OpenTalk) -> None:
        try:
            open_.number = (await self._client.ask(GetCustomer(open_.talk.id), Customer)).number
        except Failed as error:
            self._asking.say(failure_words(error))
        self.texts_came.emit(open_)
