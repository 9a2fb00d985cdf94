"""The author of a priority message sees how far its texts, calls and messages elsewhere came."""

from __future__ import annotations

import pytest

from app.core.calls import Answered, PhoneWay, Pursuit
from app.core.events import PersonalEvent, PriorityAnswered, PriorityHeard, PriorityPursued
from app.core.model import Heard, Taken
from app.core.policy import AnswerWay
from app.core.scene import Decision
from app.core.sends import SendState
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, DEV
from tests.ui import test_window
from tests.ui.test_priority import URGENT, open_chat, row, send, states
from tests.ui.test_window import Screen, Screens

floor, screens = test_window.floor, test_window.screens
TEXT, CALL, POST = Taken.TEXT, Taken.CALL, Taken.POST


@pytest.fixture
def ann(screens: Screens, floor: Floor) -> Screen:
    """Ann looks at her message to Bob and Dev, neither of whom has read it."""
    screen = screens(ANN)
    send(floor, screen)
    open_chat(screen)
    return screen


def happens(floor: Floor, *events: PersonalEvent) -> None:
    floor.fold(Decision((), tuple((ANN, event) for event in events)))


def pursued(floor: Floor, *ways: PhoneWay) -> PriorityPursued:
    return PriorityPursued(URGENT, Pursuit(floor.now, (BOB, DEV), ways))


def below(screen: Screen) -> list[str]:
    """What stands there after whom it calls and what was done when."""
    words = states(screen)
    me = screen.client.me
    assert me is not None
    return words[1 + len(me.priorities[URGENT].pursuits) :]


def test_each_way_is_on_its_way_until_more_is_known(ann: Screen, floor: Floor) -> None:
    happens(floor, pursued(floor, PhoneWay.TEXT, PhoneWay.CALL))
    assert below(ann) == ["Text message: on its way", "Phone call: on its way"]
    assert row(ann).spoken.endswith("Text message: on its way. Phone call: on its way")


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (Heard(TEXT, SendState.SENT, 1), "Text message sent, not known to be delivered yet"),
        (Heard(TEXT, SendState.DELIVERED, 1), "Text message delivered"),
        (Heard(TEXT, SendState.UNKNOWN, 1), "Text message: not known whether it arrived"),
        (
            Heard(TEXT, SendState.FAILED, 1, "no_number"),
            "Text message failed: There is no verified phone number",
        ),
        (Heard(TEXT, SendState.FAILED, 1), "Text message failed: no reason given"),
        (
            Heard(TEXT, SendState.FAILED, 1, "Twilio 30034: Not registered"),
            "Text message failed: the gateway says “Twilio 30034: Not registered”",
        ),
    ],
)
def test_how_far_it_came_is_what_is_known(ann: Screen, floor: Floor, heard: Heard, said: str) -> None:
    happens(floor, pursued(floor, PhoneWay.TEXT), PriorityHeard(URGENT, heard))
    assert below(ann) == [said]


def test_a_call_and_a_message_elsewhere_have_words_of_their_own(ann: Screen, floor: Floor) -> None:
    told = PriorityPursued(URGENT, Pursuit(floor.now, contacts=("Team channel",)))
    happens(floor, pursued(floor, PhoneWay.CALL), told)
    for state, said in (
        (SendState.SENT, ["Phone is being called", "Told elsewhere"]),
        (SendState.DELIVERED, ["Phone call was picked up", "Told elsewhere"]),
    ):
        news = 1 if state is SendState.SENT else 2
        happens(floor, *(PriorityHeard(URGENT, Heard(what, state, news)) for what in (CALL, POST)))
        assert below(ann) == said
    happens(floor, PriorityHeard(URGENT, Heard(CALL, SendState.FAILED, 1, "phone_busy")))
    assert below(ann) == said, "older news changes nothing"


def test_what_an_answer_kept_from_being_sent_is_not_on_its_way(ann: Screen, floor: Floor) -> None:
    happens(floor, pursued(floor, PhoneWay.TEXT, PhoneWay.CALL))
    happens(floor, PriorityHeard(URGENT, Heard(TEXT, SendState.CANCELLED, 1)))
    happens(floor, PriorityAnswered(URGENT, Answered(AnswerWay.REPLY, floor.now, BOB)))
    assert not any("way" in words or " sent" in words for words in states(ann))
