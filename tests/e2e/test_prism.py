"""What the adapter sends, held against the gateway's description by Prism: a mock server that others wrote.

``make prism`` installs it from the npm registry and runs this; without it the same description is asked by
:mod:`tests.helpers.gateway_description`, with every test.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from app.core.cases import SendState
from app.server.delivery.base import GatewayError, Parcel
from app.server.delivery.twilio import TwilioGateway
from app.server.phones_config import TwilioConfig
from tests.helpers.gateway_description import FILE
from tests.helpers.parcels import CALL, STRANGE, TEXT
from tests.helpers.phone_network import NUMBER, SID, TOKEN
from tests.helpers.phone_world import free_port
from tests.helpers.server_process import ROOT

PRISM = shutil.which("prism", path=str(ROOT / "build" / "prism" / "node_modules" / ".bin"))
START_S = 60.0

pytestmark = pytest.mark.skipif(PRISM is None, reason="make prism installs it")


@pytest.fixture
async def api() -> AsyncIterator[str]:
    port = free_port()
    assert PRISM is not None
    process = await asyncio.create_subprocess_exec(
        PRISM, "mock", "--port", str(port), "--errors", str(FILE), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(START_S):
        while b"Prism is listening" not in await process.stdout.readline():
            assert process.returncode is None
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    await process.communicate()


async def test_prism_takes_what_the_adapter_sends(api: str) -> None:
    config = TwilioConfig(SID, NUMBER, "https://handraise.example.com", "", api, TOKEN)
    gateway = TwilioGateway(config, "en")
    for parcel in STRANGE:
        receipt = await gateway.send(parcel)
        assert receipt.state is SendState.SENT
        assert await gateway.look_up(parcel, receipt.reference) != []
        await gateway.look_up(parcel, "")
    await gateway.close()


@pytest.mark.parametrize(
    ("parcel", "changed"),
    [(CALL, {"number": NUMBER, "account_sid": "AC12"}), (replace(TEXT, text="x"), {"account_sid": "XX"})],
)
async def test_and_would_not_take_something_else(api: str, parcel: Parcel, changed: dict[str, str]) -> None:
    config = TwilioConfig(**{"account_sid": SID, "number": NUMBER, "callbacks": "x", "api": api, **changed})
    gateway = TwilioGateway(config, "en")
    with pytest.raises(GatewayError):
        await gateway.send(parcel)
    await gateway.close()
    async with httpx2.AsyncClient(auth=(SID, TOKEN), trust_env=False) as client:
        path = f"{api}/2010-04-01/Accounts/{SID}/Calls.json"
        refused = await client.post(path, data={"To": "+1", "From": "+1", "Timeout": "soon"})
    assert refused.status_code >= 400
