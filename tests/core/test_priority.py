"""Priority messages: who may send them, whom they call and until when, what their author may have done."""

from __future__ import annotations

import msgspec
import pytest

from app.core import events as ev
from app.core.calls import Answered, PhoneWay, Pursuit
from app.core.case_answers import opened_by_message
from app.core.case_steps import by_hand
from app.core.commands import EscalateMessage, MarkRead, ReportCall, SendMessage
from app.core.decide import decide
from app.core.errors import Code, Refusal
from app.core.ladders import SentPriority
from app.core.limits import PRIORITIES, PRIORITIES_WITHIN, PRIORITY_PEOPLE, PURSUE_AGAIN
from app.core.model import Device, DeviceId, MessageId, Person, PersonId, Recipients, Role, Rung
from app.core.permissions import BUILT_IN, Least, OwnRight, Permissions, Right
from app.core.policy import BUILT_IN as POLICIES
from app.core.policy import AnswerWay, CaseKind, Contact, ContactId, ContactKind
from app.core.priority import answered, handed_on
from app.core.scene import Decision
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, SUPERVISORS, Office

URGENT = MessageId("urgent")
DESK = Device(DeviceId("d1"), "desk")
TO_BOB_AND_DEV = Recipients(people=(BOB, DEV))


def office_with_message(to: Recipients = TO_BOB_AND_DEV, author: PersonId = ANN) -> Office:
    office = Office()
    outcome = office.do(author, SendMessage("Which contract?", to, priority=True), URGENT)
    assert isinstance(outcome, Decision)
    return office


def sent(office: Office, author: PersonId = ANN) -> SentPriority:
    return office.persons[author].priorities[URGENT]


def read(office: Office, who: PersonId) -> None:
    call = office.persons[who].calls[URGENT]
    outcome = office.do(who, MarkRead(call.message.conversation, call.message.sent_at))
    assert isinstance(outcome, Decision)


def code_of(outcome: Decision | Refusal) -> Code:
    assert isinstance(outcome, Refusal)
    return outcome.code


# Permissions

ROLES = {Role.AGENT: ANN, Role.SUPERVISOR: BOB, Role.ADMIN: EVA}
YES, NO = True, False


@pytest.mark.parametrize(
    ("least", "agent", "supervisor", "admin"),
    [
        (Least.EVERYBODY, YES, YES, YES),
        (Least.SUPERVISORS, NO, YES, YES),
        (Least.ADMINS, NO, NO, YES),
        (Least.NOBODY, NO, NO, NO),
    ],
)
@pytest.mark.parametrize("right", Right)
def test_the_organisation_says_from_which_role_up_and_a_persons_own_setting_goes_before(
    right: Right, least: Least, agent: bool, supervisor: bool, admin: bool
) -> None:
    organisation = msgspec.structs.replace(BUILT_IN, **{right.value: least})
    other = next(r for r in Right if r is not right)
    for role, expected in ((Role.AGENT, agent), (Role.SUPERVISOR, supervisor), (Role.ADMIN, admin)):
        person = Person(ROLES[role], "p", "P", role)
        assert organisation.may(person, right) is expected
        for own in (YES, NO):
            excepted = msgspec.structs.replace(organisation, exceptions=(OwnRight(person.id, right, own),))
            assert excepted.may(person, right) is own
            assert excepted.may(person, other) is organisation.may(person, other)
            stranger = msgspec.structs.replace(person, id=PersonId("another"))
            assert excepted.may(stranger, right) is expected


def test_everybody_may_send_them_and_supervisors_may_reach_for_phones_unless_set_otherwise() -> None:
    agent, supervisor = Person(ANN, "ann", "Ann"), Person(BOB, "bob", "Bob", Role.SUPERVISOR)
    assert (BUILT_IN.may(agent, Right.PRIORITY), BUILT_IN.may(agent, Right.PHONES)) == (True, False)
    assert BUILT_IN.may(supervisor, Right.PHONES)


def test_who_may_not_send_priority_messages_can_still_send_others() -> None:
    office = Office()
    office.permissions = Permissions(priority=Least.SUPERVISORS)
    message = SendMessage("Which contract?", TO_BOB_AND_DEV, priority=True)
    assert code_of(office.do(ANN, message)) is Code.PRIORITY_DENIED
    assert not office.persons[BOB].conversations
    assert isinstance(office.do(ANN, msgspec.structs.replace(message, priority=False)), Decision)
    assert isinstance(office.do(BOB, SendMessage("@dev now", priority=True)), Decision)


# Sending


def test_it_calls_those_it_is_for_and_its_author_follows_it() -> None:
    office = office_with_message(Recipients(people=(DEV,), groups=(SUPERVISORS,)))
    assert {p for p, state in office.persons.items() if URGENT in state.calls} == {BOB, CHIE, DEV}
    call = office.persons[BOB].calls[URGENT]
    assert (call.message.text, call.number, call.at) == ("Which contract?", 0, call.message.sent_at)
    assert sent(office).people == (BOB, CHIE, DEV)
    assert {line.rung for line in sent(office).lines} == {Rung.STORED}
    assert sent(office).waiting


def test_a_message_without_priority_calls_nobody() -> None:
    office = Office()
    office.do(ANN, SendMessage("whenever", TO_BOB_AND_DEV))
    assert not any(state.calls or state.priorities for state in office.persons.values())


@pytest.mark.parametrize("text", ["@all now", "@here now"])
def test_it_cannot_call_everybody(text: str) -> None:
    assert code_of(Office().do(ANN, SendMessage(text, priority=True))) is Code.PRIORITY_TO_ALL


def test_it_calls_a_limited_number_of_people() -> None:
    office = Office()
    crowd = tuple(PersonId(f"p{n:03}") for n in range(PRIORITY_PEOPLE + 1))
    for person in crowd:
        office.fold(Decision((ev.PersonChanged(Person(person, person, person)),)))
    message = SendMessage("now", Recipients(people=crowd), priority=True)
    assert office.do(ANN, message) == Refusal(Code.PRIORITY_TOO_MANY, {"limit": PRIORITY_PEOPLE})


def test_a_storm_of_them_is_held_up() -> None:
    office = Office()
    for number in range(PRIORITIES):
        assert isinstance(office.do(ANN, SendMessage(f"@bob {number}", priority=True)), Decision)
    first = min(s.message.sent_at for s in office.persons[ANN].priorities.values())
    seconds = int(first + PRIORITIES_WITHIN - office.now - 1)
    refused = Refusal(Code.TOO_MANY_PRIORITIES, {"seconds": seconds})
    assert office.do(ANN, SendMessage("@bob again", priority=True)) == refused
    assert isinstance(office.do(ANN, SendMessage("@bob no hurry")), Decision)
    office.now += seconds
    assert isinstance(office.do(ANN, SendMessage("@bob again", priority=True)), Decision)


# Until it is read or answered


def test_the_ladder_of_each_recipient_is_climbed_by_their_machines() -> None:
    office = office_with_message()
    office.do(BOB, ReportCall(URGENT, Rung.RECEIVED), device=DESK)
    office.do(BOB, ReportCall(URGENT, Rung.SHOWN), device=DESK)
    rungs = {line.person: line.rung for line in sent(office).lines}
    assert rungs == {BOB: Rung.SHOWN, DEV: Rung.STORED}
    again = office.do(BOB, ReportCall(URGENT, Rung.SHOWN), device=DESK)
    assert again == Decision()
    assert code_of(office.do(CHIE, ReportCall(URGENT, Rung.SHOWN))) is Code.PRIORITY_OVER
    assert office.do(BOB, ReportCall(URGENT, Rung.ANSWERED)) == Decision()  # only a person answers


def test_who_reads_it_is_called_no_more_and_the_others_still_are() -> None:
    office = office_with_message()
    read(office, BOB)
    assert URGENT not in office.persons[BOB].calls
    assert URGENT in office.persons[DEV].calls
    assert [(a.person, a.way) for a in sent(office).answers] == [(BOB, AnswerWay.READ)]
    assert sent(office).unread == (DEV,)
    assert sent(office).waiting
    read(office, DEV)
    assert not sent(office).waiting
    assert sent(office).answer is None
    assert {line.rung for line in sent(office).lines} == {Rung.ANSWERED}


def test_reading_what_came_before_it_is_not_reading_it() -> None:
    office = Office()
    office.do(ANN, SendMessage("@bob hello"))
    office.do(ANN, SendMessage("@bob now!", priority=True), URGENT)
    earlier = office.persons[BOB].calls[URGENT].message
    office.do(BOB, MarkRead(earlier.conversation, earlier.sent_at - 1.0))
    assert URGENT in office.persons[BOB].calls
    assert not sent(office).answers


def test_who_writes_back_has_answered_for_all() -> None:
    office = office_with_message()
    conversation = office.persons[BOB].conversations[sent(office).message.conversation]
    office.do(BOB, SendMessage("The second one", conversation.with_))
    assert not any(state.calls for state in office.persons.values())
    answer = sent(office).answer
    assert answer is not None
    assert (answer.person, answer.way) == (BOB, AnswerWay.REPLY)
    assert not sent(office).waiting


def test_an_answer_elsewhere_is_none() -> None:
    office = office_with_message()
    office.do(BOB, SendMessage("@ann by the way"))
    assert URGENT in office.persons[BOB].calls
    assert not sent(office).answers


def test_who_answers_by_phone_silences_their_machines_and_all_others() -> None:
    office = office_with_message()
    office.fold(answered(office.scene, ANN, URGENT, Answered(AnswerWay.KEY, office.now, BOB)))
    assert not any(state.calls for state in office.persons.values())
    answer = sent(office).answer
    assert answer is not None
    assert answer.way is AnswerWay.KEY


# What the author may have done


def test_phones_are_for_those_who_may_and_reach_those_who_have_one_and_have_not_read_it() -> None:
    office = office_with_message(Recipients(people=(ANN, CHIE, DEV)), author=BOB)
    office.phones = {ANN, DEV}
    read(office, DEV)
    both = EscalateMessage(URGENT, (PhoneWay.CALL, PhoneWay.TEXT))
    assert isinstance(office.do(BOB, both), Decision)
    (pursuit,) = sent(office, BOB).pursuits
    assert (pursuit.people, pursuit.ways, pursuit.by_hand) == ((ANN,), (PhoneWay.CALL, PhoneWay.TEXT), True)
    assert sent(office, BOB).people == (ANN, CHIE, DEV)


def test_an_agent_may_not_reach_for_phones_unless_allowed_to() -> None:
    office = office_with_message()
    office.phones = {BOB}
    text = EscalateMessage(URGENT, (PhoneWay.TEXT,))
    assert code_of(office.do(ANN, text)) is Code.PHONES_DENIED
    office.permissions = Permissions(exceptions=(OwnRight(ANN, Right.PHONES, True),))
    assert isinstance(office.do(ANN, text), Decision)


def test_nothing_is_sent_where_nobody_has_a_phone() -> None:
    office = office_with_message(Recipients(people=(DEV,)), author=BOB)
    assert code_of(office.do(BOB, EscalateMessage(URGENT, (PhoneWay.TEXT,)))) is Code.NO_PHONE_REACHED
    assert not sent(office, BOB).pursuits


def test_the_same_is_not_done_twice_within_a_minute() -> None:
    office = office_with_message(Recipients(people=(DEV,)), author=BOB)
    office.phones = {DEV}
    text, call = EscalateMessage(URGENT, (PhoneWay.TEXT,)), EscalateMessage(URGENT, (PhoneWay.CALL,))
    assert isinstance(office.do(BOB, text), Decision)
    assert office.do(BOB, text) == Refusal(Code.JUST_DONE, {"seconds": int(PURSUE_AGAIN) - 1})
    assert isinstance(office.do(BOB, call), Decision)
    office.now += PURSUE_AGAIN
    assert isinstance(office.do(BOB, text), Decision)


DUTY = Contact(ContactId("duty"), "Duty phone", ContactKind.PHONE, "…677")
TEAM = Contact(ContactId("team"), "Team channel", ContactKind.APPRISE)


def office_with_contacts() -> Office:
    """Bob's message to Dev, who has no phone; beside them a duty phone and a channel."""
    office = office_with_message(Recipients(people=(DEV,)), author=BOB)
    office.contacts = {DUTY.id: DUTY, TEAM.id: TEAM}
    return office


def test_contacts_are_reached_in_the_ways_that_were_chosen_and_the_others_are_told() -> None:
    office = office_with_contacts()
    everywhere = EscalateMessage(URGENT, tuple(PhoneWay), contacts=(TEAM.id, DUTY.id, DUTY.id))
    assert isinstance(office.do(BOB, everywhere), Decision)
    by_phone, told = sent(office, BOB).pursuits
    assert (by_phone.ways, by_phone.contacts, by_phone.targets) == (
        (PhoneWay.CALL, PhoneWay.TEXT),
        ("Duty phone",),
        (DUTY.id,),
    )
    assert (told.ways, told.people, told.contacts, told.targets) == ((), (), ("Team channel",), (TEAM.id,))
    assert by_phone.by_hand
    assert told.by_hand


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (EscalateMessage(URGENT, contacts=(DUTY.id,)), Code.NOTHING_TO_DO),  # neither texted nor called
        (EscalateMessage(URGENT, (PhoneWay.TEXT,), contacts=(ContactId("x"),)), Code.CONTACT_GONE),
        (EscalateMessage(URGENT, (PhoneWay.TEXT,), contacts=(TEAM.id,)), Code.NO_PHONE_REACHED),
    ],
)
def test_contacts_that_cannot_be_reached_are_refused(command: EscalateMessage, code: Code) -> None:
    office = office_with_contacts()
    assert code_of(office.do(BOB, command)) is code
    assert not sent(office, BOB).pursuits


def test_contacts_are_for_those_who_may_reach_for_phones() -> None:
    office = office_with_message()
    office.contacts = {TEAM.id: TEAM}
    tell = EscalateMessage(URGENT, contacts=(TEAM.id,))
    assert code_of(office.do(ANN, tell)) is Code.PHONES_DENIED
    office.permissions = Permissions(exceptions=(OwnRight(ANN, Right.PHONES, True),))
    assert isinstance(office.do(ANN, tell), Decision)
    assert code_of(office.do(ANN, tell)) is Code.JUST_DONE


def test_what_goes_out_by_hand_and_what_the_timeline_has_of_it() -> None:
    office = office_with_contacts()
    message = sent(office, BOB).message
    case, _ = opened_by_message(message, (DEV,), POLICIES[CaseKind.PRIORITY])
    texted = Pursuit(5.0, (DEV,), (PhoneWay.TEXT,), by_hand=True, targets=(DUTY.id,))
    changed = by_hand(case, texted, "Bob: Which contract?")
    assert [(s.channel, s.person, s.contact) for s in changed.sends] == [
        ("sms", DEV, None),
        ("sms", None, DUTY.id),
    ]
    assert changed.case.hopes == tuple(send.id for send in changed.sends)
    assert [(note.people, note.contact) for note in changed.notes] == [((DEV,), None), ((), DUTY.id)]
    told = by_hand(case, Pursuit(5.0, by_hand=True, targets=(TEAM.id,)), "Bob: Which contract?")
    assert [(s.channel, s.contact) for s in told.sends] == [("post", TEAM.id)]
    assert told.case.hopes == ()  # nobody answers there
    onward = by_hand(case, Pursuit(5.0, (CHIE,), by_hand=True), "")
    assert (onward.sends, onward.case.called) == ((), (DEV, CHIE))


def test_it_is_handed_on_with_its_text_and_calls_them_too() -> None:
    office = office_with_message()
    assert isinstance(office.do(ANN, EscalateMessage(URGENT, forward=CHIE), "copy"), Decision)
    call = office.persons[CHIE].calls[URGENT]
    assert (call.message.id, call.message.forwards, call.message.text) == ("copy", URGENT, "Which contract?")
    assert sent(office).people == (BOB, DEV, CHIE)
    assert not any("copy" in office.persons[p].priorities for p in (ANN, CHIE))
    office.do(CHIE, ReportCall(URGENT, Rung.SHOWN))
    assert sent(office).lines[-1].rung is Rung.SHOWN
    office.do(CHIE, SendMessage("The second", Recipients(people=(ANN,))))
    assert not any(state.calls for state in office.persons.values())
    answer = sent(office).answer
    assert answer is not None
    assert answer.person == CHIE


def test_what_is_handed_on_in_ones_name_is_no_sign_of_having_read() -> None:
    office = office_with_message()
    office.do(CHIE, SendMessage("@ann have a look"))
    (chat,) = (c for c in office.persons[ANN].conversations.values() if c.unread)
    office.fold(
        handed_on(office.scene, sent(office), Recipients(people=(CHIE,)), MessageId("copy"), office.now)
    )
    assert office.persons[ANN].conversations[chat.id].unread == 1
    assert office.persons[ANN].conversations[chat.id].last[-1].forwards == URGENT


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (EscalateMessage(URGENT), Code.NOTHING_TO_DO),
        (EscalateMessage(URGENT, forward=BOB), Code.FORWARD_KNOWS),
        (EscalateMessage(URGENT, forward=ANN), Code.FORWARD_KNOWS),
        (EscalateMessage(URGENT, forward=PersonId("zoe")), Code.UNKNOWN_PERSON),
        (EscalateMessage(MessageId("other"), forward=CHIE), Code.NOT_FOUND),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(command: EscalateMessage, code: Code) -> None:
    office = office_with_message()
    before = office.persons[ANN].snapshot()
    assert code_of(office.do(ANN, command)) is code
    assert office.persons[ANN].snapshot() == before


def test_if_one_part_cannot_be_done_none_is() -> None:
    office = office_with_message(Recipients(people=(DEV,)), author=BOB)
    command = EscalateMessage(URGENT, (PhoneWay.TEXT,), forward=CHIE)
    assert code_of(office.do(BOB, command)) is Code.NO_PHONE_REACHED
    assert not office.persons[CHIE].calls


def test_only_its_author_can_and_only_while_nobody_has_answered() -> None:
    office = office_with_message()
    forward = EscalateMessage(URGENT, forward=CHIE)
    assert code_of(office.do(BOB, forward)) is Code.NOT_FOUND
    read(office, BOB)
    read(office, DEV)
    assert code_of(office.do(ANN, forward)) is Code.PRIORITY_OVER


def test_who_may_send_none_can_hand_none_on() -> None:
    office = office_with_message()
    office.permissions = Permissions(priority=Least.NOBODY)
    assert code_of(office.do(ANN, EscalateMessage(URGENT, forward=CHIE))) is Code.PRIORITY_DENIED


# What the server tells of it


def test_it_calls_again_until_it_is_read() -> None:
    office = office_with_message()
    repeated = ev.PriorityRepeated(URGENT, office.now)
    for number in (1, 2):
        office.fold(Decision((), ((BOB, repeated),)))
        call = office.persons[BOB].calls[URGENT]
        assert (call.number, call.at) == (number, office.now)
    read(office, BOB)
    office.fold(Decision((), ((BOB, repeated),)))
    assert URGENT not in office.persons[BOB].calls


def test_the_same_command_always_gets_the_same_answer() -> None:
    office = office_with_message()
    command = EscalateMessage(URGENT, forward=CHIE)
    outcomes = {str(decide(office.scene, ANN, command, "copy", 5.0)) for _ in range(3)}
    assert len(outcomes) == 1
