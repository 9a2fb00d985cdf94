"""What the desktop says of its notifications: there, kept quiet, gone, or nothing at all.

Where a system does not tell, that is said; nobody is told that a notification will be seen.
"""

from __future__ import annotations

import asyncio
import ctypes
import enum
import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from app.tasks import Tasks

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

CALL_SECONDS = 3.0
"""s that a notification service may take for one call."""
LOOK_SECONDS = 60.0
"""s between looks where no event tells."""
NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
QUIET_PROPERTIES = ((NAME, "Inhibited"), ("org.dunstproject.cmd0", "paused"))
"""Interfaces and properties by which services say that they show nothing (KDE; dunst)."""
BUS, BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"


class Word(enum.StrEnum):
    WORKS = "works"
    UNKNOWN = "unknown"
    UNAVAILABLE = "unavailable"
    QUIET = "do_not_disturb"


class Desktop(Protocol):
    """One system's way of telling."""

    async def ask(self) -> Word:
        """Raises whatever goes wrong: then there is no service."""
        ...

    def tell(self, changed: Callable[[bool], None]) -> None:
        """Call ``changed`` when it is worth asking again; True when another service took over."""
        ...

    def close(self) -> None: ...


class ServiceWatch(QObject):
    """Attributes:
    word: what the desktop said last.

    Signals:
        word_changed.
        replaced: a new service has taken over; what the former one showed is gone.
    """

    word_changed = Signal()
    replaced = Signal()

    def __init__(self, desktop: Desktop | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.word = Word.UNKNOWN
        self._desktop = desktop or this_desktop()
        self._desktop.tell(self._heard)
        self._ask_again = asyncio.Event()
        self._tasks = Tasks("notification service")

    def start(self) -> None:
        """Needs the running loop."""
        self._tasks.spawn(self._follow(), name="follow")

    async def close(self) -> None:
        await self._tasks.close()
        self._desktop.close()

    async def look(self) -> None:
        """Ask now."""
        try:
            async with asyncio.timeout(CALL_SECONDS):
                word = await self._desktop.ask()
        except Exception as error:  # no bus, no service, a service that hangs: all the same here
            log.info("no notification service", exc_info=error)
            word = Word.UNAVAILABLE
        if word is not self.word:
            self.word = word
            self.word_changed.emit()

    async def _follow(self) -> None:
        while True:
            self._ask_again.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._ask_again.wait()
            except TimeoutError:
                continue

    def _heard(self, replaced: bool) -> None:
        self._ask_again.set()
        if replaced:
            self.replaced.emit()


class BusDesktop:
    """Linux and the like: the service on the session bus, and the properties some of them have.

    GNOME and Xfce keep their do-not-disturb in settings of their own, so there it stays unknown.
    """

    def __init__(self) -> None:
        self._bus: MessageBus | None = None
        self._changed: Callable[[bool], None] = lambda _: None

    def tell(self, changed: Callable[[bool], None]) -> None:
        self._changed = changed

    async def ask(self) -> Word:
        bus = await self._connected()
        await _call(bus, NAME, PATH, NAME, "GetCapabilities")  # also starts a service that can be started
        for interface, name in QUIET_PROPERTIES:
            quiet = await _property(bus, interface, name)
            if quiet is not None:
                return Word.QUIET if quiet else Word.WORKS
        return Word.UNKNOWN

    def close(self) -> None:
        if self._bus is not None:
            self._bus.disconnect()
            self._bus = None

    async def _connected(self) -> MessageBus:
        from dbus_fast.aio import MessageBus

        if self._bus is not None and self._bus.connected:
            return self._bus
        bus = await MessageBus().connect()
        bus.add_message_handler(self._hear)
        owner = f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{NAME}'"
        properties = f"type='signal',path='{PATH}',member='PropertiesChanged'"
        for rule in (owner, properties):
            await _call(bus, BUS, BUS_PATH, BUS, "AddMatch", "s", rule)
        self._bus = bus
        return bus

    def _hear(self, message: Message) -> None:
        if message.member == "NameOwnerChanged" and message.body[0] == NAME:
            self._changed(bool(message.body[2]))
        elif message.member == "PropertiesChanged" and message.path == PATH:
            self._changed(False)


async def _call(
    bus: MessageBus, name: str, path: str, interface: str, member: str, signature: str = "", *body: object
) -> list[object]:
    """What is answered; raises OSError for an error."""
    from dbus_fast import Message, MessageType

    reply = await bus.call(
        Message(
            destination=name,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=list(body),
        )
    )
    if reply.message_type is MessageType.ERROR:
        raise OSError(f"{member}: {reply.error_name}")
    return list(reply.body)


async def _property(bus: MessageBus, interface: str, name: str) -> bool | None:
    """``None`` where there is no such property, or it is no truth value."""
    from dbus_fast import Variant

    try:
        (value,) = await _call(bus, NAME, PATH, f"{BUS}.Properties", "Get", "ss", interface, name)
    except OSError:
        return None
    return value.value if isinstance(value, Variant) and isinstance(value.value, bool) else None


class WindowsDesktop:
    """Windows says when it holds notifications back for a full screen; of Focus it says nothing."""

    ACCEPTS, NOT_PRESENT = 5, 1
    """Values of QUERY_USER_NOTIFICATION_STATE."""

    def tell(self, changed: Callable[[bool], None]) -> None:
        """It has no event for this."""

    async def ask(self) -> Word:
        state = ctypes.c_int()
        shell = getattr(ctypes, "windll").shell32  # noqa: B009  it exists on Windows alone
        if shell.SHQueryUserNotificationState(ctypes.byref(state)) != 0:
            return Word.UNKNOWN
        return Word.UNKNOWN if state.value in (self.ACCEPTS, self.NOT_PRESENT) else Word.QUIET

    def close(self) -> None:
        """Nothing is held."""


class SilentDesktop:
    """A system that tells nothing (macOS)."""

    def tell(self, changed: Callable[[bool], None]) -> None:
        """It never does."""

    async def ask(self) -> Word:
        return Word.UNKNOWN

    def close(self) -> None:
        """Nothing is held."""


def this_desktop() -> Desktop:
    if sys.platform == "win32":
        return WindowsDesktop()
    return SilentDesktop() if sys.platform == "darwin" else BusDesktop()


async def body_is_markup() -> bool:
    """Whether the service would read a body as markup; asked anew each time, services get replaced.

    desktop-notifier hands the body over as it is, and does not tell this capability. Raises what the
    bus raises.
    """
    if sys.platform in ("win32", "darwin"):
        return False
    from dbus_fast.aio import MessageBus

    bus = await MessageBus().connect()
    try:
        (capabilities,) = await _call(bus, NAME, PATH, NAME, "GetCapabilities")
    finally:
        bus.disconnect()
    return isinstance(capabilities, list) and "body-markup" in capabilities
