"""Why a text did not arrive, as Twilio says it and as people are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.cases import Mark
from app.core.errors import Code
from tests.helpers.clock import FakeClock
from tests.helpers.phone_network import Person
from tests.helpers.phone_world import BOB, CHIE, PhoneWorld, calling, phone_world, texting
from tests.helpers.running import Ids

LATER = 600.0


@pytest.fixture
async def world(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[PhoneWorld]:
    async with phone_world(data, ids, clock) as made:
        yield made


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ("30003", Code.PHONE_OFF),
        ("30006", Code.PHONE_NO_TEXTS),
        ("30034", "Twilio 30034"),
        ("", Code.NOT_DELIVERED),
        ("nonsense", Code.NOT_DELIVERED),
    ],
)
async def test_why_a_text_did_not_arrive_is_what_twilio_says(
    world: PhoneWorld, ids: Ids, trouble: str, reason: str
) -> None:
    world.network.people[BOB] = Person(delivered=False, trouble=trouble)
    world.raised((60.0, texting(ids.bob)))
    await world.pass_by(60.0)
    assert world.states()[0] == ("sms", "failed", reason)
    assert [note.reason for note in world.notes(Mark.FAILED)] == [reason]


async def test_a_number_that_is_none_fails_at_once(world: PhoneWorld, ids: Ids) -> None:
    world.rows.here.clear()
    world.network.failures.append("400")
    world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
    await world.pass_by(60.0)
    assert world.states()[0] == ("sms", "failed", Code.NUMBER_UNKNOWN)
    assert [call.to for call in world.network.of("call")] == [CHIE]


async def test_after_the_step_s_time_the_next_one_comes(world: PhoneWorld, ids: Ids) -> None:
    world.network.failures.extend(["503"] * 50)
    world.raised((60.0, texting(ids.bob)), (30.0, calling(ids.chie)))
    await world.pass_by(85.0)
    world.network.failures.clear()
    await world.pass_by(60.0)
    assert [(taken.kind, taken.to) for taken in world.network.taken] == [("call", CHIE)]
    assert world.states()[0] == ("sms", "failed", Code.GATEWAY_DOWN)
