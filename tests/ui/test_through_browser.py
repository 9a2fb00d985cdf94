"""The program and a provider's page: there and back, given up, refused; and which token is kept."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core import wire
from app.ui.controllers import ways_controller
from app.ui.preferences import Preferences
from app.ui.program import Program
from tests.helpers.clock import settle
from tests.helpers.machine import NAME, Machine, page, until
from tests.helpers.office import ANN
from tests.helpers.scripted import PASSWORD

WAY = wire.Way("oidc", "Example Corp")


@pytest.fixture
def opened(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that the browser was sent to."""
    machine.server.ways, machine.server.codes["good"] = (WAY,), ANN
    pages: list[str] = []
    monkeypatch.setattr(ways_controller, "open_page", pages.append)
    return pages


async def through(program: Program, opened: list[str]) -> dict[str, str]:
    """Press the provider's button; what its page was told."""
    opened.clear()
    await until(lambda: page(program).way_buttons)
    page(program).way_buttons[0].click()
    await until(lambda: opened)
    return {name: values[0] for name, values in parse_qs(urlsplit(opened[0]).query).items()}


async def come_back(told: dict[str, str], code: str) -> str:
    """The browser visits the page it was sent back to; what it shows."""
    parts = urlsplit(told["back"])
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f"GET {parts.path}?code={code}&state={told['state']} HTTP/1.1\r\n\r\n".encode())
    shown = (await reader.read()).decode()
    writer.close()
    return shown


async def test_signing_in_through_the_browser_leads_to_the_desk_and_is_remembered(
    machine: Machine, opened: list[str]
) -> None:
    program = machine.start(handle="")
    told = await through(program, opened)
    assert page(program).notice.text.startswith("Sign in with Example Corp in the browser")
    assert "You can close this page" in await come_back(told, "good")
    await until(lambda: machine.ring.kept)
    assert program.desk is not None
    kept = Preferences.load(machine.folders.settings)
    assert (kept.server, kept.handle) == ("ws://localhost:7443", "ann")
    assert machine.ring.kept == {("Handraise", NAME): program.client.token}


async def test_the_wait_for_the_browser_is_given_up_and_begun_again(
    machine: Machine, opened: list[str]
) -> None:
    program = machine.start(handle="")
    await through(program, opened)
    page(program).cancel_requested.emit()
    await settle()
    assert page(program).notice.text == ""
    assert page(program).button.isEnabled()
    told = await through(program, opened)
    await come_back(told, "unknown")
    await until(lambda: page(program).way_buttons[0].isEnabled())
    assert "you have no access to this server" in page(program).notice.text
    assert program.desk is None


async def test_a_server_without_a_provider_offers_none(machine: Machine) -> None:
    program = machine.start(handle="")
    await until(lambda: machine.server.connections == 1)
    await settle()
    assert page(program).way_buttons == []
    assert page(program).notice.text == ""


async def test_of_tokens_that_come_close_together_the_newest_is_kept(machine: Machine) -> None:
    program = machine.start(handle="ann")
    await until(lambda: program.signing_in.entrance is not None)
    page(program).password.setText(PASSWORD)
    page(program).button.click()
    await until(lambda: machine.ring.kept)
    for _ in range(3):
        machine.server.peer.abort()
        await machine.clock.advance(40)
    await until(lambda: machine.ring.kept["Handraise", NAME] == program.client.token)
    resumed = [sign for sign in machine.server.signed_in if isinstance(sign, wire.Resume)]
    assert len(resumed) == 3


async def test_signing_out_leaves_no_token_behind(machine: Machine) -> None:
    program = machine.start(handle="ann")
    page(program).password.setText(PASSWORD)
    page(program).button.click()
    await until(lambda: program.desk is not None)
    program._sign_out_now()
    await until(lambda: program.desk is None)
    await settle()
    assert machine.ring.kept == {}
