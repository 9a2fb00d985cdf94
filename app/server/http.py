"""What the server answers to plain HTTP, before a connection becomes a WebSocket."""

from __future__ import annotations

import http

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response


def process_request(connection: ServerConnection, request: Request) -> Response | None:
    """Health, and no browsers: a native client sends no ``Origin``, a page in a browser always does.

    Without this, any page that a person opens could talk to a server on their machine or network.
    """
    if request.path == "/healthz":
        return connection.respond(http.HTTPStatus.OK, "ok\n")
    if request.headers.get_all("Origin"):
        return connection.respond(http.HTTPStatus.FORBIDDEN, "Not for browsers.\n")
    return None
