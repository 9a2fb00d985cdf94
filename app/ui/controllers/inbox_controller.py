"""The inbox of the space: which conversation is open, what is written, who is answering, older pages."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, QObject, Signal

from app.core.limits import INBOX_RESOLVED
from app.core.line_commands import (
    AnsweringTalk,
    AssignTalk,
    NoteOnLine,
    ReopenTalk,
    ReplyOnLine,
    ResolveTalk,
    TouchTalk,
)
from app.core.lines import CustomerId, Handling, LineText, Talk
from app.core.model import PersonId, Role
from app.core.person import PersonState
from app.core.space import SpaceState
from app.core.text import whole
from app.net.outbox import Entry
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, new_id
from app.ui.controllers.inbox_pages import InboxPages, OpenTalk
from app.ui.controllers.inbox_signs import WritingSigns
from app.ui.i18n import tr
from app.ui.models.inbox import (
    FAILED,
    TalksModel,
    TextRow,
    TextsModel,
    answering_words,
    customer_words,
    forward_words,
    state_words,
    talk_rows,
    text_rows,
)
from app.ui.models.ticker import Ticker
from app.ui.panels.chat_rows import AGAIN, DISCARD, TIMELINE
from app.ui.panels.inbox_panel import InboxPanel
from app.ui.panels.inbox_rows import RESOLVE
from app.ui.port import ClientPort
from app.ui.words import elapsed, in_a_row, name_of, person_of


class InboxModels:
    """The two lists of the inbox."""

    def __init__(self) -> None:
        self.talks = TalksModel()
        self.texts = TextsModel()


class InboxController(QObject):
    """Signals:
    waiting_changed: whether there is an inbox, and how many conversations wait or were given to the person.
    settings_wanted: the escalation of the lines of this space.
    timeline_wanted: the message of a customer whose timeline is to be shown.
    """

    waiting_changed = Signal(bool, int)
    settings_wanted = Signal()
    timeline_wanted = Signal(str)

    def __init__(
        self,
        panel: InboxPanel,
        models: InboxModels,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        ticker: Ticker,
        locale: QLocale,
    ) -> None:
        super().__init__(panel)
        self._panel, self._models, self._client = panel, models, client
        self._asking, self._ticker, self._locale = asking, ticker, locale
        self._pages, self._signs = InboxPages(client, asking, self), WritingSigns()
        self._pages.texts_came.connect(self._texts_came)
        self._pages.talks_came.connect(self._show_talks)
        self._typed: dict[CustomerId, str] = {}
        self.open_talk: OpenTalk | None = None
        bridge.replaced.connect(self._replaced)
        for signal in (bridge.inbox_changed, bridge.directory_changed, bridge.outbox_changed):
            signal.connect(self.refresh)
        bridge.somebody_answers.connect(self._somebody_answers)
        ticker.ticked.connect(self._tick)
        self._connect()

    def _connect(self) -> None:
        talks, view = self._panel.list, self._panel.talk
        talks.opened.connect(self.open)
        talks.acted.connect(self._act_on_talk)
        talks.older_wanted.connect(self._pages.fetch_talks)
        talks.settings_wanted.connect(self.settings_wanted)
        view.back.connect(self.close_talk)
        view.seen.connect(self.touch)
        view.older_wanted.connect(lambda: self._pages.fetch_older(self.open_talk))
        view.acted.connect(self._act_on_text)
        view.replied.connect(self.reply)
        view.noted.connect(self.note)
        view.typing.connect(self._type)
        view.resolved.connect(self._resolve)
        view.assigned.connect(self._assign)
        view.number_wanted.connect(lambda: self._pages.fetch_number(self.open_talk))
        view.offer(self._people)

    # What is shown

    def _state(self) -> tuple[SpaceState, PersonState] | None:
        space, me = self._client.space, self._client.me
        return (space, me) if space is not None and me is not None else None

    def _replaced(self) -> None:
        """Perhaps another space."""
        self._pages.forget()
        self._signs.forget()
        state = self._state()
        if self.open_talk is not None and (
            state is None or self.open_talk.talk.line not in state[0].inbox.lines
        ):
            self.close_talk()
        elif self.open_talk is not None:
            self._pages.fetch(self.open_talk)
        self.refresh()

    def refresh(self, *_: object) -> None:
        state = self._state()
        space = state[0] if state is not None else None
        lines = space.inbox.lines.values() if space is not None else ()
        self.waiting_changed.emit(bool(lines), self._count(*state) if state is not None else 0)
        self._panel.list.settings.setVisible(self.supervised)
        self._panel.list.title.setText(in_a_row(sorted(line.name for line in lines)))
        self._show_talks()
        self._show_texts()
        self.touch()

    @staticmethod
    def _count(space: SpaceState, me: PersonState) -> int:
        return sum(talk.waits or talk.handed_to(me.me) is not None for talk in space.inbox.talks.values())

    @property
    def supervised(self) -> bool:
        """There are lines here, and the person may say what becomes of messages that nobody touches."""
        state = self._state()
        me = state[0].people.get(state[1].me) if state is not None else None
        lines = bool(state is not None and state[0].inbox.lines)
        return lines and me is not None and me.role is not Role.AGENT

    def _tick(self) -> None:
        self._show_talks()
        self._show_head()

    def _show_talks(self) -> None:
        state = self._state()
        now = self._client.server_now()
        who = self._signs.who(now)
        rows = (
            talk_rows(state[0], state[1].me, self._pages.older, who, now, self._locale, self._unsent())
            if state is not None
            else ()
        )
        self._models.talks.show(rows)
        held = len(state[0].inbox.talks) if state is not None else 0
        self._panel.list.older.setVisible(held >= INBOX_RESOLVED and not self._pages.whole)
        runs = bool(self._signs) or bool(state and state[0].inbox.waiting)
        self._ticker.need("inbox", runs and self._panel.isVisible())

    def _talk(self) -> Talk | None:
        """The open conversation as it is known now."""
        state, open_ = self._state(), self.open_talk
        if state is None or open_ is None:
            return None
        return state[0].inbox.talks.get(open_.talk.id, open_.talk)

    def _texts(self) -> tuple[LineText, ...]:
        """What was fetched and what the space knows, each once, in its newest state."""
        open_, talk = self.open_talk, self._talk()
        if open_ is None or talk is None:
            return ()
        known = {text.id: text for text in (*open_.texts, *talk.last)}
        return tuple(sorted(known.values(), key=lambda text: text.at))

    def _unsent(self) -> dict[CustomerId, str]:
        """What waits for the person, by conversation."""
        return {
            entry.command.talk: " ".join(entry.command.text.split())
            for entry in self._client.outbox
            if isinstance(entry.command, ReplyOnLine | NoteOnLine) and entry.aside
        }

    def _drafts(self) -> tuple[Entry, ...]:
        open_ = self.open_talk
        return tuple(
            entry
            for entry in self._client.outbox
            if isinstance(entry.command, ReplyOnLine | NoteOnLine)
            and open_ is not None
            and entry.command.talk == open_.talk.id
        )

    def _show_texts(self) -> None:
        state, talk = self._state(), self._talk()
        if state is None or talk is None:
            self._models.texts.show(())
            return
        now = self._client.server_now()
        texts = self._texts()
        self._models.texts.show(
            text_rows(state[0], state[1].me, talk, texts, self._drafts(), now, self._locale)
        )
        self._show_head()

    def _texts_came(self, open_: OpenTalk) -> None:
        if open_ is self.open_talk:
            self._show_texts()

    def _show_head(self) -> None:
        state, talk, open_ = self._state(), self._talk(), self.open_talk
        if state is None or talk is None or open_ is None:
            return
        space, now = state[0], self._client.server_now()
        line = space.inbox.lines.get(talk.line)
        waits = talk.waiting_since
        parts = (
            line.name if line is not None else "",
            state_words(talk.state) if waits is None else tr("waiting {time}", time=elapsed(now - waits)),
            name_of(space, talk.assignee) if talk.assignee else "",
        )
        view = self._panel.talk
        view.show_head(
            open_.number or customer_words(talk),
            in_a_row(parts, " · "),
            done=talk.state is Handling.RESOLVED,
        )
        others = set(self._signs.who(now).get(talk.id, ())) - {state[1].me}
        view.show_answering(answering_words(space, others))
        view.allow_replies(not talk.opted_out)
        if talk.opted_out:
            view.say(tr("This customer wants no texts (STOP). Nothing can be sent to them."), problem=True)
        else:
            view.say(forward_words(talk), problem=talk.forward is not None and talk.forward.state in FAILED)

    # Opening

    def open(self, key: str) -> None:
        state = self._state()
        if state is None:
            return
        wanted = CustomerId(key)
        older = {talk.id: talk for talk in self._pages.older}
        talk = state[0].inbox.talks.get(wanted) or older.get(wanted)
        if talk is None:
            return
        self._keep_typed()
        self.open_talk = OpenTalk(talk)
        self._show_texts()
        self._panel.talk.open()
        self._panel.talk.composer.set_text(self._typed.pop(talk.id, ""))
        self._panel.show_one()
        self._pages.fetch(self.open_talk)
        self.touch()

    def close_talk(self) -> None:
        self._keep_typed()
        self.open_talk = None
        self._panel.show_list()
        self._show_texts()

    def _keep_typed(self) -> None:
        text = self._panel.talk.composer.text()
        if self.open_talk is not None and text:
            self._typed[self.open_talk.talk.id] = text

    @property
    def holds_words(self) -> bool:
        """Something is typed that no other desk would have."""
        return bool(self._typed or (self.open_talk is not None and self._panel.talk.composer.text()))

    def in_view(self) -> CustomerId | None:
        """The conversation whose newest message the person looks at."""
        open_ = self.open_talk
        return open_.talk.id if open_ is not None and self._panel.talk.attended else None

    def touch(self) -> None:
        """Whoever has it in view looks after it."""
        state, talk = self._state(), self._talk()
        if state is None or talk is None or self.in_view() is None:
            return
        if talk.unread or talk.handed_to(state[1].me) is not None:
            self._asking.quietly(TouchTalk(talk.id))

    # Writing

    def reply(self, text: str) -> None:
        if self.open_talk is not None:
            self._deliver(ReplyOnLine(self.open_talk.talk.id, whole(text)))

    def note(self, text: str) -> None:
        if self.open_talk is not None:
            self._deliver(NoteOnLine(self.open_talk.talk.id, whole(text)))

    def _deliver(self, command: ReplyOnLine | NoteOnLine) -> None:
        key = new_id()
        self._panel.talk.composer.clear()
        self._panel.talk.to_end()

        def failed(reason: str) -> None:
            self._asking.say(reason)
            if all(entry.id != key for entry in self._client.outbox):
                self._give_back(command.text)

        self._asking.do(command, command_id=key, failed=failed)

    def _give_back(self, text: str) -> None:
        """What was written is there again, unless something else is."""
        composer = self._panel.talk.composer
        if not composer.text():
            composer.set_text(text)
            composer.field.setFocus()

    def _type(self, text: str) -> None:
        """Tell colleagues, now and then, that one is writing."""
        now = self._client.server_now()
        if self.open_talk is not None and text.strip() and self._signs.to_be_said(now):
            self._asking.quietly(AnsweringTalk(self.open_talk.talk.id))

    def _somebody_answers(self, talk: str, person: str) -> None:
        state = self._state()
        if state is not None and person != state[1].me:
            self._signs.heard(CustomerId(talk), PersonId(person), self._client.server_now())
            self._show_talks()
            self._show_head()

    # Handling

    def _act_on_talk(self, key: str, action: str) -> None:
        talk = CustomerId(key)
        self._asking.do(ResolveTalk(talk) if action == RESOLVE else ReopenTalk(talk))

    def _resolve(self) -> None:
        talk = self._talk()
        if talk is None:
            return
        if talk.state is Handling.RESOLVED:
            self._asking.do(ReopenTalk(talk.id))
        else:
            self._asking.do(ResolveTalk(talk.id), done=self.close_talk)

    def _people(self) -> Sequence[tuple[str, str]]:
        """Oneself first, then who is here, by name; and nobody."""
        state, talk = self._state(), self._talk()
        if state is None or talk is None:
            return ()
        space, me = state[0], state[1].me
        here = sorted(
            (person_of(space, p) for p in space.occupants if p != me), key=lambda p: (p.name.casefold(), p.id)
        )
        offered = [(me, tr("To me")), *((p.id, p.name) for p in here), ("", tr("To nobody"))]
        return [(key, name) for key, name in offered if key != (talk.assignee or "")]

    def _assign(self, person: str) -> None:
        talk = self._talk()
        if talk is not None:
            self._asking.do(AssignTalk(talk.id, PersonId(person) if person else None))

    def _act_on_text(self, key: str, action: str) -> None:
        row = self._models.texts.row(self._models.texts.index_of(key))
        if action == AGAIN and isinstance(row, TextRow):
            self._client.drop(key)
            self._give_back(row.text)
        elif action == DISCARD:
            self._client.drop(key)
        elif action == TIMELINE:
            self.timeline_wanted.emit(key)
