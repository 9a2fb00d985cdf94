"""Keeps one connection up: connect, say who we are, attach, and do it again when it breaks."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable

import msgspec

from app.core import wire
from app.core.errors import Code, Refusal, Refused
from app.core.limits import HEARTBEAT
from app.core.model import ALL_WORK, Reach, SpaceId
from app.core.session import ClientSession, Incoming
from app.core.wire import Position, Stream
from app.net.address import ServerAddress
from app.net.backoff import Backoff
from app.net.changes import ConnectionState, Link
from app.net.channel import TICK, Channel
from app.net.clock import Clock
from app.net.connection import Connection, Connector
from app.net.problems import ConnectionProblem, Trouble
from app.tasks import Tasks

log = logging.getLogger(__name__)

STABLE_SECONDS = 10.0
"""A connection that held this long was a good one: the next wait is short again."""
STUCK_SECONDS = 1.0
"""An attempt that took this long when there is news (say, another network) may be stuck in the old state."""
HURRY_SECONDS = 10.0
"""A link that turns out broken so soon after such news is renewed without a wait, once."""
_PASSING = frozenset(
    {Code.TOO_MANY_ATTEMPTS, Code.TOO_FAST, Code.STORE_FAILED, Code.SERVER_STOPPING, Code.INTERNAL}
)
"""Refusals of a sign-in that may be other ones later."""
_MENDABLE = frozenset({Code.NOT_FOUND, Code.BAD_FRAME, Code.OUT_OF_TURN})
"""Goodbyes after which a fresh start may work, whatever the server thinks: nobody is better off without."""
_ENDS_SIGN_IN = frozenset({Code.SIGNED_OUT, Code.SESSION_REUSED, Code.WRONG_CREDENTIALS})
"""Refusals after which there is nothing left to try again with."""


class Ending(Exception):  # noqa: N818 - how a connection ended, not a fault
    """The server ended it, with a reason. ``final``: trying again makes no sense."""

    def __init__(self, refusal: Refusal, *, final: bool) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.final = final


class Uplink:
    """One sign-in, over as many connections as it takes.

    Args:
        credential: how to sign in the first time; later with the token that came back.
        patient: also try again when the very first attempt meets no server.
        told: hears what the server says, in order.
        changed: called after ``state`` became another one.
        went_live: called when commands can be sent, after ``told`` heard of ``Attached``.

    Attributes:
        state: for the window.
        live: commands can be sent.
        opened: done when it was live for the first time; fails with Refused or ConnectionProblem.
        space: which space to enter; ``None`` for the person's last.
        reach: how alerts come through at this machine.
    """

    def __init__(
        self,
        server: ServerAddress,
        credential: wire.Credential,
        *,
        patient: bool,
        connect: Connector,
        clock: Clock,
        rng: random.Random,
        app: str,
        told: Callable[[Incoming], None],
        changed: Callable[[], None],
        went_live: Callable[[], None],
    ) -> None:
        self.server = server
        self.space: SpaceId | None = None
        self.reach: Reach = ALL_WORK
        self.live = False
        self.state = ConnectionState(Link.CONNECTING, clock.time(), server=server.url)
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._credential = credential
        self._patient = patient
        self._connect = connect
        self._clock = clock
        self._app = app
        self._told = told
        self._changed = changed
        self._went_live = went_live
        self._rng = rng
        self._backoff = Backoff(rng)
        self._positions: dict[Stream, Position] = {}
        self._channel: Channel | None = None
        self._live_since: float | None = None
        self._heard_at = clock.monotonic()
        self._delay = 0.0
        self._again = asyncio.Event()
        self._anew = asyncio.Event()
        self._begun_at = clock.monotonic()
        self._hurry_until = self._begun_at

    async def run(self) -> None:
        """Until a reason to stop comes; ``state`` says which."""
        self._changed()
        while True:
            try:
                await self._one_connection()
            except (Ending, Refused, ConnectionProblem) as error:
                if self._is_final(error):
                    self._stop(Refused(error.refusal) if isinstance(error, Ending) else error)
                    return
                if not isinstance(error, ConnectionProblem) and error.refusal.code in _MENDABLE:
                    # One side misunderstood the other: what is known may be wrong, so ask for a snapshot.
                    log.warning("the connection is renewed: %s", error)
                    self._positions.clear()
                self._lost(error)
            except Exception:
                log.exception("what the server sent could not be folded; the connection is renewed")
                problem = ConnectionProblem(Trouble.LOST)
                if self._is_final(problem):
                    self._stop(problem)
                    return
                self._positions.clear()
                self._lost(problem)
            await self._pause()

    def _is_final(self, error: Ending | Refused | ConnectionProblem) -> bool:
        if isinstance(error, Ending) and error.final:
            # Who was in is not given up: another version is rolled back, an admin lets people in again.
            return not self.opened.done() or error.refusal.code in _ENDS_SIGN_IN
        if isinstance(error, ConnectionProblem) and error.problem.code is Trouble.UNPROTECTED:
            return True  # until the person allows it, each attempt ends like this
        return not (self._patient or self.opened.done())

    def send(self, message: wire.ClientMessage) -> None:
        """Lost without a word when there is no connection, or it breaks."""
        if self._channel is not None:
            self._channel.send(message)

    def attach(self, space: SpaceId) -> None:
        """Enter another space on this connection; ``went_live`` is called again then."""
        self.space = space
        self.live = False
        if self._channel is not None:
            self._channel.attach(space)

    def set_reach(self, reach: Reach) -> None:
        """Say so with the next attach, whenever that is."""
        self.reach = reach
        if self._channel is not None:
            self._channel.session.reach = reach

    def retry_now(self) -> None:
        """Do not wait, and trust nothing: the machine woke up, the network changed, the person asks for it.

        A wait ends, an attempt that may be stuck begins anew, a link that seems to hold is tested.
        """
        now = self._clock.monotonic()
        self._backoff.reset()
        self._hurry_until = now + HURRY_SECONDS
        self._again.set()
        if self._channel is not None and self.live:
            self._channel.probe()
        elif now - self._begun_at >= STUCK_SECONDS:
            self._anew.set()
            if self._channel is not None:
                self._channel.abort()

    # One connection

    async def _one_connection(self) -> None:
        self._live_since = None
        if self.state.retry_at is not None:
            self._set(msgspec.structs.replace(self.state, retry_at=None))
        connection = await self._open()
        first_beat = self._rng.uniform(0.0, HEARTBEAT)
        session = ClientSession(self._clock.monotonic(), self._app, self._positions, first_beat)
        session.reach = self.reach
        self._channel = Channel(connection, session, self._clock, self._hear, first_beat % TICK)
        try:
            await self._channel.converse()
        finally:
            self._positions = session.positions
            self._heard_at = session.heard_at
            self._channel = None
            self.live = False

    async def _open(self) -> Connection:
        """As often as :meth:`retry_now` finds the attempt stuck. Raises ConnectionProblem."""
        while True:
            self._anew.clear()
            self._begun_at = self._clock.monotonic()
            async with Tasks("connect") as own:
                attempt = own.spawn(self._attempt(), name="attempt")
                anew = own.spawn(self._anew.wait(), name="anew")
                await asyncio.wait({attempt, anew}, return_when=asyncio.FIRST_COMPLETED)
                outcome = attempt.result() if attempt.done() else None
            if isinstance(outcome, Exception):
                raise outcome
            if outcome is not None:
                return outcome

    async def _attempt(self) -> Connection | Exception:
        """What came of it; raised, it would be logged as the failure of a task."""
        try:
            return await self._connect(self.server)
        except Exception as error:  # noqa: BLE001 - raised again by who waits
            return error

    def _hear(self, message: Incoming) -> None:
        match message:
            case wire.Welcome():
                self.send(self._credential)
            case wire.SignedIn():
                self._credential = wire.Resume(message.token)
                self._told(message)
                if self._channel is not None:
                    self._channel.attach(self.space)
            case wire.Denied(code=code, fields=fields):
                raise Ending(Refusal(code, fields), final=code not in _PASSING)
            case wire.Bye(code=code, fields=fields):
                if code is Code.NOT_FOUND:
                    self.space = None  # gone, or not for this person any more: the server chooses
                raise Ending(Refusal(code, fields), final=not message.retry and code not in _MENDABLE)
            case wire.Attached():
                self._attached(message)
            case wire.TurnedAway():
                # The session is going back to where it was.
                self.space = self._channel.session.space if self._channel is not None else None
                self._told(message)
            case _:
                self._told(message)

    def _attached(self, message: wire.Attached) -> None:
        self.space = message.space_id
        self._told(message)
        if self.live:
            return  # a gap was mended
        self.live = True
        self._live_since = self._clock.monotonic()
        self._went_live()
        if self.state.link is not Link.PROTECTED:
            self._set(ConnectionState(Link.PROTECTED, self._clock.time(), server=self.server.url))
        if not self.opened.done():
            self.opened.set_result(None)

    # Between connections

    def _lost(self, error: Ending | Refused | ConnectionProblem) -> None:
        if self._live_since is not None and self._clock.monotonic() - self._live_since >= STABLE_SECONDS:
            self._backoff.reset()
        refusal = error.refusal if isinstance(error, Ending | Refused) else None
        problem = error.problem if isinstance(error, ConnectionProblem) else None
        self._delay = self._backoff.next()
        if self._clock.monotonic() < self._hurry_until:
            self._delay = self._hurry_until = 0.0
        if refusal is not None:
            self._delay = max(self._delay, float(refusal.fields.get("seconds", 0)))
        now = self._clock.time()
        since = self.state.since
        if self.state.link is not Link.NOT_PROTECTED:
            silent = problem is not None and problem.code is Trouble.SILENT
            since = now - (self._clock.monotonic() - self._heard_at) if silent else now
        retry_at = now + self._delay
        self._set(
            ConnectionState(Link.NOT_PROTECTED, since, retry_at, refusal, self.server.url, problem),
        )

    async def _pause(self) -> None:
        self._again.clear()
        async with Tasks("pause") as own:
            own.spawn(self._alarm(), name="until the next attempt")
            await self._again.wait()

    async def _alarm(self) -> None:
        await self._clock.sleep(self._delay)
        self._again.set()

    def _stop(self, error: Refused | ConnectionProblem) -> None:
        """Nothing is tried any more."""
        refusal = error.refusal if isinstance(error, Refused) else None
        problem = error.problem if isinstance(error, ConnectionProblem) else None
        signed_out = refusal is not None and refusal.code in _ENDS_SIGN_IN
        link = Link.OFFLINE if signed_out or not self.opened.done() else Link.NOT_PROTECTED
        now = self._clock.time()
        self._set(ConnectionState(link, now, None, refusal, self.server.url, problem))
        if not self.opened.done():
            self.opened.set_exception(error)

    def _set(self, state: ConnectionState) -> None:
        self.state = state
        self._changed()
