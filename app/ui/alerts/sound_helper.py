"""The sound of an alert, in a process of its own: ``python -m app.ui.alerts.sound_helper``.

Sound servers take their clients down (libpulse aborts when its server is killed while playing; Qt on
PipeWire has been seen to abort too). Here that costs a helper, which the client starts again.

The sound and the pause after it are one endless stream, not a player started anew each time: sounds
are never cut by the output's own latency (2 s on some sinks), and a stream that makes no progress
shows within seconds that nobody can hear it.
"""

from __future__ import annotations

import sys
import threading
import wave
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QIODevice, QObject, QTimer, Signal
from PySide6.QtMultimedia import QAudioDevice, QAudioFormat, QAudioSink, QMediaDevices, QtAudio

from app.ui.alerts import sound_protocol as protocol
from app.ui.alerts.sound_protocol import Device, Devices, Ping, Play, Pong, Said, Sounding, Stop, Trouble

RESOURCES = Path(__file__).resolve().parents[3] / "resources" / "sounds"
CHECK_MS = 1_000
STALLED_CHECKS = 5
"""Checks without progress after which nobody can be hearing it (a null sink starts after 2 s)."""
TRIES = 3
"""Troubles in a row after which only a fresh process (a fresh connection) may help."""
EXIT_USAGE = 2
EXIT_AFRESH = 3
IDLE_CHECKS_WITHOUT_DEVICE = 10


def sound_format() -> QAudioFormat:
    audio = QAudioFormat()
    audio.setSampleRate(48_000)
    audio.setChannelCount(2)
    audio.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    return audio


def load(sound: str, every: float) -> bytes:
    """The sound followed by silence, ``every`` s long (at least the sound itself): 48 kHz stereo PCM."""
    name = sound if sound in protocol.SOUNDS else protocol.SOUNDS[0]
    with wave.open(str(RESOURCES / f"{name}.wav")) as file:
        pcm: bytes = file.readframes(file.getnframes())
    whole = int(every * 48_000) * 4
    return pcm + bytes(max(0, whole - len(pcm)))


def gain(volume: int) -> float:
    """Linear gain 0..1 of a loudness 0..100, cubic as PulseAudio has it."""
    return float(min(100, max(0, volume)) / 100) ** 3


class Endless(QIODevice):
    """A device that reads the same bytes over and over."""

    def __init__(self, pcm: bytes, parent: QObject) -> None:
        super().__init__(parent)
        self._pcm = pcm
        self._at = 0
        self.open(QIODevice.OpenModeFlag.ReadOnly)

    def readData(self, most: int) -> bytes:
        out = bytearray()
        while len(out) < most:
            part = self._pcm[self._at : self._at + most - len(out)]
            out += part
            self._at = (self._at + len(part)) % len(self._pcm)
        return bytes(out)

    def writeData(self, data: bytes | bytearray | memoryview, size: int) -> int:
        return -1

    def isSequential(self) -> bool:
        return True

    def bytesAvailable(self) -> int:
        return len(self._pcm)


class Player(QObject):
    """Keeps one wanted :class:`Play` sounding, and says what comes of it.

    Signals:
        said: an event for the client.
        afresh: this process cannot get the sound going; another one may.
    """

    said = Signal(object)
    afresh = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wanted: Play | None = None
        self._sink: QAudioSink | None = None
        self._stream: Endless | None = None
        self._device = b""
        self._progress = 0
        self._idle_checks = 0
        self._troubles = 0
        self._last: Said | None = None
        self._media = QMediaDevices(self)
        self._media.audioOutputsChanged.connect(self._outputs_changed)
        self._check = QTimer(self)
        self._check.setInterval(CHECK_MS)
        self._check.timeout.connect(self._look)

    def begin(self) -> None:
        self._tell_devices()
        self._check.start()

    def play(self, play: Play) -> None:
        before, self._wanted = self._wanted, play
        if self._sink is not None and before is not None:
            self._sink.setVolume(gain(play.volume))
            same = (before.sound, before.every, before.device) == (play.sound, play.every, play.device)
            if same:
                return
        self._start()

    def stop(self) -> None:
        self._wanted = None
        self._silence()
        self._last = None

    # -- one stream ------------------------------------------------------------------------------

    def _start(self) -> None:
        wanted = self._wanted
        self._silence()
        if wanted is None:
            return
        output = choose(QMediaDevices.audioOutputs(), QMediaDevices.defaultAudioOutput(), wanted.device)
        if output.isNull():
            self._trouble("no_device")
            return
        self._device = bytes(output.id().data())
        self._stream = Endless(load(wanted.sound, wanted.every), self)
        self._sink = QAudioSink(output, sound_format(), self)
        self._sink.setVolume(gain(wanted.volume))
        self._sink.start(self._stream)

    def _silence(self) -> None:
        if self._sink is not None:
            self._sink.reset()  # stop() would let play on what is already buffered
            self._sink.deleteLater()
            self._sink = None
        if self._stream is not None:
            self._stream.close()
            self._stream.deleteLater()
            self._stream = None
        self._progress = 0
        self._idle_checks = 0

    def _look(self) -> None:
        if self._wanted is None:
            self._look_idle()
            return
        sink = self._sink
        if sink is None:
            self._start()
            return
        if sink.error() in (QtAudio.Error.OpenError, QtAudio.Error.IOError, QtAudio.Error.FatalError):
            self._trouble("failed")
            return
        played = sink.processedUSecs()
        if played > self._progress:
            # The first chunk is only buffered; from the second on somebody consumes it.
            if self._progress > 0:
                self._sounds()
            self._progress, self._idle_checks = played, 0
            return
        self._idle_checks += 1
        if self._idle_checks >= STALLED_CHECKS:
            self._trouble("stalled")

    def _look_idle(self) -> None:
        if QMediaDevices.audioOutputs():
            self._idle_checks = 0
            return
        self._idle_checks += 1
        if self._idle_checks >= IDLE_CHECKS_WITHOUT_DEVICE:
            self.afresh.emit()

    def _sounds(self) -> None:
        self._troubles = 0
        wanted = self._wanted
        missing = wanted is not None and wanted.device not in ("", text(self._device))
        self._say(Sounding(text(self._device), fallback=missing))

    def _trouble(self, reason: str) -> None:
        self._silence()
        self._say(Trouble(reason))
        self._troubles += 1
        if self._troubles >= TRIES:
            self.afresh.emit()

    # -- devices ---------------------------------------------------------------------------------

    def _outputs_changed(self) -> None:
        self._tell_devices()
        if self._wanted is None:
            return
        output = choose(QMediaDevices.audioOutputs(), QMediaDevices.defaultAudioOutput(), self._wanted.device)
        if self._sink is None or bytes(output.id().data()) != self._device:
            self._start()

    def _tell_devices(self) -> None:
        default = QMediaDevices.defaultAudioOutput().id()
        outputs = tuple(
            Device(text(bytes(o.id().data())), o.description(), o.id() == default)
            for o in QMediaDevices.audioOutputs()
        )
        self.said.emit(Devices(outputs))
        if not outputs:
            self._say(Trouble("no_device"))
        elif self._last == Trouble("no_device"):
            self._last = None

    def _say(self, event: Said) -> None:
        """Say a state once, not every second."""
        if event != self._last:
            self._last = event
            self.said.emit(event)


def choose(outputs: list[QAudioDevice], default: QAudioDevice, wanted: str) -> QAudioDevice:
    """The output with that id, or the default one when it is gone (which may be null: none at all)."""
    return next((o for o in outputs if wanted and text(bytes(o.id().data())) == wanted), default)


def text(raw: bytes) -> str:
    """A device id as text; ids are bytes of the sound system's own making."""
    return raw.decode("utf-8", "backslashreplace")


class Lines(QObject):
    """Reads standard input in a thread (there is no portable notifier for pipes).

    Signals:
        line: one line, without its end.
        ended: the client is gone.
    """

    line = Signal(bytes)
    ended = Signal()

    def begin(self) -> None:
        threading.Thread(target=self._read, name="stdin", daemon=True).start()

    def _read(self) -> None:
        # Unbuffered: a thread that waits inside a buffered reader makes Python abort at its end.
        with open(0, "rb", buffering=0, closefd=False) as raw:
            while line := raw.readline(protocol.LINE_BYTES + 1):
                self.line.emit(line)
        self.ended.emit()


def main() -> int:
    """Obey the lines of standard input until it ends. Exit code 3: start me again."""
    app = QCoreApplication(sys.argv)
    player = Player()
    lines = Lines()

    def say(event: Said) -> None:
        try:
            sys.stdout.buffer.write(protocol.encode(event))
            sys.stdout.buffer.flush()
        except OSError:
            app.quit()  # nobody listens any more

    def obey(line: bytes) -> None:
        try:
            command = protocol.decode_command(line)
        except ValueError:
            app.exit(EXIT_USAGE)  # whoever speaks is not our client
            return
        match command:
            case Play():
                player.play(command)
            case Stop():
                player.stop()
            case Ping(n=n):
                say(Pong(n))

    player.said.connect(say)
    player.afresh.connect(lambda: app.exit(EXIT_AFRESH))
    lines.line.connect(obey)
    lines.ended.connect(app.quit)
    QTimer.singleShot(0, player.begin)
    lines.begin()
    code = app.exec()
    player.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
