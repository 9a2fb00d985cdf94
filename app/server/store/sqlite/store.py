"""The SQLite store: the interface of :mod:`app.server.store.base` over one file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from app.core.audit import Deed
from app.core.model import AssetId, ConversationId, MapId, PersonId, Place, SpaceId
from app.core.slices import Pieces
from app.server.store.base import (
    Account,
    Batch,
    Desk,
    Family,
    Identity,
    Opened,
    Page,
    Reused,
    Roster,
    Stored,
    StoreError,
)
from app.server.store.keys import StreamKey
from app.server.store.servers import ServerId
from app.server.store.sqlite import audit, identities, messages, people, sessions, streams
from app.server.store.sqlite.attempts import SqliteAttempts
from app.server.store.sqlite.audit import SqliteAudit
from app.server.store.sqlite.cases import SqliteCases
from app.server.store.sqlite.contacts import SqliteContacts
from app.server.store.sqlite.hook_outbox import SqliteHooks
from app.server.store.sqlite.integrations import SqliteIntegrations
from app.server.store.sqlite.lane import READ, WRITE, Lane
from app.server.store.sqlite.lines import SqliteLines
from app.server.store.sqlite.outbox import SqliteOutbox
from app.server.store.sqlite.permissions import SqlitePermissions
from app.server.store.sqlite.policies import SqlitePolicies
from app.server.store.sqlite.privacy import SqlitePrivacy
from app.server.store.sqlite.reports import SqliteReports
from app.server.store.sqlite.schema import migrate
from app.server.store.sqlite.servers import SqliteServers
from app.server.store.sqlite.streams import Keep

FILE = "handraise.db"
BUSY_MS = 5_000
"""ms that a connection waits for another program's lock."""


def connect(path: Path, *, max_pages: int | None = None) -> sqlite3.Connection:
    """Open the database, made or brought up to date if need be.

    ``synchronous=FULL`` makes a commit wait for the disk: what was accepted survives a power cut. A new file,
    and what SQLite puts beside it, can be read by its user alone, whoever made the folder.

    Raises:
        StoreError: not a database of ours, or it cannot be opened.
    """
    # One that is there must not be opened past SQLite: closing it would take away this process's locks, and
    # whoever looks at the database beside the server would then tidy away what was committed.
    with contextlib.suppress(OSError):  # SQLite says it better
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
            db.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten, not only forgotten
            if max_pages is not None:
                db.execute(f"PRAGMA max_page_count = {max_pages}")
            migrate(db)
        except BaseException:
            db.close()
            raise
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be used as a database: {error}") from error
    return db


@dataclass(frozen=True)
class SqliteOptions:
    """Attributes:
    max_pages: size limit of the database in pages of 4 KiB; ``None`` for as much as the disk holds.
    lane: what runs the jobs; a thread, but in simulations.
    """

    keep: Keep = field(default_factory=Keep)
    max_pages: int | None = None
    lane: type[Lane] = Lane


class SqliteStore:
    """See :class:`app.server.store.base.Store`. Belongs to the running loop that opened it.

    Attributes:
        reports: alerts that were, for history, board and charts.
    """

    def __init__(self, path: Path, options: SqliteOptions | None = None) -> None:
        """Open, or make, the database. Blocks for some ms; raises StoreError."""
        options = options or SqliteOptions()
        self._keep = options.keep
        writing = connect(path, max_pages=options.max_pages)
        self._epoch = people.epoch(writing)
        self._write = options.lane("store writer", writing, WRITE)
        self._read = options.lane("store reader", connect(path), READ)
        self.attempts = SqliteAttempts(self._write)
        self.audit = SqliteAudit(self._write, self._read)
        self.privacy = SqlitePrivacy(self._write, self._read, path)
        self.integrations = SqliteIntegrations(self._write, self._read)
        self.hooks = SqliteHooks(self._write, self._read)
        self.cases = SqliteCases(self._write, self._read)
        self.outbox = SqliteOutbox(self._write, self._read)
        self.contacts = SqliteContacts(self._write, self._read)
        self.policies = SqlitePolicies(self._write, self._read)
        self.permissions = SqlitePermissions(self._write)
        self.reports = SqliteReports(options.lane("store reports", connect(path), READ))
        self.lines = SqliteLines(self._write, self._read)
        self.servers = SqliteServers(self._write, self._read)

    @property
    def epoch(self) -> str:
        return self._epoch

    async def close(self) -> None:
        await self._write.close()
        await self._read.close()
        await self.reports.close()

    async def load(self, stream: StreamKey) -> Stored:
        return await self._read.run(lambda db: streams.load(db, stream))

    async def events_after(self, stream: StreamKey, after: int) -> Sequence[bytes] | None:
        return await self._read.run(lambda db: streams.events_after(db, stream, after))

    async def heads(self, keys: Collection[StreamKey]) -> Mapping[StreamKey, int]:
        return await self._read.run(lambda db: streams.heads(db, keys))

    async def append(self, batch: Batch) -> Mapping[StreamKey, int]:
        return await self._write.run(lambda db: streams.append(db, batch))

    async def checkpoint(self, stream: StreamKey, at: int, state: bytes | Pieces, now: float) -> None:
        def write(db: sqlite3.Connection) -> None:
            streams.checkpoint(db, stream, at, bytes(state), now, self._keep)

        await self._write.run(write)

    async def command_done(self, person: PersonId, command_id: str) -> bytes | None:
        def find(db: sqlite3.Connection) -> bytes | None:
            sql = "SELECT fingerprint FROM commands WHERE person = ? AND id = ?"
            row = db.execute(sql, (person, command_id)).fetchone()
            return row[0] if row else None

        return await self._read.run(find)

    async def roster(self) -> Roster:
        return await self._read.run(people.roster)

    async def roster_version(self) -> int:
        return await self._read.run(people.roster_version)

    async def account(self, handle: str) -> Account | None:
        return await self._read.run(lambda db: people.account(db, handle))

    async def set_password_hash(self, person: PersonId, password_hash: str) -> None:
        await self._write.run(lambda db: people.set_password_hash(db, person, password_hash))

    async def account_of(self, person: PersonId) -> Account | None:
        return await self._read.run(lambda db: people.account_of(db, person))

    async def admit(self, identity: Identity, fresh: PersonId, now: float) -> Account | None:
        return await self._write.run(lambda db: identities.admit(db, identity, fresh, now))

    async def change_password(self, person: PersonId, password_hash: str, family: str, deed: Deed) -> int:
        def change(db: sqlite3.Connection) -> int:
            people.set_password_hash(db, person, password_hash)
            audit.note(db, deed)
            return sessions.end_others(db, person, family)

        return await self._write.run(change)

    async def open_family(self, family: Family, token_hash: bytes) -> None:
        await self._write.run(lambda db: sessions.open_family(db, family, token_hash))

    async def rotate(self, used: bytes, fresh: bytes, now: float) -> Opened | Reused | None:
        return await self._write.run(lambda db: sessions.rotate(db, used, fresh, now))

    async def standing(self, used: bytes, now: float) -> Opened | None:
        return await self._read.run(lambda db: sessions.standing(db, used, now))

    async def families(self, person: PersonId) -> Sequence[Family]:
        return await self._read.run(lambda db: sessions.families(db, person))

    async def end_family(self, person: PersonId, family: str) -> bool:
        return await self._write.run(lambda db: sessions.end_family(db, person, family))

    async def desk(self, space: SpaceId, person: PersonId) -> Desk:
        return await self._read.run(lambda db: people.desk(db, space, person))

    async def desks(self, space: SpaceId) -> Mapping[PersonId, Desk]:
        return await self._read.run(lambda db: people.desks(db, space))

    async def last_space(self, person: PersonId) -> SpaceId | None:
        return await self._read.run(lambda db: people.last_space(db, person))

    async def save_places(
        self, space: SpaceId, places: Sequence[tuple[PersonId, Place]], at: int, by: ServerId
    ) -> bool:
        return await self._write.run(lambda db: people.save_places(db, space, places, at, by))

    async def map_document(self, map_id: MapId) -> bytes | None:
        return await self._read.run(lambda db: people.map_document(db, map_id))

    async def asset(self, asset: AssetId) -> bytes | None:
        return await self._read.run(lambda db: people.asset(db, asset))

    async def history(self, person: PersonId, conversation: ConversationId, before: float | None) -> Page:
        return await self._read.run(lambda db: messages.history(db, person, conversation, before))

    async def search(self, person: PersonId, text: str, before: float | None) -> Page:
        return await self._read.run(lambda db: messages.search(db, person, text, before))

    async def prune(self, now: float) -> None:
        await self._write.run(lambda db: people.prune(db, now))
        await self.attempts.prune(now)
        await self.contacts.prune(now)
        await self.integrations.prune(now)
        await self.hooks.prune(now)
        after: int | None = 0
        while after is not None:
            after = await self._write.run(partial(streams.prune, after=after, now=now, keep=self._keep))
