"""Starts the window: QApplication, the one event loop of Qt and asyncio, and the program on it.

The only module that knows qasync.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import qasync  # type: ignore[import-untyped]  # it ships no types
from PySide6.QtCore import QObject, QSocketNotifier
from PySide6.QtWidgets import QApplication

from app.core.errors import Refusal, sentence
from app.core.mentions import HANDLE
from app.core.text import check_message, whole
from app.logs import to_file
from app.ui.folders import DEFAULT_PROFILE, Folders
from app.ui.garbage import GarbageCollector
from app.ui.instance import Instance, Open, Outcome, Raise, ask
from app.ui.language import speak
from app.ui.preferences import Preferences
from app.ui.program import Program, Start
from app.ui.theme import Theme

log = logging.getLogger(__name__)

PASSWORD_BYTES = 1_024
ENDING = frozenset({signal.SIGINT, signal.SIGTERM})
LONGEST = 1_024
"""Characters of a link that are passed on; what is longer is none anyway."""


@dataclass(frozen=True)
class Options:
    """What the command line may say; everything else comes from the profile's preferences.

    Attributes:
        password_fd: a file descriptor from which the password is read, once.
        link: a ``handraise://`` link to open.
        log_level: of the log file; empty for none.
    """

    server: str = ""
    handle: str = ""
    password_fd: int | None = None
    profile: str = DEFAULT_PROFILE
    language: str = ""
    theme: str = ""
    link: str = ""
    log_level: str = ""


def run(options: Options) -> int:
    """Run the window until it is quit; returns the exit code."""
    folders = Folders.of(options.profile)
    try:
        start = Start(options.server, options.handle, _password(options.password_fd), options.link)
    except OSError as error:
        return _complain(
            f"No password can be read from --password-fd {options.password_fd}: {error.strerror}."
        )
    app = QApplication(["handraise"])
    app.setApplicationName("Handraise")
    app.setApplicationDisplayName("Handraise")
    app.setDesktopFileName("handraise")
    app.setQuitOnLastWindowClosed(False)
    instance = Instance(folders.runtime, options.profile)
    if not instance.claim():
        said = ask(folders.runtime, options.profile, Open(whole(options.link)[:LONGEST]))
        if said is not None:
            return _complain(said.sentence) if said.outcome is Outcome.FAILED else 0
        return _complain(
            f"Another Handraise seems to run and does not answer, or {folders.runtime} cannot be written to."
        )
    GarbageCollector(app)
    if options.log_level:
        to_file(folders.logs, f"client-{folders.settings.name}", options.log_level)
    loop = qasync.QEventLoop(app)
    asyncio.set_event_loop(loop)
    try:
        with loop:
            return int(loop.run_until_complete(_main(app, options, start, folders, instance)))
    finally:
        instance.release()


async def _main(
    app: QApplication, options: Options, start: Start, folders: Folders, instance: Instance
) -> int:
    preferences = Preferences.load(folders.settings)
    speak(options.language or preferences.language, app)
    theme = Theme(app, options.theme or preferences.theme)
    program = Program(theme, preferences, folders, start)
    instance.asked.connect(program.asked)
    with Signals(program.terminate):
        await program.run()
    return 0


def raise_hand(text: str, profile: str, *, red: bool = False, to: Sequence[str] = ()) -> tuple[int, str]:
    """``handraise raise``: ask the running program; the exit code and the sentence to print.

    Args:
        to: handles, with or without ``@``, of those whom a red one calls.
    """
    message = check_message(text)
    handles = tuple(whole(handle).removeprefix("@") for handle in to)
    if isinstance(message, Refusal):
        return Outcome.FAILED, sentence(message)
    if not all(HANDLE.fullmatch(handle) for handle in handles):
        return Outcome.FAILED, "What follows --to is a handle: @name or @group."
    said = ask(Folders.of(profile).runtime, profile, Raise(message, red, handles))
    if said is None:
        return Outcome.FAILED, "Handraise is not running, or does not answer. Start it and sign in first."
    return said.outcome, said.sentence


def _complain(words: str) -> int:
    """To whoever started the program from a terminal, where no window can say it."""
    sys.stderr.write(f"handraise: {words}\n")
    return 1


def _password(descriptor: int | None) -> str:
    """Read from a pipe, so that it stands neither in the process list nor in the environment."""
    if descriptor is None:
        return ""
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read(PASSWORD_BYTES).decode("utf-8", "replace").rstrip("\r\n")


class Signals(QObject):
    """Turns SIGINT and SIGTERM into a call on the loop, and restores them at the end.

    Python runs its handlers between two of its own instructions, which Qt's loop may not reach for a
    long time; the wake-up socket makes it look.
    """

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        self._before: dict[int, object] = {}
        self._wakeup = -1

    def __enter__(self) -> Signals:
        self._wakeup = signal.set_wakeup_fd(self._far.fileno())
        for number in ENDING:
            self._before[number] = signal.signal(number, lambda *_: None)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as signal.signal returned it
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._near.close()
        self._far.close()

    def _woken(self) -> None:
        # A byte for each signal with a handler, whoever set it: its number.
        if ENDING.intersection(self._near.recv(64)):
            self._act()
