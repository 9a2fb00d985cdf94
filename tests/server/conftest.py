"""A furnished data folder, a clock that stands still, and a running server for each test that asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.server.main import Server
from tests.helpers.clock import FakeClock
from tests.helpers.running import Ids, furnish, running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def ids(data: Path) -> Ids:
    return furnish(data)


@pytest.fixture
async def server(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Server]:
    async with running(data, clock) as started:
        yield started
