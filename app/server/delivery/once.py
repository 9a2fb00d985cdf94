"""Sends one thing that a person waits for at the window: a code, a test. It is not tried again by itself."""

from __future__ import annotations

import asyncio

from app.core.errors import Code, Refused
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel
from app.server.delivery.carriers import Carriers
from app.tasks import Tasks

PATIENCE_S = 3.0
"""s that the answer waits for the gateway; a person who looks at the window has other things to ask."""


class Once:
    def __init__(self, carriers: Carriers, tasks: Tasks) -> None:
        self._carriers, self._tasks = carriers, tasks

    async def send(self, parcel: Parcel) -> None:
        """Raises Refused ``gateway_…`` where it is certain in time that it was not sent."""
        sending = self._tasks.spawn(self._carry(parcel), name=f"send {parcel.id}")
        done, _ = await asyncio.wait({sending}, timeout=PATIENCE_S)
        problem = sending.result() if done else None
        if problem is not None:
            raise Refused.of(problem)

    async def _carry(self, parcel: Parcel) -> Code | None:
        try:
            await self._carriers.send(parcel)
        except GatewayError as error:
            return Code(error.reason) if error.reason in set(Code) else Code.GATEWAY_REFUSED
        except GatewayUnsureError:
            return None  # it may well arrive; if not, the person asks again
        return None
