"""How many texts and calls a case may cost, and when people want none."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.cases import Mark, SendId
from app.core.errors import Code, Refused
from app.core.model import SpaceId
from app.core.phone_questions import QuietHours
from app.core.report_questions import GetBoard
from app.server.delivery.base import Parcel
from app.server.store.contacts import Caps, Charge
from tests.helpers.clock import FakeClock
from tests.helpers.phone_world import (
    BOB,
    DUTY,
    DUTY_PHONE,
    calling,
    phone_world,
    texting,
)
from tests.helpers.running import Ids

LATER = 600.0


async def test_a_number_is_not_texted_without_end(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with phone_world(data, ids, clock, Caps(target=2, person=5, server=9)) as world:
        world.raised(*[(60.0, texting(ids.bob, contacts=[DUTY_PHONE]))] * 3, (LATER, calling(ids.chie)))
        await world.pass_by(180.0)
        assert sorted(taken.to for taken in world.network.taken) == [DUTY, DUTY, BOB, BOB]
        assert [note.reason for note in world.notes(Mark.FAILED)] == [Code.CAP_TARGET] * 2
        assert world.carriers.reached[Code.CAP_TARGET] == 2


async def test_nor_is_the_server_s_money_spent_without_end(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with phone_world(data, ids, clock, Caps(target=9, person=9, server=3)) as world:
        world.raised(*[(60.0, texting(ids.bob, ids.chie))] * 2, (7_200.0, texting(ids.bob)))
        await world.pass_by(120.0)
        assert len(world.network.taken) == 3
        assert [note.reason for note in world.notes(Mark.FAILED)] == [Code.CAP_SERVER]
        board = GetBoard(ids.space, 0.0)
        capped = (await world.store.reports.board(board, clock.now())).capped
        assert capped is not None
        assert (capped.count, capped.limit, clock.now() - capped.at < 120.0) == (1, Code.CAP_SERVER, True)
        assert (await world.store.reports.board(GetBoard(SpaceId("other"), 0.0), clock.now())).capped is None
        await world.pass_by(7_200.0, step=1_200.0)
        assert len(world.network.taken) == 4  # an hour later there is room again
        assert (await world.store.reports.board(board, clock.now())).capped is None


async def test_replies_to_customers_leave_room_for_alerts(data: Path, ids: Ids, clock: FakeClock) -> None:
    async with phone_world(data, ids, clock, Caps(target=9, person=9, server=3)) as world:
        for number in (1, 2):
            reply = Parcel(SendId(f"reply-{number}"), "sms", "+819011110001", "On its way")
            await world.carriers.charge(reply, None, None)
        with pytest.raises(Refused) as caught:
            await world.carriers.charge(reply, None, None)
        assert caught.value.refusal.code is Code.CAP_SERVER
        world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.chie)))
        await world.pass_by(60.0)
        assert [taken.to for taken in world.network.taken] == [BOB]


@pytest.mark.parametrize(
    ("wall", "quiet"),
    [
        (1_743_278_400.0, True),  # 2025-03-29 21:00 in Berlin
        (1_743_303_600.0, True),  # 2025-03-30 05:00, after 2:00 had become 3:00
        (1_743_310_800.0, False),  # 07:00
        (1_761_433_200.0, True),  # 2025-10-26 01:00
        (1_761_440_400.0, True),  # 02:00, the second time
        (1_761_458_400.0, False),  # 07:00
    ],
)
async def test_quiet_hours_go_by_the_clock_on_the_wall(
    data: Path, ids: Ids, wall: float, quiet: bool
) -> None:
    clock = FakeClock(epoch=wall - 60.0)
    async with phone_world(data, ids, clock) as world:
        night = QuietHours(21 * 60, 6 * 60, "Europe/Berlin")
        await world.has_phone(ids.bob, BOB, night)
        world.raised((60.0, texting(ids.bob)), (LATER, calling(contacts=[DUTY_PHONE])))
        await world.pass_by(60.0)
        assert [taken.to for taken in world.network.taken] == ([] if quiet else [BOB])
        assert world.states()[0][2] == (Code.QUIET_HOURS if quiet else "")


async def test_what_was_sent_before_the_quiet_hours_was_sent(data: Path, ids: Ids) -> None:
    clock = FakeClock(epoch=1_743_278_400.0 - 100.0)  # 2025-03-29, 100 s before 21:00 in Berlin
    async with phone_world(data, ids, clock) as world:
        await world.has_phone(ids.bob, BOB, QuietHours(21 * 60, 6 * 60, "Europe/Berlin"))
        world.network.hold = True
        world.raised((60.0, texting(ids.bob)), (LATER, calling(contacts=[DUTY_PHONE])))
        await world.pass_by(130.0)
        assert world.states() == [("sms", "sent", "")]


@pytest.mark.parametrize(("back", "room"), [(1_800.0, False), (86_400.0, True)])
async def test_a_clock_that_was_set_back_neither_doubles_a_cap_nor_closes_it_for_a_day(
    data: Path, ids: Ids, clock: FakeClock, back: float, room: bool
) -> None:
    async with phone_world(data, ids, clock, Caps(target=1, person=9, server=9)) as world:
        at, contacts = clock.now(), world.store.contacts
        assert await contacts.charge(Charge(at, "sms", "number", None, None), world.carriers.caps) is None
        again = await contacts.charge(Charge(at - back, "sms", "number", None, None), world.carriers.caps)
        assert again is (None if room else Code.CAP_TARGET)


async def test_a_phone_that_answers_every_text_by_itself_is_not_answered_without_end(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with phone_world(data, ids, clock, Caps(target=6, person=9, server=9)) as world:
        world.raised((60.0, texting(ids.bob)), (LATER, calling(ids.bob)))
        await world.pass_by(61.0)
        said = [await world.network.text(BOB, "I am driving and answer later") for _ in range(5)]
        assert [bool(words) for words in said] == [True, True, False, False, False]
        await world.pass_by(LATER)
        assert [taken.to for taken in world.network.of("call")] == [BOB], "there is room for alerts"


async def test_no_two_texts_to_a_number_have_the_same_code(data: Path, ids: Ids, clock: FakeClock) -> None:
    """The older alert could not be answered any more, and its code answered the newer one."""
    async with phone_world(data, ids, clock) as world:
        contacts = world.store.contacts
        for send, fresh, code in (
            ("one", "9999", "9999"),
            ("two", "9999", "1000"),
            ("three", "1000", "1001"),
            ("one", "5555", "9999"),
        ):
            assert await contacts.code_for("number", SendId(send), fresh, clock.now()) == code
        assert await contacts.code_for("other", SendId("four"), "9999", clock.now()) == "9999"
        assert await contacts.send_of_code("number", "9999") == "one"
