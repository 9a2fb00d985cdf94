"""``handraise demo`` from its start to its end: it watches over its parts and leaves nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.demo import run as demo
from app.demo.cast import Part
from app.demo.center import Center, Process


class Standing(Center):
    """A center that needs no server."""

    up = True

    @property
    def running(self) -> bool:
        return self.up


@pytest.fixture
def center() -> Iterator[Standing]:
    center = Standing("a demo password")
    yield center
    center.__exit__(None, None, None)


def window(center: Center, code: str) -> Process:
    return Process(["-c", code], center.folder / "window.log", "a demo password", answers=False)


def test_it_ends_when_both_windows_were_quit(center: Standing) -> None:
    said: list[str] = []
    windows = [window(center, "input()"), window(center, "input()")]
    assert demo._watch(center, windows, said.append) == 0
    assert said == []


def test_a_window_that_fails_says_why(center: Standing) -> None:
    said: list[str] = []
    broken = window(center, "import sys; sys.exit('no display')")
    assert demo._watch(center, [broken], said.append) == 1
    assert said == ["no display"]


def test_what_phones_hear_is_told(center: Standing) -> None:
    said: list[str] = []
    assert demo._watch(center, [window(center, "input()")], said.append, lambda: ("It rings",)) == 0
    assert "☎ It rings" in said


def test_without_its_server_it_ends(center: Standing) -> None:
    said: list[str] = []
    forever = window(center, "import signal; signal.pause()")
    center.up = False
    assert demo._watch(center, [forever], said.append) == 1
    assert said == ["The server has ended; so has the demo."]
    forever.stop()
    assert not forever.running


@pytest.mark.skipif(sys.platform == "win32", reason="nobody sends SIGTERM there")
def test_being_told_to_end_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    folders: list[Path] = []
    servers: list[Center] = []
    said: list[str] = []

    @contextmanager
    def no_window(center: Center, part: Part) -> Iterator[Process]:
        opened.append(part.handle)
        stand_in = window(center, "input()")
        try:
            yield stand_in
        finally:
            stand_in.stop()

    def watch(center: Center, windows: list[Process], say: Callable[[str], None], heard: object) -> int:
        folders.append(center.folder)
        servers.append(center)
        assert center.running
        os.kill(os.getpid(), signal.SIGTERM)
        while True:
            for each in windows:
                each.wait(0.1)

    monkeypatch.setattr(demo, "_window", no_window)
    monkeypatch.setattr(demo, "_watch", watch)
    before = signal.getsignal(signal.SIGTERM)
    assert demo.run(seed=1, calm=True, say=said.append) == 0
    assert opened == ["mia", "sora"]
    assert "26 simulated colleagues" in said[1]
    assert said[-1] == "The demo is over."
    assert not folders[0].exists()
    assert not servers[0].running
    assert signal.getsignal(signal.SIGTERM) is before


OWNER = """\
import sys
from app.demo.center import Center
with Center() as center:
    print(center.url, center.folder, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nobody sends SIGKILL there")
def test_a_demo_that_is_killed_leaves_no_server_behind() -> None:
    demo = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    assert demo.stdin is not None
    url, _, folder = demo.stdout.readline().strip().partition(" ")
    host, _, port = url.removeprefix("ws://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        demo.kill()
        demo.wait()
        assert connection.recv(1) == b"", "the server goes, and the connection with it"
    demo.stdin.close()
    demo.stdout.close()
    shutil.rmtree(folder, ignore_errors=True)  # it may still be closing its files
