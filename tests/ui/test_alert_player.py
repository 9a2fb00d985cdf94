"""What the sound helper does with devices that come, go, refuse and swallow."""

from __future__ import annotations

from array import array

import pytest

from app.ui.alerts.sound_helper import CHECK_S, IDLE_S, Endless, Player, load, louder
from app.ui.alerts.sound_protocol import Device, Devices, Play, Said, Sounding, Trouble

SPEAKERS, HEADSET = Device("speakers", "Speakers"), Device("headset", "Headset")


class Opened:
    """A device that plays, as far as ``consume`` says."""

    def __init__(self, device: str, source: Endless) -> None:
        self.device, self.source, self.open = device, source, True

    def close(self) -> None:
        self.open = False


class System:
    """A sound system. Attributes: refuses: to play; broken: the connection is gone."""

    def __init__(self, *devices: Device) -> None:
        self.devices, self.refuses, self.broken = devices, False, False
        self.opened: list[Opened] = []

    def outputs(self) -> tuple[Device, ...]:
        if self.broken:
            raise OSError("gone")
        return self.devices

    def play(self, device: str, source: Endless) -> Opened:
        if self.refuses:
            raise OSError("refused")
        self.opened.append(Opened(device, source))
        return self.opened[-1]

    @property
    def playing(self) -> list[str]:
        return [opened.device for opened in self.opened if opened.open]


class Scene:
    def __init__(self, *devices: Device) -> None:
        self.system = System(*devices)
        self.said: list[Said] = []
        self.player = Player(lambda: self.system, self.said.append)
        self.player.look()

    def pass_seconds(self, seconds: int, heard: bool = True) -> None:
        for _ in range(seconds):
            for opened in self.system.opened:
                if heard and opened.open:
                    opened.source.read(48_000)
            self.player.look()


def test_it_plays_on_the_wanted_device_and_says_so_once() -> None:
    scene = Scene(SPEAKERS, HEADSET)
    scene.player.play(Play("chime", "headset"))
    assert scene.system.playing == ["headset"]
    scene.pass_seconds(4)
    assert scene.said == [Devices((SPEAKERS, HEADSET)), Sounding("headset")]
    scene.player.stop()
    assert scene.system.playing == []


def test_a_play_before_the_first_look_is_not_lost() -> None:
    scene = Scene(SPEAKERS)
    early = Player(lambda: scene.system, scene.said.append)
    early.play(Play("chime"))
    assert scene.system.playing == []
    early.look()
    assert scene.system.playing == [""]


def test_another_volume_neither_restarts_nor_shifts_the_sound() -> None:
    scene = Scene(SPEAKERS)
    scene.player.play(Play("chime", volume=100))
    source = scene.system.opened[0].source
    head = source.read(4_800)
    assert head == load("chime", 3.0)[: len(head)]
    scene.player.play(Play("chime", volume=50))
    assert len(scene.system.opened) == 1
    quiet, loud = array("h", source.read(4_800)), array("h", load("chime", 3.0)[len(head) : 2 * len(head)])
    assert any(loud)
    assert list(quiet) == [int(sample * 0.125) for sample in loud]
    assert not any(array("h", louder(load("chime", 3.0), 0)))


def test_the_stream_goes_round() -> None:
    stream = Endless(bytes(range(8)))  # two frames
    assert stream.read(3) == bytes([*range(8), 0, 1, 2, 3])
    assert stream.read(1) == bytes([4, 5, 6, 7])
    assert stream.taken == 4


def test_a_device_that_leaves_hands_over_to_the_default_and_takes_back() -> None:
    scene = Scene(SPEAKERS, HEADSET)
    scene.player.play(Play("chime", "headset"))
    scene.pass_seconds(2)
    scene.system.devices = (SPEAKERS,)
    scene.pass_seconds(3)
    assert scene.system.playing == [""]
    scene.system.devices = (SPEAKERS, HEADSET)
    scene.pass_seconds(3)
    assert scene.system.playing == ["headset"]
    assert scene.said == [
        Devices((SPEAKERS, HEADSET)),
        Sounding("headset"),
        Devices((SPEAKERS,)),
        Sounding("", fallback=True),
        Devices((SPEAKERS, HEADSET)),
        Sounding("headset"),
    ]


def test_a_sound_that_nobody_takes_is_told_tried_again_and_left_to_another_process() -> None:
    scene = Scene(SPEAKERS)
    scene.player.play(Play("chime"))
    scene.pass_seconds(5, heard=False)
    assert scene.said[-1] == Trouble("stalled")
    assert scene.system.playing == []
    scene.pass_seconds(1, heard=False)
    assert scene.system.playing == [""]
    assert not scene.player.afresh
    scene.pass_seconds(12, heard=False)
    assert scene.player.afresh


def test_a_sound_heard_again_forgives_the_earlier_troubles() -> None:
    scene = Scene(SPEAKERS)
    scene.player.play(Play("chime"))
    for _ in range(4):
        scene.pass_seconds(6, heard=False)
        scene.pass_seconds(3)
    assert not scene.player.afresh
    assert scene.said[-2:] == [Trouble("stalled"), Sounding("")]


def test_a_device_that_refuses_is_told() -> None:
    scene = Scene(SPEAKERS)
    scene.system.refuses = True
    scene.player.play(Play("chime"))
    assert scene.said[-1] == Trouble("failed")
    scene.system.refuses = False
    scene.pass_seconds(1)
    assert scene.system.playing == [""]


def test_without_a_device_it_waits_and_then_gives_way() -> None:
    scene = Scene()
    assert scene.said == [Devices(()), Trouble("no_device")]
    assert scene.player.pause == CHECK_S
    given_up = []
    for _ in range(9):
        scene.pass_seconds(1)
        given_up.append(scene.player.afresh)
    assert given_up == [False] * 8 + [True]
    assert len(scene.said) == 2


@pytest.mark.parametrize("ringing", [False, True])
def test_a_broken_connection_is_left_at_once(ringing: bool) -> None:
    scene = Scene(SPEAKERS)
    assert scene.player.pause == IDLE_S
    if ringing:
        scene.player.play(Play("chime"))
        assert scene.player.pause == CHECK_S
    scene.system.broken = True
    scene.pass_seconds(1, heard=False)
    assert scene.player.afresh
    assert scene.said[1:] == [Devices(()), Trouble("no_device")]
