"""Where the own avatar is when the server, another machine and this one have different things to say."""

from __future__ import annotations

from app.core.events import Entered
from app.core.model import Occupant
from app.net.client import Client
from app.net.walking import SETTLED, Walking
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import ANN, at
from tests.helpers.scripted import PASSWORD, ScriptedServer

HERE, THERE = at(3, 5), at(9, 5)


def test_a_step_to_where_one_is_already_leaves_one_there() -> None:
    """The server does not tell of it: nobody has moved. Its last word counts, not its last echo."""
    walking = Walking()
    walking.go(HERE)
    assert walking.take(0.0) == HERE
    assert walking.heard(HERE) is None
    assert walking.heard(THERE) == THERE  # from another machine
    walking.go(THERE)
    assert walking.take(1.0) == THERE
    assert walking.settle(1.0 + SETTLED) == THERE


async def test_who_is_let_in_again_while_walking_ends_up_where_the_server_says(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    await client.sign_in("localhost", ANN, PASSWORD)
    assert client.space is not None
    client.walk_to(HERE)
    # What is replayed after a connection was lost: by then the first step is under way.
    server.publish_event(Entered(Occupant(ANN), THERE))
    await clock.advance(1.0)
    await settle()
    assert server.office.space.places[ANN] == HERE
    assert client.space.places[ANN] == HERE
