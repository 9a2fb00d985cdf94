"""The simulator can fail: each of the known bugs is found, by the check that is meant for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sim import planted
from tests.sim.runner import Stage
from tests.sim.watch import Check

SEEDS = 40
"""Seeds within which a bug has to be found; most take one. Those that need rare faults begin nearer to where
these strike."""


@pytest.mark.parametrize(
    ("bug", "check", "first"),
    [
        (planted.lost_event_at_resume, Check.PHANTOM, 0),  # a skipped number would be refused by the client
        (planted.double_delivery, Check.REPEATED, 4),
        (planted.acknowledged_before_commit, Check.PHANTOM, 0),
        (planted.stale_snapshot, Check.SNAPSHOT, 0),
        (planted.swallowed_disconnect, Check.GHOST, 24),
        (planted.forgotten_step, Check.FORGOTTEN, 0),
        (planted.step_taken_twice, Check.STEPS, 0),
        (planted.step_after_answer, Check.STEPS, 0),
        (planted.step_skipped_by_clock_jump, Check.STEPS, 11),
        (planted.nobody_said_twice, Check.STEPS, 13),
        (planted.sent_twice, Check.SENDS, 0),
        (planted.sent_after_answer, Check.STEPS, 9),
        (planted.text_taken_unwritten, Check.TEXTS, 0),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_known_bug_is_found(here: Stage, bug: Callable[[], Any], check: Check, first: int) -> None:
    for seed in range(first, first + SEEDS):
        with bug():
            violation = here.run(seed).violation
        if violation is not None:
            assert violation.check is check, violation.words
            assert here.run(seed).violation is None, "without the bug this seed holds"
            return
    pytest.fail(f"not found in {SEEDS} seeds")
