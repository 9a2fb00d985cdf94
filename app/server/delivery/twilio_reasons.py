"""Why Twilio did not deliver something: a code of ours where its number is known, else its own words.

https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

import re

from app.core.characters import line
from app.core.errors import Code

REASONS = {
    **dict.fromkeys((21211, 21217, 21401, 30005), Code.NUMBER_UNKNOWN),
    **dict.fromkeys((21610, 30004), Code.PHONE_BLOCKS),
    **dict.fromkeys((21614, 21635, 30006), Code.PHONE_NO_TEXTS),
    **dict.fromkeys((21215, 21408, 21612), Code.COUNTRY_CLOSED),
    **dict.fromkeys((21214, 21407, 21421, 21601, 21604, 30008), Code.NOT_DELIVERED),
    30003: Code.PHONE_OFF,
    30007: Code.TEXT_FILTERED,
    **dict.fromkeys((20003, 20404), Code.GATEWAY_REFUSED),
}
NUMBERS = re.compile(r"\+?\d(?:[ ().-]*\d){5,}")
"""What may be a phone number: whose it is, is nobody else's business."""
CHARS = 120


def reason_of(number: int, said: str) -> str:
    """``number``: Twilio's own; 0 where it gave none. ``said``: its words, if any."""
    if not number:
        return Code.NOT_DELIVERED
    words = line(NUMBERS.sub("…", said), CHARS)
    return REASONS.get(number, f"Twilio {number}: {words}" if words else f"Twilio {number}")
