"""Hello, authenticate, attach, resume, beat, acknowledge: who speaks when, as machines without I/O.

Bytes go in, typed messages come out, and what is to be sent is handed over by :meth:`outgoing`. No
socket, no clock: ``now`` (s, monotonic) is always an argument. One class for each role::

    client                          server
    Hello            ------------>
                     <------------  Welcome | Bye(protocol_version)
   (BeginSignIn      ------------>
                     <------------  SignInAt | Denied)
    SignIn | Resume
      | FinishSignIn ------------>
                     <------------  SignedIn | Denied
    Attach           ------------>
                     <------------  Attached, then Events, Places …
    Do, Ask, Walk    ------------>
                     <------------  Accepted | RefusedCommand, Reply
    Beat, Seen       ------------>
                     <------------  BeatSeen
                     <------------  Bye
"""

from __future__ import annotations

import enum
from typing import Generic, TypeVar

from app.core import wire
from app.core.beats import Beats
from app.core.errors import Code, Refusal, Refused
from app.core.events import PersonalEvent, SpaceEvent
from app.core.limits import ANSWER_AFTER, DEAD_AFTER, HEARTBEAT
from app.core.model import ALL_WORK, Frozen, PersonId, SpaceId
from app.core.wire import Position, Stream

Sent = TypeVar("Sent", wire.ClientMessage, wire.ServerMessage)

FLOW = 0.15
"""s between two frames, up to which they count as flowing."""
SELDOM = 1.5
"""s since the last acknowledgement, below which frames of positions that flow do not need another one."""


class Phase(enum.Enum):
    GREETING = "greeting"
    SIGNING_IN = "signing_in"
    ATTACHING = "attaching"
    LIVE = "live"
    CLOSED = "closed"


class _Session(Generic[Sent]):
    """What both roles share: the phase, the bytes to send, and when the other side was last heard."""

    __slots__ = ("_out", "heard_at", "phase")

    def __init__(self, now: float) -> None:
        self.phase = Phase.GREETING
        self.heard_at = now
        self._out: list[bytes] = []

    def send(self, message: Sent) -> None:
        if self.phase is not Phase.CLOSED:
            self._out.append(wire.encode(message))

    def outgoing(self) -> list[bytes]:
        """Frames to send now, in order; each is handed over once."""
        out, self._out = self._out, []
        return out

    def is_dead(self, now: float) -> bool:
        """The other side has been silent for too long (promise P5)."""
        return now - self.heard_at > DEAD_AFTER


class Folded(Frozen):
    """Events in order, each exactly once. ``first`` is the number of the first."""

    stream: Stream
    first: int
    space: tuple[SpaceEvent, ...] = ()
    personal: tuple[PersonalEvent, ...] = ()


Incoming = (
    wire.Welcome
    | wire.SignInAt
    | wire.SignedIn
    | wire.Denied
    | wire.Attached
    | wire.TurnedAway
    | Folded
    | wire.Places
    | wire.Answering
    | wire.Accepted
    | wire.RefusedCommand
    | wire.Reply
    | wire.Bye
)
"""What :meth:`ClientSession.receive` hands to the client."""


class ClientSession(_Session[wire.ClientMessage]):
    """The client's side of one connection.

    It drops events that it has, and asks again where one is missing; nobody above it ever sees a gap
    or a repetition (promises P2, P3).

    Args:
        now: monotonic, s.
        positions: up to where the streams are known from an earlier connection.
        first_beat: s until the first beat; see :class:`app.core.beats.Beats`.

    Attributes:
        reach: how alerts come through at this machine; said with each attach.
    """

    def __init__(
        self,
        now: float,
        app: str,
        positions: dict[Stream, Position] | None = None,
        first_beat: float = HEARTBEAT,
    ) -> None:
        super().__init__(now)
        self.positions: dict[Stream, Position] = dict(positions or {})
        self.space: SpaceId | None = None
        self.reach = ALL_WORK
        self._beats = Beats(now, first_beat)
        self._places = 0  # newest numbered frame of positions
        self._names: dict[int, PersonId] = {}  # whom numbers stand for in frames of positions
        self._seen: tuple[int, int, int] = (-1, -1, 0)
        self._counted_at = float("-inf")  # the newest frame that is acknowledged
        self._flowing = False  # it came soon after the one before
        self._owes = False  # an acknowledgement with the next of them
        self._said_at = float("-inf")  # the last acknowledgement
        self.send(wire.Hello(wire.PROTOCOL, app))

    def attach(self, space: SpaceId | None) -> None:
        """Enter ``space``, from where its stream is known if it is the one known."""
        if space is not None and self.space is not None and space != self.space:
            self.positions.pop(Stream.SPACE, None)
        self.phase = Phase.ATTACHING
        space_at, personal_at = self.positions.get(Stream.SPACE), self.positions.get(Stream.PERSONAL)
        self.send(wire.Attach(space, space_at, personal_at, self.reach))

    def receive(self, data: bytes, now: float) -> list[Incoming]:
        """One frame from the server.

        Raises:
            Refused: ``bad_frame``, ``out_of_turn``; the connection is to be closed.
        """
        return self.take(wire.decode_server(data), now)

    def take(self, message: wire.ServerMessage, now: float) -> list[Incoming]:
        """The same for a message that is decoded already. Raises ``out_of_turn``."""
        self.heard_at = now
        match message:
            case wire.Events():
                events = self._events(message)
                self._counted(now)
                return events
            case wire.Places():
                moved = self._moved(message)
                self._counted(now)
                return moved
            case wire.BeatSeen(n=n):
                self._beats.answered(n, now)
                return []
            case wire.Welcome() if self.phase is Phase.GREETING:
                return self._welcome(message)
            case wire.SignedIn() if self.phase is Phase.SIGNING_IN:
                self.phase = Phase.ATTACHING
            case wire.Denied() | wire.SignInAt() if self.phase is Phase.SIGNING_IN:
                pass
            case wire.Attached() if self.phase is Phase.ATTACHING:
                self._attached(message)
                self._beats.hold(now)  # the server was busy with letting us in
            case wire.TurnedAway() if self.phase is Phase.ATTACHING and self.space is not None:
                self.attach(self.space)  # what happened there meanwhile was dropped
            case wire.Bye():
                self.phase = Phase.CLOSED
            case wire.TurnedAway() | wire.Attached():
                raise Refused.of(Code.OUT_OF_TURN)
            case wire.Welcome() | wire.SignedIn() | wire.Denied() | wire.SignInAt():
                raise Refused.of(Code.OUT_OF_TURN)
            case _:
                pass
        return [message]

    def tick(self, now: float) -> None:
        """Call about once a second: beats, and acknowledges what was folded.

        While frames flow it needs no beat: they show that the server lives, and acknowledgements that this
        client does; a server that misses those stops the flow. They are sent with the next frame that comes,
        and for positions alone at each second tick. A server that has just written to a thousand then finds
        all that together and needs not wake up for each.
        """
        flows = self.phase is Phase.LIVE and self._flowing and now - self._counted_at < FLOW
        if not flows and self._beats.is_due(now) and self.phase is not Phase.GREETING:
            self.beat(now)
        if not flows or self._owes:
            self._acknowledge(now)
        elif now - self._said_at >= SELDOM or self._folded() != self._seen[:2]:
            self._owes = True

    def _counted(self, now: float) -> None:
        """A frame came that is acknowledged some time."""
        self._flowing = now - self._counted_at < FLOW
        self._counted_at = now
        if self._owes:
            self._acknowledge(now)

    def _acknowledge(self, now: float) -> None:
        self._owes = False
        if self.phase is not Phase.LIVE:
            return
        seen = (*self._folded(), self._places)
        if seen != self._seen:
            self._seen, self._said_at = seen, now
            self.send(wire.Seen(*seen))

    def beat(self, now: float, within: float = ANSWER_AFTER) -> None:
        """Ask for a sign of life now; without one the other side counts as dead after ``within`` s."""
        self.send(wire.Beat(self._beats.next(now, within)))

    def part_came(self, now: float) -> None:
        """Bytes of a frame that is not complete yet: a large one takes its time over a thin line."""
        self.heard_at = now
        self._beats.hold(now)

    def is_dead(self, now: float) -> bool:
        """Silent for too long; or, once live, a beat was not answered though something may still come."""
        return super().is_dead(now) or (self.phase is Phase.LIVE and self._beats.overdue(now))

    def _welcome(self, message: wire.Welcome) -> list[Incoming]:
        if message.protocol != wire.PROTOCOL:
            self.phase = Phase.CLOSED
            fields = {"ours": wire.PROTOCOL, "theirs": message.protocol}
            return [wire.Bye(Code.PROTOCOL_VERSION, dict(fields), retry=False)]
        self.phase = Phase.SIGNING_IN
        return [message]

    def _attached(self, message: wire.Attached) -> None:
        joined = {Stream.SPACE: message.space_at, Stream.PERSONAL: message.personal_at}
        snapshots = {Stream.SPACE: message.space, Stream.PERSONAL: message.personal}
        for stream, at in joined.items():
            if snapshots[stream] is None and self.positions.get(stream) != at:
                raise Refused.of(Code.OUT_OF_TURN)  # a silent gap
        self.space, self.positions = message.space_id, joined
        self._places = 0
        self._names.clear()
        self.phase = Phase.LIVE

    def _moved(self, message: wire.Places) -> list[Incoming]:
        """The frame with names alone, as nobody else needs to know of numbers."""
        if self.phase is not Phase.LIVE:
            return []  # of the space that is being left; what counts comes with the attach
        self._places = max(self._places, message.n)
        for number, (person, _, _) in zip(message.numbers, message.places, strict=False):
            if number:
                self._names[number] = person
        if not message.moved:
            return [message]
        try:
            named = tuple((self._names[number], x, y) for number, x, y in message.moved)
        except KeyError as error:
            raise Refused.of(Code.BAD_FRAME) from error
        return [wire.Places(message.places + named, message.n)]

    def _events(self, message: wire.Events) -> list[Incoming]:
        if self.phase is not Phase.LIVE:
            return []  # of the space that is being left; the attach that is under way covers them
        at = self.positions[message.stream]
        fresh = message.events[max(0, at.seq + 1 - message.first) :]
        if message.first > at.seq + 1:
            self.attach(self.space)
            return []
        if not fresh:
            return []
        first = at.seq + 1
        self.positions[message.stream] = Position(at.epoch, at.seq + len(fresh))
        if message.stream is Stream.SPACE:
            return [Folded(Stream.SPACE, first, space=tuple(map(wire.decode_space_event, fresh)))]
        return [Folded(Stream.PERSONAL, first, personal=tuple(map(wire.decode_personal_event, fresh)))]

    def _folded(self) -> tuple[int, int]:
        return self.positions[Stream.SPACE].seq, self.positions[Stream.PERSONAL].seq


Request = wire.BeginSignIn | wire.Credential | wire.Attach | wire.Do | wire.Walk | wire.Ask | wire.SignOut
"""What :meth:`ServerSession.receive` hands to the server."""


_NOTHING = wire.Seen(0, 0)


class ServerSession(_Session[wire.ServerMessage]):
    """The server's side of one connection: what may be said when, and how far the client has read.

    Attributes:
        seen: newest numbers that the client said it has folded.
        goodbye: why the connection is being closed, once that was said.
        progress_at: when it was last seen to read, monotonic s.
    """

    __slots__ = (
        "_behind_since",
        "_personal",
        "_places",
        "_server",
        "_space",
        "_ways",
        "goodbye",
        "progress_at",
        "seen",
    )

    def __init__(self, now: float, server: str, ways: tuple[wire.Way, ...] = ()) -> None:
        super().__init__(now)
        self._server, self._ways = server, ways
        self._space = self._personal = self._places = 0  # newest number sent
        self.seen = _NOTHING
        self.goodbye: Refusal | None = None
        self._behind_since: float | None = None
        self.progress_at = now

    def receive(self, data: bytes, now: float) -> list[Request]:
        """One frame from the client.

        Raises:
            Refused: ``bad_frame``, ``out_of_turn``; say goodbye with it and close.
        """
        return self.take(wire.decode_client(data), now)

    def take(self, message: wire.ClientMessage, now: float) -> list[Request]:
        """The same for a message that is decoded already. Raises ``out_of_turn``."""
        self.heard_at = now
        match message:
            case wire.Hello() if self.phase is Phase.GREETING:
                self._hello(message)
                return []
            case wire.Beat():
                self.send(wire.BeatSeen(message.n))
                return []
            case wire.Seen() if self.phase is Phase.LIVE:
                self.acknowledge(message, now)
                return []
            case wire.Seen() if self.phase is Phase.ATTACHING:
                return []
            case wire.BeginSignIn() | wire.SignIn() | wire.Resume() | wire.FinishSignIn() if (
                self.phase is Phase.SIGNING_IN
            ):
                return [message]
            case wire.Attach() | wire.SignOut() if self.phase in (Phase.ATTACHING, Phase.LIVE):
                return [message]
            case wire.Ask() if self.phase in (Phase.ATTACHING, Phase.LIVE):
                return [message]
            case wire.Do() | wire.Walk() if self.phase is Phase.LIVE:
                return [message]
            case _:
                raise Refused.of(Code.OUT_OF_TURN)

    def signed_in(self, message: wire.SignedIn) -> None:
        self.send(message)
        self.phase = Phase.ATTACHING

    def attached(self, message: wire.Attached, *, send: bool = True) -> None:
        """``send=False``: whoever calls this sends it, as it is in pieces."""
        if send:
            self.send(message)
        self.phase = Phase.LIVE
        self._space, self._personal, self._places = message.space_at.seq, message.personal_at.seq, 0
        self.seen = wire.Seen(self._space, self._personal)
        self._behind_since = None

    def note_sent(self, stream: Stream, last: int, at: float) -> None:
        """Events up to number ``last`` were written to the connection.

        Args:
            at: when, s; it may be noted a while later.
        """
        if stream is Stream.SPACE:
            self._space = max(self._space, last)
            self._wait_from(at, self.seen.space >= last)
        else:
            self._personal = max(self._personal, last)
            self._wait_from(at, self.seen.personal >= last)

    def note_places(self, n: int, at: float) -> None:
        """Frames of positions up to number ``n`` were written, like :meth:`note_sent`."""
        self._places = max(self._places, n)
        self._wait_from(at, self.seen.places >= n)

    def note_progress(self, now: float) -> None:
        """The client has taken bytes that had to wait for it: slow, and not stalled."""
        self.progress_at = now
        if self._behind_since is not None:
            self._behind_since = now

    def excuse(self, seconds: float, now: float) -> None:
        """The server itself was late by so much: it heard nobody, and that counts against nobody.

        What has come since it goes on is as new as it is: no moment is moved beyond ``now``.
        """
        self.heard_at = min(self.heard_at + seconds, now)
        if self._behind_since is not None:
            self._behind_since = min(self._behind_since + seconds, now)

    @property
    def waits(self) -> bool:
        """Something that was sent was not acknowledged yet."""
        return self._behind_since is not None

    def behind_for(self, now: float) -> float:
        """s since the client last made progress while something sent was not acknowledged."""
        return 0.0 if self._behind_since is None else now - self._behind_since

    def _wait_from(self, at: float, acknowledged: bool) -> None:
        if self._behind_since is None and not acknowledged:
            self._behind_since = max(at, self.progress_at)

    def bye(self, code: Code, *, retry: bool = True, **fields: str | int) -> None:
        """Say the last word; nothing is sent afterwards."""
        self.send(wire.Bye(code, fields, retry))
        self.goodbye = self.goodbye or Refusal(code, fields)
        self.phase = Phase.CLOSED

    def _hello(self, message: wire.Hello) -> None:
        if message.protocol != wire.PROTOCOL:
            self.bye(Code.PROTOCOL_VERSION, retry=False, ours=message.protocol, theirs=wire.PROTOCOL)
            return
        self.send(wire.Welcome(wire.PROTOCOL, self._server, self._ways))
        self.phase = Phase.SIGNING_IN

    def acknowledge(self, seen: wire.Seen, now: float) -> None:
        """What :meth:`take` does with the most frequent message of all while live."""
        self.heard_at = self.progress_at = now
        self.seen = seen
        done = seen.places >= self._places and seen.space >= self._space and seen.personal >= self._personal
        self._behind_since = None if done else now
