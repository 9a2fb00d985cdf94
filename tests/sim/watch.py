"""What is checked, and how a violation is told."""

from __future__ import annotations

import difflib
import enum
import pprint
from dataclasses import dataclass

import msgspec

from app.core.commands import Command
from app.core.errors import Code
from app.core.model import PersonId


class Check(enum.StrEnum):
    """What must always hold; each is a sentence that was found to be false."""

    SKIPPED = "no number is skipped"
    REPEATED = "no number is folded twice"
    PHANTOM = "nobody is told what is not in the store"
    SNAPSHOT = "a snapshot is the state at its number"
    DIFFERENT = "everybody knows the same"
    RESTART = "a restart knows the same"
    NUMBERS = "numbers are given once and without a gap"
    ACCEPTED = "what was accepted is in the store"
    REFUSED = "what was refused or not sent is not in the store"
    ANSWERED = "every command is answered in the end"
    SHOWN_TWICE = "an alert is shown once"
    SHOWN_FALSE = "only what was accepted is shown"
    NOT_SHOWN = "an alert is shown where it came"
    RUNGS = "what is said to be shown was shown"
    GHOST = "who has no connection does not look connected"
    PROTECTED = "a client without a connection does not look protected"
    GRACE = "a lost connection holds its hand for the grace time"
    RULES = "what the rules say of every state holds"
    PLACES = "everybody sees everybody at the same place"
    CAME_BACK = "everybody comes back"
    STEPS = "no step is skipped, taken twice, or taken after an answer"
    FORGOTTEN = "no open alert is forgotten"
    SENDS = "what is sent is sent once, and is what is said of it"
    TEXTS = "what a customer texts is in the inbox, once"
    STUCK = "the program goes on"
    ERRORS = "nothing fails unexpectedly"


@dataclass(frozen=True)
class Violation:
    """Attributes:
    at: s since the beginning of the run.
    """

    check: Check
    at: float
    words: str


class Outcome(enum.Enum):
    """What came of a command, as far as its client knows."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNSURE = "unsure"


@dataclass
class Asked:
    """A command that somebody gave.

    Attributes:
        epoch: of the database that answered.
        answered_at: s since the beginning.
        ambiguous: its id was used for something else, so an answer may be to that.
    """

    person: PersonId
    device: str
    command: Command
    epoch: str
    outcome: Outcome = Outcome.OPEN
    code: Code | None = None
    answered_at: float = 0.0
    ambiguous: bool = False


def said(name: str, right: msgspec.Struct, other_name: str, wrong: msgspec.Struct) -> str:
    """The difference between two states, line by line."""
    here, there = (
        pprint.pformat(msgspec.to_builtins(state), width=100).splitlines() for state in (right, wrong)
    )
    return "\n".join(difflib.unified_diff(here, there, name, other_name, lineterm="", n=2))


def brief(message: msgspec.Struct) -> str:
    """Its name and what is not as usual, on one line."""
    fields = ", ".join(
        f"{name}={value!r}" for name, value in msgspec.to_builtins(message).items() if name != "type"
    )
    return f"{type(message).__name__}({fields})"
