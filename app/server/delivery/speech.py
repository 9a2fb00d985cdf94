"""The few words that the server itself says to phones, and the language in which a text is read aloud."""

from __future__ import annotations

from collections.abc import Mapping

Words = Mapping[str, str]
"""By language."""

CODE_WORDS: Words = {
    "en": "{code} is your Handraise code. It is valid for 10 minutes. Nobody will ask you for it.",
    "ja": "Handraise の確認コードは {code} です。10 分間有効です。だれにも教えないでください。",
}
TEST_WORDS: Words = {
    "en": "This is a test from Handraise. Alerts that nobody answers will reach you here.",
    "ja": "Handraise からのテストです。応答のない呼び出しは、こちらに届きます。",
}


def words(said: Words, language: str) -> str:
    """In this language (``ja-JP`` counts as ``ja``), else in English."""
    return said.get(language.partition("-")[0].casefold(), said["en"])
