"""How much the runs do: enough to find what breaks in `make test`, the full figures in `make faults`."""

from __future__ import annotations

import os

FULL = os.environ.get("HANDRAISE_FAULTS") == "full"


def size(quick: int, full: int) -> int:
    return full if FULL else quick
