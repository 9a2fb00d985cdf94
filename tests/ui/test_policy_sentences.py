"""A policy in sentences: whole ones, in each language in its own order."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from app.core.model import Group, GroupId, Person, PersonId, Recipients
from app.core.policy import (
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
from app.core.policy_rules import Flaw, FlawKind
from app.ui.i18n import tr_template, use_language
from app.ui.policies.sentences import (
    FLAW_WORDS,
    SENTENCES,
    Names,
    Timing,
    flaw_words,
    length_words,
    more_words,
    sentences,
    step_sentence,
    timing_of,
)

MINA, TEAM, DUTY = PersonId("mina"), GroupId("team"), ContactId("duty")
NAMES = Names(
    {MINA: Person(MINA, "mina", "Mina")},
    {TEAM: Group(TEAM, "supervisors", "Supervisors")},
    {DUTY: Contact(DUTY, "the duty phone", ContactKind.PHONE)},
)
ACTIONS: tuple[Action, ...] = (
    Notify(Recipients(groups=(TEAM,))),
    Repeat(60.0, 3),
    Text(Reached(Recipients(people=(MINA,)))),
    Call(Reached(contacts=(DUTY,))),
    Forward(MINA),
    Post(DUTY),
)


@pytest.fixture(params=["en", "ja"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use_language(request.param)
    yield request.param
    use_language("en")


def test_it_reads_as_one_would_say_it() -> None:
    policy = Policy(
        PolicyId("p"),
        "Day",
        CaseKind.ESCALATION,
        (
            PolicyStep(60.0, Notify(Recipients(groups=(TEAM,)))),
            PolicyStep(0.0, Repeat(30.0, 2)),
            PolicyStep(120.0, Call(Reached(contacts=(DUTY,)))),
            PolicyStep(150.0, Text(Reached(Recipients(people=(MINA,)), (DUTY,), called=True))),
        ),
        again=2,
    )
    assert sentences(NAMES, policy) == (
        "If nobody answers for 60 s, alert @supervisors.",
        "At the same time, alert everybody again: every 30 s, 2 times.",
        "After 2 more minutes, call the duty phone.",
        "After another 2 min 30 s, send a text message to everybody alerted so far, Mina, the duty phone.",
        "Then all steps are run again, up to 2 times, and then “nobody available” is said.",
        "If nobody comes within 5 minutes after somebody has promised to, it starts once more.",
        "Every answer counts.",
    )


def test_every_action_is_a_whole_sentence_at_every_time(language: str) -> None:
    """Each is one message of the catalogue, so that a language can put its parts in another order."""
    end = "." if language == "en" else "。"
    for action in ACTIONS:
        assert set(SENTENCES[type(action)]) == set(Timing)
        for index, after in ((0, 0.0), (0, 60.0), (1, 0.0), (1, 60.0)):
            said = step_sentence(NAMES, PolicyStep(after, action), index)
            template = tr_template(SENTENCES[type(action)][timing_of(index, after)], {})
            assert said.endswith(end)
            assert not re.search(r"[{}]", said)
            assert template.count(end) == 1
            assert ("{time}" in template) is bool(after)


def test_japanese_says_when_before_what(language: str) -> None:
    step = PolicyStep(120.0, ACTIONS[3])
    said = {
        "en": "After 2 more minutes, call the duty phone.",
        "ja": "さらに2分たっても応答がなければ、the duty phoneに電話をかけます。",
    }
    assert step_sentence(NAMES, step, 1) == said[language]


@pytest.mark.parametrize(
    ("seconds", "length", "more"),
    [
        (1, "1 s", "1 more second"),
        (90, "90 s", "90 more seconds"),
        (120, "2 minutes", "2 more minutes"),
        (150, "2 min 30 s", "another 2 min 30 s"),
        (3600, "1 hour", "1 more hour"),
        (5400, "1 h 30 min", "another 1 h 30 min"),
        (86_400, "24 hours", "24 more hours"),
    ],
)
def test_lengths(seconds: float, length: str, more: str) -> None:
    assert (length_words(seconds), more_words(seconds)) == (length, more)


def test_every_flaw_can_be_said(language: str) -> None:
    assert set(FLAW_WORDS) == set(FlawKind)
    for kind in FlawKind:
        said = flaw_words(NAMES, Flaw(kind, 0, (MINA,), TEAM, DUTY))
        assert said
        assert not re.search(r"[{}]", said)


def test_who_is_gone_is_not_left_out() -> None:
    gone = Notify(Recipients(people=(PersonId("x"),), groups=(GroupId("y"),)))
    assert step_sentence(NAMES, PolicyStep(0.0, gone), 0) == (
        "At once, alert a group that is gone, somebody who left."
    )
