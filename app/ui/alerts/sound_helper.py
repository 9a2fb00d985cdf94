"""The sound of an alert, in a process of its own: ``python -m app.ui.alerts.sound_helper``.

Sound servers take their clients down (libpulse aborts when its server is killed while playing). Here that
costs a helper, which the client starts again.

The sound and the pause after it are one endless stream, not a player started anew each time: sounds
are never cut by the output's own latency (2 s on some sinks), and a stream that makes no progress
shows within seconds that nobody can hear it.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import wave
from array import array
from collections.abc import Callable
from types import ModuleType
from typing import Protocol

from app.shipped import RESOURCES
from app.ui.alerts import sound_protocol as protocol
from app.ui.alerts.sound_protocol import Device, Devices, Ping, Play, Pong, Said, Sounding, Stop, Trouble

SOUND_FILES = RESOURCES / "sounds"
FRAME_BYTES = 4
"""16 bit, two channels; 48,000 of them a second."""
CHECK_S = 1.0
"""s between looks while something is to sound, or there is no device."""
IDLE_S = 2.0
"""s between looks for other devices; each costs a quarter of a millisecond."""
STALLED_CHECKS = 5
"""Checks without progress after which nobody can be hearing it (a null sink starts after 2 s)."""
TRIES = 3
"""Troubles in a row after which only a fresh process (a fresh connection) may help."""
EXIT_USAGE = 2
EXIT_AFRESH = 3
CHECKS_WITHOUT_DEVICE = 10


def load(sound: str, every: float) -> bytes:
    """The sound followed by silence, ``every`` s long (at least the sound itself): 48 kHz stereo PCM."""
    name = sound if sound in (*protocol.SOUNDS, protocol.CALL, protocol.TEXT) else protocol.SOUNDS[0]
    with wave.open(str(SOUND_FILES / f"{name}.wav")) as file:
        pcm: bytes = file.readframes(file.getnframes())
    whole = int(every * 48_000) * FRAME_BYTES
    return pcm + bytes(max(0, whole - len(pcm)))


def gain(volume: int) -> float:
    """Linear gain 0..1 of a loudness 0..100, cubic as PulseAudio has it."""
    return float(min(100, max(0, volume)) / 100) ** 3


def louder(pcm: bytes, volume: int) -> bytes:
    """The same samples at a volume of 0..100."""
    samples, factor = array("h", pcm), gain(volume)
    return array("h", (int(sample * factor) for sample in samples)).tobytes()


class Endless:
    """The same samples over and over.

    Attributes:
        taken: frames that the device has asked for so far.
    """

    def __init__(self, pcm: bytes) -> None:
        self.taken = 0
        self._pcm = pcm
        self._at = 0

    def replace(self, pcm: bytes) -> None:
        """Go on at the same place of others, as long."""
        self._pcm = pcm

    def read(self, frames: int) -> bytes:
        self.taken += frames
        most, pcm, out = frames * FRAME_BYTES, self._pcm, bytearray()
        while len(out) < most:
            part = pcm[self._at : self._at + most - len(out)]
            out += part
            self._at = (self._at + len(part)) % len(pcm)
        return bytes(out)


class Output(Protocol):
    """A device that plays."""

    def close(self) -> None: ...


class SoundSystem(Protocol):
    """A connection to the system's sound; both raise OSError where it refuses or is gone."""

    def outputs(self) -> tuple[Device, ...]: ...

    def play(self, device: str, source: Endless) -> Output: ...


class Player:
    """Keeps one wanted :class:`Play` sounding, and says what comes of it.

    Args:
        connect: opens a connection to the sound system; raises OSError where there is none.
        say: takes an event for the client.

    Attributes:
        afresh: this process cannot get the sound going; another one may.
        pause: s until :meth:`look` is to be called again.
    """

    def __init__(self, connect: Callable[[], SoundSystem], say: Callable[[Said], None]) -> None:
        self.afresh = False
        self.pause = 0.0
        self._connect, self._tell = connect, say
        self._audio: SoundSystem | None = None
        self._outputs: tuple[Device, ...] | None = None
        self._wanted: Play | None = None
        self._output: Output | None = None
        self._stream: Endless | None = None
        self._device = ""
        self._progress = 0
        self._checks = 0
        self._troubles = 0
        self._last: Said | None = None

    def play(self, play: Play) -> None:
        before, self._wanted = self._wanted, play
        same = before is not None and (before.sound, before.every, before.device) == (
            play.sound,
            play.every,
            play.device,
        )
        if same and self._stream is not None:
            self._stream.replace(louder(load(play.sound, play.every), play.volume))
        else:
            self._start()
        self.pause = CHECK_S

    def stop(self) -> None:
        self._wanted = None
        self._silence()
        self._last = None

    def look(self) -> None:
        """Follow the devices, and whether the sound makes progress."""
        self._follow_devices()
        if self._wanted is None:
            self._look_idle()
        elif self._output is None:
            self._start()
        else:
            self._look_at_progress()
        self.pause = IDLE_S if self._wanted is None and self._outputs else CHECK_S

    # -- one stream ------------------------------------------------------------------------------

    def _start(self) -> None:
        wanted = self._wanted
        self._silence()
        if wanted is None or self._outputs is None:
            return  # the first look follows
        if self._audio is None or not self._outputs:
            self._trouble("no_device")
            return
        there = any(output.id == wanted.device for output in self._outputs)
        self._device = wanted.device if there else ""
        self._stream = Endless(louder(load(wanted.sound, wanted.every), wanted.volume))
        try:
            self._output = self._audio.play(self._device, self._stream)
        except OSError:
            self._trouble("failed")

    def _silence(self) -> None:
        if self._output is not None:
            self._output.close()
        self._output = self._stream = None
        self._progress = self._checks = 0

    def _look_at_progress(self) -> None:
        assert self._stream is not None
        taken = self._stream.taken
        if taken > self._progress:
            # The first chunks only fill the buffer; from then on somebody consumes it.
            if self._progress > 0:
                self._sounds()
            self._progress, self._checks = taken, 0
            return
        self._checks += 1
        if self._checks >= STALLED_CHECKS:
            self._trouble("stalled")

    def _look_idle(self) -> None:
        if self._outputs:
            self._checks = 0
            return
        self._checks += 1
        self.afresh = self.afresh or self._checks >= CHECKS_WITHOUT_DEVICE

    def _sounds(self) -> None:
        self._troubles = 0
        missing = self._wanted is not None and self._wanted.device != self._device
        self._say(Sounding(self._device, fallback=missing))

    def _trouble(self, reason: str) -> None:
        self._silence()
        self._say(Trouble(reason))
        self._troubles += 1
        self.afresh = self.afresh or self._troubles >= TRIES

    # -- devices ---------------------------------------------------------------------------------

    def _follow_devices(self) -> None:
        try:
            if self._audio is None:
                self._audio = self._connect()
            outputs = self._audio.outputs()
        except OSError:
            # A connection that broke does not mend; this process has nothing else to lose.
            self.afresh = self.afresh or bool(self._outputs)
            outputs = ()
        if outputs == self._outputs:
            return
        before, self._outputs = self._outputs, outputs
        self._tell(Devices(outputs))
        if not outputs:
            self._say(Trouble("no_device"))
        elif self._last == Trouble("no_device"):
            self._last = None
        if before is not None and self._wanted is not None and self._moved():
            self._start()

    def _moved(self) -> bool:
        """Whether it should sound on another device now."""
        assert self._wanted is not None
        there = any(output.id == self._wanted.device for output in self._outputs or ())
        return self._device != (self._wanted.device if there else "")

    def _say(self, event: Said) -> None:
        """Say a state once, not every second."""
        if event != self._last:
            self._last = event
            self._tell(event)


def main() -> int:
    """Obey the lines of standard input until it ends. Exit code 3: start me again."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(lines,), name="stdin", daemon=True).start()
    player = Player(_connect, _say)
    try:
        return _obey(player, lines)
    except BrokenPipeError:
        return 0  # nobody listens any more
    finally:
        player.stop()


def _obey(player: Player, lines: queue.SimpleQueue[bytes]) -> int:
    due = time.monotonic()
    while not player.afresh:
        try:
            line = lines.get(timeout=max(0.0, due - time.monotonic()))
        except queue.Empty:
            player.look()
            due = time.monotonic() + player.pause
            continue
        if not line:
            return 0
        try:
            command = protocol.decode_command(line)
        except ValueError:
            return EXIT_USAGE  # whoever speaks is not our client
        match command:
            case Play():
                player.play(command)
            case Stop():
                player.stop()
            case Ping(n=n):
                _say(Pong(n))
        due = min(due, time.monotonic() + player.pause)
    return EXIT_AFRESH


def _read(lines: queue.SimpleQueue[bytes]) -> None:
    """In a thread, as there is no portable notifier for pipes. The last line is empty: the client is gone."""
    # Unbuffered: a thread that waits inside a buffered reader makes Python abort at its end.
    with open(0, "rb", buffering=0, closefd=False) as raw:
        while line := raw.readline(protocol.LINE_BYTES + 1):
            lines.put(line)
    lines.put(b"")


def _say(event: Said) -> None:
    sys.stdout.buffer.write(protocol.encode(event))
    sys.stdout.buffer.flush()


def _connect() -> SoundSystem:
    # miniaudio imports these for arrays and web radio; without them this process weighs half as much.
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]  # None means: not there
    sys.modules.setdefault("urllib.request", ModuleType("urllib.request"))
    from app.ui.alerts.audio import Audio

    return Audio()


if __name__ == "__main__":
    sys.exit(main())
