"""A busy run of real processes at the chattiest log level leaves no secret in logs, output or diagnostics."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.core.commands import RaiseEscalation, SendMessage
from app.core.model import Level, Recipients, Role
from app.core.wire import Token
from app.logs import STATES
from app.server.admin import Admin
from app.server.first_start import OFFICE
from app.server.maps import import_map
from app.ui.preferences import FILE, Values
from tests.helpers.caller import Caller
from tests.helpers.desktop import eventually
from tests.helpers.running import HASHER
from tests.helpers.server_process import ROOT, ServerProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the environment names Linux's folders")

PASSWORD = "correct planted horse"
WRONG = "a wrong planted password"
PHONE = "+81 90-1234-5678"
CHAT = "planted chat text"
RED = "planted cry for help"
RAISED = "planted own message"
PLANTED = (PASSWORD, WRONG, PHONE, "90-1234", CHAT, RED, RAISED)
WITHIN = 120.0
"""s for the whole run on a busy machine."""


class ClientProcess:
    """``handraise`` in a home of its own, without a screen.

    Args:
        run: its runtime folder; a socket's path has room for 107 bytes, so not deep in the home.
    """

    def __init__(self, home: Path, run: Path) -> None:
        self.home = home
        self._started: list[asyncio.subprocess.Process] = []
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(run),
            "QT_QPA_PLATFORM": "offscreen",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "PYTHONASYNCIODEBUG": "1",
            "PYTHONUNBUFFERED": "1",
        }
        settings = home / ".config" / "handraise" / "profiles" / "default"
        settings.mkdir(parents=True)
        (settings / FILE).write_bytes(msgspec.json.encode(Values(raise_directly="red", handle="bob")))
        self.log = home / ".local" / "state" / "handraise" / "log" / "client-default.log"

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        started = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app", *arguments,
            cwd=ROOT, env=self._environment,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._started.append(started)
        return started

    def kill(self) -> None:
        """What a test that failed left behind."""
        for process in self._started:
            if process.returncode is None:
                process.kill()

    async def run(self, *arguments: str) -> tuple[int | None, str]:
        process = await self.start(*arguments)
        said, _ = await process.communicate()
        return process.returncode, said.decode()

    def logged(self, words: str) -> None:
        """Wait until the log has these words."""
        eventually(lambda: self.log.exists() and words in self.log.read_text(), within=60, what=words)


def furnish(data: Path) -> None:
    with Admin(data, hasher=HASHER) as admin:
        admin.add_space("Office", import_map(OFFICE))
        admin.add_user("ann", f"Ann {PHONE}", PASSWORD)
        admin.add_user("bob", "Bob Stone", PASSWORD, Role.SUPERVISOR)


async def busy_run(data: Path, client: ClientProcess) -> tuple[str, list[Token]]:
    """What the client printed, and the tokens that were given out."""
    async with ServerProcess(data, "--log-level", "debug") as server:
        stranger = await Caller.dial(server.url)
        assert await stranger.sign_in("ann", WRONG)
        ann = await Caller.enter(server.url, "ann", PASSWORD)
        window = await client.start(
            "--server", server.url, "--handle", "bob", "--password-fd", "0", "--log-level", "debug"
        )
        assert window.stdin is not None
        window.stdin.write(PASSWORD.encode())
        window.stdin.close()
        await window.stdin.wait_closed()
        client.logged("connection: protected")
        bob = next(person.id for person in ann.space.people.values() if person.handle == "bob")
        assert not await ann.do(SendMessage(f"@bob {CHAT} {PHONE}"))
        assert not await ann.do(RaiseEscalation(Level.RED, RED, Recipients(people=(bob,))))
        assert await client.run("raise", RAISED) == (0, "Your hand is raised.\n")
        assert (await client.run("handraise://person/ann"))[0] == 0
        nonsense = await Caller.dial(server.url)
        await nonsense.socket.send(f'{{"password": "{PASSWORD}"}}'.encode())
        await nonsense.socket.wait_closed()
        window.send_signal(signal.SIGTERM)
        said, _ = await window.communicate()
        assert window.returncode == 0, said.decode()
        tokens = [ann.token]
        for caller in (ann, stranger, nonsense):
            caller.socket.transport.abort()
        await server.stop(10)
    return said.decode(), tokens


@pytest.fixture
def run() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        yield Path(folder)


async def test_no_secret_is_left(tmp_path: Path, run: Path) -> None:
    data, client = tmp_path / "data", ClientProcess(tmp_path / "h", run)
    furnish(data)
    try:
        async with asyncio.timeout(WITHIN):
            printed, tokens = await busy_run(data, client)
            code, said = await client.run("diagnostics", str(tmp_path / "saved.zip"))
    finally:
        client.kill()
    assert code == 0, said
    server_log = (data / "logs" / "server.log").read_text()
    with zipfile.ZipFile(tmp_path / "saved.zip") as saved:
        inside = "\n".join(saved.read(name).decode() for name in saved.namelist())
    client_log = client.log.read_text()
    # There is something to be searched: both are chatty, and the zip has the client's log.
    assert "app.stages: committed" in server_log
    assert f"{STATES}: connection: protected" in client_log
    assert "app.stages: folded" in client_log
    assert f"{STATES}: connection: protected" in inside
    assert '"theme": "system"' in inside
    for place in (printed, server_log, client_log, inside):
        assert [secret for secret in (*PLANTED, *tokens, "bob") if secret in place] == []
        # Libraries dump what passes through them, in hex where it is no text.
        assert re.findall(r"^.* (?:DEBUG|INFO) (?!app\b).*", place, re.MULTILINE) == []
