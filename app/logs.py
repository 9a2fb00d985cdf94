"""What the programs log: to standard error, and to a small file of their user's own.

First line of defence: our own lines name ids, codes and numbers, never a password, token, phone number or
anything that a person wrote; libraries, which log what passes through them, are heard from warnings on.
Second: whatever looks like a token, a phone number or a named secret is blotted out as the line is written.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

import platformdirs

LEVELS = ("debug", "info", "warning", "error")
FILE_BYTES = 1_000_000
OLDER_FILES = 3
STATES = "app.states"
"""The logger for what the program is in now: connected or not, which channels work."""
BLOT = "[…]"

_NAMED = re.compile(
    r"(?i)\b((?:access_|refresh_|id_)?token|pass(?:word|wd|phrase)|secret|authorization|cookie|code_verifier)"
    r"(\\?[\"']?\s*[:=]\s*)((?:bearer |basic )?(?:b?\\?[\"'](?:[^\"'\\]|\\.)*[\"']?|[^\s,;&)}\]]+))"
)
_TOKEN = re.compile(r"(?<![\w/-])(?=[\w-]*[A-Z_-])(?=[\w-]*[a-z])[\w-]{40,}(?![\w/-])", re.ASCII)
"""Base64, of at least 30 bytes. A SHA-256 in hex is none."""
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+|00)?\(?\d[\d ()\-]{6,20}\d(?![\w:-]|\.\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d{2})?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def _at_home() -> re.Pattern[str] | None:
    """The folder of whoever runs this, as paths have it: the name of an account is that of a person."""
    try:
        home = str(Path.home())
    except RuntimeError:
        return None
    ways = {home, home.replace("\\", "\\\\")}
    return re.compile(rf"(?:{'|'.join(map(re.escape, ways))})(?![\w.\-])") if len(home) > 1 else None


_HOME = _at_home()


def blotted(text: str) -> str:
    """``text`` without what looks like a token, a phone number or a named secret; home is ``~``."""
    if _HOME is not None:
        text = _HOME.sub("~", text)
    text = _NAMED.sub(rf"\1\2{BLOT}", text)
    text = _TOKEN.sub(BLOT, text)
    return _PHONE.sub(_blot_number, text)


def _blot_number(match: re.Match[str]) -> str:
    digits = sum(c.isdigit() for c in match[0])
    return match[0] if digits < 8 or _DATE.fullmatch(match[0]) else BLOT


class Discreet(logging.Formatter):
    """One record, one line (and a traceback): what others wrote can forge no second one."""

    def format(self, record: logging.LogRecord) -> str:
        words = _CONTROL.sub("\ufffd", record.getMessage().replace("\n", "\\n"))
        said = f"{self.formatTime(record)} {record.levelname} {record.name}: {blotted(words)}"
        if record.exc_info:
            # Not through record.exc_text, where another handler's words may be kept.
            said += "\n" + blotted(self.formatException(record.exc_info))
        return said


class _Terminal(logging.StreamHandler[TextIO]):
    """Standard error, whatever it is at the time; said twice, the second one stands alone."""

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        """The base sets it once; it stays what the system says."""


def to_stream(level: str) -> None:
    """Log to standard error from now on: ours from ``level`` on, libraries from warnings on."""
    root = logging.getLogger()
    for earlier in [handler for handler in root.handlers if isinstance(handler, _Terminal)]:
        root.removeHandler(earlier)
    logging.raiseExceptions = False  # a record that cannot be written would be shown raw, with its arguments
    _add(_Terminal(), level)
    ours = logging.getLogger("app")
    ours.setLevel(min(_number(level), logging.INFO))  # a file takes at least this much
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # its warnings quote what was called, with what


def to_file(folder: Path, name: str, level: str) -> None:
    """Log to ``folder/name.log`` too, at least from "info" on; up to ``OLDER_FILES`` older ones are kept.

    A folder that cannot be written to is said in the log, and that is all.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _PrivateFile(folder / f"{name}.log", maxBytes=FILE_BYTES, backupCount=OLDER_FILES)
    except OSError as error:
        logging.getLogger(__name__).warning("no log file in %s: %s", folder, error.strerror)
        return
    _add(handler, "info" if _number(level) > logging.INFO else level)


def default_folder() -> Path:
    """The platform's folder for logs."""
    return Path(platformdirs.user_log_dir("handraise", appauthor=False))


class _PrivateFile(RotatingFileHandler):
    def __init__(self, path: Path, *, maxBytes: int, backupCount: int) -> None:  # noqa: N803
        super().__init__(path, maxBytes=maxBytes, backupCount=backupCount, encoding="utf-8", errors="replace")

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        return super()._open()


def _add(handler: logging.Handler, level: str) -> None:
    handler.setFormatter(Discreet())
    handler.setLevel(_number(level))
    logging.getLogger().addHandler(handler)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]
