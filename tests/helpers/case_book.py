"""Cases beside an :class:`tests.helpers.office.Office`: they follow its events as the store's do, and an
engine goes on with what nobody answers."""

from __future__ import annotations

from app.core import case_answers
from app.core import events as ev
from app.core.case_screens import told
from app.core.case_steps import Advanced, Around, advance, next_look
from app.core.cases import Case, CaseAnswer, CaseId, way_of
from app.core.mentions import expand
from app.core.model import Level, PersonId, Recipients
from app.core.policy import AnswerWay, CaseKind, Policy
from app.core.scene import Decision, Scene


class CaseBook:
    """Attributes:
    cases: all that ever began, as they are now.
    """

    def __init__(self, *policies: Policy) -> None:
        self._policies = {policy.kind: policy for policy in policies}
        self.cases: dict[CaseId, Case] = {}

    def follow(self, scene: Scene, decision: Decision) -> None:
        """What people did."""
        for event in decision.space:
            self._on_space(scene, event)
        for person, personal in decision.personal:
            self._on_person(person, personal)

    def _on_space(self, scene: Scene, event: ev.SpaceEvent) -> None:
        match event:
            case ev.EscalationRaised(escalation=hand) if hand.level is Level.RED:
                policy = self._policies[CaseKind.ESCALATION]
                case, _ = case_answers.opened_by_hand(scene.space.space.id, hand, policy)
                self.cases[case.id] = case
            case ev.EscalationAnswered(escalation=hand_id, answer=answer) if CaseId(hand_id) in self.cases:
                case = self.cases[CaseId(hand_id)]
                if answer.kind.helps:
                    given = CaseAnswer(way_of(answer.kind), answer.at, answer.person)
                    case, _ = case_answers.answered(case, given)
                else:
                    case, _ = case_answers.declined(case, answer.at, answer.person)
                self.cases[case.id] = case
            case ev.EscalationEnded(escalation=hand_id, at=at) if CaseId(hand_id) in self.cases:
                case, _ = case_answers.ended(self.cases[CaseId(hand_id)], at)
                self.cases[case.id] = case
            case _:
                pass

    def _on_person(self, person: PersonId, event: ev.PersonalEvent) -> None:
        match event:
            case ev.PriorityStarted(message=message, people=people):
                policy = self._policies[CaseKind.PRIORITY]
                case, _ = case_answers.opened_by_message(message, people, policy)
                self.cases[case.id] = case
            case ev.PriorityAnswered(message=message_id, answer=answer):
                case = self.cases[CaseId(message_id)]
                if case.asked_by != person:
                    return
                if answer.way is AnswerWay.READ and answer.person is not None:
                    case, _ = case_answers.read(case, answer.person, answer.at)
                else:
                    given = CaseAnswer(answer.way, answer.at, answer.person)
                    case, _ = case_answers.answered(case, given)
                self.cases[case.id] = case
            case _:
                pass

    # The engine

    def decide(self, scene: Scene, now: float) -> list[tuple[Case, Advanced]]:
        """What it makes of each open case, and the case that it began with; nothing is written down yet."""
        around = around_in(scene)
        return [(case, advance(case, now, around)) for case in self.cases.values() if case.open]

    def take(self, scene: Scene, before: Case, done: Advanced, now: float) -> Decision | None:
        """Write it down, and what tells of it; ``None`` where something has happened since."""
        if self.cases[before.id] is not before:
            return None
        self.cases[before.id] = done.case
        return told(scene, done, now, {})

    def waits_for_ever(self) -> list[CaseId]:
        """Those that nobody answered and that nobody will look at, though they have not come to an end."""
        open_ = (case for case in self.cases.values() if case.waiting and case.exhausted_at is None)
        return [case.id for case in open_ if next_look(case) is None]


def around_in(scene: Scene) -> Around:
    space = scene.space
    everybody = frozenset(space.people)
    present = frozenset(person for person in space.occupants if space.is_here(person))

    def members(to: Recipients) -> frozenset[PersonId]:
        return frozenset(expand(space.groups, to, everybody, present))

    return Around(space.is_here, members, lambda case: case.text)
