"""What the person asked for and the server has not taken: messages in their conversations, and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLocale

from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, SendMessage, SetStatus
from app.core.mentions import between, conversation_id
from app.core.model import MessageId, PersonId
from app.core.person import PersonState
from app.core.space import SpaceState
from app.net.outbox import Entry
from app.ui.i18n import tr
from app.ui.models.messages import Draft
from app.ui.words import clock_time, day_of, day_words, name_of, problem_words, refusal_words, status_words

LONGEST_QUOTE = 120


@dataclass(frozen=True)
class Question:
    """Something that is not done without a word of the person.

    Attributes:
        entry: what it is about.
        yes: what agreeing does, in words; empty where there is nothing left to agree to.
        no: what the other answer does.
    """

    entry: Entry
    title: str
    words: str
    yes: str
    no: str


def reason_words(entry: Entry) -> str:
    """Why it was set aside; empty while it is on its way."""
    if entry.refusal is not None:
        return refusal_words(entry.refusal)
    return problem_words(entry.problem) if entry.problem is not None else ""


def undone_words(entry: Entry) -> str:
    """What an earlier start asked for was not done, and why."""
    reason = reason_words(entry)
    match entry.command:
        case EndEscalation():
            return tr("Your hand was not lowered. {reason}", reason=reason)
        case SetStatus(status=status):
            return tr("Your status is not “{status}”. {reason}", status=status_words(status), reason=reason)
        case _:
            return tr("Your home seat is still the one it was. {reason}", reason=reason)


def drafts_of(space: SpaceState, me: PersonId, outbox: Sequence[Entry]) -> tuple[Draft, ...]:
    """One's messages of this space that the server has not confirmed, oldest first."""
    drafts = []
    for entry in outbox:
        command = entry.command
        if isinstance(command, SendMessage) and entry.space in (None, space.space.id):
            with_ = between(space.groups, me, command.to)
            drafts.append(
                Draft(
                    MessageId(entry.id),
                    conversation_id(space.space.id, with_),
                    command.text,
                    command.to,
                    with_,
                    entry.made_at,
                    command.escalation,
                    reason_words(entry),
                    command.priority,
                )
            )
    return tuple(drafts)


def questions_of(
    space: SpaceState, me: PersonState, outbox: Sequence[Entry], now: float, locale: QLocale
) -> tuple[Question, ...]:
    """What waits for a word, oldest first.

    Args:
        now: s since the epoch, on this machine's clock.
    """
    asked = []
    for entry in outbox:
        when = _when(entry.made_at, now, locale)
        match entry.command:
            case RaiseEscalation() if entry.aside:
                asked.append(_raise(entry, entry.command, when))
            case AnswerEscalation(escalation=hand) if entry.aside:
                raised = space.escalations.get(hand)
                asked.append(_answer(entry, name_of(space, raised.raiser) if raised else "", when))
            case SendMessage() if entry.aside and entry.space not in (None, space.space.id):
                asked.append(_elsewhere(entry, entry.command, when))
    return tuple(asked)


def _when(at: float, now: float, locale: QLocale) -> str:
    day, today = day_of(at), day_of(now)
    time = clock_time(at)
    return time if day == today else tr("{day}, {time}", day=day_words(day, today, locale), time=time)


def _raise(entry: Entry, command: RaiseEscalation, when: str) -> Question:
    if entry.refusal is not None:
        words = tr("You raised a hand at {time}. {reason}", time=when, reason=reason_words(entry))
    elif entry.tries:
        words = tr(
            "You raised a hand at {time}, and the connection broke before the server answered. "
            "It is not up now.",
            time=when,
        )
    else:
        words = tr("You raised a hand at {time} while there was no connection. It is not up.", time=when)
    if command.message:
        words += f"\n“{command.message}”"
    return Question(entry, tr("Raise your hand now?"), words, tr("Raise it now"), tr("Drop it"))


def _answer(entry: Entry, raiser: str, when: str) -> Question:
    """``raiser``: who is called so; empty when the hand is down by now."""
    if not raiser:
        words = tr(
            "You answered a hand at {time} while there was no connection. It is down by now.", time=when
        )
        return Question(entry, tr("Your answer was not sent"), words, "", tr("OK"))
    if entry.refusal is not None:
        words = tr(
            "You answered {name}’s hand at {time}. {reason}",
            name=raiser,
            time=when,
            reason=reason_words(entry),
        )
    elif entry.tries:
        words = tr(
            "You answered {name}’s hand at {time}, and the connection broke before the server answered.",
            name=raiser,
            time=when,
        )
    else:
        words = tr(
            "You answered {name}’s hand at {time} while there was no connection.", name=raiser, time=when
        )
    return Question(entry, tr("Answer {name} now?", name=raiser), words, tr("Answer now"), tr("Drop it"))


def _elsewhere(entry: Entry, command: SendMessage, when: str) -> Question:
    text = " ".join(command.text.split())
    quote = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    words = tr("You wrote this in another space at {time}, and it was not sent.", time=when)
    return Question(
        entry, tr("A message was not sent"), f"{words}\n“{quote}”", tr("Copy text"), tr("Drop it")
    )
