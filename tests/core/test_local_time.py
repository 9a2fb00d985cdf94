"""Local hours and days, against the system's own table of zones."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.core.local_time import DAY, LocalTime, offsets_of
from tests.server.test_reports import offset

START = datetime(2025, 3, 1, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
)
def test_hours_and_days_are_those_of_the_place(zone: str) -> None:
    there, rng = ZoneInfo(zone), random.Random(zone)
    end = START + 800 * DAY
    offsets = offsets_of(offset(there), START, end)
    local = LocalTime(offsets)
    changes = [at for at, _ in offsets[1:]]
    near = [at + shift for at in changes for shift in (-3_600.5, -0.5, 0.0, 0.5, 3_599.5)]
    for at in [*near, *(rng.uniform(START, end) for _ in range(300))]:
        right = datetime.fromtimestamp(at, there)
        assert local.hour(at) == right.hour, right
        assert local.day(at) == (right.date() - datetime(1970, 1, 1).date()).days, right


def test_a_change_is_told_from_its_first_second_on() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    offsets = offsets_of(offset(berlin), START, START + 365 * DAY)
    changes = [datetime.fromtimestamp(at, UTC).isoformat() for at, _ in offsets[1:]]
    assert changes == ["2025-03-30T01:00:00+00:00", "2025-10-26T01:00:00+00:00"]
    assert [ahead for _, ahead in offsets] == [3_600, 7_200, 3_600]


def test_before_the_first_offset_it_is_valid_already() -> None:
    assert LocalTime(((1_000.0, 3_600),)).hour(0.0) == 1
