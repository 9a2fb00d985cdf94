"""The simulated colleagues, all in one process: ``python -m app.demo.colleagues --server URL``.

The first line of standard input is the password. Each further line is an order (:mod:`app.demo.orders`);
each is answered by one line on standard output, after a first line that says that all are here. The end
of standard input ends the program.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import sys
from collections.abc import Callable, Iterable, Sequence

from app.core.errors import Refused
from app.core.model import AnswerKind, Escalation, EscalationId, Level, Place, Role
from app.core.space import EscalationGone, EscalationTouched
from app.demo import lines, orders
from app.demo.cast import COLLEAGUES, Part
from app.demo.improvise import Timed, improvise
from app.demo.orders import Order, Outcome
from app.demo.player import CannotError, Player
from app.net.assets import MemoryCache
from app.net.client import ClientChange, ConnectionProblem, NotSent
from app.net.clock import Clock, SystemClock
from app.net.connection import Connector
from app.net.websocket import WebSocketConnector
from app.tasks import Tasks, Workers

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Sign-ins at a time: a server slows down whoever tries many passwords from one address."""
WHOLE_DAY = 24 * 3600.0
COULD_NOT = (CannotError, Refused, NotSent, ConnectionProblem)


class Colleagues:
    """Args:
    rng: makes the ids of what they create; their behaviour comes from seeds alone.
    """

    def __init__(
        self, connect: Connector, clock: Clock, rng: random.Random, parts: Sequence[Part] = COLLEAGUES
    ) -> None:
        self._clock = clock
        self._parts = {part.handle: part for part in parts}
        self._tasks = Tasks("colleagues")
        cache, headings = MemoryCache(), dict[str, Place]()
        self.players = {p.handle: Player(p.handle, connect, clock, rng, cache, headings) for p in parts}

    async def enter(self, server: str, password: str) -> None:
        """All sign in. Raises the first Refused or ConnectionProblem that somebody met."""
        free = asyncio.Semaphore(AT_ONCE)

        async def enter(player: Player) -> None:
            async with free:
                await player.enter(server, password)

        await asyncio.gather(*(enter(player) for player in self.players.values()))

    async def close(self) -> None:
        await self._tasks.close()
        await asyncio.gather(*(player.close() for player in self.players.values()))

    async def perform(self, order: Order) -> Outcome:
        """Never raises for what cannot be done: the outcome says why."""
        did = str(order.__struct_config__.tag)
        player = self.players.get(order.who)
        if player is None:
            return Outcome(order.who, did, problem=f"nobody here is called {order.who}")
        try:
            return Outcome(order.who, did, id=await player.perform(order))
        except COULD_NOT as error:
            log.debug("%s could not %s: %s", order.who, did, error)
            return Outcome(order.who, did, problem=str(error))

    def improvise(self, seed: int) -> None:
        """From now on they work by themselves, and help the people at the windows."""
        self._tasks.spawn(self._follow(improvise(seed, tuple(self._parts.values()))), name="script")
        ear = next(iter(self.players.values()))
        ear.client.listen(_Attentive(self, ear, seed))

    async def _follow(self, script: Iterable[Timed]) -> None:
        start = self._clock.monotonic()
        for timed in script:
            await self._clock.sleep(max(0.0, start + timed.at - self._clock.monotonic()))
            self.begin(timed.order)

    def begin(self, order: Order, after: float = 0.0) -> None:
        """Carry an order out ``after`` s without waiting for it."""
        self._tasks.spawn(self._later(order, after), name=f"{order.who}")

    async def _later(self, order: Order, after: float) -> None:
        if after > 0:
            await self._clock.sleep(after)
        await self.perform(order)

    def part(self, handle: str) -> Part:
        return self._parts[handle]


class _Attentive:
    """Sees to it that a hand raised at one of the windows is answered as colleagues would."""

    def __init__(self, colleagues: Colleagues, ear: Player, seed: int) -> None:
        self._colleagues = colleagues
        self._ear = ear
        self._dice = random.Random(f"{seed}/attentive")
        self._helping: dict[EscalationId, str] = {}

    def __call__(self, changes: tuple[ClientChange, ...]) -> None:
        for change in changes:
            if isinstance(change, EscalationTouched) and change.new:
                space = self._ear.client.space
                hand = space.escalations.get(change.escalation) if space else None
                if hand is not None:
                    self._raised(hand)
            elif isinstance(change, EscalationGone):
                helper = self._helping.pop(change.escalation.id, None)
                if helper is not None:
                    self._colleagues.begin(orders.Walk(who=helper, to="home"), self._dice.uniform(2.0, 5.0))

    def _raised(self, hand: Escalation) -> None:
        space = self._ear.client.space
        assert space is not None
        raiser = space.people[hand.raiser].handle
        if raiser in self._colleagues.players:
            return  # the script sees to that one
        asked = [space.people[p].handle for p in hand.notified if p in space.people]
        asked = [handle for handle in asked if handle in self._colleagues.players]
        if hand.level is Level.YELLOW:
            asked = [h for h in self._colleagues.players if self._colleagues.part(h).role is Role.SUPERVISOR]
        if not asked:
            return
        helper = self._dice.choice(asked)
        wait = self._dice.uniform(12.0, 25.0)
        if self._dice.random() < 0.7:
            self._helping[hand.id] = helper
            self._colleagues.begin(orders.Answer(who=helper, to=raiser, spare=True), wait)
            return
        chat = orders.Answer(who=helper, to=raiser, kind=AnswerKind.CHAT, spare=True)
        self._colleagues.begin(chat, wait)
        self._colleagues.begin(
            orders.Chat(who=helper, text=self._dice.choice(lines.OFFER), to=(raiser,)), wait + 1.0
        )


async def serve(colleagues: Colleagues, read: Callable[[], str], say: Callable[[str], None]) -> None:
    """Carry out the orders that ``read`` returns, one after another, until it returns "".

    Args:
        read: blocks until there is a line.
    """
    reader = Workers("orders", limit=1)
    while line := await reader.run(read, timeout_s=WHOLE_DAY):
        if not line.strip():
            continue
        try:
            order = orders.parse(line)
        except ValueError as error:
            say(orders.encode(Outcome("", "", problem=str(error))))
            continue
        say(orders.encode(await colleagues.perform(order)))


async def _run(options: argparse.Namespace, password: str, say: Callable[[str], None]) -> int:
    colleagues = Colleagues(WebSocketConnector(), SystemClock(), random.SystemRandom())
    try:
        await colleagues.enter(options.server, password)
        say(orders.encode(orders.Ready(len(colleagues.players))))
        if not options.calm:
            colleagues.improvise(options.seed)
        await serve(colleagues, sys.stdin.readline, say)
    except (Refused, ConnectionProblem) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        await colleagues.close()
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m app.demo.colleagues")
    parser.add_argument("--server", required=True, help="address of the server")
    parser.add_argument("--seed", type=int, default=1, help="another number, another day")
    parser.add_argument("--calm", action="store_true", help="do nothing but what is ordered")
    options = parser.parse_args()
    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        return asyncio.run(_run(options, password, _say))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    raise SystemExit(main())
