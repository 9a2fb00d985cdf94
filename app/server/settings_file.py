"""Small files of settings that a server is started with, and what is said when something in them is wrong."""

from __future__ import annotations

import ipaddress
from pathlib import Path

SETTINGS_BYTES = 65_536
"""Bytes that a file of settings has at most."""


class ConfigError(Exception):
    """Something about the settings cannot work; the message is for the person who started the server."""


def is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_small(file: Path) -> str:
    """A file of settings as text. Raises ConfigError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(SETTINGS_BYTES + 1)
        if len(data) > SETTINGS_BYTES:
            raise ConfigError(f"{file} is too large.")
        return data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"{file} cannot be read: {reason}.") from error
