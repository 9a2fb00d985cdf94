"""How alerts come through at somebody's machines, in words for the others."""

from __future__ import annotations

from collections.abc import Collection

from app.core.model import Channel, Reach
from app.ui.i18n import N_, tr, tr_template

LOST_WORDS = {
    Channel.POPUP: N_("no pop-up"),
    Channel.SOUND: N_("no sound"),
    Channel.NOTIFICATION: N_("no notifications"),
    Channel.TRAY: N_("no tray icon"),
}
LOUD = frozenset({Channel.POPUP, Channel.SOUND})
"""Without one of these an alert may go unnoticed; the others come on top of them."""


def lost_words(reach: Reach, among: Collection[Channel] = tuple(Channel)) -> str:
    """“no sound, no tray icon”; empty when nothing is lost."""
    return tr(", ").join(tr_template(LOST_WORDS[c], {}) for c in reach.lost if c in among)


def machine_words(reach: Reach, among: Collection[Channel] = tuple(Channel)) -> str:
    """“No sound on their machine”; empty when nothing is lost."""
    lost = lost_words(reach, among)
    words = tr("{lost} on their machine", lost=lost) if lost else ""
    return words[:1].upper() + words[1:]
