"""Japanese is complete, names the same fields as English, and is what the program loads."""

from __future__ import annotations

import gettext
import io
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from app.ui.i18n import DOMAIN, TRANSLATIONS, languages, tr, trn, use_language
from app.ui.language import speak

ROOT = Path(__file__).resolve().parents[2]
FOLDER = TRANSLATIONS / "ja" / "LC_MESSAGES"
KEYWORDS = {"tr": None, "trn": (1, 2), "trc": ((1, "c"), 2), "N_": None}


def english() -> set[str]:
    found = extract_from_dir(ROOT / "app", keywords=KEYWORDS)
    return {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in found}


@pytest.fixture(scope="module")
def japanese() -> Catalog:
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale="ja")


def texts(message: Message) -> tuple[str, str]:
    """English and Japanese of one message, in the plural where there is one."""
    one = message.id[-1] if isinstance(message.id, tuple | list) else message.id
    other = message.string[0] if isinstance(message.string, tuple | list) else message.string
    return str(one), str(other or "")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_everything_that_is_said_is_said_in_japanese(japanese: Catalog) -> None:
    known = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in japanese if m.id and texts(m)[1]}
    missing = english() - known
    assert not missing, "run `make messages`, then translate: " + ", ".join(sorted(missing))


def test_nothing_is_kept_that_is_no_longer_said(japanese: Catalog) -> None:
    known = {m.id[0] if isinstance(m.id, tuple | list) else m.id for m in japanese if m.id}
    assert not known - english()


def test_the_same_fields_are_filled_in(japanese: Catalog) -> None:
    for message in japanese:
        if message.id:
            one, other = texts(message)
            assert fields(one) == fields(other), one


def test_sentences_end_as_japanese_ones(japanese: Catalog) -> None:
    """No English full stop, question or exclamation mark after Japanese, no half-width comma in it."""
    wrong = re.compile(r"[ぁ-んァ-ヶ一-龠][.,!?]")
    assert not [other for m in japanese if m.id for other in [texts(m)[1]] if wrong.search(other)]


def test_what_is_loaded_is_what_was_written(japanese: Catalog) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, japanese)
    compiled.seek(0)
    with (FOLDER / f"{DOMAIN}.mo").open("rb") as file:
        loaded = gettext.GNUTranslations(file)
    for message in japanese:
        if message.id and isinstance(message.id, str):
            assert loaded.gettext(message.id) == message.string
        elif message.id:
            one, many = message.id
            assert {loaded.ngettext(one, many, n) for n in (1, 2)} == {texts(message)[1]}


def test_nothing_is_left_to_be_looked_at_again(japanese: Catalog) -> None:
    assert not [message.id for message in japanese if message.id and message.fuzzy]


def test_the_language_can_be_chosen() -> None:
    assert languages()[0] == "en"
    assert "ja" in languages()
    try:
        use_language("ja_JP")
        assert tr("Escalation") == "エスカレーション"
        assert trn("{n} person needs help", "{n} people need help", 2) == "2人が呼んでいます"
        use_language("no such language")
        assert tr("Escalation") == "Escalation"
    finally:
        use_language("en")


def test_qts_own_words_follow_the_language(qapp: QApplication) -> None:
    def copy() -> str:
        return QCoreApplication.translate("QWidgetTextControl", "&Copy")

    try:
        speak("ja_JP", qapp)
        assert copy().startswith("コピー")
        speak("en", qapp)
        assert copy() == "&Copy"
    finally:
        speak("en", qapp)
