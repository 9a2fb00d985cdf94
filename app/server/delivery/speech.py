"""The few words that the server itself says to phones, and the language in which a text is read aloud."""

from __future__ import annotations

import re
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
TRIAL_WORDS: Words = {
    "en": "TEST. Nobody needs help: “{name}” is being tried.",
    "ja": "【テスト】対応は不要です。「{name}」を試しています。",
}
REPLY_WORDS: Words = {
    "en": "Reply {code} if you are coming, {code} NO if you cannot.",
    "ja": "対応できる場合は {code}、できない場合は {code} NO と返信してください。",
}
KEYS_WORDS: Words = {
    "en": "Press 1 if you are coming. Press 2 if you cannot.",
    "ja": "対応できる場合は1を、できない場合は2を押してください。",
}
NO_KEY_WORDS: Words = {"en": "No key was pressed. Goodbye.", "ja": "入力がありませんでした。失礼します。"}
COMING_WORDS: Words = {
    "en": "Thank you. They are told that you are coming.",
    "ja": "ありがとうございます。対応することを伝えました。",
}
DECLINED_WORDS: Words = {
    "en": "All right. The next one is asked.",
    "ja": "わかりました。ほかの人に連絡します。",
}
OVER_WORDS: Words = {
    "en": "This is settled already. You need not do anything.",
    "ja": "すでに解決しています。対応は不要です。",
}
TESTED_WORDS: Words = {
    "en": "The test has worked. Thank you.",
    "ja": "テストは成功しました。ありがとうございます。",
}
UNKNOWN_WORDS: Words = {
    "en": "This code is not known. Please reply with the code from the message.",
    "ja": "コードが確認できません。メッセージに書かれたコードを返信してください。",
}
NOTHING_FORWARDED_WORDS: Words = {
    "en": "Nothing was forwarded to you lately, so your message was not stored.",
    "ja": "最近転送されたメッセージがないため、返信は保存されませんでした。",
}

SCRIPTS = (
    ("ja-JP", re.compile("[\u3040-\u30ff\uff66-\uff9f]")),
    ("ko-KR", re.compile("[\u1100-\u11ff\uac00-\ud7af]")),
    ("th-TH", re.compile("[\u0e00-\u0e7f]")),
    ("ar-XA", re.compile("[\u0600-\u06ff]")),
    ("hi-IN", re.compile("[\u0900-\u097f]")),
    ("ru-RU", re.compile("[\u0400-\u04ff]")),
    ("el-GR", re.compile("[\u0370-\u03ff]")),
)
"""Scripts that one language is written in, mostly."""
_HAN = re.compile("[\u3400-\u9fff]")
LOCALES = {"en": "en-US", "ja": "ja-JP", "de": "de-DE", "fr": "fr-FR", "es": "es-ES", "zh": "zh-CN"}


def words(said: Words, language: str) -> str:
    """In this language (``ja-JP`` counts as ``ja``), else in English."""
    return said.get(language.partition("-")[0].casefold(), said["en"])


def language_of(text: str, usual: str) -> str:
    """The language in which ``text`` is read aloud, as a tag such as ``ja-JP``.

    A text in Latin letters alone is read in ``usual``, unless that is written otherwise: then in English.
    Ideographs alone are Japanese where that is usual, else Chinese.
    """
    for tag, script in SCRIPTS:
        if script.search(text):
            return tag
    mine = LOCALES.get(usual, usual)
    if _HAN.search(text):
        return mine if mine[:2] in ("ja", "zh") else "zh-CN"
    return "en-US" if mine[:2] in ("ja", "zh", "ko", "th", "ar", "hi", "ru", "el") else mine
