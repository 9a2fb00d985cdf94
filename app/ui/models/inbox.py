"""The inbox of the space as rows: conversations with customers, and the messages and notes of one of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QLocale

from app.core.cases import SendState
from app.core.line_commands import NoteOnLine, ReplyOnLine
from app.core.lines import CustomerId, Handling, LineText, Talk, TextKind
from app.core.model import AssetId, MessageId, PersonId
from app.core.space import SpaceState
from app.net.outbox import Entry
from app.ui.addresses import real_address
from app.ui.i18n import N_, tr, tr_template, trn
from app.ui.models.hands import leads
from app.ui.models.messages import MessageRow, Sending
from app.ui.models.people import Heading
from app.ui.models.rows import RowModel
from app.ui.models.unsent import reason_words
from app.ui.words import (
    clock_time,
    day_of,
    day_words,
    elapsed,
    in_a_row,
    listed,
    moment_words,
    person_of,
    reason_of,
)

TOGETHER_S = 300.0
"""s within which messages of one author stand under one name."""
CUSTOMER = PersonId("")
"""Stands for the customer where a row names its author."""

SENT_WORDS = {
    SendState.WAITING: N_("sending…"),
    SendState.SENT: N_("sent"),
    SendState.DELIVERED: N_("delivered"),
    SendState.UNKNOWN: N_("not known whether it arrived"),
    SendState.CANCELLED: N_("not sent"),
}


@dataclass(frozen=True)
class TalkRow:
    """One conversation.

    Attributes:
        title: the customer, by the end of their number.
        line: the line's name, where the space has several.
        preview: the newest message on one line, or who is answering just now (``live``).
        when: how long it has waited, or when something was last written.
        picture, assignee, assignee_name: who looks after it.
        handed: a colleague gave it to this person, who has not looked at it since; the preview says who.
    """

    id: CustomerId
    title: str
    line: str
    preview: str
    when: str
    state: Handling
    waits: bool
    unread: int
    live: bool = False
    assignee: PersonId | None = None
    assignee_name: str = ""
    picture: AssetId | None = None
    forwarded: bool = False
    mine: bool = False
    handed: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def spoken(self) -> str:
        unread = trn("{n} new message", "{n} new messages", self.unread) if self.unread else ""
        waits = tr("waiting for {time}", time=self.when) if self.waits else state_words(self.state)
        assignee = tr("assigned to {name}", name=self.assignee_name) if self.assignee_name else ""
        forwarded = tr("forwarded to the cell phone") if self.forwarded else ""
        return in_a_row((self.title, self.line, unread, waits, assignee, forwarded, self.preview))


AnyTalkRow = TalkRow | Heading


@dataclass(frozen=True)
class TextRow(MessageRow):
    """One message or note; ``local``: not at the server yet; ``traceable``: its timeline may be seen."""

    kind: TextKind = TextKind.IN
    local: bool = False
    traceable: bool = False


AnyTextRow = TextRow | Heading


def customer_words(talk: Talk) -> str:
    return tr("Customer {number}", number=talk.shown) if talk.shown else tr("Customer")


def state_words(state: Handling) -> str:
    words = {
        Handling.UNRESOLVED: N_("unresolved"),
        Handling.TOUCHED: N_("in progress"),
        Handling.RESOLVED: N_("resolved"),
    }
    return tr_template(words[state], {})


FAILED = (SendState.FAILED, SendState.CANCELLED, SendState.UNKNOWN)


def forward_words(talk: Talk) -> str:
    """What is known of the message that nobody looked at, and that goes to the cell phone."""
    if talk.forward is None:
        return ""
    time, state = clock_time(talk.forward.at), talk.forward.state
    if state is SendState.WAITING:
        return tr("Nobody had looked at it: it is being forwarded to the cell phone.")
    if state is SendState.UNKNOWN:
        return tr("Forwarded to the cell phone at {time}; it is not known whether it arrived.", time=time)
    if state in FAILED:
        reason = reason_of(talk.forward.reason)
        return tr("It could not be forwarded to the cell phone. {reason}", reason=reason)
    return tr("Forwarded to the cell phone at {time}: nobody had looked at it.", time=time)


def answering_words(space: SpaceState, people: Collection[PersonId]) -> str:
    """“Mina is answering…”"""
    names = listed([person_of(space, person).name for person in sorted(people)], 2)
    return trn("{names} is answering…", "{names} are answering…", len(people), names=names) if people else ""


def talk_rows(
    space: SpaceState,
    me: PersonId,
    older: Sequence[Talk],
    answering: Mapping[CustomerId, Collection[PersonId]],
    now: float,
    locale: QLocale,
    unsent: Mapping[CustomerId, str] | None = None,
) -> tuple[AnyTalkRow, ...]:
    """What waits, the longest first; what is in progress and what is resolved, the newest first.

    Args:
        older: fetched ones that the space does not hold.
        unsent: what one wrote there and was not sent.
    """
    kept = unsent or {}
    held = space.inbox.talks
    talks = [*held.values(), *(talk for talk in older if talk.id not in held)]
    waiting = sorted((t for t in talks if t.waits), key=lambda t: (t.waiting_since or 0.0, t.id))
    rest = sorted((t for t in talks if not t.waits), key=lambda t: (-t.active_at, t.id))
    groups = (
        ("#waiting", tr("Waiting"), waiting),
        ("#progress", tr("In progress"), [t for t in rest if t.state is not Handling.RESOLVED]),
        ("#resolved", tr("Resolved"), [t for t in rest if t.state is Handling.RESOLVED]),
    )
    rows: list[AnyTalkRow] = []
    for key, words, members in groups:
        if members:
            rows.append(Heading(key, words))
            for talk in members:
                row = _talk(space, me, talk, answering.get(talk.id, ()), now, locale)
                text = kept.get(talk.id)
                rows.append(replace(row, preview=tr("Not sent: {text}", text=text)) if text else row)
    return tuple(rows)


def _talk(
    space: SpaceState, me: PersonId, talk: Talk, answering: Collection[PersonId], now: float, locale: QLocale
) -> TalkRow:
    others = [person for person in answering if person != me]
    line = space.inbox.lines.get(talk.line)
    assignee = person_of(space, talk.assignee) if talk.assignee else None
    since, handed = talk.waiting_since, talk.handed_to(me)
    given = handed_words(space, handed.by) if handed is not None else ""
    return TalkRow(
        id=talk.id,
        title=customer_words(talk),
        line=line.name if line is not None and len(space.inbox.lines) > 1 else "",
        preview=answering_words(space, others) or given or _preview(space, me, talk),
        when=elapsed(now - since) if since is not None else moment_words(talk.active_at, now, locale),
        state=talk.state,
        waits=talk.waits,
        unread=talk.unread,
        live=bool(others),
        assignee=talk.assignee,
        assignee_name=assignee.name if assignee else "",
        picture=assignee.picture if assignee else None,
        forwarded=talk.forward is not None,
        mine=talk.assignee == me,
        handed=handed is not None,
    )


def handed_words(space: SpaceState, by: PersonId) -> str:
    return tr("{name} assigned this to you", name=person_of(space, by).name)


def _preview(space: SpaceState, me: PersonId, talk: Talk) -> str:
    if not talk.last:
        return ""
    newest = talk.last[-1]
    text = " ".join(newest.text.split()) or file_words(1)
    if newest.kind is TextKind.IN:
        return text
    if newest.kind is TextKind.OUT and newest.state is SendState.FAILED:
        return tr("Not sent: {text}", text=text)
    if newest.kind is not TextKind.OUT:
        return tr("Note: {text}", text=text)
    if newest.author == me:
        return tr("You: {text}", text=text)
    name = person_of(space, newest.author).name if newest.author else ""
    return tr("{name}: {text}", name=name, text=text)


def file_words(number: int) -> str:
    return tr("File {n}", n=number)


def text_rows(
    space: SpaceState,
    me: PersonId,
    talk: Talk,
    texts: Sequence[LineText],
    drafts: Sequence[Entry],
    now: float,
    locale: QLocale,
) -> tuple[AnyTextRow, ...]:
    """The messages of a conversation, oldest first.

    Args:
        drafts: one's own that the server has not confirmed.
    """
    rows: list[AnyTextRow] = []
    last: LineText | None = None
    for text in texts:
        day = day_of(text.at)
        new_day = last is None or day_of(last.at) != day
        if new_day:
            rows.append(Heading(f"#day {day.isoformat()}", day_words(day, day_of(now), locale)))
        together = (
            last is not None
            and not new_day
            and (last.kind, last.author) == (text.kind, text.author)
            and text.at - last.at < TOGETHER_S
        )
        traceable = text.kind is TextKind.IN and leads(space, me)
        rows.append(_text(space, talk, text, not together or text.kind is TextKind.OUT, traceable))
        last = text
    known = {text.id for text in texts}
    rows += [_draft(space, me, entry) for entry in drafts if entry.id not in known]
    return tuple(rows)


def _text(space: SpaceState, talk: Talk, text: LineText, first: bool, traceable: bool) -> TextRow:
    author = person_of(space, text.author) if text.author else None
    names = {TextKind.IN: customer_words(talk), TextKind.PHONE: tr("The cell phone")}
    failed = text.state is SendState.FAILED
    time = clock_time(text.at)
    if text.state in SENT_WORDS:
        time = in_a_row((time, tr_template(SENT_WORDS[text.state], {})), " · ")
    elif text.kind in (TextKind.NOTE, TextKind.PHONE):
        time = in_a_row((time, tr("note by phone") if text.kind is TextKind.PHONE else tr("note")), " · ")
    return TextRow(
        id=MessageId(text.id),
        author=text.author or CUSTOMER,
        name=author.name if author else names.get(text.kind, ""),
        text=text.text,
        time=time,
        first=first,
        picture=author.picture if author else None,
        sending=Sending.FAILED if failed else Sending.SENT,
        reason=reason_of(text.reason) if failed else "",
        files=tuple((file_words(n), m.url) for n, m in enumerate(text.media, 1) if real_address(m.url)),
        kind=text.kind,
        traceable=traceable,
    )


def _draft(space: SpaceState, me: PersonId, entry: Entry) -> TextRow:
    author, reason = person_of(space, me), reason_words(entry)
    command = entry.command
    assert isinstance(command, ReplyOnLine | NoteOnLine)
    note = isinstance(command, NoteOnLine)
    return TextRow(
        id=MessageId(entry.id),
        author=me,
        name=author.name,
        text=command.text,
        time=clock_time(entry.made_at) if reason else tr("sending…"),
        first=True,
        picture=author.picture,
        sending=Sending.FAILED if reason else Sending.UNDER_WAY,
        reason=reason,
        kind=TextKind.NOTE if note else TextKind.OUT,
        local=True,
    )


class TalksModel(RowModel[AnyTalkRow]):
    """The inbox as a Qt model."""


class TextsModel(RowModel[AnyTextRow]):
    """One conversation as a Qt model."""
