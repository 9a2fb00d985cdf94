"""Small files of settings that a server is started with, and what is said when something in them is wrong."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")
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


def read_toml(file: Path, kind: type[T]) -> T:
    """A TOML file of settings. Raises ConfigError with what is wrong where."""
    try:
        return msgspec.convert(tomllib.loads(read_small(file)), kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{file}: {_where_and_what(str(error))}.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{file} cannot be used: {error}.") from error


def _where_and_what(said: str) -> str:
    """msgspec's words for a data format, as one speaks of a file: ``twilio.number is missing``."""
    what, _, place = said.partition(" - at `$")
    place = place.strip("`.")
    field = re.fullmatch(r"Object (contains unknown|missing required) field `(.+)`", what)
    if field is None:
        return f"{place or 'it'}: {what[:1].lower()}{what[1:]}"
    name = f"{place}.{field[2]}" if place else field[2]
    return f"there is no setting called {name}" if "unknown" in field[1] else f"{name} is missing"
