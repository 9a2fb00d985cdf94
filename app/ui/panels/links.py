"""Web addresses in messages: where they stand, and which of them a click may open."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENDS = r"\s<>\"'`\x00-\x1f、。，．「」『』（）〈〉《》【】！？；：…"
_ADDRESS = re.compile(rf"https?://[^{_ENDS}]+", re.IGNORECASE)
_AFTER = ".,;:!?*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True)
class Link:
    """``text[start:end]`` is an address."""

    start: int
    end: int
    address: str


def links_in(text: str) -> tuple[Link, ...]:
    """Addresses that begin with http:// or https://, without the punctuation of the sentence around.

    Other schemes (file:, handraise:, javascript: …) stay text: a message starts nothing but a browser.
    """
    found = []
    for match in _ADDRESS.finditer(text):
        address = _trimmed(match.group())
        if len(address) > len("https://"):
            found.append(Link(match.start(), match.start() + len(address), address))
    return tuple(found)


def _trimmed(address: str) -> str:
    while address:
        last = address[-1]
        opened = _PAIRS.get(last)
        if last in _AFTER or (opened is not None and address.count(last) > address.count(opened)):
            address = address[:-1]
        else:
            break
    return address
