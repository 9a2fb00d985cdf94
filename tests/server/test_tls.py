"""TLS on the server's socket: 1.2 at least, with the certificate that was given."""

from __future__ import annotations

import ssl
import warnings
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from app.core import wire
from app.server.config import Config
from app.server.main import Server
from app.server.settings_file import ConfigError, is_loopback
from app.server.store.sqlite.store import FILE, SqliteStore
from tests.helpers.certificates import Authority, authority, certificate
from tests.helpers.running import FAST, HASHER, Ids


def client(company: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(company.file))


async def greet(url: str, trust: ssl.SSLContext) -> wire.ServerMessage:
    async with connect(url, ssl=trust, proxy=None) as socket:
        await socket.send(wire.encode(wire.Hello(wire.PROTOCOL)))
        return wire.decode_server(await socket.recv(decode=False))


async def test_the_server_speaks_tls_1_2_and_newer_with_modern_suites_alone(
    data: Path, ids: Ids, tmp_path: Path
) -> None:
    company = authority(tmp_path, "Company Root")
    config = Config(data, port=0, tls_cert=certificate(tmp_path, company), tuning=FAST)
    config.check()
    server = Server(config, SqliteStore(data / FILE), hasher=HASHER)
    try:
        await server.start()
        assert server.url.startswith("wss://127.0.0.1:")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            modern = client(company)
            modern.minimum_version = modern.maximum_version = version
            assert isinstance(await greet(server.url, modern), wire.Welcome)
        weak = client(company)
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA")  # CBC
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await greet(server.url, weak)
        old = client(company)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await greet(server.url, old)
    finally:
        await server.stop()


def test_what_is_wrong_with_a_certificate_is_said(tmp_path: Path) -> None:
    good = certificate(tmp_path, None)
    (tmp_path / "elsewhere").mkdir()
    other = certificate(tmp_path / "elsewhere", None)
    broken, gone = tmp_path / "broken.pem", tmp_path / "gone.pem"
    broken.write_text("no certificate")
    for cert, key, words in (
        (gone, good, "gone.pem cannot be read: No such file or directory."),
        (good, gone, "gone.pem cannot be read: No such file or directory."),
        (broken, None, "broken.pem must hold certificate and private key, as PEM; or give --tls-key."),
        (good, broken, "broken.pem its private key, as PEM."),
        (good, other, f"The private key {other} is not that of the certificate {good}."),
    ):
        with pytest.raises(ConfigError) as caught:
            Config(tmp_path, tls_cert=cert, tls_key=key).tls()
        assert str(caught.value).endswith(words)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("server.example", False)],
)
def test_without_tls_only_this_machine_is_served(tmp_path: Path, host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    if loopback:
        Config(tmp_path, host=host).check()
    else:
        with pytest.raises(ConfigError, match="--insecure"):
            Config(tmp_path, host=host).check()
        Config(tmp_path, host=host, insecure=True).check()
