"""What the sign-in page says about the secret store, about the address, and about a server that is away."""

from __future__ import annotations

from app.net.changes import ConnectionState
from app.net.credentials import Obstacle
from app.net.problems import Trouble
from app.ui.i18n import tr
from app.ui.words import problem_words, refusal_words

CLOSED = (Obstacle.LOCKED, Obstacle.SLOW)
"""Locked; or waiting for somebody to unlock it, which looks the same from here."""
ADDRESS_TROUBLES = frozenset(
    {
        Trouble.ADDRESS_EMPTY,
        Trouble.ADDRESS_SCHEME,
        Trouble.ADDRESS_HOST,
        Trouble.ADDRESS_PORT,
        Trouble.ADDRESS_EXTRA,
        Trouble.UNKNOWN_HOST,
        Trouble.NO_ANSWER,
        Trouble.NOT_HANDRAISE,
    }
)
"""Those that another server address may cure."""


def store_words(present: bool, obstacle: Obstacle | None) -> str:
    """Where the session is kept, or why it cannot be.

    Args:
        obstacle: what was met when it was last looked for there.
    """
    if not present:
        return tr("This machine has no place for secrets: you stay signed in until Handraise ends.")
    if obstacle in CLOSED:
        return tr(
            "This system's secret store is locked or does not answer. Until it is unlocked, you stay signed "
            "in only until Handraise ends."
        )
    if obstacle is Obstacle.OUTDATED:
        return tr("This system's secret store did not take your last session: sign in with the password.")
    if obstacle is not None:
        return tr("This system's secret store does not work: you stay signed in until Handraise ends.")
    return tr("The session is kept in this system's secret store; the password is not kept.")


def not_kept_words(obstacle: Obstacle | None) -> str:
    """The session was to be kept and is not."""
    if obstacle in CLOSED:
        return tr("This system's secret store is locked or does not answer: sign in again at the next start.")
    if obstacle is Obstacle.NO_KEYRING:
        return tr("This machine has no place for secrets: sign in again at the next start.")
    return tr("This system's secret store did not take the session: sign in again at the next start.")


def waiting_words(state: ConnectionState) -> str:
    """Why the session of the last time is not back yet."""
    reason = ""
    if state.refusal is not None:
        reason = refusal_words(state.refusal)
    elif state.problem is not None:
        reason = problem_words(state.problem)
    going_on = tr("Handraise goes on trying; you can also sign in with the password.")
    return tr("{reason} {then}", reason=reason, then=going_on) if reason else going_on
