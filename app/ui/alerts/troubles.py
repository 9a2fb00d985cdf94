"""What of an alert would not reach this person here: the sentence for it, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.model import Channel, Reach
from app.ui.i18n import N_, tr, tr_template


@dataclass(frozen=True)
class Degraded:
    """A channel that would not work now, and why.

    Attributes:
        reason: a key of :data:`SENTENCES`.
    """

    channel: Channel
    reason: str


SYSTEM_MUTED = "system_muted"

SENTENCES = {
    "no_device": N_("No sound: this computer has no output device."),
    "failed": N_("No sound: the output device refuses to play."),
    "stalled": N_("No sound: the output device takes the sound and does not play it."),
    "helper_down": N_("No sound: the sound program stopped and is being started again."),
    "muted": N_("No sound: the volume of alerts is 0."),
    SYSTEM_MUTED: N_("No sound: this computer is muted."),
    "unavailable": N_("No notifications: the desktop’s notification service does not answer."),
    "do_not_disturb": N_("No notifications: the desktop is set to do not disturb."),
    "no_tray": N_("No tray icon: this desktop has no tray. The window stays open instead."),
    "not_visible": N_("The pop-up could not be shown on any screen."),
    "broken": N_("A part of the alert failed; the log has the details."),
}

MENDING = {
    "no_device": N_("Connect a headset or speakers; it is noticed at once."),
    "failed": N_("Choose another output under “Plays on”, or close the program that holds this one."),
    "stalled": N_("Choose another output under “Plays on”, or connect the device again."),
    "helper_down": N_("If it stays like this, start Handraise again."),
    "muted": N_("Move the volume up in the settings."),
    SYSTEM_MUTED: N_("Switch the sound on in the system’s volume control."),
    "unavailable": N_("The pop-up comes all the same. Start the notification service of your desktop."),
    "do_not_disturb": N_(
        "The pop-up and the sound come all the same. Switch do not disturb off to see notifications too."
    ),
    "no_tray": N_("Nothing needs to be done; keep the window open."),
    "not_visible": N_("See that a screen is connected and switched on."),
    "broken": N_("Start Handraise again; if it stays like this, send the log to whoever looks after it."),
}

DOUBTS = {
    Channel.POPUP: N_("Whether pop-ups are shown is not known yet."),
    Channel.SOUND: N_("Whether alerts can be heard is not known: the system’s volume cannot be read."),
    Channel.NOTIFICATION: N_("Whether notifications are shown is not known: this system does not tell."),
    Channel.TRAY: N_("Whether the tray icon can be seen is not known yet."),
}


def words(degraded: Degraded) -> str:
    """A sentence for a person; an unknown reason still says that something is wrong."""
    sentence = SENTENCES.get(degraded.reason)
    return tr_template(sentence, {}) if sentence else tr("An alert may not reach you completely.")


def mending(degraded: Degraded) -> str:
    """What the person can do about it; empty where that is not known."""
    sentence = MENDING.get(degraded.reason)
    return tr_template(sentence, {}) if sentence else ""


def doubt(channel: Channel) -> str:
    """The sentence for a channel of which nothing is known."""
    return tr_template(DOUBTS[channel], {})


def reach_of(degraded: Iterable[Degraded], unknown: Iterable[Channel]) -> Reach:
    """What others may know of it: which channels, not why."""
    lost = {trouble.channel for trouble in degraded}
    return Reach(
        tuple(c for c in Channel if c in lost), tuple(c for c in Channel if c in set(unknown) - lost)
    )
