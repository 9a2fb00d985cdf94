"""What was asked for and not yet answered, in order: nothing typed is silently lost (product, section 5).

Entries are values without futures or sockets; :mod:`app.net.shelf` keeps them on disk as they are. Some wait
for the server. Others wait for the person: what is too old to be sent blindly, or was refused, is set aside
with the reason until somebody tries it again or drops it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import get_args

import msgspec

from app.core.commands import (
    AnswerEscalation,
    Command,
    EndEscalation,
    EscalateMessage,
    LeaveSpace,
    MarkRead,
    RaiseEscalation,
    SendMessage,
    SetAutoAway,
    SetStatus,
    TakeSeat,
)
from app.core.errors import Refusal
from app.core.line_commands import (
    AnsweringTalk,
    AssignTalk,
    LineCommand,
    NoteOnLine,
    ReopenTalk,
    ReplyOnLine,
    ResolveTalk,
    TouchTalk,
)
from app.core.model import Frozen, SpaceId
from app.net.problems import NotSent, Problem, Trouble

CALL_SECONDS = 60.0
"""A call for help, or the answer to one, is not replayed blindly after this long."""
MESSAGE_HOURS = 4
"""A message that waited so long is no longer sent by itself: what it was about is over."""
PRIORITY_SECONDS = 300.0
"""A message that calls people aloud is not replayed after this long."""
STATUS_SECONDS = 3_600.0
AHEAD_SECONDS = 5.0
"""An entry from so far in the future was made before the clock was set back: its age is not known."""
MOST_TRIES = 5
"""Connections on which a command may go out; one that breaks each of them must not keep us out for good."""
MOST_ENTRIES = 500
MOST_BYTES = 2 * 1024 * 1024
"""Of all entries that are kept, as they are sent."""

KEPT = (
    RaiseEscalation,
    EndEscalation,
    AnswerEscalation,
    SetStatus,
    TakeSeat,
    SendMessage,
    ReplyOnLine,
    NoteOnLine,
    AssignTalk,
    ResolveTalk,
    ReopenTalk,
)
"""What a person asks for; the rest (received, read, away from the screen) holds at the next start or not."""
ASKED = (RaiseEscalation, AnswerEscalation, SendMessage, ReplyOnLine, NoteOnLine)
"""What is set aside for the person when it is given up."""
_HERE = (RaiseEscalation, SendMessage, TakeSeat, SetStatus, SetAutoAway, *get_args(LineCommand))
"""What means the space that it was asked for in."""
_AT_ONCE = (RaiseEscalation, AnswerEscalation, SetStatus, EscalateMessage)
"""What means nothing any more after somebody left on purpose."""

_LIFETIMES: dict[type, float] = {
    RaiseEscalation: CALL_SECONDS,
    AnswerEscalation: CALL_SECONDS,
    SendMessage: MESSAGE_HOURS * 3_600.0,
    SetStatus: STATUS_SECONDS,
    EscalateMessage: CALL_SECONDS,
    LeaveSpace: 0.0,  # without a connection there is nothing to leave
    AnsweringTalk: 0.0,  # and nobody to tell of what is over
    TouchTalk: CALL_SECONDS,
    ReplyOnLine: CALL_SECONDS,  # a colleague may have replied meanwhile
}


class Entry(Frozen):
    """A command on its way.

    Attributes:
        id: made here; the server counts a command with this id once.
        made_at: s since the epoch, on this machine's clock.
        tries: on how many connections it went out; above 0 it may have arrived.
        space: where it was asked for.
        refusal, problem: why it was set aside; neither while it waits for the server.
    """

    id: str
    command: Command
    made_at: float
    tries: int = 0
    space: SpaceId | None = None
    refusal: Refusal | None = None
    problem: Problem | None = None

    @property
    def aside(self) -> bool:
        """It waits for the person."""
        return self.refusal is not None or self.problem is not None


Why = NotSent | None


class Outbox:
    """Unanswered commands, oldest first."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, command_id: str) -> Entry | None:
        return self._entries.get(command_id)

    def kept(self) -> tuple[Entry, ...]:
        """What belongs on disk."""
        return tuple(entry for entry in self._entries.values() if isinstance(entry.command, KEPT))

    def pending(self) -> tuple[Entry, ...]:
        """What waits for the server."""
        return tuple(entry for entry in self._entries.values() if not entry.aside)

    def add(self, entry: Entry, size: int, *, live: bool) -> list[str]:
        """Returns the ids that it takes the place of: of a kind the newest wins, unless one may have arrived.

        Args:
            size: bytes as it is sent.

        Raises:
            NotSent: there is no room.
        """
        kind = _kind(entry.command)
        same = [e for e in self._entries.values() if kind is not None and _kind(e.command) == kind]
        older = [other.id for other in same if other.aside or not (live or other.tries)]
        if isinstance(entry.command, KEPT):
            waiting = [other for other in self.kept() if other.id != entry.id]
            room = MOST_BYTES - sum(len(msgspec.msgpack.encode(other.command)) for other in waiting)
            if len(waiting) >= MOST_ENTRIES or size > room:
                raise NotSent(Trouble.OUTBOX_FULL)
        for command_id in (*older, entry.id):
            self._entries.pop(command_id, None)
        self._entries[entry.id] = entry
        return [command_id for command_id in older if command_id != entry.id]

    def restore(self, entries: Iterable[Entry]) -> None:
        """Those of an earlier time come first; what is here already is newer."""
        self._entries = {entry.id: entry for entry in entries} | self._entries

    def settle(self, command_id: str) -> Entry | None:
        """It was answered, or dropped."""
        return self._entries.pop(command_id, None)

    def set_aside(self, command_id: str, refusal: Refusal | None = None, why: Why = None) -> None:
        """Keep it for the person, with the reason."""
        problem = why.problem if why is not None else None
        entry = self._entries[command_id]
        self._entries[command_id] = msgspec.structs.replace(entry, refusal=refusal, problem=problem)

    def went_out(self, command_id: str) -> None:
        entry = self._entries[command_id]
        self._entries[command_id] = msgspec.structs.replace(entry, tries=entry.tries + 1)

    def arrived(self, now: float, has: Callable[[Entry], bool]) -> list[str]:
        """The ids of those that will not be sent again by themselves, and of which ``has`` sees the effect.

        Args:
            now: s since the epoch.
        """
        over = [entry for entry in self._entries.values() if entry.aside or _is_late(entry, now)]
        return [entry.id for entry in over if entry.tries and has(entry)]

    def given_up(self, now: float) -> list[tuple[Entry, NotSent]]:
        """What has waited too long for a connection, each with the reason for the person.

        Args:
            now: s since the epoch.
        """
        late = [entry for entry in self.pending() if _is_late(entry, now)]
        return [(entry, self._give_up(entry, _reason(entry))) for entry in late]

    def out_of_place(self, space: SpaceId | None) -> list[tuple[Entry, NotSent]]:
        """What meant another space than the one that is entered, each with the reason."""
        lost = [
            entry
            for entry in self.pending()
            if isinstance(entry.command, _HERE) and entry.space not in (None, space)
        ]
        return [(entry, self._give_up(entry, NotSent(Trouble.OTHER_SPACE))) for entry in lost]

    def left_on_purpose(self) -> None:
        """Who leaves lowers their hand and answers nobody; messages wait for the next time."""
        for entry in list(self._entries.values()):
            if isinstance(entry.command, _AT_ONCE):
                del self._entries[entry.id]

    def _give_up(self, entry: Entry, why: NotSent) -> NotSent:
        if isinstance(entry.command, ASKED):
            self.set_aside(entry.id, why=why)
        else:
            del self._entries[entry.id]
        return why


def _kind(command: Command) -> Hashable | None:
    """Of commands with the same value only the newest matters; ``None``: each counts."""
    match command:
        case SetStatus() | SetAutoAway() | TakeSeat() | RaiseEscalation():
            return type(command)
        case AnswerEscalation(escalation=hand):
            return AnswerEscalation, hand
        case MarkRead(conversation=conversation):
            return MarkRead, conversation
        case _:
            return None


def _lifetime(command: Command) -> float | None:
    """s for which it may wait; ``None``: as long as it takes."""
    if isinstance(command, SendMessage) and command.priority:
        return PRIORITY_SECONDS
    return _LIFETIMES.get(type(command))


def _is_late(entry: Entry, now: float) -> bool:
    lifetime = _lifetime(entry.command)
    age = now - entry.made_at
    return entry.tries >= MOST_TRIES or (lifetime is not None and not -AHEAD_SECONDS <= age < lifetime)


def _reason(entry: Entry) -> NotSent:
    if entry.tries:
        return NotSent(Trouble.EXPIRED_UNSURE)
    if isinstance(entry.command, SendMessage) and not entry.command.priority:
        return NotSent(Trouble.EXPIRED_LONG, hours=MESSAGE_HOURS)
    lifetime = _lifetime(entry.command)
    return NotSent(Trouble.EXPIRED, seconds=int(lifetime)) if lifetime else NotSent(Trouble.NOT_CONNECTED)
