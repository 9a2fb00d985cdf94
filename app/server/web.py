"""The server's HTTP side: one aiohttp server on a port of its own, where each subject registers its routes.

What is true of every request is here: sizes and times, no browsers, errors as problem details (RFC 9457), and
no line in any log that could contain a secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from app.core.errors import Code, Refused, refuse
from app.server.clock import Clock
from app.server.problems import problem, refusal_response
from app.server.store.base import StoreError

log = logging.getLogger(__name__)

BODY_BYTES = 65_536
"""A request's body at most. The largest that is asked for is a gateway's form with a long text message."""
LIMIT_S = 10.0
"""s for one request, its body included."""
IDLE_S = 30.0
"""s that a connection may be open without a request that is being answered."""
CONNECTIONS = 1_000
"""At once; machines talk here, and there are few of them."""
CLOSING_S = 1.0
"""s that requests which are being answered may take when the server stops."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Web:
    """The HTTP server. Routes are added before it starts.

    A handler raises Refused where a person's program would get a refusal, and lets StoreError through.

    Args:
        limit: s that a request may take, its body included.

    Attributes:
        url: where it listens, once started; "" while it does not.
    """

    def __init__(self, clock: Clock, limit: float = LIMIT_S) -> None:
        self._clock, self._limit = clock, limit
        self.url = ""
        self._app = web.Application(middlewares=[self._around], client_max_size=BODY_BYTES)
        self._app.on_response_prepare.append(_headers)
        self._runner: web.AppRunner | None = None
        self._listening: asyncio.Server | None = None
        self._busy: set[object] = set()
        self._idle_since: dict[web.RequestHandler, float] = {}
        self.add("GET", "/healthz", _health)

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Answer there. ``path`` may have variable parts, as in ``/calls/{send}``; keep secrets out of it."""
        self._app.router.add_route(method, path, handler)

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listen.

        Args:
            port: 0 for any that is free.

        Raises:
            OSError: the address cannot be used.
        """
        runner = web.AppRunner(
            self._app,
            access_log=None,
            keepalive_timeout=IDLE_S,
            lingering_time=CLOSING_S,
            shutdown_timeout=CLOSING_S,
        )
        await runner.setup()
        self._runner = runner
        assert runner.server is not None
        welcome = runner.server

        def connected() -> asyncio.Protocol:
            return welcome() if len(welcome.connections) < CONNECTIONS else _NoRoom()

        self._listening = await asyncio.get_running_loop().create_server(connected, host, port, ssl=tls)
        name, number = self._listening.sockets[0].getsockname()[:2]
        scheme = "http" if tls is None else "https"
        self.url = f"{scheme}://{f'[{name}]' if ':' in name else name}:{number}"

    def look(self) -> None:
        """Close connections on which nothing is asked, or asked so slowly that it comes to the same.

        Call about once a second.
        """
        if self._runner is None or self._runner.server is None:
            return
        now = self._clock.monotonic()
        present = self._runner.server.connections
        self._idle_since = {one: self._idle_since.get(one, now) for one in present if one not in self._busy}
        for one, since in self._idle_since.items():
            if now - since > IDLE_S:
                one.force_close()

    async def stop(self) -> None:
        """Answer what was asked and close. Takes 2 s at most."""
        if self._listening is not None:
            self._listening.close()
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _around(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._busy.add(request.protocol)
        self._idle_since.pop(request.protocol, None)
        try:
            if request.headers.getall(hdrs.ORIGIN, ()):
                return problem(403, "Not for browsers.")
            async with asyncio.timeout(self._limit):
                return await handler(request)
        except Refused as refused:
            return refusal_response(refused.refusal)
        except StoreError as error:
            return refusal_response(refuse(Code.STORE_FAILED, reason=error.reason))
        except TimeoutError:
            return problem(503, "This took too long.", retry_after=1)
        except web.HTTPException as error:
            return _as_problem(error)
        except Exception:  # one request's fault ends no other's, and tells a stranger nothing
            log.exception("a request to %s failed", _route(request))
            return refusal_response(refuse(Code.INTERNAL))
        finally:
            self._busy.discard(request.protocol)


class _NoRoom(asyncio.Protocol):
    """There are as many connections as there may be."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            transport.abort()


async def _health(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _headers(_: web.Request, response: web.StreamResponse) -> None:
    with contextlib.suppress(KeyError):
        del response.headers[hdrs.SERVER]  # the name and version of the library
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")


def _as_problem(error: web.HTTPException) -> web.Response:
    response = problem(error.status, error.reason)
    if hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response


def _route(request: web.Request) -> str:
    """Which route it is, as it was registered: the path itself may name people."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "nowhere"
