"""A real server on a real socket and a real SQLite file, with the office of :mod:`.office` in it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from app.core.limits import GRACE
from app.core.model import GroupId, PersonId, Role, SpaceId
from app.server.admin import Admin
from app.server.bus.address import BusAddress
from app.server.capacity import Capacity
from app.server.clock import Clock
from app.server.config import Config, Tuning
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.phones_config import PhonesConfig
from app.server.store.sqlite.store import FILE, SqliteOptions, SqliteStore
from tests.helpers.clock import FakeClock
from tests.helpers.office import office_map

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""As weak as it gets: these passwords guard nothing."""
CAPACITY = Capacity()
FAST = Tuning(tick=0.002, look=0.005, rung_pause=0.002, drain=0.5, engine=0.005)
PASSWORD = "correct horse"
SPACE_NAME = "Osaka"


@dataclass(frozen=True)
class Ids:
    """Who is who in the database."""

    ann: PersonId
    bob: PersonId
    chie: PersonId
    dev: PersonId
    eva: PersonId
    supervisors: GroupId
    space: SpaceId


def furnish(data: Path) -> Ids:
    """A database with the office's space, people and groups."""
    with Admin(data, hasher=HASHER) as admin:
        space = admin.add_space(SPACE_NAME, ImportedMap(office_map(), {}))
        people = {
            "ann": admin.add_user("ann", "Ann Field", PASSWORD),
            "bob": admin.add_user("bob", "Bob Stone", PASSWORD, Role.SUPERVISOR),
            "chie": admin.add_user("chie", "森 千恵", PASSWORD, Role.SUPERVISOR),
            "dev": admin.add_user("dev", "Dev Patel", PASSWORD),
            "eva": admin.add_user("eva", "Eva Admin", PASSWORD, Role.ADMIN),
        }
        supervisors = admin.add_group("supervisors", "Supervisors")
        admin.add_member("supervisors", "bob")
        admin.add_member("supervisors", "chie")
    return Ids(**people, supervisors=supervisors, space=space)


def rows(server: Server, sql: str) -> list[tuple[Any, ...]]:
    """What is in the server's database just now."""
    with closing(sqlite3.connect(server.config.data / FILE)) as db:
        return db.execute(sql).fetchall()


@asynccontextmanager
async def running(
    data: Path,
    clock: Clock | None = None,
    *,
    tuning: Tuning = FAST,
    grace: float = GRACE,
    capacity: Capacity = CAPACITY,
    max_pages: int | None = None,
    http_port: int | None = None,
    inside: bool = False,
    phones: PhonesConfig | None = None,
    bus: BusAddress | None = None,
) -> AsyncIterator[Server]:
    """A started server; time stands still in it until a test moves ``clock.at``."""
    config = Config(
        data,
        port=0,
        http_port=http_port,
        inside=inside,
        grace=grace,
        capacity=capacity,
        phones=phones,
        bus=bus,
        tuning=tuning,
    )
    store = SqliteStore(data / FILE, SqliteOptions(tuning.keep, max_pages))
    server = Server(config, store, clock=clock or FakeClock(), hasher=HASHER)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
