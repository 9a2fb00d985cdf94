"""Whatever people, gateways and clocks do: no step is skipped or run twice, and no case is forgotten."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from app.core.case_answers import ended, read
from app.core.case_steps import hopeless, next_look
from app.core.cases import Case, Mark, Note, SendState
from app.core.model import PersonId, Recipients, Taken
from app.core.policy import (
    Action,
    AnswerWay,
    Call,
    CaseKind,
    ContactId,
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
from tests.helpers.office import BOB, CHIE, DEV, EVA, SUPERVISORS
from tests.helpers.tale import Tale

LONGEST = 601.0
"""s: the longest delay of any policy here, and what a clock may go back unnoticed."""
someone = st.sampled_from((BOB, CHIE, DEV, EVA))
groups = st.sampled_from(((), (SUPERVISORS,)))
recipients = st.builds(
    Recipients, people=st.lists(someone, max_size=2, unique=True).map(tuple), groups=groups
)
contacts = st.sampled_from(((), (ContactId("duty"),)))
reached = st.builds(Reached, to=recipients, contacts=contacts, called=st.booleans())
actions: st.SearchStrategy[Action] = st.one_of(
    st.builds(Notify, recipients),
    st.builds(Repeat, every=st.sampled_from((10.0, 60.0)), times=st.integers(1, 4)),
    st.builds(Text, reached),
    st.builds(Call, reached),
    st.builds(Forward, someone),
    st.builds(Post, st.just(ContactId("duty"))),
)
steps = st.lists(st.builds(PolicyStep, st.sampled_from((0.0, 30.0, 60.0, 600.0)), actions), max_size=5).map(
    tuple
)
policies = st.builds(
    Policy,
    id=st.just(PolicyId("any")),
    name=st.just("Any"),
    kind=st.sampled_from(CaseKind),
    steps=steps,
    again=st.integers(0, 2),
    come_within=st.sampled_from((None, 30.0, 300.0)),
)


def is_step(note: Note) -> bool:
    """Of the notes of a look: the one line that each step makes, whether or not it reached anybody."""
    repeated = note.mark is Mark.REPEATED or (note.mark is Mark.SKIPPED and note.what is Taken.REPEAT)
    return note.what is not None and not repeated


class AnyCase(RuleBasedStateMachine):
    """One case; the test knows by itself which step has to come next."""

    @initialize(plan=policies, called=st.lists(someone, max_size=3, unique=True))
    def begins(self, plan: Policy, called: list[PersonId]) -> None:
        self.tale = Tale(plan, called)
        self.position = (0, 0)  # run of all steps, step
        self.came_back = 0
        self.ran_at = self.tale.now

    def look(self) -> None:
        tale, before = self.tale, self.tale.case
        outcome = tale.look()
        if not before.waiting:
            assert not outcome.dues or outcome.dues[0].what is Taken.CAME_BACK
            assert outcome.dues or not outcome.sends
        self.follow(before, outcome.notes)
        if outcome.next_look is not None:  # however the clock was set, it is not further off than a delay
            assert outcome.next_look <= tale.now + LONGEST
        assert outcome.nobody == (before.exhausted_at is None and outcome.case.exhausted_at is not None) or (
            outcome.case.back and not before.back
        )

    def follow(self, before: Case, notes: tuple[Note, ...]) -> None:
        plan, repeats, case = before.policy, 0, before
        for note in notes:
            if note.mark is Mark.CAME_BACK:
                self.position, self.came_back, self.ran_at = (0, 0), self.came_back + 1, note.at
            elif is_step(note):
                turn, step = self.position
                assert note.step == step, "skipped or doubled"
                waited = note.at - self.ran_at >= plan.steps[step].after
                assert waited or hopeless(case, self.tale.around) or before.answers
                # Whom this step calls may be away, so that the one after it comes at once.
                case = replace(case, called=tuple(dict.fromkeys((*case.called, *note.people))))
                step += 1
                self.position = (
                    (turn + 1, 0) if step == len(plan.steps) and turn < plan.again else (turn, step)
                )
                self.ran_at = note.at
            else:
                repeats += note.mark is Mark.REPEATED
        # One at most, however long nobody looked; and one more where a step begins to repeat.
        assert repeats <= 1 + sum(1 for note in notes if is_step(note) and note.what is Taken.REPEAT)
        assert self.came_back <= 1

    @rule()
    def is_looked_at(self) -> None:
        self.look()

    @rule(seconds=st.sampled_from((1.0, 29.0, 30.0, 61.0, 3600.0)))
    def time_passes_unseen(self, seconds: float) -> None:
        """The server was away, or the machine slept."""
        self.tale.now += seconds
        self.look()

    @rule(seconds=st.sampled_from((-86_400.0, -3600.0, -59.0, -0.5, 3600.0, 86_400.0)))
    def clock_jumps(self, seconds: float) -> None:
        self.tale.clock_is_set(seconds)
        self.ran_at = min(self.ran_at, self.tale.now)
        self.look()

    @rule()
    def the_next_look_comes(self) -> None:
        at = next_look(self.tale.case)
        if at is not None:
            self.tale.now = max(self.tale.now, at)
            before = self.tale.case
            self.look()
            assert self.tale.case != before, "looked in vain"

    @rule(who=st.sampled_from((BOB, CHIE, DEV, EVA, ContactId("duty"))), way=st.sampled_from(AnswerWay))
    def answers(self, who: PersonId | ContactId, way: AnswerWay) -> None:
        self.tale.answers(who, way)

    @rule(who=someone)
    def declines(self, who: PersonId) -> None:
        withdraws = len(self.tale.case.answers) == 1 and self.tale.case.answers[0].person == who
        self.tale.declines(who)
        if withdraws:
            self.ran_at = self.tale.now

    @rule(who=someone)
    def reads(self, who: PersonId) -> None:
        self.tale.does(lambda case: read(case, who, self.tale.now))

    @rule(who=someone)
    def goes(self, who: PersonId) -> None:
        self.tale.goes(who)

    @rule(who=someone)
    def comes_back(self, who: PersonId) -> None:
        self.tale.here.add(who)

    @rule(state=st.sampled_from(SendState), over=st.booleans())
    def gateway_reports(self, state: SendState, over: bool) -> None:
        self.tale.gateway_says(state, over=over)

    @rule()
    def ends(self) -> None:
        self.tale.does(lambda case: ended(case, self.tale.now))

    @invariant()
    def nothing_that_waits_is_forgotten(self) -> None:
        case = self.tale.case
        waits = case.waiting and case.exhausted_at is None
        has_more = case.kind is not CaseKind.LINE or case.step < len(case.policy.steps)
        if waits and has_more:
            assert next_look(case) is not None
        if not case.open:
            assert next_look(case) is None


TestAnyCase = AnyCase.TestCase
TestAnyCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
