"""What leaves by phone or to an address goes through here: the gateway of its channel, within the caps."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

from app.core.calls import PhoneWay
from app.core.errors import Code, Refused
from app.core.model import PersonId
from app.core.policy import ContactId
from app.server.clock import Clock
from app.server.delivery.base import Gateway, GatewayError, GatewayUnsureError, Parcel, Receipt
from app.server.delivery.numbers import target
from app.server.store.contacts import Caps, Charge, ContactStore

log = logging.getLogger(__name__)

PAID = frozenset({"sms", "call"})
"""Channels that cost money and people's nights: the caps are about these."""

RESERVED = 3
"""One in so many of the server's texts and calls is left to alerts: many customers who are written to, or
people who test their phones, shall not use up what nobody's answer needs."""


class Carriers:
    """Attributes:
    caps: what is sent within an hour at most.
    reached: how often which cap has kept something from being sent, since the start.
    errors: sends that a gateway did not take, since the start, by channel and kind.
    """

    def __init__(self, contacts: ContactStore, clock: Clock, caps: Caps) -> None:
        self._contacts, self._clock, self.caps = contacts, clock, caps
        self.reached: Counter[Code] = Counter()
        self._gateways: dict[str, Gateway] = {}
        self.errors: Counter[tuple[str, str]] = Counter()

    def add(self, channel: str, gateway: Gateway) -> None:
        """From now on ``gateway`` carries this channel."""
        self._gateways[channel] = gateway

    def has(self, channel: str) -> bool:
        return channel in self._gateways

    @property
    def ways(self) -> tuple[PhoneWay, ...]:
        """How phones can be reached."""
        return tuple(way for way in PhoneWay if self.has(way))

    async def charge(
        self, parcel: Parcel, person: PersonId | None, contact: ContactId | None, caps: Caps | None = None
    ) -> None:
        """Count what is about to be sent; what costs nothing is not counted. What is about no case, such as a
        reply to a customer, leaves a share of the server's cap to alerts.

        Raises:
            Refused: ``cap_…``.
            StoreError: as it says.
        """
        if parcel.channel not in PAID:
            return
        charge = Charge(self._clock.now(), parcel.channel, target(parcel.address), person, contact)
        within = caps or self.caps
        if not parcel.case:
            within = within._replace(server=within.server - within.server // RESERVED)
        reached = await self._contacts.charge(charge, within)
        if reached is not None:
            self.reached[reached] += 1
            log.warning("%s: nothing more is sent this hour (%s)", parcel.id, reached)
            raise Refused.of(reached)

    async def send(self, parcel: Parcel) -> Receipt:
        """Raises GatewayError, GatewayUnsureError; Refused ``no_phones``."""
        try:
            return await self._of(parcel.channel).send(parcel)
        except GatewayError:
            self.errors[parcel.channel, "refused"] += 1
            raise
        except GatewayUnsureError:
            self.errors[parcel.channel, "unsure"] += 1
            raise

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        """Raises GatewayError, GatewayUnsureError; Refused ``no_phones``."""
        return await self._of(parcel.channel).look_up(parcel, reference)

    async def close(self) -> None:
        for gateway in set(self._gateways.values()):
            await gateway.close()

    def _of(self, channel: str) -> Gateway:
        if channel not in self._gateways:
            raise Refused.of(Code.NO_PHONES)
        return self._gateways[channel]
