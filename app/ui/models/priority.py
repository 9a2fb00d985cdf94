"""One's own priority message in words: who has read it, how far it has come, what was done meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.core.calls import Answered, PhoneWay, Pursuit
from app.core.ladders import LadderLine, SentPriority
from app.core.model import PersonId, Rung, Taken
from app.core.policy import AnswerWay
from app.core.sends import SendState
from app.core.space import SpaceState
from app.ui.answer_words import answered_words
from app.ui.heard_words import came
from app.ui.i18n import tr
from app.ui.words import clock_time, listed, name_of

Part = tuple[str, str]
"""Words, and the tone they are written in."""
NAMES = 2
"""Names that are said before the others are counted."""


def state_parts(space: SpaceState, sent: SentPriority) -> tuple[Part, ...]:
    """What its author sees below it, the most telling first."""
    parts: list[Part] = []
    answer = sent.answer
    if answer is not None:
        parts.append((answer_words(space, answer), "green"))
    readers = [a.person for a in sent.answers if a.way is AnswerWay.READ and a.person is not None]
    if readers:
        parts.append((tr("Read by {names}", names=_names(space, readers)), "green"))
    if answer is None:
        parts += _on_the_way(space, sent)
    if sent.exhausted_at is not None and sent.waiting:
        parts.insert(0, (tr("Nobody was available"), "text"))
    parts += [(pursuit_words(space, pursuit), "muted") for pursuit in sent.pursuits]
    parts += [(words, tone) for words, tone in _heard(sent) if words]
    return tuple(parts)


def _heard(sent: SentPriority) -> Iterator[Part]:
    """How far its texts and calls came: of each way the one that came furthest."""
    tried = dict.fromkeys(_WAYS[way] for pursuit in sent.pursuits for way in pursuit.ways)
    tried |= {Taken.POST: None} if any(pursuit.told for pursuit in sent.pursuits) else {}
    for what in tried:
        known = next((heard for heard in sent.heard if heard.what is what), None)
        failed = known is not None and known.state is SendState.FAILED
        words = came(what, known, sent.waiting)
        yield words[:1].upper() + words[1:], "text" if failed else "muted"


_WAYS = {PhoneWay.TEXT: Taken.TEXT, PhoneWay.CALL: Taken.CALL}


def nobody_words(space: SpaceState, sent: SentPriority) -> str:
    """That everything was tried in vain, for its author."""
    names = _names(space, sent.unread)
    return tr("Nobody was available for your priority message to {names}. Escalate it.", names=names)


def answer_words(space: SpaceState, answer: Answered) -> str:
    """Who answered, and how."""
    name = answer.name or tr("Somebody")
    if answer.person is not None:
        name = name_of(space, answer.person)
    return answered_words(answer.way, name)


def _on_the_way(space: SpaceState, sent: SentPriority) -> list[Part]:
    """Those who have not read it, together where it has come equally far."""
    unread = set(sent.unread)
    at: dict[str, list[PersonId]] = {}
    for line in sorted(sent.lines, key=lambda line: -line.rung):
        if line.person in unread:
            at.setdefault(_reached(space, line), []).append(line.person)
    return [(f"{_names(space, people)}: {words}", "muted") for words, people in at.items()]


def _reached(space: SpaceState, line: LadderLine) -> str:
    match line.rung:
        case Rung.SHOWN:
            return tr("on their screen, not read")
        case Rung.RECEIVED:
            return tr("arrived at their machine")
        case _ if not space.is_here(line.person):
            return tr("offline")
        case Rung.SENT:
            return tr("on its way to them")
        case _:
            return tr("stored")


def pursuit_words(space: SpaceState, pursuit: Pursuit) -> str:
    """What was done at what time: texted, called, handed on."""
    names = _names(space, pursuit.people, pursuit.contacts)
    time = clock_time(pursuit.at)
    ways = set(pursuit.ways)
    if ways == set(PhoneWay):
        return tr("{time}: text message and call to {names}", time=time, names=names)
    if PhoneWay.TEXT in ways:
        return tr("{time}: text message to {names}", time=time, names=names)
    if PhoneWay.CALL in ways:
        return tr("{time}: call to {names}", time=time, names=names)
    if not pursuit.people:
        return tr("{time}: told {names}", time=time, names=names)
    return tr("{time}: handed on to {names}", time=time, names=names)


def _names(space: SpaceState, people: Iterable[PersonId], contacts: Iterable[str] = ()) -> str:
    return listed([*sorted(name_of(space, person) for person in people), *contacts], NAMES)
