"""The outbox of webhooks: who holds a lease sends, leases end, and a clock that is set back stops nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.audit import Act, Deed, Subject
from app.core.hooks import CHOSEN, HookEvent, HookTrouble, PostState, Webhook, WebhookId
from app.server.store.hooks import KEPT_POSTS, LATEST_S, LEASE_S, KeptWebhook, Outcome
from app.server.store.servers import ServerId
from app.server.store.sqlite.store import FILE, SqliteStore

NOW = 1_700_000_000.0
CRM = WebhookId("crm")
DEED = Deed(NOW, Act.ADDED, Subject.HOOK)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    """Three messages wait for one webhook."""
    opened = SqliteStore(tmp_path / FILE)
    webhook = Webhook(CRM, "CRM", "crm.example", CHOSEN, None, NOW)
    await opened.hooks.save(KeptWebhook(webhook, "https://crm.example", b"s"), DEED)
    for number in range(3):
        await opened.hooks.queue(CRM, HookEvent.TEST, b"%d" % number, DEED)
    yield opened
    await opened.close()


async def test_what_one_holds_another_does_not_get_until_the_lease_is_over(store: SqliteStore) -> None:
    [mine] = await store.hooks.claim("a", NOW, 9)
    assert (mine.number, mine.body) == (1, b"0")
    assert await store.hooks.claim("b", NOW + LEASE_S - 1, 9) == []
    [theirs] = await store.hooks.claim("b", NOW + LEASE_S, 9)
    assert (theirs.number, theirs.id) == (1, mine.id), "the same message, so that it counts once"
    # Whoever was thought dead got it through after all, and goes on with nothing.
    assert await store.hooks.settle(mine, Outcome(NOW + LEASE_S, PostState.DELIVERED, status=200)) is None
    following = await store.hooks.settle(theirs, Outcome(NOW + LEASE_S, PostState.DELIVERED, status=200))
    assert following is not None
    assert following.number == 2


async def test_a_webhook_that_failed_waits_and_its_order_stays(store: SqliteStore) -> None:
    [mine] = await store.hooks.claim("a", NOW, 9)
    later = Outcome(NOW, PostState.WAITING, HookTrouble.UNREACHABLE, again_at=NOW + 5)
    assert await store.hooks.settle(mine, later) is None
    await store.hooks.queue(CRM, HookEvent.TEST, b"new", DEED)  # what comes meanwhile does not hurry it
    assert await store.hooks.claim("b", NOW + 4, 9) == []
    [again] = await store.hooks.claim("b", NOW + 5, 9)
    assert (again.number, again.tries, again.failures, again.failing) == (1, 1, 1, NOW)


async def test_a_clock_that_was_set_back_makes_nothing_wait_for_hours(store: SqliteStore) -> None:
    [mine] = await store.hooks.claim("a", NOW, 9)
    later = Outcome(NOW, PostState.WAITING, HookTrouble.TIMEOUT, again_at=NOW + LATEST_S)
    await store.hooks.settle(mine, later)
    assert await store.hooks.claim("b", NOW, 9) == []
    day_before = NOW - 86_400
    [again] = await store.hooks.claim("b", day_before, 9)
    assert again.number == 1
    assert await store.hooks.claim("c", day_before, 9) == [], "b holds it now"


async def test_who_stops_in_order_lets_go_at_once(store: SqliteStore) -> None:
    await store.hooks.claim("a", NOW, 9)
    await store.hooks.release("a")
    assert len(await store.hooks.claim("b", NOW, 9)) == 1


async def test_what_a_server_held_is_free_once_it_is_known_to_be_dead(store: SqliteStore) -> None:
    dead = ServerId("dead")
    await store.servers.enlist(dead, "here", ())
    [mine] = await store.hooks.claim(dead, NOW, 9)
    await store.servers.strike([ServerId("another")])
    assert await store.hooks.claim("b", NOW, 9) == []
    await store.servers.strike([dead])
    [theirs] = await store.hooks.claim("b", NOW, 9)
    assert (theirs.number, theirs.id) == (mine.number, mine.id)


async def test_a_webhook_that_is_removed_while_it_is_sent_to_is_gone(store: SqliteStore) -> None:
    [mine] = await store.hooks.claim("a", NOW, 9)
    await store.hooks.remove(CRM, DEED)
    assert await store.hooks.settle(mine, Outcome(NOW, PostState.DELIVERED, status=200)) is None
    assert await store.hooks.all() == []


async def test_what_is_too_much_is_forgotten(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.store.sqlite.hooks.KEPT_POSTS", 2)
    await store.hooks.prune(NOW)
    assert [post.number for post in await store.hooks.posts(CRM, None, 9)] == [3, 2]
    assert KEPT_POSTS > 2
