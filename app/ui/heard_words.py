"""How far came what was sent to phones and addresses, in words: what is known of it, and no more."""

from __future__ import annotations

from app.core.model import Heard, Taken
from app.core.sends import SendState
from app.ui.i18n import tr, trn
from app.ui.words import reason_of


def sent_to(what: Taken, count: int, names: str) -> str:
    match what:
        case Taken.TEXT:
            return trn("text message to {names}", "text messages to {names}", count, names=names)
        case Taken.CALL:
            return trn("call to {names}", "calls to {names}", count, names=names)
        case _:
            return tr("told to {names}", names=names)


def thing(what: Taken, count: int = 1, names: str = "") -> str:
    match what:
        case Taken.TEXT:
            return sent_to(what, count, names) if names else tr("text message")
        case Taken.CALL:
            return sent_to(what, count, names) if names else tr("phone call")
        case _:
            return tr("message to {names}", names=names) if names else tr("message elsewhere")


def on_its_way(sent: str) -> str:
    """``sent``: the thing, here and below."""
    return tr("{sent}: on its way", sent=sent)


def unknown(sent: str) -> str:
    return tr("{sent}: not known whether it arrived", sent=sent)


def failed(sent: str, reason: str) -> str:
    """``reason``: as it is known, see :func:`app.ui.words.reason_of`."""
    why = reason_of(reason).rstrip(".。") or tr("no reason given")
    return tr("{sent} failed: {reason}", sent=sent, reason=why)


def came(what: Taken, heard: Heard | None, waiting: bool) -> str:
    """How far it came; empty where an answer has kept it from being sent.

    Args:
        waiting: nobody has answered yet.
    """
    match heard.state if heard is not None else SendState.WAITING:
        case SendState.SENT:
            return _sent(what)
        case SendState.DELIVERED:
            return _delivered(what)
        case SendState.WAITING if waiting:
            return on_its_way(thing(what))
        case SendState.UNKNOWN:
            return unknown(thing(what))
        case SendState.FAILED:
            return failed(thing(what), heard.reason if heard is not None else "")
        case _:
            return ""


def _sent(what: Taken) -> str:
    match what:
        case Taken.TEXT:
            return tr("text message sent, not known to be delivered yet")
        case Taken.CALL:
            return tr("phone is being called")
        case _:
            return tr("told elsewhere")


def _delivered(what: Taken) -> str:
    match what:
        case Taken.TEXT:
            return tr("text message delivered")
        case Taken.CALL:
            return tr("phone call was picked up")
        case _:
            return tr("told elsewhere")
