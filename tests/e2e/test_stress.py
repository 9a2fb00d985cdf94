"""The desktop under stress: the pop-up always comes, whatever is open, dies, or is freed.

One desktop, one server, one person for the whole file. HANDRAISE_STRESS_SECONDS=60 spreads the alerts under
the garbage collector over a minute instead of sending them one after the other.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from app import stages
from app.demo.cast import COLLEAGUES, SUPERVISOR
from app.demo.center import Center, ColleaguesProcess, Process
from app.demo.orders import End, Raise
from tests.e2e.conftest import DESKTOPS
from tests.e2e.desk import Desk
from tests.helpers.desktop import VirtualDesktop, eventually
from tests.helpers.watcher import Watched

ALERTS = 12
"""So many come under the garbage collector."""
AT_ONCE = 1.0
"""s within which a red escalation is on the recipient's screen once the server has accepted it."""
HEARD = -50.0
"""dBFS above which somebody hears it."""


class Stress:
    """Attributes:
    desk: the supervisor's machine, signed in.
    pipe: to the program under stress.
    """

    def __init__(
        self, desktop: VirtualDesktop, center: Center, colleagues: ColleaguesProcess, watched: Watched
    ) -> None:
        self.desktop, self._colleagues, self._watched = desktop, colleagues, watched
        self._folder = desktop.folder / "stress"
        self._folder.mkdir()
        self._stages = desktop.folder / "stages"
        raisers = (part.handle for part in COLLEAGUES if part.handle not in ("dev", "marco"))
        self._raisers = cycle(list(raisers)[:12])
        self.desk = Desk(desktop, SUPERVISOR.handle, center.url)
        program = ("-m", "tests.e2e.stressed_program", str(self._folder))
        self.desk.open("--lang", "en", "--stages", str(self._stages), program=program)
        self.pipe = (self._folder / "told").open("w")
        self.desk.sign_in(password=center.password)

    def alert(self, message: str = "Refund over the limit", within: float = 10.0) -> str:
        """Somebody calls; returns who, once the pop-up is on the screen."""
        who = next(self._raisers)
        order = Raise(who=who, message=message, people=(SUPERVISOR.handle,))
        hand = self._colleagues.tell(order).id
        eventually(lambda: self.shown(hand), within=within, what="the pop-up is on the screen")
        return who

    def shown(self, hand: str) -> bool:
        return f"{stages.SHOWN} {hand}" in self._stages.read_text(encoding="utf-8")

    def lower(self, who: str) -> None:
        self._colleagues.tell(End(who=who))
        eventually(lambda: not self.desk.popups(), within=10, what="the pop-up is gone")

    def others_see_lost(self, *channels: str) -> None:
        """Wait until somebody else knows that these channels, and no others, are lost here."""

        def look() -> bool:
            person = self._watched.people().get(SUPERVISOR.handle)
            return person is not None and person.lost == channels

        eventually(look, within=60, what=f"others know that {channels or 'no channels'} are lost")

    def collections(self) -> int:
        collected = self._folder / "collected"
        return int(collected.read_text() or 0) if collected.exists() else 0

    def tell(self, what: str) -> None:
        """Have the program do something, see stressed_program.py."""
        self.pipe.write(f"{what}\n")
        self.pipe.flush()

    def sound_helper(self) -> int:
        """Its process id; 0 while there is none."""
        children = Path(f"/proc/{self.desk.pid}/task/{self.desk.pid}/children").read_text().split()
        commands = {int(child): Path(f"/proc/{child}/cmdline") for child in children}
        return next((pid for pid, at in commands.items() if b"sound_helper" in at.read_bytes()), 0)


@pytest.fixture(scope="module")
def shared() -> Iterator[Stress]:
    with ExitStack() as stack:
        desktop = stack.enter_context(VirtualDesktop())
        center = stack.enter_context(Center())
        colleagues = stack.enter_context(center.colleagues(calm=True))
        log = desktop.folder / "watched"
        command = ("-m", "tests.helpers.watcher", center.url, "dev", str(log))
        watcher = Process(command, desktop.folder / "watcher.log", center.password, answers=False)
        stack.callback(watcher.stop)
        stress = Stress(desktop, center, colleagues, Watched(log))
        stack.callback(stress.pipe.close)
        yield stress


@pytest.fixture
def stress(shared: Stress, request: pytest.FixtureRequest) -> Stress:
    request.node.stash.setdefault(DESKTOPS, []).append(shared.desktop)
    return shared


def escalation_dialog(stress: Stress) -> None:
    stress.desk.key("ctrl+shift+e")
    stress.desk.see("Execute", role="push button")


def settings(stress: Stress) -> None:
    stress.desk.click("Settings", role="push button")
    stress.desk.see("Send a test alert", role="push button")


def file_dialog(stress: Stress) -> None:
    stress.tell("file")
    stress.desktop.windows.wait(title="^Choose a file", pid=stress.desk.pid)


def menu(stress: Stress) -> None:
    before = {window.id for window in stress.desktop.windows.all()}
    stress.desk.click(f"{SUPERVISOR.name}, Available")
    eventually(lambda: {w.id for w in stress.desktop.windows.all()} - before, what="the menu is open")


def all_keys(stress: Stress) -> None:
    stress.desk.key("F1")
    stress.desk.see("Done", role="push button")


@pytest.mark.parametrize("opened", [escalation_dialog, settings, file_dialog, menu, all_keys])
def test_red_is_on_the_screen_at_once_whatever_is_open(
    stress: Stress, opened: Callable[[Stress], None]
) -> None:
    stress.desk.focus()
    opened(stress)
    who = stress.alert(within=AT_ONCE)
    assert any(popup.above for popup in stress.desk.popups())
    stress.desk.key("Escape")
    stress.lower(who)


def test_a_question_does_not_hold_up_an_alert(stress: Stress) -> None:
    stress.desk.raise_yellow()
    stress.desk.key("ctrl+q")
    stress.desk.see("Quit and lower my hand", role="push button")
    who = stress.alert(within=AT_ONCE)
    stress.desk.key("Escape")
    stress.desk.see_gone("Quit and lower my hand", role="push button")
    stress.lower(who)
    stress.desk.lower_hand()


def _past(due: float) -> bool:
    return time.monotonic() >= due


def test_memory_is_freed_at_any_moment_and_every_alert_is_shown(stress: Stress) -> None:
    pace = float(os.environ.get("HANDRAISE_STRESS_SECONDS", "0")) / ALERTS
    stress.tell("collect")
    eventually(stress.collections, what="the garbage collector comes")
    before, began = stress.collections(), time.monotonic()
    for number in range(ALERTS):
        stress.lower(stress.alert(f"Call {number}"))
        eventually(partial(_past, began + (number + 1) * pace), within=pace + 1, what="the next one is due")
    assert stress.collections() - before >= ALERTS
    stress.tell("rest")
    stress.desk.see_exactly("Protected")


def test_channels_die_one_after_another_and_are_used_again(stress: Stress) -> None:
    desktop, desk = stress.desktop, stress.desk
    desk.focus()
    helper = eventually(stress.sound_helper, what="the sound helper runs")
    os.kill(helper, signal.SIGKILL)
    desk.see("No sound: the sound program stopped")
    with desktop.sound.recording() as recording:
        who = stress.alert("without the sound helper")
        eventually(lambda: recording.levels().loudest > HEARD, within=20, what="the new helper sounds")
    stress.lower(who)

    desktop.part("notifications").kill()
    stress.lower(stress.alert("without the notification daemon"))
    desk.see("No notifications: the desktop’s notification service does not answer.")
    stress.others_see_lost("notification")
    desktop.start_again("notifications")
    who = stress.alert("with the notification daemon")
    desktop.notifications.wait("with the notification daemon")
    stress.lower(who)

    desktop.part("tray").kill()
    stress.lower(stress.alert("without the tray"))
    desk.see("No tray icon: this desktop has no tray.")
    stress.others_see_lost("tray")
    desktop.start_again("tray")
    desktop.tray.wait(within=30)
    stress.lower(stress.alert("with the tray"))

    desktop.part("sound").kill()
    who = stress.alert("without the sound server")
    desk.see("No sound: ", within=30)
    stress.others_see_lost("sound")
    desktop.start_again("sound")
    with desktop.sound.recording() as recording:
        eventually(lambda: recording.levels().loudest > HEARD, within=40, what="it is heard again")
    stress.others_see_lost()
    stress.lower(who)
