"""One person's program, connected to one server: state to read, changes to hear, things to ask for."""

from __future__ import annotations

import random
from collections.abc import Callable

from app.core.commands import Command
from app.core.geometry import WalkMap
from app.core.maps import SpaceMap
from app.core.model import AssetId, ConversationId, Person, Place, Space, SpaceId
from app.core.person import PersonState
from app.core.space import SpaceState
from app.core.wire import Found, Token
from app.net.assets import AssetCache
from app.net.changes import (
    ClientChange,
    ConnectionChanged,
    ConnectionState,
    Link,
    PlacesMoved,
    StateReplaced,
    TokenChanged,
)
from app.net.clock import Clock
from app.net.connection import Connector
from app.net.problems import ConnectionProblem, NotSent
from app.tasks import Tasks

__all__ = [
    "Client",
    "ClientChange",
    "ConnectionChanged",
    "ConnectionProblem",
    "ConnectionState",
    "Link",
    "NotSent",
    "PlacesMoved",
    "StateReplaced",
    "TokenChanged",
]

Listener = Callable[[tuple[ClientChange, ...]], None]


class Client:
    """The state below belongs to the client: others read it and never change it.

    Args:
        rng: also makes the ids of commands; ``random.SystemRandom()`` outside of tests.
        tasks: closed with the client, so nobody else's.
        app: name and version, for the server's log.

    Attributes:
        space: the space as everybody sees it; ``None`` before the first connection.
        me: what only this person may see.
        person: who is signed in.
        spaces: those this person may enter.
        map: the map of ``space``; ``None`` until it is loaded (``StateReplaced`` then comes again).
        walk: ``map`` as somebody on foot sees it; ``None`` with it.
        connection: see :class:`ConnectionState`.
        token: for the next start; ``TokenChanged`` tells of each new one.
    """

    def __init__(
        self,
        *,
        connect: Connector,
        clock: Clock,
        rng: random.Random,
        tasks: Tasks,
        cache: AssetCache,
        app: str,
    ) -> None:
        self.space: SpaceState | None = None
        self.me: PersonState | None = None
        self.person: Person | None = None
        self.spaces: tuple[Space, ...] = ()
        self.map: SpaceMap | None = None
        self.walk: WalkMap | None = None
        self.connection = ConnectionState(Link.OFFLINE, clock.time())
        self.token: Token | None = None

    def listen(self, callback: Listener) -> Callable[[], None]:
        """Call ``callback`` with what changed, in order; returns "stop listening"."""
        raise NotImplementedError

    async def sign_in(self, server: str, handle: str, password: str) -> Token:
        """Sign in with a password and enter the person's last space. Returns when the state is there.

        Raises:
            Refused: wrong credentials, too many attempts, no space, another version …
            ConnectionProblem: the address, or the way to the server; nothing goes on being tried.
        """
        raise NotImplementedError

    async def resume(self, server: str, token: Token) -> None:
        """Sign in with the token of an earlier time. Returns when the state is there.

        A server that cannot be reached is tried again and again meanwhile (``connection`` says so);
        cancel the call, or ``sign_out`` or ``close``, to stop that.

        Raises:
            Refused: the token is worth nothing any more, or another refusal that will not change.
            ConnectionProblem: the address cannot be right, or the client was closed.
        """
        raise NotImplementedError

    async def sign_out(self) -> None:
        """Leave the space, make the token worthless, forget everything. Offline: the token only here."""
        raise NotImplementedError

    async def open_space(self, space: SpaceId) -> None:
        """Leave this space and enter another one. Raises ConnectionProblem while there is no connection."""
        raise NotImplementedError

    async def close(self, leave: bool) -> None:
        """The last call. ``leave``: on purpose (quit), which ends the own hand; else as a lost connection."""
        raise NotImplementedError

    async def do(self, command: Command, command_id: str | None = None) -> None:
        """Returns when the server has stored it.

        Without a connection it is kept, and sent once there is one: a raised hand and an answer to one
        for 60 s, everything else until sign-out. Cancelling the call does not take the command back.

        Args:
            command_id: made here unless given; what the command creates has this id.

        Raises:
            Refused: by the rules.
            NotSent: given up.
        """
        raise NotImplementedError

    def walk_to(self, place: Place) -> None:
        """The own avatar is there now. Call it for every step: it is sent ten times a second at most,
        and the last place always. Without a connection the last place is sent later."""
        raise NotImplementedError

    def retry_now(self) -> None:
        """Try to connect at once: the machine woke up, the network changed, the person asks for it."""
        raise NotImplementedError

    async def history(self, conversation: ConversationId, before: float | None) -> Found:
        """A page of messages older than ``before`` (s). Raises Refused, ConnectionProblem."""
        raise NotImplementedError

    async def search(self, text: str, before: float | None) -> Found:
        """A page of my messages that contain ``text``. Raises Refused, ConnectionProblem."""
        raise NotImplementedError

    async def picture(self, asset: AssetId) -> bytes:
        """From the cache, else from the server; waits for a connection if there is none.

        Raises:
            Refused: there is no such picture.
            ConnectionProblem: it came damaged, or the client was closed.
        """
        raise NotImplementedError

    def server_now(self) -> float:
        """s since the epoch on the server's clock."""
        raise NotImplementedError
