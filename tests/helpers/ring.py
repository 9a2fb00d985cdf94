"""A keyring in a dict, which fails as told."""

from __future__ import annotations

import threading


class Ring:
    """Attributes:
    error: raised by every call while it is set. refuse: by those that set something.
    hang: every call waits for it.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.refuse: Exception | None = None
        self.hang: threading.Event | None = None

    def _meet(self) -> None:
        if self.hang is not None:
            self.hang.wait(10)
        if self.error is not None:
            raise self.error

    def present(self) -> None:
        self._meet()

    def get(self, service: str, name: str) -> str | None:
        self._meet()
        return self.kept.get((service, name))

    def set(self, service: str, name: str, secret: str) -> None:
        self._meet()
        if self.refuse is not None:
            raise self.refuse
        self.kept[service, name] = secret

    def delete(self, service: str, name: str) -> None:
        self._meet()
        self.kept.pop((service, name), None)
