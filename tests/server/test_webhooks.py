"""Webhooks: what endpoints are told, signed, in order, again after failures, and what admins see of it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from standardwebhooks import Webhook as Checker

from app.core import hook_questions as ask
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation
from app.core.errors import Code
from app.core.hooks import CHOSEN, HookEvent, HookTrouble, PostState, Webhook
from app.core.model import AnswerKind, EscalationId, Level, Recipients
from app.server.api.documents import EscalationMessage
from app.server.hooks.outgoing import Outgoing
from app.server.hooks.poster import Poster
from app.server.hooks.retrying import DELAYS_S, OFF_AFTER_S, REFUSED_TRIES
from app.server.main import Server
from app.server.store.servers import ServerId
from app.tasks import Tasks
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import Receiver, receiving
from tests.helpers.running import Ids, rows, running

HAND = EscalationId("hand-1")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(epoch=time.time())  # whoever checks signatures looks at the clock on the wall


@pytest.fixture
async def server(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Server]:
    async with running(data, clock, inside=True) as started:
        yield started


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as started:
        yield started


async def added(
    server: Server, receiver: Receiver, ids: Ids, events: tuple[HookEvent, ...] = CHOSEN
) -> ask.WebhookSaved:
    async with await Caller.enter(server.url, "eva") as eva:
        saved = await eva.ask(ask.SaveWebhook("CRM", events, receiver.url, ids.space))
        assert isinstance(saved, ask.WebhookSaved)
        return saved


async def story(server: Server, ids: Ids, hand: EscalationId = HAND) -> None:
    """Ann calls Bob, who chats, and Ann takes her hand down."""
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        red = RaiseEscalation(Level.RED, "Refund?", Recipients(people=(ids.bob,)))
        assert await ann.do(red, hand) is None
        assert await bob.do(AnswerEscalation(hand, AnswerKind.CHAT)) is None
        assert await ann.do(EndEscalation(hand)) is None


async def log_of(server: Server, webhook: Webhook) -> ask.PostLog:
    async with await Caller.enter(server.url, "eva") as eva:
        log = await eva.ask(ask.ReadPosts(webhook.id))
        assert isinstance(log, ask.PostLog)
        return log


async def listed(server: Server) -> Webhook:
    async with await Caller.enter(server.url, "eva") as eva:
        found = await eva.ask(ask.ListWebhooks())
        assert isinstance(found, ask.Webhooks)
        return found.webhooks[0]


def waiting(server: Server) -> int:
    return len(rows(server, "SELECT 1 FROM hook_posts WHERE state = 'waiting'"))


async def failed(server: Server, attempts: int) -> None:
    """So many attempts in a row have failed."""
    await eventually(lambda: rows(server, "SELECT failures FROM webhooks") == [(attempts,)])


async def test_an_endpoint_is_told_in_order_what_happened_and_can_check_who_tells_it(
    server: Server, receiver: Receiver, ids: Ids
) -> None:
    saved = await added(server, receiver, ids)
    await story(server, ids)
    await eventually(lambda: len(receiver.got) == 3)
    assert receiver.types == ["escalation.raised", "escalation.answered", "escalation.ended"]
    for one in receiver.got:
        Checker(saved.secret).verify(one.body, dict(one.headers))
        msgspec.json.decode(one.body, type=EscalationMessage)  # as it is described
    assert len({one.headers["webhook-id"] for one in receiver.got}) == 3
    raised, answered, ended = (one.json["data"] for one in receiver.got)
    assert raised["escalation"]["raiser"] == {"id": ids.ann, "handle": "ann", "name": "Ann Field"}
    assert (raised["escalation"]["message"], raised["escalation"]["level"]) == ("Refund?", "red")
    assert (answered["answer"]["person"]["handle"], answered["answer"]["kind"]) == ("bob", "chat")
    assert ended["escalation"]["reason"] == "button"
    log = await log_of(server, saved.webhook)
    assert [(post.number, post.state, post.status) for post in log.posts] == [
        (number, PostState.DELIVERED, 204) for number in (3, 2, 1)
    ]
    assert log.posts[2].body.encode() == receiver.got[0].body


async def test_only_what_was_chosen_and_only_of_its_space_is_told(
    server: Server, receiver: Receiver, ids: Ids
) -> None:
    await added(server, receiver, ids, (HookEvent.ENDED,))
    await story(server, ids)
    await eventually(lambda: len(receiver.got) == 1)
    assert receiver.types == ["escalation.ended"]
    assert rows(server, "SELECT count(*) FROM hook_posts") == [(1,)]


async def test_what_is_refused_is_told_to_nobody(server: Server, receiver: Receiver, ids: Ids) -> None:
    await added(server, receiver, ids)
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(RaiseEscalation(Level.RED)) is Code.NO_RECIPIENTS
        assert await ann.do(RaiseEscalation(Level.YELLOW), "one") is None
        assert await ann.do(RaiseEscalation(Level.YELLOW), "two") is Code.ALREADY_RAISED
    assert rows(server, "SELECT count(*) FROM hook_posts") == [(1,)]


async def test_an_endpoint_that_is_down_gets_everything_in_order_when_it_is_back(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    saved = await added(server, receiver, ids)
    receiver.answers.extend([500, 503, 502])
    await story(server, ids)
    for failures in (1, 2, 3):
        await failed(server, failures)
        clock.epoch += DELAYS_S[failures - 1] * 1.2
    await eventually(lambda: waiting(server) == 0)
    raised = "escalation.raised"
    assert receiver.types == [raised, raised, raised, raised, "escalation.answered", "escalation.ended"]
    assert len({one.headers["webhook-id"] for one in receiver.got[:4]}) == 1, "the same message"
    for one in receiver.got:
        Checker(saved.secret).verify(one.body, dict(one.headers))
    assert (await listed(server)).failing is None


async def test_an_endpoint_says_when_to_come_back(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    await added(server, receiver, ids, (HookEvent.RAISED,))
    receiver.answers.append(429)
    receiver.headers["Retry-After"] = "120"
    await story(server, ids)
    await failed(server, 1)
    assert rows(server, "SELECT due_at FROM webhooks") == [(clock.now() + 120,)]


async def test_a_message_that_is_not_wanted_does_not_hold_up_the_others_for_ever(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    saved = await added(server, receiver, ids)
    receiver.answers.extend([400] * REFUSED_TRIES)
    await story(server, ids)
    for failures in range(1, REFUSED_TRIES):
        await failed(server, failures)
        clock.epoch += DELAYS_S[failures - 1] * 1.2
    await eventually(lambda: waiting(server) == 0)
    assert receiver.types[REFUSED_TRIES:] == ["escalation.answered", "escalation.ended"]
    refused = (await log_of(server, saved.webhook)).posts[-1]
    assert (refused.state, refused.status, refused.attempts) == (PostState.FAILED, 400, REFUSED_TRIES)


async def test_an_endpoint_that_wants_no_more_is_turned_off_and_what_it_missed_can_be_sent_later(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    saved = await added(server, receiver, ids)
    receiver.answers.append(410)
    await story(server, ids)
    await eventually(lambda: rows(server, "SELECT off_at FROM webhooks") == [(clock.now(),)])
    shown = await listed(server)
    assert (shown.trouble, shown.status, shown.off) == (HookTrouble.GONE, 410, clock.now())
    states = [post.state for post in (await log_of(server, saved.webhook)).posts]
    assert states == [PostState.HELD, PostState.HELD, PostState.FAILED]
    assert len(receiver.got) == 1
    async with await Caller.enter(server.url, "eva") as eva:
        assert await eva.ask(ask.ResendPosts(saved.webhook.id, since=0.0)) is Code.WEBHOOK_OFF
        await eva.ask(ask.SwitchWebhook(saved.webhook.id, True))
        assert await eva.ask(ask.ResendPosts(saved.webhook.id, since=0.0)) == ask.Resent(3)
    await eventually(lambda: waiting(server) == 0)
    assert receiver.types[1:] == ["escalation.raised", "escalation.answered", "escalation.ended"]


async def test_after_days_of_failure_an_endpoint_is_turned_off_with_the_reason(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    await added(server, receiver, ids)
    receiver.answers.extend([500, 500])
    await story(server, ids)
    await failed(server, 1)
    clock.epoch += OFF_AFTER_S + 1
    await eventually(lambda: waiting(server) == 0)
    shown = await listed(server)
    assert shown.off == clock.now()
    assert (shown.trouble, shown.status) == (HookTrouble.STATUS, 500)


async def test_one_message_is_sent_again_with_its_own_id(
    server: Server, receiver: Receiver, ids: Ids
) -> None:
    saved = await added(server, receiver, ids)
    await story(server, ids)
    await eventually(lambda: len(receiver.got) == 3)
    await eventually(lambda: waiting(server) == 0)
    async with await Caller.enter(server.url, "eva") as eva:
        assert await eva.ask(ask.ResendPosts(saved.webhook.id, 2)) == ask.Resent(1)
        assert await eva.ask(ask.ResendPosts(saved.webhook.id, 99)) == ask.Resent(0)
        await eventually(lambda: len(receiver.got) == 4)
        assert receiver.got[3].headers["webhook-id"] == receiver.got[1].headers["webhook-id"]
        assert receiver.got[3].body == receiver.got[1].body
        await eva.ask(ask.TryWebhook(saved.webhook.id))
    await eventually(lambda: len(receiver.got) == 5)
    assert receiver.got[4].json["type"] == "webhook.test"


async def test_without_leave_nothing_goes_to_this_machine(
    data: Path, ids: Ids, clock: FakeClock, receiver: Receiver
) -> None:
    async with running(data, clock) as server, await Caller.enter(server.url, "eva") as eva:
        plain = ask.SaveWebhook("CRM", CHOSEN, receiver.url, ids.space)
        assert await eva.ask(plain) is Code.ADDRESS_NOT_HTTPS
        tls = receiver.url.replace("http:", "https:")
        assert isinstance(await eva.ask(ask.SaveWebhook("CRM", CHOSEN, tls, ids.space)), ask.WebhookSaved)
        await story(server, ids)
        await failed(server, 1)
        assert (await listed(server)).trouble is HookTrouble.FORBIDDEN
    assert receiver.got == []


async def test_two_servers_on_one_store_send_each_message_once(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    await added(server, receiver, ids)
    other = Tasks("other")
    poster = Poster(
        ServerId("other"), server.store.hooks, Outgoing(inside=True), clock, lambda n: b"\x07" * n, other
    )
    for number in range(5):
        await story(server, ids, EscalationId(f"hand-{number}"))
        await poster.look()
    await eventually(lambda: waiting(server) == 0)
    await other.close()
    sent = [one.headers["webhook-id"] for one in receiver.got]
    assert len(sent) == 15
    assert sent == sorted(set(sent), key=lambda name: int(name.rpartition("_")[2]))


async def test_what_is_done_while_nobody_answers_is_told(
    server: Server, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    await added(server, receiver, ids, (HookEvent.STEP, HookEvent.NOBODY))
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(RaiseEscalation(Level.RED, "", Recipients(people=(ids.bob,))), HAND) is None
        for _ in range(12):
            clock.epoch += 61.0  # and no connection is older for it
            await server.engine.look()
            if rows(server, "SELECT 1 FROM hook_posts WHERE event = 'escalation.nobody'"):
                break
        await eventually(lambda: waiting(server) == 0)
    first, last = receiver.got[0].json, receiver.got[-1].json
    assert (first["type"], first["data"]["step"]["what"]) == ("escalation.step", "repeat")
    assert last["type"] == "escalation.nobody"
    assert last["data"]["escalation"]["nobody_at"] is not None
