"""The composition root: a config becomes a running server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import ssl
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator

from argon2 import PasswordHasher
from websockets.asyncio.server import Server as WebSocketServer
from websockets.asyncio.server import ServerConnection, serve

from app.core.limits import CLIENT_FRAME_BYTES
from app.server.auditor import Auditor
from app.server.auth import Auth
from app.server.bus.base import Bus
from app.server.bus.none import NoBus
from app.server.capacity import Door
from app.server.case_desk import CaseDesk
from app.server.clock import Clock, Entropy, Stamps, SystemClock, system_entropy
from app.server.config import Config
from app.server.customer_desk import CustomerDesk
from app.server.desks import register_desks
from app.server.engine import Engine
from app.server.feeds import Feeds
from app.server.first_start import first_start
from app.server.gateway import Gateway
from app.server.http import process_request
from app.server.hub import Hub
from app.server.ledger import Ledger
from app.server.line_desk import LineDesk
from app.server.line_inbound import LineInbound
from app.server.line_phones import LinePhones
from app.server.line_settings import LineOffice
from app.server.outreach import Outreaching
from app.server.outside import Outside
from app.server.peers import Peers
from app.server.phones import Phones
from app.server.phones_config import PhonesConfig
from app.server.presence import Attendance
from app.server.retention import Retention
from app.server.ring import open_ring
from app.server.rungs import Rungs
from app.server.service import Service
from app.server.settings_file import ConfigError
from app.server.spaces import Spaces
from app.server.store.base import Store, StoreError
from app.server.store.servers import Seat, ServerId
from app.server.store.sqlite.store import FILE, SqliteOptions, SqliteStore
from app.server.talk import Services
from app.server.walkers import Walkers
from app.server.ways import Ways
from app.server.web import Web
from app.server.wire_out import EagerConnection
from app.tasks import Tasks

log = logging.getLogger(__name__)

NAME = "Handraise 0.1.0"
CLOSING_S = 1.0
"""s that a peer may take to answer when its connection is closed."""
LATE_S = 0.25
"""s by which the loop may be late before that counts."""
STOP_S, CLOSE_S = 4.0, 0.5
"""s that a stop takes at most until the database is closed, and that this may take, whatever a disk does."""
BACKLOG = 4_096
"""Connections that may wait to be accepted: after a restart everybody comes at once, and who finds the queue
full is not told so, but tries again seconds later."""


class Server:
    """A server with everything it is made of.

    Attributes:
        url: where it listens, once started.
        web: the HTTP side; subjects add their routes before the start.
        lines: where texts that come in on lines go.
        engine: goes on with what nobody answers.
        auditor: what it saw last is for metrics and monitors.
        cases: where answers from outside the program go.
        phones: what is sent; switchboard: what phones say back.
        line_phones: replies on lines.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        *,
        clock: Clock | None = None,
        entropy: Entropy = system_entropy,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self.config, self.store = config, store
        self.clock = clock or SystemClock()
        self.url = ""
        tuning = config.tuning
        self.tasks = Tasks("server")
        self.web = Web(self.clock)
        self.hub = Hub(self.clock, tuning.tick, tuning.lag, open_ring())
        me = ServerId(entropy(8).hex())
        self.bus = self._bus(me)
        feeds = Feeds(store, self.bus, self.hub, self.clock, self.tasks, tuning.checkpoint_every)
        self.peers = Peers(store.servers, self.clock, me, self._seats, feeds.follow)
        ledger = Ledger(store, feeds, self.hub, Stamps(self.clock), self.peers)
        self.spaces = Spaces(store, feeds, ledger, self.hub)
        self.attendance = Attendance(
            store, self.spaces, ledger, self.hub, self.clock, config.grace, config.capacity, self.peers
        )
        rungs = Rungs(ledger, self.spaces.room, self.tasks, tuning.rung_pause)
        self.walkers = Walkers(store, self.spaces, self.hub, self.peers, self.bus, self.clock)
        service = Service(store, self.spaces, ledger, self.hub, rungs, self.attendance, self.walkers)
        self.engine = Engine(store, self.spaces, ledger, self.clock, entropy(8).hex(), tuning.engine)
        self.auditor = Auditor(store.cases, self.clock)
        self.cases = CaseDesk(store, self.spaces, ledger)
        LineDesk(store, self.spaces, self.clock).register(service)
        self.lines = LineInbound(store, self.spaces, ledger, self.clock, entropy)
        services = self._services(service, rungs, entropy, hasher or PasswordHasher())
        self.gateway = Gateway(services, Door(config.capacity))
        phones = config.phones or PhonesConfig()
        LineOffice(store, self.spaces, self.clock, phones.numbers).register(service)
        CustomerDesk(store, self.spaces, self.clock, phones.numbers).register(service)
        self.phones = Phones(
            phones, store, self.spaces, service, self.cases, self.clock, entropy, self.tasks, config.inside
        )
        self.switchboard = self.phones.connect(self.lines, self.web)
        self.line_phones = LinePhones(store, self.spaces, ledger, self.phones, self.clock, entropy)
        self.line_phones.connect(self.switchboard)
        carriers = self.phones.carriers
        register_desks(store, self.spaces, self.clock, entropy, service, self.phones)
        Outreaching(store.contacts, carriers, self.spaces, ledger, self.clock).register(service)
        self.outside = Outside(
            me, services, ledger, self.web, carriers, entropy, self.engine, self.auditor, config
        )
        self.retention = Retention(store, self.spaces, ledger, self.clock)
        self._feeds = feeds
        self._listening: WebSocketServer | None = None

    def _bus(self, me: ServerId) -> Bus:
        if self.config.bus is None:
            return NoBus()
        from app.server.bus.redis_bus import RedisBus  # takes long to read, and few need it

        return RedisBus(self.config.bus, self.store.epoch, me, self.tasks)

    def _seats(self) -> frozenset[Seat]:
        return frozenset((room.id, person) for room in self.spaces.rooms for person in room.links)

    def _services(self, service: Service, rungs: Rungs, entropy: Entropy, hasher: PasswordHasher) -> Services:
        return Services(
            name=NAME,
            store=self.store,
            auth=Auth(self.store, self.clock, entropy, hasher),
            ways=Ways(self.config.oidc, self.store, self.clock, entropy),
            spaces=self.spaces,
            service=service,
            attendance=self.attendance,
            hub=self.hub,
            rungs=rungs,
            clock=self.clock,
            tuning=self.config.tuning,
            tasks=self.tasks,
        )

    async def start(self) -> None:
        """Load everything and listen.

        Raises:
            ConfigError: the address cannot be used.
            StoreError: the database cannot be used.
        """
        await self.begin()
        config = self.config
        tls = config.tls()
        with _listening_on(config.host, config.port):
            self._listening = await endpoint(self.gateway.handle, config.host, config.port, tls)
        if config.http_port is not None:
            with _listening_on(config.host, config.http_port):
                await self.web.start(config.host, config.http_port, tls)
        host, port = next(iter(self._listening.sockets)).getsockname()[:2]
        scheme = "ws" if self.config.tls_cert is None else "wss"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        await self.take_place(f"{host} {port}")

    async def begin(self) -> None:
        """Load everything and look after it, without listening. Raises StoreError."""
        await self.spaces.start()
        await self.peers.begin()
        await self._who_is_there()  # from now on the grace time of those who were in runs
        self.tasks.spawn(self.peers.run(), name="following other servers")
        self.tasks.spawn(self.bus.run(), name="bus")
        self.tasks.spawn(self.walkers.run(), name="walkers")
        self.tasks.spawn(self._keep_house(), name="housekeeping")
        self.tasks.spawn(self.retention.run(), name="forgetting")
        self.tasks.spawn(self.engine.run(), name="policy engine")
        self.tasks.spawn(self.auditor.run(), name="auditor")
        self.tasks.spawn(self.cases.run(), name="catching up")
        self.tasks.spawn(self.phones.sender.run(self.config.tuning.engine), name="sender")
        self.tasks.spawn(self.line_phones.sender.run(self.config.tuning.engine), name="sender of lines")

    async def take_place(self, address: str) -> None:
        """It listens there: whoever did before is dead, and has no clients any more. Raises StoreError."""
        await self.peers.take_place(address)
        await self._who_is_there()

    async def _who_is_there(self) -> None:
        await self.attendance.lose_links()
        await self.attendance.end_overdue()

    async def look(self, late: float = 0.0) -> None:
        """What is done about once a second. ``late``: s by which it comes too late."""
        self.gateway.look(late if late > LATE_S else 0.0)
        self.web.look()
        await self.spaces.refresh()
        self.gateway.show_out()
        await self.peers.look()
        await self._who_is_there()
        followed = self.spaces.followed()
        for person in set(self._feeds.persons) - followed:
            self._feeds.forget(person)
        await self.outside.look(late)

    async def _keep_house(self) -> None:
        saved = self.clock.monotonic()
        loop, pause = asyncio.get_running_loop(), self.config.tuning.look
        while True:
            asleep = loop.time()
            await asyncio.sleep(pause)
            late = loop.time() - asleep - pause
            now = self.clock.monotonic()
            try:
                await self.look(late)
                if now - saved >= self.config.tuning.save_places:
                    saved = now
                    await self.walkers.save()
            except StoreError as error:
                log.error("housekeeping: %s; it is tried again", error.reason)

    async def stop(self) -> None:
        """Say goodbye to the clients, write down what is left, close. Takes less than 5 s."""
        until = asyncio.get_running_loop().time() + STOP_S
        if self._listening is not None:
            self._listening.close(close_connections=False)
            await self.gateway.stop()
        self.hub.close()
        await _in_time(self.web.stop(), until, "closing the HTTP side")
        await self.tasks.close(within_s=1.0)
        await _in_time(self.outside.stop(), until, "closing what others watch")
        await _in_time(self.line_phones.sender.close(), until, "closing the lines")
        await _in_time(self.phones.close(), until, "closing the ways to phones")
        await _in_time(self.walkers.save(), until, "writing positions down")
        await _in_time(self.peers.end(), until, "saying goodbye to other servers")
        await _in_time(self.store.close(), until + CLOSE_S, "closing the database")


async def _in_time(last: Awaitable[None], until: float, what: str) -> None:
    """What is done at the end and depends on others, such as a disk: they are not waited for for ever."""
    try:
        async with asyncio.timeout_at(until):
            await last
    except TimeoutError:
        log.error("%s takes too long; the server ends without it", what)
    except StoreError as error:
        log.error("%s failed: %s", what, error.reason)


@contextlib.contextmanager
def _listening_on(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"Cannot listen on {host} port {port}: {error.strerror or error}.") from error


async def endpoint(
    handle: Callable[[ServerConnection], Awaitable[None]],
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    largest: int = CLIENT_FRAME_BYTES,
) -> WebSocketServer:
    """Listen: the WebSocket side of the server, whatever is spoken over it.

    Args:
        largest: bytes of a message that is accepted.

    Raises:
        OSError: the address cannot be used.
    """
    return await serve(
        handle,
        host,
        port,
        ssl=tls,
        process_request=process_request,
        create_connection=EagerConnection,
        max_size=largest,
        compression=None,  # costs more CPU than the bytes are worth, for each client anew
        ping_interval=None,  # the session has beats of its own, in both directions
        close_timeout=CLOSING_S,
        backlog=BACKLOG,
        server_header=None,
    )


async def run(config: Config, say: Callable[[str], None], *, owned: bool = False) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        say: shows a line to the person who started the server.
        owned: end with standard input too, as a program does that must not outlive its parent, however that
            ended.

    Raises:
        ConfigError, StoreError: it cannot start.
    """
    config.check()
    _allow_many_files()
    try:
        config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError(f"{config.data} cannot be used: {error.strerror or error}.") from error
    for line in first_start(config.data):
        say(line)
    store = SqliteStore(config.data / FILE, SqliteOptions(config.tuning.keep))
    server = Server(config, store)
    stop = asyncio.Event()
    _stop_on_signals(stop)
    if owned:
        _stop_without_parent(stop)
    try:
        await server.start()
        say(f"Handraise server listening on {server.url}")
        if server.web.url:
            say(f"Other programs are answered on {server.web.url}")
        await stop.wait()
    finally:
        await server.stop()


def _allow_many_files() -> None:
    """Each connection is one; systems begin with as few as 256 and let programs ask for more."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 65_536 if hard == resource.RLIM_INFINITY else hard
        if soft < wanted:
            with contextlib.suppress(ValueError, OSError):  # macOS has a limit that it does not tell
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            # The loop there cannot watch signals; it does wake up for this.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)


def _stop_without_parent(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def wait() -> None:
        # Not through sys.stdin: a thread that waits in its lock cannot be left behind at the end.
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=wait, name="parent", daemon=True).start()
