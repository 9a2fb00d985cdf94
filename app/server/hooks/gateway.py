"""The gateway of a policy's step that tells a webhook (:class:`app.core.policy.Post`).

An address may end with its secret, as in ``https://crm.example/hook#whsec_…``: then messages are signed. What
comes after the ``#`` is never sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.core.cases import SendState
from app.core.errors import Code
from app.core.hooks import HookTrouble
from app.server.api.documents import step_message
from app.server.clock import Clock
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel, Receipt
from app.server.hooks.outgoing import Outgoing, PostError, Reply
from app.server.hooks.retrying import LATER
from app.server.hooks.signing import read_secret, signed

AGAIN_S = 10.0
"""s after which a message that did not get through is tried again."""


class WebhookGateway:
    """See :class:`app.server.delivery.base.Gateway`.

    A message that may have arrived has the same id when it is sent again, so that nothing is done twice.
    """

    def __init__(self, outgoing: Outgoing, clock: Clock) -> None:
        self._outgoing, self._clock = outgoing, clock

    async def send(self, parcel: Parcel) -> Receipt:
        url, _, end = parcel.address.partition("#")
        now = self._clock.now()
        body = step_message(now, parcel.case or "", parcel.text)
        headers = {"webhook-id": f"msg_{parcel.id}", "webhook-timestamp": str(int(now))}
        try:
            if end:
                headers = signed(f"msg_{parcel.id}", now, body, read_secret(end))
            reply = await self._outgoing.post(url, headers, body)
        except ValueError as error:
            raise GatewayError(Code.ADDRESS_INVALID) from error
        except PostError as error:
            raise _as_gateway(error) from error
        if not reply.good:
            raise GatewayError(Code.HOOK_REFUSED, _again(reply))
        return Receipt(SendState.DELIVERED)

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        """Nobody can be asked what became of it."""
        return ()

    async def close(self) -> None:
        """There is nothing to close."""


def _again(reply: Reply) -> float | None:
    if reply.status >= 500 or reply.status in LATER:
        return max(AGAIN_S, float(reply.retry_after or 0))
    return None


def _as_gateway(error: PostError) -> GatewayError | GatewayUnsureError:
    if error.trouble is HookTrouble.FORBIDDEN:
        return GatewayError(Code.HOOK_FORBIDDEN)
    return GatewayUnsureError(Code.HOOK_DOWN) if error.sent else GatewayError(Code.HOOK_DOWN, AGAIN_S)
