"""Where the bus is, as ``handraise serve --bus`` is told, and how its password is kept out of sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from app.server.settings_file import ConfigError, is_loopback, read_small

if TYPE_CHECKING:
    from redis.asyncio import Redis

PASSWORD = "HANDRAISE_BUS_PASSWORD"
"""The environment variable."""
PORT = 6379
FORM = "--bus must look like rediss://host:port/0, or redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class BusAddress:
    """Attributes:
    tls: the connection is encrypted, and the certificate checked against the system's store.
    database: Redis's number for it.
    user: of Redis's access list; "" for the default one.
    """

    host: str
    port: int = PORT
    tls: bool = False
    database: int = 0
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def place(self) -> str:
        """For logs."""
        return f"{self.host} port {self.port}"

    def check(self, *, insecure: bool) -> None:
        """Raises ConfigError."""
        if not (self.tls or insecure or is_loopback(self.host)):
            raise ConfigError(
                f"Without TLS, the password of the bus and where people walk would cross a network readable "
                f"for everybody, so redis://{self.host} is refused. Use rediss://; or, in a network you "
                f"trust entirely, add --insecure."
            )

    def open(self, timeout: float) -> Redis:
        """A client that connects with the first command, and gives up where this one does not help.

        Args:
            timeout: s that an answer may take.
        """
        # Read only where there is a bus: it takes as long as the rest of the server together.
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        return Redis(
            host=self.host,
            port=self.port,
            db=self.database,
            username=self.user or None,
            password=self.password or None,
            ssl=self.tls,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )


def load_bus(url: str, password_file: Path | None, environment: Mapping[str, str]) -> BusAddress:
    """What was given on the command line, with the password from the file or the environment.

    Raises:
        ConfigError: what is wrong with it, without anything that may be a password.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError(f"{FORM}.") from error
    if parts.password is not None:
        raise ConfigError(
            f"--bus must not contain the password: everybody on this machine sees the command line. Put it "
            f"into the environment as {PASSWORD}, or into a file for --bus-password."
        )
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(f"{FORM}.")
    password = environment.get(PASSWORD, "") if password_file is None else read_small(password_file).strip()
    port, database = _numbers(parts)
    return BusAddress(
        parts.hostname, port, parts.scheme == "rediss", database, unquote(parts.username or ""), password
    )


def _numbers(parts: SplitResult) -> tuple[int, int]:
    """Port and database."""
    try:
        return parts.port or PORT, int(parts.path.strip("/") or 0)
    except ValueError as error:
        raise ConfigError(f"{FORM}.") from error
