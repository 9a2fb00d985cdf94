"""No bus: a server that is alone, or that looks into the store for what others have written."""

from __future__ import annotations

from app.core.model import PersonId, Place, SpaceId
from app.server.bus.base import Heard, HeardSteps
from app.server.store.keys import StreamKey


class NoBus:
    """See :class:`app.server.bus.base.Bus`."""

    @property
    def up(self) -> bool:
        return False

    def tell(self, stream: StreamKey, at: int) -> None:
        """Nobody hears it."""

    def show(self, space: SpaceId, person: PersonId, place: Place) -> None:
        """Nobody hears it."""

    def listen(self, heard: Heard) -> None:
        """There is nothing to hear."""

    def listen_to_steps(self, heard: HeardSteps) -> None:
        """There is nothing to hear."""

    async def run(self) -> None:
        """There is nothing to do."""
