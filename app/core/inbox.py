"""The inbox of a space: its lines and the conversations on them, and how they follow the space's events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from app.core import line_events as ev
from app.core import lines
from app.core.lines import CustomerId, Handling, Line, LineId, Talk
from app.core.model import Frozen


class LinesTouched(Frozen):
    """A line is new, has another name, or is gone."""


class TalkNews(Frozen):
    """A conversation with a customer changed; ``arrived``: a message of the customer came."""

    talk: CustomerId
    arrived: bool = False


InboxChange = LinesTouched | TalkNews


class Inbox:
    """Attributes:
    lines: those of the space.
    talks: everything that is not resolved and what was resolved last (see :func:`app.core.lines.kept`).
    """

    def __init__(self, known: tuple[Line, ...] = (), talks: tuple[Talk, ...] = ()) -> None:
        self.lines: dict[LineId, Line] = {line.id: line for line in known}
        self.talks: dict[CustomerId, Talk] = {talk.id: talk for talk in talks}

    def snapshot(self) -> tuple[tuple[Line, ...], tuple[Talk, ...]]:
        return (
            tuple(sorted(self.lines.values(), key=lambda line: line.id)),
            tuple(sorted(self.talks.values(), key=lambda talk: talk.id)),
        )

    @property
    def waiting(self) -> int:
        """Conversations that still have to be handled."""
        return sum(talk.waits for talk in self.talks.values())

    def apply(self, event: ev.LineEvent) -> tuple[InboxChange, ...]:
        """Fold one event. What is about a conversation that is not held here changes nothing."""
        return _APPLY[type(event)](self, event)

    def _line(self, event: ev.LineChanged) -> tuple[InboxChange, ...]:
        self.lines[event.line.id] = event.line
        return (LinesTouched(),)

    def _line_removed(self, event: ev.LineRemoved) -> tuple[InboxChange, ...]:
        self.lines.pop(event.line, None)
        self.talks = {key: talk for key, talk in self.talks.items() if talk.line != event.line}
        return (LinesTouched(),)

    def _added(self, event: ev.TalkAdded) -> tuple[InboxChange, ...]:
        self.talks.pop(event.talk.id, None)
        self._trim()  # before it comes in: what follows is about it, however old it is
        self.talks[event.talk.id] = event.talk
        return (TalkNews(event.talk.id),)

    def _written(self, event: ev.LineWritten) -> tuple[InboxChange, ...]:
        arrived = event.text.kind is lines.TextKind.IN
        return self._change(event.talk, lambda talk: lines.written(talk, event.text), arrived=arrived)

    def _sent(self, event: ev.LineSent) -> tuple[InboxChange, ...]:
        return self._change(event.talk, lambda talk: lines.sent(talk, event.text, event.state, event.reason))

    def _touched(self, event: ev.TalkTouched) -> tuple[InboxChange, ...]:
        return self._change(event.talk, lambda talk: lines.touched(talk, event.by))

    def _assigned(self, event: ev.TalkAssigned) -> tuple[InboxChange, ...]:
        return self._change(event.talk, lambda talk: lines.assigned(talk, event.to, event.by, event.at))

    def _resolved(self, event: ev.TalkResolved) -> tuple[InboxChange, ...]:
        changes = self._change(event.talk, lambda talk: lines.resolved(talk, event.by))
        self._trim()
        return changes

    def _reopened(self, event: ev.TalkReopened) -> tuple[InboxChange, ...]:
        return self._change(
            event.talk,
            lambda talk: msgspec.structs.replace(
                talk, state=Handling.TOUCHED, touched_by=event.by, waiting_since=event.at
            ),
        )

    def _forwarded(self, event: ev.TalkForwarded) -> tuple[InboxChange, ...]:
        return self._change(
            event.talk, lambda talk: lines.forwarded(talk, event.at, event.state, event.reason)
        )

    def _opted_out(self, event: ev.TalkOptedOut) -> tuple[InboxChange, ...]:
        return self._change(event.talk, lambda talk: lines.opted_out(talk, event.out))

    def _forgotten(self, event: ev.TalkForgotten) -> tuple[InboxChange, ...]:
        return (TalkNews(event.talk),) if self.talks.pop(event.talk, None) else ()

    def _change(
        self, key: CustomerId, change: Callable[[Talk], Talk], *, arrived: bool = False
    ) -> tuple[InboxChange, ...]:
        known = self.talks.get(key)
        if known is None:
            return ()
        self.talks[key] = change(known)
        return (TalkNews(key, arrived),)

    def _trim(self) -> None:
        kept = lines.kept(self.talks.values())
        if len(kept) < len(self.talks):
            self.talks = {key: talk for key, talk in self.talks.items() if key in kept}


_APPLY: dict[type, Callable[[Inbox, Any], tuple[InboxChange, ...]]] = {
    ev.LineChanged: Inbox._line,
    ev.LineRemoved: Inbox._line_removed,
    ev.TalkAdded: Inbox._added,
    ev.LineWritten: Inbox._written,
    ev.LineSent: Inbox._sent,
    ev.TalkTouched: Inbox._touched,
    ev.TalkAssigned: Inbox._assigned,
    ev.TalkResolved: Inbox._resolved,
    ev.TalkReopened: Inbox._reopened,
    ev.TalkForwarded: Inbox._forwarded,
    ev.TalkOptedOut: Inbox._opted_out,
    ev.TalkForgotten: Inbox._forgotten,
}
