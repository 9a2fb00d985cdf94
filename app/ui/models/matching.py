"""How what is typed finds names and handles, in every list that searches; no Qt."""

from __future__ import annotations

from functools import lru_cache

from app.core.text import search_key


def matches(typed: str, *texts: str) -> bool:
    """Every word typed stands somewhere in the texts; a leading ``@``, case, width and kana do not matter."""
    haystack = " ".join(_key(text) for text in texts)
    return all(word in haystack for word in _words(typed))


def begins(typed: str, *texts: str) -> bool:
    """One of the texts, or one of their words, begins with what is typed."""
    key = _key(typed).replace("@", " ").strip()
    found = [_key(text) for text in texts]
    return any(text.startswith(key) or any(w.startswith(key) for w in text.split()) for text in found)


def _words(typed: str) -> list[str]:
    return _key(typed).replace("@", " ").split()


@lru_cache(maxsize=8_192)
def _key(text: str) -> str:
    """The same names are looked at with each key that is typed."""
    return search_key(text)
