"""An alert of the history in words: what it was, who asked, what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.model import EndReason, Level, PersonId
from app.core.policy import AnswerWay, CaseKind
from app.ui.i18n import N_, tr, tr_template
from app.ui.words import elapsed

Names = Mapping[PersonId, str]

KINDS = {
    (CaseKind.ESCALATION, Level.RED): N_("Red hand"),
    (CaseKind.ESCALATION, Level.YELLOW): N_("Yellow hand"),
    (CaseKind.PRIORITY, None): N_("Priority message"),
    (CaseKind.LINE, None): N_("Line message"),
}
"""Also in the order in which they are offered."""

OUTCOMES = {
    AlertOutcome.WAITING: N_("Waiting"),
    AlertOutcome.ANSWERED: N_("Answered"),
    AlertOutcome.NOBODY: N_("Nobody available"),
    AlertOutcome.WITHDRAWN: N_("Ended without an answer"),
}

WAYS = {
    AnswerWay.APPROACH: N_("came over"),
    AnswerWay.CHAT: N_("chat"),
    AnswerWay.READ: N_("read"),
    AnswerWay.REPLY: N_("reply"),
    AnswerWay.COMING: N_("said they will come"),
    AnswerWay.KEY: N_("key on the phone"),
    AnswerWay.SMS: N_("text message"),
    AnswerWay.RESOLVE: N_("resolved"),
    AnswerWay.API: N_("another program"),
}

REASONS = {
    EndReason.BUTTON: N_("lowered"),
    EndReason.MEETING_ROOM: N_("entered a meeting room"),
    EndReason.AWAY: N_("set to away"),
    EndReason.LEFT: N_("left the space"),
    EndReason.CONNECTION_LOST: N_("connection lost"),
    EndReason.REMOVED: N_("removed from the space"),
}


def kind_words(record: AlertRecord) -> str:
    return tr_template(KINDS.get((record.kind, record.level), KINDS[CaseKind.ESCALATION, Level.RED]), {})


def name_in(names: Names, person: PersonId | None) -> str:
    """A person by name; somebody from outside where there is none."""
    if person is None:
        return tr("A customer")
    return names.get(person) or tr("Somebody who left")


def helper_words(record: AlertRecord, names: Names) -> str:
    """Who answered first; empty where nobody did."""
    if record.answered_at is None:
        return ""
    if record.answered_by:
        return name_in(names, record.answered_by)
    return tr("Another program") if record.way is AnswerWay.API else tr("Somebody by phone")


def outcome_words(record: AlertRecord) -> str:
    return tr_template(OUTCOMES[record.outcome], {})


def way_words(way: AnswerWay | None) -> str:
    return tr_template(WAYS[way], {}) if way is not None else ""


def reason_words(reason: EndReason | None) -> str:
    """Why a hand went down; empty where it has not, or was none."""
    return tr_template(REASONS[reason], {}) if reason is not None else ""


def span_words(seconds: float | None) -> str:
    """``0:38``; a dash where there is no time."""
    return "–" if seconds is None else elapsed(seconds)
