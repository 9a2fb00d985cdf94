"""Lines from end to end: a phone network at the far end, the gateway's callbacks, people at their desks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.audit import Act, Deed, Subject
from app.core.cases import Case, SendState
from app.core.errors import Code
from app.core.line_commands import ReplyOnLine
from app.core.line_questions import SetLineEscalation
from app.core.lines import CustomerId, Forwarding, LineId, LineText, Talk, TextKind
from app.core.questions import Done
from app.server.admin import Admin
from app.server.delivery.sender import Sender
from app.server.line_inbound import Taken
from app.server.main import Server
from app.server.phones_config import PhonesConfig, TwilioConfig
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.phone_network import NUMBER, SID, TOKEN, Person, PhoneNetwork
from tests.helpers.phone_world import free_port
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows, running

MOMENT = 0.001
"""s; what happens at one time is stamped a little later each."""
LINE, CUSTOMER, CELL = "+815031234567", "+819012345678", "+818012345999"


@dataclass
class World:
    """A line with a cell phone behind it, set to wait 5 minutes."""

    server: Server
    network: PhoneNetwork
    clock: FakeClock

    @property
    def talk(self) -> Talk:
        """The one conversation, as the space has it."""
        (talk,) = self.server.spaces.rooms[0].state.inbox.talks.values()
        return talk

    async def pass_by(self, seconds: float = 1.0) -> None:
        """Time goes on, and everything is done whose time has come; the server does it by itself, too."""
        self.clock.epoch += seconds
        async with asyncio.timeout(PATIENCE):
            while await self._is_due():
                self.clock.epoch += MOMENT
                await self.server.engine.look()
                for sender in self._senders:
                    await sender.look()
                await self._rest()
        await self._rest()

    async def _rest(self) -> None:
        """Until nothing that has begun is under way."""
        for sender in self._senders:
            await sender.idle()
        await self.network.quiet()

    @property
    def _senders(self) -> tuple[Sender, Sender]:
        return self.server.phones.sender, self.server.line_phones.sender

    async def _is_due(self) -> bool:
        store = self.server.store
        times = (
            await store.cases.next_look(),
            await store.outbox.next_try(),
            await store.lines.sends.next_try(),
        )
        return any(at is not None and at <= self.clock.now() + MOMENT for at in times)

    def texts(self) -> list[tuple[str, str, str]]:
        """What the network was given: from, to, what."""
        return [(t.form["From"], t.to, t.form["Body"]) for t in self.network.taken]


@asynccontextmanager
async def line_world(data: Path, clock: FakeClock) -> AsyncIterator[World]:
    with Admin(data, hasher=HASHER) as admin:
        line: LineId = admin.add_line("Support", LINE, SPACE_NAME)
    async with PhoneNetwork(clock.now) as network:
        port = free_port()
        config = TwilioConfig(SID, NUMBER, f"http://127.0.0.1:{port}", "", network.url, TOKEN)
        network.callbacks = config.callbacks
        phones = PhonesConfig(twilio=config)
        async with running(data, clock, http_port=port, phones=phones) as server:
            async with await Caller.enter(server.url, "bob") as bob:
                assert await bob.ask(SetLineEscalation(line, True, 5, CELL)) == Done()
            yield World(server, network, clock)
        assert network.problems == []


@pytest.fixture
async def world(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[World]:
    async with line_world(data, clock) as made:
        yield made


def last(world: World, kind: TextKind) -> LineText:
    return next(text for text in reversed(world.talk.last) if text.kind is kind)


async def test_untouched_for_the_set_minutes_forwarded_and_replied_to_from_the_cell_phone(
    world: World,
) -> None:
    """Issue 4, story 3."""
    world.network.people[CELL] = Person(text="I will call her at noon")
    assert await world.network.text(CUSTOMER, "Where is my parcel?", LINE) == ""
    assert world.talk.unread == 1
    await world.pass_by(299.0)
    assert world.texts() == []
    await world.pass_by(2.0)
    assert world.texts() == [(LINE, CELL, "Support …678: Where is my parcel?")]
    assert world.talk.unread == 0
    note = world.talk.last[-1]
    assert (note.kind, note.text, note.author) == (TextKind.PHONE, "I will call her at noon", None)
    assert world.talk.waits
    assert [to for _, to, _ in world.texts()] == [CELL], "the customer heard nothing of it"


async def test_what_became_of_forwarding_is_told_and_never_guessed(world: World) -> None:
    world.network.people[CELL] = Person(delivered=False)
    await world.network.text(CUSTOMER, "hello?", LINE)
    await world.pass_by(301.0)
    forward = world.talk.forward
    assert forward == Forwarding(forward.at if forward else 0.0, SendState.FAILED, Code.NOT_DELIVERED)


async def test_what_became_of_forwarding_is_told_by_the_next_server_where_one_died_before(
    world: World, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written down in the outbox; then came the crash."""

    async def dies(case: Case) -> None:
        await world.server.tasks.close(within_s=0.0)

    monkeypatch.setattr(world.server.phones.sender, "_noted", dies)
    await world.network.text(CUSTOMER, "hello?", LINE)
    world.network.hold = True
    await world.pass_by(301.0)
    assert rows(world.server, "SELECT state FROM sends") == [("sent",)]
    assert world.talk.forward is not None
    assert world.talk.forward.state is SendState.WAITING
    async with running(data, world.clock) as next_one:
        (talk,) = next_one.spaces.rooms[0].state.inbox.talks
        await eventually(lambda: state_of_forward(next_one, talk) is SendState.SENT)


def state_of_forward(server: Server, talk: CustomerId) -> SendState | None:
    forward = server.spaces.rooms[0].state.inbox.talks[talk].forward
    return forward.state if forward else None


async def test_a_reply_goes_out_from_the_lines_number_and_its_state_comes_back(
    world: World, ids: Ids
) -> None:
    await world.network.text(CUSTOMER, "hello?", LINE)
    async with await Caller.enter(world.server.url, "ann") as ann:
        assert await ann.do(ReplyOnLine(world.talk.id, "Hello! How can I help?"), "r1") is None
        await world.pass_by()
        await ann.until(
            lambda: any(t.state is SendState.DELIVERED for t in ann.space.inbox.talks[world.talk.id].last)
        )
    assert world.texts() == [(LINE, CUSTOMER, "Hello! How can I help?")]
    assert last(world, TextKind.OUT).author == ids.ann
    await world.pass_by(3_600.0)
    assert len(world.network.taken) == 1, "what was replied to is not forwarded"


async def test_a_gateway_that_fails_is_tried_again_and_a_lost_answer_is_asked_about(world: World) -> None:
    await world.network.text(CUSTOMER, "hello?", LINE)
    world.network.failures.extend(["500", "lost"])
    async with await Caller.enter(world.server.url, "ann") as ann:
        assert await ann.do(ReplyOnLine(world.talk.id, "hi"), "r1") is None
    await world.pass_by()
    assert last(world, TextKind.OUT).state is SendState.WAITING
    await world.pass_by(5.0)
    assert last(world, TextKind.OUT).state is SendState.DELIVERED
    assert len(world.network.taken) == 1


async def test_a_number_that_cannot_be_reached_is_said_with_its_reason(world: World) -> None:
    await world.network.text(CUSTOMER, "hello?", LINE)
    world.network.people[CUSTOMER] = Person(delivered=False)
    async with await Caller.enter(world.server.url, "ann") as ann:
        assert await ann.do(ReplyOnLine(world.talk.id, "hi"), "r1") is None
    await world.pass_by()
    assert last(world, TextKind.OUT).state is SendState.FAILED
    assert last(world, TextKind.OUT).reason == Code.NOT_DELIVERED


async def test_who_says_stop_before_it_leaves_is_not_texted(world: World) -> None:
    await world.network.text(CUSTOMER, "hello?", LINE)
    async with await Caller.enter(world.server.url, "ann") as ann:
        assert await ann.do(ReplyOnLine(world.talk.id, "hi"), "r1") is None
    await world.network.text(CUSTOMER, "STOP", LINE)
    await world.pass_by()
    assert last(world, TextKind.OUT).state is SendState.FAILED
    assert last(world, TextKind.OUT).reason == Code.OPTED_OUT
    assert world.texts() == []


async def test_the_cell_phone_is_told_when_nothing_was_forwarded(world: World) -> None:
    said = await world.network.text(CELL, "who is this?", LINE)
    assert said
    assert world.server.lines.counts[Taken.NOTHING_FORWARDED] == 1
    assert rows(world.server, "SELECT count(*) FROM line_texts") == [(0,)]


async def test_texts_come_once_whatever_is_repeated_and_pictures_are_links(world: World) -> None:
    more = {"NumMedia": "1", "MediaUrl0": "https://api.example/m/1", "MediaContentType0": "image/jpeg"}
    for _ in range(3):
        await world.network.text(CUSTOMER, "look", LINE, "SM" + "9" * 32, **more)
    (text,) = world.talk.last
    assert [(media.url, media.kind) for media in text.media] == [("https://api.example/m/1", "image/jpeg")]
    assert world.talk.unread == 1


async def test_no_number_is_in_what_screens_or_logs_get(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with await Caller.enter(world.server.url, "ann") as ann:
        await world.network.text(CUSTOMER, "hello?", LINE)
        await ann.until(lambda: bool(ann.space.inbox.talks))
        assert await ann.do(ReplyOnLine(world.talk.id, "hi"), "r1") is None
        await world.pass_by()
        await ann.until(lambda: len(ann.space.inbox.talks[world.talk.id].last) == 2)
        bare = CUSTOMER[3:].encode(), CELL[3:].encode()
        assert not [frame for frame in ann.frames if any(number in frame for number in bare)]
    assert CUSTOMER[3:] not in caplog.text
    assert CELL[3:] not in caplog.text


async def test_what_comes_from_a_colleagues_own_phone_is_their_note(world: World, ids: Ids) -> None:
    contacts, now = world.server.store.contacts, world.clock.now()
    await contacts.await_code(ids.chie, CELL, b"code", now, now + 1)
    deed = Deed(now, Act.CHANGED, Subject.PHONE, ids.chie)
    assert await contacts.bring_code(ids.chie, b"code", deed) is None
    world.network.people[CELL] = Person(text="I will call her")
    await world.network.text(CUSTOMER, "hello?", LINE)
    await world.pass_by(301.0)
    assert (world.talk.last[-1].kind, world.talk.last[-1].author) == (TextKind.PHONE, ids.chie)
    assert world.talk.touched_by == ids.chie
