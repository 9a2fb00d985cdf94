"""One furnished database for all simulations of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sim.runner import Stage, stage


@pytest.fixture(scope="package")
def here() -> Iterator[Stage]:
    with stage() as furnished:
        yield furnished
