"""What other programs of the same person ask of this one: come to the front, follow a link, raise a hand.

They open views. Whether a hand may go up without the person pressing Execute is a setting; by default it may
not, and the dialog opens filled in.
"""

from __future__ import annotations

from collections.abc import Callable

from app.core.commands import RaiseEscalation
from app.core.errors import Refusal
from app.core.model import Level, Recipients
from app.core.space import SpaceState
from app.core.text import check_message
from app.net.client import Link
from app.ui.deep_links import DeepLink, follow, parse_link, unknown_words
from app.ui.desk import Desk
from app.ui.i18n import tr
from app.ui.instance import Outcome, Raise, Reply, Request, Said
from app.ui.preferences import Preferences
from app.ui.words import in_a_row, refusal_words


class Visitors:
    """Args:
    open_window: show the sign-in page while nobody is signed in.
    """

    def __init__(self, preferences: Preferences, open_window: Callable[[], None]) -> None:
        self._preferences, self._open_window = preferences, open_window
        self._later: DeepLink | None = None

    def asked(self, desk: Desk | None, request: Request, reply: Reply) -> None:
        """Answers once, perhaps later."""
        if isinstance(request, Raise):
            self._raise(desk, request, reply)
        elif request.link:
            reply(self.follow(desk, request.link))
        else:
            self._show(desk)
            reply(Said(Outcome.DONE))

    def follow(self, desk: Desk | None, text: str) -> Said:
        """Open what a link leads to; while nobody is signed in, as soon as somebody is."""
        self._show(desk)
        link = parse_link(text)
        if link is None:
            return _tell(desk, unknown_words())
        if desk is None:
            self._later = link
            return Said(Outcome.WAITS, tr("The link is opened once you have signed in."))
        return _tell(desk, follow(desk, link))

    def signed_in(self, desk: Desk) -> None:
        """The link that waited for this is followed."""
        link, self._later = self._later, None
        if link is not None:
            _tell(desk, follow(desk, link))

    def _show(self, desk: Desk | None) -> None:
        if desk is not None:
            desk.window.open()
        else:
            self._open_window()

    # Raising a hand

    def _raise(self, desk: Desk | None, request: Raise, reply: Reply) -> None:
        space = desk.client.space if desk is not None else None
        if desk is None or space is None:
            reply(Said(Outcome.FAILED, tr("Nobody is signed in. Open Handraise and sign in first.")))
            return
        message = check_message(request.text)
        strangers = [handle for handle in request.to if _unknown(space, handle)]
        if isinstance(message, Refusal):
            reply(Said(Outcome.FAILED, refusal_words(message)))
        elif strangers:
            words = tr("Nobody here is called {handles}.", handles=in_a_row(f"@{h}" for h in strangers))
            reply(Said(Outcome.FAILED, words))
        elif desk.hands.own is not None:
            reply(Said(Outcome.FAILED, tr("Your hand is already raised.")))
        elif desk.hands.waiting is not None:
            reply(Said(Outcome.FAILED, tr("Your hand waits for the connection already.")))
        else:
            level = Level.RED if request.red else Level.YELLOW
            command = RaiseEscalation(level, message, _recipients(space, request.to))
            if self._may_act(level) and not desk.escalation.asks_first(level):
                _raise_now(desk, command, reply)
            else:
                reply(_propose(desk, command))

    def _may_act(self, level: Level) -> bool:
        return self._preferences.raise_directly in ((Level.RED,) if level is Level.RED else tuple(Level))


def _tell(desk: Desk | None, trouble: str) -> Said:
    if trouble and desk is not None:
        desk.toasts.say(trouble)
    return Said(Outcome.FAILED if trouble else Outcome.DONE, trouble)


def _unknown(space: SpaceState, handle: str) -> bool:
    found = space.directory.find(handle)
    return found is None or not (found.person or found.group)


def _recipients(space: SpaceState, handles: tuple[str, ...]) -> Recipients:
    found = [mention for handle in handles if (mention := space.directory.find(handle))]
    return Recipients(
        people=tuple(dict.fromkeys(m.person for m in found if m.person)),
        groups=tuple(dict.fromkeys(m.group for m in found if m.group)),
    )


def _propose(desk: Desk, command: RaiseEscalation) -> Said:
    """The dialog, filled in; what somebody has begun to write there is not touched."""
    desk.window.open()
    if not desk.escalation.propose(command):
        return Said(Outcome.FAILED, tr("The escalation dialog is in use: finish or clear it first."))
    return Said(Outcome.WAITS, tr("The escalation dialog is filled in. Press Execute there."))


def _raise_now(desk: Desk, command: RaiseEscalation, reply: Reply) -> None:
    def failed(reason: str) -> None:
        reply(Said(Outcome.FAILED, reason))
        if waits:
            desk.toasts.say(reason)

    waits = desk.client.connection.link is not Link.PROTECTED
    desk.hands.raise_hand(
        command, done=lambda: reply(Said(Outcome.DONE, tr("Your hand is raised."))), failed=failed
    )
    if waits:  # nobody is kept waiting in a terminal for a server that is away
        words = tr("NOT PROTECTED: your hand goes up when the connection is back.")
        reply(Said(Outcome.FAILED, words))
