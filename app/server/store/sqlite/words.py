"""How words are asked of the indexes of texts, which are cut into words of three characters."""

from __future__ import annotations

TRIGRAM = 3
"""Characters that a phrase of the index has at least."""
LAST = "\U0010ffff"
"""Behind every other character: what begins with some characters stands before them and it."""


def quoted(key: str) -> str:
    """A search key as a phrase of FTS5, which ends a text at a NUL."""
    bare = key.replace("\0", "").replace('"', '""')
    return f'"{bare}"'
