"""The alert's sound: files, the two sides' lines, and helpers that die, hang and talk nonsense."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.helpers import helper_command
from app.ui.alerts import sound_protocol as protocol
from app.ui.alerts.sound import BACKOFF_MS, AlertSound, SoundSettings
from app.ui.alerts.sound_helper import EXIT_AFRESH, gain, load
from app.ui.alerts.sound_protocol import Device, Devices, Ping, Play, Pong, Sounding, Stop, Trouble

SOUNDS = Path(__file__).parents[2] / "resources" / "sounds"

FAKE = """
import sys
log = open(sys.argv[1], "ab", 0)
print('{"t":"devices","outputs":[{"id":"x","name":"X"}]}', flush=True)
for line in sys.stdin.buffer:
    log.write(line)
    if b'"ping"' in line:
        print('{"t":"pong","n":%s}' % line.split(b":")[-1].strip(b"}\\n ").decode(), flush=True)
"""


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    return tmp_path / "heard"


@pytest.fixture
def sound_of(qtbot: QtBot, heard: Path) -> Iterator[Callable[[str], AlertSound]]:
    """An AlertSound whose helper is the given Python text."""
    made: list[AlertSound] = []

    def make(script: str) -> AlertSound:
        made.append(AlertSound(command=[sys.executable, "-S", "-c", script, str(heard)]))
        return made[-1]

    yield make
    for sound in made:
        sound.close()
        assert sound.process_id == 0


def commands(heard: Path) -> list[protocol.Command]:
    lines = heard.read_bytes().splitlines() if heard.exists() else []
    return [c for c in map(protocol.decode_command, lines) if not isinstance(c, Ping)]


# -- the files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*protocol.SOUNDS, protocol.CALL, protocol.TEXT])
def test_the_sounds_are_what_the_script_makes(name: str, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_sounds", SOUNDS / "make_sounds.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write(tmp_path)
    with wave.open(str(tmp_path / f"{name}.wav")) as made, wave.open(str(SOUNDS / f"{name}.wav")) as kept:
        assert made.getparams() == kept.getparams()
        assert (kept.getframerate(), kept.getnchannels(), kept.getsampwidth()) == (48_000, 2, 2)
        new = np.frombuffer(made.readframes(made.getnframes()), "<i2").astype(int)
        old = np.frombuffer(kept.readframes(kept.getnframes()), "<i2").astype(int)
    assert np.abs(new - old).max() <= 1  # libraries of other platforms may round the last bit differently


PEAKS = {**dict.fromkeys(protocol.SOUNDS, 0.8), protocol.CALL: 0.4, protocol.TEXT: 0.2}


@pytest.mark.parametrize(("name", "peak"), PEAKS.items())
def test_the_sounds_are_clean_and_as_loud_as_what_they_say(name: str, peak: float) -> None:
    with wave.open(str(SOUNDS / f"{name}.wav")) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float) / 32768
    assert 1.0 <= len(data) / 2 / 48_000 <= 1.2
    assert np.abs(data).max() == pytest.approx(peak, abs=0.01)  # neither clipped nor timid
    assert np.sqrt((data**2).mean()) > peak / 8
    assert abs(data.mean()) < 0.002  # no offset, which would click
    assert np.abs(data[:8]).max() < 0.01
    assert np.abs(data[-8:]).max() < 0.01


def test_a_repeat_is_the_sound_and_silence() -> None:
    pcm = load("chime", 3.0)
    assert len(pcm) == 3 * 48_000 * 4
    assert any(pcm[: 48_000 * 4])
    assert not any(pcm[int(1.3 * 48_000) * 4 :])
    assert len(load("chime", 0.1)) == int(1.2 * 48_000) * 4  # never cut
    assert load("../../secret", 3.0) == pcm  # names only, no paths


def test_gain_follows_the_ear_and_stays_in_bounds() -> None:
    assert (gain(0), gain(100), gain(-5), gain(500)) == (0.0, 1.0, 0.0, 1.0)
    assert gain(50) == pytest.approx(0.125)


# -- the lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [Play("pulse", "dev", 55, 2.5), Stop(), Ping(4)])
def test_commands_survive_the_line(command: protocol.Command) -> None:
    line = protocol.encode(command)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert protocol.decode_command(line) == command


@pytest.mark.parametrize(
    "event", [Devices((Device("a", "A\nB"),)), Sounding("a", True), Trouble("no_device"), Pong(1)]
)
def test_events_survive_the_line(event: protocol.Event) -> None:
    assert protocol.decode_event(protocol.encode(event)) == event


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"Traceback", b'{"t":"play"}', b"\xff", b"[" * 5_000, b" " * 70_000, b'{"t":"pong"}']
)
def test_nonsense_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        protocol.decode_command(line)
    with pytest.raises(ValueError, match=r"\w"):
        protocol.decode_event(line)


# -- the client's side, with helpers of our making -----------------------------------------------


def test_ringing_and_quiet_are_told(qtbot: QtBot, sound_of: Callable[[str], AlertSound], heard: Path) -> None:
    sound = sound_of(FAKE)
    sound.set_settings(SoundSettings("pulse", "x", 40))
    sound.start()
    qtbot.waitUntil(lambda: commands(heard) == [Stop()])
    sound.ring()
    sound.ring()  # an alert more changes nothing
    qtbot.waitUntil(lambda: commands(heard) == [Stop(), Play("pulse", "x", 40)])
    sound.set_settings(SoundSettings("pulse", "x", 90))
    sound.quiet()
    qtbot.waitUntil(lambda: commands(heard)[2:] == [Play("pulse", "x", 90), Stop()])
    assert [o.id for o in sound.outputs] == ["x"]


def test_a_killed_helper_comes_back_and_rings_on(
    qtbot: QtBot, sound_of: Callable[[str], AlertSound], heard: Path
) -> None:
    sound = sound_of(FAKE)
    sound.ring()
    qtbot.waitUntil(lambda: commands(heard) == [Play("chime", "", 80)])
    first = sound.process_id
    with qtbot.waitSignal(sound.trouble_changed, check_params_cb=lambda t: t == "helper_down"):
        os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: commands(heard) == [Play("chime", "", 80)] * 2)
    assert sound.process_id not in (0, first)
    assert sound.trouble == ""


@pytest.mark.parametrize(
    "script",
    [
        "print('hello', flush=True); input()",
        "print('x' * 200_000, end='', flush=True); input()",
        "import os; os.abort()",
    ],
)
def test_a_mad_helper_is_replaced_and_reported(
    qtbot: QtBot, sound_of: Callable[[str], AlertSound], script: str, caplog: pytest.LogCaptureFixture
) -> None:
    sound = sound_of(script)
    with qtbot.waitSignals([sound.trouble_changed]):
        sound.start()
    assert sound.trouble == "helper_down"
    qtbot.waitUntil(lambda: "the sound helper ended" in caplog.text)
    qtbot.waitUntil(lambda: sound.process_id != 0)  # it is tried again


def test_a_missing_helper_is_reported_not_raised(qtbot: QtBot) -> None:
    sound = AlertSound(command=["/nonexistent/helper"])
    with qtbot.waitSignal(sound.trouble_changed):
        sound.start()
    assert sound.trouble == "helper_down"
    sound.close()


def test_an_alert_does_not_wait_for_the_end_of_a_long_backoff(
    qtbot: QtBot, sound_of: Callable[[str], AlertSound], heard: Path
) -> None:
    sound = sound_of("raise SystemExit(1)")
    sound._failures = len(BACKOFF_MS)  # it has been failing for a while: the next try is 30 s away
    with qtbot.waitSignal(sound.trouble_changed):
        sound.start()
    sound._command[3] = FAKE
    sound.ring()
    qtbot.waitUntil(lambda: commands(heard) == [Play("chime", "", 80)], timeout=1_500)


def test_volume_zero_is_a_trouble_of_its_own(qtbot: QtBot, sound_of: Callable[[str], AlertSound]) -> None:
    sound = sound_of(FAKE)
    sound.set_settings(SoundSettings(volume=0))
    assert sound.trouble == "muted"
    sound.set_settings(SoundSettings(volume=10))
    assert sound.trouble == ""


def test_trouble_is_told_and_taken_back(qtbot: QtBot, sound_of: Callable[[str], AlertSound]) -> None:
    stalled = """print('{"t":"trouble","reason":"stalled"}', flush=True)\nfor line"""
    plays = """if b"play" in line: print('{"t":"sounding","device":"x","fallback":true}', flush=True)"""
    script = FAKE.replace("for line", stalled, 1).replace("log.write(line)", plays)
    sound = sound_of(script)
    with qtbot.waitSignal(sound.trouble_changed, check_params_cb=lambda t: t == "stalled"):
        sound.start()
    with qtbot.waitSignals([sound.sounding, sound.outputs_changed]):
        sound.ring()
    assert sound.trouble == ""
    assert sound.fallback


# -- the real helper, where there is no sound system ---------------------------------------------


def test_the_real_helper_says_that_there_is_no_device_and_survives_a_kill(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("takes the sound server away by environment")
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent/pulse")
    monkeypatch.setenv("PIPEWIRE_REMOTE", "/nonexistent/pipewire")
    sound = AlertSound(command=helper_command("sound"))
    sound.ring()
    qtbot.waitUntil(lambda: sound.trouble == "no_device", timeout=15_000)
    first = sound.process_id
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: sound.process_id not in (0, first), timeout=15_000)
    last = sound.process_id
    sound.close()
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


def test_a_helper_that_cannot_get_on_ends_cleanly_and_asks_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if sys.platform != "linux":
        pytest.skip("takes the sound server away by environment")
    monkeypatch.setenv("PULSE_SERVER", "unix:/nonexistent/pulse")
    monkeypatch.setenv("PIPEWIRE_REMOTE", "/nonexistent/pipewire")
    with subprocess.Popen(
        helper_command("sound"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as helper:
        assert helper.stdin is not None
        assert helper.stdout is not None
        helper.stdin.write(protocol.encode(Play("chime")))
        helper.stdin.flush()  # and stays open: it ends by its own decision
        assert helper.wait(timeout=20) == EXIT_AFRESH
        events = [protocol.decode_event(line) for line in helper.stdout]
    assert events == [Devices(()), Trouble("no_device")]
