"""Texts that try to be something else than text, and what must not be left of them where people read."""

from __future__ import annotations

import re

MARKUP = '<img src="x" onerror="y"> <b>bold</b> &amp; R&D'
REORDERING = "invoice\u202egnp.exe\u2066\u2069\u200f"
HIDDEN = "M\u200bi\u2060a\u00ad\ufeff\U000e0041"
FLOOD = "Z" + "\u0301\u0335\u0489" * 100
ENDLESS = "long " * 2_000
EMOJI = "👩‍💻🇯🇵👍🏽 ok"
BROKEN = "a\nb\r\nc\x07\x1b[31md\x00"
HEBREW = "שלום עולם"
PERSIAN = "می‌خواهم"
NOTHING = "\u200b\u2060\u3164"

NAMES = (MARKUP, REORDERING, HIDDEN, FLOOD, ENDLESS, EMOJI, BROKEN, HEBREW, PERSIAN, NOTHING)
MESSAGES = (
    "<img src=x> & <b>R&D</b>",
    "stop \u202eti od\u202c \u2067x\u2069",
    "a\u200bb\u2060c\ufeff",
    "Z" + "\u0301" * 45,
    "👩‍💻 &amp; 🇯🇵",
    "https://bank.example@evil.example/",
    "one\ntwo\tthree",
    HEBREW,
    PERSIAN,
    "\u202e\u200b",
)

_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u2060\u3164\ufeff\ud800-\udfff\U000e0041]")
_PILED = re.compile("[\u0300-\u036f\u0483-\u0489]{6,}")


def wrong_with(text: str) -> str:
    """What a view must not show of these; empty if there is nothing.

    Isolates that our own sentences put round a name come in pairs.
    """
    if _DIRECTIONS.search(text):
        return "it reorders"
    if text.count("\u2068") != text.count("\u2069"):
        return "an isolate is left open"
    if _UNSEEN.search(text):
        return "it hides something"
    return "marks pile up" if _PILED.search(text) else ""
