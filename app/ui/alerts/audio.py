"""Output devices and playback, through miniaudio: PulseAudio or ALSA, WASAPI, Core Audio.

For the sound helper alone. The one generator per device is called by the device's own thread.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Protocol

import miniaudio  # type: ignore[import-untyped]  # it ships no types

from app.ui.alerts.sound_protocol import Device

RATE = 48_000
CHANNELS = 2
BUFFER_MS = 200
BACKENDS = [
    miniaudio.Backend.WASAPI,
    miniaudio.Backend.COREAUDIO,
    miniaudio.Backend.PULSEAUDIO,
    miniaudio.Backend.ALSA,
]
"""All but the null device, which takes every sound and plays none."""
DUMMIES = ("auto_null",)
"""What PulseAudio and PipeWire offer where there is no hardware: nobody hears it."""


class AudioError(OSError):
    """The sound system refused."""


class Source(Protocol):
    def read(self, frames: int) -> bytes:
        """The next frames: 16 bit, stereo, interleaved."""
        ...


class Audio:
    """One connection to the sound system.

    Raises:
        AudioError: there is none.
    """

    def __init__(self) -> None:
        self._ids: dict[str, Any] = {}
        try:
            self._devices = miniaudio.Devices(BACKENDS)
        except miniaudio.MiniaudioError as error:
            raise AudioError(str(error)) from error

    def outputs(self) -> tuple[Device, ...]:
        """Those that are there now. Raises AudioError, also when the connection is gone."""
        try:
            found = self._devices.get_playbacks()
        except miniaudio.MiniaudioError as error:
            raise AudioError(str(error)) from error
        self._ids = {self._name(device["id"]): device["id"] for device in found}
        named = (Device(self._name(device["id"]), device["name"]) for device in found)
        return tuple(device for device in named if device.id not in DUMMIES)

    def play(self, device: str, source: Source) -> Playing:
        """Play on the device with this id as last listed, or on the default one. Raises AudioError."""
        try:
            return Playing(self._ids.get(device), source)
        except miniaudio.MiniaudioError as error:
            raise AudioError(str(error)) from error

    def _name(self, device_id: Any) -> str:
        """A device's id as text: it is a buffer that each sound system fills in its own way."""
        raw = bytes(miniaudio.ffi.buffer(device_id))
        if self._devices.backend == "WASAPI":
            return raw.decode("utf-16-le", "backslashreplace").partition("\0")[0]
        return raw.partition(b"\0")[0].decode("utf-8", "backslashreplace")


class Playing:
    """An open device. It does not say when its sound server goes away; nothing is read any more then."""

    def __init__(self, device_id: Any, source: Source) -> None:
        self._device = miniaudio.PlaybackDevice(
            miniaudio.SampleFormat.SIGNED16,
            CHANNELS,
            RATE,
            BUFFER_MS,
            device_id,
            backends=BACKENDS,
            app_name="Handraise",
        )
        feed = _feed(source)
        next(feed)
        self._device.start(feed)

    def close(self) -> None:
        self._device.close()


def _feed(source: Source) -> Generator[bytes, int, None]:
    frames = yield b""
    while True:
        frames = yield source.read(frames)
