"""A server for one space in memory: the real sessions, wire and rules, and faults on demand."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from app.core import maps, questions, wire
from app.core.commands import LeaveSpace
from app.core.errors import Code, Refusal, Refused
from app.core.events import SpaceEvent
from app.core.model import AssetId, PersonId, Place
from app.core.scene import Decision
from app.core.session import ServerSession
from app.core.wire import Position, Stream
from app.net.address import ServerAddress
from app.net.problems import ConnectionProblem, Trouble
from tests.helpers.clock import FakeClock
from tests.helpers.office import Office

PASSWORD = "right"


class Peer:
    """One connection; to the client it is its :class:`app.net.connection.Connection`.

    Attributes:
        dead: a half-open link: what is sent disappears, nothing comes, nobody is told.
        deaf: half of that: what is sent disappears, and everything else still comes.
        received: bytes that came to the client; a test adds those of a frame that is still on its way.
    """

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.session = ServerSession(server.clock.monotonic(), "scripted", server.ways)
        self.person: PersonId | None = None
        self.attached = False
        self.dead = self.deaf = False
        self.received = 0
        self.closed = False
        self._frames: asyncio.Queue[bytes | None] = asyncio.Queue()
        if server.turned_away is not None:
            self.session.send(server.turned_away)
            self.flush()

    async def send(self, frame: bytes) -> None:
        if self.closed:
            raise ConnectionProblem(Trouble.LOST)
        if self.dead or self.deaf:
            return
        for request in self.session.receive(frame, self.server.clock.monotonic()):
            self.server.handle(self, request)
        self.flush()

    async def receive(self) -> bytes:
        frame = None if self.closed else await self._frames.get()
        if frame is None:
            raise ConnectionProblem(Trouble.LOST)
        return frame

    async def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if not self.closed:
            self.closed = True
            self._frames.put_nowait(None)
            self.server.gone(self)

    def flush(self) -> None:
        for frame in self.session.outgoing():
            if not (self.dead or self.closed):
                self.received += len(frame)
                self._frames.put_nowait(frame)

    def push(self, message: wire.ServerMessage) -> None:
        self.session.send(message)
        self.flush()

    def bye(self, code: Code, *, retry: bool) -> None:
        self.session.bye(code, retry=retry)
        self.flush()


class ScriptedServer:
    """Give ``server.connect`` to a client.

    Attributes:
        problem: while set, nobody can connect.
        stuck: so many attempts to connect hang for good.
        turned_away: while set, the only thing that who connects hears.
        answering: while False, commands are carried out and the answers are lost.
        busy: so many commands are refused as too fast.
        full: while True, nothing can be stored.
        deaf: while True, commands are neither carried out nor answered.
        commands: the ids of commands that arrived, in order, with repetitions.
        asked: every question that arrived.
        attaches: every ``Attach`` that arrived.
        tokens: who may come with which token.
        ways, codes: ways in through a provider, and who may come with which code.
        kept: number of newest events of each stream that a resume can be served from.
    """

    def __init__(self, clock: FakeClock, office: Office | None = None) -> None:
        self.clock = clock
        self.office = office or Office()
        self.map = self.office.walk.map
        self.damaged = False
        self.files: dict[AssetId, bytes] = {}
        self.epoch = "e1"
        self.problem: ConnectionProblem | None = None
        self.stuck = 0
        self.turned_away: wire.Bye | None = None
        self.answering = True
        self.deaf = False
        self.busy = 0
        self.full = False
        self.kept = 1000
        self.commands: list[str] = []
        self.asked: list[questions.Query] = []
        self.attaches: list[wire.Attach] = []
        self.signed_in: list[wire.Credential] = []
        self.ways: tuple[wire.Way, ...] = ()
        self.codes: dict[str, PersonId] = {}
        self.walks: list[Place] = []
        self.tokens: dict[wire.Token, PersonId] = {}
        self.peers: list[Peer] = []
        self.connections = 0
        self._space: list[bytes] = []
        self._personal: defaultdict[PersonId, list[bytes]] = defaultdict(list)
        self._outcomes: dict[str, Refusal | None] = {}

    async def connect(self, address: ServerAddress) -> Peer:
        self.connections += 1
        if self.stuck > 0:
            self.stuck -= 1
            await asyncio.Event().wait()
        if self.problem is not None:
            raise self.problem
        peer = Peer(self)
        self.peers.append(peer)
        return peer

    @property
    def executed(self) -> set[str]:
        """Commands that did what they ask for."""
        return {command for command, refusal in self._outcomes.items() if refusal is None}

    @property
    def peer(self) -> Peer:
        """The newest connection that is open."""
        return self.peers[-1]

    def gone(self, peer: Peer) -> None:
        if peer in self.peers:
            self.peers.remove(peer)

    # What clients ask for

    def handle(self, peer: Peer, request: object) -> None:
        match request:
            case wire.SignIn() | wire.Resume() | wire.FinishSignIn():
                self._sign_in(peer, request)
            case wire.BeginSignIn():
                page = f"https://login.example.com/?state={request.state}&back={request.redirect}"
                peer.push(wire.SignInAt(page, "ticket"))
            case wire.Attach():
                self._attach(peer, request)
            case wire.Do():
                self._do(peer, request)
            case wire.Walk(x=x, y=y):
                self._walk(peer, Place(x, y))
            case wire.Ask():
                self._ask(peer, request)
            case wire.SignOut():
                assert peer.person is not None
                self.act(peer.person, LeaveSpace())
                self.tokens = {t: p for t, p in self.tokens.items() if p != peer.person}
                peer.bye(Code.SIGNED_OUT, retry=False)

    def _sign_in(self, peer: Peer, request: wire.Credential) -> None:
        self.signed_in.append(request)
        if isinstance(request, wire.SignIn):
            handles = {p.handle: p.id for p in self.office.space.people.values()}
            person = handles.get(request.handle) if request.password == PASSWORD else None
            code = Code.WRONG_CREDENTIALS
        elif isinstance(request, wire.FinishSignIn):
            person, code = self.codes.get(request.code), Code.NOT_ADMITTED
        else:
            person, code = self.tokens.get(request.token), Code.SIGNED_OUT
        if person is None:
            peer.push(wire.Denied(code))
            return
        peer.person = person
        token = wire.Token(f"token-{person}-{len(self.signed_in)}")
        self.tokens[token] = person
        me, space = self.office.space.people[person], self.office.space.space
        peer.session.signed_in(wire.SignedIn(me, token, (space,), self.office.now))

    def _attach(self, peer: Peer, request: wire.Attach) -> None:
        assert peer.person is not None
        self.attaches.append(request)
        self.office.online.add(peer.person)
        if peer.person not in self.office.space.occupants:
            self.office.enter(peer.person)
        state, mine = self.office.space, self.office.persons[peer.person]
        whole_space = not self._can_resume(request.space_at, self._space)
        whole_person = not self._can_resume(request.personal_at, self._personal[peer.person])
        here, own = len(self._space), len(self._personal[peer.person])
        space_at = Position(self.epoch, here) if whole_space else request.space_at
        personal_at = Position(self.epoch, own) if whole_person else request.personal_at
        assert space_at is not None
        assert personal_at is not None
        places = tuple((person, place.x, place.y) for person, place in state.places.items())
        peer.session.attached(
            wire.Attached(
                state.space.id,
                space_at,
                personal_at,
                state.snapshot() if whole_space else None,
                mine.snapshot() if whole_person else None,
                places,
            )
        )
        peer.attached = True
        self._send_events(peer, Stream.SPACE, space_at.seq, self._space)
        self._send_events(peer, Stream.PERSONAL, personal_at.seq, self._personal[peer.person])

    def _can_resume(self, at: Position | None, stored: list[bytes]) -> bool:
        return at is not None and at.epoch == self.epoch and len(stored) - self.kept <= at.seq <= len(stored)

    def _do(self, peer: Peer, request: wire.Do) -> None:
        assert peer.person is not None
        self.commands.append(request.id)
        if self.deaf:
            return
        if self.busy > 0:
            self.busy -= 1
            peer.session.send(wire.RefusedCommand(request.id, Code.TOO_FAST))
            return
        if self.full:
            refused = wire.RefusedCommand(request.id, Code.STORE_FAILED, {"reason": "disk full"})
            peer.session.send(refused)
            return
        if request.id not in self._outcomes:
            outcome = self.office.do(peer.person, request.command, request.id)
            self._outcomes[request.id] = outcome if isinstance(outcome, Refusal) else None
            if isinstance(outcome, Decision):
                self.publish(outcome)
        if self.answering:
            refusal = self._outcomes[request.id]
            answer = wire.RefusedCommand(request.id, refusal.code, refusal.fields) if refusal else None
            peer.session.send(answer or wire.Accepted(request.id))

    def _walk(self, peer: Peer, to: Place) -> None:
        assert peer.person is not None
        self.walks.append(to)
        outcome = self.office.walk_person(peer.person, to)
        if isinstance(outcome, Decision):
            self.publish(outcome)
        at = self.office.space.places[peer.person]
        for other in self.peers:
            if other.attached:
                other.push(wire.Places(((peer.person, at.x, at.y),)))

    def _ask(self, peer: Peer, request: wire.Ask) -> None:
        self.asked.append(request.query)
        match request.query:
            case questions.GetMap():
                peer.session.send(
                    wire.Reply(
                        request.id, questions.Blob(b"damaged" if self.damaged else maps.encode(self.map))
                    )
                )
            case questions.GetAsset(asset=asset) if asset in self.files:
                peer.session.send(wire.Reply(request.id, questions.Blob(self.files[asset])))
            case questions.GetAsset():
                peer.session.send(wire.RefusedCommand(request.id, Code.NOT_FOUND))
            case _:
                peer.session.send(wire.Reply(request.id, questions.Found()))

    # What happens

    def act(self, person: PersonId, command: object, command_id: str = "") -> Decision:
        """Somebody without a client does something."""
        outcome = self.office.do(person, command, command_id)  # type: ignore[arg-type]  # any command
        if isinstance(outcome, Refusal):
            raise Refused(outcome)
        self.publish(outcome)
        return outcome

    def publish(self, decision: Decision) -> None:
        """Store and tell what was already folded by the office."""
        self._store(Stream.SPACE, self._space, map(wire.encode, decision.space), None)
        for person, event in decision.personal:
            self._store(Stream.PERSONAL, self._personal[person], (wire.encode(event),), person)

    def publish_event(self, event: SpaceEvent) -> None:
        self.office.space.apply(event)
        self.publish(Decision((event,)))

    def _store(
        self, stream: Stream, stored: list[bytes], new: Iterable[bytes], person: PersonId | None
    ) -> None:
        before = len(stored)
        stored += new
        for peer in self.peers:
            if peer.attached and person in (None, peer.person):
                self._send_events(peer, stream, before, stored)
                peer.flush()

    def _send_events(self, peer: Peer, stream: Stream, after: int, stored: list[bytes]) -> None:
        if len(stored) > after:
            raw = tuple(msgspec.Raw(event) for event in stored[after:])
            peer.session.send(wire.Events(stream, after + 1, raw))
