"""A server that is started for the first time has a space with our own office in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from app.server.settings_file import ConfigError
from app.server.store.sqlite.registry import Registry
from app.shipped import RESOURCES

OFFICE = RESOURCES / "maps" / "office" / "office.tmj"
SPACE_NAME = "Office"


def first_start(data: Path) -> Iterator[str]:
    """Make what is missing; yields what the person who started the server should know.

    Raises:
        ConfigError: the office cannot be made.
        StoreError: the data folder cannot be used.
    """
    with closing(Registry(data)) as registry, registry.transaction():
        has_space, has_users = bool(registry.space_ids()), any(True for _ in registry.people())
    if not has_space:
        _make_space(data)
        yield f"Made the space {SPACE_NAME}."
    if not has_users:
        yield (
            "There are no users yet. Make the first one with:\n"
            f'  handraise admin --data "{data}" user add HANDLE --name "NAME" --role admin'
        )


def _make_space(data: Path) -> None:
    # Reading maps and pictures takes a third of the start; only the first one needs it.
    from app.server.admin import Admin, AdminError
    from app.server.maps import MapError, import_map

    try:
        with Admin(data) as admin:
            admin.add_space(SPACE_NAME, import_map(OFFICE))
    except (AdminError, MapError) as error:
        raise ConfigError(str(error)) from error
