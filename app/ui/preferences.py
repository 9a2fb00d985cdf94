"""What the window remembers on this machine: one JSON file in the platform's settings folder."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import msgspec

from app.net.shelf import write_whole
from app.ui.alerts.text_state import TextTelling

log = logging.getLogger(__name__)

FILE = "preferences.json"
MAX_BYTES = 1 << 20
WIDEST_PANEL = 4_000
"""px; what is written there by hand may be any number, and Qt takes only small ones."""


class Values(msgspec.Struct, kw_only=True):
    """Everything that is remembered.

    Attributes:
        server, handle: of the last sign-in. remember: keep the session in the secret store.
        theme: ``system`` or a name in ``theme.THEMES``. language: a code, "" for the system's.
        sound: ``chime`` or ``pulse``. device: id of the output device, "" for the system's default.
        volume: 0 to 100. texts: how customers' texts are told, a ``TextTelling``.
        geometry: of the window, base64. panel_width: px of the side panel.
        told_about_tray: that closing keeps the program in the tray has been said.
        raise_directly: ``red`` or ``yellow``: up to which level other programs (``handraise raise``) may
            raise the person's hand without Execute being pressed; "": not at all.
        plain_servers: addresses for which an unencrypted connection was accepted.
    """

    server: str = ""
    handle: str = ""
    remember: bool = True
    theme: str = "system"
    language: str = ""
    reduce_motion: bool = False
    sound: str = "chime"
    device: str = ""
    volume: int = 80
    texts: str = TextTelling.SOUND
    geometry: str = ""
    panel_width: int = 340
    told_about_tray: bool = False
    raise_directly: str = ""
    plain_servers: tuple[str, ...] = ()


class Preferences(Values, kw_only=True):
    """The values, and the file that they are kept in; ``save`` after changing any.

    Attributes:
        folder: of the profile.
        trouble: why the earlier values could not be read; "" if they could.
    """

    folder: Path = Path()
    trouble: str = ""

    @classmethod
    def load(cls, folder: Path) -> Preferences:
        """Read the profile's file. A broken one is set aside under the name that ``trouble`` then holds."""
        file = folder / FILE
        try:
            if file.stat().st_size > MAX_BYTES:
                raise msgspec.ValidationError("it is too large")
            values = msgspec.json.decode(file.read_bytes(), type=Values)
        except FileNotFoundError:
            return cls(folder=folder)
        except (msgspec.DecodeError, OSError, UnicodeDecodeError, RecursionError) as error:
            log.warning("%s cannot be read: %s", file, error)
            return cls(folder=folder, trouble=_set_aside(file))
        values.volume = min(max(values.volume, 0), 100)
        values.panel_width = min(max(values.panel_width, 0), WIDEST_PANEL)
        if values.texts not in tuple(TextTelling):
            values.texts = TextTelling.SOUND
        return cls(**msgspec.structs.asdict(values), folder=folder)

    def values(self) -> Values:
        """What is written to the file."""
        return Values(**{name: getattr(self, name) for name in Values.__struct_fields__})

    def save(self) -> bool:
        """Write the file, whole or not at all; says whether it worked."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / FILE, msgspec.json.format(msgspec.json.encode(self.values())))
        except OSError as error:
            log.warning("settings were not saved: %s", error)
            return False
        return True


def _set_aside(file: Path) -> str:
    aside = file.with_suffix(".broken.json")
    with contextlib.suppress(OSError):
        file.replace(aside)
    return aside.name
