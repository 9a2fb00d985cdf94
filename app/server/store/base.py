"""The interface of the store, and the values that go through it.

A *stream* is a numbered list of events (``space:<id>``, ``person:<id>``). Its state is its checkpoint and
the events after it; older events are kept for a while, so that clients can resume.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from app.core.audit import Deed
from app.core.cases import CaseId, Move
from app.core.events import PersonalEvent, SpaceEvent
from app.core.lines import Line, LineId
from app.core.model import (
    AssetId,
    ConversationId,
    Group,
    MapId,
    Message,
    Person,
    PersonId,
    Place,
    Recipients,
    Role,
    SeatId,
    Space,
    SpaceId,
    Status,
)
from app.core.permissions import BUILT_IN, Permissions
from app.core.slices import Pieces
from app.server.store.attempts import AttemptStore
from app.server.store.audit import AuditLog
from app.server.store.cases import CaseStore
from app.server.store.contacts import ContactStore
from app.server.store.hooks import HookStore, IntegrationStore
from app.server.store.keys import StreamKey
from app.server.store.lines import LineStore
from app.server.store.outbox import Outbox
from app.server.store.permissions import PermissionStore
from app.server.store.policies import PolicyStore
from app.server.store.privacy import PrivacyStore
from app.server.store.reports import ReportStore
from app.server.store.servers import ServerId, ServerStore


class StoreError(Exception):
    """The store could not do it; nothing was changed.

    Attributes:
        reason: a few words for a person, such as "disk full".
        reading: nothing was to be written.
    """

    def __init__(self, reason: str, *, reading: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.reading = reason, reading


class TakenError(Exception):
    """Somebody else wrote to a stream the decision was made from: catch up and decide again."""


class StaleError(Exception):
    """Cases are not what they were when the move was decided: somebody answered, or another engine moved.

    Attributes:
        cases: those.
    """

    def __init__(self, cases: Sequence[CaseId]) -> None:
        super().__init__(", ".join(cases))
        self.cases = cases


class ClashError(Exception):
    """An id that a client made is already the id of something else."""


@dataclass(frozen=True)
class Entry:
    """One event to append; ``payload`` is what clients will get, byte for byte."""

    stream: StreamKey
    event: SpaceEvent | PersonalEvent
    payload: bytes


@dataclass(frozen=True)
class CommandRecord:
    """Which command of whom this is; ``fingerprint`` is the hash of its content."""

    person: PersonId
    id: str
    fingerprint: bytes


@dataclass(frozen=True)
class Batch:
    """What one decision appends, all of it or nothing.

    Attributes:
        expected: the numbers at which the streams were that the decision was made from.
        places: where people stood, px, to be found again when they come back.
        moves: of cases, as the engine decided them.
        server: through which of them those are connected of whom the events say that they are there.
    """

    space: SpaceId
    at: float
    entries: Sequence[Entry]
    expected: Mapping[StreamKey, int]
    command: CommandRecord | None = None
    places: Sequence[tuple[PersonId, Place]] = ()
    moves: Sequence[Move] = ()
    server: str = ""


@dataclass(frozen=True)
class Stored:
    """A stream as it is kept.

    Attributes:
        checkpoint: the state at number ``checkpoint_at``; ``None`` if the stream began empty.
        events: numbers ``checkpoint_at + 1`` and on.
        exists: whether anything was ever written.
    """

    exists: bool
    checkpoint_at: int = 0
    checkpoint: bytes | None = None
    events: Sequence[bytes] = ()


@dataclass(frozen=True)
class Account:
    """A person with what signing in needs.

    Attributes:
        credentials: rises when the password changes or everything is signed out.
    """

    person: Person
    password_hash: str
    disabled: bool
    credentials: int


@dataclass(frozen=True)
class Identity:
    """Somebody of whom a provider says who they are, and what may be made of that here.

    Attributes:
        issuer, subject: the provider, and its own name for the person.
        handle, name, role: what the person would be here; ``handle`` may be "".
        follow_role: an existing person gets the role, too.
        create: whether a person is made where there is none.
        link: whether an existing person with that handle is meant.
        spaces: names of those that a new person belongs to.
    """

    issuer: str
    subject: str
    handle: str
    name: str
    role: Role
    follow_role: bool
    create: bool
    link: bool
    spaces: Sequence[str] = ()


@dataclass(frozen=True)
class Family:
    """One sign-in on one machine, with all tokens that it ever had.

    Attributes:
        since, seen: when it began and when it was last used, s.
    """

    id: str
    person: PersonId
    device: str
    since: float
    seen: float


@dataclass(frozen=True)
class Opened:
    """A token was taken: whose it is, on which machine."""

    family: str
    person: PersonId
    device: str


@dataclass(frozen=True)
class Reused:
    """An outdated token was shown; its family has ended."""

    family: str


@dataclass(frozen=True)
class Desk:
    """What a space remembers of a person who is not there; ``place`` in px."""

    seat: SeatId | None = None
    place: Place | None = None
    status: Status = Status.AVAILABLE


@dataclass(frozen=True)
class Roster:
    """Everything that admins decide: who exists, who belongs where.

    Attributes:
        version: changes with every change of it.
        people: those who may sign in.
        permissions: who may send priority messages and reach for phones.
    """

    version: int
    people: Mapping[PersonId, Person]
    credentials: Mapping[PersonId, int]
    groups: Mapping[str, Group]
    spaces: Mapping[SpaceId, Space]
    members: Mapping[SpaceId, frozenset[PersonId]]
    lines: Mapping[LineId, Line] = field(default_factory=dict)
    permissions: Permissions = BUILT_IN

    def spaces_of(self, person: PersonId) -> tuple[Space, ...]:
        """By name."""
        mine = (space for space in self.spaces.values() if person in self.members[space.id])
        return tuple(sorted(mine, key=lambda space: (space.name, space.id)))


@dataclass(frozen=True)
class Page:
    """Messages, newest first; ``more`` when there are older ones."""

    messages: Sequence[Message] = ()
    conversations: Mapping[ConversationId, Recipients] = field(default_factory=dict)
    more: bool = False


class Store(Protocol):
    """Every method may raise :class:`StoreError`; nothing of it has happened then."""

    @property
    def epoch(self) -> str:
        """Changes when the numbers of streams begin anew."""
        ...

    @property
    def audit(self) -> AuditLog: ...

    @property
    def privacy(self) -> PrivacyStore: ...

    @property
    def integrations(self) -> IntegrationStore: ...

    @property
    def hooks(self) -> HookStore: ...

    @property
    def cases(self) -> CaseStore:
        """Alerts as they run their policies."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What gateways are to send for them."""
        ...

    @property
    def reports(self) -> ReportStore:
        """Alerts that were, for history, board and charts."""
        ...

    @property
    def permissions(self) -> PermissionStore: ...

    @property
    def attempts(self) -> AttemptStore:
        """Failed sign-ins."""
        ...

    @property
    def contacts(self) -> ContactStore: ...

    @property
    def lines(self) -> LineStore: ...

    @property
    def policies(self) -> PolicyStore: ...

    @property
    def servers(self) -> ServerStore: ...

    async def close(self) -> None: ...

    # Streams

    async def load(self, stream: StreamKey) -> Stored: ...

    async def events_after(self, stream: StreamKey, after: int) -> Sequence[bytes] | None:
        """Events ``after + 1`` and on; ``None`` if they are no longer kept, or never were."""
        ...

    async def heads(self, keys: Collection[StreamKey]) -> Mapping[StreamKey, int]:
        """The newest number of each of these streams that was ever written to."""
        ...

    async def append(self, batch: Batch) -> Mapping[StreamKey, int]:
        """Write all of it; it is on the disk when this returns.

        Returns:
            For each stream the number of the first event of the batch.

        Raises:
            TakenError: a stream is no longer where it was expected.
            StaleError: a case is no longer what its move was decided from.
            ClashError: an escalation or message with this id was there before.
        """
        ...

    async def checkpoint(self, stream: StreamKey, at: int, state: bytes | Pieces, now: float) -> None:
        """Keep the state at a number, and forget events that are too many or too old."""
        ...

    async def command_done(self, person: PersonId, command_id: str) -> bytes | None:
        """The fingerprint of a command that was carried out."""
        ...

    # People

    async def roster(self) -> Roster: ...

    async def roster_version(self) -> int:
        """Cheap; asked about once a second."""
        ...

    async def account(self, handle: str) -> Account | None: ...

    async def set_password_hash(self, person: PersonId, password_hash: str) -> None:
        """The same password, hashed anew."""
        ...

    async def account_of(self, person: PersonId) -> Account | None: ...

    async def admit(self, identity: Identity, fresh: PersonId, now: float) -> Account | None:
        """Whose identity this is; a person who has to be made for it gets the id ``fresh``. What
        that makes or changes is in the audit log."""
        ...

    async def change_password(self, person: PersonId, password_hash: str, family: str, deed: Deed) -> int:
        """Another password; every sign-in of the person ends besides ``family``: so many."""
        ...

    async def open_family(self, family: Family, token_hash: bytes) -> None: ...

    async def rotate(self, used: bytes, fresh: bytes, now: float) -> Opened | Reused | None:
        """A token (its hash) is used, and ``fresh`` takes its place; ``None`` where it is worth nothing."""
        ...

    async def standing(self, used: bytes, now: float) -> Opened | None:
        """Whose token it is while it cannot be replaced; ``None`` if it was replaced, or is worth nothing."""
        ...

    async def families(self, person: PersonId) -> Sequence[Family]:
        """Where the person is signed in, newest use first."""
        ...

    async def end_family(self, person: PersonId, family: str) -> bool:
        """Whether the person had one like that."""
        ...

    # Spaces

    async def desk(self, space: SpaceId, person: PersonId) -> Desk: ...

    async def desks(self, space: SpaceId) -> Mapping[PersonId, Desk]: ...

    async def last_space(self, person: PersonId) -> SpaceId | None:
        """Where the person was last."""
        ...

    async def save_places(
        self, space: SpaceId, places: Sequence[tuple[PersonId, Place]], at: int, by: ServerId
    ) -> bool:
        """Only while the space's stream is at number ``at``, else False: where somebody went into a zone
        since, and that is not known yet to who asks for this, the place that was written with it is the right
        one. Other servers find them with :meth:`app.server.store.servers.ServerStore.steps`."""
        ...

    async def map_document(self, map_id: MapId) -> bytes | None: ...

    async def asset(self, asset: AssetId) -> bytes | None: ...

    # Messages

    async def history(self, person: PersonId, conversation: ConversationId, before: float | None) -> Page:
        """Messages of a conversation that the person may see."""
        ...

    async def search(self, person: PersonId, text: str, before: float | None) -> Page: ...

    # Housekeeping

    async def prune(self, now: float) -> None:
        """Forget commands, sessions and events that are too old to matter."""
        ...
