"""Synthesises the alert sounds beside this file: `python resources/sounds/make_sounds.py`.

Those of alerts are made to be heard through office noise without startling: energy between 500 Hz and 4 kHz,
a clear attack, a short decay; that of priority messages is lower, softer and half as loud, that of customers'
texts a single soft drop, a quarter as loud. 48 kHz, 16 bit, stereo, at most 1.2 s, peak at -1.9 dBFS (-8 dBFS,
-14 dBFS). No randomness: the same code makes the same bytes.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).resolve().parent
RATE = 48_000
SECONDS = 1.2
PEAK = 0.8

Samples = NDArray[np.float64]


def silence() -> Samples:
    return np.zeros((int(RATE * SECONDS), 2))


def time(seconds: float) -> Samples:
    return np.arange(int(RATE * seconds)) / RATE


def attack(t: Samples, seconds: float) -> Samples:
    """A raised-cosine rise, so that no note starts with a click."""
    rise: Samples = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / seconds, 0.0, 1.0))
    return rise


def bell(hertz: float, seconds: float) -> Samples:
    """A struck bar: a fundamental and inharmonic partials that die sooner the higher they are."""
    t = time(seconds)
    note = np.zeros_like(t)
    for ratio, level, decay in ((1.0, 1.0, 3.2), (2.0, 0.35, 5.0), (2.76, 0.28, 7.5), (5.4, 0.10, 14.0)):
        note += level * np.sin(2 * np.pi * hertz * ratio * t) * np.exp(-decay * t)
    return note * attack(t, 0.004)


def knock(hertz: float, seconds: float) -> Samples:
    """A short warm tone: odd harmonics, quick to come and quick to go."""
    t = time(seconds)
    note = np.zeros_like(t)
    for ratio, level in ((1.0, 1.0), (3.0, 0.22), (5.0, 0.08)):
        note += level * np.sin(2 * np.pi * hertz * ratio * t)
    return note * attack(t, 0.006) * np.exp(-16.0 * t)


def place(track: Samples, note: Samples, at: float, pan: float) -> None:
    """Add a note at ``at`` seconds; ``pan`` goes from -1 (left) to 1 (right), at equal power."""
    start = int(RATE * at)
    room = min(len(note), len(track) - start)
    angle = (pan + 1) * np.pi / 4
    track[start : start + room, 0] += note[:room] * np.cos(angle)
    track[start : start + room, 1] += note[:room] * np.sin(angle)


def chime() -> Samples:
    """Three bells upwards: somebody asks for you."""
    track = silence()
    for at, hertz, pan in ((0.0, 659.26, -0.25), (0.16, 987.77, 0.0), (0.32, 1318.51, 0.25)):
        place(track, bell(hertz, SECONDS - at), at, pan)
    return track


def pulse() -> Samples:
    """Two quick triplets, the second one higher: harder to overhear."""
    track = silence()
    for first, hertz in ((0.0, 783.99), (0.56, 1046.50)):
        for step in range(3):
            place(track, knock(hertz, 0.3), first + 0.14 * step, 0.0)
    return track


def call() -> Samples:
    """Two soft bars, the second one lower: a message waits, and nothing burns."""
    track = silence()
    for at, hertz, pan in ((0.0, 587.33, -0.15), (0.22, 440.0, 0.15)):
        t = time(SECONDS - at)
        note = np.sin(2 * np.pi * hertz * t) + 0.18 * np.sin(2 * np.pi * 4.0 * hertz * t) * np.exp(-18.0 * t)
        place(track, note * np.exp(-5.0 * t) * attack(t, 0.02), at, pan)
    return track


def text() -> Samples:
    """One wooden drop that rises a little: somebody wrote, and it can wait for the end of a sentence."""
    track = silence()
    t = time(0.6)
    hertz = 700.0 + 180.0 * (1.0 - np.exp(-22.0 * t))
    phase = 2 * np.pi * np.cumsum(hertz) / RATE
    note = np.sin(phase) + 0.12 * np.sin(2.0 * phase) * np.exp(-20.0 * t)
    place(track, note * np.exp(-9.0 * t) * attack(t, 0.012), 0.0, 0.0)
    return track


def finished(track: Samples, peak: float) -> bytes:
    """Scaled to the peak, faded out at the end, as interleaved little-endian 16 bit."""
    fade = int(RATE * 0.08)
    track[-fade:] *= (0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, fade)))[:, None]
    track *= peak / np.abs(track).max()
    return np.round(track * 32767).astype("<i2").tobytes()


SOUNDS = {
    "chime": (chime, PEAK),
    "pulse": (pulse, PEAK),
    "call": (call, 0.5 * PEAK),
    "text": (text, 0.25 * PEAK),
}


def write(folder: Path) -> None:
    for name, (make, peak) in SOUNDS.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(finished(make(), peak))


if __name__ == "__main__":
    write(HERE)
