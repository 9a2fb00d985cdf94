"""What is wrong or odd about a policy, and where."""

from __future__ import annotations

from dataclasses import replace as altered

import msgspec
import pytest

from app.core.calls import PhoneWay
from app.core.model import Group, GroupId, PersonId, Recipients
from app.core.policy import (
    BUILT_IN,
    STEPS,
    Action,
    AnswerWay,
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Forward,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Post,
    Reached,
    Repeat,
    Text,
)
from app.core.policy_rules import WAYS, Flaw, FlawKind, Known, first_wrong, flaws, idle_steps

ANN, BOB, GONE = PersonId("ann"), PersonId("bob"), PersonId("gone")
TEAM, EMPTY, NO_GROUP = GroupId("team"), GroupId("empty"), GroupId("none")
DUTY, MAIL, NO_CONTACT = ContactId("duty"), ContactId("mail"), ContactId("none")
KNOWN = Known(
    frozenset({ANN, BOB}),
    {TEAM: Group(TEAM, "team", "Team", (BOB,)), EMPTY: Group(EMPTY, "empty", "Empty", (GONE,))},
    {DUTY: Contact(DUTY, "Duty", ContactKind.PHONE), MAIL: Contact(MAIL, "Mail", ContactKind.APPRISE)},
    phones=frozenset({BOB}),
    names=frozenset({"night"}),
)
AT_BOB = Notify(Recipients(people=(BOB,)))
TO_DUTY = Text(Reached(contacts=(DUTY,)))


def policy(*actions: Action, kind: CaseKind = CaseKind.ESCALATION, after: float = 60.0) -> Policy:
    steps = tuple(PolicyStep(after, action) for action in actions)
    return Policy(PolicyId("p"), "Day", kind, steps)


def kinds(found: tuple[Flaw, ...]) -> list[FlawKind]:
    return [flaw.kind for flaw in found]


def people(*who: PersonId) -> Recipients:
    return Recipients(people=who)


def test_a_whole_policy_has_no_flaws() -> None:
    whole = policy(
        AT_BOB,
        Repeat(60.0, 3),
        Text(Reached(people(BOB), (DUTY,), called=True)),
        Call(Reached(Recipients(groups=(TEAM,)))),
        Forward(ANN),
        Post(MAIL),
    )
    assert flaws(whole, KNOWN) == ()


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (Notify(Recipients()), FlawKind.EMPTY_STEP),
        (Text(Reached()), FlawKind.EMPTY_STEP),
        (Call(Reached()), FlawKind.EMPTY_STEP),
        (Forward(PersonId("")), FlawKind.EMPTY_STEP),
        (Post(ContactId("")), FlawKind.EMPTY_STEP),
        (Notify(people(GONE)), FlawKind.UNKNOWN_PERSON),
        (Call(Reached(people(GONE, BOB))), FlawKind.UNKNOWN_PERSON),
        (Forward(GONE), FlawKind.UNKNOWN_PERSON),
        (Notify(Recipients(groups=(NO_GROUP,))), FlawKind.UNKNOWN_GROUP),
        (Text(Reached(contacts=(NO_CONTACT,))), FlawKind.UNKNOWN_CONTACT),
        (Post(NO_CONTACT), FlawKind.UNKNOWN_CONTACT),
        (Text(Reached(contacts=(MAIL,))), FlawKind.WRONG_CONTACT),
        (Post(DUTY), FlawKind.WRONG_CONTACT),
        (Repeat(9.0, 1), FlawKind.EVERY),
        (Repeat(60.0, 0), FlawKind.TIMES),
        (Repeat(60.0, 101), FlawKind.TIMES),
        (Notify(people(*(PersonId(f"p{n}") for n in range(501)))), FlawKind.TOO_MANY_RECIPIENTS),
    ],
)
def test_what_is_wrong_is_said_at_its_step_and_is_not_stored(action: Action, kind: FlawKind) -> None:
    found = flaws(policy(AT_BOB, action), KNOWN)
    assert [(flaw.kind, flaw.step) for flaw in found if flaw.kind is kind] == [(kind, 1)]
    wrong = first_wrong(policy(AT_BOB, action), KNOWN)
    assert wrong is not None
    assert wrong.step == 1


@pytest.mark.parametrize("after", [-1.0, 86_401.0])
def test_delays_have_limits(after: float) -> None:
    assert kinds(flaws(policy(AT_BOB, after=after), KNOWN))[:1] == [FlawKind.DELAY]


def test_what_is_odd_is_said_and_can_be_stored() -> None:
    odd = policy(
        Notify(Recipients(groups=(EMPTY,))), Text(Reached(people(ANN, BOB))), Call(Reached(contacts=(DUTY,)))
    )
    assert flaws(odd, KNOWN) == (
        Flaw(FlawKind.EMPTY_GROUP, 0, group=EMPTY),
        Flaw(FlawKind.NO_PHONE, 1, people=(ANN,)),
    )
    assert first_wrong(odd, KNOWN) is None


def test_a_lines_message_alerts_nobody_in_the_program() -> None:
    """A hand or a message does, by itself and by steps; a customer's text stands in the inbox."""
    called = Text(Reached(called=True))
    assert flaws(policy(AT_BOB, Repeat(60.0, 1), Forward(BOB), called), KNOWN) == ()
    line = policy(AT_BOB, Repeat(60.0, 1), Forward(BOB), called, TO_DUTY, kind=CaseKind.LINE)
    assert flaws(line, KNOWN) == (
        *(Flaw(FlawKind.NOT_FOR_LINES, number) for number in range(3)),
        Flaw(FlawKind.NOBODY_YET, 3),
    )
    assert first_wrong(line, KNOWN) == Flaw(FlawKind.NOT_FOR_LINES, 0)


@pytest.mark.parametrize("action", [Text(Reached(people(ANN))), Call(Reached(called=True)), Post(NO_CONTACT)])
def test_a_policy_that_can_never_reach_anybody_is_said(action: Action) -> None:
    assert FlawKind.REACHES_NOBODY in kinds(flaws(policy(action, kind=CaseKind.LINE), KNOWN))
    reaches = policy(action, TO_DUTY, kind=CaseKind.LINE)
    assert FlawKind.REACHES_NOBODY not in kinds(flaws(reaches, KNOWN))
    deserted = policy(Notify(Recipients(groups=(EMPTY,))))
    assert FlawKind.REACHES_NOBODY in kinds(flaws(deserted, KNOWN))


def test_what_the_server_has_no_gateway_for_is_odd_and_reaches_nobody() -> None:
    whole = policy(AT_BOB, TO_DUTY, Call(Reached(people(ANN), (DUTY,))), Post(MAIL))
    only_texts = altered(KNOWN, ways=frozenset({PhoneWay.TEXT}))
    assert flaws(whole, only_texts) == (Flaw(FlawKind.NO_CALLS, 2),)
    assert idle_steps(whole, only_texts) == (2,)
    neither = altered(KNOWN, ways=frozenset())
    assert flaws(whole, neither) == (Flaw(FlawKind.NO_TEXTS, 1), Flaw(FlawKind.NO_CALLS, 2))
    assert first_wrong(whole, neither) is None
    assert idle_steps(whole, neither) == (1, 2)
    assert idle_steps(whole, KNOWN) == ()
    assert kinds(flaws(policy(TO_DUTY), neither)) == [FlawKind.NO_TEXTS, FlawKind.REACHES_NOBODY]


def test_of_the_whole_policy() -> None:
    day = policy(AT_BOB)
    replace = msgspec.structs.replace
    for wrong, kind in (
        (replace(day, name="  "), FlawKind.NO_NAME),
        (replace(day, name="NIGHT "), FlawKind.NAME_TAKEN),
        (replace(day, steps=day.steps * (STEPS + 1)), FlawKind.TOO_MANY_STEPS),
        (replace(day, again=6), FlawKind.ROUNDS),
        (replace(day, come_within=29.0), FlawKind.COMING),
        (replace(day, answers=()), FlawKind.NO_ANSWER),
        (replace(day, answers=(AnswerWay.RESOLVE,)), FlawKind.NO_ANSWER),
        (replace(policy(AT_BOB, after=0.0), again=1), FlawKind.AGAIN_AT_ONCE),
    ):
        assert flaws(wrong, KNOWN) == (Flaw(kind),)
        assert first_wrong(wrong, KNOWN) == Flaw(kind)
    assert flaws(replace(day, again=5, come_within=None), KNOWN) == ()


def test_everyone_means_the_members_of_the_space() -> None:
    assert KNOWN.behind(Recipients(everyone=True)) == {ANN, BOB}
    assert KNOWN.behind(Recipients(people=(GONE,), groups=(TEAM, NO_GROUP))) == {BOB}
    assert flaws(policy(Notify(Recipients(here=True))), KNOWN) == ()


def test_what_is_built_in_could_be_stored() -> None:
    for standard in BUILT_IN.values():
        assert first_wrong(standard, KNOWN) is None
    assert set(WAYS) == set(CaseKind)
