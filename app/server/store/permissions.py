"""What the store keeps of permissions; they are read with the roster (:class:`.base.Roster`)."""

from __future__ import annotations

from typing import Protocol

from app.core.audit import Deed
from app.core.model import PersonId
from app.core.permissions import Least, Right


class PermissionStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def set_least(self, right: Right, least: Least, deed: Deed) -> None: ...

    async def set_own(self, person: PersonId, right: Right, allowed: bool | None, deed: Deed) -> None:
        """``None``: what the organisation says counts."""
        ...
