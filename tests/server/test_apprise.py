"""Apprise addresses, against a web server of our own."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from app.core.cases import SendId, SendState
from app.core.errors import Code
from app.server.delivery import apprise
from app.server.delivery.apprise import AppriseGateway
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel


class Target:
    """Attributes:
    said: what was posted.
    status: that it answers with.
    """

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []
        self.status, self.address = 200, ""

    async def take(self, request: web.Request) -> web.Response:
        self.said.append(await request.json())
        return web.Response(status=self.status)


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
    receipt = await AppriseGateway().send(parcel(target.address))
    assert receipt.state is SendState.SENT
    (said,) = target.said
    assert (said["title"], said["message"]) == ("Handraise", "Ann: <b>help</b> & hurry")
    assert "secret" not in caplog.text
    assert "hurry" not in caplog.text


async def test_what_it_refuses_is_tried_again(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    target.status = 500
    with pytest.raises(GatewayError) as caught:
        await AppriseGateway().send(parcel(target.address))
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
