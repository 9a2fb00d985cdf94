"""Mention chats: who may see a message, conversations, unread counts (product, section 3)."""

from __future__ import annotations

import pytest

from app.core.commands import MarkRead, SendMessage
from app.core.errors import Code, Refusal
from app.core.limits import CHAT_CHARS, CONVERSATION_TAIL
from app.core.mentions import Directory
from app.core.model import Conversation, GroupId, PersonId, Recipients
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, SUPERVISORS, Office

BOTH = Recipients(people=(ANN, BOB))


def only_conversation(office: Office, person: PersonId) -> Conversation:
    (conversation,) = office.persons[person].conversations.values()
    return conversation


def test_a_message_is_seen_by_its_author_and_those_mentioned_alone() -> None:
    office = Office()
    office.do(ANN, SendMessage("@bob can you look?"))
    assert only_conversation(office, ANN).with_ == BOTH
    assert only_conversation(office, BOB).last[0].text == "@bob can you look?"
    assert not office.persons[CHIE].conversations
    assert not office.persons[DEV].conversations


def test_the_answer_falls_into_the_same_conversation() -> None:
    office = Office()
    office.do(ANN, SendMessage("look", Recipients(people=(BOB,))))
    office.do(BOB, SendMessage("coming", Recipients(people=(ANN,))))
    conversation = only_conversation(office, ANN)
    assert [m.text for m in conversation.last] == ["look", "coming"]
    assert conversation == only_conversation(office, BOB).__class__(
        id=conversation.id,
        space=conversation.space,
        with_=BOTH,
        last=conversation.last,
        read_at=conversation.read_at,
        unread=1,
    )


def test_a_group_conversation_stays_one_whoever_of_the_group_answers() -> None:
    office = Office()
    office.do(ANN, SendMessage("@supervisors who is free?"))
    conversation = only_conversation(office, CHIE)
    office.do(CHIE, SendMessage("I am", Recipients(people=conversation.with_.people, groups=(SUPERVISORS,))))
    assert len(only_conversation(office, ANN).last) == 2
    assert len(only_conversation(office, BOB).last) == 2
    assert not office.persons[DEV].conversations


def test_all_means_every_member_and_here_those_who_are_connected() -> None:
    office = Office(present=(ANN, BOB))
    office.do(ANN, SendMessage("@all fire drill"))
    assert all(state.conversations for state in office.persons.values())
    office.do(ANN, SendMessage("@here now"))
    assert len(office.persons[BOB].conversations) == 2
    assert len(office.persons[EVA].conversations) == 1


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SendMessage("to nobody"), Code.NO_RECIPIENTS),
        (SendMessage("to @ann myself"), Code.NO_RECIPIENTS),
        (SendMessage("  \n "), Code.EMPTY_MESSAGE),
        (SendMessage("@bob " + "x" * CHAT_CHARS), Code.MESSAGE_TOO_LONG),
        (SendMessage("@bob \x1b[2J"), Code.CONTROL_CHARACTERS),
        (SendMessage("x", Recipients(people=(PersonId("zoe"),))), Code.UNKNOWN_PERSON),
        (SendMessage("x", Recipients(groups=(GroupId("g9"),))), Code.UNKNOWN_GROUP),
    ],
)
def test_what_cannot_be_sent_is_refused(command: SendMessage, code: Code) -> None:
    outcome = Office().do(ANN, command)
    assert isinstance(outcome, Refusal)
    assert outcome.code is code


def test_unread_counts_what_others_wrote_and_reading_goes_forward_only() -> None:
    office = Office()
    for text in ("one", "two", "three"):
        office.do(ANN, SendMessage(text, Recipients(people=(BOB,))))
    conversation = only_conversation(office, BOB)
    assert conversation.unread == 3
    assert only_conversation(office, ANN).unread == 0
    second = conversation.last[1].sent_at
    office.do(BOB, MarkRead(conversation.id, second))
    assert only_conversation(office, BOB).unread == 1
    office.do(BOB, MarkRead(conversation.id, 9e9))
    assert only_conversation(office, BOB).unread == 0
    office.do(BOB, MarkRead(conversation.id, second))
    assert only_conversation(office, BOB).unread == 0


def test_a_foreign_conversation_cannot_be_marked_read() -> None:
    office = Office()
    office.do(ANN, SendMessage("@bob hi"))
    outcome = office.do(DEV, MarkRead(only_conversation(office, ANN).id, 1.0))
    assert isinstance(outcome, Refusal)
    assert outcome.code is Code.UNKNOWN_CONVERSATION


def test_a_client_holds_the_newest_messages_only() -> None:
    office = Office()
    for i in range(CONVERSATION_TAIL + 5):
        office.do(ANN, SendMessage(f"m{i}", Recipients(people=(BOB,))))
    conversation = only_conversation(office, BOB)
    assert len(conversation.last) == CONVERSATION_TAIL
    assert conversation.last[0].text == "m5"
    assert conversation.unread == CONVERSATION_TAIL + 5


@pytest.mark.parametrize(
    ("text", "handles"),
    [
        ("@bob, and @Chie!", {BOB, CHIE}),
        ("see @bob.", {BOB}),
        ("mail ann@bob.example", set()),
        ("@@bob", set()),
        ("@bobby", set()),
        ("（@bob）さん", {BOB}),
    ],
)
def test_mentions_are_found_where_a_person_sees_them(text: str, handles: set[PersonId]) -> None:
    space = Office().space
    directory = Directory(space.people, space.groups)
    assert {m.person for m in directory.mentions(text)} == handles


def test_a_mention_knows_where_it_stands() -> None:
    (mention,) = Office().space.directory.mentions("hi @bob.")
    assert "hi @bob."[mention.start : mention.end] == "@bob"
