"""Why a text did not arrive, as Twilio says it and as people are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.cases import Mark
from app.core.errors import Code
from tests.helpers.clock import FakeClock
from tests.helpers.phone_network import Person
from tests.helpers.phone_world import BOB, PhoneWorld, phone_world, texting
from tests.helpers.running import Ids


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
