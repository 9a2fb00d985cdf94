"""Web addresses in messages: where they stand, and what a click opens, which is what is shown.

An address may be written so that it seems to lead elsewhere. So the host is shown as machines call it
(letters of other alphabets as ``xn--…``), a name before an ``@`` (``https://bank.example@elsewhere``) is left
out of what is shown and of what is opened, and what cannot be read without doubt stays text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QUrl

from app.core.characters import right_to_left

_ENDS = r"\s<>\"'`\x00-\x1f、。，．「」『』（）〈〉《》【】！？；：…"
_ADDRESS = re.compile(rf"https?://[^{_ENDS}]+", re.IGNORECASE)
_PARTS = re.compile(r"(https?)://([^/?#]+)(.*)", re.IGNORECASE | re.DOTALL)
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._\-]*[a-z0-9_.])?|[0-9a-f:.]*:[0-9a-f:.]*")
_AFTER = ".,;:!?*_~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
SHORT = 40
"""Characters of an address in a menu."""


@dataclass(frozen=True)
class Link:
    """An address stands at ``text[start:end]``.

    Attributes:
        address: what is shown and opened; differs from the text where that could deceive.
    """

    start: int
    end: int
    address: str


def links_in(text: str) -> tuple[Link, ...]:
    """Addresses that begin with http:// or https://, without the punctuation of the sentence around.

    Other schemes (file:, handraise:, javascript: …) stay text: a message starts nothing but a browser.
    """
    found = []
    for match in _ADDRESS.finditer(text):
        written = _trimmed(match.group())
        address = real_address(written)
        if address:
            found.append(Link(match.start(), match.start() + len(written), address))
    return tuple(found)


def shown_text(text: str) -> str:
    """``text`` with each address as it is opened: for whoever has it read aloud."""
    pieces, at = [], 0
    for link in links_in(text):
        pieces += [text[at : link.start], link.address]
        at = link.end
    return "".join([*pieces, text[at:]])


def real_address(written: str) -> str:
    """Where ``written`` leads, as machines read it; empty if that is in doubt."""
    parts = _PARTS.fullmatch(written)
    if parts is None or "\\" in parts[2]:  # browsers and others disagree about a backslash
        return ""
    url = QUrl(written)
    host = url.host(QUrl.ComponentFormattingOption.FullyEncoded)
    if not url.isValid() or not _HOST.fullmatch(host):
        return ""
    port = f":{url.port()}" if url.port() >= 0 else ""
    address = f"{parts[1]}://{f'[{host}]' if ':' in host else host}{port}{parts[3]}"
    if parts[2].isascii() and address.lower() == written.lower():
        address = written
    # Letters that run the other way would be shown in another order than they are sent.
    return bytes(QUrl(address).toEncoded().data()).decode("ascii") if right_to_left(address) else address


def shortened(address: str) -> str:
    """For a menu: the end of the host, which says whose it is, is always there."""
    if len(address) <= SHORT:
        return address
    parts = _PARTS.fullmatch(address)
    host = parts[2] if parts else address
    if len(host) > SHORT - 10:
        return "…" + host[-(SHORT - 1) :]
    return address[: SHORT - 1] + "…"


def _trimmed(address: str) -> str:
    while address:
        last = address[-1]
        opened = _PAIRS.get(last)
        if last in _AFTER or (opened is not None and address.count(last) > address.count(opened)):
            address = address[:-1]
        else:
            break
    return address
