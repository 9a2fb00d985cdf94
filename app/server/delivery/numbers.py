"""Phone numbers: read as people write them, kept as E.164, shown by their last digits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from app.core.erasing import PhoneNumber
from app.core.errors import Code, Refused

DEAR = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.PERSONAL_NUMBER,  # +44 70…: forwarded anywhere, at the caller's expense
    }
)
"""Kinds that cost whoever calls them, and reach no colleague."""
NOWHERE = "001"
"""Where numbers are that belong to no country: satellites and world-wide services, the dearest there are."""
SHOWN = 3


@dataclass(frozen=True)
class Numbers:
    """Which numbers this server texts and calls.

    Attributes:
        region: where numbers without a country code are, such as ``JP``; "": they are refused.
        countries: the only ones that are reached; without any, all.
    """

    region: str = ""
    countries: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        """As E.164. Raises Refused ``phone_invalid``, ``phone_not_allowed``."""
        try:
            number = phonenumbers.parse(text, self.region or None)
        except NumberParseException as error:
            raise Refused.of(Code.PHONE_INVALID) from error
        if not phonenumbers.is_valid_number(number) or number.extension:
            raise Refused.of(Code.PHONE_INVALID)
        where = phonenumbers.region_code_for_number(number)
        dear = where == NOWHERE or phonenumbers.number_type(number) in DEAR
        if dear or (self.countries and where not in self.countries):
            raise Refused.of(Code.PHONE_NOT_ALLOWED)
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)

    def sought(self, text: str) -> str:
        """As it would be kept, to look for it: also one that is never texted, and one that is no number."""
        try:
            number = phonenumbers.parse(text, self.region or None)
        except NumberParseException:
            return text.strip()
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def parts(number: str) -> PhoneNumber:
    """Of an E.164 number, by which it is found however somebody wrote it."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return PhoneNumber("", number)
    return PhoneNumber(str(parsed.country_code), phonenumbers.national_significant_number(parsed))


def masked(number: str) -> str:
    """By its last digits; "" stays empty."""
    return f"…{number[-SHOWN:]}" if number else ""


def target(address: str) -> str:
    """A number by which what was sent to it is counted, without the number itself."""
    return hashlib.sha256(address.encode()).hexdigest()[:32]
