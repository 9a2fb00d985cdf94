"""What of an alert would not reach this person here, and the sentence for it."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from app.ui.i18n import N_, tr, tr_template


class Channel(enum.StrEnum):
    POPUP = "popup"
    SOUND = "sound"
    NOTIFICATION = "notification"
    TRAY = "tray"


@dataclass(frozen=True)
class Degraded:
    """A channel that would not work now, and why.

    Attributes:
        reason: a key of :data:`SENTENCES`.
    """

    channel: Channel
    reason: str


SENTENCES = {
    "no_device": N_("No sound: this computer has no output device."),
    "failed": N_("No sound: the output device refuses to play."),
    "stalled": N_("No sound: the output device takes the sound and does not play it."),
    "helper_down": N_("No sound: the sound program stopped and is being started again."),
    "muted": N_("No sound: the volume of alerts is 0."),
    "unavailable": N_("No notifications: the desktop’s notification service does not answer."),
    "no_tray": N_("No tray icon: this desktop has no tray. The window stays open instead."),
    "not_visible": N_("The pop-up could not be shown on any screen."),
    "broken": N_("A part of the alert failed; the log has the details."),
}


def words(degraded: Degraded) -> str:
    """A sentence for a person; an unknown reason still says that something is wrong."""
    sentence = SENTENCES.get(degraded.reason)
    return tr_template(sentence, {}) if sentence else tr("An alert may not reach you completely.")
