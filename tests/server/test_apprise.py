"""Apprise addresses, against a web server of our own."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from app.core.cases import SendId, SendState
from app.core.errors import Code, Refused
from app.server.delivery import apprise
from app.server.delivery.apprise import AppriseGateway, check_address
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel
from app.server.delivery.guarded import guarded


class Target:
    """Attributes:
    said: what was posted.
    status: that it answers with.
    elsewhere: where it sends whoever comes.
    """

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.status, self.address, self.elsewhere = 200, "", ""

    async def take(self, request: web.Request) -> web.Response:
        self.said.append(await request.json())
        headers = {"Location": self.elsewhere} if self.elsewhere else {}
        return web.Response(status=self.status, headers=headers)


@pytest.fixture
async def target() -> AsyncIterator[Target]:
    made = Target()
    app = web.Application()
    app.router.add_post("/alerts", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.address = f"json://ann:secret@127.0.0.1:{runner.addresses[0][1]}/alerts"
    yield made
    await runner.cleanup()


def parcel(address: str) -> Parcel:
    return Parcel(SendId("case.0.0.1.post.team"), "apprise", address, "Ann: <b>help</b> & hurry")


async def test_an_address_gets_the_text_as_it_is_and_no_log_has_it(
    target: Target, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    receipt = await AppriseGateway(inside=True).send(parcel(target.address))
    assert receipt.state is SendState.SENT
    (said,) = target.said
    assert (said["title"], said["message"]) == ("Handraise", "Ann: <b>help</b> & hurry")
    assert "secret" not in caplog.text
    assert "hurry" not in caplog.text


async def test_what_it_refuses_is_tried_again(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    target.status = 500
    with pytest.raises(GatewayError) as caught:
        await AppriseGateway(inside=True).send(parcel(target.address))
    assert (caught.value.reason, caught.value.retry_after) == (Code.GATEWAY_REFUSED, apprise.AGAIN_S)
    assert "secret" not in caplog.text


async def test_one_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been sent: nobody can tell."""
    let_go = threading.Event()
    monkeypatch.setattr(apprise, "LIMIT_S", 0.01)
    monkeypatch.setattr(apprise, "_send", lambda *_: let_go.wait())
    with pytest.raises(GatewayUnsureError):
        await AppriseGateway().send(parcel("json://127.0.0.1"))
    let_go.set()


async def test_it_reaches_nothing_inside_unless_the_server_may(target: Target) -> None:
    inside = target.address.rpartition("@")[2]
    for host in (inside, inside.replace("127.0.0.1", "localhost"), inside.replace("127.0.0.1", "2130706433")):
        with pytest.raises(GatewayError) as caught:
            await AppriseGateway().send(parcel(f"json://{host}"))
        assert (caught.value.reason, caught.value.retry_after) == (Code.HOOK_FORBIDDEN, None), host
    assert target.said == []


async def test_nor_where_a_host_leads_it_to(target: Target) -> None:
    """The key of a cloud's machine is asked for nowhere, not even where inside is allowed."""
    target.status, target.elsewhere = 307, "http://169.254.169.254/latest/meta-data/"
    with pytest.raises(GatewayError) as caught:
        await AppriseGateway(inside=True).send(parcel(target.address))
    assert caught.value.reason == Code.HOOK_FORBIDDEN
    assert len(target.said) == 1


async def test_mail_is_watched_too() -> None:
    with pytest.raises(GatewayError) as caught:
        await AppriseGateway().send(parcel("mailto://ann:word@example.com?smtp=localhost"))
    assert caught.value.reason == Code.HOOK_FORBIDDEN


def test_and_so_is_what_has_no_connection() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending, guarded(inside=False) as watch:
        with pytest.raises(PermissionError):
            sending.sendto(b"", ("localhost", 514))
        assert watch.forbidden
    with socket.socket(socket.AF_UNIX) as local, guarded(inside=False), pytest.raises(PermissionError):
        local.connect("/run/docker.sock")


async def test_a_proxy_may_be_inside(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """It decides where to."""
    host = target.address.rpartition("@")[2].partition("/")[0]
    monkeypatch.setenv("http_proxy", f"http://{host}")
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(GatewayError) as caught:  # the proxy knows no such page
        await AppriseGateway().send(parcel("json://crm.example/alerts/none"))
    assert caught.value.reason == Code.GATEWAY_REFUSED


@pytest.mark.parametrize(
    "address",
    [
        "workflow://example.com:443/flow/signature/?template=/etc/passwd",
        "workflow://example.com:443/flow/signature/?template=http://169.254.169.254/",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js/?template=/etc/passwd",
        "fcm://project@key/device/?keyfile=/etc/passwd",
        "mailto://ann:word@example.com?pgp=yes&pgppub=/etc/passwd",
    ],
)
def test_an_address_that_names_a_file_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        check_address(address)
    check_address(address.partition("?")[0])
