"""Signing in, following, asking: a client against a server in memory."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from app.core import commands as cmd
from app.core import questions, wire
from app.core.errors import Code, Refused
from app.core.events import SpaceChanged
from app.core.model import (
    AnswerKind,
    AssetId,
    ConversationId,
    EscalationId,
    Level,
    MapId,
    PersonId,
    Place,
    Recipients,
    Rung,
    SpaceId,
    Status,
)
from app.core.space import EscalationTouched, OccupantTouched
from app.net.assets import content_id
from app.net.client import (
    Client,
    ConnectionChanged,
    ConnectionProblem,
    Link,
    NotSent,
    PlacesMoved,
    StateReplaced,
    TokenChanged,
)
from app.net.problems import Trouble
from tests.helpers.clock import FakeClock, settle
from tests.helpers.office import ANN, BOB, DEV, at
from tests.helpers.scripted import PASSWORD, ScriptedServer
from tests.net.conftest import Heard, NewClient, link

HERE = "localhost"


async def live(client: Client, person: PersonId = ANN) -> Client:
    await client.sign_in(HERE, person, PASSWORD)
    await settle()
    return client


async def test_signing_in_brings_everything(client: Client, server: ScriptedServer, heard: Heard) -> None:
    token = await client.sign_in(HERE, "ann", PASSWORD)
    await settle()
    assert token == client.token
    assert client.person is not None
    assert client.person.id == ANN
    assert client.space is not None
    assert client.space.snapshot() == server.office.space.snapshot()
    assert client.me is not None
    assert client.me.me == ANN
    assert client.map == server.map
    assert client.walk is not None
    assert client.walk.walkable(at(1, 1))
    assert [space.id for space in client.spaces] == [SpaceId("osaka")]
    assert link(client) is Link.PROTECTED
    assert client.connection.server == "ws://localhost:7443"
    links = [type(change) for change in heard]
    assert links.index(StateReplaced) < len(links) - 1 - links[::-1].index(ConnectionChanged)
    assert heard.of(TokenChanged) == [TokenChanged(token)]


async def test_wrong_password_is_refused_and_nothing_goes_on(client: Client, server: ScriptedServer) -> None:
    with pytest.raises(Refused, match="password is wrong"):
        await client.sign_in(HERE, "ann", "wrong")
    assert link(client) is Link.OFFLINE
    assert client.person is None
    assert not server.peers
    assert server.connections == 1


async def test_an_unreachable_server_ends_a_sign_in(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.problem = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=7443)
    with pytest.raises(ConnectionProblem, match="localhost:7443 does not answer"):
        await client.sign_in(HERE, "ann", PASSWORD)
    await clock.advance(120)
    assert server.connections == 1


async def test_a_bad_address_is_said_before_anything_is_tried(client: Client, server: ScriptedServer) -> None:
    with pytest.raises(ConnectionProblem, match="not with https"):
        await client.sign_in("https://office", "ann", PASSWORD)
    assert server.connections == 0


async def test_resume_goes_on_trying_until_the_server_is_there(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    server.tokens[wire.Token("old")] = ANN
    server.problem = ConnectionProblem(Trouble.UNKNOWN_HOST, host="localhost")
    resuming = asyncio.ensure_future(client.resume(HERE, wire.Token("old")))
    await settle()
    assert link(client) is Link.NOT_PROTECTED
    assert client.connection.problem is not None
    assert client.connection.problem.code is Trouble.UNKNOWN_HOST
    await clock.advance(20)
    assert not resuming.done()
    server.problem = None
    await clock.advance(40)
    assert resuming.done()
    await resuming
    assert link(client) is Link.PROTECTED
    assert client.token is not None
    assert client.token != "old"


async def test_a_dead_token_is_refused(client: Client) -> None:
    with pytest.raises(Refused, match="sign in again"):
        await client.resume(HERE, wire.Token("never seen"))
    assert link(client) is Link.OFFLINE


async def test_cancelling_a_resume_stops_it(client: Client, server: ScriptedServer, clock: FakeClock) -> None:
    server.problem = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=1)
    resuming = asyncio.ensure_future(client.resume(HERE, wire.Token("t")))
    await settle()
    resuming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await resuming
    tried = server.connections
    await clock.advance(120)
    assert server.connections == tried
    assert link(client) is Link.OFFLINE


async def test_signing_in_elsewhere_ends_a_resume_that_goes_on_trying(
    client: Client, server: ScriptedServer
) -> None:
    server.problem = ConnectionProblem(Trouble.NO_ANSWER, host="localhost", port=1)
    resuming = asyncio.ensure_future(client.resume(HERE, wire.Token("t")))
    await settle()
    server.problem = None
    await client.sign_in(HERE, "bob", PASSWORD)
    with pytest.raises(ConnectionProblem, match="stopped"):
        await asyncio.wait_for(resuming, 1)
    assert client.person is not None
    assert client.person.id == BOB
    assert link(client) is Link.PROTECTED


async def test_another_version_is_said_plainly(client: Client, server: ScriptedServer) -> None:
    server.turned_away = wire.Bye(Code.PROTOCOL_VERSION, {"ours": 1, "theirs": 2}, retry=False)
    with pytest.raises(Refused, match="speaks version 1 and the server version 2"):
        await client.sign_in(HERE, "ann", PASSWORD)
    assert link(client) is Link.OFFLINE


async def test_events_are_folded_and_told(client: Client, server: ScriptedServer, heard: Heard) -> None:
    await live(client)
    heard.clear()
    server.act(BOB, cmd.SetStatus(Status.BUSY))
    server.act(BOB, cmd.RaiseEscalation(Level.YELLOW, "hello"), "hand")
    await settle()
    assert heard == [OccupantTouched(BOB), EscalationTouched(EscalationId("hand"), new=True)]
    assert client.space is not None
    assert client.space.snapshot() == server.office.space.snapshot()


async def test_a_command_returns_when_it_is_stored(client: Client, server: ScriptedServer) -> None:
    await live(client)
    server.answering = False
    asking = asyncio.ensure_future(client.do(cmd.SetStatus(Status.BUSY), "mine"))
    await settle()
    assert server.commands == ["mine"]
    assert not asking.done()
    server.peer.push(wire.Accepted("mine"))
    await asyncio.wait_for(asking, 1)
    assert server.office.space.occupants[ANN].status is Status.BUSY


async def test_a_refused_command_raises_with_its_sentence(client: Client) -> None:
    await live(client)
    with pytest.raises(Refused, match="50 characters"):
        await client.do(cmd.RaiseEscalation(Level.YELLOW, "x" * 51))


async def test_two_clicks_on_execute_are_one_hand(client: Client, server: ScriptedServer) -> None:
    await live(client)
    twice = [client.do(cmd.RaiseEscalation(Level.YELLOW), "hand") for _ in range(2)]
    await asyncio.gather(*twice)
    assert server.commands == ["hand"]
    assert list(server.office.space.escalations) == ["hand"]


async def test_what_no_server_would_take_is_refused_here(client: Client, server: ScriptedServer) -> None:
    await live(client)
    with pytest.raises(Refused):
        await client.do(cmd.SendMessage("x" * 70_000, Recipients(people=(BOB,))))
    with pytest.raises(Refused):
        await client.do(cmd.SendMessage("\ud800", Recipients(people=(BOB,))))
    await settle()
    assert server.commands == []
    assert link(client) is Link.PROTECTED


async def test_an_alert_is_reported_as_received_once(
    client: Client, server: ScriptedServer, clock: FakeClock
) -> None:
    await live(client, BOB)
    server.act(ANN, cmd.RaiseEscalation(Level.RED, "help", Recipients(people=(BOB, DEV))), "hand")
    await settle()
    ladder = server.office.persons[ANN].ladders[EscalationId("hand")]
    assert ladder.rung_of(BOB) is Rung.RECEIVED
    assert ladder.rung_of(DEV) is Rung.STORED
    server.peer.abort()
    await clock.advance(5)
    assert link(client) is Link.PROTECTED
    assert len(server.commands) == 1


async def test_an_alert_in_the_first_snapshot_is_reported_too(client: Client, server: ScriptedServer) -> None:
    server.act(ANN, cmd.RaiseEscalation(Level.RED, "help", Recipients(people=(BOB,))), "hand")
    await live(client, BOB)
    assert server.office.persons[ANN].ladders[EscalationId("hand")].rung_of(BOB) is Rung.RECEIVED


async def test_positions_come_in_and_keep_to_those_who_are_here(
    client: Client, server: ScriptedServer, heard: Heard
) -> None:
    await live(client)
    heard.clear()
    server.peer.push(wire.Places(((BOB, 48, 200), (PersonId("gone"), 1, 1))))
    await settle()
    assert heard == [PlacesMoved(((BOB, Place(48, 200)),))]
    assert client.space is not None
    assert client.space.places[BOB] == Place(48, 200)
    assert PersonId("gone") not in client.space.places


async def test_signing_out_leaves_and_makes_the_token_worthless(
    client: Client, server: ScriptedServer, heard: Heard
) -> None:
    await live(client)
    await client.do(cmd.RaiseEscalation(Level.YELLOW), "hand")
    heard.clear()
    await client.sign_out()
    assert server.office.space.escalations == {}
    assert ANN not in server.office.space.occupants
    assert server.tokens == {}
    assert client.space is None
    assert client.person is None
    assert link(client) is Link.OFFLINE
    assert client.connection.refusal is None
    assert StateReplaced() in heard
    await live(client, BOB)
    assert client.person is not None


async def test_closing_on_purpose_ends_the_hand_and_closing_otherwise_does_not(
    new_client: NewClient, server: ScriptedServer
) -> None:
    ann, bob = await live(new_client()), await live(new_client(), BOB)
    await ann.do(cmd.RaiseEscalation(Level.YELLOW), "a")
    await bob.do(cmd.RaiseEscalation(Level.YELLOW), "b")
    await ann.close(leave=True)
    await bob.close(leave=False)
    assert list(server.office.space.escalations) == ["b"]
    with pytest.raises(NotSent):
        await ann.do(cmd.SetStatus(Status.BUSY))


async def test_the_server_signs_me_out(client: Client, server: ScriptedServer, clock: FakeClock) -> None:
    await live(client)
    server.deaf = True
    asking = asyncio.ensure_future(client.do(cmd.SetStatus(Status.BUSY)))
    await settle()
    server.peer.bye(Code.SIGNED_OUT, retry=False)
    await settle()
    assert link(client) is Link.OFFLINE
    assert client.connection.refusal is not None
    assert client.connection.refusal.code is Code.SIGNED_OUT
    assert client.space is None
    with pytest.raises(NotSent, match="kept for when you sign in again"):
        await asking
    connections = server.connections
    await clock.advance(120)
    assert server.connections == connections


async def test_pictures_come_once_and_are_checked(client: Client, server: ScriptedServer) -> None:
    await live(client)
    data = b"\x89PNG picture"
    name, forged, unknown = AssetId(content_id(data)), AssetId("0" * 64), AssetId("1" * 64)
    server.files = {name: data, forged: b"something else"}
    assert await asyncio.gather(*(client.picture(name) for _ in range(3))) == [data] * 3
    assert await client.picture(name) == data
    assert sum(isinstance(query, questions.GetAsset) for query in server.asked) == 1
    with pytest.raises(ConnectionProblem, match="damaged"):
        await client.picture(forged)
    with pytest.raises(Refused):
        await client.picture(unknown)


async def test_history_and_search_need_a_connection(client: Client, server: ScriptedServer) -> None:
    with pytest.raises(ConnectionProblem):
        await client.search("x", None)
    await live(client)
    assert await client.search("x", None) == questions.Found()
    assert await client.history(ConversationId("c"), 5.0) == questions.Found()
    assert server.asked[-1] == questions.History(ConversationId("c"), 5.0)
    server.peer.dead = True
    asking = asyncio.ensure_future(client.search("y", None))
    await settle()
    server.peer.abort()
    with pytest.raises(ConnectionProblem, match="broke"):
        await asking


async def test_a_map_changed_by_an_admin_is_loaded(
    client: Client, server: ScriptedServer, heard: Heard
) -> None:
    await live(client)
    server.map = msgspec.structs.replace(server.map, id=MapId("new"), name="New office")
    heard.clear()
    server.publish_event(SpaceChanged(msgspec.structs.replace(server.office.space.space, map=MapId("new"))))
    await settle()
    assert client.map is not None
    assert client.map.name == "New office"
    assert StateReplaced() in heard


async def test_a_map_that_cannot_be_loaded_is_told_and_tried_again(
    client: Client, server: ScriptedServer, heard: Heard
) -> None:
    server.damaged = True
    await live(client)
    assert client.map_failure is not None
    server.damaged = False
    heard.clear()
    client.load_map()
    await settle()
    assert client.map == server.map
    assert StateReplaced() in heard


async def test_server_time_is_the_servers(client: Client, server: ScriptedServer, clock: FakeClock) -> None:
    await live(client)
    assert client.server_now() == pytest.approx(server.office.now, abs=2)
    before = client.server_now()
    await clock.advance(30)
    clock.epoch += 3600  # somebody sets this machine's clock
    assert client.server_now() == pytest.approx(before + 30)


async def test_a_failing_listener_does_not_silence_the_others(
    client: Client, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("view gone")

    client.listen(broken)
    heard = Heard()
    stop = client.listen(heard)
    await live(client)
    server.act(BOB, cmd.SetStatus(Status.BUSY))
    await settle()
    assert OccupantTouched(BOB) in heard
    assert "view gone" in caplog.text
    stop()
    heard.clear()
    server.act(BOB, cmd.SetStatus(Status.AVAILABLE))
    await settle()
    assert heard == []


async def test_answers_are_commands_like_others(new_client: NewClient, server: ScriptedServer) -> None:
    ann, bob = await live(new_client()), await live(new_client(), BOB)
    await ann.do(cmd.RaiseEscalation(Level.RED, "help", Recipients(people=(BOB,))), "hand")
    await bob.do(cmd.AnswerEscalation(EscalationId("hand"), AnswerKind.APPROACH))
    await settle()
    assert ann.space is not None
    assert ann.space.escalations[EscalationId("hand")].coming == (BOB,)
    assert ann.me is not None
    assert ann.me.ladders[EscalationId("hand")].rung_of(BOB) is Rung.ANSWERED
