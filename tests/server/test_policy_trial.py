"""A test of a policy on a running server: real steps, one person, nothing of it in history."""

from __future__ import annotations

import msgspec

from app.core.audit import Act, Subject
from app.core.cases import CaseAnswer, CaseId, Mark
from app.core.commands import RaiseEscalation
from app.core.errors import Code
from app.core.events import CaseNoted
from app.core.model import Level, Recipients
from app.core.policy import (
    AnswerWay,
    Assignment,
    CaseKind,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
    Text,
)
from app.core.policy_questions import AssignPolicy, EndTrial, GetTrial, SavePolicy, StartTrial, Trial
from app.core.questions import Done
from app.core.report_questions import Alerts, ListAlerts
from app.core.session import Folded
from app.server.main import Server
from app.server.store.audit import Wanted
from app.server.store.cases import Health
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import Ids, rows

RED = CaseKind.ESCALATION


def policy(ids: Ids) -> Policy:
    """Whoever else is named in it."""
    steps = (
        PolicyStep(60.0, Notify(Recipients(people=(ids.chie, ids.dev)))),
        PolicyStep(60.0, Text(Reached(Recipients(people=(ids.chie,)), called=True))),
    )
    return Policy(PolicyId("night"), "Night", RED, steps, version=0)


async def started(bob: Caller, ids: Ids) -> Trial:
    trial = await bob.ask(StartTrial(ids.space, policy(ids)))
    assert isinstance(trial, Trial)
    return trial


async def get(bob: Caller, trial: Trial) -> Trial:
    now = await bob.ask(GetTrial(trial.case))
    assert isinstance(now, Trial)
    return now


def noted(caller: Caller) -> list[CaseNoted]:
    frames = [heard for heard in caller.heard if isinstance(heard, Folded)]
    every = [event for frame in frames for event in (*frame.space, *frame.personal)]
    return [event for event in every if isinstance(event, CaseNoted)]


async def test_it_runs_and_only_the_tester_hears_of_it(server: Server, ids: Ids, clock: FakeClock) -> None:
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "chie") as chie,
    ):
        trial = await started(bob, ids)
        assert [note.mark for note in trial.notes] == [Mark.OPENED, Mark.CALLED]
        assert trial.ahead[0].at == clock.now() + 60.0
        clock.epoch += 61.0  # and no connection is older for it
        await server.engine.look()
        await bob.until(lambda: bool(noted(bob)))
        after = await get(bob, trial)
        assert after.notes[-1].mark is Mark.CALLED
        assert after.notes[-1].people == (ids.bob,)
        await chie.ask(ListAlerts(ids.space))
        assert noted(chie) == []
        assert chie.me.alerts == {}


async def test_the_text_goes_to_the_tester_alone_and_says_that_it_is_a_test(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        trial = await started(bob, ids)
        for _ in range(2):
            clock.epoch += 61.0
            await server.engine.look()
    case = await server.store.cases.case(trial.case)
    assert case is not None
    (hope,) = case.hopes
    outgoing = await server.store.outbox.find(hope)
    assert outgoing is not None
    assert (outgoing.send.person, outgoing.send.contact) == (ids.bob, None)
    assert outgoing.send.text == "TEST. Nobody needs help: “Night” is being tried."


async def test_only_supervisors_start_one_and_nobody_sees_that_of_another(server: Server, ids: Ids) -> None:
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "eva") as eva,
        await Caller.enter(server.url, "ann") as ann,
    ):
        assert await ann.ask(StartTrial(ids.space, policy(ids))) is Code.NOT_FOUND
        empty = msgspec.structs.replace(policy(ids), steps=(PolicyStep(0.0, Notify(Recipients())),))
        assert await bob.ask(StartTrial(ids.space, empty)) is Code.POLICY_INVALID
        trial = await started(bob, ids)
        for other in (ann, eva):
            assert await other.ask(GetTrial(trial.case)) is Code.NOT_FOUND
            assert await other.ask(EndTrial(trial.case)) is Code.NOT_FOUND
        ended = await bob.ask(EndTrial(trial.case))
        assert isinstance(ended, Trial)
        assert ended.over
    (_, deed), *_ = (await server.store.audit.read(Wanted(subject=Subject.POLICY))).deeds
    assert (deed.act, deed.by, deed.name) == (Act.TESTED, ids.bob, "Night")


async def test_an_answer_by_phone_ends_it(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        trial = await started(bob, ids)
        answer = CaseAnswer(AnswerWay.KEY, server.clock.now(), ids.bob)
        assert await server.cases.answered(trial.case, answer)
        assert (await get(bob, trial)).over
        assert not await server.cases.answered(trial.case, answer)


async def test_no_figure_counts_it(server: Server, ids: Ids, clock: FakeClock) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        await started(bob, ids)
        for _ in range(2):
            clock.epoch += 61.0
            await server.engine.look()
    assert len(rows(server, "SELECT 1 FROM sends")) == 1
    clock.epoch += 3_600.0
    health = await server.store.cases.health(clock.now(), 0.0)
    assert health == Health(open={}, waiting=0, oldest_waiting=None, late=0, latest=0.0, sends={})
    assert server.engine.figures.steps == 0


async def test_history_knows_nothing_of_it(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        trial = await started(bob, ids)
        await bob.ask(EndTrial(trial.case))
        listed = await bob.ask(ListAlerts(ids.space))
        assert isinstance(listed, Alerts)
        assert listed.records == ()


async def test_a_running_case_keeps_the_version_it_began_with(server: Server, ids: Ids) -> None:
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "ann") as ann,
    ):
        first = policy(ids)
        await bob.ask(SavePolicy(ids.space, first))
        assert await bob.ask(AssignPolicy(Assignment(ids.space, RED, first.id))) == Done()
        red = RaiseEscalation(Level.RED, "help", Recipients(people=(ids.bob,)))
        assert await ann.do(red, "before") is None
        again = msgspec.structs.replace(first, steps=first.steps[:1], version=1)
        await bob.ask(SavePolicy(ids.space, again))
        case = await server.store.cases.case(CaseId("before"))
        assert case is not None
        assert (case.policy.version, len(case.policy.steps)) == (1, 2)
