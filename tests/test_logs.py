"""Logs: private, bounded, one record a line, and without what looks like a secret."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import zipfile
from pathlib import Path

import pytest

from app import diagnostics, logs
from app.cli import main
from app.logs import BLOT, FILE_BYTES, OLDER_FILES, blotted, to_file, to_stream


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("token=abc123 and more", f"token={BLOT} and more"),
        ("{'password': 'correct horse', 'handle': 'mia'}", f"{{'password': {BLOT}, 'handle': 'mia'}}"),
        ('"refresh_token":"a.b.c"', f'"refresh_token":{BLOT}'),
        ("Authorization: Bearer abc.def", f"Authorization: {BLOT}"),
        (
            "SignIn(handle='mia', password='x y', device='')",
            f"SignIn(handle='mia', password={BLOT}, device='')",
        ),
        ("got mF_9B5f-4.1JqM8mF_9B5f-41JqMabcdefghij0123456789abcdEF", f"got mF_9B5f-4.{BLOT}"),
        ("dqkSAJqxYz-NT0cWvkFp4q2hW_g8mZcQ1r7RkQpXb1M", BLOT),
        ("call +81 90-1234-5678 now", f"call {BLOT} now"),
        ("0049 (30) 1234567", BLOT),
        ("09012345678", BLOT),
        ("5f16a8b3ab4f1f5a0a3f9c41d0c2a1ff5f16a8b3ab4f1f5a0a3f9c41d0c2a1ff", None),
        ("2026-11-22 03:54:27", None),
        ("listening on ws://127.0.0.1:7443, 5 clients, 1048576 bytes", None),
        ("space osaka: gave up after 100 tries", None),
        ("escalation 0b5f6a1c9d3e4f708192a3b4c5d6e7f8 is over", None),
    ],
)
def test_what_looks_like_a_secret_is_blotted_out(text: str, left: str | None) -> None:
    assert blotted(text) == (text if left is None else left)


def test_the_name_of_who_runs_it_is_in_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/mia.stone"))
    monkeypatch.setattr(logs, "_HOME", logs._at_home())
    assert blotted("kept as /home/mia.stone/.config/x, not /home/mia.stones/y") == (
        "kept as ~/.config/x, not /home/mia.stones/y"
    )


def test_a_record_is_one_line_and_libraries_are_heard_from_warnings_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    to_stream("debug")
    log = logging.getLogger("app.somewhere")
    log.debug("name %s", "x\n2026-01-01 00:00:00,000 ERROR app: forged\r\x1b[2J")
    logging.getLogger("websockets.client").debug("< TEXT 'a frame' [7 bytes]")
    logging.getLogger("asyncio").warning("Executing <Handle do('a text')> took 0.2 s")
    try:
        raise ValueError("token=abc123")
    except ValueError:
        log.exception("failed")
    said = capsys.readouterr().err
    assert said.count("\n") == len(said.splitlines())
    assert "\\n2026-01-01 00:00:00,000 ERROR app: forged\ufffd\ufffd[2J" in said.splitlines()[0]
    assert "ValueError: token=" + BLOT in said
    assert "frame" not in said
    assert "a text" not in said
    assert "abc123" not in said


def test_files_are_private_and_bounded(tmp_path: Path) -> None:
    to_stream("error")
    to_file(tmp_path / "logs", "client", "error")
    log = logging.getLogger("app.somewhere")
    for _ in range(7):
        log.info("x" * (FILE_BYTES - 200))
    files = sorted(tmp_path.rglob("*.log*"))
    assert len(files) == 1 + OLDER_FILES
    assert sum(file.stat().st_size for file in files) <= (1 + OLDER_FILES) * FILE_BYTES
    if sys.platform != "win32":
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        assert files[0].parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_used_is_said_and_that_is_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    to_stream("warning")
    to_file(tmp_path / "file" / "logs", "client", "warning")
    assert "no log file in" in capsys.readouterr().err


# The zip


def test_the_zip_has_chosen_settings_states_and_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    lines = [
        "2026-11-22 03:54:27,123 INFO app.states: connection: protected",
        "2026-11-22 03:54:28,123 INFO app.old: token=abc123 +81 90-1234-5678",
    ]
    (folder / "client-default.log").write_text("\n".join(lines))
    (folder / "notes.txt").write_text("not a log")
    settings = tmp_path / "preferences.json"
    settings.write_text(
        '{"theme": "dark", "handle": "mia", "later_setting": "secret", "server": "wss://a:1"}'
    )
    diagnostics.write(tmp_path / "out.zip", folder, {"default": settings, "broken": folder})
    with zipfile.ZipFile(tmp_path / "out.zip") as made:
        assert set(made.namelist()) == {
            "about.json",
            "settings.json",
            "states.txt",
            "logs/client-default.log",
        }
        kept = json.loads(made.read("settings.json"))
        assert kept == {"default": {"theme": "dark", "server": "wss://a:1"}, "broken": {}}
        assert made.read("states.txt").decode() == lines[0]
        assert made.read("logs/client-default.log").decode().splitlines() == [
            lines[0],
            f"2026-11-22 03:54:28,123 INFO app.old: token={BLOT} {BLOT}",
        ]
        assert json.loads(made.read("about.json"))["libraries"]["websockets"] != "not installed"
    assert main(["diagnostics", str(tmp_path / "nowhere" / "x.zip"), "--logs", str(folder)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert main(["diagnostics", str(tmp_path / "cli.zip"), "--logs", str(folder)]) == 0
    assert (tmp_path / "cli.zip").stat().st_mode & 0o077 == 0 or os.name == "nt"


def test_the_zip_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostics, "LOG_BYTES", 1_000)
    for i in range(5):
        (tmp_path / f"a.log.{i}").write_text("y" * 400)
        os.utime(tmp_path / f"a.log.{i}", (i, i))
    diagnostics.write(tmp_path / "out.zip", tmp_path, {})
    with zipfile.ZipFile(tmp_path / "out.zip") as made:
        kept = {name: made.getinfo(name).file_size for name in made.namelist() if name.startswith("logs/")}
    assert kept == {"logs/a.log.4": 400, "logs/a.log.3": 400, "logs/a.log.2": 200}


async def test_debug_of_the_event_loop_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    to_stream("debug")
    asyncio.get_running_loop().set_debug(True)
    await asyncio.sleep(0)
    asyncio.get_running_loop().set_debug(False)
    assert capsys.readouterr().err == ""
    assert logs.LEVELS[0] == "debug"
