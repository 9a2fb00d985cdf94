"""Which characters of other people's text are shown: none that hides, reorders or piles up.

Whatever the wire, a file or a database brings passes through here before it becomes a name or a message
(:mod:`app.core.model`), so that every view may show it as it is. What is left out:

- controls of writing direction (U+200E, U+202A–202E, U+2066–2069 …): they reorder what stands around them;
- characters without a glyph (zero-width spaces, tags, fillers): two names could look alike;
- joiners and variation selectors, except where emoji and the scripts of India, Arabia … need them;
- combining marks beyond :data:`MARKS` on one letter.

Control characters and halves of characters become U+FFFD, so that one sees that something was there.
https://www.unicode.org/reports/tr36/ and tr39 say what each of them has been used for.
"""

from __future__ import annotations

import re
import unicodedata

MARKS = 5
"""Combining marks that one letter may carry; Hebrew with points and accents needs so many."""
LABEL_CHARS = 120
"""What is longer is cut where it names something: a person, a group, a space, a zone."""

_BREAKS = re.compile(r"(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])+")
_LINES = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_BROKEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
"""A region's flag: the black one, then letters that nobody sees. Elsewhere these letters carry messages."""
_TAGS = re.compile("[\U000e0020-\U000e007f]")
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_JOINERS = re.compile("[\u200c\u200d]")
_EMOJI = re.compile("[#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_IDEOGRAPH = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_JOINING = re.compile("[\u0600-\u0dff\u1000-\u109f\u1780-\u18af\ua840-\ua8ff\ufb50-\ufdff\ufe70-\ufefc]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_VIRAMA = 9
"""Canonical combining class of the signs that a joiner may follow at a word's end."""


def _marks(*blocks: tuple[int, int]) -> str:
    """The marks that stand above, below or around a letter, as the inside of a character class."""
    codes = (code for first, end in blocks for code in range(first, end))
    return "".join(chr(code) for code in codes if unicodedata.category(chr(code)) in ("Mn", "Me"))


_COMMON = _marks(
    (0x300, 0x2000), (0x20D0, 0x2100), (0x2CE0, 0x2E00), (0x3020, 0x30A0), (0xA660, 0xABF0),
    (0xFB00, 0xFB20), (0xFE20, 0xFE30),
)  # fmt: skip
_MARK = f"[{_COMMON}{_marks((0x11000, 0x12000), (0x1D160, 0x1D250), (0x1E000, 0x1E950))}]"
_PILED = re.compile(f"({_MARK}{{{MARKS}}}){_MARK}+")
_SUSPECT = re.compile(
    f"[{_COMMON}\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff]"
)
"""Everything that is looked at more closely, in one class of two bytes' characters: most texts have none, and
this says so in a tenth of the time."""
_RARE = re.compile("[^\x00-\uffff]")


def line(text: str, most: int = 0) -> str:
    """``text`` as one line that can be shown; longer ones are cut with an ellipsis (0: never)."""
    if not _harmless(text):
        text = visible(_BREAKS.sub(" ", text).replace("\t", " "))
    return text if not most or len(text) <= most else text[: most - 1] + "…"


def lines(text: str) -> str:
    """``text`` with its lines (``\\n``) and tabs, as it can be shown."""
    return text if _harmless(text) else visible(_LINES.sub("\n", text))


def _harmless(text: str) -> bool:
    if text.isascii():
        return text.isprintable()
    return "\n" not in text and "\t" not in text and not (_SUSPECT.search(text) or _RARE.search(text))


def visible(text: str) -> str:
    """``text`` without what would hide, reorder or pile up; broken characters as U+FFFD."""
    text = _BROKEN.sub("\ufffd", text)
    return text if text.isascii() else without_unseen(text)


def without_unseen(text: str) -> str:
    """``text`` without what would hide, reorder or pile up."""
    if not (_SUSPECT.search(text) or _RARE.search(text)):
        return text
    once = _once(text)
    if once == text or _once(once) == once:
        return once
    # What was left out brought others together that do not belong together: no joining at all, then.
    return _PILED.sub(r"\1", _JOINERS.sub("", _SELECTORS.sub("", once)))


def broken(text: str) -> bool:
    """Whether there are control characters besides line feed and tab, or what is no character at all."""
    return _BROKEN.search(text) is not None


def isolated(text: str) -> str:
    """``text`` to be put into a sentence: letters written from right to left do not move its other parts.

    Between U+2068 and U+2069, which nobody sees; everything else stays as it is.
    """
    return f"\u2068{text}\u2069" if right_to_left(text) else text


def right_to_left(text: str) -> bool:
    """Whether some of it is written from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


def _once(text: str) -> str:
    text = _UNSEEN.sub("", text)
    text = "".join(piece if flag else _TAGS.sub("", piece) for flag, piece in _split(_FLAG, text))
    text = _SELECTORS.sub(_selector, text)
    text = _JOINERS.sub(_joiner, text)
    return _PILED.sub(r"\1", text)


def _split(pattern: re.Pattern[str], text: str) -> list[tuple[bool, str]]:
    """The pieces of ``text``, and whether each is a match."""
    pieces, at = [], 0
    for match in pattern.finditer(text):
        pieces += [(False, text[at : match.start()]), (True, match.group())]
        at = match.end()
    return [*pieces, (False, text[at:])]


def _selector(match: re.Match[str]) -> str:
    """A variation selector counts after an emoji (how it is drawn) or an ideograph (which form of it)."""
    before = match.string[match.start() - 1] if match.start() else ""
    belongs = _EMOJI if match.group() in "\ufe0e\ufe0f" else _IDEOGRAPH
    return match.group() if before and belongs.match(before) else ""


def _joiner(match: re.Match[str]) -> str:
    text, at = match.string, match.start()
    before, after = text[at - 1] if at else "", text[at + 1 : at + 2]
    if before and unicodedata.combining(before) == _VIRAMA:
        return match.group()
    if _JOINING.match(before) and _JOINING.match(after):
        return match.group()
    drawn = before == "\ufe0f" or _EMOJI.match(before)
    return match.group() if match.group() == "\u200d" and drawn and _EMOJI.match(after) else ""
