"""When an escalation passed each stage, for whoever measures how long help takes to be seen.

Each stage is one debug line of this module's logger; ``write_to`` puts them, and nothing else, into a file
as ``seconds stage escalation`` with the wall clock in s (1 µs), so that the lines of several processes on
one machine can be joined. Without it a stage costs one comparison.
"""

from __future__ import annotations

import logging
from pathlib import Path

_log = logging.getLogger(__name__)

SENT, RECEIVED, COMMITTED, FANNED_OUT = "sent", "received", "committed", "fanned_out"
FOLDED, PAINTED, SHOWN = "folded", "painted", "shown"


def note(stage: str, escalation: str) -> None:
    """``escalation`` has come to ``stage`` in this process, now."""
    _log.debug("%s %s", stage, escalation)


def write_to(path: Path) -> None:
    """Write this process's stages into ``path`` from now on.

    Raises:
        OSError: the file cannot be written.
    """
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(created).6f %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.DEBUG)
    _log.propagate = False
