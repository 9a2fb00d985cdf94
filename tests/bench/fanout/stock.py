"""The loop that others write: ``websockets.broadcast`` over a set, in the plain dialect of generator.c.

``stock.py [CERTIFICATE]``: under TLS with a certificate.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

TICK = 0.05
PAD = 40

connections: set[ServerConnection] = set()
moved: dict[int, int] = {}
numbers = iter(range(1, 1 << 32))
entry = struct.Struct("<IIxx").pack
inbound = struct.Struct("<cII").unpack


async def handle(connection: ServerConnection) -> None:
    connections.add(connection)
    try:
        async for data in connection:
            assert isinstance(data, bytes)
            kind, mover, step = inbound(data)
            if kind == b"S":
                frame = struct.pack("<II", next(numbers), 1) + entry(mover, step)
                broadcast(connections, frame.ljust(PAD, b"\0"))
            else:
                moved[mover] = step
    finally:
        connections.discard(connection)


async def main() -> None:
    loop = asyncio.get_running_loop()
    tls = None
    if len(sys.argv) > 1:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(sys.argv[1])
    async with serve(handle, "127.0.0.1", 0, ssl=tls, compression=None, ping_interval=None) as server:
        print("port", next(iter(server.sockets)).getsockname()[1], flush=True)
        due = loop.time()
        while True:
            due = max(due + TICK, loop.time())
            await asyncio.sleep(due - loop.time())
            if moved:
                entries = b"".join(entry(mover, step) for mover, step in moved.items())
                frame = struct.pack("<II", next(numbers), len(moved)) + entries
                moved.clear()
                broadcast(connections, frame)


if __name__ == "__main__":
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # connections that were cut off on purpose
    asyncio.run(main())
