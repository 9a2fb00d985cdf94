"""Integrations and webhooks by the server's command line: the same as in the window, also while it runs."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from app.core.hooks import CHOSEN, ApiAction, HookEvent
from app.server import admin_cli
from app.server.admin import Admin, AdminError
from app.server.admin_hooks import HookAdmin
from app.server.main import Server
from tests.helpers.api import ESCALATIONS, Program, described
from tests.helpers.caller import eventually
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import receiving
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows, running


def told(data: Path, *arguments: str, code: int = 0) -> list[str]:
    """What ``handraise admin`` says."""
    parser = argparse.ArgumentParser()
    admin_cli.add_arguments(parser)
    said: list[str] = []
    assert admin_cli.run(parser.parse_args(arguments), data, said.append) == code
    return said


async def test_a_token_that_was_made_works_until_it_is_revoked(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    made, token = told(
        data, "integration", "add", "PBX", "--space", SPACE_NAME, "--allow", "read", "--allow", "end"
    )
    number = made.partition("(")[2].partition(")")[0]
    async with (
        running(data, clock, http_port=0) as server,
        Program(server.web.url, token, await described(server)) as program,
    ):
        assert (await program.get(ESCALATIONS)).status_code == 200
        [listed] = told(data, "integration", "list")
        assert f"{number}  PBX  [read end]  token …{token[-4:]}, last used" in listed
        assert token not in listed
        assert told(data, "integration", "revoke", "PBX") == ["Revoked the token of PBX."]
        assert (await program.get(ESCALATIONS)).status_code == 401
    assert told(data, "integration", "revoke", "PBX", code=1) == []


async def test_a_webhook_is_made_tested_read_and_sent_to_again(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with receiving() as receiver, running(data, clock, inside=True) as server:
        _, secret = told(data, "webhook", "add", "CRM", receiver.url, "--inside")
        assert secret.startswith("whsec_")
        told(data, "webhook", "test", "CRM")
        await eventually(lambda: receiver.types == ["webhook.test"])
        await eventually(lambda: _waiting(server) == 0)
        log = told(data, "webhook", "log", "CRM", "--bodies")
        assert "webhook.test  delivered  1 attempt  204" in log[0]
        assert log[1].strip() == receiver.got[0].body.decode()
        again = ["1 message waits to be sent again."]
        assert told(data, "webhook", "resend", "CRM", "--number", "1") == again
        await eventually(lambda: len(receiver.got) == 2)
        await eventually(lambda: _waiting(server) == 0)
        assert told(data, "webhook", "resend", "CRM", "--hours", "1") == again
        told(data, "webhook", "off", "CRM")
        assert "off since" in told(data, "webhook", "list")[0]
        assert told(data, "webhook", "test", "CRM", code=1) == []
        told(data, "webhook", "on", "CRM")
        assert told(data, "webhook", "remove", "CRM") == ["Removed the webhook CRM."]
        assert told(data, "webhook", "list") == []
    deeds = [act for (act,) in rows(server, "SELECT act FROM audit WHERE subject = 'hook' ORDER BY number")]
    assert deeds == ["added", "tested", "read", "resent", "resent", "changed", "changed", "removed"]
    assert secret not in str(rows(server, "SELECT changes FROM audit"))


def _waiting(server: Server) -> int:
    return len(rows(server, "SELECT 1 FROM hook_posts WHERE state = 'waiting'"))


def test_what_cannot_be_is_said(data: Path, ids: Ids) -> None:
    with Admin(data, hasher=HASHER) as admin:
        hooks = HookAdmin(admin)
        with pytest.raises(AdminError, match="no space called Nowhere"):
            hooks.add_integration("PBX", (ApiAction.READ,), "Nowhere")
        with pytest.raises(AdminError, match="Everything else needs a space"):
            hooks.add_integration("PBX", (ApiAction.READ,), None)
        with pytest.raises(AdminError, match="must begin with https"):
            hooks.add_webhook("CRM", "http://crm.example/", (), SPACE_NAME, inside=False)
        with pytest.raises(AdminError, match="no webhook called CRM"):
            hooks.test("CRM")
        for _ in range(2):
            hooks.add_webhook("CRM", "https://crm.example/", (HookEvent.RAISED,), SPACE_NAME, inside=False)
        with pytest.raises(AdminError, match="More than one webhook"):
            hooks.remove("CRM")
        first, _ = hooks.webhooks()
        assert hooks.remove(first.id) == "CRM"
        hooks.add_webhook("All", "https://crm.example/", (), None, inside=False)
        assert {webhook.events for webhook in hooks.webhooks()} == {CHOSEN, (HookEvent.RAISED,)}
