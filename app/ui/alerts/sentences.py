"""The sentences of an alert, the same in the pop-up, the notification and the announcement."""

from __future__ import annotations

from app.ui.alerts.views import AlertView, Phase
from app.ui.i18n import tr, trn
from app.ui.words import in_a_row, listed, status_words

SEPARATOR = " · "
SHOWN_CHARS = 240
"""Of a priority message in the pop-up, or a customer's text; the whole of it is in the chat."""


def headline(view: AlertView) -> str:
    """The header of a card."""
    if view.test:
        return tr("Test alert")
    if view.priority:
        return tr("Priority message")
    return tr("Answered") if view.phase is Phase.CALM else tr("Red escalation")


def place(view: AlertView) -> str:
    """Where the raiser is and what they do: ``desk row 1 · On a call``."""
    raiser = view.raiser
    status = status_words(raiser.status, raiser.auto_away) if raiser.status is not None else ""
    return in_a_row((raiser.where, status), SEPARATOR)


def message(view: AlertView) -> str:
    """What the raiser wrote, or a line that stands for nothing written; the beginning of a long message."""
    if view.priority:
        return beginning(view.message)
    return view.message or tr("Hand raised without a message")


def beginning(text: str) -> str:
    """On one line, and cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_CHARS else f"{text[: SHOWN_CHARS - 1].rstrip()}…"


def helpers(view: AlertView) -> str:
    """Who comes or talks; empty when nobody does."""
    parts = []
    if view.coming:
        n = len(view.coming)
        parts.append(trn("{names} is on the way", "{names} are on the way", n, names=listed(view.coming)))
    if view.chatting:
        n = len(view.chatting)
        parts.append(trn("{names} is chatting", "{names} are chatting", n, names=listed(view.chatting)))
    return SEPARATOR.join(parts)


def others(view: AlertView) -> str:
    """Who will not come: declined, not reached; empty when there is nothing to say."""
    parts = []
    if view.declined:
        n = len(view.declined)
        parts.append(trn("{names} can’t now", "{names} can’t now", n, names=listed(view.declined)))
    if view.unreached:
        n = len(view.unreached)
        parts.append(trn("{names} not reached", "{names} not reached", n, names=listed(view.unreached)))
    return SEPARATOR.join(parts)


def calling(view: AlertView) -> str:
    """The title of a notification, and of a pop-up as a screen reader names it."""
    if view.test:
        return tr("Test alert")
    if view.priority:
        return tr("Priority message from {name}", name=view.raiser.name)
    return tr("{name} needs help", name=view.raiser.name)


def body(view: AlertView) -> str:
    """The text of a notification: message, then place. Plain text, other people's words in it."""
    return "\n".join(line for line in (message(view), place(view)) if line)


def announcement(view: AlertView) -> str:
    """What a screen reader says when it comes up, in one breath."""
    return tr(
        "{headline}: {name}. {message}",
        headline=headline(view),
        name=view.raiser.name,
        message=message(view),
    )
