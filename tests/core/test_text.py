"""What people type: NFC, line breaks, limits, and names found however they are spelled."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import SENTENCES, Code, Refusal, refuse, sentence
from app.core.limits import MESSAGE_CHARS
from app.core.text import check_message, count, search_key, tidy_message


@given(st.text(max_size=200))
def test_a_message_is_either_refused_or_short_and_on_one_line(text: str) -> None:
    checked = check_message(text)
    if isinstance(checked, Refusal):
        assert checked.code in (Code.MESSAGE_TOO_LONG, Code.CONTROL_CHARACTERS)
    else:
        assert len(checked) <= MESSAGE_CHARS
        assert len(checked.splitlines()) <= 1
        assert tidy_message(checked) == checked
        assert count(text) == len(checked)


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("森 千恵", "森"),
        ("サトウ", "さとう"),
        ("ｻﾄｳ", "サトウ"),
        ("Ｆｉｎｎ", "finn"),
        ("José", "jose"),
        ("ガ", "が"),
    ],
)
def test_names_are_found_however_they_are_spelled(written: str, searched: str) -> None:
    assert search_key(searched) in search_key(written)


def test_voiced_and_unvoiced_letters_stay_apart() -> None:
    assert search_key("が") != search_key("か")


@pytest.mark.parametrize("code", Code)
def test_every_refusal_is_a_sentence(code: Code) -> None:
    template = SENTENCES[code]
    fields: dict[str, str | int] = {n: 7 for _, n, _, _ in string.Formatter().parse(template) if n}
    shown = sentence(refuse(code, **fields))
    assert shown.endswith(".")
    assert "{" not in shown
    assert "…" not in shown


def test_a_missing_field_never_hides_a_sentence() -> None:
    assert sentence(refuse(Code.NO_WAY)) == "There is no free place next to … that you can walk to."
