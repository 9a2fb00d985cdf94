"""A client without a window: core's session over a real socket. Keeps every frame it was ever sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import count
from types import TracebackType
from typing import TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.core import questions, wire
from app.core.commands import Command
from app.core.errors import Code, Refusal
from app.core.events import WaitingChanged
from app.core.limits import SERVER_FRAME_BYTES
from app.core.model import ALL_WORK, Reach, SpaceId
from app.core.person import PersonState
from app.core.session import ClientSession, Folded, Incoming
from app.core.space import SpaceState
from app.core.wire import Position, Stream, Token
from app.server.main import Server
from tests.helpers.running import PASSWORD

PATIENCE = 10.0
"""s that a test waits for something before it says that it did not happen."""

M = TypeVar("M")
N = TypeVar("N")
_numbers = count(1)


class Caller:
    """Attributes:
    frames: everything received, as bytes.
    heard: everything the session handed out, in order.
    space, me: both streams, folded.
    """

    def __init__(self, socket: ClientConnection, positions: dict[Stream, Position] | None = None) -> None:
        self.socket = socket
        self.session = ClientSession(time.monotonic(), "test", positions)
        self.frames: list[bytes] = []
        self.heard: list[Incoming] = []
        self._space: SpaceState | None = None
        self._me: PersonState | None = None
        self.signed_in: wire.SignedIn | None = None

    @classmethod
    async def dial(cls, url: str, positions: dict[Stream, Position] | None = None) -> Caller:
        socket = await connect(url, compression=None, max_size=SERVER_FRAME_BYTES, proxy=None)
        caller = cls(socket, positions)
        await caller.hear(wire.Welcome)
        return caller

    @classmethod
    async def enter(
        cls, url: str, handle: str, password: str = PASSWORD, *, device: str = "", reach: Reach = ALL_WORK
    ) -> Caller:
        """Sign in and attach with snapshots."""
        caller = await cls.dial(url)
        caller.session.reach = reach
        assert not await caller.sign_in(handle, password, device)
        await caller.attach()
        return caller

    @classmethod
    async def come_back(cls, url: str, before: Caller) -> Caller:
        """Resume with the token, the numbers and the states of an earlier connection."""
        caller = await cls.dial(url, before.session.positions)
        caller.session.reach = before.session.reach
        caller._space, caller._me = before.space, before.me
        assert not await caller.resume(before.token)
        await caller.attach(before.session.space)
        return caller

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.transport.abort()

    @property
    def space(self) -> SpaceState:
        assert self._space is not None
        return self._space

    @property
    def me(self) -> PersonState:
        assert self._me is not None
        return self._me

    @property
    def token(self) -> Token:
        assert self.signed_in is not None
        return self.signed_in.token

    async def sign_in(self, handle: str, password: str = PASSWORD, device: str = "") -> Refusal | None:
        self.session.send(wire.SignIn(handle, password, device))
        return await self._signing_in()

    async def resume(self, token: Token) -> Refusal | None:
        self.session.send(wire.Resume(token))
        return await self._signing_in()

    async def _signing_in(self) -> Refusal | None:
        answer = await self.either(wire.SignedIn, wire.Denied)
        if isinstance(answer, wire.Denied):
            return Refusal(answer.code, answer.fields)
        self.signed_in = answer
        return None

    async def attach(self, space: SpaceId | None = None) -> wire.Attached:
        self.session.attach(space)
        return await self.hear(wire.Attached)

    async def do(self, command: Command, command_id: str | None = None) -> Code | None:
        """``None`` when it was accepted."""
        command_id = command_id or f"c{next(_numbers)}"
        self.session.send(wire.Do(command_id, command))
        answer = await self.either(wire.Accepted, wire.RefusedCommand, lambda a: a.id == command_id)
        return answer.code if isinstance(answer, wire.RefusedCommand) else None

    async def ask(self, query: questions.Query) -> questions.Result | Code:
        query_id = f"q{next(_numbers)}"
        self.session.send(wire.Ask(query_id, query))
        answer = await self.either(wire.Reply, wire.RefusedCommand, lambda a: a.id == query_id)
        return answer.code if isinstance(answer, wire.RefusedCommand) else answer.result

    async def walk(self, x: int, y: int) -> None:
        self.session.send(wire.Walk(x, y))
        await self.flush()

    async def keep_up(self, server: Server) -> None:
        """Acknowledge what was read, and wait until the server has seen that and that the client lives.

        A test that lets time go by does this first for everybody who is not to be cut off meanwhile.
        """
        session, now = self.session, server.clock.monotonic()
        at = session.positions
        seen = wire.Seen(at[Stream.SPACE].seq, at[Stream.PERSONAL].seq, session._places)
        session.send(seen)
        await self.flush()
        mine = [link.session for link in server.hub.links if link.person == self.me.me]
        await eventually(lambda: any(one.seen == seen and one.heard_at == now for one in mine))

    async def flush(self) -> None:
        for frame in self.session.outgoing():
            await self.socket.send(frame)

    async def hear(self, kind: type[M], where: Callable[[M], bool] = lambda _: True) -> M:
        """Read until such a message comes; what comes before it is folded and kept."""
        return await self.either(kind, kind, where)

    async def either(
        self, kind: type[M], other: type[N], where: Callable[[M | N], bool] = lambda _: True
    ) -> M | N:
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in await self._read():
                    if isinstance(message, kind | other) and where(message):
                        return message

    async def until(self, condition: Callable[[], bool]) -> None:
        """Read until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                await self._read()

    async def follow(self, stir: Callable[[], None]) -> None:
        """Read until the connection ends, or this is cancelled; ``stir`` is called each time."""
        while True:
            try:
                await self._read()
            except (ConnectionClosed, OSError):
                return
            stir()

    async def closed(self) -> None:
        """Read until the server has closed the connection."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    await self._read()
                except (ConnectionClosed, OSError):
                    return

    async def _read(self) -> list[Incoming]:
        await self.flush()
        data = await self.socket.recv(decode=False)
        self.frames.append(data)
        messages = self.session.receive(data, time.monotonic())
        for message in messages:
            self._fold(message)
        self.heard += messages
        await self.flush()
        return messages

    def _fold(self, message: Incoming) -> None:
        match message:
            case wire.Attached():
                if message.space is not None:
                    self._space = SpaceState(message.space)
                if message.personal is not None:
                    self._me = PersonState(message.personal)
            case Folded():
                for event in message.space:
                    self.space.apply(event)
                for mine in message.personal:
                    self.me.apply(mine)
            case _:
                pass


async def eventually(condition: Callable[[], bool]) -> None:
    """Let others run until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110  nothing tells us when it becomes so
            await asyncio.sleep(0)


def waiting_changed(caller: Caller) -> int:
    """How often a board was told to ask again."""
    frames = [heard for heard in caller.heard if isinstance(heard, Folded)]
    return sum(isinstance(event, WaitingChanged) for frame in frames for event in frame.space)


def snapshot_bytes(state: SpaceState | PersonState) -> bytes:
    """What two ends must agree on; positions are passing facts."""
    snapshot = state.snapshot(places=False) if isinstance(state, SpaceState) else state.snapshot()
    return msgspec.msgpack.encode(snapshot)
