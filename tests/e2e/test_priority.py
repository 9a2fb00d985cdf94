"""A priority message on the two machines of one person: both sound, again and again; one reads, both rest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from app.core.commands import SendMessage
from app.core.model import MessageId, Recipients
from app.core.policy import AnswerWay, Assignment, CaseKind, Policy, PolicyId, PolicyStep, Repeat
from app.core.policy_questions import AssignPolicy, SavePolicy
from app.core.questions import Result
from app.demo.cast import SUPERVISOR
from app.demo.center import Center
from tests.e2e.desk import Desk
from tests.helpers.caller import Caller
from tests.helpers.desktop import VirtualDesktop, eventually
from tests.helpers.desktop.sound import Recording

AUTHOR, LEADER = "finn", "quentin"
URGENT = MessageId("urgent")
EVERY = 10.0
"""s between two calls, by a policy of the space."""
QUICK = Policy(
    PolicyId("quick"), "Quick", CaseKind.PRIORITY, (PolicyStep(EVERY, Repeat(EVERY, 5)),), version=0
)


@pytest.fixture
def center() -> Iterator[Center]:
    with Center() as made:
        yield made


async def prepare(center: Center) -> None:
    async with await Caller.enter(center.url, LEADER, center.password) as leader:
        space = leader.space.space.id
        for question in (
            SavePolicy(space, QUICK),
            AssignPolicy(Assignment(space, CaseKind.PRIORITY, QUICK.id)),
        ):
            assert isinstance(await leader.ask(question), Result)


async def send(center: Center) -> None:
    async with await Caller.enter(center.url, AUTHOR, center.password) as author:
        to = next(p.id for p in author.space.people.values() if p.handle == SUPERVISOR.handle)
        message = SendMessage("Contract 4471?", Recipients(people=(to,)), priority=True)
        assert await author.do(message, URGENT) is None


async def answers(center: Center) -> list[AnswerWay]:
    async with await Caller.enter(center.url, AUTHOR, center.password) as author:
        return [answer.way for answer in author.me.priorities[URGENT].answers]


def sounded(recording: Recording, times: int) -> bool:
    return recording.levels().bursts() >= times


def rests(desk: Desk) -> bool:
    return not desk.popups() and desk.desktop.sound.playing() == 0


def test_it_sounds_on_both_until_it_is_read_on_one_and_takes_the_keyboard_from_nobody(
    center: Center, make_desktop: Callable[..., VirtualDesktop]
) -> None:
    asyncio.run(prepare(center))
    desks = [Desk(make_desktop(), SUPERVISOR.handle, center.url) for _ in range(2)]
    for desk in desks:
        desk.open("--lang", "en")
        desk.sign_in(password=center.password)
    probe = desks[0].desktop.focus_probe()
    losses = probe.state().losses
    with ExitStack() as stack:
        heard = [stack.enter_context(desk.desktop.sound.recording()) for desk in desks]
        asyncio.run(send(center))
        for desk, recording in zip(desks, heard, strict=True):
            eventually(desk.popups, within=15, what="it is on the screen")
            eventually(partial(sounded, recording, 2), within=15, what="it sounds")
        # Each call sounds twice, so a third burst is the next one.
        for recording in heard:
            eventually(partial(sounded, recording, 3), within=3 * EVERY, what="again")
        probe.type("still here")
        state = probe.wait_for("still here")
        assert (state.focused, state.losses) == (True, losses)
        desks[0].click_popup("Mark as read")
        for desk in desks:
            eventually(partial(rests, desk), within=10, what="nothing stands there and nothing sounds")
    assert asyncio.run(answers(center)) == [AnswerWay.READ]
