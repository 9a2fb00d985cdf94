"""A database with many spaces full of people, each with a token to come in with: for storms and crowds."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.core import maps
from app.core.model import PersonId, Role, SpaceId
from app.core.wire import Token
from app.server.auth import Auth
from app.server.clock import SystemClock, system_entropy
from app.server.store.sqlite.registry import Registry
from app.server.store.sqlite.store import FILE, SqliteStore
from tests.helpers.office import office_map
from tests.helpers.running import HASHER, PASSWORD


@dataclass(frozen=True)
class Seat:
    """Somebody who may come in."""

    handle: str
    person: PersonId
    token: Token


async def furnish_crowd(data: Path, spaces: int, people: int, machines: int = 1) -> list[Seat]:
    """So many spaces, each with so many people of its own, each of them at so many machines."""
    here = [
        (f"p{space}-{number}", SpaceId(f"s{space}")) for space in range(spaces) for number in range(people)
    ]
    hashed, office = HASHER.hash(PASSWORD), office_map()
    with closing(Registry(data)) as registry, registry.transaction():
        registry.keep_map(office.id, maps.encode(office), {})
        for space in dict.fromkeys(space for _, space in here):
            registry.add_space(space, f"Space {space}", office.id)
        for handle, space in here:
            registry.add_person(PersonId(handle), handle, f"Person {handle}", Role.AGENT, hashed)
            registry.add_to_space(space, PersonId(handle))
    store = SqliteStore(data / FILE)
    auth = Auth(store, SystemClock(), system_entropy, HASHER)

    async def seat(handle: str) -> Seat:
        entry = await auth.open(PersonId(handle), "crowd")
        return Seat(handle, entry.person, entry.token)

    try:
        return await asyncio.gather(*(seat(handle) for handle, _ in here for _ in range(machines)))
    finally:
        await store.close()
