"""Answers to a hand of those who are no persons here: contacts, such as a duty phone, and programs."""

from __future__ import annotations

import pytest

from app.core.commands import RaiseEscalation
from app.core.hands import answered_outside
from app.core.model import AnswerKind, Escalation, EscalationId, Level, OutsideAnswer, PersonId, Recipients
from app.core.policy import ContactId
from app.core.space import called_again, with_outside
from tests.helpers.office import ANN, BOB, CHIE, SUPERVISORS, Office

HAND = EscalationId("e1")
DUTY = ContactId("duty")


@pytest.fixture
def office() -> Office:
    """Ann's red hand calls Bob and Chie."""
    made = Office()
    made.do(ANN, RaiseEscalation(Level.RED, "", Recipients(groups=(SUPERVISORS,))), HAND)
    return made


def hand(office: Office) -> Escalation:
    return office.space.escalations[HAND]


def says(office: Office, name: str, kind: AnswerKind, contact: ContactId | None) -> tuple[int, set[PersonId]]:
    """How many events there are for all, and who else is told."""
    answer = OutsideAnswer(name, kind, office.now, contact)
    decision = office.fold(answered_outside(hand(office), answer))
    return len(decision.space), {who for who, _ in decision.personal}


def test_a_contact_that_said_yes_and_then_no_does_not_come_and_all_who_are_called_hear_of_both(
    office: Office,
) -> None:
    heard = []
    for name, kind in (
        ("Duty phone", AnswerKind.DECLINE),
        ("Duty phone", AnswerKind.KEY),
        ("Duty phone", AnswerKind.SMS),
        ("Night duty", AnswerKind.DECLINE),  # as the contact is called by then
        ("Night duty", AnswerKind.DECLINE),
    ):
        told = says(office, name, kind, DUTY)
        heard.append((*told, hand(office).answered))
    assert heard == [
        (1, set(), False),
        (1, {BOB, CHIE}, True),
        (0, set(), True),
        (1, {BOB, CHIE}, False),
        (0, set(), False),
    ]
    for seen in (hand(office), office.persons[BOB].alerts[HAND].escalation):
        assert [(a.name, a.kind) for a in seen.outside] == [("Night duty", AnswerKind.DECLINE)]


def test_a_program_and_a_contact_of_the_same_name_are_two(office: Office) -> None:
    says(office, "Duty", AnswerKind.API, None)
    says(office, "Duty", AnswerKind.KEY, DUTY)
    says(office, "Duty", AnswerKind.DECLINE, DUTY)
    assert [answer.kind for answer in hand(office).outside] == [AnswerKind.API, AnswerKind.DECLINE]
    assert hand(office).answered


def test_what_calls_again_forgets_who_came_from_outside_and_not_who_cannot(office: Office) -> None:
    seen = hand(office)
    for name, kind in (("Duty phone", AnswerKind.KEY), ("Porter", AnswerKind.DECLINE)):
        seen = with_outside(seen, OutsideAnswer(name, kind, office.now))
    assert [answer.name for answer in called_again(seen).outside] == ["Porter"]
