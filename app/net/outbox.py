"""What was asked for and not yet answered, in order: nothing typed is silently lost (product, section 5).

Entries are values without futures or sockets, so that they can be kept on disk as they are.
"""

from __future__ import annotations

import msgspec

from app.core.commands import AnswerEscalation, Command, LeaveSpace, RaiseEscalation
from app.core.model import Frozen
from app.net.problems import NotSent, Trouble

CALL_SECONDS = 60.0
"""A call for help, or the answer to one, is not replayed blindly after this long."""
MOST_TRIES = 5
"""Connections on which a command may go out; one that breaks each of them must not keep us out for good."""

_LIFETIMES: dict[type, float] = {
    RaiseEscalation: CALL_SECONDS,
    AnswerEscalation: CALL_SECONDS,
    LeaveSpace: 0.0,  # without a connection there is nothing to leave
}


class Entry(Frozen):
    """A command on its way.

    Attributes:
        id: made here; the server counts a command with this id once.
        made_at: s since the epoch.
        tries: on how many connections it went out.
    """

    id: str
    command: Command
    made_at: float
    tries: int = 0


class Outbox:
    """Unanswered commands, oldest first."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._entries

    def add(self, entry: Entry) -> None:
        self._entries[entry.id] = entry

    def settle(self, command_id: str) -> None:
        """It was answered."""
        self._entries.pop(command_id, None)

    def pending(self) -> tuple[Entry, ...]:
        return tuple(self._entries.values())

    def went_out(self, command_id: str) -> None:
        entry = self._entries[command_id]
        self._entries[command_id] = msgspec.structs.replace(entry, tries=entry.tries + 1)

    def given_up(self, now: float) -> list[tuple[Entry, NotSent]]:
        """What has waited too long for a connection, taken out, each with the reason for the person.

        Args:
            now: s since the epoch.
        """
        gone = [entry for entry in self._entries.values() if _is_late(entry, now)]
        for entry in gone:
            del self._entries[entry.id]
        return [(entry, _reason(entry)) for entry in gone]

    def clear(self) -> None:
        self._entries.clear()


def _is_late(entry: Entry, now: float) -> bool:
    lifetime = _LIFETIMES.get(type(entry.command))
    return entry.tries >= MOST_TRIES or (lifetime is not None and now - entry.made_at >= lifetime)


def _reason(entry: Entry) -> NotSent:
    if entry.tries:
        return NotSent(Trouble.EXPIRED_UNSURE)
    lifetime = _LIFETIMES[type(entry.command)]
    return NotSent(Trouble.EXPIRED, seconds=int(lifetime)) if lifetime else NotSent(Trouble.NOT_CONNECTED)
