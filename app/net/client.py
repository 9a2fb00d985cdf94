"""One person's program, connected to one server: state to read, changes to hear, things to ask for."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import TypeVar

from app.core import questions, wire
from app.core.commands import Command
from app.core.errors import Code, Refused
from app.core.geometry import WalkMap
from app.core.limits import PASSWORD_MAX, SEARCH_CHARS
from app.core.maps import SpaceMap
from app.core.model import ALL_WORK, AssetId, ConversationId, Person, Place, Reach, Space, SpaceId
from app.core.person import PersonState
from app.core.questions import Found, Query, Result
from app.core.space import SpaceState
from app.core.wire import Token
from app.net.address import parse_address
from app.net.assets import Cache
from app.net.browser import Browser
from app.net.changes import (
    ClientChange,
    ConnectionChanged,
    ConnectionState,
    Link,
    OutboxChanged,
    PlacesMoved,
    StateReplaced,
    TokenChanged,
)
from app.net.clock import Clock, within
from app.net.connection import Connector
from app.net.front_door import FrontDoor
from app.net.outbox import Entry
from app.net.problems import ConnectionProblem, NotSent, Problem, Trouble
from app.net.shelf import MemoryShelf, Shelf
from app.net.stay import Outside, Stay
from app.tasks import Tasks

__all__ = [
    "Client",
    "ClientChange",
    "ConnectionChanged",
    "ConnectionProblem",
    "ConnectionState",
    "Link",
    "NotSent",
    "OutboxChanged",
    "PlacesMoved",
    "StateReplaced",
    "TokenChanged",
]

log = logging.getLogger(__name__)

R = TypeVar("R", bound=Result)
Listener = Callable[[tuple[ClientChange, ...]], None]

FAREWELL_SECONDS = 2.0
"""How long the server's answer to the last word is waited for."""


class Client:
    """The states below belong to the client: others read them and never change them.

    Args:
        rng: also makes the ids of commands; ``random.SystemRandom()`` outside of tests.
        tasks: closed with the client, so nobody else's.
        shelf: where what was asked for and not answered is kept; in memory unless given.
        app: name and version, for the server's log.
        device: names this machine in the list of one's devices.

    Attributes:
        connection: see :class:`ConnectionState`.
    """

    def __init__(
        self,
        *,
        connect: Connector,
        clock: Clock,
        rng: random.Random,
        tasks: Tasks,
        cache: Cache,
        app: str,
        device: str = "",
        shelf: Shelf | None = None,
    ) -> None:
        self.connection = ConnectionState(Link.OFFLINE, clock.time())
        self._outside = Outside(connect, clock, rng, cache, shelf or MemoryShelf(), app)
        self._door = FrontDoor(connect, clock, app)
        self._tasks = tasks
        self._device = device[:256]
        self._listeners: list[Listener] = []
        self._stay: Stay | None = None
        self._running: asyncio.Task[None] | None = None
        self._reach = ALL_WORK

    # What there is to read

    @property
    def space(self) -> SpaceState | None:
        """The space as everybody sees it; ``None`` before the first connection."""
        return self._stay.replica.space if self._stay else None

    @property
    def me(self) -> PersonState | None:
        """What only this person may see."""
        return self._stay.replica.me if self._stay else None

    @property
    def person(self) -> Person | None:
        """Who is signed in."""
        return self._stay.person if self._stay else None

    @property
    def spaces(self) -> tuple[Space, ...]:
        """Those this person may enter."""
        return self._stay.spaces if self._stay else ()

    @property
    def map(self) -> SpaceMap | None:
        """The map of ``space``; ``None`` until it is loaded (``StateReplaced`` then comes again)."""
        return self._stay.walk.map if self._stay and self._stay.walk else None

    @property
    def map_failure(self) -> Refused | ConnectionProblem | None:
        """Why there is no ``map``; ``None`` while there is one, or it is on its way."""
        return self._stay.map_failure if self._stay else None

    @property
    def walk(self) -> WalkMap | None:
        """``map`` as somebody on foot sees it; ``None`` with it."""
        return self._stay.walk if self._stay else None

    @property
    def token(self) -> Token | None:
        """For the next start; ``TokenChanged`` tells of each new one."""
        return self._stay.token if self._stay else None

    @property
    def outbox(self) -> tuple[Entry, ...]:
        """What this person asked for and the server has not answered, oldest first, also from an earlier
        start; those with ``aside`` wait for the person."""
        return self._stay.delivery.entries if self._stay else ()

    @property
    def outbox_problem(self) -> Problem | None:
        """Why ``outbox`` is not kept on disk, or was not read from it."""
        return self._stay.delivery.problem if self._stay else None

    def take_undone(self) -> tuple[Entry, ...]:
        """What an earlier start asked for and was not done, with the reason; each is told once.

        ``OutboxChanged`` comes with it. What is asked about instead stays in ``outbox``.
        """
        if self._stay is None:
            return ()
        undone, self._stay.delivery.undone = self._stay.delivery.undone, []
        return tuple(undone)

    def server_now(self) -> float:
        """s since the epoch on the server's clock."""
        return self._stay.server_now() if self._stay else self._outside.clock.time()

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Call ``callback`` with what changed, in order; returns "stop listening"."""
        self._listeners.append(callback)

        def stop() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return stop

    # Signing in and out

    async def sign_in(self, server: str, handle: str, password: str) -> Token:
        """Sign in with a password and enter the person's last space. Returns when the state is there.

        Raises:
            Refused: wrong credentials, too many attempts, no space, another version …
            ConnectionProblem: the address, or the way to the server; nothing goes on being tried.
        """
        if len(handle) > 256 or len(password) > 1024:
            raise Refused.of(Code.WRONG_CREDENTIALS)  # longer than any that exists
        stay = await self._open(server, wire.SignIn(handle, password, self._device), patient=False)
        return stay.token

    async def ways(self, server: str) -> tuple[wire.Way, ...]:
        """How one can sign in there besides with a password. Raises Refused, ConnectionProblem."""
        return await self._door.ways(parse_address(server))

    async def sign_in_through(
        self, server: str, way: wire.Way, open_page: Callable[[str], None], words: str
    ) -> Token:
        """Sign in at a provider's page; takes as long as the person needs there. Cancel it to stop.

        Args:
            open_page: shows an address in the system's browser.
            words: what the browser says at the end.

        Raises:
            Refused, ConnectionProblem: like :meth:`sign_in`.
        """
        address = parse_address(server)
        browser = Browser(self._door, self._outside.clock, self._outside.rng, open_page, words)
        credential = await browser.sign_in(address, way, self._device)
        return (await self._open(address.url, credential, patient=False)).token

    async def resume(self, server: str, token: Token) -> None:
        """Sign in with the token of an earlier time. Returns when the state is there.

        A server that cannot be reached is tried again and again meanwhile (``connection`` says so);
        cancel the call, or ``sign_out`` or ``close``, to stop that.

        Raises:
            Refused: the token is worth nothing any more, or another refusal that will not change.
            ConnectionProblem: the address cannot be right, or the client was closed.
        """
        await self._open(server, wire.Resume(token), patient=True)

    async def sign_out(self) -> None:
        """Leave the space, make the token worthless, forget everything. Offline: the token only here.

        Messages that were not sent are kept until the same person signs in here again.
        """
        stay, running = self._stay, self._running
        if stay is not None:
            stay.on_purpose = True
        if stay is not None and running is not None and stay.uplink.live:
            stay.say_goodbye(sign_out=True)
            await within(self._outside.clock, FAREWELL_SECONDS, running)
        await self._end()

    async def close(self, leave: bool) -> None:
        """The last call. ``leave``: on purpose (quit), which ends the own hand; else as a lost connection."""
        if leave and self._stay is not None:
            self._stay.on_purpose = True
        if leave and self._stay is not None and self._stay.uplink.live:
            left = self._stay.say_goodbye(sign_out=False)
            await within(self._outside.clock, FAREWELL_SECONDS, left)
        await self._end()
        await self._tasks.close()

    async def open_space(self, space: SpaceId) -> None:
        """Leave this space and enter another one.

        Raises:
            Refused: ``not_found``: it does not exist, or is not for this person; the server chose another.
            ConnectionProblem: there is no connection, or the client was closed.
        """
        await self._present().open_space(space)

    def retry_now(self) -> None:
        """Try to connect at once, or test the link: the network changed, the person asks for it.

        By itself after the machine slept.
        """
        if self._stay is not None:
            self._stay.uplink.retry_now()

    def load_map(self) -> None:
        """Try again to load a map that could not be loaded."""
        if self._stay is not None:
            self._stay.load_map()

    # Things to ask for

    async def do(self, command: Command, command_id: str | None = None) -> None:
        """Returns when the server has stored it.

        Without a connection it is kept, over the end of the program too, and sent once there is one; what
        is too old then waits in ``outbox`` for the person. Cancelling the call does not take it back.

        Args:
            command_id: made here unless given; what the command creates has this id.

        Raises:
            Refused: by the rules.
            NotSent: given up, or nobody is signed in.
        """
        if self._stay is None:
            raise NotSent(Trouble.NOT_CONNECTED)
        await self._stay.do(command, command_id)

    def drop(self, command_id: str) -> None:
        """The person does not want it any more; a command of ``outbox``."""
        if self._stay is not None:
            self._stay.delivery.drop(command_id)

    def walk_to(self, place: Place) -> None:
        """The own avatar is there now. Call it for every step: it is sent ten times a second at most,
        and the last place always. Without a connection the last place is sent later."""
        if self._stay is not None:
            self._stay.walk_to(place)

    def set_reach(self, reach: Reach) -> None:
        """How alerts come through at this machine from now on, whoever signs in; the server is told."""
        self._reach = reach
        if self._stay is not None:
            self._stay.reaching.tell(reach)

    async def ask(self, question: Query, answer: type[R]) -> R:
        """What the server answers to a question that has an answer of this type.

        Raises Refused; ConnectionProblem where there is no connection, or it breaks.
        """
        result = await self._present().asks.ask(question)
        if not isinstance(result, answer):
            raise ConnectionProblem(Trouble.NOT_UNDERSTOOD)
        return result

    async def history(self, conversation: ConversationId, before: float | None) -> Found:
        """A page of messages older than ``before`` (s). Raises Refused, ConnectionProblem."""
        return await self.ask(questions.History(conversation, before), Found)

    async def search(self, text: str, before: float | None) -> Found:
        """A page of my messages that contain ``text``. Raises Refused, ConnectionProblem."""
        return await self.ask(questions.Search(text[:SEARCH_CHARS], before), Found)

    async def picture(self, asset: AssetId) -> bytes:
        """From the cache, else from the server; waits for a connection if there is none.

        Raises:
            Refused: there is no such picture.
            ConnectionProblem: it came damaged, or the client was closed.
        """
        return await self._present().library.picture(asset)

    # The own account

    async def change_password(self, current: str, new: str) -> int:
        """Every other device is signed out: so many. Raises Refused, ConnectionProblem."""
        if len(current) > PASSWORD_MAX:
            raise Refused.of(Code.WRONG_PASSWORD)
        if len(new) > PASSWORD_MAX:
            raise Refused.of(Code.PASSWORD_LONG, limit=PASSWORD_MAX)
        return (await self.ask(questions.ChangePassword(current, new), questions.Done)).ended

    async def devices(self) -> tuple[questions.Device, ...]:
        """Where this person is signed in, this machine first. Raises Refused, ConnectionProblem."""
        return (await self.ask(questions.ListDevices(), questions.Devices)).devices

    async def end_device(self, device: str) -> None:
        """Sign one of them out. Raises Refused, ConnectionProblem."""
        await self.ask(questions.EndDevice(device), questions.Done)

    # Within

    def _present(self) -> Stay:
        if self._stay is None:
            raise ConnectionProblem(Trouble.NOT_CONNECTED)
        return self._stay

    async def _open(self, server: str, credential: wire.Credential, *, patient: bool) -> Stay:
        address = parse_address(server)
        await self._end()
        stay = Stay(
            self._outside, address, credential, patient, self._reach, self._tell, self._connection_changed
        )
        self._stay = stay
        self._running = self._tasks.spawn(self._run(stay), name="stay")
        try:
            await stay.uplink.opened
        except BaseException:
            if self._stay is stay:  # and nobody has signed in meanwhile
                await self._end()
            raise
        return stay

    async def _run(self, stay: Stay) -> None:
        await stay.run()
        if (
            self._stay is stay
            and self.connection.refusal is not None
            and stay.uplink.state.link is Link.OFFLINE
        ):
            self._stay = None  # the server ended it; ``connection`` says why
            self._tell((StateReplaced(),))

    async def _end(self) -> None:
        """Nobody is signed in any more."""
        stay, running, self._stay, self._running = self._stay, self._running, None, None
        if running is not None:
            running.cancel()
            await asyncio.wait({running})
        if stay is not None or self.connection.link is not Link.OFFLINE:
            self.connection = ConnectionState(Link.OFFLINE, self._outside.clock.time())
            self._tell((StateReplaced(), ConnectionChanged()))

    def _connection_changed(self, stay: Stay) -> None:
        if stay is self._stay and not stay.leaving:
            self.connection = stay.uplink.state
            self._tell((ConnectionChanged(),))

    def _tell(self, changes: tuple[ClientChange, ...]) -> None:
        for listener in tuple(self._listeners) if changes else ():
            try:
                listener(changes)
            except Exception:
                log.exception("a listener failed; the others are told")
