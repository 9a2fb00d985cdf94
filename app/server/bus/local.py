"""The bus of a server with one node."""

from __future__ import annotations

from app.server.bus.base import Heard
from app.server.store.keys import StreamKey


class LocalBus:
    def __init__(self) -> None:
        self._listeners: list[Heard] = []

    def tell(self, stream: StreamKey, at: int) -> None:
        for heard in self._listeners:
            heard(stream, at)

    def listen(self, heard: Heard) -> None:
        self._listeners.append(heard)
