"""Signals from outside: those that end the program do, others of a library do not."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from pytestqt.qtbot import QtBot

from app.ui.main import Signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ending_signals_act_and_no_others(qtbot: QtBot, ending: signal.Signals) -> None:
    seen: list[str] = []
    before_ending = signal.getsignal(ending)
    before = signal.signal(signal.SIGUSR1, lambda *_: seen.append("somebody else's"))
    try:
        with Signals(lambda: seen.append("end")) as signals:
            os.kill(os.getpid(), signal.SIGUSR1)
            qtbot.waitUntil(lambda: seen == ["somebody else's"])
            with qtbot.waitSignal(signals._notifier.activated):
                os.kill(os.getpid(), ending)
            qtbot.waitUntil(lambda: seen == ["somebody else's", "end"])
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert signal.getsignal(ending) == before_ending
