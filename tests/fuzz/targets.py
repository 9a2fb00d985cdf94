"""Every parser of what others wrote, as a function of bytes: it accepts, or raises a listed error."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from app.core import slices, wire
from app.core.characters import line, lines
from app.core.errors import Refused
from app.core.mentions import Directory, addressed
from app.core.model import Recipients
from app.core.session import ClientSession, ServerSession
from app.core.text import check_chat, check_message, search_key
from app.logs import blotted
from app.net.address import parse_address
from app.net.browser import _brought, _check_page
from app.net.problems import ConnectionProblem
from app.net.shelf import unpack
from app.server.api.requests import AnswerRequest, RaiseRequest, read
from app.server.hooks.addresses import contact_host, host_of
from app.server.map_files import MapError
from app.server.maps import import_map
from app.server.pictures import PictureError, check_picture
from app.ui.addresses import links_in, shortened, shown_text
from app.ui.deep_links import parse_link
from app.ui.instance import read_line
from app.ui.preferences import FILE, Preferences
from tests.fuzz import seeds
from tests.helpers.office import office_groups, office_people

Run = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """Attributes:
    errors: what it may raise.
    examples: how many spoilt inputs the short run tries.
    longest: bytes of an input.
    """

    name: str
    run: Run
    seeds: tuple[bytes, ...]
    errors: tuple[type[Exception], ...] = ()
    examples: int = 120
    longest: int = 4_096

    def __call__(self, data: bytes) -> None:
        try:
            self.run(data)
        except self.errors:
            return


def text_of(data: bytes) -> str:
    """Bytes as text that may hold anything, halves of characters too."""
    return data.decode("utf-8", "surrogateescape")


@cache
def _folder() -> Path:
    """A folder for files to be read, with the picture that maps name; gone when the process ends."""
    kept = tempfile.TemporaryDirectory(prefix="handraise-fuzz-")
    _kept.append(kept)
    folder = Path(kept.name)
    Image.new("RGBA", (64, 64), "#88aa77").save(folder / "t.png")
    for file in (seeds.TILED / "tilesets").iterdir():
        (folder / "tilesets").mkdir(exist_ok=True)
        (folder / "tilesets" / file.name).write_bytes(file.read_bytes())
    (folder / "with_tsx.tmx").write_bytes((seeds.TILED / "harbour.tmx").read_bytes())
    return folder


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _map(suffix: str) -> Run:
    def run(data: bytes) -> object:
        file = _folder() / f"map{suffix}"
        file.write_bytes(data)
        return import_map(file)

    return run


def _tileset(data: bytes) -> object:
    (_folder() / "tilesets" / "office.tsx").write_bytes(data)
    return import_map(_folder() / "with_tsx.tmx")


def _pieces(data: bytes) -> None:
    """What is taken piece by piece is what one go gives; what one go refuses is refused."""
    *_, last = slices.decode_server(data)
    try:
        whole = wire.decode_server(data)
    except Refused:
        return  # a second field of one name hides the first, which nobody looks at then
    if not isinstance(whole, wire.Attached):
        assert last is not None
        assert wire.encode(last) == wire.encode(whole)  # a number that is none equals nothing


def _client_session(data: bytes) -> None:
    session = ClientSession(0.0, "fuzz")
    for i, frame in enumerate(data.split(seeds.FRAME)):
        for message in session.receive(frame, float(i)):
            if isinstance(message, wire.SignedIn):
                session.attach(None)
        session.tick(float(i))
        session.outgoing()


def _server_session(data: bytes) -> None:
    session = ServerSession(0.0, "fuzz")
    signed_in, attached, _ = seeds.office()
    for i, frame in enumerate(data.split(seeds.FRAME)):
        for request in session.receive(frame, float(i)):
            if isinstance(request, wire.SignIn | wire.Resume):
                message = wire.decode_server(signed_in)
                assert isinstance(message, wire.SignedIn)
                session.signed_in(message)
            elif isinstance(request, wire.Attach):
                joined = wire.decode_server(attached)
                assert isinstance(joined, wire.Attached)
                session.attached(joined)
        session.outgoing()


def _texts(data: bytes) -> None:
    text = text_of(data)
    for checked in (check_message(text), check_chat(text)):
        if isinstance(checked, str):
            assert lines(checked) == checked
    assert "\n" not in line(text)
    search_key(text)
    assert len(blotted(text)) <= 3 * len(text) + 10


def _mentions(data: bytes) -> None:
    text = text_of(data)
    directory = Directory({p.id: p for p in office_people()}, {g.id: g for g in office_groups()})
    for mention in directory.mentions(text):
        assert text[mention.start] == "@"
        assert mention.end <= len(text)
    addressed(directory, text, Recipients())


def _addresses(data: bytes) -> None:
    text = text_of(data)
    end = 0
    for link in links_in(text):
        assert end <= link.start < link.end
        assert link.address.lower().startswith(("http://", "https://"))
        assert "@" not in link.address.split("/")[2].partition("?")[0].partition("#")[0]
        assert len(shortened(link.address)) <= 40
        end = link.end
    shown_text(text)


def _preferences(data: bytes) -> None:
    (_folder() / FILE).write_bytes(data)
    loaded = Preferences.load(_folder())
    assert 0 <= loaded.volume <= 100
    assert loaded.save()


def _session(frames: tuple[bytes, ...]) -> bytes:
    return seeds.FRAME.join(frames)


@cache
def targets() -> tuple[Target, ...]:
    client, server = seeds.client_messages(), seeds.server_messages()
    tmx = (seeds.TILED / "harbour.tmx").read_bytes()
    tsx = (seeds.TILED / "tilesets" / "office.tsx").read_bytes()
    page = b"https://id.example/a?b=c"
    events = seeds.office()[2]
    welcomed = (server[2], server[0], server[1], server[3], server[5])
    return (
        Target("wire-client", wire.decode_client, client, (Refused,)),
        Target("wire-server", wire.decode_server, server, (Refused,)),
        Target("wire-pieces", _pieces, server, (Refused,)),
        Target("wire-space-event", wire.decode_space_event, events, (Refused,)),
        Target("wire-personal-event", wire.decode_personal_event, events, (Refused,)),
        Target("session-client", _client_session, (_session(welcomed),), (Refused,)),
        Target("session-server", _server_session, (_session((*client[:2], *client[3:])),), (Refused,)),
        Target("tiled-tmj", _map(".tmj"), (seeds.tiled_map(),), (MapError,), 60, 65_536),
        Target("tiled-tmx", _map(".tmx"), (tmx,), (MapError,), 25, 65_536),
        Target("tiled-tsx", _tileset, (tsx,), (MapError,), 25, 65_536),
        Target("picture", check_picture, seeds.pictures(), (PictureError,), 60, 16_384),
        Target("deep-link", lambda data: parse_link(text_of(data)), seeds.LINKS),
        Target("local-line", read_line, seeds.local_lines()),
        Target("preferences", _preferences, (seeds.preferences(),), (), 60),
        Target("outbox-file", unpack, (seeds.outbox(),)),
        Target("server-address", lambda d: parse_address(text_of(d)), seeds.ADDRESSES, (ConnectionProblem,)),
        Target("text", _texts, seeds.TEXTS),
        Target("mentions", _mentions, seeds.TEXTS),
        Target("web-addresses", _addresses, seeds.TEXTS),
        Target("sign-in-page", lambda data: _check_page(text_of(data)), (page,), (Refused,)),
        Target("api-raise", lambda data: read(data, RaiseRequest), seeds.API, (Refused,)),
        Target("api-answer", lambda data: read(data, AnswerRequest), seeds.API, (Refused,)),
        Target("webhook-address", lambda d: host_of(text_of(d), inside=True), seeds.HOOKS, (Refused,)),
        Target("contact-address", lambda d: contact_host(text_of(d), inside=False), seeds.SIGNED, (Refused,)),
        Target("sign-in-return", _brought, (b"GET /signed-in?code=a&state=b HTTP/1.1\r\nHost: x\r\n\r\n",)),
    )  # fmt: skip


def target(name: str) -> Target:
    return next(found for found in targets() if found.name == name)
