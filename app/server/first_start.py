"""A server that is started for the first time has a space with our own office in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.server.admin import Admin, AdminError
from app.server.config import ConfigError
from app.server.maps import MapError, import_map

OFFICE = Path(__file__).resolve().parents[2] / "resources" / "maps" / "office" / "office.tmj"
SPACE_NAME = "Office"


def first_start(data: Path) -> Iterator[str]:
    """Make what is missing; yields what the person who started the server should know.

    Raises:
        ConfigError: the data folder cannot be used.
    """
    try:
        with Admin(data) as admin:
            if not admin.spaces():
                admin.add_space(SPACE_NAME, import_map(OFFICE))
                yield f"Made the space {SPACE_NAME}."
            if not admin.users():
                yield (
                    "There are no users yet. Make the first one with:\n"
                    f'  handraise admin --data "{data}" user add HANDLE --name "NAME" --role admin'
                )
    except (AdminError, MapError) as error:
        raise ConfigError(str(error)) from error
