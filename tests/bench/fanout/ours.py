"""Our server for the fan-out benchmark: the real one, with as many people as are wanted and a hall.

``python -m tests.bench.fanout.ours DATA COUNT [CERTIFICATE|transport]`` prints ``port N GROUP`` once it
listens; red hands call that group. With a certificate it is under TLS; ``transport``: everything through
asyncio's transports, as where it must not reach into them.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from app.core.maps import SpaceMap
from app.core.model import GroupId, MapId, PersonId, Place, Role
from app.server.admin import Admin
from app.server.config import Config
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.store.sqlite.store import FILE, SqliteStore
from app.server.wire_out import Lane
from tests.helpers.running import HASHER

PASSWORD = "bench"
CELL, COLUMNS, ROWS = 32, 64, 180


def hall() -> SpaceMap:
    """No walls: where somebody is says who they are and which step it was (generator.c)."""
    return SpaceMap(
        id=MapId("hall"),
        name="Hall",
        columns=COLUMNS,
        rows=ROWS,
        tile_width=CELL,
        tile_height=CELL,
        blocked=bytes(COLUMNS * ROWS),
        start=(Place(80, 80),),
    )


def furnish(data: Path, count: int) -> GroupId:
    """A space with so many members, ``u00000`` and on, of whom the first three are a group."""
    with Admin(data, hasher=HASHER) as admin:
        space = admin.add_space("Hall", ImportedMap(hall(), {}))
        hashed = HASHER.hash(PASSWORD)
        with admin.change() as registry:  # one at a time would be one transaction each
            for number in range(count):
                person = PersonId(admin._new_id())
                handle = f"u{number:05}"
                registry.add_person(person, handle, f"Person {number}", Role.AGENT, hashed)
                registry.add_to_space(space, person)
        group = admin.add_group("called", "Called")
        for number in range(3):
            admin.add_member("called", f"u{number:05}")
        return group


async def main(data: Path, count: int, certificate: Path | None) -> None:
    group = furnish(data, count)
    config = Config(data, port=0, tls_cert=certificate)
    server = Server(config, SqliteStore(data / FILE), hasher=HASHER)
    await server.start()
    print("port", server.url.rpartition(":")[2], group, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    logging.basicConfig(level="WARNING")
    how = sys.argv[3] if len(sys.argv) > 3 else ""
    if how == "transport":
        Lane.of = lambda connection: Lane(connection, None)  # type: ignore[method-assign]  # no socket of its own
    certificate = Path(how) if how not in ("", "transport") else None
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), certificate))
