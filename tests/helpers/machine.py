"""One person's program on a machine of its own: a server in memory, a keyring in a dict, the test's clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

from app.net.assets import MemoryCache
from app.net.client import Client
from app.net.credentials import CredentialStore
from app.tasks import Tasks
from app.ui.alerts.center import Alerts
from app.ui.alerts.popup import AlertPopups
from app.ui.alerts.tray import Tray
from app.ui.alerts.tray_icons import TrayIcons
from app.ui.desk import Desk
from app.ui.folders import Folders
from app.ui.preferences import Preferences
from app.ui.program import Program, Start
from app.ui.signin import SignInPage
from app.ui.theme.tokens import LIGHT
from tests.helpers.alert_desk import Notes, SilentSound
from tests.helpers.clock import FakeClock, settle
from tests.helpers.desk import theme_of
from tests.helpers.ring import Ring
from tests.helpers.scripted import PASSWORD, ScriptedServer

HERE = "localhost"
PARTS = ("settings", "cache", "runtime", "outbox")
NAME = f"ann @ ws://localhost:7443 ({Folders(*map(Path, PARTS)).place})"


class Machine:
    """One person's program on a machine, with a server that obeys the test."""

    def __init__(self, folder: Path, app: QApplication) -> None:
        self.clock = FakeClock()
        self.server = ScriptedServer(self.clock)
        self.ring = Ring()
        self.folders = Folders(*(folder / name for name in PARTS))
        self._app = app
        self._programs: list[Program] = []
        self._notes: list[Notes] = []

    def start(self, *, password: str = "", server: str = HERE, handle: str = "ann") -> Program:
        theme, preferences = theme_of(self._app), Preferences.load(self.folders.settings)
        program = Program(theme, preferences, self.folders, Start(server, handle, password))
        self._programs.append(program)
        program._begin()
        return program

    def client(self, **_: object) -> Client:
        return Client(
            connect=self.server.connect,
            clock=self.clock,
            rng=random.Random(1),
            tasks=Tasks("client"),
            cache=MemoryCache(),
            app="test",
        )

    def credentials(self, *, place: str, folder: Path) -> CredentialStore:
        return CredentialStore(self.ring, place=place, folder=folder)

    def alerts(self, clock: Callable[[], float], *_: object) -> Alerts:
        self._notes.append(Notes())
        return Alerts(
            clock=clock,
            popups=AlertPopups(clock, LIGHT, seen=QWindow.isExposed),
            sound=SilentSound(),
            notifications=self._notes[-1],
            tray=Tray(TrayIcons(), available=lambda: False),
        )

    @property
    def ringing(self) -> list[tuple[str, ...]]:
        """The alerts whose notification stands on each screen, in the order the programs were started."""
        return [notes.shown for notes in self._notes]

    async def close(self) -> None:
        for program in self._programs:
            await program._close()


async def until(condition: Callable[[], object]) -> None:
    """Until something is so; the keyring's worker is a real thread."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)
            QApplication.sendPostedEvents()


def page(program: Program) -> SignInPage:
    assert program.signing_in.entrance is not None
    return program.signing_in.entrance.page


async def signed_in(machine: Machine, **start: str) -> tuple[Program, Desk]:
    program = machine.start(password=PASSWORD, **start)
    await until(lambda: program.desk is not None)
    assert program.desk is not None
    await settle()
    return program, program.desk
