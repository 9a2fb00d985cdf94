"""What is sent to addresses that people entered: never into forbidden networks, with which certificate."""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Checker

from app.core.cases import CaseId, SendId, SendState
from app.core.errors import Code, Refused
from app.core.hooks import HookTrouble, PostState, WebhookId
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel
from app.server.hooks.addresses import host_of
from app.server.hooks.gateway import WebhookGateway
from app.server.hooks.outgoing import Lookup, Outgoing, PostError, Reply, may_send_to
from app.server.hooks.retrying import DELAYS_S, OFF_AFTER_S, REFUSED_TRIES, outcome
from app.server.hooks.signing import read_secret, shown_secret, signed
from app.server.store.hooks import LATEST_S, Claimed
from tests.helpers.certificates import authority, certificate
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import receiving

SECRET = b"s" * 32
NAMED = "crm.example"
NOW = 1_700_000_000.0


def leads_to(*addresses: str, asked: list[str] | None = None) -> Lookup:
    async def lookup(host: str, port: int) -> Sequence[str]:
        if asked is not None:
            asked.append(host)
        return addresses

    return lookup


def test_a_signature_is_what_the_receivers_library_makes_of_it() -> None:
    headers = signed("msg_1", NOW + 0.9, b'{"a": 1}', SECRET)
    checker = Checker(shown_secret(SECRET))
    assert headers["webhook-signature"] == checker.sign("msg_1", datetime.fromtimestamp(NOW, UTC), '{"a": 1}')
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", str(int(NOW)))
    assert read_secret(shown_secret(SECRET)) == SECRET


@pytest.mark.parametrize(
    ("address", "outside", "inside"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1:248:1893:25c8:1946", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.0.1", False, True),
        ("100.64.0.1", False, True),
        ("fd00::1", False, True),
        ("0.0.0.0", False, False),
        ("::", False, False),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("224.0.0.1", False, False),
        ("::ffff:10.0.0.1", False, True),
        ("::ffff:169.254.169.254", False, False),
        ("64:ff9b::a9fe:a9fe", False, False),
        ("64:ff9b::7f00:1", False, True),
        ("2002:a9fe:a9fe::1", False, False),
    ],
)
def test_where_it_may_send_to(address: str, outside: bool, inside: bool) -> None:
    found = ipaddress.ip_address(address)
    assert may_send_to(found, inside=False) is outside
    assert may_send_to(found, inside=True) is inside


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "https://127.1:{port}/",
    ],
)
async def test_no_way_of_writing_it_leads_to_this_machine(url: str) -> None:
    async with receiving() as receiver:
        port = receiver.url.split(":")[2].split("/")[0]
        with pytest.raises(PostError) as caught:
            await Outgoing().post(url.format(port=port), {}, b"{}")
        assert caught.value.trouble in (HookTrouble.FORBIDDEN, HookTrouble.NO_HOST)
        assert receiver.got == []


async def test_plain_http_goes_nowhere_but_inside() -> None:
    outgoing = Outgoing(inside=True, lookup=leads_to("93.184.216.34"))
    with pytest.raises(PostError) as caught:
        await outgoing.post("http://crm.example/", {}, b"{}")
    assert caught.value.trouble is HookTrouble.FORBIDDEN


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server certificate for the name, and who trusts it."""
    ours = authority(tmp_path, "ours")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate(tmp_path, ours, names=(NAMED,)))
    return serving, ssl.create_default_context(cafile=ours.file)


async def test_the_address_that_was_looked_at_is_the_one_that_is_asked_under_its_name(
    certified: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    serving, trust = certified
    asked: list[str] = []
    async with receiving(serving) as receiver:
        url = receiver.url.replace("127.0.0.1", NAMED)
        outgoing = Outgoing(inside=True, trust=trust, lookup=leads_to("127.0.0.1", asked=asked))
        assert (await outgoing.post(url, {}, b"{}")).good
        assert asked == [NAMED], "once"
        assert receiver.got[0].headers["Host"] == url.split("/")[2]
        other = url.replace(NAMED, "other.example")
        with pytest.raises(PostError) as caught:
            await outgoing.post(other, {}, b"{}")
        assert caught.value.trouble is HookTrouble.TLS
        assert len(receiver.got) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with receiving() as inner, receiving() as receiver:
        receiver.answers.append(307)
        receiver.headers["Location"] = inner.url
        assert (await Outgoing(inside=True).post(receiver.url, {}, b"{}")).status == 307
        assert inner.got == []


async def test_nobody_there_and_nobody_who_answers_are_told_apart() -> None:
    async with receiving() as receiver:
        gone = receiver.url
    with pytest.raises(PostError) as caught:
        await Outgoing(inside=True).post(gone, {}, b"{}")
    assert (caught.value.trouble, caught.value.sent) == (HookTrouble.UNREACHABLE, False)
    async with receiving() as receiver:
        with pytest.raises(PostError) as caught:
            await Outgoing(inside=True, limit=0.0).post(receiver.url, {}, b"{}")
    assert caught.value.trouble is HookTrouble.TIMEOUT


@pytest.mark.parametrize(
    ("url", "inside", "wrong"),
    [
        ("https://crm.example/hook?a=b", False, None),
        ("http://crm.example/hook", False, Code.ADDRESS_NOT_HTTPS),
        ("http://crm.example/hook", True, None),
        ("https://user:secret@crm.example/", False, Code.ADDRESS_INVALID),
        ("https://crm.example/#part", False, Code.ADDRESS_INVALID),
        ("https:///hook", False, Code.ADDRESS_INVALID),
        ("https://crm.example:99999/", False, Code.ADDRESS_INVALID),
        ("https://crm.example/a b", False, Code.ADDRESS_INVALID),
        ("https://crm.example/" + "x" * 2_048, False, Code.ADDRESS_INVALID),
        ("ftp://crm.example/", True, Code.ADDRESS_NOT_HTTPS),
        ("https://[::1", False, Code.ADDRESS_INVALID),
        ("", False, Code.ADDRESS_NOT_HTTPS),
    ],
)
def test_which_addresses_a_webhook_may_have(url: str, inside: bool, wrong: Code | None) -> None:
    if wrong is None:
        assert host_of(url, inside=inside) == NAMED
    else:
        with pytest.raises(Refused) as caught:
            host_of(url, inside=inside)
        assert caught.value.refusal.code is wrong


# What an attempt came to


def claimed(tries: int = 0, failures: int = 0, failing: float | None = None) -> Claimed:
    return Claimed("me", WebhookId("w"), "", (b"",), 1, "msg_w_1", b"", tries, failures, failing)


def test_it_is_tried_again_later_each_time() -> None:
    times = [outcome(claimed(n, n), HookTrouble.UNREACHABLE, NOW, 0.5).again_at - NOW for n in range(9)]
    assert times == [*DELAYS_S, LATEST_S, LATEST_S]
    early = outcome(claimed(), HookTrouble.TIMEOUT, NOW, 0.0).again_at
    late = outcome(claimed(), HookTrouble.TIMEOUT, NOW, 1.0).again_at
    assert early < NOW + DELAYS_S[0] < late


@pytest.mark.parametrize(
    ("answer", "tries", "state"),
    [
        (Reply(200), 0, PostState.DELIVERED),
        (Reply(302), 9, PostState.WAITING),
        (Reply(400), 0, PostState.WAITING),
        (Reply(401), REFUSED_TRIES - 1, PostState.FAILED),
        (Reply(429), REFUSED_TRIES, PostState.WAITING),
        (Reply(500), 99, PostState.WAITING),
        (HookTrouble.TLS, 99, PostState.WAITING),
    ],
)
def test_what_becomes_of_a_message(answer: Reply | HookTrouble, tries: int, state: PostState) -> None:
    came = outcome(claimed(tries, tries), answer, NOW, 0.5)
    assert (came.state, came.off) == (state, False)


def test_who_asks_for_time_gets_it_but_not_days() -> None:
    assert outcome(claimed(), Reply(503, 120), NOW, 0.5).again_at == NOW + 120
    assert outcome(claimed(), Reply(503, 9_999_999), NOW, 0.5).again_at == NOW + LATEST_S


def test_what_failed_for_days_is_turned_off() -> None:
    long = claimed(3, 80, NOW - OFF_AFTER_S)
    assert outcome(long, HookTrouble.NO_HOST, NOW, 0.5).off
    assert not outcome(long, Reply(204), NOW, 0.5).off
    assert not outcome(claimed(3, 80, NOW - OFF_AFTER_S + 1), HookTrouble.NO_HOST, NOW, 0.5).off


# A policy's step


def parcel(address: str) -> Parcel:
    return Parcel(SendId("c.0.0.1.post.k"), "webhook", address, "Ann needs help", case=CaseId("c"))


async def test_a_policys_step_tells_its_webhook_signed_where_it_has_a_secret() -> None:
    clock = FakeClock(epoch=time.time())
    gateway = WebhookGateway(Outgoing(inside=True), clock)
    async with receiving() as receiver:
        receipt = await gateway.send(parcel(f"{receiver.url}#{shown_secret(SECRET)}"))
        assert receipt.state is SendState.DELIVERED
        await gateway.send(parcel(receiver.url))
        with pytest.raises(GatewayError):
            await gateway.send(parcel(f"{receiver.url}#no-secret"))
    first, plain = receiver.got
    Checker(shown_secret(SECRET)).verify(first.body, dict(first.headers))
    assert first.json["data"] == {"case": "c", "text": "Ann needs help"}
    assert "whsec" not in str(first)
    assert plain.headers["webhook-id"] == first.headers["webhook-id"], "so that it counts once"
    assert "webhook-signature" not in plain.headers
    assert await gateway.look_up(parcel(receiver.url), "") == ()


@pytest.mark.parametrize(("status", "again"), [(400, False), (404, False), (429, True), (500, True)])
async def test_a_step_that_was_refused_is_tried_again_where_that_makes_sense(
    status: int, again: bool
) -> None:
    gateway = WebhookGateway(Outgoing(inside=True), FakeClock())
    async with receiving() as receiver:
        receiver.answers.append(status)
        with pytest.raises(GatewayError) as caught:
            await gateway.send(parcel(receiver.url))
    assert (caught.value.reason, caught.value.retry_after is not None) == (Code.HOOK_REFUSED, again)


async def test_what_is_not_known_of_a_step_is_said_to_be_unknown() -> None:
    clock = FakeClock()
    with pytest.raises(GatewayError) as caught:
        await WebhookGateway(Outgoing(), clock).send(parcel("https://127.0.0.1/"))
    assert (caught.value.reason, caught.value.retry_after) == (Code.HOOK_FORBIDDEN, None)
    async with receiving() as receiver:
        with pytest.raises(GatewayUnsureError):
            await WebhookGateway(Outgoing(inside=True, limit=0.0), clock).send(parcel(receiver.url))
    with pytest.raises(GatewayError) as caught:
        await WebhookGateway(Outgoing(inside=True), clock).send(parcel(receiver.url))
    assert caught.value.retry_after is not None
