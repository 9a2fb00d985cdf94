"""Small words that many views say alike: who somebody is, how long ago, why a hand ended, why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from PySide6.QtCore import QDate, QLocale

from app.core.characters import LABEL_CHARS, isolated, line
from app.core.errors import SENTENCES, Code, Refusal
from app.core.maps import SpaceMap
from app.core.model import EndReason, Occupant, Person, PersonId, Recipients, Role, Status
from app.core.space import SpaceState
from app.net.problems import PROBLEMS, Problem
from app.ui.i18n import N_, tr, tr_template, trn

STATUS_WORDS = {
    Status.AVAILABLE: N_("Available"),
    Status.ON_CALL: N_("On a call"),
    Status.BUSY: N_("Busy"),
    Status.AWAY: N_("Away"),
}

ROLE_WORDS = {Role.AGENT: N_("Agent"), Role.SUPERVISOR: N_("Supervisor"), Role.ADMIN: N_("Admin")}

END_WORDS = {
    EndReason.BUTTON: N_("Your hand is lowered."),
    EndReason.MEETING_ROOM: N_("Your hand was lowered: you entered a meeting room."),
    EndReason.AWAY: N_("Your hand was lowered: you set your status to away."),
    EndReason.LEFT: N_("Your hand was lowered: you left the space."),
    EndReason.CONNECTION_LOST: N_("Your hand was lowered: the connection was lost for too long."),
    EndReason.REMOVED: N_("Your hand was lowered: you were removed from the space."),
    EndReason.PROGRAM: N_("Your hand was lowered by another program."),
}


class _Ellipsis(dict[str, object]):
    """A refusal whose field is missing still shows its sentence."""

    def __missing__(self, key: str) -> str:
        return "…"


REASONS = (
    N_("disk full"),
    N_("disk error"),
    N_("database busy"),
    N_("database damaged"),
    N_("database is read-only"),
    N_("database error"),
)
"""Why a server could not save, in its own words."""


def refusal_words(refusal: Refusal) -> str:
    """The sentence of a refusal in the window's language."""
    template = tr_template(SENTENCES[refusal.code], {})
    fields = _Ellipsis()
    for name, field in refusal.fields.items():
        fields[name] = isolated(line(field, LABEL_CHARS)) if isinstance(field, str) else field
    if refusal.fields.get("reason") in REASONS:
        fields["reason"] = tr_template(str(refusal.fields["reason"]), {})
    return template.format_map(fields)


def reason_of(reason: str) -> str:
    """Why it failed: the sentence of a refusal's code, or a gateway's own words."""
    if reason in set(Code):
        return refusal_words(Refusal(Code(reason)))
    return tr("the gateway says “{words}”", words=isolated(reason)) if reason else ""


def problem_words(problem: Problem) -> str:
    """The sentence of a trouble on the way, in the window's language."""
    return tr_template(PROBLEMS[problem.code], {}).format_map(problem.fields)


def status_words(status: Status, auto_away: bool = False) -> str:
    word = tr_template(STATUS_WORDS[status], {})
    return tr("{status}, away from the screen", status=word) if auto_away else word


def presence_words(occupant: Occupant | None) -> str:
    """What a person is doing, in one or a few words."""
    if occupant is None:
        return tr("Not here")
    if not occupant.connected:
        return tr("Connection lost")
    return status_words(occupant.status, occupant.auto_away)


def role_words(role: Role) -> str:
    return tr_template(ROLE_WORDS[role], {})


def end_words(reason: EndReason) -> str:
    """Why one's own hand went down."""
    return tr_template(END_WORDS[reason], {})


def name_of(space: SpaceState | None, person: PersonId) -> str:
    found = space.people.get(person) if space else None
    return found.name if found else tr("Somebody who left")


def person_of(space: SpaceState | None, person: PersonId) -> Person:
    """The person, or a stand-in for one who is no longer a member."""
    found = space.people.get(person) if space else None
    return found or Person(id=person, handle="", name=tr("Somebody who left"))


def where_words(space_map: SpaceMap | None, occupant: Occupant | None) -> str:
    """The zone somebody stands in, by its name; empty outside of all zones."""
    if space_map is None or occupant is None or occupant.zone is None:
        return ""
    return next((zone.name for zone in space_map.zones if zone.id == occupant.zone), "")


def recipients_words(space: SpaceState, to: Recipients, me: PersonId) -> str:
    """Whom something is for, without oneself: the title of a conversation."""
    if to.everyone:
        return tr("Everyone")
    groups = [f"@{space.groups[g].handle}" for g in to.groups if g in space.groups]
    people = [name_of(space, p) for p in to.people if p != me]
    here = [tr("Everyone here")] if to.here else []
    return listed([*here, *groups, *people]) or tr("Only you")


def in_a_row(parts: Iterable[str], between: str = "") -> str:
    """What is not empty, with commas (or ``between``); each part keeps its own direction of writing."""
    return (between or tr(", ")).join(isolated(part) for part in parts if part)


def listed(names: Sequence[str], at_most: int = 3) -> str:
    """“Mia, Ben and 3 more”"""
    shown = list(names[:at_most])
    rest = len(names) - len(shown)
    text = in_a_row(shown)
    return trn("{names} and {n} more", "{names} and {n} more", rest, names=text) if rest else text


def elapsed(seconds: float) -> str:
    """``0:38``, ``12:04``, ``1:02:03``: how long something runs."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock_time(at: float) -> str:
    """``14:31``, local time of ``at`` (s since the epoch)."""
    return datetime.fromtimestamp(at).strftime("%H:%M")


def day_of(at: float) -> date:
    return datetime.fromtimestamp(at).date()


def day_words(day: date, today: date, locale: QLocale) -> str:
    """“Today”, “Yesterday”, or the date as the language writes it."""
    if day == today:
        return tr("Today")
    if (today - day).days == 1:
        return tr("Yesterday")
    return locale.toString(QDate(day.year, day.month, day.day), QLocale.FormatType.LongFormat)


def moment_words(at: float, now: float, locale: QLocale) -> str:
    """The time for today, the day for what is older; short, for the end of a line."""
    day, today = day_of(at), day_of(now)
    if day == today:
        return clock_time(at)
    if (today - day).days == 1:
        return tr("Yesterday")
    return locale.toString(QDate(day.year, day.month, day.day), QLocale.FormatType.ShortFormat)
