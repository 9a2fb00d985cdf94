"""What a phone call says and asks, as TwiML. https://www.twilio.com/docs/voice/twiml"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass

from app.core.characters import line
from app.server.delivery.speech import KEYS_WORDS, NO_KEY_WORDS, Words, language_of, words

SPOKEN_CHARS = 300
"""Characters of a text that are read aloud; about half a minute."""
TIMES = 3
"""How often the message is said."""
MOST_CHARS = 4_000
"""Characters that a gateway takes; signs such as & are written with five, and it refuses the call else."""
WAIT_S = 6
"""s that the phone waits for a key after each."""


@dataclass(frozen=True)
class Voice:
    """In which language the server speaks; texts are read in their own. ``language``: such as ``en``."""

    language: str

    def alert(self, text: str, action: str) -> str:
        """Says the text and how to answer, some times over, as far as there is room.

        Args:
            action: where the key goes to.
        """
        spoken = line(text, SPOKEN_CHARS)
        for times in range(TIMES, 1, -1):
            said = self._alert(spoken, action, times)
            if len(said) <= MOST_CHARS:
                return said
        return self._alert(spoken, action, 1)

    def _alert(self, spoken: str, action: str, times: int) -> str:
        response = ET.Element("Response")
        for _ in range(times):
            gather = self._gather(response, action)
            self._say(gather, spoken, language_of(spoken, self.language))
            self._say_own(gather, KEYS_WORDS)
        self._say_own(response, NO_KEY_WORDS)
        ET.SubElement(response, "Hangup")
        return _written(response)

    def again(self, action: str) -> str:
        """Another key than those asked for was pressed: asks once more."""
        response = ET.Element("Response")
        self._say_own(self._gather(response, action), KEYS_WORDS)
        self._say_own(response, NO_KEY_WORDS)
        ET.SubElement(response, "Hangup")
        return _written(response)

    def last(self, said: Words) -> str:
        """Says how it ended, and hangs up."""
        response = ET.Element("Response")
        self._say_own(response, said)
        ET.SubElement(response, "Hangup")
        return _written(response)

    def message(self, said: str) -> str:
        """Answers a text message; "" with nothing."""
        response = ET.Element("Response")
        if said:
            ET.SubElement(response, "Message").text = said
        return _written(response)

    def _gather(self, response: ET.Element, action: str) -> ET.Element:
        asked = {
            "input": "dtmf",
            "numDigits": "1",
            "timeout": str(WAIT_S),
            "action": action,
            "method": "POST",
        }
        return ET.SubElement(response, "Gather", asked)

    def _say_own(self, parent: ET.Element, said: Words) -> None:
        spoken = words(said, self.language)
        self._say(parent, spoken, language_of(spoken, self.language))

    def _say(self, parent: ET.Element, spoken: str, language: str) -> None:
        ET.SubElement(parent, "Say", language=language).text = spoken


def _written(response: ET.Element) -> str:
    return ET.tostring(response, encoding="unicode", xml_declaration=False)
