"""A connection carries frames to and from one server; who makes it is handed in."""

from __future__ import annotations

from typing import Protocol

from app.net.address import ServerAddress


class Connection(Protocol):
    """Whole binary frames, in order, both ways.

    Attributes:
        received: bytes that came so far, those of a frame that is not complete yet included.
    """

    @property
    def received(self) -> int: ...

    async def send(self, frame: bytes) -> None:
        """Raises ConnectionProblem when the connection is gone."""
        ...

    async def receive(self) -> bytes:
        """The next frame. Raises ConnectionProblem when the connection is gone, or is no Handraise one."""
        ...

    async def close(self) -> None:
        """Say goodbye and close; never raises, returns soon even when the other side is gone."""
        ...

    def abort(self) -> None:
        """Drop the connection at once; ``receive`` and ``send`` raise."""
        ...


class Connector(Protocol):
    async def __call__(self, server: ServerAddress, /) -> Connection:
        """Raises ConnectionProblem with the reason."""
        ...
