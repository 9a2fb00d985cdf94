"""Writes what crosses the bus about notifications to a file, a JSON object per line.

    python -m tests.helpers.desktop.notification_log FILE

The first line is ``{"what": "start"}``, once the bus passes everything on.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import TextIO

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

INTERFACE = "org.freedesktop.Notifications"
RULES = [
    f"type='method_call',interface='{INTERFACE}',member='Notify'",
    f"type='signal',interface='{INTERFACE}'",
    "type='method_return'",
]


class Logger:
    """Turns bus messages into lines."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._open_calls: set[tuple[str, int]] = set()

    def write(self, **entry: object) -> None:
        self._output.write(json.dumps(entry, default=repr) + "\n")
        self._output.flush()

    def see(self, message: Message) -> bool:
        """Take note of a message; True, since a monitor must not answer."""
        if message.message_type is MessageType.METHOD_CALL and message.member == "Notify":
            app, replaces, icon, summary, body, actions, hints, _ = message.body
            call = (str(message.sender), message.serial or 0)
            self._open_calls.add(call)
            self.write(
                what="notify",
                call=_name(call),
                app=app,
                replaces=replaces,
                icon=icon,
                summary=summary,
                body=body,
                actions=actions,
                hints={key: _plain(value) for key, value in hints.items()},
            )
        elif message.message_type is MessageType.METHOD_RETURN:
            call = (str(message.destination), message.reply_serial or 0)
            if call in self._open_calls:
                self._open_calls.remove(call)
                self.write(what="answer", call=_name(call), id=message.body[0])
        elif message.message_type is MessageType.SIGNAL and message.interface == INTERFACE:
            if message.member == "ActionInvoked":
                self.write(what="pressed", id=message.body[0], key=message.body[1])
            elif message.member == "NotificationClosed":
                self.write(what="closed", id=message.body[0], reason=message.body[1])
        return True


def _name(call: tuple[str, int]) -> str:
    return f"{call[0]}/{call[1]}"


def _plain(value: object) -> object:
    """A hint's value; pictures are named by their size alone."""
    plain = value.value if isinstance(value, Variant) else value
    if isinstance(plain, list) and len(plain) == 7:
        return f"picture {plain[0]}x{plain[1]}"
    return plain


async def watch(output: TextIO) -> None:
    """Write to the file until the bus goes away."""
    bus = await MessageBus().connect()
    logger = Logger(output)
    answer = await bus.call(
        Message(
            destination="org.freedesktop.DBus",
            path="/org/freedesktop/DBus",
            interface="org.freedesktop.DBus.Monitoring",
            member="BecomeMonitor",
            signature="asu",
            body=[RULES, 0],
        )
    )
    assert answer.message_type is not MessageType.ERROR, answer
    bus.add_message_handler(logger.see)
    logger.write(what="start")
    await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it untyped


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w") as file:
        asyncio.run(watch(file))
