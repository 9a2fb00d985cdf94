"""Webhooks are told of priority messages and of customers' conversations: in order, and without what was
written, unless that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
from openapi_schema_validator import OAS31Validator

from app.core import hook_questions as ask
from app.core.cases import CaseAnswer, CaseId
from app.core.commands import EscalateMessage, MarkRead, SendMessage
from app.core.hooks import CHOSEN, HookEvent
from app.core.line_commands import ReplyOnLine, ResolveTalk
from app.core.line_questions import SetLineEscalation
from app.core.model import MessageId, Recipients
from app.core.phone_questions import SaveContact, Saved
from app.core.policy import AnswerWay, ContactKind
from app.core.questions import Done
from app.server.admin import Admin
from app.server.api.documents import EscalationType, LineType, PriorityType
from app.server.line_inbound import InboundText
from app.server.main import Server
from tests.helpers.api import message_checker
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import Receiver, receiving
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows, running

LINE, CUSTOMER, CELL = "+815031234567", "+819012345678", "+818012345999"
URGENT = MessageId("urgent")
WRITTEN = ("Which contract?", "Where is my parcel?", "It left today")


@pytest.fixture
async def server(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Server]:
    async with running(data, clock, inside=True, http_port=0) as started:
        yield started


@pytest.fixture
async def checker(server: Server) -> OAS31Validator:
    return await message_checker(server)


@pytest.fixture
async def receiver(checker: OAS31Validator) -> AsyncIterator[Receiver]:
    """Whatever it gets is as the served description says."""
    async with receiving() as started:
        yield started
        assert started.got
        for one in started.got:
            checker.validate(one.json)


async def added(server: Server, receiver: Receiver, ids: Ids, texts: bool = False) -> None:
    async with await Caller.enter(server.url, "eva") as eva:
        saved = await eva.ask(ask.SaveWebhook("CRM", CHOSEN, receiver.url, ids.space, texts=texts))
        assert isinstance(saved, ask.WebhookSaved)
        assert saved.webhook.texts is texts


async def told(server: Server, receiver: Receiver) -> list[dict[str, Any]]:
    """All that it is told, once it has taken it."""
    sql = "SELECT 1 FROM hook_posts WHERE state = 'waiting'"
    await eventually(lambda: not rows(server, sql))
    return [one.json for one in receiver.got]


async def send(ann: Caller, ids: Ids) -> None:
    people = Recipients(people=(ids.bob, ids.dev))
    assert await ann.do(SendMessage("Which contract?", people, priority=True), URGENT) is None


def test_each_kind_of_event_is_described() -> None:
    described = {*get_args(EscalationType), *get_args(PriorityType), *get_args(LineType)}
    assert described == {event.value for event in CHOSEN}


async def test_a_priority_message_is_told_until_somebody_answers(
    server: Server, receiver: Receiver, ids: Ids
) -> None:
    await added(server, receiver, ids)
    async with (
        await Caller.enter(server.url, "ann") as ann,
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "dev") as dev,
    ):
        await send(ann, ids)
        await bob.until(lambda: URGENT in bob.me.calls)
        message = bob.me.calls[URGENT].message
        assert await bob.do(MarkRead(message.conversation, message.sent_at)) is None
        assert await ann.do(EscalateMessage(URGENT, forward=ids.chie)) is None
        await dev.until(lambda: URGENT in dev.me.calls)
        assert await dev.do(SendMessage("The new one", Recipients(people=(ids.ann, ids.bob)))) is None
        got = await told(server, receiver)
    assert [one["type"] for one in got] == [
        *("priority.sent", "priority.answered", "priority.escalated", "priority.answered")
    ]
    sent, read, handed_on, answered = (one["data"] for one in got)
    first = sent["message"]
    assert (first["id"], first["author"]["handle"], first["space"]["name"]) == (URGENT, "ann", SPACE_NAME)
    assert sorted(person["handle"] for person in first["people"]) == ["bob", "dev"]
    assert (read["answer"]["way"], read["answer"]["person"]["handle"]) == ("read", "bob")
    assert read["message"]["answered_at"] is None, "Dev has not seen it"
    pursuit = handed_on["pursuit"]
    assert [person["handle"] for person in pursuit["people"]] == ["chie"]
    assert (pursuit["ways"], pursuit["by_hand"]) == ([], True)
    assert (answered["answer"]["way"], answered["answer"]["name"]) == ("reply", "Dev Patel")
    assert answered["message"]["answered_at"] == answered["answer"]["at"]


async def test_who_answers_a_priority_message_by_phone_is_told_by_name(
    server: Server, receiver: Receiver, ids: Ids
) -> None:
    await added(server, receiver, ids)
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        saved = await bob.ask(SaveContact(ids.space, "Duty phone", ContactKind.PHONE, "+81 3-1234-5678"))
        assert isinstance(saved, Saved)
        await send(ann, ids)
        pressed = CaseAnswer(AnswerWay.KEY, server.clock.now(), contact=saved.contact.id)
        assert await server.cases.answered(CaseId(URGENT), pressed)
        answer = (await told(server, receiver))[-1]["data"]["answer"]
        assert (answer["person"], answer["name"], answer["way"]) == (None, "Duty phone", "key")
        await ann.until(lambda: ann.me.priorities[URGENT].answer is not None)
        given = ann.me.priorities[URGENT].answer
        assert given is not None
        assert given.name == "Duty phone"
    [note] = [note for note in await server.store.cases.timeline(CaseId(URGENT)) if note.way is not None]
    assert note.contact == saved.contact.id


async def test_that_nobody_answers_a_priority_message_is_told(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    await added(server, receiver, ids)
    async with await Caller.enter(server.url, "ann") as ann:
        await send(ann, ids)
    for _ in range(12):
        clock.epoch += 121
        await server.engine.look()
    got = await told(server, receiver)
    assert [one["type"] for one in got] == ["priority.sent", "priority.nobody"]
    assert got[-1]["data"]["message"]["nobody_at"] is not None


async def a_customer_writes(server: Server, ids: Ids, clock: FakeClock) -> None:
    """Nobody touches it for a minute; then Ann replies and resolves it."""
    with Admin(server.config.data, hasher=HASHER) as admin:
        line = admin.add_line("Shop", LINE, SPACE_NAME)
    await server.spaces.refresh()
    async with await Caller.enter(server.url, "bob") as bob:
        assert await bob.ask(SetLineEscalation(line, True, 1, CELL)) == Done()
    await server.lines.receive(InboundText("SM1", LINE, CUSTOMER, "Where is my parcel?"))
    clock.epoch += 61.0  # and no connection is older for it
    failed = "SELECT 1 FROM hook_posts WHERE instr(body, CAST('\"failed\"' AS BLOB))"
    async with asyncio.timeout(PATIENCE):
        while not rows(server, failed):
            await server.engine.look()
            await server.phones.sender.look()
            await server.phones.sender.idle()
            clock.epoch += 1.0  # what the server itself had begun to look at is free in time
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.until(lambda: len(ann.space.inbox.talks) == 1)
        [talk] = ann.space.inbox.talks
        assert await ann.do(ReplyOnLine(talk, "It left today")) is None
        assert await ann.do(ResolveTalk(talk)) is None


async def test_a_customers_conversation_is_told_to_its_end_without_numbers(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    await added(server, receiver, ids)
    await a_customer_writes(server, ids, clock)
    got = await told(server, receiver)
    forwarded = [one["data"] for one in got if one["type"] == "line.forwarded"]
    assert [one["type"] for one in got if one["type"] != "line.forwarded"] == [
        *("line.message", "line.replied", "line.resolved")
    ]
    assert got[1]["type"] == "line.forwarded", "in the order in which it happened"
    assert forwarded[0]["state"] == "waiting"
    assert forwarded[-1]["state"] == "failed", "this server has no phones"
    data = [one["data"] for one in got]
    assert len({one["conversation"] for one in data}) == 1
    assert {one["line"]["name"] for one in data} == {"Shop"}
    assert {one["message"] for one in forwarded} == {data[0]["message"]}
    by_kind = {one["type"]: one["data"] for one in got}
    assert by_kind["line.replied"]["author"]["handle"] == "ann"
    assert by_kind["line.resolved"]["by"]["handle"] == "ann"
    for body in (one.body.decode() for one in receiver.got):
        assert not any(number[3:] in body for number in (CUSTOMER, CELL))


@pytest.mark.parametrize("texts", [False, True])
async def test_what_was_written_is_told_only_to_those_that_may_have_it(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock, texts: bool
) -> None:
    await added(server, receiver, ids, texts)
    async with await Caller.enter(server.url, "ann") as ann:
        await send(ann, ids)
    await a_customer_writes(server, ids, clock)
    got = await told(server, receiver)
    everything = b"".join(one.body for one in receiver.got).decode()
    assert [text in everything for text in WRITTEN] == [texts] * len(WRITTEN)
    forwarded = next(one["data"] for one in got if one["type"] == "line.forwarded")
    assert forwarded["text"] == ("Where is my parcel?" if texts else None)
    assert got[0]["data"]["message"]["text"] == ("Which contract?" if texts else None)


async def test_each_webhook_hears_what_it_may(server: Server, receiver: Receiver, ids: Ids) -> None:
    """Two of them, of one event in one transaction: one with texts, one that hears nothing of messages."""
    await added(server, receiver, ids, texts=True)
    async with await Caller.enter(server.url, "eva") as eva:
        hands = ask.SaveWebhook("Hands", (HookEvent.RAISED,), receiver.url + "/hands", ids.space)
        assert isinstance(await eva.ask(hands), ask.WebhookSaved)
        plain = ask.SaveWebhook("Plain", (HookEvent.PRIORITY_SENT,), receiver.url + "/plain", ids.space)
        assert isinstance(await eva.ask(plain), ask.WebhookSaved)
    async with await Caller.enter(server.url, "ann") as ann:
        await send(ann, ids)
    await told(server, receiver)
    texts = {one.path: one.json["data"]["message"]["text"] for one in receiver.got}
    assert texts == {"/hook": "Which contract?", "/hook/plain": None}
