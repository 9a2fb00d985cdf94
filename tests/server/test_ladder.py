"""The ladder of each recipient and machine, and the channels of their machines, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from app.core import wire
from app.core.commands import AnswerEscalation, LeaveSpace, RaiseEscalation, ReportChannels, ReportRung
from app.core.errors import Code
from app.core.events import LadderClimbed
from app.core.model import (
    ALL_WORK,
    AnswerKind,
    Channel,
    Device,
    DeviceId,
    EscalationId,
    Level,
    PersonId,
    Reach,
    Recipients,
    Role,
    Rung,
    Step,
)
from app.core.session import Folded
from app.server.admin import Admin
from app.server.link import AlertKey
from app.server.main import Server
from tests.helpers.caller import Caller
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, Ids, rows

HAND = EscalationId("hand")
NO_SOUND = Reach((Channel.SOUND,))
NO_TRAY = Reach((Channel.TRAY,), (Channel.NOTIFICATION,))


def red(ids: Ids) -> RaiseEscalation:
    return RaiseEscalation(Level.RED, "line 3", Recipients(groups=(ids.supervisors,)))


def machines(raiser: Caller, person: PersonId) -> dict[str, Rung]:
    line = raiser.me.ladders[HAND].line_of(person)
    assert line is not None
    return {d.device.name: d.rung for d in line.devices}


async def test_each_machine_climbs_for_itself_and_an_answer_counts_where_it_was_given(
    server: Server, ids: Ids
) -> None:
    ann = await Caller.enter(server.url, "ann")
    desk = await Caller.enter(server.url, "bob", device="desk-17")
    laptop = await Caller.enter(server.url, "bob", device="laptop")
    async with ann, desk, laptop:
        assert await ann.do(red(ids), HAND) is None
        await ann.until(lambda: machines(ann, ids.bob) == {"desk-17": Rung.SENT, "laptop": Rung.SENT})
        assert await desk.do(ReportRung(HAND, Rung.SHOWN)) is None
        assert await laptop.do(ReportRung(HAND, Rung.RECEIVED)) is None
        await ann.until(lambda: machines(ann, ids.bob)["laptop"] is Rung.RECEIVED)
        assert machines(ann, ids.bob)["desk-17"] is Rung.SHOWN
        assert ann.me.ladders[HAND].rung_of(ids.bob) is Rung.SHOWN
        assert await laptop.do(AnswerEscalation(HAND, AnswerKind.CHAT)) is None
        await ann.until(lambda: machines(ann, ids.bob)["laptop"] is Rung.ANSWERED)
        assert machines(ann, ids.bob)["desk-17"] is Rung.SHOWN
        assert machines(ann, ids.chie) == {}


async def test_a_machine_that_comes_back_is_the_same_line(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        desk = await Caller.enter(server.url, "bob", device="desk-17")
        async with desk:
            assert await ann.do(red(ids), HAND) is None
            await ann.until(lambda: machines(ann, ids.bob) == {"desk-17": Rung.SENT})
        async with await Caller.come_back(server.url, desk) as again:
            assert await again.do(ReportRung(HAND, Rung.SHOWN)) is None
            await ann.until(lambda: machines(ann, ids.bob) == {"desk-17": Rung.SHOWN})


async def test_a_late_joiner_and_a_restart_know_the_ladder(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        assert await ann.do(red(ids), HAND) is None
        assert await bob.do(ReportRung(HAND, Rung.SHOWN)) is None
        await ann.until(lambda: ann.me.ladders[HAND].rung_of(ids.bob) is Rung.SHOWN)
        async with await Caller.enter(server.url, "ann") as other:
            assert other.me.ladders == ann.me.ladders


CALLED = 200


def steps_of(people: Iterable[PersonId]) -> list[Step]:
    return [Step(p, Rung.SHOWN, Device(DeviceId(f"d{n}"), f"desk-{n}")) for n, p in enumerate(people)]


async def test_a_group_of_two_hundred_costs_lines_and_not_squares(server: Server, ids: Ids) -> None:
    """Every recipient's report is written, in few events; the alert is small however many it calls."""
    with Admin(server.config.data, hasher=HASHER) as admin:
        admin.add_group("everybody", "Everybody")
        for n in range(CALLED):
            admin.add_user(f"p{n}", f"Person {n}", PASSWORD, Role.AGENT)
            admin.add_to_space(SPACE_NAME, f"p{n}")
            admin.add_member("everybody", f"p{n}")
    async with await Caller.enter(server.url, "ann") as ann:
        group = next(g.id for g in ann.space.groups.values() if g.handle == "everybody")
        call = RaiseEscalation(Level.RED, "line 3", Recipients(groups=(group,)))
        assert await ann.do(call, HAND) is None
        called = ann.space.escalations[HAND].notified
        assert len(called) == CALLED
        room = server.spaces.rooms[0]
        before = room.feed.at
        reports = [
            server.gateway.services.rungs.report(AlertKey(room.id, HAND), step) for step in steps_of(called)
        ]
        await asyncio.gather(*reports)
        await ann.until(lambda: all(line.rung is Rung.SHOWN for line in ann.me.ladders[HAND].lines))
        climbs = [
            e for m in ann.heard if isinstance(m, Folded) for e in m.personal if isinstance(e, LadderClimbed)
        ]
        assert sum(len(e.steps) for e in climbs) == CALLED
        assert len(climbs) <= 3
        assert room.feed.at - before <= 3
        assert ann.space.escalations[HAND].unreached == ()
        sql = "SELECT count(*), max(length(payload)) FROM events WHERE instr(payload, CAST('alert' AS BLOB))"
        ((alerts, biggest),) = rows(server, sql)
        assert alerts == CALLED
        assert biggest < 300


async def test_what_one_machine_lacks_another_one_has(server: Server, ids: Ids) -> None:
    def bob_is(reach: Reach) -> bool:
        return ann.space.occupants[ids.bob].reach == reach

    ann = await Caller.enter(server.url, "ann")
    desk = await Caller.enter(server.url, "bob", reach=NO_SOUND)
    async with ann, desk:
        await ann.until(lambda: ids.bob in ann.space.occupants)
        assert bob_is(NO_SOUND)
        laptop = await Caller.enter(server.url, "bob", reach=NO_TRAY)
        async with laptop:
            await ann.until(lambda: bob_is(ALL_WORK))
            assert await laptop.do(ReportChannels(NO_SOUND)) is None
            await ann.until(lambda: bob_is(NO_SOUND))
            assert await laptop.do(ReportChannels(ALL_WORK)) is None
            await ann.until(lambda: bob_is(ALL_WORK))
            async with await Caller.enter(server.url, "chie") as late:
                assert late.space.occupants[ids.bob].reach == ALL_WORK
            assert await laptop.do(LeaveSpace()) is None
            await ann.until(lambda: bob_is(NO_SOUND))
        broken = await Caller.enter(server.url, "bob")
        async with broken:
            await ann.until(lambda: bob_is(ALL_WORK))
        await ann.until(lambda: bob_is(NO_SOUND))
        async with await Caller.enter(server.url, "chie") as late:
            assert late.space.occupants[ids.bob].reach == NO_SOUND


async def test_coming_back_as_before_tells_nobody_anything_about_channels(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        bob = await Caller.enter(server.url, "bob", reach=NO_SOUND)
        async with bob:
            await ann.until(lambda: ids.bob in ann.space.occupants)
        await ann.until(lambda: not ann.space.is_here(ids.bob))
        frames = len(ann.frames)
        async with await Caller.come_back(server.url, bob):
            await ann.until(lambda: ann.space.is_here(ids.bob))
            assert ann.space.occupants[ids.bob].reach == NO_SOUND
            assert not any(b"reach" in frame for frame in ann.frames[frames:])


async def test_channels_are_reported_by_who_is_here_and_in_words_that_exist(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(LeaveSpace()) is None
        assert await ann.do(ReportChannels(NO_SOUND)) is Code.NOT_IN_SPACE
    async with await Caller.enter(server.url, "ann") as ann:
        bad = wire.encode(wire.Do("c", ReportChannels(NO_SOUND))).replace(b"sound", b"smell")
        await ann.socket.send(bad)
        assert (await ann.hear(wire.Bye)).code is Code.BAD_FRAME
