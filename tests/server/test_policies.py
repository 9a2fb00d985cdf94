"""Policies of a space: who may change them, two who change the same one, and which one is run for whom."""

from __future__ import annotations

import msgspec
import pytest

from app.core.audit import Act, Subject
from app.core.calls import PhoneWay
from app.core.errors import Code, Refusal
from app.core.model import PersonId, Recipients
from app.core.policy import (
    BUILT_IN,
    Assignment,
    CaseKind,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
)
from app.core.policy_questions import (
    AssignPolicy,
    DeletePolicy,
    ListPolicies,
    Policies,
    PolicyOutcome,
    PolicyQuery,
    SavePolicy,
    UnassignPolicy,
)
from app.core.questions import Done
from app.server.main import Server
from app.server.store.audit import Wanted
from tests.helpers.caller import Caller
from tests.helpers.running import Ids
from tests.server.test_outreach import SilentGateway
from tests.server.test_strangers import answer

RED = CaseKind.ESCALATION
NIGHT, DAY = PolicyId("night"), PolicyId("day")


def named(number: PolicyId, name: str, to: PersonId, version: int = 0) -> Policy:
    return Policy(number, name, RED, (PolicyStep(60.0, Notify(Recipients(people=(to,)))),), version)


async def saved(caller: Caller, ids: Ids, policy: Policy) -> Policy:
    outcome = await caller.ask(SavePolicy(ids.space, policy))
    assert isinstance(outcome, PolicyOutcome)
    assert outcome.done
    assert outcome.stored is not None
    return outcome.stored.policy


async def listed(caller: Caller, ids: Ids) -> Policies:
    policies = await caller.ask(ListPolicies(ids.space))
    assert isinstance(policies, Policies)
    return policies


async def test_what_a_supervisor_saves_an_admin_sees(server: Server, ids: Ids) -> None:
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "eva") as eva,
    ):
        assert await listed(eva, ids) == Policies()
        night = await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        assert night.version == 1
        told = await listed(eva, ids)
        assert [stored.policy for stored in told.policies] == [night]
        assert told.policies[0].by == ids.bob
        again = await saved(eva, ids, msgspec.structs.replace(night, name="Nights"))
        assert (again.version, again.name) == (2, "Nights")
        assert [stored.by for stored in (await listed(bob, ids)).policies] == [ids.eva]


async def test_it_is_said_how_the_server_reaches_phones(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        assert (await listed(bob, ids)).ways == ()
        server.phones.carriers.add(PhoneWay.CALL, SilentGateway())
        assert (await listed(bob, ids)).ways == (PhoneWay.CALL,)


async def test_agents_learn_and_change_nothing(server: Server, ids: Ids) -> None:
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "ann") as ann,
    ):
        night = await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        asked: list[PolicyQuery] = [
            ListPolicies(ids.space),
            SavePolicy(ids.space, msgspec.structs.replace(night, name="Mine")),
            SavePolicy(ids.space, named(DAY, "Day", ids.ann)),
            DeletePolicy(ids.space, NIGHT, 1),
            AssignPolicy(Assignment(ids.space, RED, NIGHT, ids.ann)),
            UnassignPolicy(ids.space, RED, NIGHT),
        ]
        for question in asked:
            assert await ann.ask(question) is Code.NOT_FOUND
        told = await listed(bob, ids)
        assert [stored.policy for stored in told.policies] == [night]
        assert told.assignments == ()


async def test_of_two_who_change_it_the_second_is_shown_the_first(server: Server, ids: Ids) -> None:
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "chie") as chie,
    ):
        night = await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        theirs = await saved(chie, ids, msgspec.structs.replace(night, again=2))
        late = SavePolicy(ids.space, msgspec.structs.replace(night, name="Late"))
        outcome = await bob.ask(late)
        assert isinstance(outcome, PolicyOutcome)
        assert not outcome.done
        assert outcome.stored is not None
        assert (outcome.stored.policy, outcome.stored.by) == (theirs, ids.chie)
        assert (await bob.ask(DeletePolicy(ids.space, NIGHT, 1))) == outcome
        assert [stored.policy for stored in (await listed(bob, ids)).policies] == [theirs]
        assert await chie.ask(DeletePolicy(ids.space, NIGHT, 2)) == PolicyOutcome(done=True)
        assert await bob.ask(late) == PolicyOutcome(done=False)
        assert (await listed(bob, ids)).policies == ()


async def test_what_is_wrong_is_refused_whoever_sends_it(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        nobody = named(NIGHT, "Night", PersonId("nobody"))
        told = await answer(bob, SavePolicy(ids.space, nobody))
        assert told == Refusal(Code.POLICY_INVALID, {"flaw": "unknown_person", "step": 1})
        standard = msgspec.structs.replace(BUILT_IN[RED], version=0)
        assert await bob.ask(SavePolicy(ids.space, standard)) is Code.POLICY_INVALID
        await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        told = await answer(bob, SavePolicy(ids.space, named(DAY, "nIGHT", ids.chie)))
        assert told == Refusal(Code.POLICY_INVALID, {"flaw": "name_taken"})
        other = msgspec.structs.replace(named(NIGHT, "Night", ids.chie, 1), kind=CaseKind.LINE)
        assert await bob.ask(SavePolicy(ids.space, other)) is Code.POLICY_INVALID


async def test_the_persons_own_policy_goes_before_that_of_the_space(server: Server, ids: Ids) -> None:
    store = server.store.policies
    async with await Caller.enter(server.url, "bob") as bob:
        night = await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        day = await saved(bob, ids, named(DAY, "Day", ids.bob))
        assert await store.run_for(ids.space, RED, ids.ann) == BUILT_IN[RED]
        assert await bob.ask(AssignPolicy(Assignment(ids.space, RED, NIGHT))) == Done()
        assert await bob.ask(AssignPolicy(Assignment(ids.space, RED, DAY, ids.ann))) == Done()
        assert await store.run_for(ids.space, RED, ids.ann) == day
        assert await store.run_for(ids.space, RED, ids.dev) == night
        assert await store.run_for(ids.space, RED, None) == night
        assert await store.run_for(ids.space, CaseKind.PRIORITY, ids.ann) == BUILT_IN[CaseKind.PRIORITY]
        assert await bob.ask(UnassignPolicy(ids.space, RED, DAY, ids.ann)) == Done()
        assert await store.run_for(ids.space, RED, ids.ann) == night


async def test_what_is_run_for_somebody_is_not_deleted(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        assert await bob.ask(AssignPolicy(Assignment(ids.space, RED, NIGHT, ids.ann))) == Done()
        assert await bob.ask(DeletePolicy(ids.space, NIGHT, 1)) is Code.POLICY_ASSIGNED
        assert await bob.ask(UnassignPolicy(ids.space, RED, NIGHT, ids.ann)) == Done()
        assert await bob.ask(DeletePolicy(ids.space, NIGHT, 1)) == PolicyOutcome(done=True)


async def test_only_what_is_there_can_be_assigned(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        for assignment, code in (
            (Assignment(ids.space, RED, DAY), Code.NOT_FOUND),
            (Assignment(ids.space, CaseKind.LINE, NIGHT), Code.NOT_FOUND),
            (Assignment(ids.space, RED, NIGHT, PersonId("nobody")), Code.UNKNOWN_PERSON),
        ):
            assert await bob.ask(AssignPolicy(assignment)) is code


async def test_who_chooses_second_is_told_so_and_changes_nothing(server: Server, ids: Ids) -> None:
    store = server.store.policies
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "chie") as chie,
    ):
        await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        day = await saved(bob, ids, named(DAY, "Day", ids.bob))
        assert await bob.ask(AssignPolicy(Assignment(ids.space, RED, DAY))) == Done()
        night = AssignPolicy(Assignment(ids.space, RED, NIGHT))
        assert await chie.ask(night) is Code.POLICY_MOVED, "she saw none there"
        assert await chie.ask(UnassignPolicy(ids.space, RED, NIGHT)) is Code.POLICY_MOVED
        assert await store.run_for(ids.space, RED, ids.ann) == day
        assert await chie.ask(msgspec.structs.replace(night, instead=DAY)) == Done()
        assert await chie.ask(msgspec.structs.replace(night, instead=DAY)) == Done(), "it is so already"
        assert await bob.ask(UnassignPolicy(ids.space, RED, DAY)) is Code.POLICY_MOVED
        assert await bob.ask(UnassignPolicy(ids.space, RED, NIGHT)) == Done()
        assert await bob.ask(UnassignPolicy(ids.space, RED, NIGHT)) == Done(), "it is so already"
    deeds = (await server.store.audit.read(Wanted())).deeds
    assert sum(deed.subject is Subject.ASSIGNMENT for _, deed in deeds) == 3


async def test_every_change_is_written_down(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        night = await saved(bob, ids, named(NIGHT, "Night", ids.chie))
        await saved(bob, ids, msgspec.structs.replace(night, again=3))
        await bob.ask(SavePolicy(ids.space, msgspec.structs.replace(night, again=4)))  # too late
        assignment = Assignment(ids.space, RED, NIGHT, ids.ann)
        for question in (
            AssignPolicy(assignment),
            AssignPolicy(assignment),  # changes nothing
            DeletePolicy(ids.space, NIGHT, 2),  # refused
            UnassignPolicy(ids.space, RED, NIGHT, ids.ann),
            DeletePolicy(ids.space, NIGHT, 2),
        ):
            await bob.ask(question)
    written = [deed for _, deed in (await server.store.audit.read(Wanted())).deeds][::-1]
    deeds = [deed for deed in written if deed.subject in (Subject.POLICY, Subject.ASSIGNMENT)]
    assert [(deed.act, deed.subject, deed.by) for deed in deeds] == [
        (Act.ADDED, Subject.POLICY, ids.bob),
        (Act.CHANGED, Subject.POLICY, ids.bob),
        (Act.ADDED, Subject.ASSIGNMENT, ids.bob),
        (Act.REMOVED, Subject.ASSIGNMENT, ids.bob),
        (Act.REMOVED, Subject.POLICY, ids.bob),
    ]
    (change,) = deeds[1].changes
    assert (change.field, change.before, change.after) == ("again", "0", "3")
    assert deeds[2].person == ids.ann


@pytest.mark.parametrize("delay", [-1.0, 1e9])
async def test_values_outside_their_limits_are_no_frame_at_all(
    server: Server, ids: Ids, delay: float
) -> None:
    wild = Policy(NIGHT, "Night", RED, (PolicyStep(delay, Notify(Recipients(people=(ids.bob,)))),), 0)
    async with await Caller.enter(server.url, "bob") as bob:
        with pytest.raises(Exception, match="understood"):
            await bob.ask(SavePolicy(ids.space, wild))
