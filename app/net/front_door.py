"""Asks a server something before anybody signs in: which ways in there are, where the browser is to go."""

from __future__ import annotations

from app.core import wire
from app.core.errors import Refusal, Refused
from app.core.session import ClientSession
from app.net.address import ServerAddress
from app.net.clock import Clock, within
from app.net.connection import Connection, Connector
from app.net.problems import ConnectionProblem, Trouble
from app.tasks import Tasks

LIMIT_SECONDS = 20.0
"""s for the whole conversation; the server may have to ask a provider meanwhile."""


class FrontDoor:
    """One short connection for each question."""

    def __init__(self, connect: Connector, clock: Clock, app: str) -> None:
        self._connect, self._clock, self._app = connect, clock, app

    async def ways(self, server: ServerAddress) -> tuple[wire.Way, ...]:
        """Raises Refused, ConnectionProblem."""
        answer = await self._ask(server, None)
        return answer.ways if isinstance(answer, wire.Welcome) else ()

    async def begin(self, server: ServerAddress, request: wire.BeginSignIn) -> wire.SignInAt:
        """Raises Refused, ConnectionProblem."""
        answer = await self._ask(server, request)
        assert isinstance(answer, wire.SignInAt)
        return answer

    async def _ask(
        self, server: ServerAddress, request: wire.BeginSignIn | None
    ) -> wire.Welcome | wire.SignInAt:
        async with Tasks("front door") as own:
            asking = own.spawn(self._once(server, request), name="ask")
            if not await within(self._clock, LIMIT_SECONDS, asking):
                raise ConnectionProblem(Trouble.NO_ANSWER, host=server.host, port=server.port)
            answer = asking.result()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _once(
        self, server: ServerAddress, request: wire.BeginSignIn | None
    ) -> wire.Welcome | wire.SignInAt | Refused | ConnectionProblem:
        """What went wrong is an answer as well: a task that fails is logged as a fault."""
        try:
            connection = await self._connect(server)
            try:
                return await self._talk(connection, request)
            finally:
                await connection.close()
        except (Refused, ConnectionProblem) as error:
            return error

    async def _talk(
        self, connection: Connection, request: wire.BeginSignIn | None
    ) -> wire.Welcome | wire.SignInAt:
        session = ClientSession(self._clock.monotonic(), self._app)
        while True:
            for frame in session.outgoing():
                await connection.send(frame)
            for message in session.receive(await connection.receive(), self._clock.monotonic()):
                match message:
                    case wire.SignInAt():
                        return message
                    case wire.Welcome():
                        if request is None:
                            return message
                        session.send(request)
                    case wire.Denied(code=code, fields=fields) | wire.Bye(code=code, fields=fields):
                        raise Refused(Refusal(code, fields))
                    case _:
                        pass
