"""The simulator can fail: each of seven known bugs is found, by the check that is meant for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sim import planted
from tests.sim.runner import Stage
from tests.sim.watch import Check

SEEDS = 40
"""Seeds within which a bug has to be found; most take one, double delivery needs one of the rarer faults."""


@pytest.mark.parametrize(
    ("bug", "check"),
    [
        (planted.lost_event_at_resume, Check.PHANTOM),  # a skipped number would be refused by the client
        (planted.double_delivery, Check.REPEATED),
        (planted.acknowledged_before_commit, Check.PHANTOM),
        (planted.stale_snapshot, Check.SNAPSHOT),
        (planted.swallowed_disconnect, Check.GHOST),
        (planted.forgotten_step, Check.FORGOTTEN),
        (planted.step_taken_twice, Check.STEPS),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_known_bug_is_found(here: Stage, bug: Callable[[], Any], check: Check) -> None:
    for seed in range(SEEDS):
        with bug():
            violation = here.run(seed).violation
        if violation is not None:
            assert violation.check is check, violation.words
            assert here.run(seed).violation is None, "without the bug this seed holds"
            return
    pytest.fail(f"not found in {SEEDS} seeds")
