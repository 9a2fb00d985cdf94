"""Kinds of data, and lines of the audit log, in words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QDateTime, QLocale

from app.core.audit import Act, Deed, Subject
from app.core.model import Person, PersonId
from app.core.privacy import Kept
from app.ui.i18n import tr


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
        Subject.TIMELINE: tr("timeline"),
        Subject.RETENTION: tr("retention"),
        Subject.AUDIT: tr("audit log"),
    }[subject]


def deed_words(deed: Deed, people: Mapping[PersonId, Person], locale: QLocale) -> tuple[str, str]:
    """What was done, in one line; and who did it when, with what changed."""
    about = [deed.name] if deed.name else []
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
    changes = [f"{c.field}: {c.before or '–'} → {c.after or '–'}" for c in deed.changes]
    return what[:1].upper() + what[1:], " · ".join([when, who, *changes])


def _name(person: PersonId, people: Mapping[PersonId, Person]) -> str:
    known = people.get(person)
    return known.name if known is not None else tr("somebody who is not here")
