"""What is said below a raised hand: who comes, who cannot, who was not reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.characters import isolated
from app.core.model import AnswerKind, PersonId, Rung, Taken
from app.core.sends import SendState
from app.net.outbox import CALL_SECONDS
from app.ui.heard_words import failed, on_its_way, sent_to, thing, unknown
from app.ui.i18n import N_, tr, tr_template, trn
from app.ui.models.hands import HandRow, Named
from app.ui.models.waiting import Hold
from app.ui.panels.spans import MARK, Span, plain, woven
from app.ui.reach_words import LOUD, lost_words
from app.ui.words import listed

BETWEEN = Span(" · ")

RUNG_WORDS = {
    Rung.STORED: N_("not reached yet"),
    Rung.SENT: N_("on its way to them"),
    Rung.RECEIVED: N_("arrived at their machine"),
    Rung.SHOWN: N_("on their screen"),
    Rung.ANSWERED: N_("answered"),
}
OUTSIDE_WORDS = {
    AnswerKind.KEY: N_("{names} answered by phone"),
    AnswerKind.SMS: N_("{names} answered by text message"),
    AnswerKind.API: N_("{names} answered through another program"),
}


def rung_words(rung: Rung) -> str:
    """How far the alert has come at one recipient."""
    return tr_template(RUNG_WORDS[rung], {})


def hold_spans(row: HandRow) -> list[Span]:
    """The line below the message of a hand that is not up: what it waits for, and whom it will call."""
    match row.hold:
        case Hold.CONNECTION:
            seconds = int(CALL_SECONDS)
            words = tr("waiting for the connection")
            more = tr("not up yet; after {n} s you are asked first", n=seconds)
        case Hold.UNSURE:
            words, more = tr("waiting for the connection"), tr("it broke on the way, so it may be up already")
        case Hold.SENDING:
            words, more = tr("being sent"), ""
        case _:
            words, more = tr("not raised"), row.reason
    calls = tr("calls {names}", names=listed(row.calls)) if row.calls else ""
    parts = [Span(words, "text", bold=True), *(Span(part) for part in (more, calls) if part)]
    return [span for part in parts for span in (BETWEEN, part)][1:]


def hand_spans(row: HandRow) -> list[Span]:
    """The line below a hand's message."""
    if row.hold is not None:
        return hold_spans(row)
    parts = [
        *_coming(row),
        *_chatting(row),
        *_promised(row),
        *_declined(row),
        *_reach(row),
    ]
    if row.lost:
        parts.insert(0, [Span(tr("connection lost"), "text", bold=True)])
    if row.unsent and row.mine:
        parts.insert(0, [Span(tr("goes down when the connection is back"), "text", bold=True)])
    elif row.unsent:
        parts.insert(0, [Span(tr("your answer waits for the connection"), "text", bold=True)])
    if not parts:
        return [Span(tr("nobody has answered yet") if row.red else tr("visible to everyone"))]
    spans: list[Span] = []
    for part in parts:
        spans += [BETWEEN, *part] if spans else part
    return spans


def _coming(row: HandRow) -> list[list[Span]]:
    if row.my_answer is AnswerKind.APPROACH and len(row.coming) == 1:
        return [[Span(tr("You are on the way"), "green", bold=True)]]
    if row.my_answer is AnswerKind.APPROACH:
        return _people(row.coming[1:], tr("You and {names} are on the way", names=MARK))
    words = trn("{names} is on the way", "{names} are on the way", len(row.coming), names=MARK)
    return _people(row.coming, words)


def _chatting(row: HandRow) -> list[list[Span]]:
    if row.my_answer is AnswerKind.CHAT and len(row.chatting) == 1:
        return [[Span(tr("You are chatting"), "green", bold=True)]]
    if row.my_answer is AnswerKind.CHAT:
        return _people(row.chatting[1:], tr("You and {names} are chatting", names=MARK))
    words = trn("{names} is chatting", "{names} are chatting", len(row.chatting), names=MARK)
    return _people(row.chatting, words)


def _people(people: Sequence[Named], words: str) -> list[list[Span]]:
    """Those who help, in green."""
    if not people:
        return []
    names = Span(listed([name for _, name in people], 2), "green", bold=True)
    return [list(woven(words, names))]


def _promised(row: HandRow) -> list[list[Span]]:
    """They said so, at their desk or on the phone, and have not set out yet."""
    words = trn("{names} will come", "{names} will come", len(row.promised), names=MARK)
    parts = _people(row.promised, words)
    for kind, sentence in OUTSIDE_WORDS.items():
        names = [(PersonId(""), name) for name, how in row.outside if how is kind]
        parts += _people(names, tr_template(sentence, {"names": MARK}))
    return parts


def _declined(row: HandRow) -> list[list[Span]]:
    words = declined_words(row)
    return [[Span(words)]] if words else []


def declined_words(row: HandRow) -> str:
    """Who cannot, or not any more; empty while nobody has said so."""
    names = [*(name for _, name in row.declined), *row.outside_declined]
    words = trn("{names} can’t now", "{names} can’t now", len(names), names=listed(names, 2))
    return words if names else ""


def _unreached(people: Sequence[Named]) -> list[list[Span]]:
    names = listed([name for _, name in people], 2)
    words = trn("{names} not reached", "{names} not reached", len(people), names=names)
    return [[Span(words)]] if people else []


def _reach(row: HandRow) -> list[list[Span]]:
    """The raiser knows how far it came at each one; others, who had no connection."""
    if row.ladder:
        return [[Span(tr("shown to {n} of {total}", n=row.seen, total=len(row.ladder)))]]
    return _unreached(row.unreached)


def help_words(row: HandRow) -> str:
    """Who helps, as a sentence of its own; empty while nobody does."""
    parts = (*_coming(row), *_chatting(row), *_promised(row))
    return plain(parts[0]) if parts else ""


def alone_words(row: HandRow) -> str:
    """That nobody is available, as the raiser and all others are told; empty where somebody may be."""
    if not row.alone:
        return ""
    if row.mine:
        return tr("Nobody is available. Everything was tried; your hand stays raised.")
    return tr("Nobody available")


def tried_words(row: HandRow) -> list[str]:
    """What was done while nobody answered; the same thing done several times is said once."""
    counts: dict[Taken, int] = {}
    for step in row.tried:
        counts[step.what] = counts.get(step.what, 0) + (len(step.people) if step.what is Taken.NOTIFY else 1)
    words = (_taken(row, what, count) for what, count in counts.items())
    return [said for said in words if said]


def _taken(row: HandRow, what: Taken, count: int) -> str:
    match what:
        case Taken.NOTIFY:
            return trn("{n} more person called", "{n} more people called", count)
        case Taken.REPEAT:
            return trn("called again", "called again {n} times", count)
        case Taken.FORWARD:
            return tr("handed on")
        case Taken.CAME_BACK:
            return tr("called again, since nobody came")
        case Taken.TEXT | Taken.CALL | Taken.POST:
            return _sent(row, what, count)


def _sent(row: HandRow, what: Taken, count: int) -> str:
    """To phones and addresses: what is known of it, and no more; empty where an answer has kept it from
    being sent. Whose they are is known of one's own hand."""
    heard = next((known for known in row.heard if known.what is what), None)
    names = listed(next((names for tried, names in row.reached if tried is what), ()), 2)
    sent = sent_to(what, count, names) if names else _done(what, count)
    match heard.state if heard is not None else SendState.WAITING:
        case SendState.SENT | SendState.DELIVERED:
            return sent
        case SendState.WAITING if not (row.coming or row.chatting or row.promised or row.outside):
            return on_its_way(thing(what, count, names))
        case SendState.UNKNOWN:
            return unknown(thing(what, count, names))
        case SendState.FAILED:
            return failed(thing(what, count, names), heard.reason if heard is not None else "")
        case _:
            return ""


def _done(what: Taken, count: int) -> str:
    match what:
        case Taken.TEXT:
            return trn("text message sent", "text messages sent {n} times", count)
        case Taken.CALL:
            return trn("called by phone", "called by phone {n} times", count)
        case _:
            return tr("told elsewhere")


@dataclass(frozen=True)
class LadderWords:
    """One recipient of one's own red hand, in words.

    Attributes:
        words: how far it came or what they answered, in ``tone``.
        lost: which loud channels their machines lack; empty when they answered.
        machines: the name of each, and how far it came there.
    """

    person: PersonId
    name: str
    tone: str
    words: str
    lost: str = ""
    machines: tuple[tuple[str, str], ...] = ()

    @property
    def spoken(self) -> str:
        return "  ".join(part for part in (self.name, self.words, self.lost) if part)


def ladder(row: HandRow) -> list[LadderWords]:
    """Each recipient of one's own red hand; who still needs care comes first."""
    coming = {p for p, _ in row.coming}
    chatting = {p for p, _ in row.chatting}
    declined = {p for p, _ in row.declined}
    unreached = {p for p, _ in row.unreached}
    lines = []
    for line in row.ladder:
        person, lost = line.person, ""
        if person in coming:
            rank, tone, words = 3, "green", tr("is on the way")
        elif person in chatting:
            rank, tone, words = 3, "green", tr("is chatting")
        elif person in declined:
            rank, tone, words = 2, "muted", tr("can’t now")
        elif person in unreached and line.rung < Rung.RECEIVED:
            rank, tone, words = 0, "text", tr("not reached")
        else:
            rank, tone, words = 1, "muted", rung_words(line.rung)
            lost = lost_words(line.reach, LOUD)
        machines = tuple((isolated(name), rung_words(rung)) for name, rung in line.machines)
        lines.append((rank, LadderWords(person, line.name, tone, words, lost, machines)))
    lines.sort(key=lambda line: line[0])
    return [line for _, line in lines]
