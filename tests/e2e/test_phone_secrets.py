"""A busy run with phones at the chattiest log level leaves no number, text, code or token in the log."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from app.core.commands import RaiseEscalation
from app.core.errors import Code
from app.core.model import EscalationId, Level, Recipients
from app.core.phone_questions import MyPhone, SaveContact, Saved, SetMyPhone, TryContact, VerifyMyPhone
from app.core.policy import ContactKind
from app.server.store.sqlite.store import FILE, connect
from tests.helpers.caller import Caller
from tests.helpers.case_rows import assign
from tests.helpers.phone_network import NUMBER, SID, TOKEN, Person, PhoneNetwork
from tests.helpers.phone_world import calling, free_port, texting
from tests.helpers.running import Ids, furnish
from tests.helpers.server_process import ServerProcess
from tests.helpers.tale import policy

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the process is stopped by a signal")

BOB, DUTY, STRANGER = "+819012345679", "+819012345677", "+819055554444"
RED, INBOUND = "planted cry for help", "planted words of a stranger"
ADDRESS = "json://ann:plantedword@127.0.0.1:9/planted/path"
HAND = EscalationId("hand")
WITHIN = 60.0
"""s for the whole run on a busy machine."""


def settings(folder: Path, network: PhoneNetwork, port: int) -> Path:
    (folder / "token").write_text(TOKEN)
    file = folder / "phones.toml"
    file.write_text(
        f'[twilio]\naccount_sid = "{SID}"\nnumber = "{NUMBER}"\nauth_token_file = "token"\n'
        f'callbacks = "http://127.0.0.1:{port}"\napi = "{network.url}"\n'
    )
    return file


async def verified(caller: Caller, network: PhoneNetwork, number: str) -> str:
    """Returns the code that was sent to it."""
    assert isinstance(await caller.ask(SetMyPhone(number)), MyPhone)
    await network.quiet()
    found = re.search(r"\d{6}", network.of("sms")[-1].form["Body"])
    assert found is not None
    assert isinstance(await caller.ask(VerifyMyPhone(found[0])), MyPhone)
    return found[0]


async def busy_run(url: str, data: Path, ids: Ids, network: PhoneNetwork) -> list[str]:
    """Returns the codes that were sent."""
    async with await Caller.enter(url, "bob") as bob:
        assert await bob.ask(SetMyPhone("+81 9")) is Code.PHONE_INVALID
        code = await verified(bob, network, BOB)
        duty = await bob.ask(SaveContact(ids.space, "Duty", ContactKind.PHONE, DUTY))
        team = await bob.ask(SaveContact(ids.space, "Team", ContactKind.APPRISE, ADDRESS))
        assert isinstance(duty, Saved)
        assert isinstance(team, Saved)
        assert await bob.ask(TryContact(ids.space, team.contact.id)) is Code.GATEWAY_REFUSED
    with closing(connect(data / FILE)) as db:
        assign(db, ids.space, policy((0.0, calling(ids.bob)), (0.0, texting(contacts=[duty.contact.id]))))
    async with await Caller.enter(url, "ann") as ann:
        network.people[BOB] = Person(call="2")
        network.people[DUTY] = Person(text="{code}")
        network.failures.extend(["500", "lost"])
        red = RaiseEscalation(Level.RED, RED, Recipients(people=(ids.bob,)))
        assert await ann.do(red, HAND) is None
        await ann.until(lambda: bool(ann.space.escalations[HAND].outside))
        assert await network.text(STRANGER, INBOUND) == ""
        async with httpx2.AsyncClient(trust_env=False) as client:
            forged = {"From": STRANGER, "Body": INBOUND, "MessageSid": "SM1"}
            refused = await client.post(f"{network.callbacks}/twilio/sms", data=forged)
        assert refused.status_code == 403
    return [code, *re.findall(r"Reply (\d{4}) ", "".join(text.form["Body"] for text in network.of("sms")))]


async def test_no_number_text_code_or_token_is_left(tmp_path: Path) -> None:
    data, port = tmp_path / "data", free_port()
    ids = furnish(data)
    async with asyncio.timeout(WITHIN), PhoneNetwork(time.time) as network:
        network.callbacks = f"http://127.0.0.1:{port}"
        file = settings(tmp_path, network, port)
        arguments = ("--log-level", "debug", "--phones", str(file), "--http-port", str(port))
        async with ServerProcess(data, *arguments, "--webhooks-inside") as server:
            codes = await busy_run(server.url, data, ids, network)
            await network.quiet()
            await server.stop(10)
    log = (data / "logs" / "server.log").read_text()
    assert "a callback that Twilio did not sign was refused" in log  # there is something to be searched
    planted = [BOB, DUTY, STRANGER, BOB[3:], DUTY[3:], STRANGER[3:], RED, INBOUND, TOKEN, "plantedword"]
    assert [secret for secret in (*planted, "planted/path") if secret in log] == []
    for code in codes:
        assert re.search(rf"(?<!\d){code}(?!\d)", log) is None
    assert re.findall(r"^.* (?:DEBUG|INFO) (?!app\b).*", log, re.MULTILINE) == []
