"""One person's bad day on a real desktop: a locked keyring, a wrong password, and a server that is killed."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.core.model import Role
from app.server.admin import Admin
from app.server.first_start import OFFICE
from app.server.maps import import_map
from app.server.store.sqlite.store import FILE
from tests.e2e.desk import PASSWORD, Desk
from tests.helpers.desktop import Part, VirtualDesktop, eventually
from tests.helpers.running import HASHER

HANDRAISE = [sys.executable, "-m", "app"]
WRITTEN = "is anybody there"
LAST_WORDS = "now the program dies"


class KilledServer:
    """A server process on a folder of its own, which can be killed and started again."""

    def __init__(self, desktop: VirtualDesktop, data: Path) -> None:
        self.data = data
        self._desktop = desktop
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        with Admin(data, hasher=HASHER) as admin:
            admin.add_space("Office", import_map(OFFICE))
            admin.add_user("ann", "Ann Field", PASSWORD)
            admin.add_user("bob", "Bob Stone", PASSWORD, Role.SUPERVISOR)
        self.process = self.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def start(self) -> Part:
        command = [*HANDRAISE, "serve", "--data", str(self.data), "--port", str(self.port)]
        self.process = self._desktop.start(command, name="server")
        eventually(lambda: "listening on" in self.process.text(), within=20, what="the server listens")
        return self.process

    def messages(self) -> list[str]:
        """The texts it has stored."""
        with closing(sqlite3.connect(self.data / FILE)) as db:
            return [key for (key,) in db.execute("SELECT search_key FROM messages ORDER BY number")]


@pytest.fixture
def server(desktop: VirtualDesktop, tmp_path: Path) -> Iterator[KilledServer]:
    started = KilledServer(desktop, tmp_path / "data")
    yield started
    started.process.kill()


def test_locked_keyring_wrong_password_a_killed_server_and_a_killed_program(
    desktop: VirtualDesktop, server: KilledServer, tmp_path: Path
) -> None:
    desktop.secrets.lock()
    ann = Desk(desktop, "ann", server.url)
    ann.open("--lang", "en")
    ann.see("This system's secret store is locked or does not answer.", within=30)

    field = ann.see("Password", role="password text")
    ann.click(field)
    ann.type("not the password")
    ann.key("Return")
    ann.see("The handle or the password is wrong.")
    ann.type(PASSWORD)  # the wrong one is selected, so this takes its place
    ann.key("Return")
    ann.see("Map of the space", role="list", within=30)
    ann.see("locked or does not answer: sign in again at the next start.", within=20)

    server.process.kill()
    ann.see("NOT PROTECTED since", within=15)
    said = desktop.start([*HANDRAISE, "raise", "in vain"])
    assert said.wait(20) == 3
    assert "The escalation dialog is filled in. Press Execute there." in said.text()
    ann.see("NOT PROTECTED: your hand goes up when the connection is back.")
    ann.key("Return")
    ann.key("Escape")

    ann.focus()
    ann.key("ctrl+k")
    ann.type("Bob")
    ann.key("Return")
    ann.see("Bob Stone", role="label")
    ann.type(WRITTEN)
    ann.key("Return")
    ann.see(f"waits for the connection: {WRITTEN}", role="list item")
    assert server.messages() == []
    ann.shot(tmp_path / "offline.png")

    server.start()
    ann.see_exactly("Protected", within=40)
    eventually(server.messages, within=20, what="what was written offline arrives")
    assert server.messages() == [WRITTEN]
    ann.see("Lower your yellow hand", role="push button")

    server.process.kill()
    ann.see("NOT PROTECTED since", within=15)
    ann.type(LAST_WORDS)
    ann.key("Return")
    ann.see(f"waits for the connection: {LAST_WORDS}", role="list item")
    os.kill(ann.pid, signal.SIGKILL)
    server.start()
    ann.open("--lang", "en")
    ann.sign_in()
    eventually(lambda: len(server.messages()) > 1, within=20, what="what the killed program had arrives")
    assert server.messages() == [WRITTEN, LAST_WORDS]
