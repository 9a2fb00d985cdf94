"""A webhook gets another secret: both sign for a while, then the new one; who hears of every space."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Checker

from app.core import hook_questions as ask
from app.core.errors import Code
from app.core.hooks import CHOSEN, GRACE_S, Webhook, WebhookId
from app.server.admin import Admin
from app.server.admin_hooks import HookAdmin
from app.server.main import Server
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import Got, Receiver, receiving
from tests.helpers.running import HASHER, Ids, rows, running
from tests.server.test_admin_hooks import told


@pytest.fixture
async def server(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Server]:
    async with running(data, clock, inside=True) as started:
        yield started


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as started:
        yield started


@pytest.fixture
async def eva(server: Server) -> AsyncIterator[Caller]:
    async with await Caller.enter(server.url, "eva") as caller:
        yield caller


async def added(eva: Caller, receiver: Receiver, ids: Ids) -> ask.WebhookSaved:
    saved = await eva.ask(ask.SaveWebhook("CRM", CHOSEN, receiver.url, ids.space))
    assert isinstance(saved, ask.WebhookSaved)
    return saved


async def renewed(eva: Caller, webhook: WebhookId, grace: float = GRACE_S) -> ask.WebhookSaved:
    saved = await eva.ask(ask.RenewSecret(webhook, grace))
    assert isinstance(saved, ask.WebhookSaved)
    return saved


async def tried(eva: Caller, webhook: WebhookId, receiver: Receiver) -> Got:
    """What the endpoint gets of a test."""
    before = len(receiver.got)
    await eva.ask(ask.TryWebhook(webhook))
    await eventually(lambda: len(receiver.got) > before)
    return receiver.got[-1]


def checks(got: Got, secret: str) -> bool:
    """Whether one of the signatures is what the receiver's library makes with this secret."""
    sent = datetime.fromtimestamp(int(got.headers["webhook-timestamp"]), UTC)
    signature = Checker(secret).sign(got.headers["webhook-id"], sent, got.body.decode())
    return signature in got.headers["webhook-signature"].split(" ")


async def test_for_a_day_either_secret_checks_and_then_the_new_one_alone(
    server: Server, eva: Caller, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    first = await added(eva, receiver, ids)
    webhook = first.webhook.id
    second = await renewed(eva, webhook)
    assert second.webhook.renewing == clock.now() + GRACE_S
    got = await tried(eva, webhook, receiver)
    assert got.headers["webhook-signature"].count("v1,") == 2
    assert checks(got, first.secret)
    assert checks(got, second.secret)
    # Once more, before everybody has changed over: nobody misses anything.
    third = await renewed(eva, webhook, GRACE_S / 2)
    assert third.webhook.renewing == second.webhook.renewing
    got = await tried(eva, webhook, receiver)
    assert [checks(got, one.secret) for one in (first, second, third)] == [True, True, True]
    clock.epoch += GRACE_S / 2
    got = await tried(eva, webhook, receiver)
    assert [checks(got, one.secret) for one in (first, second, third)] == [True, False, True]
    clock.epoch += GRACE_S / 2
    got = await tried(eva, webhook, receiver)
    assert [checks(got, one.secret) for one in (first, second, third)] == [False, False, True]
    assert len(rows(server, "SELECT 1 FROM webhook_secrets")) == 2
    await server.store.hooks.prune(clock.now())
    assert rows(server, "SELECT 1 FROM webhook_secrets") == []


async def test_a_secret_that_somebody_knows_signs_nothing_from_now_on(
    server: Server, eva: Caller, receiver: Receiver, ids: Ids
) -> None:
    first = await added(eva, receiver, ids)
    second = await renewed(eva, first.webhook.id)
    third = await renewed(eva, first.webhook.id, 0.0)
    assert third.webhook.renewing is None
    got = await tried(eva, first.webhook.id, receiver)
    assert [checks(got, one.secret) for one in (first, second, third)] == [False, False, True]
    assert rows(server, "SELECT 1 FROM webhook_secrets") == []


async def test_what_waits_is_signed_with_the_secrets_of_the_moment_it_is_sent(
    server: Server, eva: Caller, receiver: Receiver, ids: Ids, clock: FakeClock
) -> None:
    first = await added(eva, receiver, ids)
    receiver.answers.append(500)
    await tried(eva, first.webhook.id, receiver)
    await eventually(lambda: rows(server, "SELECT failures FROM webhooks") == [(1,)])
    second = await renewed(eva, first.webhook.id, 0.0)
    clock.epoch += 60
    await eventually(lambda: len(receiver.got) == 2)
    assert not checks(receiver.got[1], first.secret)
    assert checks(receiver.got[1], second.secret)


async def test_the_log_says_that_there_is_another_one_and_not_which(
    server: Server, eva: Caller, receiver: Receiver, ids: Ids
) -> None:
    first = await added(eva, receiver, ids)
    for _ in range(7):
        last = await renewed(eva, first.webhook.id)
    assert len(rows(server, "SELECT 1 FROM webhook_secrets")) == 4, "five sign at a time at most"
    log = str(rows(server, "SELECT act, changes FROM audit WHERE subject = 'hook'"))
    assert "24 h" in log
    assert first.secret not in log
    assert last.secret not in log
    assert last.secret.removeprefix("whsec_") not in log


async def test_the_command_line_makes_one_as_well(
    server: Server, eva: Caller, receiver: Receiver, ids: Ids
) -> None:
    first = await added(eva, receiver, ids)
    words, secret = told(server.config.data, "webhook", "renew", "CRM", "--hours", "1.5")
    assert "1.5 hours" in words
    got = await tried(eva, first.webhook.id, receiver)
    assert checks(got, first.secret)
    assert checks(got, secret)
    words, secret = told(server.config.data, "webhook", "renew", "CRM", "--hours", "0")
    assert words == "Its secret, shown only now:"
    assert not checks(await tried(eva, first.webhook.id, receiver), first.secret)
    with Admin(server.config.data, hasher=HASHER) as admin:
        HookAdmin(admin).renew("CRM", GRACE_S)
        [webhook] = HookAdmin(admin).webhooks()
    [line] = told(server.config.data, "webhook", "list")
    assert webhook.renewing is not None
    assert "signs until " + datetime.fromtimestamp(webhook.renewing).isoformat(" ", "seconds") in line
    for wrong in ("-1", "721", "nan"):
        assert told(server.config.data, "webhook", "renew", "CRM", "--hours", wrong, code=1) == []


async def test_only_who_administers_every_space_adds_one_that_hears_of_all(
    server: Server, eva: Caller, receiver: Receiver, ids: Ids
) -> None:
    made = await eva.ask(ask.SaveWebhook("All", CHOSEN, receiver.url, None))
    assert isinstance(made, ask.WebhookSaved)
    assert made.webhook.space is None
    assert await listed(eva) == ((made.webhook,), True)
    with Admin(server.config.data, hasher=HASHER) as admin:
        assert admin.registry.space_ids() == [ids.space]
        admin.registry.run(
            lambda db: db.execute("INSERT INTO spaces (id, name, map) SELECT 'x', 'Other', map FROM spaces")
        )
    await server.spaces.refresh()
    assert await listed(eva) == ((), False), "it hears of a space that she does not belong to"
    assert await eva.ask(ask.SaveWebhook("All", CHOSEN, receiver.url, None)) is Code.NOT_FOUND
    assert await eva.ask(ask.RenewSecret(made.webhook.id)) is Code.NOT_FOUND


async def listed(eva: Caller) -> tuple[tuple[Webhook, ...], bool]:
    found = await eva.ask(ask.ListWebhooks())
    assert isinstance(found, ask.Webhooks)
    return found.webhooks, found.everywhere
