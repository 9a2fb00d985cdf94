"""What parsers are fed with before it is spoilt: at least one input that each of them accepts."""

from __future__ import annotations

import io
import json
from functools import cache
from pathlib import Path

import msgspec
from PIL import Image

from app.core import commands as cmd
from app.core import questions, wire
from app.core.model import (
    AnswerKind,
    EscalationId,
    Level,
    PersonId,
    Recipients,
    Space,
    Status,
)
from app.net.outbox import Entry
from app.net.shelf import Contents, pack
from app.ui.instance import Open, Raise, line_of
from app.ui.preferences import Values
from tests.helpers.office import ANN, BOB, Office
from tests.helpers.tiled_files import FLOOR, document, object_layer, properties, thing, tile_layer

TILED = Path(__file__).resolve().parents[1] / "data" / "workadventure"
FRAME = b"\x00\xffframe\xff\x00"
"""Stands between two frames of a session's input."""


API = (
    b'{"person": "@ann", "level": "red", "message": "Refund?", "people": ["bob"], "groups": ["supervisors"]}',
    b'{"person": "ann", "level": "yellow"}',
    b'{"kind": "coming", "person": "bob"}',
    b'{"kind": "acknowledge"}',
)
"""Bodies of the HTTP API."""
HOOKS = (b"https://crm.example/hook?a=b", b"http://10.0.0.1:8080/x")
SIGNED = (b"https://crm.example/hook#whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)


def client_messages() -> tuple[bytes, ...]:
    """One of each kind that a client sends."""
    at = wire.Position("epoch", 7)
    everybody = Recipients(people=(BOB,), everyone=True)
    asked: list[cmd.Command] = [
        cmd.RaiseEscalation(Level.RED, "help", everybody),
        cmd.EndEscalation(EscalationId("e")),
        cmd.AnswerEscalation(EscalationId("e"), AnswerKind.CHAT),
        cmd.SetStatus(Status.BUSY),
        cmd.SetAutoAway(True),
        cmd.SendMessage("hello @bob", everybody),
        cmd.LeaveSpace(),
    ]
    messages: list[wire.ClientMessage] = [
        wire.Hello(wire.PROTOCOL, "test"),
        wire.SignIn("ann", "secret", "here"),
        wire.Resume(wire.Token("t" * 43)),
        wire.Attach(None, at, at),
        *(wire.Do(f"c{i}", command) for i, command in enumerate(asked)),
        wire.Walk(10, 20),
        wire.Ask("q", questions.Search("text")),
        wire.Beat(1),
        wire.SignOut(),
    ]
    return tuple(wire.encode(message) for message in messages)


@cache
def office() -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """What a server says of an office with a hand and a message: who, everything, each event."""
    made = Office()
    events = []
    for command in (
        cmd.RaiseEscalation(Level.RED, "help", Recipients(people=(BOB,))),
        cmd.SendMessage("@bob hello"),
        cmd.SetStatus(Status.BUSY),
    ):
        decision = made.do(ANN, command)
        assert not hasattr(decision, "code")
        events += [wire.encode(event) for event in decision.space]
        events += [wire.encode(event) for _, event in decision.personal]
    me = made.space.people[ANN]
    spaces: tuple[Space, ...] = (made.space.space,)
    position = wire.Position("epoch", 3)
    signed_in = wire.encode(wire.SignedIn(me, wire.Token("t" * 43), spaces, 1_000.0))
    attached = wire.encode(
        wire.Attached(
            spaces[0].id, position, position, made.space.snapshot(), made.persons[ANN].snapshot(), ()
        )
    )
    return signed_in, attached, tuple(events)


def server_messages() -> tuple[bytes, ...]:
    signed_in, attached, events = office()
    raw = tuple(msgspec.Raw(event) for event in events[:1])
    others: list[wire.ServerMessage] = [
        wire.Welcome(wire.PROTOCOL, "test"),
        wire.Events(wire.Stream.SPACE, 4, raw),
        wire.Accepted("c1"),
        wire.BeatSeen(1),
        wire.Reply("q", questions.Blob(b"x" * 20)),
    ]
    return (signed_in, attached, *(wire.encode(message) for message in others))


def tiled_map() -> bytes:
    room = thing(1, "area", 0, 0, 64, 64, properties=properties(jitsiRoom="kita"))
    return json.dumps(document(tile_layer("floor", FLOOR), object_layer("zones", room))).encode()


def pictures() -> tuple[bytes, ...]:
    made = []
    for kind in ("PNG", "JPEG", "WEBP"):
        file = io.BytesIO()
        Image.new("RGB", (16, 16), "#88aa77").save(file, kind)
        made.append(file.getvalue())
    return tuple(made)


def outbox() -> bytes:
    entry = Entry("c1", cmd.SendMessage("hello"), 1_000.0)
    return pack(Contents("wss://office:7443", PersonId("p"), (entry,)))


def preferences() -> bytes:
    return msgspec.json.encode(Values(server="wss://office:7443", handle="ann", volume=35))


def local_lines() -> tuple[bytes, ...]:
    return line_of(Open("handraise://hand/abc")), line_of(Raise("line 3", True, ("supervisors", "bob")))


LINKS = (
    b"handraise://person/@mia?server=office.example:7443",
    b"handraise://hand/0123456789abcdef",
    b"handraise://open",
)
ADDRESSES = (b"office.example.com", b"wss://[::1]:7443/", b"ws://localhost:1", b"10.0.0.1:99999")
TEXTS = (
    b"@ann see https://user@xn--a.example:8443/p?q=1#f (@supervisors, @all.)",
    "森 千恵 می‌خواهم 👩‍💻 \u202eabc\u2066 שלום https://раураl.example/あ。".encode(),
    b"Z\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
)
