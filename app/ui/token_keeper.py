"""Which token is kept for the next start: the newest one, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from app.core.wire import Token
from app.net.address import ServerAddress
from app.net.credentials import CredentialStore, Keeping, Kept, Obstacle


class TokenKeeper:
    """Args:
        newest: the token of who is signed in.
        not_kept: told once, with the reason, when the machine does not take it.

    Attributes:
        credentials: the system's store.
        handle: whose tokens these are.
    """

    def __init__(
        self,
        credentials: CredentialStore,
        newest: Callable[[], Token | None],
        not_kept: Callable[[Obstacle | None], None],
    ) -> None:
        self.credentials, self.handle = credentials, ""
        self._newest, self._not_kept = newest, not_kept
        self._address: ServerAddress | None = None
        self._kept = Token("")
        self._said = False
        self._turn = asyncio.Lock()  # or an earlier one could arrive in the store last

    def follow(self, address: ServerAddress | None, handle: str) -> None:
        """Keep the tokens of this person from now on; ``None``: nobody's."""
        self._address, self.handle = address, handle

    async def keep(self) -> None:
        """Put the newest one away; until that is done, the server takes the one before."""
        async with self._turn:
            token = self._newest()
            if self._address is None or token is None or token == self._kept:
                return
            keeping: Keeping = await self.credentials.save(self._address, self.handle, token)
            self._kept = token
        if keeping.kept is Kept.MEMORY and not self._said:
            self._said = True
            self._not_kept(keeping.obstacle)

    async def forget(self) -> None:
        """The person signs out."""
        address, self._address = self._address, None
        if address is not None:
            async with self._turn:
                await self.credentials.forget(address, self.handle)
