"""Mail, Teams, Slack, PagerDuty and a hundred others, each behind one address (Apprise URL).

The library blocks, so it works in a thread with a time limit; it knows success and nothing else, and would
log what it sends, so it logs nothing. An address may name any host, so it is watched where it leads
(:mod:`.guarded`), and it may name files of the server, which it must not.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from app.core.cases import SendState
from app.core.errors import Code, Refused
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel, Receipt
from app.server.delivery.guarded import guarded
from app.tasks import Workers

if TYPE_CHECKING:
    from apprise import NotifyBase

LIMIT_S = 15.0
"""s for one message, the wait for a free thread included."""
THREADS = 4
AGAIN_S = 10.0
"""s after which a message that an address refused is tried again: the library does not tell why it did."""
TITLE = "Handraise"
LOCAL = frozenset({"dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows", "blink1"})
"""What would appear on the server itself, where nobody sits."""
FILES = frozenset({"keyfile", "subfile", "pgppub", "pgpprv"})
"""Parts of addresses that name a file to be read."""


def check_address(address: str) -> None:
    """Takes seconds the first time, while the library loads. Raises Refused ``address_invalid``."""
    if _service(address) is None:
        raise Refused.of(Code.ADDRESS_INVALID)


class AppriseGateway:
    """See :class:`app.server.delivery.base.Gateway`. Owns its threads.

    Args:
        inside: see :func:`app.server.hooks.outgoing.may_send_to`.
    """

    def __init__(self, *, inside: bool = False) -> None:
        self._inside = inside
        self._workers = Workers("apprise", THREADS)

    async def send(self, parcel: Parcel) -> Receipt:
        try:
            taken = await self._workers.run(
                lambda: _send(parcel.address, parcel.text, self._inside), timeout_s=LIMIT_S
            )
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


def _service(address: str) -> NotifyBase | None:
    """``None``: the library does not know it, or it would reach into the server itself."""
    from apprise import Apprise, AppriseAsset, AppriseAttachment
    from apprise.common import PersistentStoreMode

    _silence()
    if address.partition(":")[0].casefold() in LOCAL or FILES & parse_qs(urlsplit(address).query).keys():
        return None
    asset = AppriseAsset(
        app_id=TITLE, app_desc=TITLE, async_mode=False, storage_mode=PersistentStoreMode.MEMORY
    )
    service = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if service is None:
        return None
    # Some take a template, which is a file of the server or of any other one.
    reads = any(isinstance(part, AppriseAttachment) and len(part) for part in vars(service).values())
    return None if reads else service


def _send(address: str, text: str, inside: bool) -> bool:
    """Raises GatewayError where it is not let through."""
    from apprise import Apprise
    from apprise.common import NotifyFormat

    with guarded(inside=inside) as watch:
        service = _service(address)
        sent = service is not None and Apprise(service, asset=service.asset).notify(
            body=text, title=TITLE, body_format=NotifyFormat.TEXT.value
        )
    if watch.forbidden:
        raise GatewayError(Code.HOOK_FORBIDDEN)
    return bool(sent)


def _silence() -> None:
    """It would log addresses, which hold passwords, and what is sent to them."""
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
