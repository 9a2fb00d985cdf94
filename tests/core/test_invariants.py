"""Any sequence of commands, and of what the engine does meanwhile, keeps what must always hold."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.core import commands as cmd
from app.core import events as ev
from app.core.calls import PhoneWay
from app.core.case_steps import Advanced
from app.core.cases import Case
from app.core.errors import Refusal
from app.core.hands import climbed
from app.core.ladders import Ladder
from app.core.mentions import expand
from app.core.model import (
    AnswerKind,
    Channel,
    Device,
    DeviceId,
    EndReason,
    Escalation,
    EscalationId,
    Level,
    MessageId,
    PersonId,
    Place,
    Reach,
    Recipients,
    Rung,
    SeatId,
    Status,
    Step,
    Taken,
)
from app.core.person import PersonSnapshot, PersonState
from app.core.policy import (
    Call,
    CaseKind,
    Forward,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
    Repeat,
    Text,
)
from app.core.presence import enter, grace_over, leave, lose_link
from app.core.scene import Decision
from app.core.space import SpaceState
from tests.helpers.case_book import CaseBook
from tests.helpers.office import (
    ANN,
    BOB,
    CHIE,
    DEV,
    EMPTY,
    EVA,
    SUPERVISORS,
    TILE,
    Office,
)

PEOPLE = (ANN, BOB, CHIE, DEV, EVA)
someone = st.sampled_from(PEOPLE)
anyone = st.sampled_from((*PEOPLE, PersonId("stranger")))
callable_ones = st.builds(
    Recipients,
    people=st.lists(someone, max_size=3, unique=True).map(tuple),
    groups=st.sampled_from(((), (SUPERVISORS,))),
)
"""Mostly accepted, so that red hands really are raised."""
recipients = callable_ones | st.builds(
    Recipients,
    people=st.lists(anyone, max_size=3, unique=True).map(tuple),
    groups=st.lists(st.sampled_from((SUPERVISORS, EMPTY)), max_size=2, unique=True).map(tuple),
    everyone=st.booleans(),
    here=st.booleans(),
)
DEVICES = (None, Device(DeviceId("d1"), "desk"), Device(DeviceId("d2"), "laptop"))
channels = st.lists(st.sampled_from(Channel), max_size=4).map(tuple)
places = st.builds(Place, st.integers(-TILE, 15 * TILE), st.integers(-TILE, 9 * TILE))
messages = st.text(max_size=60)
LADDER = Policy(
    PolicyId("ladder"),
    "Ladder",
    CaseKind.ESCALATION,
    (
        PolicyStep(60.0, Notify(Recipients(people=(DEV,), groups=(SUPERVISORS,)))),
        PolicyStep(10.0, Repeat(10.0, 2)),
        PolicyStep(10.0, Text(Reached(called=True))),
        PolicyStep(60.0, Call(Reached(Recipients(people=(CHIE,))))),
        PolicyStep(10.0, Forward(EVA)),
    ),
    again=1,
)
AGAIN = Policy(PolicyId("again"), "Again", CaseKind.PRIORITY, (PolicyStep(60.0, Repeat(60.0, 2)),))


class AnySequence(RuleBasedStateMachine):
    """People do anything at any time; a shadow folds the same events and must never differ."""

    def __init__(self) -> None:
        super().__init__()
        self.office = Office(present=())
        self.shadow = SpaceState(self.office.space.snapshot())
        self.shadow_persons = {p: PersonState(PersonSnapshot(p)) for p in PEOPLE}
        self.ended: dict[EscalationId, EndReason] = {}
        self.raised: set[EscalationId] = set()
        self.audience: dict[MessageId, frozenset[PersonId]] = {}
        self.book = CaseBook(LADDER, AGAIN)

    @initialize(everybody=st.booleans(), raises=st.booleans())
    def begins(self, everybody: bool, raises: bool) -> None:
        """Half of the runs begin where the most can happen: all are there, and a hand calls two."""
        for person in PEOPLE if everybody else ():
            self.office.online.add(person)
            self.follow(self.office.fold(enter(self.office.scene, person, None, Status.AVAILABLE)))
        if everybody and raises:
            self.do(ANN, cmd.RaiseEscalation(Level.RED, "", Recipients(groups=(SUPERVISORS,))))

    def follow(self, outcome: Decision | Refusal) -> None:
        if isinstance(outcome, Refusal):
            return
        self.book.follow(self.office.scene, outcome)
        for event in outcome.space:
            self.shadow.apply(event)
            if isinstance(event, ev.EscalationRaised):
                self.raised.add(event.escalation.id)
            if isinstance(event, ev.EscalationEnded):
                assert event.escalation not in self.ended
                self.ended[event.escalation] = event.reason
        for person, personal in outcome.personal:
            self.shadow_persons[person].apply(personal)

    def do(self, who: PersonId, command: cmd.Command) -> None:
        self.follow(self.office.do(who, command))

    @rule(who=someone, seat=st.sampled_from((None, SeatId("s1"), SeatId("s2"))), lost=channels)
    def enters(self, who: PersonId, seat: SeatId | None, lost: tuple[Channel, ...]) -> None:
        self.office.online.add(who)
        decision = enter(self.office.scene, who, seat, Status.AVAILABLE, reach=Reach(lost))
        self.follow(self.office.fold(decision))

    @rule(who=someone)
    def loses_link(self, who: PersonId) -> None:
        self.office.online.discard(who)
        self.follow(self.office.fold(lose_link(self.office.scene, who, self.office.now)))

    @rule(who=someone)
    def grace_passes(self, who: PersonId) -> None:
        self.office.now += 120.0
        self.follow(self.office.fold(grace_over(self.office.scene, who, self.office.now)))

    @rule(who=someone)
    def is_removed(self, who: PersonId) -> None:
        decision = leave(self.office.scene, who, self.office.now, EndReason.REMOVED)
        self.follow(self.office.fold(decision))

    @rule(who=someone, level=st.sampled_from(Level), message=messages, to=recipients)
    def raises(self, who: PersonId, level: Level, message: str, to: Recipients) -> None:
        self.do(who, cmd.RaiseEscalation(level, message, to))

    @precondition(lambda self: self.office.space.escalations)
    @rule(who=someone, kind=st.sampled_from(AnswerKind), data=st.data())
    def answers(self, who: PersonId, kind: AnswerKind, data: st.DataObject) -> None:
        hand = data.draw(st.sampled_from(sorted(self.office.space.escalations)))
        self.do(who, cmd.AnswerEscalation(hand, kind))

    @precondition(lambda self: self.office.space.escalations)
    @rule(who=someone, rung=st.sampled_from(Rung), device=st.sampled_from(DEVICES), data=st.data())
    def reports(self, who: PersonId, rung: Rung, device: Device | None, data: st.DataObject) -> None:
        hand = data.draw(st.sampled_from(sorted(self.office.space.escalations)))
        self.follow(self.office.do(who, cmd.ReportRung(hand, rung), device=device))

    @precondition(lambda self: self.office.space.escalations)
    @rule(steps=st.lists(st.builds(Step, anyone, st.sampled_from(Rung), st.sampled_from(DEVICES))))
    def many_report_at_once(self, steps: list[Step]) -> None:
        for hand in self.office.space.escalations.values():
            before = self.office.persons[hand.raiser].ladders.get(hand.id)
            self.follow(self.office.fold(climbed(self.office.scene, hand, steps)))
            self.climbed_as_one_by_one(before, hand, steps)

    def climbed_as_one_by_one(self, before: Ladder | None, hand: Escalation, steps: list[Step]) -> None:
        """Together or one after the other makes no difference."""
        for step in steps if before else ():
            assert before is not None
            before, _ = before.climb([step])
        assert self.office.persons[hand.raiser].ladders.get(hand.id) == before

    @rule(who=someone, lost=channels, unknown=channels)
    def reports_channels(
        self, who: PersonId, lost: tuple[Channel, ...], unknown: tuple[Channel, ...]
    ) -> None:
        self.do(who, cmd.ReportChannels(Reach(lost, unknown)))

    @precondition(lambda self: self.office.space.escalations)
    @rule(who=someone, data=st.data())
    def ends(self, who: PersonId, data: st.DataObject) -> None:
        hand = data.draw(st.sampled_from(sorted(self.office.space.escalations)))
        self.do(who, cmd.EndEscalation(hand))

    @rule(seconds=st.sampled_from((0.5, 10.0, 61.0, 400.0, -30.0)))
    def time_passes_and_the_engine_looks(self, seconds: float) -> None:
        """Also backwards, as clocks are set."""
        self.office.now += seconds
        for before, done in self.book.decide(self.office.scene, self.office.now):
            assert self.take(before, done)

    @precondition(lambda self: self.office.space.escalations)
    @rule(who=someone, kind=st.sampled_from(AnswerKind), data=st.data())
    def answers_while_the_engine_decides(self, who: PersonId, kind: AnswerKind, data: st.DataObject) -> None:
        """What it decided of a case that was answered since is not written down."""
        self.office.now += 61.0
        decided = self.book.decide(self.office.scene, self.office.now)
        hand = data.draw(st.sampled_from(sorted(self.office.space.escalations)))
        self.do(who, cmd.AnswerEscalation(hand, kind))
        for before, done in decided:
            taken = self.take(before, done)
            assert not (taken and done.sends and not self.book.cases[before.id].waiting)

    def take(self, before: Case, done: Advanced) -> bool:
        """Whether what the engine decided could be written down."""
        decision = self.book.take(self.office.scene, before, done, self.office.now)
        if decision is None:
            return False
        steps = [due.step for due in done.dues if due.what is not Taken.CAME_BACK and not due.number]
        assert steps == sorted(set(steps)), "skipped back, or taken twice"
        assert all(step >= before.step for step in steps) or before.answers
        assert before.waiting or not done.dues or done.case.back
        assert not (done.nobody and before.exhausted_at is not None), "said twice"
        self.fold_engine(decision)
        return True

    def fold_engine(self, decision: Decision) -> None:
        self.office.fold(decision)
        for event in decision.space:
            self.shadow.apply(event)
        for person, personal in decision.personal:
            self.shadow_persons[person].apply(personal)

    @invariant()
    def no_case_is_forgotten(self) -> None:
        assert self.book.waits_for_ever() == []

    @invariant()
    def a_case_is_answered_when_its_hand_is(self) -> None:
        hands = self.office.space.escalations
        for case in self.book.cases.values():
            if case.kind is CaseKind.ESCALATION:
                hand = hands.get(EscalationId(case.id))
                assert case.open == (hand is not None)
                assert hand is None or bool(case.answers) == hand.answered

    @rule(who=someone, status=st.sampled_from(Status))
    def sets_status(self, who: PersonId, status: Status) -> None:
        self.do(who, cmd.SetStatus(status))

    @rule(who=someone, away=st.booleans())
    def is_idle(self, who: PersonId, away: bool) -> None:
        self.do(who, cmd.SetAutoAway(away))

    @rule(who=someone, seat=st.sampled_from((None, SeatId("s1"), SeatId("s2"), SeatId("s9"))))
    def takes_seat(self, who: PersonId, seat: SeatId | None) -> None:
        self.do(who, cmd.TakeSeat(seat))

    @rule(who=someone, to=places)
    def walks(self, who: PersonId, to: Place) -> None:
        self.follow(self.office.walk_person(who, to))

    @rule(who=someone, text=messages, to=recipients, priority=st.booleans())
    def writes(self, who: PersonId, text: str, to: Recipients, priority: bool) -> None:
        space = self.office.space
        here = frozenset(p for p in space.occupants if space.is_here(p))
        may_see = expand(space.groups, to, frozenset(space.people), here) | {who}
        outcome = self.office.do(who, cmd.SendMessage(text.replace("@", ""), to, priority=priority))
        self.follow(outcome)
        for arrived in _messages(outcome):
            self.audience[arrived] = may_see

    @rule(who=someone, data=st.data())
    def reads(self, who: PersonId, data: st.DataObject) -> None:
        chats = self.office.persons[who].conversations.values()
        if chats:
            chat = data.draw(st.sampled_from(sorted(chats, key=lambda c: c.id)))
            self.do(who, cmd.MarkRead(chat.id, data.draw(st.sampled_from(chat.last)).sent_at))

    @rule(who=someone, rung=st.sampled_from(Rung), device=st.sampled_from(DEVICES), data=st.data())
    def reports_call(self, who: PersonId, rung: Rung, device: Device | None, data: st.DataObject) -> None:
        calls = sorted(self.office.persons[who].calls)
        if calls:
            command = cmd.ReportCall(data.draw(st.sampled_from(calls)), rung)
            self.follow(self.office.do(who, command, device=device))

    @rule(who=someone, forward=st.none() | anyone, ways=st.sets(st.sampled_from(PhoneWay)), data=st.data())
    def escalates(
        self, who: PersonId, forward: PersonId | None, ways: set[PhoneWay], data: st.DataObject
    ) -> None:
        mine = sorted(self.office.persons[who].priorities)
        if mine:
            message = data.draw(st.sampled_from(mine))
            outcome = self.office.do(who, cmd.EscalateMessage(message, tuple(ways), forward))
            self.follow(outcome)
            for copy in _messages(outcome):
                self.audience[copy] = frozenset({who, *([forward] if forward else [])})

    @rule(who=someone)
    def leaves(self, who: PersonId) -> None:
        self.do(who, cmd.LeaveSpace())

    @invariant()
    def one_active_hand_per_person_who_is_here(self) -> None:
        space = self.office.space
        raisers = [e.raiser for e in space.escalations.values()]
        assert len(raisers) == len(set(raisers))
        for raiser in raisers:
            assert raiser in space.occupants
            assert space.occupants[raiser].status is not Status.AWAY
            assert not self.office.scene.in_meeting_room(raiser)

    @invariant()
    def nobody_stands_inside_a_wall(self) -> None:
        office = self.office
        assert office.space.places.keys() == office.space.occupants.keys()
        for person, place in office.space.places.items():
            assert office.walk.walkable(place)
            zone = office.walk.zone_at(place)
            assert office.space.occupants[person].zone == (zone.id if zone else None)

    @invariant()
    def every_end_has_a_reason(self) -> None:
        assert self.ended.keys() == self.raised - self.office.space.escalations.keys()

    @invariant()
    def alerts_call_exactly_those_whom_an_active_red_hand_notifies(self) -> None:
        office = self.office
        for person, state in office.persons.items():
            called = {e.id: e for e in office.space.escalations.values() if person in e.notified}
            assert state.alerts.keys() == called.keys()
            for hand, alert in state.alerts.items():
                known, whole = alert.escalation, called[hand]
                assert (known.notified, known.unreached, known.recipients) == ((), (), Recipients())
                assert known.coming == whole.coming
                assert known.chatting == whole.chatting
                assert known.answer_of(person) == whole.answer_of(person)
                assert (known.message, known.raised_at) == (whole.message, whole.raised_at)

    @invariant()
    def a_ladder_has_each_recipient_and_no_line_is_behind_its_machines(self) -> None:
        office = self.office
        for person, state in office.persons.items():
            reds = (e for e in office.space.escalations.values() if e.level is Level.RED)
            mine = {e.id: e for e in reds if e.raiser == person}
            assert state.ladders.keys() == mine.keys()
            for hand, ladder in state.ladders.items():
                assert tuple(line.person for line in ladder.lines) == mine[hand].notified
                for line in ladder.lines:
                    assert line.rung >= max((d.rung for d in line.devices), default=Rung.STORED)
                    assert (line.person in mine[hand].unreached) <= (line.rung < Rung.RECEIVED)
                    answered = mine[hand].answer_of(line.person) is not None
                    assert not answered or line.rung is Rung.ANSWERED

    @invariant()
    def each_channel_is_lost_or_unknown_or_works(self) -> None:
        for occupant in self.office.space.occupants.values():
            named = (*occupant.reach.lost, *occupant.reach.unknown)
            assert len(named) == len(set(named))

    @invariant()
    def nobody_sees_a_foreign_mention_chat(self) -> None:
        for person, state in self.office.persons.items():
            for conversation in state.conversations.values():
                for message in conversation.last:
                    assert person in self.audience[message.id]

    @invariant()
    def a_priority_message_calls_exactly_those_who_have_not_seen_it_until_somebody_answers(self) -> None:
        persons = self.office.persons
        for author, state in persons.items():
            for sent in state.priorities.values():
                calling = {p for p in sent.people if sent.id in persons[p].calls}
                assert calling == (set(sent.unread) if sent.answer is None else set())
                assert author not in sent.people
        for state in persons.values():
            for call in state.calls.values():
                assert call.id in persons[call.message.author].priorities

    @invariant()
    def seats_belong_to_one_person(self) -> None:
        seats = [o.seat for o in self.office.space.occupants.values() if o.seat]
        assert len(seats) == len(set(seats))

    @invariant()
    def whoever_folds_the_same_events_knows_the_same(self) -> None:
        assert self.shadow.snapshot(places=False) == self.office.space.snapshot(places=False)
        for person, state in self.office.persons.items():
            assert self.shadow_persons[person].snapshot() == state.snapshot()


def _messages(outcome: Decision | Refusal) -> set[MessageId]:
    personal = outcome.personal if isinstance(outcome, Decision) else ()
    return {event.message.id for _, event in personal if isinstance(event, ev.MessageArrived)}


TestAnySequence = AnySequence.TestCase
TestAnySequence.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
