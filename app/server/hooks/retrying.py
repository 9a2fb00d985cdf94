"""What an attempt to tell a webhook something came to, and when to try again."""

from __future__ import annotations

from app.core.hooks import HookTrouble, PostState
from app.server.hooks.outgoing import Reply
from app.server.store.hooks import LATEST_S, Claimed, Outcome

DELAYS_S = (5.0, 15.0, 60.0, 300.0, 900.0, 1_800.0, LATEST_S)
"""s until the next attempt, after so many in a row that failed."""
REFUSED_TRIES = 5
"""Attempts at a message that the endpoint understands and does not want, before the next one has its turn."""
OFF_AFTER_S = 3 * 86_400.0
"""s without any success after which nothing is sent there any more."""
GONE = 410
LATER = frozenset({408, 425, 429})
"""What is said to whoever comes at a bad moment (RFC 9110); other 4xx are about the message."""


def outcome(claimed: Claimed, answer: Reply | HookTrouble, now: float, chance: float) -> Outcome:
    """What becomes of a message after an attempt.

    Args:
        now: s.
        chance: between 0 and 1, so that servers that were down together do not come back together.
    """
    if isinstance(answer, HookTrouble):
        return _waits(claimed, now, chance, answer, None, None)
    if answer.good:
        return Outcome(now, PostState.DELIVERED, status=answer.status)
    if answer.status == GONE:
        return Outcome(now, PostState.FAILED, HookTrouble.GONE, answer.status, off=True)
    refused = 400 <= answer.status < 500 and answer.status not in LATER
    if refused and claimed.tries + 1 >= REFUSED_TRIES:
        return Outcome(now, PostState.FAILED, HookTrouble.STATUS, answer.status, off=_long(claimed, now))
    return _waits(claimed, now, chance, HookTrouble.STATUS, answer.status, answer.retry_after)


def _waits(
    claimed: Claimed,
    now: float,
    chance: float,
    trouble: HookTrouble,
    status: int | None,
    retry_after: int | None,
) -> Outcome:
    delay = DELAYS_S[min(claimed.failures, len(DELAYS_S) - 1)] * (0.9 + 0.2 * chance)
    wanted = min(float(retry_after or 0), LATEST_S)
    again_at = now + max(delay, wanted)
    return Outcome(now, PostState.WAITING, trouble, status, again_at, off=_long(claimed, now))


def _long(claimed: Claimed, now: float) -> bool:
    return claimed.failing is not None and now - claimed.failing >= OFF_AFTER_S
