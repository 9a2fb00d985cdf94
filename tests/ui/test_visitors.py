"""Links and `handraise raise` open views of the signed-in program, and act only as its person allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from app.core.commands import RaiseEscalation, SendMessage
from app.core.model import Level, Recipients, SpaceId
from app.net.client import Link
from app.net.problems import ConnectionProblem, Trouble
from app.ui.deep_links import DeepLink, Target, follow, parse_link
from app.ui.desk import Desk
from app.ui.instance import Open, Outcome, Raise, Said
from app.ui.panels.side_panel import Tab
from app.ui.program import Program
from tests.helpers.clock import settle
from tests.helpers.machine import Machine, signed_in, until
from tests.helpers.office import BOB, SUPERVISORS
from tests.helpers.scripted import PASSWORD

AWAY = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)
FILLED = Said(Outcome.WAITS, "The escalation dialog is filled in. Press Execute there.")


def told(program: Program, request: Open | Raise) -> list[Said]:
    said: list[Said] = []
    program.asked(request, said.append)
    return said


# What a link may say


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("handraise://open", DeepLink(Target.OPEN)),
        ("handraise://open/", DeepLink(Target.OPEN)),
        ("HANDRAISE://Hand/a1b2-c3", DeepLink(Target.HAND, "a1b2-c3")),
        ("handraise://person/@mia", DeepLink(Target.PERSON, "mia")),
        ("handraise://person/%E6%A3%AE", DeepLink(Target.PERSON, "森")),
        ("handraise://space/s1?server=office.example", DeepLink(Target.SPACE, "s1", "office.example:7443")),
        ("handraise://conversation/c1?server=a:1", DeepLink(Target.CONVERSATION, "c1", "a:1")),
    ],
)
def test_links(text: str, link: DeepLink) -> None:
    assert parse_link(text) == link


@pytest.mark.parametrize(
    "text",
    [
        "",
        "handraise:",
        "handraise://",
        "handraise://raise/now",
        "handraise://hand",
        "handraise://hand/a/b",
        "handraise://hand/..%2f..",
        "handraise://hand/a%00",
        "handraise://hand/a?server=x&server=y",
        "handraise://hand/a?password=x",
        "handraise://hand/a?server=http://x",
        "handraise://hand/a#b",
        "handraise://user:pw@hand/a",
        "handraise://person/" + "x" * 65,
        "handraise://hand/" + "x" * 600,
        "http://hand/a",
        "handraise://[/x",
    ],
)
def test_everything_else_is_no_link(text: str) -> None:
    assert parse_link(text) is None


@given(st.one_of(st.text(), st.from_regex(r"handraise://(open|hand|space|person)[/?#%@:a-z0-9=&\[\]]*")))
def test_any_text_is_a_link_or_none(text: str) -> None:
    link = parse_link(text)
    assert link is None or len(link.id) <= 64


# What a link opens


async def test_links_open_views(machine: Machine) -> None:
    machine.server.act(BOB, RaiseEscalation(Level.YELLOW, "help"), "hand")
    machine.server.act(BOB, SendMessage("@ann hello"), "note")
    _, desk = await signed_in(machine)
    desk.bridge.tell()
    me = desk.client.me
    assert me is not None
    (conversation,) = me.conversations
    tabs = desk.panels.side
    for text, tab in (
        ("handraise://hand/hand", Tab.HANDS),
        ("handraise://person/bob?server=localhost", Tab.PEOPLE),
        (f"handraise://conversation/{conversation}", Tab.CHAT),
        ("handraise://space/osaka", Tab.CHAT),
    ):
        desk.window.hide()
        link = parse_link(text)
        assert link is not None
        assert follow(desk, link) == ""
        assert desk.window.isVisible()
        assert tabs.tabs.currentIndex() == tab
    assert desk.view.focused_person == BOB
    assert desk.panels.chat.shows_one
    desk.chat.close_conversation()
    assert desk.hands.own is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("handraise://hand/gone", "This hand is not raised any more, or is in another space."),
        ("handraise://person/nobody", "There is nobody called @nobody in this space."),
        ("handraise://person/eva", "Eva Admin is not here now."),
        ("handraise://conversation/c", "This conversation does not exist, or is not for you."),
        ("handraise://space/other", "This space does not exist, or is not for you."),
        (
            "handraise://hand/x?server=b.example",
            "This link is for b.example:7443, where you are not signed in.",
        ),
        ("handraise://raise/now", "This is no link that Handraise knows."),
    ],
)
async def test_a_link_that_leads_nowhere_is_said(machine: Machine, text: str, sentence: str) -> None:
    program, desk = await signed_in(machine)
    assert told(program, Open(text)) == [Said(Outcome.FAILED, sentence)]
    assert desk.toasts.text == sentence


async def test_another_space_is_entered_after_a_question(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, desk = await signed_in(machine)
    entered: list[str] = []
    monkeypatch.setattr(desk, "open_space", entered.append)
    (here,) = desk.client.spaces
    other = type(here)(SpaceId("tokyo"), "Tokyo", here.map)
    monkeypatch.setattr(type(desk.client), "spaces", property(lambda _: (here, other)))
    assert told(program, Open("handraise://space/tokyo")) == [Said(Outcome.DONE)]
    assert entered == []
    (question,) = [d for d in desk.window.findChildren(QDialog) if d.isVisible()]
    assert question.windowTitle() == "Go to Tokyo?"
    next(b for b in question.findChildren(QPushButton) if b.text() == "Go there").click()
    assert entered == ["tokyo"]


async def test_a_link_waits_until_somebody_is_signed_in(machine: Machine) -> None:
    machine.server.act(BOB, RaiseEscalation(Level.YELLOW, "help"), "hand")
    program = machine.start()
    assert told(program, Open("handraise://person/bob")) == [
        Said(Outcome.WAITS, "The link is opened once you have signed in.")
    ]
    program.signing_in._submitted("localhost", "ann", PASSWORD, False)
    await until(lambda: program.desk is not None)
    assert program.desk is not None
    assert program.desk.view.focused_person == BOB
    assert program.desk.panels.people.view.current_key() == BOB


# ``handraise raise``


def typed(desk: Desk) -> tuple[Level, str, Recipients]:
    dialog = desk.escalation.dialog
    return dialog.level, dialog.message.text(), dialog.chosen


def raised(desk: Desk) -> bool:
    return desk.hands.own is not None


async def test_raise_is_refused_in_words_when_nobody_is_signed_in(machine: Machine) -> None:
    sentence = "Nobody is signed in. Open Handraise and sign in first."
    assert told(machine.start(), Raise("help")) == [Said(Outcome.FAILED, sentence)]


async def test_raise_fills_in_the_dialog_and_nothing_more(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    assert told(program, Raise("line 3", True, ("supervisors", "bob"))) == [FILLED]
    await settle()
    assert not raised(desk)
    assert desk.escalation.dialog.isVisible()
    both = Recipients(people=(BOB,), groups=(SUPERVISORS,))
    assert typed(desk) == (Level.RED, "line 3", both)
    in_use = Said(Outcome.FAILED, "The escalation dialog is in use: finish or clear it first.")
    assert told(program, Raise("something else")) == [in_use]
    assert typed(desk) == (Level.RED, "line 3", both)
    desk.escalation.dialog._execute()
    await settle()
    assert raised(desk)
    (hand,) = machine.server.office.space.escalations.values()
    assert hand.recipients == both
    assert told(program, Raise("again")) == [Said(Outcome.FAILED, "Your hand is already raised.")]


@pytest.mark.parametrize(
    ("allowed", "red", "acts"),
    [("", False, False), ("yellow", False, True), ("yellow", True, False), ("red", True, True)],
)
async def test_raise_acts_as_far_as_the_person_has_allowed(
    machine: Machine, allowed: str, red: bool, acts: bool
) -> None:
    program, desk = await signed_in(machine)
    program._preferences.raise_directly = allowed
    said: list[Said] = []
    program.asked(Raise("help", red, ("bob",) if red else ()), said.append)
    await settle()
    assert said == [Said(Outcome.DONE, "Your hand is raised.") if acts else FILLED]
    assert raised(desk) is acts


async def test_a_second_red_one_within_seconds_is_asked_about_from_outside_too(machine: Machine) -> None:
    program, desk = await signed_in(machine)
    program._preferences.raise_directly = "red"
    said: list[Said] = []
    program.asked(Raise("help", True, ("bob",)), said.append)
    await settle()
    desk.hands.lower()
    await settle()
    program.asked(Raise("help", True, ("bob",)), said.append)
    await settle()
    assert said == [Said(Outcome.DONE, "Your hand is raised."), FILLED]
    assert not raised(desk)
    desk.escalation.dialog.close_panel()
    program.asked(Raise("help", False), said.append)
    await settle()
    assert said[2:] == [Said(Outcome.DONE, "Your hand is raised.")]


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (Raise("x" * 51), "The message is longer than 50 characters."),
        (Raise("ring \x07"), "The message contains characters that cannot be shown."),
        (Raise("help", True, ("bob", "stranger", "here")), "Nobody here is called @stranger, @here."),
    ],
)
async def test_the_running_program_checks_what_it_is_told(
    machine: Machine, request_: Raise, sentence: str
) -> None:
    program, desk = await signed_in(machine)
    assert told(program, request_) == [Said(Outcome.FAILED, sentence)]
    assert not desk.escalation.dialog.isVisible()


async def test_raise_does_not_wait_for_a_server_that_is_away(machine: Machine, qapp: QApplication) -> None:
    program, desk = await signed_in(machine)
    program._preferences.raise_directly = "red"
    machine.server.problem = AWAY
    machine.server.peer.abort()
    await machine.clock.advance(3)
    said: list[Said] = []
    program.asked(Raise("help"), said.append)
    await settle()
    waits = Said(Outcome.FAILED, "NOT PROTECTED: your hand goes up when the connection is back.")
    assert said == [waits]
    await machine.clock.advance(70)
    assert said[0] == waits
    assert desk.toasts.text == "This was not sent: there was no connection for 60 s."
    assert program.client.connection.link is Link.NOT_PROTECTED
