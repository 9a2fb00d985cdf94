"""Imports PySide6 for a program that never says ``from __feature__ import …``."""

from __future__ import annotations

import builtins


def import_qt_lightly() -> None:
    """Call it before anything else imports PySide6.

    PySide6 replaces ``__import__`` to look for that switch in the source of each module imported later, and
    ``linecache`` keeps all that it read: 16 MB, and a third of the CPU time of a start.
    """
    plain = builtins.__import__
    import PySide6.QtCore  # noqa: F401

    builtins.__import__ = plain
