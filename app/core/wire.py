"""Messages <-> bytes: one msgpack map per WebSocket frame, with a version and limits.

An event is encoded once, when it is stored; the same bytes go to everybody (:class:`msgspec.Raw`).
"""

from __future__ import annotations

import enum
from typing import Annotated, NewType, TypeVar

import msgspec

from app.core.commands import Command
from app.core.errors import Code, Fields, Refused
from app.core.events import PersonalEvent, SpaceEvent
from app.core.limits import CLIENT_FRAME_BYTES, SERVER_FRAME_BYTES
from app.core.lines import CustomerId
from app.core.model import (
    ALL_WORK,
    Frozen,
    Person,
    PersonId,
    Reach,
    Space,
    SpaceId,
)
from app.core.person import PersonSnapshot
from app.core.questions import Query, Result, Secret, Short
from app.core.space import SpaceSnapshot

PROTOCOL = 4
"""Raised when an older program could misunderstand; both versions are told when they differ."""

Token = NewType("Token", str)
Pixel = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
ClientId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""An id that the client makes: a UUID or the like."""


class Stream(enum.StrEnum):
    """The two kinds of numbered streams a connection follows."""

    SPACE = "space"
    PERSONAL = "personal"


class Position(Frozen, array_like=True):
    """Up to where a stream is known. A new database begins a new epoch."""

    epoch: str
    seq: int


# From the client


class Hello(Frozen, tag="hello"):
    """First frame of a connection."""

    protocol: int
    app: Short = ""


class BeginSignIn(Frozen, tag="begin_sign_in"):
    """Ask where to send the browser for one of the :class:`Way` of ``Welcome``; answered by ``SignInAt``.

    The answer holds for some minutes, whatever happens to this connection.

    Attributes:
        redirect: where the provider sends the browser afterwards: ``http://127.0.0.1:port/…``.
        challenge: SHA-256 of the client's verifier, base64url (PKCE).
        state: made by the client; comes back with the browser.
    """

    way: Short
    redirect: Short
    challenge: Short
    state: Short


class FinishSignIn(Frozen, tag="finish_sign_in"):
    """With the code that the browser brought; ``ticket`` and ``verifier`` prove who began."""

    ticket: Annotated[str, msgspec.Meta(max_length=4096)]
    code: Annotated[str, msgspec.Meta(max_length=4096)]
    verifier: Short
    device: Short = ""


class SignIn(Frozen, tag="sign_in"):
    """With a password. ``device`` names the machine in the list of one's devices."""

    handle: Short
    password: Secret
    device: Short = ""


class Resume(Frozen, tag="resume"):
    """With the token that an earlier sign-in gave. Never in a URL.

    The answer brings another one; this one is worth nothing once that was used.
    """

    token: Token


class Attach(Frozen, tag="attach"):
    """Enter a space and follow both streams from where they are known; ``None`` asks for a snapshot.

    ``space=None`` means the last one the person was in, else their first. ``reach`` is how alerts come
    through at this machine; while attached, ``ReportChannels`` says what becomes of it.
    """

    space: SpaceId | None = None
    space_at: Position | None = None
    personal_at: Position | None = None
    reach: Reach = ALL_WORK


class Do(Frozen, tag="do"):
    """A command; the id is made by the client and sending it again does nothing twice."""

    id: ClientId
    command: Command


class Walk(Frozen, tag="walk"):
    """Where my avatar is, px; at most ``limits.MOVES_PER_SECOND``, unnumbered and unanswered."""

    x: Pixel
    y: Pixel


class Ask(Frozen, tag="ask"):
    id: ClientId
    query: Query


class Seen(Frozen, tag="seen"):
    """Everything up to these numbers is folded here; shows the server a reader that has stopped.

    Attributes:
        places: ``n`` of the newest :class:`Places`.
    """

    space: int
    personal: int
    places: int = 0


class Beat(Frozen, tag="beat"):
    n: int


class SignOut(Frozen, tag="sign_out"):
    """End the session; its token is worth nothing afterwards."""


Credential = SignIn | Resume | FinishSignIn
"""What a person is let in for."""
ClientMessage = Hello | BeginSignIn | Credential | Attach | Do | Walk | Ask | Seen | Beat | SignOut

# From the server


class Way(Frozen):
    """A way to sign in besides the password: at a provider's page, in the browser.

    Attributes:
        name: of the provider, as people know it.
    """

    id: str
    name: str


class Welcome(Frozen, tag="welcome"):
    protocol: int
    server: str = ""
    ways: tuple[Way, ...] = ()


class SignInAt(Frozen, tag="sign_in_at"):
    """The page to open in the browser; ``ticket`` is to be shown again at the end."""

    url: str
    ticket: str


class SignedIn(Frozen, tag="signed_in"):
    """Attributes:
    token: for the next connection; kept in the system's secret store.
    spaces: those this person may enter.
    now: server time, s; clients show elapsed times with it.
    """

    me: Person
    token: Token
    spaces: tuple[Space, ...]
    now: float


class Attached(Frozen, tag="attached"):
    """Both streams join here. A snapshot is sent where the missing events could not be.

    Events after the given positions follow in :class:`Events`. ``resync`` names the streams that the client
    knew and that cannot go on from there: what was missed is no longer kept, or the database is a new one.
    """

    space_id: SpaceId
    space_at: Position
    personal_at: Position
    space: SpaceSnapshot | None = None
    personal: PersonSnapshot | None = None
    places: tuple[tuple[PersonId, int, int], ...] = ()
    resync: tuple[Stream, ...] = ()


class TurnedAway(Frozen, tag="turned_away"):
    """The space that was asked for cannot be entered; the person is still in the one before."""

    code: Code
    fields: Fields = msgspec.field(default_factory=dict)


class Events(Frozen, tag="events"):
    """Events number ``first``, ``first + 1`` … of a stream, as they were stored."""

    stream: Stream
    first: int
    events: tuple[msgspec.Raw, ...]


class Places(Frozen, tag="places"):
    """Who is where now, px. Only those who moved since the last of these.

    A person is named once on a connection; from then on a number stands for them, which is a quarter of the
    bytes. :class:`app.core.session.ClientSession` puts the names back.

    Attributes:
        n: number of this frame in its space, acknowledged by :class:`Seen`; 0 for one that is not counted.
        places: by name.
        numbers: for each of ``places``, what stands for that person in ``moved`` from now on; 0: nothing.
            May be left out altogether.
        moved: by number.
    """

    places: tuple[tuple[PersonId, int, int], ...] = ()
    n: int = 0
    numbers: tuple[int, ...] = ()
    moved: tuple[tuple[int, int, int], ...] = ()


class Answering(Frozen, tag="answering"):
    """A colleague is writing to a customer just now; passing, unnumbered."""

    talk: CustomerId
    person: PersonId


class Accepted(Frozen, tag="accepted"):
    """Stored. Said only after the commit."""

    id: str


class RefusedCommand(Frozen, tag="refused"):
    id: str
    code: Code
    fields: Fields = msgspec.field(default_factory=dict)


class Reply(Frozen, tag="reply"):
    """The answer to the :class:`Ask` with this id."""

    id: str
    result: Result


class BeatSeen(Frozen, tag="beat_seen"):
    n: int


class Bye(Frozen, tag="bye"):
    """The last frame before the server closes. ``retry`` says whether trying again makes sense."""

    code: Code
    fields: Fields = msgspec.field(default_factory=dict)
    retry: bool = True


class Denied(Frozen, tag="denied"):
    """Signing in was refused; another attempt on this connection is allowed."""

    code: Code
    fields: Fields = msgspec.field(default_factory=dict)


ServerMessage = (
    Welcome
    | SignInAt
    | SignedIn
    | Attached
    | TurnedAway
    | Events
    | Places
    | Answering
    | Accepted
    | RefusedCommand
    | Reply
    | BeatSeen
    | Bye
    | Denied
)

_encoder = msgspec.msgpack.Encoder()
_client: msgspec.msgpack.Decoder[ClientMessage] = msgspec.msgpack.Decoder(ClientMessage)
_server: msgspec.msgpack.Decoder[ServerMessage] = msgspec.msgpack.Decoder(ServerMessage)
_space_event: msgspec.msgpack.Decoder[SpaceEvent] = msgspec.msgpack.Decoder(SpaceEvent)
_personal_event: msgspec.msgpack.Decoder[PersonalEvent] = msgspec.msgpack.Decoder(PersonalEvent)

_HOSTILE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError)
"""What msgspec raises on bytes that are no message of ours; the last three on hostile ones."""

T = TypeVar("T")


def encode(message: ClientMessage | ServerMessage | SpaceEvent | PersonalEvent) -> bytes:
    return _encoder.encode(message)


def decode_client(data: bytes) -> ClientMessage:
    """What a client sent.

    Raises:
        Refused: ``bad_frame``, whatever is wrong with the bytes.
    """
    return decode(_client, data, CLIENT_FRAME_BYTES)


def decode_server(data: bytes) -> ServerMessage:
    """What a server sent. Raises like :func:`decode_client`."""
    return decode(_server, data, SERVER_FRAME_BYTES)


def decode_space_event(data: bytes | msgspec.Raw) -> SpaceEvent:
    """One stored event of a space's stream. Raises like :func:`decode_client`."""
    return decode(_space_event, data, SERVER_FRAME_BYTES)


def decode_personal_event(data: bytes | msgspec.Raw) -> PersonalEvent:
    """One stored event of a personal stream. Raises like :func:`decode_client`."""
    return decode(_personal_event, data, SERVER_FRAME_BYTES)


def decode(decoder: msgspec.msgpack.Decoder[T], data: bytes | msgspec.Raw, limit: int) -> T:
    """Raises Refused ``bad_frame``, whatever is wrong with the bytes, or beyond ``limit`` of them."""
    if memoryview(data).nbytes > limit:
        raise Refused.of(Code.BAD_FRAME)
    try:
        return decoder.decode(data)
    except _HOSTILE as error:
        raise Refused.of(Code.BAD_FRAME) from error
