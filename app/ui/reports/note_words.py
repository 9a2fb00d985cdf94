"""A line of a timeline in words, with its sign."""

from __future__ import annotations

from app.core.case_questions import Ahead, Timeline
from app.core.cases import CALL, SMS, Mark, Note
from app.core.model import Taken
from app.core.policy import (
    Call,
    CaseKind,
    Contact,
    ContactId,
    Forward,
    Notify,
    Post,
    Repeat,
    Text,
)
from app.ui.answer_words import answered_words
from app.ui.i18n import tr, trn
from app.ui.reports.record_words import Names, name_in, reason_words
from app.ui.words import listed, reason_of

SIGNS = {
    Mark.OPENED: "hand",
    Mark.CALLED: "bell",
    Mark.SHOWN: "eye",
    Mark.DECLINED: "minus",
    Mark.WITHDREW: "minus",
    Mark.STEP: "clock",
    Mark.REPEATED: "bell",
    Mark.SENT: "send",
    Mark.DELIVERED: "check",
    Mark.FAILED: "warning",
    Mark.UNKNOWN: "info",
    Mark.CANCELLED: "close",
    Mark.SKIPPED: "minus",
    Mark.ANSWERED: "check",
    Mark.NOT_COUNTED: "info",
    Mark.READ: "eye",
    Mark.CAME_BACK: "retry",
    Mark.NOBODY: "warning",
    Mark.FORWARDED: "arrow-right",
    Mark.ENDED: "close",
    Mark.MENDED: "info",
}
TONES = {Mark.ANSWERED: "green", Mark.NOBODY: "red", Mark.FAILED: "text"}
"""Those whose sign is not of second rank."""
NAMED = 6
"""People that a line names; the others are counted."""


class NoteWords:
    """The words of one timeline's notes."""

    def __init__(self, told: Timeline) -> None:
        self._told = told
        self._names: Names = dict(told.names)
        self._contacts: dict[ContactId, Contact] = {contact.id: contact for contact in told.contacts}

    def of(self, note: Note) -> str:
        words = self._first(note) or self._sent(note) or self._later(note)
        told = note.reason and note.mark is not Mark.FAILED
        return f"{words} ({reason_of(note.reason)})" if told else words

    def ahead(self, ahead: Ahead) -> str:
        """What is done next, without when."""
        action = ahead.action
        match action:
            case Notify(to=to):
                return trn("Call {n} more in the program", "Call {n} more in the program", _size(to))
            case Repeat():
                return tr("Call again")
            case Text():
                return tr("Send a text message")
            case Call():
                return tr("Call by phone")
            case Forward(to=person):
                return tr("Hand on to {name}", name=name_in(self._names, person))
            case Post(contact=contact):
                return tr("Tell {name}", name=self._contact(contact))

    def _first(self, note: Note) -> str:
        """What happens in the program before anybody answers."""
        whom = self._whom(note)
        match note.mark:
            case Mark.OPENED:
                return self._opened()
            case Mark.CALLED if note.what is not None:
                return self._step(note, tr("calls {names}", names=whom))
            case Mark.CALLED:
                return tr("Calls {names}", names=whom)
            case Mark.SHOWN:
                return tr("On the screen of {names}", names=whom)
            case Mark.READ:
                return tr("{names} has read it", names=whom)
            case Mark.STEP:
                return self._step(note, whom)
            case Mark.REPEATED:
                return tr("Calls again: {names}", names=whom) if whom else tr("Calls again")
            case Mark.SKIPPED:
                return tr("Step {n}: nobody to reach", n=(note.step or 0) + 1)
            case Mark.FORWARDED if note.step is not None:
                return self._step(note, tr("handed on to {names}", names=whom))
            case Mark.FORWARDED:
                return tr("Handed on to {names}", names=whom)
        return ""

    def _sent(self, note: Note) -> str:
        """What is known of a text message, a call by phone, or something told elsewhere."""
        whom, text, call = self._whom(note), note.channel == SMS, note.channel == CALL
        match note.mark:
            case Mark.SENT if text:
                return tr("Text message to {name} sent", name=whom)
            case Mark.SENT if call:
                return tr("The phone of {name} is called", name=whom)
            case Mark.SENT:
                return tr("{name} is told", name=whom)
            case Mark.DELIVERED if text:
                return tr("Text message to {name} delivered", name=whom)
            case Mark.DELIVERED if call:
                return tr("{name} picked up", name=whom)
            case Mark.DELIVERED:
                return tr("{name} was told", name=whom)
            case Mark.FAILED:
                return self._failed(note, whom)
            case Mark.UNKNOWN:
                return tr("Whether {name} was reached is not known", name=whom)
            case Mark.CANCELLED:
                return tr("Not sent to {name} any more", name=whom)
        return ""

    def _later(self, note: Note) -> str:
        whom = self._whom(note)
        match note.mark:
            case Mark.ANSWERED:
                return answered_words(note.way, whom)
            case Mark.DECLINED:
                return tr("{names} can’t now", names=whom)
            case Mark.WITHDREW:
                return tr("{names} does not come any more", names=whom)
            case Mark.NOT_COUNTED:
                return tr("{names} answered in a way that does not count here", names=whom)
            case Mark.CAME_BACK:
                return tr("Nobody came, so it calls again")
            case Mark.NOBODY:
                return tr("Nobody available: everything was tried")
            case Mark.ENDED:
                reason = reason_words(self._told.record.reason)
                return tr("Over: {reason}", reason=reason) if reason else tr("Over")
            case _:
                return tr("The server set its next look right")

    def _opened(self) -> str:
        record = self._told.record
        name = name_in(self._names, record.asked_by)
        match record.kind:
            case CaseKind.ESCALATION:
                return tr("{name} raised a hand; it is stored", name=name)
            case CaseKind.PRIORITY:
                return tr("{name} sent a priority message; it is stored", name=name)
            case CaseKind.LINE:
                return tr("A customer wrote; it is stored")

    def _step(self, note: Note, whom: str) -> str:
        """Its turn has come, or its author asked for it by hand; ``whom``: what it does, or for whom."""
        words = tr("By hand") if note.step is None else tr("Step {n} is due", n=note.step + 1)
        doing = _DOING.get(note.what) if note.what is not None and note.mark is Mark.STEP else None
        return ": ".join(part for part in (words, doing() if doing else "", whom) if part)

    def _failed(self, note: Note, whom: str) -> str:
        reason = reason_of(note.reason) or tr("no reason given")
        if note.channel == SMS:
            return tr("Text message to {name} failed: {reason}", name=whom, reason=reason)
        if note.channel == CALL:
            return tr("Call to {name} failed: {reason}", name=whom, reason=reason)
        return tr("Telling {name} failed: {reason}", name=whom, reason=reason)

    def _whom(self, note: Note) -> str:
        names = [name_in(self._names, person) for person in note.people]
        if note.contact is not None:
            names.append(self._contact(note.contact))
        return listed(names, NAMED)

    def _contact(self, contact: ContactId) -> str:
        known = self._contacts.get(contact)
        if known is None and self._told.record.kind is CaseKind.LINE:
            return tr("the line’s cell phone")
        if known is None:
            return tr("a contact that is gone")
        return f"{known.name} ({known.shown})" if known.shown else known.name


def _size(to: object) -> int:
    return len(getattr(to, "people", ())) + len(getattr(to, "groups", ()))


_DOING = {
    Taken.NOTIFY: lambda: tr("call more people"),
    Taken.REPEAT: lambda: tr("call again"),
    Taken.TEXT: lambda: tr("text message"),
    Taken.CALL: lambda: tr("call by phone"),
    Taken.FORWARD: lambda: tr("hand on"),
    Taken.POST: lambda: tr("tell elsewhere"),
    Taken.CAME_BACK: lambda: tr("call again"),
}
