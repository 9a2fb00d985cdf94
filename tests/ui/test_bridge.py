"""Client changes become Qt signals: gathered, told once in a turn of the loop."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.core.commands import EndEscalation, RaiseEscalation, SendMessage, SetStatus
from app.core.model import EndReason, Escalation, EscalationId, Level, Place, Recipients, Status
from app.ui.bridge import Bridge
from tests.helpers.floor import FakeClient, Floor
from tests.helpers.office import ANN, BOB, CHIE, DEV, at


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def client(floor: Floor) -> FakeClient:
    return floor.client(BOB)


@pytest.fixture
def bridge(client: FakeClient, qtbot: QtBot) -> Bridge:
    return Bridge(client)


def test_a_burst_is_told_once(floor: Floor, bridge: Bridge, qtbot: QtBot) -> None:
    told: list[frozenset[str]] = []
    bridge.occupants_changed.connect(told.append)
    floor.do(ANN, SetStatus(Status.BUSY))
    floor.do(ANN, SetStatus(Status.ON_CALL))
    floor.do(DEV, SetStatus(Status.BUSY))
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert told == [frozenset({ANN, DEV})]


def test_the_newest_place_of_each_counts(floor: Floor, bridge: Bridge) -> None:
    told: list[dict[str, Place]] = []
    bridge.places_moved.connect(told.append)
    floor.walk_person(ANN, at(2, 2))
    floor.walk_person(ANN, at(3, 2))
    floor.walk_person(CHIE, at(4, 3))
    bridge.tell()
    assert told == [{ANN: at(3, 2), CHIE: at(4, 3)}]


def test_hands_are_told_with_what_happened_to_them(floor: Floor, bridge: Bridge) -> None:
    raised: list[str] = []
    ended: list[tuple[str, EndReason]] = []
    queue: list[None] = []
    bridge.hand_raised.connect(raised.append)
    bridge.hand_ended.connect(lambda e, reason: ended.append((e.id, reason)))
    bridge.hands_changed.connect(lambda: queue.append(None))
    floor.do(ANN, RaiseEscalation(Level.YELLOW), "h1")
    bridge.tell()
    floor.do(ANN, EndEscalation(EscalationId("h1")))
    bridge.tell()
    assert raised == ["h1"]
    assert ended == [("h1", EndReason.BUTTON)]
    assert len(queue) == 2


def test_personal_changes_are_told(floor: Floor, bridge: Bridge) -> None:
    alerts: list[None] = []
    arrived: list[str] = []
    bridge.alerts_changed.connect(lambda: alerts.append(None))
    bridge.message_arrived.connect(arrived.append)
    floor.do(ANN, RaiseEscalation(Level.RED, "", Recipients(people=(BOB,))))
    floor.do(ANN, SendMessage("@bob one"))
    floor.do(ANN, SendMessage("@bob two"))
    floor.do(ANN, SendMessage("@chie not for bob"))
    bridge.tell()
    (conversation,) = floor.persons[BOB].conversations
    assert len(alerts) == 1
    assert arrived == [conversation]


def test_a_closed_bridge_is_silent(floor: Floor, client: FakeClient, bridge: Bridge) -> None:
    told: list[object] = []
    bridge.occupants_changed.connect(told.append)
    floor.do(ANN, SetStatus(Status.BUSY))
    bridge.close()
    floor.do(ANN, SetStatus(Status.AVAILABLE))
    bridge.tell()
    assert told == []


def test_the_hand_that_ended_comes_as_it_last_was(floor: Floor, bridge: Bridge) -> None:
    ended: list[Escalation] = []
    bridge.hand_ended.connect(lambda escalation, _: ended.append(escalation))
    floor.do(ANN, RaiseEscalation(Level.YELLOW, "line 3"), "h1")
    floor.do(ANN, SetStatus(Status.AWAY))
    bridge.tell()
    assert [(e.raiser, e.message) for e in ended] == [(ANN, "line 3")]
