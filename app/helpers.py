"""Small processes of this program's own, for what must not take the window down or weigh on it."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

SWITCH = "--helper"
"""First argument that makes a frozen program, which has no ``-m``, be one of them."""
HELPERS = {"sound": "app.ui.alerts.sound_helper", "keyring": "app.net.keyring_helper"}
"""Modules with a ``main() -> int``."""
FOLDER = Path(__file__).resolve().parents[1]
"""Working directory in which ``-m`` finds them, also without an installation."""


def helper_command(name: str) -> list[str]:
    """How to start the helper: with this interpreter, or as the frozen program itself."""
    if getattr(sys, "frozen", False):
        return [sys.executable, SWITCH, name]
    return [sys.executable, "-m", HELPERS[name]]


def run_helper(name: str) -> int:
    """Be that helper; returns its exit code, 2 for one that does not exist."""
    if name not in HELPERS:
        return 2
    code: int = importlib.import_module(HELPERS[name]).main()
    return code
