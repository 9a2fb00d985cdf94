"""Kinds of data, and lines of the audit log, in words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QDateTime, QLocale

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import Level, Person, PersonId, Role
from app.core.permissions import Least, Right
from app.core.policy import CaseKind
from app.core.privacy import Kept, Where
from app.ui.i18n import N_, tr, tr_template
from app.ui.permissions_dialog import least_words, right_words
from app.ui.reports.record_words import KINDS, OUTCOMES
from app.ui.words import role_words


def kind_words(kind: Kept) -> tuple[str, str]:
    """A name, and what is in it."""
    return {
        Kept.HANDS: (tr("Raised hands and alerts"), tr("with their answers, for history and charts")),
        Kept.CASES: (tr("How alerts went on"), tr("which steps were run")),
        Kept.NOTES: (tr("Timelines"), tr("the lines of each alert")),
        Kept.SENDS: (tr("Texts and calls"), tr("what was sent to phones, and what became of it")),
        Kept.MESSAGES: (tr("Chat messages"), tr("of everybody, with their search index")),
        Kept.LINES: (tr("Customers’ messages"), tr("and the replies to them")),
        Kept.WEBHOOKS: (tr("Webhook log"), tr("what other systems were told")),
        Kept.AUDIT: (tr("This audit log"), tr("who changed which setting, who read or exported what")),
    }[kind]


def where_words() -> str:
    return tr(
        "All of it lies in the server’s database, in its data folder. It is looked through every hour; what "
        "is older is overwritten."
    )


def trace_words(where: Where) -> tuple[str, str]:
    """What a name stands in, and where that is changed; empty where it is changed at once."""
    settings = tr("It is changed where it was made.")
    return {
        Where.GROUP: (tr("A group"), ""),
        Where.SPACE: (tr("A space"), ""),
        Where.LINE: (tr("A line"), ""),
        Where.POLICY: (tr("A policy"), tr("It is changed under Policies.")),
        Where.CONTACT: (tr("A contact"), tr("It is changed under Policies, Contacts.")),
        Where.INTEGRATION: (tr("An integration"), settings),
        Where.WEBHOOK: (tr("A webhook"), tr("It is changed under Integrations.")),
        Where.MAP: (tr("A room or seat of the map"), tr("It is changed in the map’s file.")),
        Where.MESSAGE: (tr("Chat messages"), tr("They belong to who wrote them, and go in their time.")),
        Where.HAND: (tr("Messages of raised hands"), tr("They go in their time.")),
        Where.TEXT: (tr("Conversations with customers"), tr("They go in their time.")),
    }[where]


def act_words(act: Act) -> str:
    return {
        Act.ADDED: tr("added"),
        Act.CHANGED: tr("changed"),
        Act.REMOVED: tr("removed"),
        Act.READ: tr("read"),
        Act.EXPORTED: tr("exported"),
        Act.ERASED: tr("erased"),
        Act.RESENT: tr("sent again"),
        Act.TESTED: tr("tried out"),
    }[act]


def subject_words(subject: Subject) -> str:
    return {
        Subject.PERSON: tr("person"),
        Subject.GROUP: tr("group"),
        Subject.SPACE: tr("space"),
        Subject.POLICY: tr("policy"),
        Subject.ASSIGNMENT: tr("choice of a policy"),
        Subject.CONTACT: tr("contact"),
        Subject.LINE: tr("line"),
        Subject.CUSTOMER: tr("customer"),
        Subject.PHONE: tr("phone number"),
        Subject.PERMISSION: tr("permission"),
        Subject.HOOK: tr("webhook"),
        Subject.INTEGRATION: tr("integration"),
        Subject.HISTORY: tr("history"),
        Subject.RETENTION: tr("retention"),
        Subject.AUDIT: tr("audit log"),
    }[subject]


def _thing_words(deed: Deed) -> str:
    """What it is called; what has no name of its own is named by the view in which it is set."""
    if deed.subject is Subject.RETENTION and deed.name in set(Kept):
        return kind_words(Kept(deed.name))[0]
    if deed.subject is Subject.PERMISSION and deed.name in set(Right):
        return right_words(Right(deed.name))
    return deed.name


_ASKED = frozenset({Act.READ, Act.EXPORTED, Act.RESENT})
"""What is changed by these is nothing: they tell what was asked for."""


def _change_words(act: Act, change: Change) -> str:
    names = {
        "days": tr("days"),
        "role": tr("role"),
        "name": tr("name"),
        "password": tr("password"),
        "disabled": tr("disabled"),
        "picture": tr("picture"),
        "least": tr("who may"),
        "own": tr("for this person"),
        "policy": tr("policy"),
        "space": tr("space"),
        "map": tr("map"),
        "seat": tr("home seat"),
        "member": tr("member"),
        "enabled": tr("on"),
        "on": tr("on"),
        "cell": tr("cell phone"),
        "minutes": tr("minutes"),
        "number": tr("number"),
        "address": tr("address"),
        "handle": tr("handle"),
        "sign_on": tr("single sign-on"),
        "through": tr("through single sign-on at"),
        "quiet_hours": tr("quiet hours"),
        "conversations": tr("conversations"),
        "messages": tr("messages"),
        "before": tr("before line"),
        "subject": tr("of one kind"),
        "since": tr("from"),
        "until": tr("until"),
        "group": tr("group"),
        "kind": tr("kind"),
        "level": tr("level"),
        "outcome": tr("outcome"),
        "unanswered": tr("unanswered only"),
        "text": tr("text"),
        "rows": tr("rows"),
        "complete": tr("to the end"),
    }
    name = names.get(change.field, change.field)
    before, after = (_value_words(change.field, value) for value in (change.before, change.after))
    if act in _ASKED or change.field == "through":
        return f"{name}: {after}"
    return f"{name}: {before or '–'} → {after or '–'}"


_VALUES: Mapping[str, Mapping[str, str]] = {
    "outcome": dict(OUTCOMES.items()),
    "level": {level: KINDS[CaseKind.ESCALATION, level] for level in Level},
    "kind": {
        CaseKind.ESCALATION: N_("raised hand"),
        CaseKind.PRIORITY: KINDS[CaseKind.PRIORITY, None],
        CaseKind.LINE: KINDS[CaseKind.LINE, None],
    },
}
"""What a history was filtered by, to be translated."""


def _value_words(field: str, value: str) -> str:
    if field == "role" and value in set(Role):
        return role_words(Role(value))
    if field == "least" and value in set(Least):
        return least_words(Least(value))
    if value in _VALUES.get(field, {}):
        return tr_template(_VALUES[field][value], {})
    if field == "subject" and value in set(Subject):
        return subject_words(Subject(value))
    return {"true": tr("yes"), "false": tr("no")}.get(value, value)


def deed_words(deed: Deed, people: Mapping[PersonId, Person], locale: QLocale) -> tuple[str, str]:
    """What was done, in one line; and who did it when, with what changed."""
    about = [_thing_words(deed)] if deed.name else []
    if deed.person is not None:
        about.append(_name(deed.person, people))
    what = tr(
        "{subject} {act}: {what}",
        subject=subject_words(deed.subject),
        act=act_words(deed.act),
        what=", ".join(about),
    )
    if not about:
        what = tr("{subject} {act}", subject=subject_words(deed.subject), act=act_words(deed.act))
    when = locale.toString(QDateTime.fromSecsSinceEpoch(int(deed.at)), QLocale.FormatType.ShortFormat)
    who = _name(deed.by, people) if deed.by is not None else tr("At the server’s command line")
    changes = [_change_words(deed.act, change) for change in deed.changes]
    return what[:1].upper() + what[1:], " · ".join([when, who, *changes])


def _name(person: PersonId, people: Mapping[PersonId, Person]) -> str:
    known = people.get(person)
    return known.name if known is not None else tr("somebody who is not here")
