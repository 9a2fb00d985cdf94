"""What was really played: the sound server's outputs, recorded and measured."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy
from numpy.typing import NDArray

from tests.helpers.desktop.tools import Tools

RATE = 44_100  # samples/s
SILENCE = -120.0  # dBFS, reported for digital silence


@dataclass(frozen=True)
class Levels:
    """Loudness of a recording, in dBFS (0 is the loudest possible, -120 is none).

    Attributes:
        rms: of all of it. peak: its loudest sample.
        windows: RMS of each window, in order.
        seconds: its length.
    """

    rms: float
    peak: float
    windows: tuple[float, ...]
    seconds: float

    @property
    def loudest(self) -> float:
        """RMS of the loudest window."""
        return max(self.windows, default=SILENCE)

    def bursts(self, above: float = -50.0) -> int:
        """How often it became louder than ``above`` after having been quieter."""
        loud = [level > above for level in self.windows]
        return sum(now and not before for before, now in zip([False, *loud], loud, strict=False))


class Recording:
    """What an output has played since the recording began; can be measured while it goes on."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def samples(self) -> NDArray[numpy.float64]:
        """One channel, from -1 to 1, at 44,100 samples a second."""
        raw = self._file.read_bytes()
        return numpy.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2").astype(numpy.float64) / 32768

    def levels(self, *, window: float = 0.1, last: float | None = None) -> Levels:
        """Measure it.

        Args:
            window: length of a window in s.
            last: only so many seconds at its end.
        """
        samples = self.samples()
        if last is not None:
            samples = samples[-int(last * RATE) :]
        size = int(window * RATE)
        count = len(samples) // size
        squares = (samples[: count * size].reshape(count, size) ** 2).mean(axis=1) if count else []
        peak = float(numpy.abs(samples).max()) if len(samples) else 0.0
        mean = float((samples**2).mean()) if len(samples) else 0.0
        return Levels(
            rms=_decibel(math.sqrt(mean)),
            peak=_decibel(peak),
            windows=tuple(_decibel(math.sqrt(float(square))) for square in squares),
            seconds=len(samples) / RATE,
        )


class Sound:
    """The sound server."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._tools = Tools(environment)
        self._folder = folder
        self._count = 0

    def outputs(self) -> list[str]:
        """Names of the outputs; empty while there is no sound server."""
        lines = self._control("list", "short", "sinks").splitlines()
        return [line.split("\t")[1] for line in lines if "\t" in line]

    def playing(self) -> int:
        """How many streams are open at the sound server."""
        return len(self._control("list", "short", "sink-inputs").splitlines())

    @contextmanager
    def recording(self, output: str = "speakers") -> Iterator[Recording]:
        """Record an output while the block runs; it has begun when the block is entered."""
        self._count += 1
        file = self._folder / f"recording-{self._count}.raw"
        options = (f"--device={output}.monitor", "--format=s16le", f"--rate={RATE}", "--channels=1")
        file.touch()
        recorder = self._tools.start("parec", *options, "--latency-msec=20", "--raw", str(file))
        try:
            deadline = time.monotonic() + 10
            while file.stat().st_size == 0:
                assert recorder.poll() is None, f"{output} cannot be recorded"
                assert time.monotonic() < deadline, f"nothing comes from {output}"
                time.sleep(0.01)
            yield Recording(file)
        finally:
            recorder.terminate()
            recorder.wait(5)

    def record(self, seconds: float, output: str = "speakers") -> Levels:
        """Listen to an output for a time."""
        with self.recording(output) as recording:
            deadline = time.monotonic() + seconds + 10
            while recording.levels().seconds < seconds:
                assert time.monotonic() < deadline, f"{output} stopped"
                time.sleep(0.05)
            return recording.levels()

    def _control(self, *arguments: str) -> str:
        return self._tools.ask("pactl", *arguments)


def _decibel(amplitude: float) -> float:
    return max(SILENCE, 20 * math.log10(amplitude)) if amplitude > 0 else SILENCE
