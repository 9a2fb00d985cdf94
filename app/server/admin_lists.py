"""What lists of the command line show: people, groups, spaces, lines."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.lines import LineId
from app.core.model import Role


@dataclass(frozen=True)
class User:
    handle: str
    name: str
    role: Role
    disabled: bool
    spaces: tuple[str, ...]


@dataclass(frozen=True)
class GroupInfo:
    handle: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class SpaceInfo:
    name: str
    map: str
    members: int


@dataclass(frozen=True)
class LineInfo:
    """``talks``: conversations with customers."""

    id: LineId
    name: str
    number: str
    space: str
    talks: int
