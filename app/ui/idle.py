"""Automatic away: the screen is locked, or nobody has touched keyboard and mouse for a while.

Each system is asked in its own way; where none answers (Wayland without the lock's signal), nobody is
ever said to be away automatically, which harms nothing.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import logging
import os
import sys
from collections.abc import Callable

from PySide6.QtCore import SLOT, QObject, QTimer, Signal, Slot
from PySide6.QtDBus import QDBusConnection

log = logging.getLogger(__name__)

IDLE_LIMIT = 300.0
"""s without a touch that count as away, unless set otherwise."""
RETURN_CHECK = 2.0
"""s between looks for a person who is away."""
LONGEST_CHECK = 60.0
"""s between looks at most: a suspended machine is noticed soon after it wakes."""

IdleSeconds = Callable[[], float | None]


class IdleWatch(QObject):
    """Says when the person goes away from the screen, and when they come back.

    Args:
        idle_seconds: s since the last touch, ``None`` where that cannot be known.
        limit: s; see ``IDLE_LIMIT``. 0 switches idleness off; the lock still counts.

    Signals:
        changed: ``True`` when away.
    """

    changed = Signal(bool)

    def __init__(
        self, idle_seconds: IdleSeconds, limit: float = IDLE_LIMIT, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._idle_seconds = idle_seconds
        self._limit = limit
        self._locked = False
        self.away = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        self.look()

    def stop(self) -> None:
        self._timer.stop()

    @Slot(bool)
    def set_locked(self, locked: bool) -> None:
        self._locked = locked
        self.look()

    @Slot()
    def look(self) -> None:
        """Ask now, tell if it changed, and come back when it can have changed again."""
        idle = self._idle_seconds() if self._limit > 0 else None
        away = self._locked or (idle is not None and idle >= self._limit)
        if idle is not None:
            pause = RETURN_CHECK if away else max(1.0, min(self._limit - idle, LONGEST_CHECK))
            self._timer.start(int(pause * 1000))
        if away != self.away:
            self.away = away
            self.changed.emit(away)


def idle_reader() -> IdleSeconds:
    """The way this system tells how long nobody touched it."""
    try:
        if sys.platform == "win32":
            return _windows()
        if sys.platform == "darwin":
            return _macos()
        return _x11()
    except (OSError, AttributeError) as error:
        log.info("idleness cannot be read here: %s", error)
        return lambda: None


class _ScreenSaverInfo(ctypes.Structure):
    """``XScreenSaverInfo`` of X11/extensions/scrnsaver.h."""

    _fields_ = (
        ("window", ctypes.c_ulong),
        ("state", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("til_or_since", ctypes.c_ulong),
        ("idle", ctypes.c_ulong),
        ("event_mask", ctypes.c_ulong),
    )


def _x11() -> IdleSeconds:
    """Raises OSError where there is no X server or no screen saver extension."""
    x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
    saver = ctypes.CDLL(ctypes.util.find_library("Xss") or "libXss.so.1")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XDefaultRootWindow.argtypes = (ctypes.c_void_p,)
    x11.XDefaultRootWindow.restype = ctypes.c_ulong
    saver.XScreenSaverAllocInfo.restype = ctypes.POINTER(_ScreenSaverInfo)
    saver.XScreenSaverQueryInfo.argtypes = (
        ctypes.c_void_p,
        ctypes.c_ulong,
        ctypes.POINTER(_ScreenSaverInfo),
    )
    event, error = ctypes.c_int(), ctypes.c_int()
    saver.XScreenSaverQueryExtension.argtypes = (
        ctypes.c_void_p,
        ctypes.POINTER(ctypes.c_int),
        ctypes.POINTER(ctypes.c_int),
    )
    display = x11.XOpenDisplay(None)
    if not display:
        raise OSError("no X display")
    if not saver.XScreenSaverQueryExtension(display, ctypes.byref(event), ctypes.byref(error)):
        raise OSError("the X server has no screen saver extension")
    root, info = x11.XDefaultRootWindow(display), saver.XScreenSaverAllocInfo()

    def seconds() -> float | None:
        if not saver.XScreenSaverQueryInfo(display, root, info):
            return None
        return float(info.contents.idle) / 1000.0

    return seconds


class _LastInput(ctypes.Structure):
    """``LASTINPUTINFO`` of winuser.h."""

    _fields_ = (("size", ctypes.c_uint), ("tick", ctypes.c_uint))


def _windows() -> IdleSeconds:
    windows = getattr(ctypes, "windll")  # noqa: B009  it exists on Windows alone
    user, kernel = windows.user32, windows.kernel32

    def seconds() -> float | None:
        info = _LastInput(ctypes.sizeof(_LastInput), 0)
        if not user.GetLastInputInfo(ctypes.byref(info)):
            return None
        # Both count ms in 32 bits and start anew after 49 days.
        return float((kernel.GetTickCount() - info.tick) & 0xFFFFFFFF) / 1000.0

    return seconds


def _macos() -> IdleSeconds:
    services = ctypes.CDLL("/System/Library/Frameworks/ApplicationServices.framework/ApplicationServices")
    since = services.CGEventSourceSecondsSinceLastEventType
    since.argtypes = (ctypes.c_int32, ctypes.c_uint32)
    since.restype = ctypes.c_double
    combined_session, any_event = 0, 0xFFFFFFFF
    return lambda: float(since(combined_session, any_event))


def watch_lock(watch: IdleWatch) -> bool:
    """Let the desktop's screen lock set ``watch`` (Linux); ``False`` where no bus tells of it."""
    if sys.platform in ("win32", "darwin"):
        return False
    session, system = QDBusConnection.sessionBus(), QDBusConnection.systemBus()
    heard = []
    if session.isConnected():
        for path, name in (
            ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
            ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
            ("", "org.gnome.ScreenSaver"),
        ):
            heard.append(_hear(session, ("", path, name, "ActiveChanged"), watch, SLOT("set_locked(bool)")))
    own = _login_session()
    if system.isConnected() and own:
        relay, service = _LockRelay(watch), "org.freedesktop.login1"
        for name, slot in (("Lock", SLOT("lock()")), ("Unlock", SLOT("unlock()"))):
            heard.append(_hear(system, (service, own, f"{service}.Session", name), relay, slot))
    return any(heard)


def _hear(bus: QDBusConnection, what: tuple[str, str, str, str], receiver: QObject, slot: str) -> bool:
    """``what``: service, path, interface, name; empty ones match all."""
    # The stubs want bytes; PySide 6.11 refuses them and takes what SLOT() makes.
    return bus.connect(*what, receiver, slot)  # type: ignore[call-overload,no-any-return]  # see above


def _login_session() -> str:
    """The bus path of one's own login session: on a shared host others lock theirs too. Empty if unknown."""
    name = os.environ.get("XDG_SESSION_ID", "")
    escaped = "".join(
        c if c.isalnum() and (i or not c.isdigit()) else f"_{ord(c):02x}" for i, c in enumerate(name)
    )
    return f"/org/freedesktop/login1/session/{escaped}" if name else ""


class _LockRelay(QObject):
    """login1 says Lock and Unlock in two signals without arguments."""

    def __init__(self, watch: IdleWatch) -> None:
        super().__init__(watch)
        self._watch = watch

    @Slot()
    def lock(self) -> None:
        self._watch.set_locked(True)

    @Slot()
    def unlock(self) -> None:
        self._watch.set_locked(False)
