"""Mistakes on the command line of the server: each gets one sentence, and nothing is changed by it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.cli import main
from app.server.admin import Admin
from app.server.store.sqlite.store import FILE
from tests.helpers.running import HASHER, SPACE_NAME, Ids

UNREADABLE = "a\udcffb"
"""An argument that is no text in the terminal's encoding, as Python hands it over."""
MAP = "no/such/map.tmj"


def admin(data: Path, *words: str) -> int:
    return main(["admin", "--data", str(data), *words])


def everything(data: Path) -> object:
    with Admin(data, hasher=HASHER) as opened:
        return opened.users(), opened.groups(), opened.spaces()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("user", "disable", "nobody"), "There is no user @nobody."),
        (("user", "set-role", "@nobody", "--role", "admin"), "There is no user @nobody."),
        (("user", "set-password", "nobody", "--password-stdin"), "There is no user @nobody."),
        (
            ("user", "add", "ANN", "--name", "A", "--password-stdin"),
            "@ANN is already the handle",
        ),
        (("group", "add", "ann", "--name", "A"), "@ann is already the handle of a person."),
        (("group", "add", "supervisors", "--name", "S"), "@supervisors is already the handle of a group."),
        (("group", "add", "here", "--name", "Here"), "@here has a meaning of its own"),
        (("user", "add", "all", "--name", "All", "--password-stdin"), "@all has a meaning of its own"),
        (("user", "rename", "ann", "A\x07"), "A name must not contain control characters."),
        (("group", "member", "add", "leads", "ann"), "There is no group @leads."),
        (("space", "add", "North", "--map", MAP), "map.tmj cannot be read: No such file or directory."),
        (("space", "add-member", "North", "ann"), "There is no space called North."),
        (("map", "import", MAP, "--space", SPACE_NAME), "map.tmj cannot be read: No such file or directory."),
        (("seat", "set", SPACE_NAME, "ann", "99"), "The map of this space has no seat called 99."),
        (("user", "disable", UNREADABLE), "Something in the command cannot be read as text."),
        (("space", "add-member", UNREADABLE, "ann"), "Something in the command cannot be read as text."),
    ],
)
def test_a_mistake_is_answered_with_one_sentence_and_changes_nothing(
    data: Path,
    ids: Ids,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    before = everything(data)
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    assert admin(data, *words) == 1
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith(f"handraise admin: {sentence}")
    assert error.count("\n") == 1
    assert everything(data) == before


def test_a_password_that_is_no_text_is_refused(
    data: Path, ids: Ids, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(data)
    monkeypatch.setattr("sys.stdin", io.StringIO("\udcffabcdefghik" + "\n"))
    assert admin(data, "user", "add", "mia", "--name", "Mia", "--password-stdin") == 1
    assert "cannot be read as text. Nothing was changed." in capsys.readouterr().err
    assert everything(data) == before


def test_a_folder_without_a_database_is_mentioned(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody who mistyped the folder would look for the new user on the real server in vain."""
    assert admin(data, "user", "list") == 0
    assert capsys.readouterr().err == (
        f"handraise admin: there was no database in {data}, so a new one was made.\n"
    )
    assert admin(data, "user", "list") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", [("admin", "user", "list"), ("serve", "--port", "0")])
def test_a_data_folder_that_cannot_be_used_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / FILE).write_bytes(b"this is no database. " * 500)
    for folder, words in (
        ("file", "cannot be used: File exists"),
        ("broken", "cannot be used as a database"),
    ):
        assert main([command[0], "--data", str(tmp_path / folder), *command[1:]]) == 1
        error = capsys.readouterr().err
        assert str(tmp_path / folder) in error
        assert words in error
        assert "Errno" not in error
        assert "Traceback" not in error
    assert (tmp_path / "broken" / FILE).read_bytes().startswith(b"this is no database.")


@pytest.mark.parametrize("grace", ["-1", "nan", "inf"])
def test_a_grace_time_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], grace: str
) -> None:
    assert main(["serve", "--data", str(tmp_path), "--port", "0", f"--grace={grace}"]) == 1
    assert "--grace must be a number of seconds" in capsys.readouterr().err
