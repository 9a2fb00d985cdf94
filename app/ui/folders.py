"""Where a profile keeps its settings, cache and socket on this machine."""

from __future__ import annotations

import hashlib
import socket
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from app.logs import default_folder
from app.ui.preferences import FILE

NAME = "handraise"
DEFAULT_PROFILE = "default"


@dataclass(frozen=True)
class Folders:
    """Attributes:
    settings: preferences of this profile.
    cache: maps and pictures, shared by all profiles.
    runtime: the lock and the socket of the running program; the user's own.
    outbox: what this profile asked for and no server has answered yet.
    logs: of all profiles.
    """

    settings: Path
    cache: Path
    runtime: Path
    outbox: Path
    logs: Path = field(default_factory=default_folder)

    @property
    def preferences(self) -> Path:
        return self.settings / FILE

    @property
    def sessions(self) -> Path:
        """What is known about the tokens in the secret store; no token."""
        return self.outbox.with_name("sessions")

    @property
    def place(self) -> str:
        """This profile on this machine, as secret stores may follow their user to others (Windows domains,
        homes on the network). A Mac's does not, and its name changes with the network."""
        profile = self.settings.name
        return profile if sys.platform == "darwin" else f"{profile}, {socket.gethostname()}"

    @classmethod
    def of(cls, profile: str) -> Folders:
        config = Path(platformdirs.user_config_dir(NAME, appauthor=False, roaming=True))
        with warnings.catch_warnings():
            # Where a session has no such folder, there is another one: nothing for the person to do.
            warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
            runtime = Path(platformdirs.user_runtime_dir(NAME, appauthor=False))
        cache = Path(platformdirs.user_cache_dir(NAME, appauthor=False))
        data = Path(platformdirs.user_data_dir(NAME, appauthor=False)) / "profiles" / _folder(profile)
        return cls(config / "profiles" / _folder(profile), cache / "assets", runtime, data / "outbox")


def _folder(profile: str) -> str:
    """A name that every file system takes, whatever the profile is called."""
    if profile.isascii() and profile.replace("-", "").replace("_", "").isalnum() and len(profile) < 40:
        return profile
    return hashlib.sha256(profile.encode()).hexdigest()[:16]
