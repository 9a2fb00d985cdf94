"""Asks the system's secret store, in a process of its own: ``python -m app.net.keyring_helper``.

A store that is locked or broken may hold whoever asks it for ever, and the libraries behind one weigh 15 MB
that nobody needs for the rest of the day: both end with the process. One JSON question on standard input,
one JSON answer on standard output; nothing secret is ever an argument or in a log.
"""

from __future__ import annotations

import os
import sys
import threading

import keyring
from keyring.errors import KeyringLocked, NoKeyringError

from app.net.credentials import Answer, Obstacle, Question, Verb, decode_question, encode_answer

LIFE_SECONDS = 120.0
"""Long enough for a person to unlock the store; whoever asked has gone on without it long before."""


def answer(question: Question) -> Answer:
    """Do it; what goes wrong is a value, without the text, which may quote what it was given."""
    try:
        return _do(question)
    except NoKeyringError:
        return Answer(obstacle=Obstacle.NO_KEYRING)
    except KeyringLocked:
        return Answer(obstacle=Obstacle.LOCKED)
    except Exception as error:  # noqa: BLE001 - backends raise whatever their system raises
        return Answer(obstacle=Obstacle.FAILED, error=type(error).__name__)


def _do(question: Question) -> Answer:
    service, name = question.service, question.name
    match question.verb:
        case Verb.PRESENT:
            # The library's stand-ins for "none" have no priority.
            there = float(keyring.get_keyring().priority) > 0
            return Answer(obstacle=None if there else Obstacle.NO_KEYRING)
        case Verb.GET:
            return Answer(secret=keyring.get_password(service, name))
        case Verb.SET:
            keyring.set_password(service, name, question.secret)
        case Verb.DELETE:
            # Some stores say "there is none" with an error; asking first tells the two apart.
            if keyring.get_password(service, name) is not None:
                keyring.delete_password(service, name)
    return Answer()


def main() -> int:
    """Answer the one question; exit code 2 for what is none."""
    deadline = threading.Timer(LIFE_SECONDS, os._exit, (1,))
    deadline.daemon = True
    deadline.start()
    try:
        question = decode_question(sys.stdin.buffer.read())
    except ValueError:
        return 2
    sys.stdout.buffer.write(encode_answer(answer(question)))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
