"""How somebody answered, in a sentence: the same below one's message, in its timeline and in the history."""

from __future__ import annotations

from app.core.policy import AnswerWay
from app.ui.i18n import tr


def answered_words(way: AnswerWay | None, names: str) -> str:
    """``names``: of whom; ``way`` is ``None`` where it is not known."""
    match way:
        case AnswerWay.APPROACH:
            return tr("{names} is on the way", names=names)
        case AnswerWay.CHAT:
            return tr("{names} chats", names=names)
        case AnswerWay.READ:
            return tr("{names} has read it", names=names)
        case AnswerWay.REPLY:
            return tr("{names} replied", names=names)
        case AnswerWay.COMING:
            return tr("{names} will come", names=names)
        case AnswerWay.KEY:
            return tr("{names} confirmed on the phone", names=names)
        case AnswerWay.SMS:
            return tr("{names} answered by text message", names=names)
        case AnswerWay.RESOLVE:
            return tr("{names} resolved it", names=names)
        case _:
            return tr("{names} answered through another program", names=names)
