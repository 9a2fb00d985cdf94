"""What the client and its sound helper say to each other: one JSON object a line, both ways.

The helper ends when its input ends, so a client that dies never leaves a siren behind.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

SOUNDS = ("chime", "pulse")
"""Names of the sounds in resources/sounds that a person chooses from for red escalations."""
CALL = "call"
"""That of priority messages."""
TEXT = "text"
"""That of customers' texts. Nothing but these can be played."""
LINE_BYTES = 65_536
"""A longer line is not ours."""


class Said(msgspec.Struct, frozen=True, tag_field="t"):
    """Base of every line, told apart by its field ``t``."""


class Play(Said, frozen=True, tag="play"):
    """Sound on, repeated until :class:`Stop`. Said again while it sounds, it changes what differs.

    Attributes:
        device: output by id; empty or vanished means the system's default.
        volume: 0 to 100, as loudness is felt.
        every: s from one start of the sound to the next.
    """

    sound: str
    device: str = ""
    volume: int = 80
    every: float = 3.0


class Stop(Said, frozen=True, tag="stop"):
    pass


class Ping(Said, frozen=True, tag="ping"):
    n: int


class Device(msgspec.Struct, frozen=True):
    id: str
    name: str


class Devices(Said, frozen=True, tag="devices"):
    """The outputs as they are now; the first one after the start says that the helper is ready."""

    outputs: tuple[Device, ...]


class Sounding(Said, frozen=True, tag="sounding"):
    """The sound server really takes the sound.

    Attributes:
        fallback: the wanted device is not there; the default one sounds.
    """

    device: str
    fallback: bool = False


class Trouble(Said, frozen=True, tag="trouble"):
    """Nothing can be heard: ``no_device``, ``failed`` (refused) or ``stalled`` (taken, never played)."""

    reason: str


class Pong(Said, frozen=True, tag="pong"):
    n: int


Command = Play | Stop | Ping
Event = Devices | Sounding | Trouble | Pong

_encoder = msgspec.json.Encoder()
_commands = msgspec.json.Decoder(Command)
_events = msgspec.json.Decoder(Event)
T = TypeVar("T")


def encode(said: Said) -> bytes:
    return _encoder.encode(said) + b"\n"


def decode_command(line: bytes) -> Command:
    """Raises ValueError for anything that is not a command."""
    command: Command = _decode(_commands, line)
    return command


def decode_event(line: bytes) -> Event:
    """Raises ValueError for anything that is not an event."""
    event: Event = _decode(_events, line)
    return event


def _decode(decoder: msgspec.json.Decoder[T], line: bytes) -> T:
    if len(line) > LINE_BYTES:
        raise ValueError("line too long")
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"not a line of the sound protocol: {error}") from error
