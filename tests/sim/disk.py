"""The server's database: a real SQLite file, that survives the crashes of the server between its commits."""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from argon2 import PasswordHasher

from app.core.cases import CaseId, SendId
from app.core.lines import LineId
from app.core.model import GroupId, PersonId, Role, SpaceId
from app.core.policy import Policy
from app.core.space import SpaceSnapshot
from app.server.admin import Admin
from app.server.directory import beginning
from app.server.map_files import ImportedMap
from app.server.store.base import Batch
from app.server.store.keys import StreamKey
from app.server.store.sqlite import outbox, people, streams
from app.server.store.sqlite.lane import Job, Lane, Outcome
from app.server.store.sqlite.store import FILE
from tests.helpers.case_rows import assign
from tests.helpers.office import office_map
from tests.sim.loop import PROCESS, Process

T = TypeVar("T")
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse"
HANDLES = ("ann", "bob", "chie", "dev", "eva", "finn")
SPACES = ("Osaka", "Tokyo")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "supervisors": ("bob", "chie"),
    "night": ("chie", "dev", "eva"),
    "alone": ("ann",),
}
SIGN_INS = ("families", "tokens")
"""Tables that say who is signed in where."""
LINE_NUMBER, CELL = "+12015550199", "+819022220000"
"""Of the line in the first space, and of the cell phone that it forwards to."""
PHONES = {"ann": "+819033330001", "bob": "+819033330002", "chie": "+819033330003", "eva": CELL}
"""Who has a number of their own; the line's phone is Eva's."""
_append, _begin = streams.append, outbox.begin


@dataclass(frozen=True)
class Furniture:
    """A database in which nothing has happened yet, and who is who in it."""

    file: Path
    people: Mapping[str, PersonId]
    groups: Mapping[str, GroupId]
    spaces: Mapping[str, SpaceId]
    line: LineId


def furnish(folder: Path) -> Furniture:
    """Make the database that every simulation begins with."""
    dice = random.Random(0)
    with Admin(folder, hasher=HASHER, entropy=dice.randbytes) as admin:
        spaces = {name: admin.add_space(name, ImportedMap(office_map(), {})) for name in SPACES}
        roles = {"bob": Role.SUPERVISOR, "chie": Role.SUPERVISOR, "eva": Role.ADMIN}
        persons = {
            handle: admin.add_user(handle, handle.title(), PASSWORD, roles.get(handle, Role.AGENT), SPACES)
            for handle in HANDLES
        }
        groups = {}
        for name, members in GROUPS.items():
            groups[name] = admin.add_group(name, name.title())
            for member in members:
                admin.add_member(name, member)
        line = admin.add_line("Support", LINE_NUMBER, SPACES[0])
    file = folder / FILE
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode = DELETE")  # all of it in one file, to be copied
        for handle, number in PHONES.items():
            db.execute("INSERT INTO phones VALUES (?, ?, 0)", (persons[handle], number))
        # Disabled, so that the space's policy is run for it, whose delays are shorter than a minute.
        db.execute("INSERT INTO line_settings VALUES (?, 0, ?, 1, 1)", (line, CELL))
        db.commit()
    return Furniture(file, persons, groups, spaces, line)


@dataclass
class Crash:
    """Attributes:
    commits: so many more commits succeed.
    after: die once the commit is done and before anybody is told; else before it.
    """

    commits: int
    after: bool


@dataclass
class Disk:
    """Attributes:
    slow: longest time, s, that a commit or a question may take; most take none.
    full: while true, nothing can be written.
    committed: told of each batch once it is on the disk.
    begun: told of what is handed to a gateway next, once that is on the disk.
    crashed: told when an armed crash strikes.
    delayed: s that everything together has had to wait.
    """

    folder: Path
    dice: random.Random
    committed: Callable[[Batch, Mapping[StreamKey, int]], None]
    begun: Callable[[CaseId, SendId], None]
    crashed: Callable[[str], None]
    slow: float = 0.0
    full: bool = False
    armed: Crash | None = None
    commits: int = 0
    delayed: float = 0.0
    _lanes: list[SimLane] = field(default_factory=list)
    _noted: list[Callable[[], None]] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / FILE

    def install(
        self, furniture: Furniture, epoch: str, policies: Iterable[Policy] = (), *, sessions: bool = False
    ) -> dict[SpaceId, SpaceSnapshot]:
        """A new database; ``sessions``: whoever was signed in still is. Returns how its spaces begin."""
        kept = self._sign_ins() if sessions else {}
        for suffix in ("", "-wal", "-shm"):
            self.file.with_name(FILE + suffix).unlink(missing_ok=True)
        shutil.copyfile(furniture.file, self.file)
        with closing(sqlite3.connect(self.file)) as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("UPDATE meta SET value = ? WHERE key = 'epoch'", (epoch,))
            for table, rows in kept.items():
                for row in rows:
                    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
            db.commit()
            for policy in policies:
                for space in furniture.spaces.values():
                    assign(db, space, policy)
                db.commit()
            return {space: beginning(people.roster(db), space) for space in furniture.spaces.values()}

    def _sign_ins(self) -> dict[str, list[tuple[object, ...]]]:
        with closing(sqlite3.connect(self.file)) as db:
            return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in SIGN_INS}

    def delay(self) -> float:
        """s that something takes now."""
        if not self.slow or self.dice.random() >= 0.3:
            return 0.0
        seconds = self.dice.random() * self.slow
        self.delayed += seconds
        return seconds

    def opened(self, lane: SimLane) -> None:
        self._lanes.append(lane)

    def pull_the_plug(self) -> None:
        """The server's process is gone: what was not committed never was."""
        lanes, self._lanes = self._lanes, []
        for lane in lanes:
            lane.pull_the_plug()

    def strikes(self, *, after: bool) -> bool:
        """Whether the armed crash comes here, before or after a commit."""
        armed = self.armed
        if armed is None or armed.after is not after:
            return False
        if armed.commits > 0:
            armed.commits -= 1
            return False
        self.armed = None
        self.crashed("after a commit, before anybody was told" if after else "before a commit")
        return True

    def append(self, db: sqlite3.Connection, batch: Batch) -> Mapping[StreamKey, int]:
        """Stands in for :func:`app.server.store.sqlite.streams.append`, and takes note."""
        numbers = _append(db, batch)
        self._noted.append(lambda: self.committed(batch, numbers))
        return numbers

    def begin(self, db: sqlite3.Connection, send: SendId, owner: str, now: float) -> bool:
        """Stands in for :func:`app.server.store.sqlite.outbox.begin`, and takes note."""
        begun = _begin(db, send, owner, now)
        if begun:
            ((case,),) = db.execute("SELECT case_id FROM sends WHERE id = ?", (send,)).fetchall()
            self._noted.append(lambda: self.begun(case, send))
        return begun

    def begins(self) -> None:
        self._noted.clear()
        if self.full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    def ends(self) -> None:
        self.commits += 1
        noted, self._noted = self._noted, []
        for tell in noted:
            tell()


class ServerProcess(Process):
    """A server's process, with the disk of its machine."""

    def __init__(self, name: str, disk: Disk) -> None:
        super().__init__(name)
        self.disk = disk


class SimLane(Lane):
    """The store's own lane, whose turns come by timers instead of in a thread."""

    def _start(self, name: str) -> None:
        process = PROCESS.get()
        assert isinstance(process, ServerProcess)
        self._process, self._disk = process, process.disk
        self._writes = name == "store writer"
        self._turn_is_due = False
        self._told_at = 0.0
        self._disk.opened(self)

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if not self._process.alive:
            raise asyncio.CancelledError
        self._turn_soon()
        return await super().run(job)

    async def close(self) -> None:
        self._turn_soon()
        await super().close()

    def pull_the_plug(self) -> None:
        self._connection.close()

    def _turn_soon(self) -> None:
        if not self._turn_is_due:
            self._turn_is_due = True
            self._loop.call_later(self._disk.delay(), self._take_turn)

    def _take_turn(self) -> None:
        self._turn_is_due = False
        if self._jobs.empty() or not self._process.alive:
            return
        if not (self._writes and self._disk.strikes(after=False)):
            self._turn()
        if not self._jobs.empty():
            self._turn_soon()

    def _transaction(self, jobs: list[Job]) -> list[Outcome]:
        if not self._writes:
            return super()._transaction(jobs)
        self._disk.begins()
        outcomes = super()._transaction(jobs)
        self._disk.ends()
        return outcomes

    def _tell(self, done: list[tuple[asyncio.Future[object], Outcome]]) -> None:
        if done and not (self._writes and self._disk.strikes(after=True)):
            super()._tell(done)

    def _in_loop(self, call: Callable[[], object]) -> None:
        self._told_at = max(self._told_at + 1e-7, self._loop.time() + self._disk.delay())
        self._loop.call_at(self._told_at, call)
