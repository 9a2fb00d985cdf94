"""The sample contact center on paper: its people, its day, its orders."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.geometry import WalkMap
from app.core.limits import MESSAGE_CHARS
from app.core.model import Level, Place, Role, Status
from app.demo import lines, orders
from app.demo.cast import AGENT, COLLEAGUES, EVERYBODY, SUPERVISOR, TEAMS
from app.demo.improvise import HANDS, ROOMS, Timed, improvise
from app.demo.player import LOUNGE, SPEED, STEP_SECONDS, steps
from app.server.first_start import OFFICE
from app.server.maps import import_map

HOUR = 3600.0


def day(seed: int, seconds: float = HOUR) -> Iterator[Timed]:
    return takewhile(lambda timed: timed.at < seconds, improvise(seed, COLLEAGUES))


@pytest.fixture(scope="module")
def floor() -> WalkMap:
    return WalkMap(import_map(OFFICE).map)


def test_the_cast_fits_the_office(floor: WalkMap) -> None:
    seats = {seat.name for seat in floor.map.seats}
    handles = [part.handle for part in EVERYBODY]
    assert len(COLLEAGUES) >= 24
    assert len(set(handles)) == len(handles)
    assert len({part.seat for part in EVERYBODY}) == len(EVERYBODY)
    assert {part.seat for part in EVERYBODY} <= seats
    assert AGENT.role is Role.AGENT
    assert SUPERVISOR.role is Role.SUPERVISOR
    assert {member for team in TEAMS for member in team.members} <= set(handles)
    assert {zone.name for zone in floor.map.zones} >= {*ROOMS, "Quiet corner"}
    assert all(floor.walkable(sofa) for sofa in LOUNGE)
    names = "".join(part.name for part in EVERYBODY)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in names)


def test_messages_fit_the_bubble() -> None:
    messages = (*lines.RED, *lines.RED_JA, *lines.YELLOW, *lines.YELLOW_JA)
    assert max(map(len, messages)) <= MESSAGE_CHARS


def test_the_same_seed_is_the_same_day() -> None:
    assert list(day(7)) == list(day(7))
    assert list(day(7)) != list(day(8))


@pytest.mark.parametrize("seed", range(5))
def test_hands_are_few_and_each_is_lowered(seed: int) -> None:
    up: dict[str, float] = {}
    raised = reds = 0
    for timed in day(seed):
        order = timed.order
        if isinstance(order, orders.Raise):
            assert order.who not in up
            up[order.who] = timed.at
            raised += 1
            reds += order.level is Level.RED
        elif isinstance(order, orders.End):
            assert timed.at - up.pop(order.who) < 120
        elif isinstance(order, orders.Answer):
            assert order.to in up
            assert 5 < timed.at - up[order.to] < 60
        assert len(up) <= HANDS
    assert raised > 30
    assert 0.2 < reds / raised < 0.6


@pytest.mark.parametrize("seed", range(5))
def test_nobody_raises_a_hand_in_a_meeting_or_leaves_one_for_it(seed: int) -> None:
    inside: set[str] = set()
    up: set[str] = set()
    for timed in day(seed):
        order = timed.order
        if isinstance(order, orders.Walk):
            if order.to in ROOMS:
                assert order.who not in up
                inside.add(order.who)
            else:
                inside.discard(order.who)
        elif isinstance(order, orders.Raise):
            assert order.who not in inside
            up.add(order.who)
        elif isinstance(order, orders.End):
            up.discard(order.who)


def test_agents_are_on_calls_most_of_the_time() -> None:
    since: dict[str, tuple[Status, float]] = {}
    spent = dict.fromkeys(Status, 0.0)
    agents = {part.handle for part in COLLEAGUES if part.role is Role.AGENT}
    for timed in day(3):
        if isinstance(timed.order, orders.SetStatus) and timed.order.who in agents:
            before, at = since.get(timed.order.who, (timed.order.status, timed.at))
            spent[before] += timed.at - at
            since[timed.order.who] = timed.order.status, timed.at
    assert 0.5 < spent[Status.ON_CALL] / sum(spent.values()) < 0.95
    assert spent[Status.AWAY] == 0


def test_something_happens_soon() -> None:
    first = [timed.order for timed in day(1, 60)]
    assert any(isinstance(order, orders.Raise) for order in first)
    assert sum(isinstance(order, orders.Walk) for order in first) >= 3
    assert any(isinstance(order, orders.Chat) for order in first)


def test_every_order_can_be_written_and_read() -> None:
    for timed in islice(improvise(1, COLLEAGUES), 2000):
        assert orders.parse(orders.write(timed.order)) == timed.order


def test_a_line_as_a_story_writes_it() -> None:
    line = '{"as": "finn", "do": "raise", "message": "Refund", "groups": ["supervisors"]}'
    assert orders.parse(line) == orders.Raise(who="finn", message="Refund", groups=("supervisors",))


@pytest.mark.parametrize(
    "line",
    ["", "x", "[]", "{}", '{"as": "finn"}', '{"as": "finn", "do": "fly"}', '{"as":"a","do":"end","x":1}'],
)
def test_a_line_that_is_no_order_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        orders.parse(line)


def test_nobody_walks_through_a_wall(floor: WalkMap) -> None:
    spots = [*(seat.place for seat in floor.map.seats[::5]), *LOUNGE, *floor.map.start[:1]]
    rooms = (Place(144, 192), Place(1000, 192))
    for a in spots:
        for b in (*spots, *rooms):
            path = floor.path(a, b)
            assert path is not None
            assert all(floor.walkable(place) for place in steps(path, SPEED * STEP_SECONDS))


corner = st.builds(Place, st.integers(0, 1000), st.integers(0, 1000))


@given(st.lists(corner, min_size=1, max_size=6).map(tuple), st.floats(1.0, 100.0))
def test_steps_end_at_the_end_and_are_never_too_long(path: tuple[Place, ...], length: float) -> None:
    taken = steps(path, length)
    if len(path) > 1:
        assert taken[-1] == path[-1]
    at = path[0]
    for place in taken:
        assert (place.x - at.x) ** 2 + (place.y - at.y) ** 2 <= (length + 2) ** 2
        at = place
