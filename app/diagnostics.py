"""A zip for whoever helps: versions, settings, recent states and logs; nothing secret, nothing anybody wrote.

What goes in is chosen by name: a new setting is left out until it is listed here.
"""

from __future__ import annotations

import importlib.metadata
import json
import locale
import os
import platform
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from app import __version__
from app.core.wire import PROTOCOL
from app.logs import STATES, blotted

LIBRARIES = (
    "pyside6-essentials", "qasync", "websockets", "msgspec", "keyring", "desktop-notifier", "miniaudio",
    "numpy", "truststore",
)  # fmt: skip
SETTINGS = (
    "server", "remember", "theme", "language", "reduce_motion", "sound", "volume", "panel_width",
    "raise_directly", "told_about_tray", "plain_servers",
)  # fmt: skip
ENVIRONMENT = ("XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "LANG")
LOG_BYTES = 8_000_000
"""The newest bytes of the logs in all."""
STATE_LINES = 500


def write(target: Path, log_folder: Path, settings: Mapping[str, Path]) -> None:
    """Make the zip.

    Args:
        settings: by profile, the file with its preferences.

    Raises:
        OSError: it cannot be written.
    """
    logs = dict(_logs(log_folder))
    states = [line for text in logs.values() for line in text.splitlines() if f" {STATES}: " in line]
    kept = {profile: _settings(file) for profile, file in settings.items()}
    partial = target.with_name(f"{target.name}.part")
    try:
        with (
            open(partial, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
        ):
            made.writestr("about.json", json.dumps(about(), indent=2))
            made.writestr("settings.json", json.dumps(kept, indent=2, ensure_ascii=False))
            made.writestr("states.txt", "\n".join(sorted(states)[-STATE_LINES:]))
            for name, text in logs.items():
                made.writestr(f"logs/{name}", text)
        partial.replace(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def about() -> dict[str, object]:
    """Versions, and what kind of machine and desktop this is."""
    return {
        "handraise": __version__,
        "protocol": PROTOCOL,
        "python": sys.version,
        "system": platform.platform(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "environment": {name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        "encoding": locale.getpreferredencoding(do_setlocale=False),
    }


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _logs(folder: Path) -> Iterator[tuple[str, str]]:
    """The newest first, blotted once more: an older version may have written them."""
    try:
        files = sorted(folder.glob("*.log*"), key=lambda file: file.stat().st_mtime, reverse=True)
    except OSError:
        return
    left = LOG_BYTES
    for file in files:
        if left <= 0:
            return
        try:
            with file.open("rb") as opened:
                opened.seek(max(0, file.stat().st_size - left))
                data = opened.read(left)
        except OSError:
            continue
        left -= len(data)
        lines = data.decode("utf-8", "replace").splitlines()
        # The time at the beginning of a line is no phone number.
        yield file.name, "\n".join(line[:23] + blotted(line[23:]) for line in lines)


def _settings(file: Path) -> dict[str, object]:
    try:
        values = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return {name: values[name] for name in SETTINGS if name in values}
