"""What a password must be like: long, and not what everybody would try first."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from app.core.errors import Code, Refusal, refuse
from app.core.limits import PASSWORD_MAX, PASSWORD_MIN


def check_password(password: str, handle: str, name: str) -> Refusal | None:
    """Why it cannot be the password of the person with this handle and name."""
    if len(password) < PASSWORD_MIN:
        return refuse(Code.PASSWORD_SHORT, limit=PASSWORD_MIN)
    if len(password) > PASSWORD_MAX:
        return refuse(Code.PASSWORD_LONG, limit=PASSWORD_MAX)
    plain = _plain(password)
    for known in filter(None, (_plain(handle), _plain(name), _plain(f"{handle}{name}"))):
        if not plain.replace(known, "").strip("0123456789!?.-_ "):
            return refuse(Code.PASSWORD_GUESSABLE)
    if len(set(plain)) < 4 or _is_run(plain):
        return refuse(Code.PASSWORD_GUESSABLE)
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


def _is_run(text: str) -> bool:
    """``1234567890``, ``abcdefghij``: each character follows the one before."""
    steps = {(ord(after) - ord(before)) % 10 for before, after in pairwise(text)}
    return len(steps) == 1
