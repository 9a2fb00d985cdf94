"""Automatic away follows idleness and the screen's lock."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.ui.idle import IdleWatch, _login_session


class Machine:
    """How long nobody touched it, s; ``None`` where the system does not say."""

    def __init__(self, idle: float | None) -> None:
        self.idle = idle

    def __call__(self) -> float | None:
        return self.idle


def test_away_after_the_limit_and_back_at_the_first_touch(qtbot: QtBot) -> None:
    machine = Machine(0.0)
    watch = IdleWatch(machine, limit=300)
    told: list[bool] = []
    watch.changed.connect(told.append)
    for idle in (10.0, 299.0, 300.0, 400.0, 0.5):
        machine.idle = idle
        watch.look()
    assert told == [True, False]
    watch.stop()


def test_a_locked_screen_is_away_whatever_moves(qtbot: QtBot) -> None:
    watch = IdleWatch(Machine(None))
    told: list[bool] = []
    watch.changed.connect(told.append)
    watch.set_locked(True)
    watch.set_locked(False)
    assert told == [True, False]
    watch.stop()


def test_looks_are_rare_while_the_limit_is_far(qtbot: QtBot) -> None:
    watch = IdleWatch(Machine(295.0), limit=300)
    watch.look()
    assert watch._timer.interval() == 5_000
    watch = IdleWatch(Machine(0.0), limit=300)
    watch.look()
    assert watch._timer.interval() == 60_000


def test_a_limit_of_zero_switches_idleness_off(qtbot: QtBot) -> None:
    watch = IdleWatch(Machine(9_999.0), limit=0)
    watch.look()
    assert not watch.away
    assert not watch._timer.isActive()


@pytest.mark.parametrize(("name", "path"), [("3", "_33"), ("c2", "c2"), ("31", "_331"), ("", None)])
def test_only_the_lock_of_ones_own_session_counts(
    monkeypatch: pytest.MonkeyPatch, name: str, path: str | None
) -> None:
    monkeypatch.setenv("XDG_SESSION_ID", name)
    expected = f"/org/freedesktop/login1/session/{path}" if path else ""
    assert _login_session() == expected
