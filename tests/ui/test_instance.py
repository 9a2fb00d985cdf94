"""One program for each user and profile; later starts and `handraise raise` talk to it."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli import main
from app.ui import main as main_module
from app.ui.folders import Folders
from app.ui.instance import LINE_BYTES, Instance, Open, Raise, Reply, Request, Said, address


@pytest.fixture
def first(tmp_path: Path, qtbot: QtBot) -> Instance:
    instance = Instance(tmp_path, "default")
    assert instance.claim()
    return instance


SECOND_PROGRAM = """
import sys
from pathlib import Path
import msgspec
from app.ui.instance import Request, ask
said = ask(Path(sys.argv[1]), "default", msgspec.json.decode(sys.argv[2], type=Request))
print(msgspec.json.encode(said).decode())
"""


def asked_from_elsewhere(qtbot: QtBot, folder: Path, request: Request) -> Said | None:
    """What a second program is told: it blocks, so it is a process of its own."""
    process = QProcess()
    line = msgspec.json.encode(request).decode()
    with qtbot.waitSignal(process.finished, timeout=20_000):
        process.start(sys.executable, ["-c", SECOND_PROGRAM, str(folder), line])
    output = bytes(process.readAllStandardOutput().data())
    assert output, bytes(process.readAllStandardError().data())
    return msgspec.json.decode(output, type=Said | None)


def test_only_the_first_start_is_the_program(first: Instance, tmp_path: Path) -> None:
    assert not Instance(tmp_path, "default").claim()
    other = Instance(tmp_path, "other profile")
    assert other.claim()
    other.release()
    first.release()
    again = Instance(tmp_path, "default")
    assert again.claim()
    again.release()


def test_a_second_start_opens_the_firsts_window(first: Instance, tmp_path: Path, qtbot: QtBot) -> None:
    asked: list[Request] = []

    def open_window(request: Request, reply: Reply) -> None:
        asked.append(request)
        reply(Said(True))
        reply(Said(False, "a second answer is not heard"))

    first.asked.connect(open_window)
    assert asked_from_elsewhere(qtbot, tmp_path, Open()) == Said(True)
    assert asked == [Open()]
    first.release()


def test_raise_is_answered_with_the_sentence(first: Instance, tmp_path: Path, qtbot: QtBot) -> None:
    first.asked.connect(lambda request, reply: reply(Said(False, f"no: {request.text}")))
    said = asked_from_elsewhere(qtbot, tmp_path, Raise("ひとこと"))
    assert said == Said(False, "no: ひとこと")
    first.release()


def test_nobody_answers_when_no_program_runs(tmp_path: Path, qtbot: QtBot) -> None:
    assert asked_from_elsewhere(qtbot, tmp_path, Open()) is None


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b'{"type":"quit"}\n', b"\xff\xfe\n", b"x" * (LINE_BYTES + 1)]
)
def test_what_is_no_request_is_dropped(first: Instance, tmp_path: Path, qtbot: QtBot, line: bytes) -> None:
    asked: list[object] = []
    first.asked.connect(lambda request, _: asked.append(request))
    socket = QLocalSocket()
    socket.connectToServer(address(tmp_path, "default"))
    assert socket.waitForConnected(1_000)
    with qtbot.waitSignal(socket.disconnected, timeout=3_000):
        socket.write(line)
        socket.flush()
    assert asked == []
    first.release()


def test_only_the_user_can_open_the_socket(first: Instance, tmp_path: Path) -> None:
    mode = Path(address(tmp_path, "default")).stat().st_mode & 0o777
    assert mode & 0o077 == 0
    first.release()


# From the terminal


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x" * 51, "The message is longer than 50 characters."),
        ("x" * 100_000, "The message is longer than 50 characters."),
        ("ring \x07", "The message contains characters that cannot be shown."),
        ("no text: \udcff", "The message contains characters that cannot be shown."),
        ("x" * 50, "Handraise is not running, or does not answer. Start it and sign in first."),
    ],
)
def test_raise_says_what_is_wrong_before_anybody_is_asked(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path))
    assert main(["raise", text]) == 1
    assert capsys.readouterr() == ("", f"{sentence}\n")


def test_raise_asks_with_the_tidied_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def answer(_folder: Path, _profile: str, request: Request) -> Said:
        asked.append(request)
        return Said(False, "Your hand is already raised.")

    monkeypatch.setattr(main_module, "ask", answer)
    assert main_module.raise_hand(" two\nlines ", "default") == (1, "Your hand is already raised.")
    assert asked == [Raise("two lines")]


def test_a_password_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path))
    with (tmp_path / "closed").open("w") as file:
        descriptor = file.fileno()
    assert main(["--password-fd", str(descriptor)]) == 1
    assert capsys.readouterr().err == (
        f"handraise: No password can be read from --password-fd {descriptor}: Bad file descriptor.\n"
    )


def test_a_program_that_does_not_answer_is_no_silent_end(
    first: Instance,
    tmp_path: Path,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path))
    monkeypatch.setattr(main_module, "QApplication", lambda _: qapp)
    monkeypatch.setattr(main_module, "ask", lambda *_: None)
    assert main([]) == 1
    assert capsys.readouterr().err.startswith("handraise: Another Handraise seems to run and does not answer")
    first.release()
