"""One WebSocket <-> one session: frames in, requests carried out in order, frames out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection

from app.core import questions, wire
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, ReportRung
from app.core.errors import Code, Refusal, Refused
from app.core.model import Device, DeviceId, Person, PersonId, Place
from app.core.session import Phase, Request, ServerSession
from app.server.audience import AT_ONCE
from app.server.auth import Auth, Entry
from app.server.capacity import Door
from app.server.clock import Clock
from app.server.config import Tuning
from app.server.hub import Hub
from app.server.link import CLOSED_QUIETLY, Link, Peer
from app.server.pace import Pace, Paces
from app.server.presence import Attendance
from app.server.rungs import Rungs
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store, StoreError
from app.server.ways import Ways
from app.server.wire_out import WebSocketPeer
from app.tasks import Tasks

log = logging.getLogger(__name__)

URGENT = (RaiseEscalation, AnswerEscalation, EndEscalation)
"""What positions wait for."""


class Gateway:
    """All connections of this process.

    Attributes:
        name: of the program and its version, as clients are told.
    """

    def __init__(
        self,
        *,
        name: str,
        store: Store,
        auth: Auth,
        ways: Ways,
        spaces: Spaces,
        service: Service,
        attendance: Attendance,
        hub: Hub,
        rungs: Rungs,
        clock: Clock,
        tuning: Tuning,
        door: Door,
        tasks: Tasks,
    ) -> None:
        self.name = name
        self.store, self.auth, self.ways, self.spaces = store, auth, ways, spaces
        self.service, self.attendance, self.hub = service, attendance, hub
        self.rungs, self.clock, self.tuning, self.tasks = rungs, clock, tuning, tasks
        self.stopping = False
        self._door = door
        self._talks: dict[Link, _Talk] = {}
        self.paces = Paces()
        self._nobody = asyncio.Event()
        self._nobody.set()
        hub.on_step(self._step)

    async def handle(self, connection: ServerConnection) -> None:
        """One connection from its first frame to its end."""
        await self.serve(WebSocketPeer(connection))

    async def serve(self, peer: Peer) -> None:
        talk = _Talk(self, peer)
        self._talks[talk.link] = talk
        self._nobody.clear()
        peer.listen_early(talk.hear)
        address = peer.address
        refusal = self._door.enter(address)
        if refusal is not None:
            talk.link.bye(refusal.code, retry=True, **refusal.fields)
        try:
            await talk.listen()
        finally:
            if talk.link.session.phase is not Phase.CLOSED:
                talk.link.abort()
            del self._talks[talk.link]
            self._door.leave(address)
            talk.over()
            if not self.stopping:
                await self.attendance.detach(talk.link)
            await talk.link.written()
            if not self._talks:
                self._nobody.set()

    def look(self) -> None:
        """Break connections that are dead, late with their first frames, or no longer reading.

        Call about once a second. Many are looked at in turns, between which the loop may do something else.
        """
        self.hub.begin_look()
        self._look_at_some(list(self._talks.values()))

    def _look_at_some(self, talks: list[_Talk]) -> None:
        now = self.clock.monotonic()
        for talk in talks[:AT_ONCE]:
            if talk.link in self._talks:
                self._look_at(talk, now)
        if len(talks) > AT_ONCE:
            asyncio.get_running_loop().call_soon(self._look_at_some, talks[AT_ONCE:])

    def _look_at(self, talk: _Talk, now: float) -> None:
        link, session = talk.link, talk.link.session
        self.hub.look_at(link, now)
        link.look(now)
        if session.is_dead(now) and not talk.busy:
            log.info("%s is silent; the connection is broken", link.person or "a client")
            link.abort()
        elif session.phase is Phase.LIVE and session.behind_for(now) > self.tuning.behind:
            log.info("%s makes no progress; the connection is broken", link.person)
            link.abort()
        elif session.phase is Phase.CLOSED:
            # Goodbye was said; a peer that does not take it is not waited for.
            if now - talk.said_bye_at(now) > self.tuning.drain:
                link.abort()
        elif now - talk.began > self.tuning.first_frames and link.person is None and not talk.busy:
            link.bye(Code.TOO_SLOW)

    def show_out(self) -> None:
        """Close the connections of whoever was removed, disabled or signed out meanwhile."""
        roster = self.spaces.roster
        for link in list(self._talks):
            person = link.person
            if person is None or link.session.phase is Phase.CLOSED:
                continue
            if roster.credentials.get(person, link.credentials + 1) > link.credentials:
                link.bye(Code.SIGNED_OUT, retry=False)
            elif link.space is not None and person not in roster.members.get(link.space, ()):
                link.bye(Code.NOT_FOUND)

    def sign_out(self, ended: Callable[[Link], bool], code: Code = Code.SIGNED_OUT) -> None:
        """Close the connections whose sign-in has ended."""
        for link in list(self._talks):
            if link.family and ended(link) and link.session.phase is not Phase.CLOSED:
                link.bye(code, retry=False)

    def _step(self, link: Link, to: Place) -> None:
        """Once a tick: where a client says its avatar is."""
        talk = self._talks.get(link)
        if talk is not None and not self.service.step(link, to):
            talk.cross(to)

    async def stop(self) -> None:
        """Say goodbye to everybody; who does not take it in time is cut off."""
        self.stopping = True
        for link in list(self._talks):
            if link.session.phase is not Phase.CLOSED:
                link.bye(Code.SERVER_STOPPING)
        try:
            async with asyncio.timeout(self.tuning.drain):
                await self._nobody.wait()
        except TimeoutError:
            log.info("%d clients did not take the goodbye", len(self._talks))
        for link in list(self._talks):
            link.abort()


class _Talk:
    """One client's conversation."""

    __slots__ = ("_bye_at", "_crossing", "_gateway", "_pace", "_peer", "began", "busy", "link")

    def __init__(self, gateway: Gateway, peer: Peer) -> None:
        self._gateway, self._peer = gateway, peer
        self.began = gateway.clock.monotonic()
        self.busy = False  # with a request; what the client says meanwhile is not read yet
        self._bye_at: float | None = None
        self._crossing: asyncio.Task[None] | None = None
        self._pace = Pace(self.began)
        self.link = Link(
            peer,
            ServerSession(self.began, gateway.name, gateway.ways.offered),
            gateway.clock,
            gateway.tuning.queue,
            gateway.rungs.sent,
            gateway.tasks,
        )

    def said_bye_at(self, now: float) -> float:
        """When it was first seen that goodbye was said, monotonic s."""
        if self._bye_at is None:
            self._bye_at = now
        return self._bye_at

    def hear(self, data: bytes) -> bool:
        """Take what needs no waiting, unless something that came before it is not done yet.

        Positions and acknowledgements are nearly all that comes, and waking a task for each would cost more
        than they do.
        """
        session, now = self.link.session, self._gateway.clock.monotonic()
        if self.busy or self._crossing is not None or session.phase is not Phase.LIVE:
            return False
        try:
            message = wire.decode_client(data)
        except Refused:
            return False
        match message:
            case wire.Seen() if self._pace.signs.take(now):
                session.acknowledge(message, now)
            case wire.Walk() if self._pace.walks.take(now):
                session.take(message, now)
                self._gateway.hub.step(self.link, Place(message.x, message.y))
            case wire.Beat() if self._pace.signs.take(now):
                session.take(message, now)
                self.link.flush()
            case _:
                return False
        return True

    def cross(self, to: Place) -> None:
        """Go into or out of a zone. That is written down, and what the client says next waits for it."""
        self._crossing = self._gateway.tasks.spawn(self._cross(to), name=f"walk of {self.link.person}")

    async def _cross(self, to: Place) -> None:
        try:
            await self._gateway.service.walk(self.link, to)
        finally:
            self._crossing = None

    async def _arrive(self) -> None:
        """Be where the client said last, before anything else is done."""
        if self._crossing is not None:
            await asyncio.wait({self._crossing})
        to = self._gateway.hub.take_step(self.link)
        if to is not None:
            await self._gateway.service.walk(self.link, to)

    async def listen(self) -> None:
        session = self.link.session
        while True:
            try:
                data = await self._peer.recv()
            except CLOSED_QUIETLY:
                return
            if session.phase is Phase.CLOSED:
                continue  # goodbye is on its way; the end of the connection follows
            try:
                if isinstance(data, str):
                    raise Refused.of(Code.BAD_FRAME)  # nothing of ours is text
                now = self._gateway.clock.monotonic()
                requests = session.receive(data, now)
                if not requests and not self._pace.signs.take(now):
                    raise Refused.of(Code.TOO_FAST)  # there is nothing in it to refuse
                self.link.flush()
                self.busy = True
                await self._arrive()
                for request in requests:
                    await self._carry_out(request)
            except Refused as refused:
                self._goodbye(refused.refusal)
            except StoreError as error:
                self._goodbye(Refusal(Code.STORE_FAILED, {"reason": error.reason}))
            except Exception:
                log.exception("a request of %s failed", self.link.person)
                self._goodbye(Refusal(Code.INTERNAL))
            finally:
                if self.busy:
                    self.busy = False
                    session.heard_at = self._gateway.clock.monotonic()

    def _goodbye(self, refusal: Refusal) -> None:
        final = (Code.NO_SPACE, Code.NOT_FOUND, Code.BAD_FRAME, Code.OUT_OF_TURN)
        self.link.bye(refusal.code, retry=refusal.code not in final, **refusal.fields)

    async def _carry_out(self, request: Request) -> None:
        now = self._gateway.clock.monotonic()
        match request:
            case wire.Walk():
                if self._pace.walks.take(now):
                    await self._gateway.service.walk(self.link, Place(request.x, request.y))
                else:
                    self._too_fast(now)
            case wire.Do():
                if self._pace.commands.take(now):
                    await self._do(request)
                else:
                    self._too_fast(now, request.id)
            case wire.Ask():
                if self._pace.queries.take(now):
                    await self._ask(request)
                else:
                    self._too_fast(now, request.id)
            case wire.SignIn() | wire.Resume() | wire.FinishSignIn() | wire.BeginSignIn():
                if not self._pace.sign_ins.take(now):
                    self._deny(Refusal(Code.TOO_FAST))
                elif isinstance(request, wire.BeginSignIn):
                    await self._begin_sign_in(request)
                else:
                    await self._sign_in(request)
            case wire.Attach():
                if not self._pace.attaches.take(now):
                    raise Refused.of(Code.TOO_FAST)
                await self._attach(request)
            case wire.SignOut():
                await self._sign_out()

    async def _attach(self, request: wire.Attach) -> None:
        try:
            await self._gateway.attendance.attach(self.link, request)
        except Refused as refused:
            refusal = refused.refusal
            if refusal.code is not Code.SPACE_FULL or self.link.space is None:
                raise
            self.link.session.send(wire.TurnedAway(refusal.code, refusal.fields))
            self.link.flush()

    def _too_fast(self, now: float, request: str | None = None) -> None:
        if self._pace.flooding(now):
            raise Refused.of(Code.TOO_FAST)
        if request is not None:
            self._answer(request, Refusal(Code.TOO_FAST))

    async def _do(self, request: wire.Do) -> None:
        if isinstance(request.command, ReportRung):
            # Reports wait to be written together; what the person does meanwhile shall not wait with them.
            self._gateway.tasks.spawn(self._execute(request), name=f"report of {self.link.person}")
        else:
            await self._execute(request)

    async def _execute(self, request: wire.Do) -> None:
        with self._gateway.hub.urgent(self.link.space if isinstance(request.command, URGENT) else None):
            refusal = await self._gateway.service.do(self.link, request.id, request.command)
            self._answer(request.id, refusal)

    def _answer(self, request: str, refusal: Refusal | None) -> None:
        self._gateway.hub.settle(self.link.space)  # what was done is seen before it is confirmed
        if refusal is None:
            self.link.session.send(wire.Accepted(request))
        else:
            self.link.session.send(wire.RefusedCommand(request, refusal.code, refusal.fields))
        self.link.flush()

    async def _ask(self, request: wire.Ask) -> None:
        try:
            result = await self._result(request.query)
        except Refused as refused:
            self._answer(request.id, refused.refusal)
            return
        except StoreError as error:
            self._answer(request.id, Refusal(Code.STORE_FAILED, {"reason": error.reason}))
            return
        self.link.session.send(wire.Reply(request.id, result))
        self.link.flush()

    async def _result(self, query: questions.Query) -> questions.Result:
        gateway, link = self._gateway, self.link
        if not isinstance(query, questions.AccountQuery):
            return await gateway.service.ask(link, query)
        person = link.person
        assert person is not None
        match query:
            case questions.ListDevices():
                connected = {talk.family for talk in gateway._talks if talk.person == person}
                return await gateway.auth.devices(person, link.family, connected)
            case questions.ChangePassword():
                await gateway.auth.change_password(person, link.family, query, self._peer.address)
                gateway.sign_out(lambda other: other.person == person and other.family != link.family)
            case questions.EndDevice(device=device):
                if not await gateway.store.end_family(person, device):
                    raise Refused.of(Code.NOT_FOUND)
                gateway.sign_out(lambda other: other.family == device)
        return questions.Done()

    async def _sign_in(self, request: wire.Credential) -> None:
        gateway, link = self._gateway, self.link
        try:
            entry = await self._let_in(request)
            link.family = entry.family  # from here on it may be ended from elsewhere
            await gateway.spaces.refresh()
            me = self._known(entry.person)
        except Refused as refused:
            self._deny(refused.refusal)
            return
        if link.session.phase is Phase.CLOSED:
            return
        # What the person asks for counts over all their connections from here on.
        self._pace = gateway.paces.enter(me.id, gateway.clock.monotonic())
        link.person, link.device = me.id, Device(DeviceId(entry.family), entry.device)
        link.credentials = gateway.spaces.roster.credentials[me.id]
        spaces = gateway.spaces.roster.spaces_of(me.id)
        link.session.signed_in(wire.SignedIn(me, entry.token, spaces, gateway.clock.now()))
        link.flush()

    def over(self) -> None:
        """The connection has ended."""
        if self.link.person is not None:
            self._gateway.paces.leave(self.link.person)

    async def _let_in(self, request: wire.Credential) -> Entry:
        auth, address = self._gateway.auth, self._peer.address
        match request:
            case wire.SignIn():
                return await auth.sign_in(request.handle, request.password, request.device, address)
            case wire.FinishSignIn():
                auth.knock(address)
                person = await self._gateway.ways.finish(request)
                auth.welcome(address)
                return await auth.open(person, request.device)
            case wire.Resume():
                found = await auth.resume(request.token)
        if isinstance(found, Entry):
            return found
        log.warning("an outdated token was shown: all of its sign-in ends")
        self._gateway.sign_out(lambda link: link.family == found.family, Code.SESSION_REUSED)
        raise Refused.of(Code.SESSION_REUSED)

    async def _begin_sign_in(self, request: wire.BeginSignIn) -> None:
        try:
            answer = await self._gateway.ways.begin(request)
        except Refused as refused:
            self._deny(refused.refusal)
            return
        self.link.session.send(answer)
        self.link.flush()

    def _known(self, person: PersonId) -> Person:
        known = self._gateway.spaces.roster.people.get(person)
        if known is None:
            raise Refused.of(Code.SIGNED_OUT)
        return known

    def _deny(self, refusal: Refusal) -> None:
        self.link.session.send(wire.Denied(refusal.code, refusal.fields))
        self.link.flush()

    async def _sign_out(self) -> None:
        """The person leaves and the token is worth nothing any more, whatever else goes wrong."""
        person, family = self.link.person, self.link.family
        assert person is not None
        await self._gateway.store.end_family(person, family)
        await self._gateway.attendance.leave(self.link, None)
        self._gateway.sign_out(lambda link: link.family == family)
