"""The language of the window: gettext catalogues, English in the source.

``tr`` and ``trn`` take a literal first (babel extracts it) and fill named fields. The core's refusals
are templates too (``core/errors.py``) and go through ``tr_template``. What is filled in is isolated: a name
written from right to left does not turn the sentence round.
"""

from __future__ import annotations

import gettext

from app.core.characters import isolated
from app.shipped import RESOURCES

TRANSLATIONS = RESOURCES / "translations"
DOMAIN = "handraise"

_catalogue: gettext.NullTranslations = gettext.NullTranslations()


def languages() -> tuple[str, ...]:
    """Codes of the languages that can be chosen, English first."""
    found = sorted(path.parts[-3] for path in TRANSLATIONS.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return ("en", *(code for code in found if code != "en"))


def use_language(code: str) -> None:
    """Show everything in ``code`` from now on (``ja``, ``ja_JP`` …); unknown ones mean English."""
    # The language belongs to the process, as gettext's own installation does.
    global _catalogue  # noqa: PLW0603
    _catalogue = gettext.translation(DOMAIN, TRANSLATIONS, languages=[code], fallback=True)


def tr(message: str, /, **fields: object) -> str:
    """``message`` in the chosen language, with ``{fields}`` filled in."""
    return tr_template(message, fields)


def trn(singular: str, plural: str, n: int, /, **fields: object) -> str:
    """The form that fits the number ``n``, which is also the field ``{n}``."""
    return _catalogue.ngettext(singular, plural, n).format(n=n, **_apart(fields))


def trc(context: str, message: str, /, **fields: object) -> str:
    """``message`` in a named context, for words that are one in English and two elsewhere."""
    text = _catalogue.pgettext(context, message)
    return text.format(**_apart(fields)) if fields else text


def tr_template(message: str, fields: dict[str, object]) -> str:
    """Translate a message that is not a literal here (a refusal, a table of names)."""
    text = _catalogue.gettext(message) if message else ""
    return text.format(**_apart(fields)) if fields else text


def _apart(fields: dict[str, object]) -> dict[str, object]:
    return {name: isolated(field) if isinstance(field, str) else field for name, field in fields.items()}


def N_(message: str) -> str:  # gettext's own name for "extract, translate later"
    """Mark a literal in a table for extraction; translated where it is shown."""
    return message
