"""Whether the system plays nothing, as its own tools say it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest
from pytestqt.qtbot import QtBot

from app.ui.alerts.system_volume import SystemVolume, is_muted, questions

LOUD = "Volume: front-left: 26214 /  40% / -23.88 dB,   front-right: 26214 /  40% / -23.88 dB"
ZERO = "Volume: front-left: 0 /   0% / -inf dB,   front-right: 0 /   0% / -inf dB"
ONE_SIDE = "Volume: front-left: 0 /   0% / -inf dB,   front-right: 6553 /  10% / -60.00 dB"


@pytest.mark.parametrize(
    ("answers", "muted"),
    [
        (f"Mute: no\n{LOUD}", False),
        (f"Mute: yes\n{LOUD}", True),
        (f"Mute: no\n{ZERO}", True),
        (f"Mute: no\n{ONE_SIDE}", False),
        ("Mute: true 60%", True),
        ("Mute: false 60%", False),
        ("Mute: false missing value%", None),
        ("Connection failure: Connection refused", None),
        ("", None),
    ],
)
def test_what_the_tools_say(answers: str, muted: bool | None) -> None:
    assert is_muted(answers) is muted


class Machine:
    """Answers with what a test writes, through real processes."""

    def __init__(self) -> None:
        self.answers = [f"Mute: no\n{LOUD}"]
        self.devices: list[str] = []

    def __call__(self, device: str) -> Sequence[Sequence[str]]:
        self.devices.append(device)
        return [(sys.executable, "-c", f"print({answer!r})") for answer in self.answers]


def test_it_is_asked_for_the_output_that_is_used_and_follows(qtbot: QtBot) -> None:
    machine = Machine()
    volume = SystemVolume(ask=machine)
    said: list[bool | None] = []
    volume.changed.connect(lambda: said.append(volume.muted))
    with qtbot.waitSignal(volume.changed):
        volume.start()
    machine.answers = ["Mute: no", ZERO]
    with qtbot.waitSignal(volume.changed):
        volume.set_device("headset")
    assert machine.devices[-1] == "headset"
    machine.answers = ["no such sink"]
    with qtbot.waitSignal(volume.changed):
        volume.look()
    assert said == [False, True, None]
    volume.close()


def test_without_the_tools_it_stays_unknown_and_nothing_breaks(qtbot: QtBot) -> None:
    volume = SystemVolume(ask=lambda _: [("no-such-program-here",)])
    volume.start()
    qtbot.waitUntil(lambda: volume._process is None)
    assert volume.muted is None
    volume.close()
    nowhere = SystemVolume(ask=lambda _: [])
    nowhere.start()
    assert not nowhere._timer.isActive()


def test_the_commands_name_the_sink() -> None:
    if sys.platform == "linux":
        assert questions("alsa_output.usb")[0] == ("pactl", "get-sink-mute", "alsa_output.usb")
        assert questions("")[1] == ("pactl", "get-sink-volume", "@DEFAULT_SINK@")
