"""Server addresses as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.net.address import ServerAddress, parse_address
from app.net.problems import PROBLEMS, ConnectionProblem, Trouble


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("office.example.com", "wss://office.example.com:7443"),
        ("  Office.Example.COM. ", "wss://office.example.com:7443"),
        ("office.example.com:9000", "wss://office.example.com:9000"),
        ("wss://office.example.com", "wss://office.example.com:7443"),
        ("WSS://office.example.com:1/", "wss://office.example.com:1"),
        ("ws://10.0.0.5:80", "ws://10.0.0.5:80"),
        ("localhost", "ws://localhost:7443"),
        ("127.0.0.1:81", "ws://127.0.0.1:81"),
        ("wss://localhost:81", "wss://localhost:81"),
        ("::1", "ws://[::1]:7443"),
        ("[2001:db8::1]:81", "wss://[2001:db8::1]:81"),
        ("事務所.example", "wss://事務所.example:7443"),
    ],
)
def test_what_people_write(written: str, url: str) -> None:
    address = parse_address(written)
    assert address.url == url
    assert parse_address(url) == address


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ("", Trouble.ADDRESS_EMPTY),
        ("   ", Trouble.ADDRESS_EMPTY),
        ("https://office", Trouble.ADDRESS_SCHEME),
        ("file:///etc/passwd", Trouble.ADDRESS_SCHEME),
        ("wss://", Trouble.ADDRESS_HOST),
        ("my office", Trouble.ADDRESS_HOST),
        ("-office", Trouble.ADDRESS_HOST),
        ("[::1", Trouble.ADDRESS_HOST),
        ("ann:secret@office", Trouble.ADDRESS_HOST),
        ("office:", Trouble.ADDRESS_PORT),
        ("office:port", Trouble.ADDRESS_PORT),
        ("office:0", Trouble.ADDRESS_PORT),
        ("office:70000", Trouble.ADDRESS_PORT),
        ("office/room", Trouble.ADDRESS_EXTRA),
        ("office?x=1", Trouble.ADDRESS_EXTRA),
    ],
)
def test_what_is_no_address_is_said_exactly(written: str, trouble: Trouble) -> None:
    with pytest.raises(ConnectionProblem) as problem:
        parse_address(written)
    assert problem.value.problem.code is trouble


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_listed_problem(written: str) -> None:
    try:
        address = parse_address(written)
    except ConnectionProblem:
        return
    assert 1 <= address.port <= 65535
    assert parse_address(address.url) == address


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine(host: str) -> None:
    assert ServerAddress(host, 1, False).loopback


@pytest.mark.parametrize("host", ["localhost.example.com", "10.0.0.1", "::2", "127.0.0.1.example.com"])
def test_not_this_machine(host: str) -> None:
    assert not ServerAddress(host, 1, False).loopback


def test_every_trouble_has_a_sentence() -> None:
    assert set(PROBLEMS) == set(Trouble)
