"""The virtual desktop itself: each part is real, and what is read from it is what happened."""

import math
import struct
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.desktop import Part, PartDiedError, VirtualDesktop, eventually
from tests.helpers.desktop.parts import group_exists

KEYRING = [sys.executable, "-m", "keyring"]


@pytest.fixture
def happened(desktop: VirtualDesktop) -> Path:
    """Where the small program writes what happens to it."""
    return desktop.folder / "happened"


@pytest.fixture
def program(desktop: VirtualDesktop, happened: Path) -> Part:
    return start_small_program(desktop, happened)


def start_small_program(desktop: VirtualDesktop, happened: Path, *options: str) -> Part:
    happened.touch()
    return desktop.start([sys.executable, "-m", "tests.e2e.small_program", str(happened), *options])


def a_tone(path: Path, seconds: float) -> Path:
    """A WAV file with 440 Hz at -12 dBFS."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        samples = (int(8231 * math.sin(2 * math.pi * 440 * n / 44_100)) for n in range(int(44_100 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path


def test_tray_and_notification(desktop: VirtualDesktop, program: Part, happened: Path) -> None:
    icon = desktop.tray.wait()
    assert len(desktop.tray.icons()) == 1
    eventually(lambda: bytes.fromhex("2f6fed") * 8 in desktop.tray.picture(icon), what="its colour")
    desktop.tray.click(icon)
    eventually(lambda: "tray: Trigger" in happened.read_text(), within=10)

    note = desktop.notifications.wait("Ann needs help")
    assert (note.app, note.body) == ("Small program", "Customer asks for a refund")
    assert {"Approach", "Chat"} <= set(note.actions.values())
    assert desktop.notifications.count_on_screen() == 1
    desktop.notifications.press(note, "Chat")
    eventually(lambda: "button: Chat" in happened.read_text(), within=10)
    assert "button: Approach" not in happened.read_text()
    eventually(lambda: not desktop.notifications.shown(), within=10, what="the pressed one is closed")


def test_tray_menu(desktop: VirtualDesktop, program: Part, happened: Path) -> None:
    icon = desktop.tray.wait()
    before = {window.id for window in desktop.windows.all()}
    desktop.tray.open_menu(icon)
    eventually(lambda: {w.id for w in desktop.windows.all()} - before, within=10, what="the menu is open")
    desktop.windows.key("Down", "Return")
    eventually(lambda: "menu: Do it" in happened.read_text(), within=10)


def test_screen_reader(desktop: VirtualDesktop, program: Part, happened: Path) -> None:
    reader = desktop.accessibility
    field = reader.wait(program.pid, role="text", name="Words")
    button = reader.wait(program.pid, role="push button", name="Speak")
    assert button.description == "Announces something"
    assert field.box[2] > 100
    reader.write(program.pid, field, "to the reader")
    with reader.listening(desktop.folder / "heard") as listening:
        reader.act(program.pid, button, "Press")
        assert listening.wait("Said to the reader").role == "push button"
    assert reader.find(program.pid, name="Words")[0].text == "to the reader"
    assert "spoke: to the reader" in happened.read_text()


def test_keys_and_mouse(desktop: VirtualDesktop, program: Part, happened: Path) -> None:
    window = desktop.windows.wait(title="^Small program$", pid=program.pid)
    assert not window.above
    window.focus()
    window.click(160, 40)
    desktop.windows.type("typed 助けて")
    desktop.windows.key("Tab", "space")
    eventually(lambda: "spoke: typed 助けて" in happened.read_text(), within=10)
    window.close()
    eventually(lambda: not window.visible, within=10)
    assert program.alive


def test_a_pop_up_is_seen_to_leave_the_focus_alone(desktop: VirtualDesktop, happened: Path) -> None:
    started = start_small_program(desktop, happened, "--pop")
    main_window = desktop.windows.wait(title="^Small program$", pid=started.pid)
    eventually(lambda: desktop.windows.active() == main_window, within=10, what="it had the focus")
    probe = desktop.focus_probe()
    losses = probe.state().losses
    popped = desktop.windows.wait(title="^Popped up$", pid=started.pid)
    probe.type("the keys still come here")
    state = probe.wait_for("the keys still come here")
    assert (state.focused, state.losses) == (True, losses)
    assert popped.above
    assert desktop.windows.active() == probe.window
    eventually(lambda: main_window.demands_attention, within=5)


def test_a_stolen_focus_is_noticed(desktop: VirtualDesktop, program: Part) -> None:
    window = desktop.windows.wait(title="^Small program$", pid=program.pid)
    probe = desktop.focus_probe()
    losses = probe.state().losses
    window.focus()
    eventually(lambda: probe.state().losses == losses + 1, within=5)
    assert not probe.state().focused


def test_sound(desktop: VirtualDesktop) -> None:
    tone = a_tone(desktop.folder / "tone.wav", 0.6)
    assert desktop.sound.record(0.3).peak < -80
    with desktop.sound.recording("headset") as headset, desktop.sound.recording("speakers") as speakers:
        desktop.run(["paplay", "--device=headset", str(tone)])
        eventually(lambda: headset.levels().loudest > -40, within=10, what="the tone on the headset")
        assert speakers.levels().peak < -80
    levels = headset.levels()
    assert levels.loudest == pytest.approx(-15, abs=1.5)  # a sine's RMS is 3 dB below its peak
    assert levels.bursts() == 1


def test_keyring(desktop: VirtualDesktop) -> None:
    code = "import keyring; keyring.set_password('handraise', 'ann', 'a token')"
    desktop.run([sys.executable, "-c", code])
    assert desktop.secrets.stored() == {("handraise", "ann"): "a token"}
    desktop.secrets.lock()
    assert desktop.secrets.locked()


def test_without_a_keyring(make_desktop: Callable[..., VirtualDesktop]) -> None:
    desktop = make_desktop(keyring="none", screen_reader=False)
    code = "import keyring, keyring.errors as e\ntry: keyring.get_password('handraise', 'ann')\n"
    said = desktop.run([sys.executable, "-c", code + "except e.NoKeyringError: print('none')"])
    assert said.strip() == "none"


def test_two_monitors(make_desktop: Callable[..., VirtualDesktop], tmp_path: Path) -> None:
    desktop = make_desktop(monitors=((1024, 700), (800, 600)), screen_reader=False)
    code = "from PySide6.QtGui import QGuiApplication as G; a = G([]); "
    code += "print([s.geometry().getRect() for s in a.screens()])"
    assert desktop.run([sys.executable, "-c", code]).strip() == "[(0, 0, 1024, 700), (1024, 0, 800, 600)]"
    picture = desktop.screenshot(tmp_path / "both.png").read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (1824, 700)


def test_parts_die_alone_and_leave_nothing(
    make_desktop: Callable[..., VirtualDesktop], program: Part
) -> None:
    with VirtualDesktop(screen_reader=False) as desktop:
        for name in ("notifications", "sound", "tray"):
            part = desktop.part(name)
            part.kill()
            assert not part.alive
        assert desktop.sound.outputs() == []
        assert desktop.tray.icons() == []
        stubborn = desktop.start(["sh", "-c", "trap '' TERM; sleep 600 & sleep 600; sleep 600"])
        assert desktop.part("display").alive
        groups = [stubborn.pid, desktop.part("display").pid, desktop.part("bus").pid]
        folder = desktop.folder
    for group in groups:
        assert not group_exists(group)
    assert not folder.exists()
    assert program.alive  # on the other desktop


def test_a_program_that_fails_shows_its_log(desktop: VirtualDesktop) -> None:
    failing = desktop.start(["sh", "-c", "echo the reason; exit 3"], name="failing")
    assert failing.wait(5) == 3
    with pytest.raises(PartDiedError, match="the reason"):
        failing.check_alive()
    assert "the reason" in desktop.logs()[failing.log.stem]
