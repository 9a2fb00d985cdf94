"""What a policy would do now, as transcripts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.core.calls import PhoneWay
from app.core.model import Group, GroupId, PersonId, Recipients
from app.core.policy import (
    BUILT_IN,
    Action,
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
from app.core.policy_preview import Moment, MomentKind, Scenario, Stage, play
from app.core.policy_rules import Known

MINA, KEN, AOI, OMAR = (PersonId(name) for name in ("mina", "ken", "aoi", "omar"))
TEAM = GroupId("team")
DUTY, HOOK = ContactId("duty"), ContactId("hook")
KNOWN = Known(
    frozenset({MINA, KEN, AOI, OMAR}),
    {TEAM: Group(TEAM, "team", "Team", (AOI, KEN))},
    {
        DUTY: Contact(DUTY, "Duty", ContactKind.PHONE),
        HOOK: Contact(HOOK, "Hook", ContactKind.WEBHOOK),
    },
    phones=frozenset({AOI}),
)
TO_TEAM = Notify(Recipients(groups=(TEAM,)))


def policy(*steps: tuple[float, Action], kind: CaseKind = CaseKind.ESCALATION, again: int = 0) -> Policy:
    made = tuple(PolicyStep(after, action) for after, action in steps)
    return Policy(PolicyId("p"), "Day", kind, made, again=again)


def transcript(
    played: Policy,
    *,
    first: tuple[PersonId, ...] = (MINA,),
    here: tuple[PersonId, ...] = (MINA, KEN),
    scenario: Scenario = Scenario.SILENCE,
    known: Known = KNOWN,
) -> list[str]:
    """“60 alerted ken, not aoi”"""
    return [told(moment) for moment in play(Stage(played, known, frozenset(here), first, scenario))]


def told(moment: Moment) -> str:
    parts = [f"{moment.at:g} {moment.kind}", " ".join((*moment.reached, *moment.contacts))]
    if moment.kind is MomentKind.REPEATED:
        parts.append(f"x{moment.times} until {moment.until:g}")
    missing = (*moment.away, *moment.silent, *moment.gone, *(("at all",) if moment.unsent else ()))
    return " ".join(part for part in parts if part) + (f", not {' '.join(missing)}" if missing else "")


def test_nobody_answers_and_each_step_has_its_turn() -> None:
    played = policy((60, TO_TEAM), (120, Call(Reached(contacts=(DUTY,)))))
    assert transcript(played) == [
        "0 started mina",
        "60 alerted ken, not aoi",
        "180 called duty",
        "240 nobody",
    ]


def test_everybody_declines_and_each_step_comes_at_once() -> None:
    played = policy((60, TO_TEAM), (120, Call(Reached(contacts=(DUTY,)))), (60, Forward(MINA)))
    assert transcript(played, scenario=Scenario.DECLINE) == [
        "0 started mina",
        "0 alerted ken, not aoi",
        "0 called duty",
        "0 forwarded",
        "0 nobody",
    ]


def test_where_nobody_is_here_nobody_is_waited_for() -> None:
    played = policy((60, TO_TEAM), (120, Call(Reached(contacts=(DUTY,)))))
    assert transcript(played, first=(AOI,), here=()) == [
        "0 started, not aoi",
        "0 alerted, not ken aoi",
        "0 called duty",
        "60 nobody",
    ]


def test_repeats_are_one_moment_whatever_comes_between() -> None:
    played = policy((60, Repeat(60, 4)), (90, TO_TEAM))
    assert transcript(played) == [
        "0 started mina",
        "60 repeated mina ken x4 until 240, not aoi",
        "150 alerted ken, not aoi",
        "300 nobody",
    ]


def test_who_has_no_phone_is_not_reached_by_it() -> None:
    played = policy((30, Text(Reached(Recipients(groups=(TEAM,)), called=True))), (30, Post(HOOK)))
    assert transcript(played) == [
        "0 started mina",
        "30 texted aoi, not ken mina",
        "60 posted hook",
        "120 nobody",
    ]


def test_a_text_that_reaches_nobody_is_not_waited_for() -> None:
    played = policy((30, Text(Reached(Recipients(people=(KEN,))))), (60, Post(HOOK)))
    assert transcript(played, first=(AOI,), here=()) == [
        "0 started, not aoi",
        "0 texted, not ken",
        "0 posted hook",
        "0 nobody",
    ]


def test_what_the_server_has_no_gateway_for_reaches_nobody_and_is_not_waited_for() -> None:
    played = policy((30, Text(Reached(contacts=(DUTY,)))), (60, Call(Reached(contacts=(DUTY,)))))
    only_calls = replace(KNOWN, ways=frozenset({PhoneWay.CALL}))
    assert transcript(played, first=(AOI,), here=(), known=only_calls) == [
        "0 started, not aoi",
        "0 texted, not at all",
        "0 called duty",
        "60 nobody",
    ]


def test_a_contact_that_is_gone_is_not_reached() -> None:
    gone = ContactId("gone")
    played = policy((30, Text(Reached(contacts=(gone, DUTY)))), (60, Call(Reached(contacts=(gone,)))))
    assert transcript(played, first=(AOI,), here=()) == [
        "0 started, not aoi",
        "0 texted duty, not gone",
        "60 called, not gone",
        "120 nobody",
    ]


def test_a_second_run_of_all_steps_is_told_apart() -> None:
    played = policy((60, Post(HOOK)), (60, TO_TEAM), again=1)
    moments = play(Stage(played, KNOWN, frozenset({MINA}), (MINA,)))
    rounds = [(moment.at, moment.step, moment.round) for moment in moments if moment.step is not None]
    assert rounds == [(60, 0, 0), (120, 1, 0), (180, 0, 1), (240, 1, 1)]


def test_a_line_without_steps_waits_and_is_never_over() -> None:
    assert transcript(BUILT_IN[CaseKind.LINE], first=()) == ["0 started"]


@pytest.mark.parametrize("scenario", list(Scenario))
def test_every_built_in_policy_comes_to_an_end(scenario: Scenario) -> None:
    for kind in (CaseKind.ESCALATION, CaseKind.PRIORITY):
        assert transcript(BUILT_IN[kind], scenario=scenario)[-1].endswith("nobody")


def test_the_longest_policy_ends_too() -> None:
    steps = [(60.0, Repeat(10.0, 100))] * 20
    played = play(Stage(policy(*steps, again=5), KNOWN, frozenset({MINA}), (MINA,)))
    assert played[-1].kind is MomentKind.NOBODY
