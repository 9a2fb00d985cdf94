"""One program for each user and profile; later starts and `handraise raise` talk to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from socket import socketpair

import msgspec
import pytest
from PySide6.QtCore import QProcess
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli import main
from app.ui import main as main_module
from app.ui.folders import Folders
from app.ui.instance import (
    LINE_BYTES,
    NONSENSE,
    OLD,
    VISITORS,
    Instance,
    Open,
    Outcome,
    Raise,
    Reply,
    Request,
    Said,
    address,
    line_of,
    private,
    read_line,
    same_user,
)


@pytest.fixture
def first(tmp_path: Path, qtbot: QtBot) -> Instance:
    instance = Instance(tmp_path, "default")
    assert instance.claim()
    return instance


SECOND_PROGRAM = """
import os
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
    line = msgspec.json.encode(request).decode()  # the program under test wraps it
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
        reply(Said(Outcome.DONE))
        reply(Said(Outcome.FAILED, "a second answer is not heard"))

    first.asked.connect(open_window)
    assert asked_from_elsewhere(qtbot, tmp_path, Open()) == Said(Outcome.DONE)
    assert asked == [Open()]
    first.release()


def test_raise_is_answered_with_the_sentence(first: Instance, tmp_path: Path, qtbot: QtBot) -> None:
    first.asked.connect(lambda request, reply: reply(Said(Outcome.WAITS, f"no: {request.text}")))
    said = asked_from_elsewhere(qtbot, tmp_path, Raise("ひとこと"))
    assert said == Said(Outcome.WAITS, "no: ひとこと")
    first.release()


def test_nobody_answers_when_no_program_runs(tmp_path: Path, qtbot: QtBot) -> None:
    assert asked_from_elsewhere(qtbot, tmp_path, Open()) is None


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"nonsense\n", NONSENSE),
        (b'{"version":2,"request":{"type":"quit"}}\n', NONSENSE),
        (b'{"version":2,"request":{"type":"raise","text":"' + b"x" * 2_000 + b'"}}\n', NONSENSE),
        (b'{"version":2,"request":{"type":"raise","to":[' + b'"a",' * 30 + b'"a"]}}\n', NONSENSE),
        (b'{"version":1,"request":{"type":"open"}}\n', OLD),
        (b'{"version":99,"request":{"type":"later"}}\n', OLD),
        (b'{"type":"open"}\n', NONSENSE),
        (b"\xff\xfe\n", NONSENSE),
        (b"[" * 4_000 + b"\n", NONSENSE),
        (b"x" * (LINE_BYTES + 1), ""),
    ],
)
def test_what_is_no_request_is_answered_so(
    first: Instance, tmp_path: Path, qtbot: QtBot, line: bytes, answer: str
) -> None:
    asked: list[object] = []
    first.asked.connect(lambda request, _: asked.append(request))
    socket = QLocalSocket()
    socket.connectToServer(address(tmp_path, "default"))
    assert socket.waitForConnected(1_000)
    with qtbot.waitSignal(socket.disconnected, timeout=3_000):
        socket.write(line)
        socket.flush()
    told = bytes(socket.readAll().data())
    assert (msgspec.json.decode(told, type=Said).sentence if told else "") == answer
    assert asked == []
    first.release()


@pytest.mark.parametrize("request_", [Open(), Open("handraise://hand/x"), Raise("ひと", True, ("a", "b"))])
def test_a_request_is_read_as_it_was_written(request_: Request) -> None:
    assert len(line_of(request_)) < LINE_BYTES
    assert read_line(line_of(request_)) == request_


def test_the_largest_request_fits_into_a_line() -> None:
    assert len(line_of(Raise("\u3042" * 50, True, ("\U00020000" * 32,) * 20))) < LINE_BYTES
    assert len(line_of(Open("\u3042" * 1_024))) < LINE_BYTES


def test_visitors_that_say_nothing_are_not_waited_for(
    tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.instance.ASK_MS", 1)
    first = Instance(tmp_path, "default")
    assert first.claim()
    silent = [QLocalSocket() for _ in range(VISITORS + 3)]
    for socket in silent:
        socket.connectToServer(address(tmp_path, "default"))
    qtbot.waitUntil(lambda: all(s.state() is s.LocalSocketState.UnconnectedState for s in silent))
    monkeypatch.undo()
    first.asked.connect(lambda request, reply: reply(Said(Outcome.DONE)))
    assert asked_from_elsewhere(qtbot, tmp_path, Open()) == Said(Outcome.DONE)
    first.release()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems keep others out by the folder")
def test_another_user_is_turned_away(
    first: Instance, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, far = socketpair()
    with near, far:
        assert same_user(near.fileno())
        uid = os.getuid()
        monkeypatch.setattr("app.ui.instance.os.getuid", lambda: uid + 1)
        assert not same_user(near.fileno())
    asked: list[object] = []
    first.asked.connect(lambda request, _: asked.append(request))
    socket = QLocalSocket()
    socket.connectToServer(address(tmp_path, "default"))
    socket.write(line_of(Open()))
    with qtbot.waitSignal(socket.disconnected, timeout=3_000):
        socket.flush()
    assert asked == []
    monkeypatch.undo()
    first.release()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has an access list instead")
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a session has no folder of its own, the name is one that others could make first."""
    open_to_all = tmp_path / "open"
    open_to_all.mkdir(mode=0o777)
    open_to_all.chmod(0o777)
    assert private(open_to_all)
    assert open_to_all.stat().st_mode & 0o777 == 0o700
    (tmp_path / "link").symlink_to(open_to_all)
    assert not private(tmp_path / "link")
    assert not private(tmp_path / "nowhere")
    uid = os.getuid()
    monkeypatch.setattr("app.ui.instance.os.getuid", lambda: uid + 1)
    assert not Instance(open_to_all, "default").claim()


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
    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path, tmp_path))
    assert main(["raise", text]) == 1
    assert capsys.readouterr() == ("", f"{sentence}\n")


def test_raise_asks_with_the_tidied_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def answer(_folder: Path, _profile: str, request: Request) -> Said:
        asked.append(request)
        return Said(Outcome.FAILED, "Your hand is already raised.")

    monkeypatch.setattr(main_module, "ask", answer)
    assert main_module.raise_hand(" two\nlines ", "default") == (1, "Your hand is already raised.")
    assert asked == [Raise("two lines")]


def test_raise_names_whom_it_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []

    def answer(_folder: Path, _profile: str, request: Request) -> Said:
        asked.append(request)
        return Said(Outcome.WAITS, "The escalation dialog is filled in. Press Execute there.")

    monkeypatch.setattr(main_module, "ask", answer)
    assert main(["raise", "--red", "--message", "line 3", "--to", "@supervisors", "--to", "chie"]) == 3
    assert main(["raise", "--red", "--to", "no handle"]) == 1
    assert main(["raise", "--to", "chie"]) == 2
    assert asked == [Raise("line 3", True, ("supervisors", "chie"))]


@pytest.mark.parametrize("link", ["handraise://hand/abc", "HandRaise:x", "handraise:" + "y" * 5_000])
def test_a_link_is_passed_to_the_running_program(
    first: Instance,
    tmp_path: Path,
    qapp: QApplication,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    link: str,
) -> None:
    asked: list[Request] = []

    def answer(_folder: Path, _profile: str, request: Request) -> Said:
        asked.append(request)
        return Said(Outcome.FAILED, "no link")

    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path, tmp_path))
    monkeypatch.setattr(main_module, "QApplication", lambda _: qapp)
    monkeypatch.setattr(main_module, "ask", answer)
    assert main([link]) == 1
    assert asked == [Open(link[:1_024])]
    assert capsys.readouterr().err == "handraise: no link\n"
    first.release()


def test_a_password_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path, tmp_path))
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
    monkeypatch.setattr(Folders, "of", lambda _: Folders(tmp_path, tmp_path, tmp_path, tmp_path))
    monkeypatch.setattr(main_module, "QApplication", lambda _: qapp)
    monkeypatch.setattr(main_module, "ask", lambda *_: None)
    assert main([]) == 1
    assert capsys.readouterr().err.startswith("handraise: Another Handraise seems to run and does not answer")
    first.release()
