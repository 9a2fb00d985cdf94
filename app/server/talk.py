"""One client's conversation with the server: frames in, requests carried out in order, answers out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from app.core import questions, wire
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, ReportCall, ReportRung
from app.core.errors import Code, Refusal, Refused
from app.core.model import Device, DeviceId, Person, PersonId, Place
from app.core.session import Phase, Request, ServerSession
from app.server.auth import Auth, Entry
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
from app.tasks import Tasks

log = logging.getLogger(__name__)

URGENT = (RaiseEscalation, AnswerEscalation, EndEscalation)
"""What positions wait for."""


@dataclass(frozen=True)
class Services:
    """Whom a conversation turns to.

    Attributes:
        name: of the program and its version, as clients are told.
    """

    name: str
    store: Store
    auth: Auth
    ways: Ways
    spaces: Spaces
    service: Service
    attendance: Attendance
    hub: Hub
    rungs: Rungs
    clock: Clock
    tuning: Tuning
    tasks: Tasks
    paces: Paces = field(default_factory=Paces)


class Others(Protocol):
    """All conversations of this process."""

    def families_of(self, person: PersonId) -> set[str]:
        """The sign-ins that are connected."""
        ...

    def sign_out(self, ended: Callable[[Link], bool], code: Code = Code.SIGNED_OUT) -> None:
        """Close the connections whose sign-in has ended."""
        ...


class Talk:
    """Attributes:
    busy: with a request; what the client says meanwhile is not read yet.
    """

    __slots__ = ("_bye_at", "_crossing", "_others", "_pace", "_peer", "_services", "began", "busy", "link")

    def __init__(self, services: Services, others: Others, peer: Peer) -> None:
        self._services, self._others, self._peer = services, others, peer
        self.began = services.clock.monotonic()
        self.busy = False
        self._bye_at: float | None = None
        self._crossing: asyncio.Task[None] | None = None
        self._pace = Pace(self.began)
        self.link = Link(
            peer,
            ServerSession(self.began, services.name, services.ways.offered),
            services.clock,
            services.tuning.queue,
            services.rungs.sent,
            services.tasks,
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
        session, now = self.link.session, self._services.clock.monotonic()
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
                self._services.hub.step(self.link, Place(message.x, message.y))
            case wire.Beat() if self._pace.signs.take(now):
                session.take(message, now)
                self.link.flush()
            case _:
                return False
        return True

    def cross(self, to: Place) -> None:
        """Go into or out of a zone. That is written down, and what the client says next waits for it."""
        self._crossing = self._services.tasks.spawn(self._cross(to), name=f"walk of {self.link.person}")

    async def _cross(self, to: Place) -> None:
        try:
            await self._services.service.walk(self.link, to)
        finally:
            self._crossing = None

    async def _arrive(self) -> None:
        """Be where the client said last, before anything else is done."""
        if self._crossing is not None:
            await asyncio.wait({self._crossing})
        to = self._services.hub.take_step(self.link)
        if to is not None:
            await self._services.service.walk(self.link, to)

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
                now = self._services.clock.monotonic()
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
                    session.heard_at = self._services.clock.monotonic()

    def _goodbye(self, refusal: Refusal) -> None:
        final = (Code.NO_SPACE, Code.NOT_FOUND, Code.BAD_FRAME, Code.OUT_OF_TURN)
        self.link.bye(refusal.code, retry=refusal.code not in final, **refusal.fields)

    async def _carry_out(self, request: Request) -> None:
        now = self._services.clock.monotonic()
        match request:
            case wire.Walk():
                if self._pace.walks.take(now):
                    await self._services.service.walk(self.link, Place(request.x, request.y))
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
            await self._services.attendance.attach(self.link, request)
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
        if isinstance(request.command, ReportRung | ReportCall):
            # Reports wait to be written together; what the person does meanwhile shall not wait with them.
            self._services.tasks.spawn(self._execute(request), name=f"report of {self.link.person}")
        else:
            await self._execute(request)

    async def _execute(self, request: wire.Do) -> None:
        with self._services.hub.urgent(self.link.space if isinstance(request.command, URGENT) else None):
            refusal = await self._services.service.do(self.link, request.id, request.command)
            self._answer(request.id, refusal)

    def _answer(self, request: str, refusal: Refusal | None) -> None:
        self._services.hub.settle(self.link.space)  # what was done is seen before it is confirmed
        if refusal is None:
            self.link.session.send(wire.Accepted(request))
        else:
            self.link.session.send(wire.RefusedCommand(request, refusal.code, refusal.fields))
        self.link.flush()

    async def _ask(self, request: wire.Ask) -> None:
        await self.link.room()
        try:
            result = await self._result(request.query)
        except Refused as refused:
            self._answer(request.id, refused.refusal)
            return
        except StoreError as error:
            code = Code.STORE_UNREAD if error.reading else Code.STORE_FAILED
            self._answer(request.id, Refusal(code, {"reason": error.reason}))
            return
        self.link.session.send(wire.Reply(request.id, result))
        self.link.flush()

    async def _result(self, query: questions.Query) -> questions.Result:
        services, link = self._services, self.link
        if not isinstance(query, questions.AccountQuery):
            return await services.service.ask(link, query)
        person = link.person
        assert person is not None
        match query:
            case questions.ListDevices():
                connected = self._others.families_of(person)
                return await services.auth.devices(person, link.family, connected)
            case questions.ChangePassword():
                ended = await services.auth.change_password(person, link.family, query, self._peer.address)
                self._others.sign_out(lambda other: other.person == person and other.family != link.family)
                return questions.Done(ended)
            case questions.EndDevice(device=device):
                if not await services.store.end_family(person, device):
                    raise Refused.of(Code.NOT_FOUND)
                self._others.sign_out(lambda other: other.family == device)
        return questions.Done()

    async def _sign_in(self, request: wire.Credential) -> None:
        services, link = self._services, self.link
        try:
            entry = await self._let_in(request)
            link.family = entry.family  # from here on it may be ended from elsewhere
            await services.spaces.refresh()
            me = self._known(entry.person)
        except Refused as refused:
            self._deny(refused.refusal)
            return
        if link.session.phase is Phase.CLOSED:
            return
        # What the person asks for counts over all their connections from here on.
        self._pace = services.paces.enter(me.id, services.clock.monotonic())
        link.person, link.device = me.id, Device(DeviceId(entry.family), entry.device)
        link.credentials = services.spaces.roster.credentials[me.id]
        spaces = services.spaces.roster.spaces_of(me.id)
        link.session.signed_in(wire.SignedIn(me, entry.token, spaces, services.clock.now()))
        link.flush()

    def over(self) -> None:
        """The connection has ended."""
        if self.link.person is not None:
            self._services.paces.leave(self.link.person)

    async def _let_in(self, request: wire.Credential) -> Entry:
        auth, address = self._services.auth, self._peer.address
        match request:
            case wire.SignIn():
                return await auth.sign_in(request.handle, request.password, request.device, address)
            case wire.FinishSignIn():
                await auth.knock(address)
                person = await self._services.ways.finish(request)
                await auth.welcome(address)
                return await auth.open(person, request.device)
            case wire.Resume():
                found = await auth.resume(request.token)
        if isinstance(found, Entry):
            return found
        log.warning("an outdated token was shown: all of its sign-in ends")
        self._others.sign_out(lambda link: link.family == found.family, Code.SESSION_REUSED)
        raise Refused.of(Code.SESSION_REUSED)

    async def _begin_sign_in(self, request: wire.BeginSignIn) -> None:
        try:
            answer = await self._services.ways.begin(request)
        except Refused as refused:
            self._deny(refused.refusal)
            return
        self.link.session.send(answer)
        self.link.flush()

    def _known(self, person: PersonId) -> Person:
        known = self._services.spaces.roster.people.get(person)
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
        await self._services.store.end_family(person, family)
        await self._services.attendance.leave(self.link, None)
        self._others.sign_out(lambda link: link.family == family)
