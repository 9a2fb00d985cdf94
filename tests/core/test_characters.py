"""Text of others is made showable in one place, wherever it comes from."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import wire
from app.core.characters import LABEL_CHARS, MARKS, isolated, line, lines, without_unseen
from app.core.errors import Code, refuse
from app.core.events import EscalationRaised, GroupChanged, MessageArrived, PersonChanged, SpaceChanged
from app.core.maps import Seat, SpaceMap, Zone, ZoneKind
from app.core.model import (
    ConversationId,
    Escalation,
    EscalationId,
    Group,
    GroupId,
    Level,
    MapId,
    Message,
    MessageId,
    Person,
    PersonId,
    Place,
    Recipients,
    SeatId,
    Space,
    SpaceId,
    ZoneId,
)
from app.core.text import check_chat, check_message, tidy_chat, whole
from tests.helpers.hostile import HIDDEN, MESSAGES, NAMES, wrong_with

LIKELY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\u200b\u200c\u200d\u202e\u2066\u2069\ufe0f\ufe0e\u0301\u0489\u064b\u0e49"),
        st.sampled_from("👩💻🏴❤葛\U000e0100\U000e0067\U000e007f\U0001d173中مक्ש1#\n\t"),
    ),
    max_size=40,
)
"""Any text, with what is meant here far more often."""


@pytest.mark.parametrize(
    "text",
    [
        "👩‍💻 👨‍👩‍👧 ❤️ 1️⃣ 👍🏽 🏳️‍🌈",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇯🇵",
        "می‌خواهم",
        "क्‍ष ශ්‍රී",
        "葛\U000e0100城 森　千恵 ガ",
        "שָׁ֣לוֹם नमस्ते ที่นี้ Việt Nam",
        "Zoë O’Neill & Söhne <R&D>",
    ],
)
def test_what_languages_and_emoji_need_stays(text: str) -> None:
    assert line(text) == text
    assert tidy_chat(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u2066c\u2069\u200e\u061c", "abc"),
        ("M\u200bi\u2060a\u00ad\ufeff\u3164", "Mia"),
        ("Mi\u200da Mi\u200ca", "Mia Mia"),
        ("x\ufe0f\ufe0f\U000e0100", "x"),
        ("hi\U000e0068\U000e0069", "hi"),
        ("👍\ufe0f\ufe0f", "👍\ufe0f"),
        ("a" + "\u0301" * 100, "a" + "\u0301" * MARKS),
        ("a\x00b\x1b[0m\ud800\ufffe", "a\ufffdb\ufffd[0m\ufffd\ufffd"),
        ("one\r\ntwo\u2028three\tfour", "one two three four"),
    ],
)
def test_what_hides_reorders_or_piles_up_is_left_out(text: str, shown: str) -> None:
    assert line(text) == shown


@given(LIKELY)
def test_cleaning_is_done_once(text: str) -> None:
    for clean in (line, lines, without_unseen, tidy_chat):
        assert clean(clean(text)) == clean(text)
    assert not wrong_with(lines(text)) or "\u2068" in lines(text)
    assert "\n" not in line(text)


@given(LIKELY)
def test_what_is_accepted_is_shown_as_it_was_stored(text: str) -> None:
    """So a text has the same characters, and the same places in it, on every screen."""
    for checked, shown in ((check_message(text), line), (check_chat(text), lines)):
        if isinstance(checked, str):
            assert shown(checked) == checked


def test_a_message_of_nothing_that_is_seen_is_empty() -> None:
    assert check_message("\u202e\u200b") == ""
    assert check_chat("\u202e\u200b") == refuse(Code.EMPTY_MESSAGE)


@given(st.text(st.characters(categories=["Cs", "L"])))
def test_halves_of_characters_never_reach_the_wire(text: str) -> None:
    msgspec.msgpack.encode(whole(text))


def test_a_name_of_the_other_direction_is_isolated_and_others_are_not() -> None:
    assert isolated("שלום") == "\u2068שלום\u2069"
    assert isolated("Mia") == "Mia"
    assert isolated("森 千恵") == "森 千恵"


NOBODY = PersonId("p")


@pytest.mark.parametrize("text", [*NAMES, *MESSAGES])
def test_every_noun_is_clean_however_it_was_made(text: str) -> None:
    """What another program, an old database or a map file holds passes through the decoder."""
    sent = text.encode("utf-8", "replace").decode()
    hand = Escalation(EscalationId("e"), NOBODY, Level.RED, 1.0, sent)
    note = Message(
        MessageId("m"), SpaceId("s"), ConversationId("c"), NOBODY, sent, 1.0, Recipients(everyone=True)
    )
    for event in (
        PersonChanged(Person(NOBODY, sent, sent)),
        GroupChanged(Group(GroupId("g"), sent, sent)),
        SpaceChanged(Space(SpaceId("s"), sent, MapId("m"))),
        EscalationRaised(hand),
    ):
        assert not _texts_wrong(wire.decode_space_event(_raw(event, sent)))
    assert not _texts_wrong(wire.decode_personal_event(_raw(MessageArrived(note, Recipients()), sent)))
    outline = (Place(0, 0), Place(1, 0), Place(1, 1))
    room = SpaceMap(
        MapId("m"),
        sent,
        1,
        1,
        1,
        1,
        b"\0",
        zones=(Zone(ZoneId("z"), sent, ZoneKind.QUIET, outline),),
        seats=(Seat(SeatId("s"), sent, Place(0, 0)),),
    )
    assert not _texts_wrong(room)


def _raw(event: object, text: str) -> bytes:
    """The event as a program without our rules would send it: ``text`` where the event has it cleaned."""
    plain = msgspec.to_builtins(event)

    def spoil(value: object) -> object:
        if isinstance(value, dict):
            names = ("name", "handle", "message", "text")
            return {k: text if k in names and isinstance(v, str) else spoil(v) for k, v in value.items()}
        return value

    return msgspec.msgpack.encode(spoil(plain))


def _texts_wrong(value: object) -> list[str]:
    """Every string in a value that a view must not show."""
    found, waiting = [], [msgspec.to_builtins(value, builtin_types=(bytes,))]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list | tuple):
            waiting += item
        elif isinstance(item, str) and wrong_with(item):
            found.append(item)
    return found


def test_a_label_is_cut_and_never_blank() -> None:
    person = Person(NOBODY, "mia", "x" * 10_000)
    assert len(person.name) == LABEL_CHARS
    assert person.name.endswith("…")
    assert Person(NOBODY, "mia", "\u200b\u3164 ").name == "mia"
    assert Person(NOBODY, "mia", HIDDEN).name == "Mia"
