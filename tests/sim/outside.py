"""Beyond the server: a gateway that is slow, refuses, loses answers and reports late; people who hold phones;
customers who text. All of it outlives the server."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.core.cases import SendId, SendState
from app.core.errors import Code
from app.server.delivery.base import GatewayError, GatewayUnsureError, Parcel, Receipt, TextIn
from app.server.delivery.switchboard import REPORT_S
from app.server.main import Server
from app.server.store.base import StoreError
from tests.sim.disk import CELL, LINE_NUMBER
from tests.sim.host import Host
from tests.sim.loop import Process
from tests.sim.watch import Check

T = TypeVar("T")
CUSTOMERS = ("+819011110001", "+819011110002", "+819011110003")
WORDS = ("Where is my parcel?", "もしもし", "STOP", "start", "x" * 300, "")
ANSWER_WITHIN = 8.0
"""s that a gateway waits for the server to take what it brings."""
SLOW = 5.0
"""s that a gateway takes at most."""


class Surroundings(Protocol):
    """What the outside needs of its world."""

    host: Host
    director: Process

    def now(self) -> float: ...

    def violated(self, check: Check, words: str) -> None: ...

    def log(self, who: str, words: str) -> None: ...


@dataclass
class Taken:
    """Something that the gateway took.

    Attributes:
        epoch: of the database that it came from.
        started: how often the server had started by then.
        told: the furthest report about it that the server took.
    """

    reference: str
    parcel: Parcel
    epoch: str
    started: int
    receipt: Receipt
    told: Receipt | None = None


def alike(parcel: Parcel) -> tuple[str, str, str]:
    """What a gateway can tell parcels apart by, where its answer was lost."""
    return parcel.channel, parcel.address, parcel.text


class Outside:
    """A :class:`app.server.delivery.base.Gateway`.

    Attributes:
        taken: what was handed over, in order.
        texts: ids of what customers wrote and the server took, for each database by its epoch.
        bringing: so many calls to the server are still to be answered.
    """

    def __init__(self, world: Surroundings, dice: random.Random) -> None:
        self._world, self._dice = world, dice
        self.taken: list[Taken] = []
        self._tried: dict[tuple[str, str, str], set[SendId]] = {}
        self.texts: dict[str, set[str]] = {}
        self.bringing = 0
        self._texts_sent = 0
        # A seed has some troubles and not others.
        self._trouble = dice.choice((0.0, 0.3, 0.6))
        self._deaf = dice.choice((0.0, 0.0, 0.3))
        self.pause = dice.choice((1.0, 4.0, 1e9))

    def connect(self, server: Server) -> None:
        """The server sends through here from now on."""
        for channel in ("sms", "call"):
            server.phones.carriers.add(channel, self)

    def end(self) -> None:
        """Nothing goes wrong any more, and nobody texts."""
        self._trouble, self.pause = 0.0, 1e9

    # The gateway

    async def send(self, parcel: Parcel) -> Receipt:
        dice = self._dice
        self._tried.setdefault(alike(parcel), set()).add(parcel.id)
        luck = dice.random() if dice.random() < self._trouble else 1.0
        await asyncio.sleep(dice.uniform(0.5, SLOW) if 0.6 < luck < 0.9 else dice.choice((0.0, 0.01, 0.2)))
        if luck < 0.2:
            raise GatewayError(Code.GATEWAY_DOWN, dice.choice((0.5, 2.0, None)))
        if luck < 0.3:
            raise GatewayUnsureError(Code.GATEWAY_DOWN)
        taken = self._take(parcel)
        if luck < 0.6:
            raise GatewayUnsureError(Code.GATEWAY_DOWN)
        return Receipt(SendState.SENT, taken.reference)

    def _take(self, parcel: Parcel) -> Taken:
        host = self._world.host
        before = [t for t in self.taken if t.parcel.id == parcel.id and t.epoch == host.truth.epoch]
        # Of two with the same words for one phone, without an answer, one may be taken for the other.
        alone = len(self._tried[alike(parcel)]) == 1
        if alone and any(t.started == host.starts for t in before):
            self._world.violated(Check.SENDS, f"{parcel.id} is sent again, and nothing had crashed")
        reference = f"R{len(self.taken) + 1}"
        receipt = Receipt(SendState.SENT, reference)
        taken = Taken(reference, parcel, host.truth.epoch, host.starts, receipt)
        self.taken.append(taken)
        self._world.log("gateway", f"takes {parcel.channel} {parcel.id} as {reference}")
        self._world.director.start(self._goes_on(taken), name=f"what becomes of {reference}")
        return taken

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        await asyncio.sleep(self._dice.choice((0.0, 0.01, 0.2)))
        if self._dice.random() < self._trouble / 2:
            raise GatewayError(Code.GATEWAY_DOWN, 1.0)
        if reference:
            return [t.receipt for t in self.taken if t.reference == reference]
        mine = (t for t in self.taken if t.epoch == self._world.host.truth.epoch)
        return [t.receipt for t in mine if alike(t.parcel) == alike(parcel)]

    async def close(self) -> None:
        return

    # Whoever holds the phone

    async def _goes_on(self, taken: Taken) -> None:
        dice = self._dice
        await asyncio.sleep(dice.choice((0.05, 0.5, 3.0, 20.0)))
        if taken.parcel.channel == "call":
            await self._picks_up(taken)
            return
        receipt = Receipt(SendState.DELIVERED, taken.reference)
        if dice.random() < 0.2:
            receipt = Receipt(SendState.FAILED, taken.reference, Code.GATEWAY_REFUSED, over=True)
        await self._reports(taken, receipt)
        if dice.random() < 0.3:
            await asyncio.sleep(dice.uniform(0.1, 5.0))
            await self._replies(taken)

    async def _picks_up(self, taken: Taken) -> None:
        """And presses 1 or 2, or does not."""
        dice, send = self._dice, taken.parcel.id
        if dice.random() < 0.5:
            coming = dice.random() < 0.5
            self._world.log("gateway", f"{taken.reference}: {1 if coming else 2} is pressed")
            await self._often(lambda server: server.switchboard.pressed(send, coming))
            await self._reports(taken, Receipt(SendState.DELIVERED, taken.reference))
        else:
            await self._reports(taken, Receipt(SendState.SENT, taken.reference, over=True))

    async def _replies(self, taken: Taken) -> None:
        parcel = taken.parcel
        words = parcel.code if self._dice.random() < 0.7 else f"{parcel.code} no"
        if parcel.address == CELL:
            await self._text(LINE_NUMBER, CELL, "I call them")
        elif re.fullmatch(r"\d{4}", parcel.code):
            await self._text("+12015550000", parcel.address, words)

    async def _reports(self, taken: Taken, receipt: Receipt) -> None:
        taken.receipt = receipt

        async def report(server: Server) -> None:
            known, clock = await server.store.outbox.find(taken.parcel.id), self._world.host.clock
            began = clock.now()
            await server.switchboard.reported(taken.parcel.id, receipt)
            # Its clock may have been set on by days since it sent this; then it does not listen.
            fresh = known is not None and max(began, clock.now()) - known.tried_at <= REPORT_S
            if fresh and server.store.epoch == taken.epoch and not self._is_later(taken):
                taken.told = receipt

        if self._dice.random() >= self._deaf:
            await self._often(report)

    def _is_later(self, taken: Taken) -> bool:
        """Its send was handed over again since, and that is what its state is about."""
        same = [t for t in self.taken if t.parcel.id == taken.parcel.id and t.epoch == taken.epoch]
        return same[-1] is not taken

    # Customers

    async def customers(self) -> None:
        while self.pause < 1e9:
            await asyncio.sleep(self._dice.expovariate(1.0 / self.pause))
            words = self._dice.choice(WORDS)
            await self._text(LINE_NUMBER, self._dice.choice(CUSTOMERS), words)

    async def _text(self, number: str, sender: str, words: str) -> None:
        """Bring a text until it is taken, and now and then once more."""
        self._texts_sent += 1
        text = TextIn(f"T{self._texts_sent}", number, sender, words)
        self._world.log("gateway", f"brings {text.id} from {sender[-4:]}: {words[:20]!r}")

        async def bring(server: Server) -> None:
            reply = await server.switchboard.texted(text)
            if number == LINE_NUMBER and sender != CELL and reply is not None:
                self.texts.setdefault(server.store.epoch, set()).add(f"in-{text.id}")

        while not await self._said(bring):  # noqa: ASYNC110  nothing tells a gateway when to try again
            await asyncio.sleep(1.0)  # of virtual time
        if self._dice.random() < 0.2:
            await self._said(bring)

    # How

    async def _often(self, what: Callable[[Server], Awaitable[object]]) -> None:
        """Once, and now and then once more."""
        await self._said(what)
        if self._dice.random() < 0.2:
            await asyncio.sleep(self._dice.uniform(0.0, 3.0))
            await self._said(what)

    async def _said(self, what: Callable[[Server], Awaitable[object]]) -> bool:
        """Whether the server, if it is there, took it."""
        host = self._world.host
        server, process = host.server, host.process
        if server is None or process is None:
            return False
        heard: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def ask() -> None:
            try:
                await what(server)
            except StoreError:
                took = False
            else:
                took = True
            if not heard.done():
                heard.set_result(took)

        self.bringing += 1
        try:
            process.start(ask(), name="from the gateway")
            async with asyncio.timeout(ANSWER_WITHIN):
                return await heard
        except TimeoutError:
            return False
        finally:
            self.bringing -= 1
