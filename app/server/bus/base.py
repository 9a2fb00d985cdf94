"""The interface of the bus. It may lose messages: whoever hears a number reads the gap from the store, and
looks there now and then without hearing one; a step that was lost is followed by the next, or told again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from app.core.model import PersonId, Place, SpaceId
from app.server.store.keys import StreamKey

Heard = Callable[[StreamKey, int], None]
"""A stream, and the number of its newest event."""
HeardSteps = Callable[[SpaceId, Mapping[PersonId, Place]], None]
"""Where people of a space were seen, px."""


class Bus(Protocol):
    @property
    def up(self) -> bool:
        """Other servers on it hear what is said now, as far as is known."""
        ...

    def tell(self, stream: StreamKey, at: int) -> None:
        """The newest event of a stream has this number. Never waits."""
        ...

    def show(self, space: SpaceId, person: PersonId, place: Place) -> None:
        """Somebody stands there, px. Never waits; what was not passed on yet is replaced."""
        ...

    def listen(self, heard: Heard) -> None: ...

    def listen_to_steps(self, heard: HeardSteps) -> None: ...

    async def run(self) -> None:
        """Carry what is said, until it is cancelled."""
        ...
