"""What a server is started with."""

from __future__ import annotations

import ssl
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from app.core.limits import GRACE
from app.server.capacity import Capacity
from app.server.settings_file import ConfigError, is_loopback
from app.server.store.sqlite.streams import Keep

if TYPE_CHECKING:
    from app.server.bus.address import BusAddress
    from app.server.heartbeat import Monitor
    from app.server.oidc_config import OidcConfig
    from app.server.phones_config import PhonesConfig

PORT = 7443
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Forward secrecy and authenticated encryption; every TLS 1.2 client since 2014 has one of them."""


def default_data() -> Path:
    """The folder that the platform has for a program's data."""
    return Path(platformdirs.user_data_dir("handraise", appauthor=False, roaming=False))


@dataclass(frozen=True)
class Tuning:
    """Times in s, sizes in bytes. Tests shorten them; nobody else needs to.

    Attributes:
        tick: between two frames of positions.
        look: between two looks at what is due (lost connections, changes by admins, dead peers).
        first_frames: how long a connection may take to be attached.
        lag: how long a client may make no progress, with something to acknowledge, and still get positions.
            Acknowledgements come every 2 s; where frames have just ceased to flow, one may take three.
        behind: the same, and keep its connection. A stalled reader is seen within 5 s, as looks come once a
            second.
        queue: bytes of events that may wait for one client; with what the transport (64 KiB) and the kernel
            (256 KiB) hold it stays below 1 MiB.
        rung_pause: how long reports about alerts wait for others, to be written together.
        save_places: how often positions are written down.
        checkpoint_every: events after which a stream's state is written down anew.
        drain: how long clients may take to hear that the server stops.
        engine: between two looks at alerts that nobody answers, and at what is to be sent for them.
    """

    tick: float = 0.05
    look: float = 1.0
    first_frames: float = 10.0
    lag: float = 3.25
    behind: float = 3.9
    queue: int = 524_288
    rung_pause: float = 0.02
    save_places: float = 10.0
    checkpoint_every: int = 200
    drain: float = 2.0
    engine: float = 0.25
    keep: Keep = field(default_factory=Keep)


@dataclass(frozen=True)
class Config:
    """Attributes:
    data: folder of the database.
    port: 0 for any that is free.
    http_port: of the HTTP side (:mod:`app.server.web`), on the same address; ``None`` for none.
    grace: s, how long a lost connection holds a raised hand.
    insecure: plain connections from other machines are wanted all the same.
    oidc: the provider through which people may sign in.
    inside: webhooks may go to addresses inside this server's own network, and there without TLS.
    heartbeat: the outside monitor that is told that alerts are looked after.
    phones: how it texts and calls; ``None``: it cannot.
    bus: over which it talks to other servers on its store; ``None``: through the store alone.
    capacity: how much it holds.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = PORT
    http_port: int | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    grace: float = GRACE
    insecure: bool = False
    inside: bool = False
    heartbeat: Monitor | None = None
    oidc: OidcConfig | None = None
    phones: PhonesConfig | None = None
    bus: BusAddress | None = None
    capacity: Capacity = field(default_factory=Capacity)
    tuning: Tuning = field(default_factory=Tuning)

    def check(self) -> None:
        """Raises ConfigError."""
        if self.tls_key is not None and self.tls_cert is None:
            raise ConfigError("--tls-key needs --tls-cert.")
        if self.tls_cert is None and not self.insecure and not is_loopback(self.host):
            raise ConfigError(
                f"Without TLS, passwords and messages would cross the network readable for everybody, "
                f"so {self.host} is refused. Give --tls-cert and --tls-key; or, behind a proxy that does TLS "
                f"or in a network you trust entirely, add --insecure."
            )
        if not 0 <= self.port <= 65_535:
            raise ConfigError("--port must be between 0 and 65535.")
        if self.http_port is not None and not 0 <= self.http_port <= 65_535:
            raise ConfigError("--http-port must be between 0 and 65535.")
        if self.http_port == self.port != 0:
            raise ConfigError("--http-port must be another port than --port.")
        if not 0 <= self.grace < float("inf"):
            raise ConfigError("--grace must be a number of seconds, and not negative.")
        if self.phones is not None and self.phones.twilio is not None and self.http_port is None:
            raise ConfigError("--phones with Twilio needs --http-port: Twilio reports there.")
        if self.bus is not None:
            self.bus.check(insecure=self.insecure)
        if min(astuple(self.capacity)) < 1:
            raise ConfigError("--max-connections and the other limits must be 1 or more.")

    def tls(self) -> ssl.SSLContext | None:
        """TLS 1.2 or newer, or none. Raises ConfigError where the certificate cannot be used."""
        if self.tls_cert is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(SUITES)  # of TLS 1.2; those of 1.3 are all modern
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        try:
            context.load_cert_chain(self.tls_cert, self.tls_key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(self._tls_trouble(error)) from error
        return context

    def _tls_trouble(self, error: OSError) -> str:
        """OpenSSL does not say which of the two files it means."""
        for file in filter(None, (self.tls_cert, self.tls_key)):
            try:
                file.open("rb").close()
            except OSError as unread:
                return f"{file} cannot be read: {unread.strerror}."
        if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
            return f"The private key {self.tls_key} is not that of the certificate {self.tls_cert}."
        if self.tls_key is None:
            return f"{self.tls_cert} must hold certificate and private key, as PEM; or give --tls-key."
        return f"{self.tls_cert} must hold the certificate, and {self.tls_key} its private key, as PEM."
