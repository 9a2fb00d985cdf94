"""The interface of the bus. It may lose messages: whoever hears a number reads the gap from the store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from app.server.store.keys import StreamKey

Heard = Callable[[StreamKey, int], None]
"""A stream, and the number of its newest event."""


class Bus(Protocol):
    def tell(self, stream: StreamKey, at: int) -> None: ...

    def listen(self, heard: Heard) -> None: ...
