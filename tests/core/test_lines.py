"""Lines: whatever customers and colleagues do in whatever order keeps what must always hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.core import line_commands as cmd
from app.core import line_events as ev
from app.core.cases import SendState
from app.core.errors import Code, Refusal
from app.core.limits import INBOX_OPEN, INBOX_RESOLVED, LINE_CHARS, LINE_TAIL
from app.core.line_rules import customer_wrote, delivered, forward_heard, phone_answered, wanted
from app.core.lines import CustomerId, Handed, Handling, Line, LineId, LineTextId, Talk, TextKind, kept
from app.core.model import PersonId
from app.core.scene import Decision
from app.core.space import SpaceState
from tests.helpers.office import ANN, BOB, CHIE, EVA, SPACE, Office

LINE = Line(LineId("l1"), "Support", "+815031234567", SPACE)
CUSTOMERS = [CustomerId(f"c{number}") for number in range(3)]
customer = st.sampled_from(CUSTOMERS)
colleague = st.sampled_from((ANN, BOB, CHIE))
words = st.one_of(st.sampled_from(("STOP", "start", "hello", "stop it please")), st.text(max_size=20))


class AnyOrder(RuleBasedStateMachine):
    """A shadow folds the same events as bytes; ``texted`` is what customers were sent."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office()
        self.fold(Decision((ev.LineChanged(LINE),)))
        self.shadow = SpaceState(self.office.space.snapshot())
        self.out: set[CustomerId] = set()
        self.numbers = 0

    def fold(self, outcome: Decision | Refusal) -> None:
        if isinstance(outcome, Decision):
            self.office.fold(outcome)
            for event in outcome.space if hasattr(self, "shadow") else ():
                self.shadow.apply(event)

    def fresh(self) -> LineTextId:
        self.numbers += 1
        self.office.now += 1.0
        return LineTextId(f"t{self.numbers}")

    @rule(who=customer, text=words)
    def customer_writes(self, who: CustomerId, text: str) -> None:
        wants = wanted(text)
        self.fold(
            customer_wrote(self.office.scene, Talk(who, LINE.id), self.fresh(), text, (), self.office.now)
        )
        talk = self.office.space.inbox.talks[who]
        assert talk.waits is (wants is not False)
        self.out = self.out - {who} if wants else self.out | {who} if wants is False else self.out
        assert talk.opted_out is (who in self.out)

    @precondition(lambda self: self.office.space.inbox.talks)
    @rule(
        who=customer,
        by=colleague,
        what=st.sampled_from((cmd.TouchTalk, cmd.ResolveTalk, cmd.ReopenTalk, cmd.AssignTalk)),
    )
    def colleague_handles(self, who: CustomerId, by: PersonId, what: type[cmd.TouchTalk]) -> None:
        known = who in self.office.space.inbox.talks
        outcome = self.office.do(by, what(who))
        assert isinstance(outcome, Decision) is known
        if isinstance(outcome, Decision):
            for event in outcome.space:
                self.shadow.apply(event)
            assert self.office.space.inbox.talks[who].unread == 0 or not outcome

    @rule(who=customer, by=colleague, text=words, note=st.booleans())
    def colleague_writes(self, who: CustomerId, by: PersonId, text: str, note: bool) -> None:
        command = cmd.NoteOnLine(who, text) if note else cmd.ReplyOnLine(who, text)
        outcome = self.office.do(by, command)
        if isinstance(outcome, Refusal):
            if outcome.code is Code.OPTED_OUT:
                assert not note
                assert who in self.out
            return
        for event in outcome.space:
            self.shadow.apply(event)
        talk = self.office.space.inbox.talks[who]
        assert note or not talk.waits
        assert note or who not in self.out

    @precondition(lambda self: self.office.space.inbox.talks)
    @rule(who=customer, text=words)
    def phone_answers(self, who: CustomerId, text: str) -> None:
        if who in self.office.space.inbox.talks:
            waited = self.office.space.inbox.talks[who].waits
            beginning = Talk(who, LINE.id)
            self.fold(phone_answered(self.office.scene, beginning, self.fresh(), text, None, self.office.now))
            assert self.office.space.inbox.talks[who].waits is waited, "a note is no reply"

    @rule(who=customer, state=st.sampled_from(SendState))
    def gateway_reports(self, who: CustomerId, state: SendState) -> None:
        talk = self.office.space.inbox.talks.get(who)
        replies = [t for t in talk.last if t.kind is TextKind.OUT] if talk else []
        if replies:
            self.fold(delivered(self.office.scene, who, replies[-1].id, state, ""))

    @rule(who=customer)
    def goes_to_the_phone(self, who: CustomerId) -> None:
        talk = self.office.space.inbox.talks.get(who)
        if talk is not None:
            self.fold(Decision((ev.TalkForwarded(who, LineTextId("t"), self.office.now),)))
            self.fold(forward_heard(self.office.scene, who, LineTextId("t"), SendState.SENT, ""))
            after = self.office.space.inbox.talks[who]
            assert (after.forward is not None) is talk.waits

    @invariant()
    def what_is_untouched_waits(self) -> None:
        for talk in self.office.space.inbox.talks.values():
            assert (talk.state is Handling.UNRESOLVED) is (talk.unread > 0)
            assert talk.waits or talk.unread == 0
            assert talk.state is not Handling.RESOLVED or not talk.waits
            assert len(talk.last) <= LINE_TAIL
            assert talk.forward is None or talk.waits
            assert talk.handed is None or (talk.assignee and talk.state is not Handling.RESOLVED)

    @invariant()
    def whoever_folds_the_same_events_knows_the_same(self) -> None:
        assert self.shadow.snapshot(places=False) == self.office.space.snapshot(places=False)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_who_was_given_a_conversation_is_known_until_they_look() -> None:
    office = Office()
    office.fold(Decision((ev.LineChanged(LINE),)))
    who = CUSTOMERS[0]
    office.fold(customer_wrote(office.scene, Talk(who, LINE.id), LineTextId("t"), "Hi", (), 1.0))

    def after(by: PersonId, command: cmd.LineCommand) -> tuple[PersonId | None, PersonId | None]:
        """By whom it was given to Ann, and to Bob."""
        office.do(by, command)
        given = map(office.space.inbox.talks[who].handed_to, (ANN, BOB))
        to_ann, to_bob = (handed.by if handed is not None else None for handed in given)
        return to_ann, to_bob

    assert after(ANN, cmd.AssignTalk(who, BOB)) == (None, ANN)
    assert office.space.inbox.talks[who].handed == Handed(ANN, office.now)
    assert after(ANN, cmd.TouchTalk(who)) == (None, ANN)
    assert after(ANN, cmd.NoteOnLine(who, "Parcel")) == (None, ANN)
    assert after(BOB, cmd.TouchTalk(who)) == (None, None)
    assert office.do(BOB, cmd.TouchTalk(who)) == Decision(), "once is enough"
    assert after(ANN, cmd.AssignTalk(who, ANN)) == (None, None), "taken on"
    assert after(ANN, cmd.AssignTalk(who, BOB)) == (None, ANN)
    assert after(BOB, cmd.AssignTalk(who, ANN)) == (BOB, None)
    assert after(BOB, cmd.ResolveTalk(who)) == (None, None)


def test_strangers_and_long_texts_are_refused() -> None:
    office = Office()
    office.fold(Decision((ev.LineChanged(LINE), ev.TalkAdded(Talk(CUSTOMERS[0], LINE.id)))))
    refused = office.do(EVA, cmd.TouchTalk(CUSTOMERS[0]))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.NOT_IN_SPACE
    for text, code in (("x" * (LINE_CHARS + 1), Code.MESSAGE_TOO_LONG), (" \n", Code.EMPTY_MESSAGE)):
        refused = office.do(ANN, cmd.ReplyOnLine(CUSTOMERS[0], text))
        assert isinstance(refused, Refusal)
        assert refused.code is code
    refused = office.do(ANN, cmd.AssignTalk(CUSTOMERS[0], PersonId("nobody")))
    assert isinstance(refused, Refusal)
    assert refused.code is Code.UNKNOWN_PERSON


@pytest.mark.parametrize(
    ("text", "wants"),
    [("STOP", False), (" stop. ", False), ("Opt-Out", False), ("start", True), ("stop calling me", None)],
)
def test_only_a_word_alone_asks_for_no_texts(text: str, wants: bool | None) -> None:
    assert wanted(text) is wants


@given(st.lists(st.tuples(st.sampled_from(Handling), st.booleans(), st.floats(0, 1e9)), max_size=420))
@settings(max_examples=25, deadline=None)
def test_a_space_holds_a_bounded_number_and_drops_what_waits_last(
    made: list[tuple[Handling, bool, float]],
) -> None:
    talks = [
        Talk(
            CustomerId(str(number)),
            LINE.id,
            state=state,
            waiting_since=at if waits and state is not Handling.RESOLVED else None,
        )
        for number, (state, waits, at) in enumerate(made)
    ]
    held = kept(talks)
    open_ = [talk for talk in talks if talk.state is not Handling.RESOLVED]
    assert len(held) <= INBOX_OPEN + INBOX_RESOLVED
    assert len([talk for talk in open_ if talk.id in held]) == min(len(open_), INBOX_OPEN)
    dropped = [talk for talk in open_ if talk.id not in held]
    if any(talk.waits for talk in dropped):
        assert all(talk.waits for talk in open_ if talk.id in held)
