"""What would happen, in words: one sentence for each moment, and who would not be reached."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.policy_preview import Moment, MomentKind
from app.ui.i18n import tr, trn
from app.ui.policies.sentences import Names, length_words
from app.ui.words import elapsed, listed


def moment_words(names: Names, moment: Moment) -> tuple[str, str]:
    """What happens; and who is not reached by it, or why it does nothing."""
    reached = [names.person(p) for p in moment.reached] + [names.contact(c) for c in moment.contacts]
    return _what(moment, listed(reached, 4), bool(reached)), _missing(names, moment)


def _what(moment: Moment, who: str, anybody: bool) -> str:
    if moment.kind is MomentKind.NOBODY:
        return tr("“Nobody available” is said.")
    if not anybody:
        return _nobody(moment)
    match moment.kind:
        case MomentKind.STARTED:
            return tr("Called at first: {who}", who=who)
        case MomentKind.ALERTED:
            return tr("Alerted: {who}", who=who)
        case MomentKind.REPEATED if moment.until is not None and moment.times > 1:
            return trn(
                "Alerted again {n} time, until {time}: {who}",
                "Alerted again {n} times, until {time}: {who}",
                moment.times,
                time=elapsed(moment.until),
                who=who,
            )
        case MomentKind.REPEATED:
            return tr("Alerted again: {who}", who=who)
        case MomentKind.TEXTED:
            return tr("Text message to {who}", who=who)
        case MomentKind.CALLED:
            return tr("Phone call to {who}", who=who)
        case MomentKind.FORWARDED:
            return tr("Handed over to {who}", who=who)
        case _:
            return tr("{who} is told", who=who)


def _nobody(moment: Moment) -> str:
    match moment.kind:
        case MomentKind.STARTED:
            return tr("It begins; nobody is called yet.")
        case MomentKind.TEXTED:
            return tr("Text message to nobody")
        case MomentKind.CALLED:
            return tr("Phone call to nobody")
        case MomentKind.POSTED:
            return tr("No service or webhook is told")
        case _:
            return tr("An alert that reaches nobody")


def _missing(names: Names, moment: Moment) -> str:
    parts = [tr("All steps are run once more.")] if moment.round and moment.step == 0 else []
    if moment.away:
        who = listed([names.person(person) for person in moment.away], 4)
        parts.append(trn("{who} is not here.", "{who} are not here.", len(moment.away), who=who))
    if moment.silent:
        who = listed([names.person(person) for person in moment.silent], 4)
        parts.append(tr("No verified phone number: {who}.", who=who))
    if moment.gone:
        parts.append(
            trn(
                "A contact named here no longer exists.",
                "Some contacts named here no longer exist.",
                len(moment.gone),
            )
        )
    if moment.unsent:
        texts = moment.kind is MomentKind.TEXTED
        parts.append(
            tr("This server cannot send text messages.") if texts else tr("This server cannot call by phone.")
        )
    if moment.declining:
        who = listed([names.person(person) for person in moment.declining], 4)
        parts.append(trn("{who} declines.", "{who} decline.", len(moment.declining), who=who))
    return tr(" ").join(parts)


def summary_words(moments: Sequence[Moment]) -> str:
    """How long it takes, and how many are reached, in one sentence."""
    over = next((moment for moment in moments if moment.kind is MomentKind.NOBODY), None)
    people = {person for moment in moments for person in moment.reached}
    contacts = {contact for moment in moments for contact in moment.contacts}
    n = len(people) + len(contacts)
    if over is None:
        return trn("{n} person or phone is reached.", "{n} people and phones are reached.", n)
    if not over.at:
        return tr("Nobody is reached by any step.") if not n else tr("All of it happens at once.")
    return trn(
        "{n} person or phone is reached within {time}.",
        "{n} people and phones are reached within {time}.",
        n,
        time=length_words(over.at),
    )
