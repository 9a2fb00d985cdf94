"""The space and the person as this client knows them: what the server sends, folded with the core."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.errors import Code, Refused
from app.core.model import PersonId, Place
from app.core.person import PersonState
from app.core.session import Folded
from app.core.space import SpaceState
from app.core.wire import Attached
from app.net.changes import ClientChange, PlacesMoved, StateReplaced

WirePlaces = Iterable[tuple[PersonId, int, int]]


class Replica:
    """Attributes:
    space, me: ``None`` until the first snapshot.
    """

    def __init__(self) -> None:
        self.space: SpaceState | None = None
        self.me: PersonState | None = None

    def attach(self, message: Attached) -> tuple[ClientChange, ...]:
        """Both streams join here: with a snapshot, or where they were left.

        Raises:
            Refused: ``out_of_turn``: nothing is known that could go on, and no snapshot came.
        """
        if message.space is not None:
            self.space = SpaceState(message.space)
        if message.personal is not None:
            self.me = PersonState(message.personal)
        if self.space is None or self.me is None or self.space.space.id != message.space_id:
            raise Refused.of(Code.OUT_OF_TURN)
        replaced = message.space is not None or message.personal is not None
        moved = self.move(message.places)
        return (StateReplaced(),) if replaced else moved

    def fold(self, folded: Folded) -> tuple[ClientChange, ...]:
        changes: list[ClientChange] = []
        if self.space is not None:
            for event in folded.space:
                changes += self.space.apply(event)
        if self.me is not None:
            for personal in folded.personal:
                changes += self.me.apply(personal)
        return tuple(changes)

    def move(self, places: WirePlaces) -> tuple[ClientChange, ...]:
        """People stand elsewhere. Those who have just left are no longer moved."""
        if self.space is None:
            return ()
        moved = tuple((p, Place(x, y)) for p, x, y in places if p in self.space.occupants)
        self.space.places.update(moved)
        return (PlacesMoved(moved),) if moved else ()

    def forget(self) -> None:
        self.space = self.me = None
