"""The secret store, read from outside through the Secret Service interface."""

from collections.abc import Mapping

import secretstorage
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # it ships no types
    DBusConnection,
    open_dbus_connection,
)


class Secrets:
    """The default collection of the session's keyring."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment["DBUS_SESSION_BUS_ADDRESS"]

    def _connect(self) -> DBusConnection:
        return open_dbus_connection(bus=self._address)

    def stored(self) -> dict[tuple[str, str], str]:
        """Secrets by (service, user name), as the `keyring` library labels them."""
        connection = self._connect()
        try:
            items = secretstorage.get_default_collection(connection).get_all_items()
            return {_name(item.get_attributes()): item.get_secret().decode() for item in items}
        finally:
            connection.close()

    def lock(self) -> None:
        """Lock the collection: from now on a program that asks has to wait for a person."""
        connection = self._connect()
        try:
            secretstorage.get_default_collection(connection).lock()
        finally:
            connection.close()

    def locked(self) -> bool:
        connection = self._connect()
        try:
            return bool(secretstorage.get_default_collection(connection).is_locked())
        finally:
            connection.close()


def _name(attributes: Mapping[str, str]) -> tuple[str, str]:
    return attributes.get("service", ""), attributes.get("username", "")
