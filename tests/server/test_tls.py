"""TLS on the server's socket: 1.2 at least, with the certificate that was given."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from app.core import wire
from app.server.config import Config, ConfigError, is_loopback
from app.server.main import Server
from app.server.store.sqlite.store import FILE, SqliteStore
from tests.helpers.running import HASHER, Ids


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """For 127.0.0.1, signed by itself; the key is beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    path = tmp_path / "server.pem"
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    made = (
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    )
    files = ("-keyout", str(path.with_suffix(".key")), "-out", str(path))
    subprocess.run([openssl, *made, *subject, *files], check=True, capture_output=True)
    return path


async def test_the_server_speaks_tls_and_nothing_below_1_2(data: Path, ids: Ids, certificate: Path) -> None:
    config = Config(data, port=0, tls_cert=certificate, tls_key=certificate.with_suffix(".key"))
    config.check()
    context = config.tls()
    assert context is not None
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    server = Server(config, SqliteStore(data / FILE), hasher=HASHER)
    try:
        await server.start()
        assert server.url.startswith("wss://127.0.0.1:")
        trust = ssl.create_default_context(cafile=str(certificate))
        async with connect(server.url, ssl=trust, proxy=None) as socket:
            await socket.send(wire.encode(wire.Hello(wire.PROTOCOL)))
            assert isinstance(wire.decode_server(await socket.recv(decode=False)), wire.Welcome)
    finally:
        await server.stop()


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
