"""One's own hand that is not up yet: it waits for the connection, or for a word of the person."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation
from app.core.model import EscalationId, Recipients
from app.core.space import SpaceState
from app.net.client import ConnectionState, Link
from app.net.outbox import Entry
from app.ui.i18n import tr
from app.ui.words import name_of


class Hold(enum.Enum):
    """Why a hand that was asked for is not up."""

    CONNECTION = "connection"
    UNSURE = "unsure"
    """It went out, and the connection broke before the answer: it may be up."""
    SENDING = "sending"
    ASKED = "asked"
    """It is too old, or was refused: it is raised only after a word."""


def waiting_hands(
    space: SpaceState, outbox: Sequence[Entry], connection: ConnectionState
) -> tuple[tuple[Entry, Hold], ...]:
    """Hands that were asked for and are not up, oldest first; none that is only on its way for a moment."""
    found = []
    for entry in outbox:
        if isinstance(entry.command, RaiseEscalation) and EscalationId(entry.id) not in space.escalations:
            hold = _hold(entry, connection)
            if hold is not None:
                found.append((entry, hold))
    return tuple(found)


def _hold(entry: Entry, connection: ConnectionState) -> Hold | None:
    if entry.aside:
        return Hold.ASKED
    if connection.link is Link.PROTECTED:
        return Hold.SENDING if entry.made_at < connection.since else None
    return Hold.UNSURE if entry.tries else Hold.CONNECTION


def unsent_for(outbox: Sequence[Entry], connection: ConnectionState) -> frozenset[EscalationId]:
    """Raised hands whose lowering, or one's answer to them, waits for the connection."""
    if connection.link is Link.PROTECTED:
        return frozenset()
    return frozenset(
        entry.command.escalation
        for entry in outbox
        if isinstance(entry.command, EndEscalation | AnswerEscalation) and not entry.aside
    )


def called(space: SpaceState, to: Recipients) -> tuple[str, ...]:
    """Whom it will call, in words, as it was addressed."""
    groups = (space.groups[group].handle for group in to.groups if group in space.groups)
    everybody = (tr("everyone"),) if to.everyone else ()
    here = (tr("everyone here"),) if to.here else ()
    people = (name_of(space, person) for person in to.people)
    return (*everybody, *here, *(f"@{handle}" for handle in groups), *people)
