"""One running program for each user and profile; a second start talks to the first and ends.

A lock file decides who is first, so that two starts at the same moment cannot both be. The first listens on
a local socket in a folder that only the same user can enter; the system is asked who is at the other end,
too. Others send one short line of JSON and read one back.
"""

from __future__ import annotations

import enum
import getpass
import hashlib
import logging
import os
import socket
import stat
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.core.model import Frozen

log = logging.getLogger(__name__)

VERSION = 2
"""Of what is said; a program that was updated while the old one runs is told so."""
LINE_BYTES = 4_096
"""The longest line that is read from either side."""
VISITORS = 8
"""Connections at a time."""
CONNECT_MS = 1_000
ASK_MS = 5_000
"""ms that a connection may take to say what it wants."""
ANSWER_MS = 15_000
"""ms that a second start waits for the first's answer (the server has to say yes or no)."""

Words = Annotated[str, msgspec.Meta(max_length=1_024)]
Handle = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Open(Frozen, tag="open"):
    """Bring the window to the front, and follow a ``handraise://`` link."""

    link: Words = ""


class Raise(Frozen, tag="raise"):
    """Raise a hand with this text, as far as the person lets other programs do that.

    Attributes:
        to: handles of people and groups that a red one calls.
    """

    text: Words = ""
    red: bool = False
    to: Annotated[tuple[Handle, ...], msgspec.Meta(max_length=20)] = ()


Request = Open | Raise


class Asked(Frozen):
    """The line."""

    version: int
    request: msgspec.Raw


class Outcome(enum.IntEnum):
    """What came of a request; the exit code of the program that asked."""

    DONE = 0
    FAILED = 1
    WAITS = 3
    """For the person, who has it on the screen."""


class Said(Frozen):
    """What the running program answered, with the sentence for the person."""

    outcome: Outcome
    sentence: str = ""


Reply = Callable[[Said], None]

OLD = "Another version of Handraise is running. Quit it and start it again."
NONSENSE = "Handraise did not understand what it was asked."

_decode_asked = msgspec.json.Decoder(Asked)
_decode_request: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_decode_said = msgspec.json.Decoder(Said)
_HOSTILE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def line_of(request: Request) -> bytes:
    return msgspec.json.encode(Asked(VERSION, msgspec.Raw(msgspec.json.encode(request)))) + b"\n"


def read_line(line: bytes) -> Request | str:
    """What a line asks for, or the sentence that answers it."""
    try:
        asked = _decode_asked.decode(line)
        if asked.version != VERSION:
            return OLD
        return _decode_request.decode(asked.request)
    except _HOSTILE:
        return NONSENSE


class Instance(QObject):
    """The first program's side.

    Args:
        folder: where lock and socket live; private to the user.
        profile: several profiles of one user run side by side.

    Signals:
        asked: a request (:data:`Request`) and a function to answer it with, once.
    """

    asked = Signal(object, object)

    def __init__(self, folder: Path, profile: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._address = address(folder, profile)
        self._lock = QLockFile(str(folder / f"{_name(profile)}.lock"))
        self._lock.setStaleLockTime(0)  # stale only when its process is gone
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        self._visitors: set[QLocalSocket] = set()

    def claim(self) -> bool:
        """Become the one running program; ``False`` if another one is, or the folder is somebody else's."""
        if not private(self._folder) or not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._address)  # left behind by a program that was killed
        if not self._server.listen(self._address):
            log.warning("nobody can talk to this program: %s", self._server.errorString())
        return True

    def release(self) -> None:
        self._server.close()
        self._lock.unlock()

    def _accept(self) -> None:
        while (visitor := self._server.nextPendingConnection()) is not None:
            if len(self._visitors) >= VISITORS or not same_user(int(visitor.socketDescriptor())):
                log.warning("a visitor on the local socket was turned away")
                visitor.abort()
                visitor.deleteLater()
                continue
            self._visitors.add(visitor)
            visitor.setReadBufferSize(LINE_BYTES)
            visitor.disconnected.connect(partial(self._gone, visitor))
            visitor.readyRead.connect(partial(self._read, visitor))
            patience = QTimer(visitor, singleShot=True)
            patience.timeout.connect(visitor.abort)
            patience.start(ASK_MS)
            visitor.setProperty("patience", patience)
            self._read(visitor)

    def _gone(self, visitor: QLocalSocket) -> None:
        self._visitors.discard(visitor)
        visitor.deleteLater()

    def _read(self, visitor: QLocalSocket) -> None:
        if not visitor.canReadLine():
            if visitor.bytesAvailable() >= LINE_BYTES:
                visitor.abort()
            return
        visitor.readyRead.disconnect()
        visitor.property("patience").stop()
        request = read_line(bytes(visitor.readLine(LINE_BYTES).data()))
        reply = _replier(visitor)
        if isinstance(request, str):
            reply(Said(Outcome.FAILED, request))
        else:
            self.asked.emit(request, reply)


def _replier(visitor: QLocalSocket) -> Reply:
    """Answers once, if the other side still listens."""
    waiting = [visitor]
    visitor.disconnected.connect(waiting.clear)

    def reply(said: Said) -> None:
        for listener in tuple(waiting):
            waiting.clear()
            listener.write(msgspec.json.encode(said) + b"\n")
            listener.flush()
            listener.disconnectFromServer()

    return reply


def ask(folder: Path, profile: str, request: Request) -> Said | None:
    """Ask the running program, and wait for its answer; ``None`` if none runs or it stays silent.

    Blocks up to ``ANSWER_MS``: for programs without an event loop.
    """
    if not private(folder):
        return None
    way = QLocalSocket()
    way.connectToServer(address(folder, profile))
    if not way.waitForConnected(CONNECT_MS) or not same_user(int(way.socketDescriptor())):
        return None
    way.write(line_of(request))
    way.flush()
    while not way.canReadLine():
        if not way.waitForReadyRead(ANSWER_MS) or way.bytesAvailable() > LINE_BYTES:
            return None
    line = bytes(way.readLine(LINE_BYTES).data())
    way.disconnectFromServer()
    try:
        return _decode_said.decode(line)
    except _HOSTILE:
        return None


def address(folder: Path, profile: str) -> str:
    """A path in the user's own folder; on Windows the name of a pipe that names the user."""
    if sys.platform == "win32":
        return f"{_name(profile)}-{hashlib.sha256(getpass.getuser().encode()).hexdigest()[:16]}"
    return str(folder / f"{_name(profile)}.sock")


def private(folder: Path) -> bool:
    """The folder is this user's, and nobody else gets into it; permissions are set right if they can be."""
    if sys.platform == "win32":
        return True  # nothing is kept there but the lock; the pipe has an access list of its own
    try:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return False
        if found.st_mode & 0o077:
            folder.chmod(0o700)
    except OSError:
        return False
    return True


def same_user(descriptor: int) -> bool:
    """Whether the same user is at the other end of a local socket, where the system tells (Linux)."""
    if sys.platform != "linux":
        return True  # the folder of the socket keeps others out
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        told = copy.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", told)
    return bool(user == os.getuid())


def _name(profile: str) -> str:
    """Safe as part of a path and short: a socket's path may have about 100 characters."""
    return f"handraise-{hashlib.sha256(profile.encode()).hexdigest()[:12]}"
