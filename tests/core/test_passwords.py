"""What a password must be like."""

from __future__ import annotations

import pytest

from app.core.errors import Code, refuse
from app.core.passwords import check_password


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", Code.PASSWORD_SHORT),
        ("ninechars", Code.PASSWORD_SHORT),
        ("x" * 1025, Code.PASSWORD_LONG),
        ("mia.jansen", Code.PASSWORD_GUESSABLE),
        ("Mia.Jansen2026!", Code.PASSWORD_GUESSABLE),
        ("miajansen_miajansen", Code.PASSWORD_GUESSABLE),
        ("aaaaaaaaaaaa", Code.PASSWORD_GUESSABLE),
        ("1234567890", Code.PASSWORD_GUESSABLE),
        ("abcdefghijkl", Code.PASSWORD_GUESSABLE),
    ],
)
def test_what_everybody_would_try_first_is_refused(password: str, code: Code) -> None:
    refused = check_password(password, "mia.jansen", "Mia Jansen")
    assert refused is not None
    assert refused.code is code


@pytest.mark.parametrize("password", ["correct horse", "いちごとみるくのけーき", "mia.jansen hates it"])
def test_length_is_what_counts_in_any_script(password: str) -> None:
    assert check_password(password, "mia.jansen", "Mia Jansen") is None


def test_the_refusal_says_the_limit() -> None:
    assert check_password("x", "mia", "Mia") == refuse(Code.PASSWORD_SHORT, limit=10)
