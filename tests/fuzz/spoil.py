"""Ways to spoil an input: bytes changed, cut, doubled, put elsewhere, and things that parsers trip over."""

from __future__ import annotations

import random

WORDS = (
    b"\x00", b"\xff", b"\xc1", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
    b"\xcf" + b"\xff" * 8, b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", b"-1", b"9" * 30, b"1e999", b"NaN",
    b"null", b"true", b'"', b"{", b"[", b"}", b"]", b"<", b">", b"&", b"&#0;", b"<![CDATA[", b"..", b"/",
    b"../../../../etc/passwd", b"%00", b"%", b"@", b":", b"//", b"\\", b"\r\n", b"\xed\xa0\x80",
    b"\xef\xbf\xbe", b"\xe2\x80\xae", b"\xf0\x9f\x91\xa9\xe2\x80\x8d",
)  # fmt: skip


def spoilt(data: bytes, chance: random.Random) -> bytes:
    """``data`` with one to four things done to it."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at, end = sorted(chance.randrange(len(made) + 1) for _ in range(2))
        match chance.randrange(6):
            case 0 if made:
                made[chance.randrange(len(made))] = chance.randrange(256)
            case 1:
                made[at:at] = chance.choice(WORDS)
            case 2:
                del made[at : min(end, at + chance.choice((1, 4, 64, len(made))))]
            case 3:
                made[at:at] = made[at : min(end, at + 64)] * chance.randint(1, 8)
            case 4:
                made[at : at + chance.randint(1, 8)] = chance.choice(WORDS)
            case _:
                del made[at:]
    return bytes(made)


def nasty() -> tuple[bytes, ...]:
    """Small inputs that ask for much: nesting, counts without content, entities that grow, endless runs."""
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">'
    for outer, inner in zip(b"bcdefghij", b"abcdefghi", strict=True):
        laughs += b'<!ENTITY %c "%s">' % (outer, b"&%c;" % inner * 10)
    return (
        b"",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"\x91" * 60_000,
        b"\x81\xa1a" * 20_000,
        b"\xdd\xff\xff\xff\xff" + b"\xc0" * 100,
        b"\xc6\xff\xff\xff\xff",
        b"9" * 60_000,
        b'{"version":2,"request":' + b"9" * 4_000 + b"}",
        laughs + b"]><map>&j;</map>",
        b'<!DOCTYPE m SYSTEM "file:///etc/passwd"><map/>',
        b'{"width":1000000000,"height":1000000000,"layers":[],"tilesets":[],"type":"map"}',
        b"<a>" * 20_000,
        b"@" * 60_000,
        b"@a" * 30_000,
        b"https://" * 8_000,
        b"https://" + b"a." * 20_000 + b"example/",
        b"https://a.example/" + b"(" * 50_000,
        b"handraise://" + b"%41" * 20_000,
        ("a" + "\u0301" * 30_000).encode(),
        "\u0645\u200d".encode() * 10_000,
        "\u202e\u2066".encode() * 10_000,
        b"+1" * 20_000,
        b"password=" * 5_000,
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00",
        b"RIFF\xff\xff\xff\xffWEBPVP8X",
    )
