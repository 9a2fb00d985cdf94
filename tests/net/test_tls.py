"""Real TLS servers with every kind of bad certificate: none is trusted, and it is said what is wrong."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import truststore
from websockets.asyncio.server import ServerConnection, serve

from app.net import certificate as certificate_module
from app.net.address import ServerAddress, parse_address
from app.net.problems import ConnectionProblem, Problem, Trouble
from app.net.websocket import WebSocketConnector, system_trust
from tests.helpers.certificates import DAY, Authority, authority, certificate


async def echo(connection: ServerConnection) -> None:
    async for frame in connection:
        await connection.send(frame)


@pytest.fixture
def company(tmp_path: Path) -> Authority:
    return authority(tmp_path, "Company Root")


def trusting(company: Authority) -> Callable[[], ssl.SSLContext]:
    """A machine on which the company's certificate is installed."""

    def trust() -> ssl.SSLContext:
        context = system_trust()
        context.load_verify_locations(company.file)
        return context

    return trust


@asynccontextmanager
async def shows(file: Path) -> AsyncIterator[ServerAddress]:
    """A server with this certificate."""
    here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.load_cert_chain(file)
    async with serve(echo, "127.0.0.1", 0, ssl=here) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        yield parse_address(f"wss://127.0.0.1:{port}")


async def refused(address: ServerAddress, trust: Callable[[], ssl.SSLContext] | None = None) -> Problem:
    with pytest.raises(ConnectionProblem) as problem:
        await WebSocketConnector(trust=trust)(address)
    return problem.value.problem


def day(offset: timedelta) -> str:
    return f"{datetime.now(UTC) + offset:%Y-%m-%d}"


async def test_a_certificate_of_the_company_is_trusted_where_it_is_installed(
    tmp_path: Path, company: Authority
) -> None:
    async with shows(certificate(tmp_path, company)) as address:
        connection = await WebSocketConnector(trust=trusting(company))(address)
        await connection.send(b"secret")
        assert await connection.receive() == b"secret"
        await connection.close()


async def test_the_systems_trust_store_is_what_counts(
    tmp_path: Path, company: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(system_trust(), truststore.SSLContext)
    monkeypatch.setenv("SSL_CERT_FILE", str(company.file))
    async with shows(certificate(tmp_path, company)) as address:
        connection = await WebSocketConnector()(address)
        await connection.close()


async def test_an_expired_one(tmp_path: Path, company: Authority) -> None:
    file = certificate(tmp_path, company, begins=-9 * DAY, ends=-2 * DAY)
    async with shows(file) as address:
        problem = await refused(address, trusting(company))
    assert problem.code is Trouble.CERTIFICATE_EXPIRED
    assert problem.sentence == (
        f"The certificate of 127.0.0.1 (for office server, from Company Root) ended on {day(-2 * DAY)}. Its "
        f"admin has to renew it; or the date of this machine, {day(0 * DAY)}, is wrong."
    )


async def test_one_that_does_not_count_yet(tmp_path: Path, company: Authority) -> None:
    file = certificate(tmp_path, company, begins=3 * DAY, ends=9 * DAY)
    async with shows(file) as address:
        problem = await refused(address, trusting(company))
    assert problem.code is Trouble.CERTIFICATE_EARLY
    assert f"begins to count on {day(3 * DAY)}" in problem.sentence


async def test_one_for_other_names(tmp_path: Path, company: Authority) -> None:
    names = ("office.example.com", "10.1.2.3", "a.example.com", "b.example.com")
    async with shows(certificate(tmp_path, company, names=names)) as address:
        problem = await refused(address, trusting(company))
    assert problem.code is Trouble.CERTIFICATE_NAME
    assert "for office.example.com, a.example.com, b.example.com …. Sign in with one of" in problem.sentence
    assert "names 127.0.0.1." in problem.sentence


async def test_one_signed_by_itself(tmp_path: Path) -> None:
    async with shows(certificate(tmp_path, None)) as address:
        problem = await refused(address)
    assert problem.code is Trouble.CERTIFICATE_OWN
    assert "(for office server) is signed by nobody but itself" in problem.sentence


async def test_one_of_an_authority_that_this_machine_does_not_know(
    tmp_path: Path, company: Authority
) -> None:
    async with shows(certificate(tmp_path, company)) as address:
        problem = await refused(address)
    assert problem.code is Trouble.CERTIFICATE_ISSUER
    assert problem.sentence.endswith("install the certificate of Company Root on this machine.")


@pytest.mark.parametrize(
    ("made", "code"),
    [
        ({"begins": -9 * DAY, "ends": -2 * DAY}, Trouble.CERTIFICATE_EXPIRED),
        ({"begins": 3 * DAY, "ends": 9 * DAY}, Trouble.CERTIFICATE_EARLY),
        ({"names": ("*.example.com",)}, Trouble.CERTIFICATE_NAME),
        ({}, Trouble.CERTIFICATE_ISSUER),
    ],
)
async def test_where_the_system_has_numbers_of_its_own_the_certificate_tells(
    tmp_path: Path,
    company: Authority,
    made: dict[str, timedelta],
    code: Trouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As on Windows and macOS."""
    monkeypatch.setattr(certificate_module, "_REASONS", {})
    async with shows(certificate(tmp_path, company, **made)) as address:  # type: ignore[arg-type]  # by name
        assert (await refused(address)).code is code


async def test_a_name_that_would_reorder_the_sentence_is_shown_without_that(
    tmp_path: Path, company: Authority
) -> None:
    async with shows(certificate(tmp_path, company, subject="evil\u202e\nname" + "x" * 40)) as address:
        problem = await refused(address)
    assert f"(for evil name{'x' * 40})" in problem.sentence


async def test_a_server_that_closes_before_it_can_be_looked_at_again(
    tmp_path: Path, company: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise ConnectionRefusedError

    async with shows(certificate(tmp_path, company)) as address:
        monkeypatch.setattr(asyncio, "open_connection", away)
        problem = await refused(address)
    assert problem.code is Trouble.CERTIFICATE
    assert "127.0.0.1 is not trusted" in problem.sentence


async def test_a_server_that_knows_only_outdated_encryption(tmp_path: Path, company: Authority) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.load_cert_chain(certificate(tmp_path, company))

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """As servers do that say goodbye properly; asyncio's own would just hang up."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        handshake = old.wrap_bio(incoming, outgoing, server_side=True)
        incoming.write(await reader.read(65_536))
        with pytest.raises(ssl.SSLError):
            handshake.do_handshake()
        writer.write(outgoing.read())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as running:
        port = running.sockets[0].getsockname()[1]
        problem = await refused(parse_address(f"wss://127.0.0.1:{port}"), trusting(company))
    assert problem.code is Trouble.OLD_TLS
    assert "older than TLS 1.2" in problem.sentence


async def test_a_server_without_tls() -> None:
    async with serve(echo, "127.0.0.1", 0) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        problem = await refused(parse_address(f"wss://127.0.0.1:{port}"))
    assert problem.code is Trouble.NO_TLS
    assert "ws:// instead" in problem.sentence
