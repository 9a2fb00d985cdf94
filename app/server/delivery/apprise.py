"""Mail, Teams, Slack, PagerDuty and a hundred others, each behind one address (Apprise URL).

The library blocks, so it works in a thread with a time limit; it knows success and nothing else, and would
log what it sends, so it logs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from app.core.cases import SendState
from app.core.errors import Code, Refused
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel, Receipt
from app.tasks import Workers

LIMIT_S = 15.0
"""s for one message, the wait for a free thread included."""
THREADS = 4
AGAIN_S = 10.0
"""s after which a message that an address refused is tried again: the library does not tell why it did."""
TITLE = "Handraise"
LOCAL = frozenset({"dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows", "blink1"})
"""What would appear on the server itself, where nobody sits."""


def check_address(address: str) -> None:
    """Takes seconds the first time, while the library loads. Raises Refused ``address_invalid``."""
    if address.partition(":")[0].casefold() in LOCAL or not _understood(address):
        raise Refused.of(Code.ADDRESS_INVALID)


class AppriseGateway:
    """See :class:`app.server.delivery.base.Gateway`. Owns its threads."""

    def __init__(self) -> None:
        self._workers = Workers("apprise", THREADS)

    async def send(self, parcel: Parcel) -> Receipt:
        try:
            taken = await self._workers.run(lambda: _send(parcel.address, parcel.text), timeout_s=LIMIT_S)
        except TimeoutError as error:
            raise GatewayUnsureError(Code.GATEWAY_DOWN) from error
        if not taken:
            raise GatewayError(Code.GATEWAY_REFUSED, AGAIN_S)
        return Receipt(SendState.SENT)

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        """Nobody can be asked what became of it."""
        return ()

    async def close(self) -> None:
        """The threads end by themselves."""


# The library takes seconds to load all its services, and most servers have no such address.


def _understood(address: str) -> bool:
    from apprise import Apprise

    _silence()
    return Apprise.instantiate(address, suppress_exceptions=True) is not None


def _send(address: str, text: str) -> bool:
    from apprise import Apprise, AppriseAsset
    from apprise.common import NotifyFormat, PersistentStoreMode

    _silence()
    asset = AppriseAsset(
        app_id=TITLE, app_desc=TITLE, async_mode=False, storage_mode=PersistentStoreMode.MEMORY
    )
    service = Apprise(asset=asset)
    return bool(
        service.add(address) and service.notify(body=text, title=TITLE, body_format=NotifyFormat.TEXT.value)
    )


def _silence() -> None:
    """It would log addresses, which hold passwords, and what is sent to them."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
