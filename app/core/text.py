"""What people type, made uniform before it is counted, stored or compared.

Which characters may be part of it at all is decided in :mod:`app.core.characters`.
"""

from __future__ import annotations

import re
import unicodedata

from app.core.characters import broken, without_unseen
from app.core.errors import Code, Refusal, refuse
from app.core.limits import CHAT_CHARS, LINE_CHARS, MESSAGE_CHARS

_BREAKS = re.compile(r"(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])+")

SLACK = 4
"""What is so many times too long is refused before it is tidied, which takes a while for hostile texts."""


def tidy_message(text: str) -> str:
    """An escalation's message: line breaks and tabs as one space, no space at the ends."""
    return _uniform(_BREAKS.sub(" ", text).replace("\t", " ")).strip()


def tidy_chat(text: str) -> str:
    """A chat message: line breaks as ``\\n``, no blank ends."""
    return _uniform(re.sub(r"\r\n?|[\x85\u2028\u2029]", "\n", text)).strip()


def whole(text: str) -> str:
    """What a field or another program gave, as it can be sent: halves of characters become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _uniform(text: str) -> str:
    """NFC, and nothing that hides or reorders: what was pasted brings such characters unasked."""
    if text.isascii():
        return text
    normal = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", without_unseen(normal))


def count(text: str) -> int:
    """Characters of an escalation's message as the counter shows them: code points after NFC."""
    return len(tidy_message(text))


def check_message(text: str) -> str | Refusal:
    """The tidied message of an escalation, or why it is refused."""
    if len(text) > SLACK * MESSAGE_CHARS:
        return refuse(Code.MESSAGE_TOO_LONG, limit=MESSAGE_CHARS)
    return _check(tidy_message(text), MESSAGE_CHARS)


def check_chat(text: str, limit: int = CHAT_CHARS) -> str | Refusal:
    if len(text) > SLACK * limit:
        return refuse(Code.MESSAGE_TOO_LONG, limit=limit)
    tidied = tidy_chat(text)
    return _check(tidied, limit) if tidied else refuse(Code.EMPTY_MESSAGE)


def check_line(text: str) -> str | Refusal:
    """A text message to a customer, or a note about them."""
    return check_chat(text, LINE_CHARS)


def _check(tidied: str, limit: int) -> str | Refusal:
    if len(tidied) > limit:
        return refuse(Code.MESSAGE_TOO_LONG, limit=limit)
    if broken(tidied):
        return refuse(Code.CONTROL_CHARACTERS)
    return tidied


def search_key(text: str) -> str:
    """What two spellings of a name have in common: width, case and accents do not matter.

    Half-width and full-width Japanese letters match, hiragana matches katakana.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in folded if unicodedata.category(c) != "Mn" or c in "\u3099\u309a")
    return unicodedata.normalize("NFC", bare).translate(_TO_HIRAGANA)


_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
