"""One running program for each user and profile; a second start talks to the first and ends.

A lock file decides who is first, so that two starts at the same moment cannot both be. The first listens
on a local socket that only the same user can open; others send one line of JSON and read one back.
"""

from __future__ import annotations

import getpass
import hashlib
import logging
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.core.model import Frozen

log = logging.getLogger(__name__)

LINE_BYTES = 4_096
"""The longest line that is read from either side."""
CONNECT_MS = 1_000
ANSWER_MS = 15_000
"""ms that a second start waits for the first's answer (the server has to say yes or no)."""


class Open(Frozen, tag="open"):
    """Bring the window to the front."""


class Raise(Frozen, tag="raise"):
    """Raise a yellow hand with this text."""

    text: str = ""


Request = Open | Raise


class Said(Frozen):
    """What the running program answered: done or not, and the sentence for the person."""

    ok: bool
    sentence: str = ""


Reply = Callable[[Said], None]

_decode_request: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_decode_said = msgspec.json.Decoder(Said)


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
        self._address = address(folder, profile)
        self._lock = QLockFile(str(folder / f"{_name(profile)}.lock"))
        self._lock.setStaleLockTime(0)  # stale only when its process is gone
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)

    def claim(self) -> bool:
        """Become the one running program; ``False`` if another one is."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._address)  # left behind by a program that was killed
        if not self._server.listen(self._address):
            log.warning("nobody can talk to this program: %s", self._server.errorString())
        return True

    def release(self) -> None:
        self._server.close()
        self._lock.unlock()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(LINE_BYTES)
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(partial(self._read, socket))
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= LINE_BYTES:
                socket.abort()
            return
        socket.readyRead.disconnect()
        line = bytes(socket.readLine(LINE_BYTES).data())
        try:
            request = _decode_request.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            socket.abort()
            return
        self.asked.emit(request, _replier(socket))


def _replier(socket: QLocalSocket) -> Reply:
    """Answers once, if the other side still listens."""
    open_sockets = [socket]
    socket.disconnected.connect(open_sockets.clear)

    def reply(said: Said) -> None:
        for waiting in tuple(open_sockets):
            waiting.write(msgspec.json.encode(said) + b"\n")
            waiting.flush()
            waiting.disconnectFromServer()

    return reply


def ask(folder: Path, profile: str, request: Request) -> Said | None:
    """Ask the running program, and wait for its answer; ``None`` if none runs or it stays silent.

    Blocks up to ``ANSWER_MS``: for programs without an event loop.
    """
    socket = QLocalSocket()
    socket.connectToServer(address(folder, profile))
    if not socket.waitForConnected(CONNECT_MS):
        return None
    socket.write(msgspec.json.encode(request) + b"\n")
    socket.flush()
    while not socket.canReadLine():
        if not socket.waitForReadyRead(ANSWER_MS) or socket.bytesAvailable() > LINE_BYTES:
            return None
    line = bytes(socket.readLine(LINE_BYTES).data())
    socket.disconnectFromServer()
    try:
        return _decode_said.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def address(folder: Path, profile: str) -> str:
    """A path in the user's own folder; on Windows the name of a pipe that names the user."""
    if sys.platform == "win32":
        return f"{_name(profile)}-{hashlib.sha256(getpass.getuser().encode()).hexdigest()[:16]}"
    return str(folder / f"{_name(profile)}.sock")


def _name(profile: str) -> str:
    """Safe as part of a path and short: a socket's path may have about 100 characters."""
    return f"handraise-{hashlib.sha256(profile.encode()).hexdigest()[:12]}"
