"""Waiting for real processes: by condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class TooLateError(AssertionError):
    """The condition did not come true in time."""


def eventually(look: Callable[[], Found], *, within: float = 10.0, what: str = "") -> Found:
    """The first truthy value of ``look()``, asked again until ``within`` seconds have passed.

    Raises:
        TooLateError: it never came; the last value is in the message.
    """
    deadline = time.monotonic() + within
    pause = 0.01
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise TooLateError(f"not within {within:g} s: {what or look}; last seen: {found!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)


def never(look: Callable[[], object], *, during: float, what: str = "") -> None:
    """Watch ``look()`` for ``during`` seconds; it has to stay falsy.

    Raises:
        AssertionError: it was truthy once.
    """
    deadline = time.monotonic() + during
    while time.monotonic() < deadline:
        found = look()
        assert not found, f"{what or look}: {found!r}"
        time.sleep(0.02)
