"""What others know of an alert on a real desktop: shown when it is on the screen, and what is lost there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import pytest

from app.demo.cast import SUPERVISOR
from app.demo.center import Center, ColleaguesProcess, Process
from app.demo.orders import End, Raise
from tests.e2e.conftest import DESKTOPS
from tests.e2e.desk import Desk
from tests.helpers.desktop import VirtualDesktop, Window, eventually
from tests.helpers.desktop.tools import Tools
from tests.helpers.watcher import Watched

RAISER = "finn"
MACHINE = socket.gethostname()


@dataclass
class Floor:
    """Attributes:
    watched: what the raiser sees on another machine.
    """

    desktop: VirtualDesktop
    desk: Desk
    colleagues: ColleaguesProcess
    watched: Watched

    def lost(self) -> tuple[str, ...]:
        return self.watched.people()[SUPERVISOR.handle].lost

    def has_lost(self, *channels: str) -> bool:
        return self.lost() == channels

    def mute(self, muted: bool) -> None:
        self._run("pactl", "set-sink-mute", "@DEFAULT_SINK@", "1" if muted else "0")

    def x(self, *command: str) -> None:
        self._run("xdotool", *command)

    def _run(self, *command: str) -> None:
        Tools(self.desktop.environment).run(*command)


@pytest.fixture(scope="module")
def shared() -> Iterator[Floor]:
    with ExitStack() as stack:
        desktop, center = stack.enter_context(VirtualDesktop()), stack.enter_context(Center())
        colleagues = stack.enter_context(center.colleagues(calm=True))
        log = desktop.folder / "watched"
        command = ("-m", "tests.helpers.watcher", center.url, RAISER, str(log))
        watcher = Process(command, desktop.folder / "watcher.log", center.password, answers=False)
        stack.callback(watcher.stop)
        desk = Desk(desktop, SUPERVISOR.handle, center.url)
        desk.open("--lang", "en")
        desk.sign_in(password=center.password)
        floor = Floor(desktop, desk, colleagues, Watched(log))
        eventually(lambda: SUPERVISOR.handle in floor.watched.people(), within=20, what="all are there")
        yield floor


@pytest.fixture
def floor(shared: Floor, request: pytest.FixtureRequest) -> Floor:
    request.node.stash.setdefault(DESKTOPS, []).append(shared.desktop)
    return shared


def test_shown_is_what_is_on_the_screen_and_what_is_taken_away_comes_again(floor: Floor) -> None:
    """The window server hides the pop-up, then destroys it; the raiser knows the machine by its name."""
    floor.colleagues.tell(Raise(who=RAISER, message="Refund", people=(SUPERVISOR.handle,)))
    shown = {MACHINE: "SHOWN"}
    eventually(lambda: floor.watched.ladder(SUPERVISOR.handle) == shown, within=20, what="shown there")
    for taken in ("windowunmap", "windowclose"):
        popup = eventually(floor.desk.popups, within=10, what="the pop-up")[0]
        floor.x(taken, str(popup.id))

        def another(before: Window = popup) -> bool:
            return any(p.id != before.id and p.visible for p in floor.desk.popups())

        eventually(another, within=20, what=f"the pop-up is back after {taken}")
    floor.colleagues.tell(End(who=RAISER))
    eventually(lambda: not floor.desk.popups(), within=10, what="the pop-up is gone")


def test_do_not_disturb_silence_and_a_tray_that_goes_are_known_to_others_until_they_end(floor: Floor) -> None:
    def all_works() -> bool:
        person = floor.watched.people()[SUPERVISOR.handle]
        return (person.lost, person.unknown) == ((), ())

    eventually(all_works, within=20, what="every channel is known to work")
    floor.desktop.notifications.set_paused(True)
    eventually(lambda: floor.lost() == ("notification",), within=75, what="others know of do not disturb")
    floor.desk.see("Alerts: no notifications", role="push button")
    for muted, lost in ((True, ("sound", "notification")), (False, ("notification",))):
        floor.mute(muted)  # noticed at once when an alert rings
        floor.colleagues.tell(Raise(who=RAISER, message="Refund", people=(SUPERVISOR.handle,)))
        eventually(partial(floor.has_lost, *lost), within=60, what=f"others know that muted={muted}")
        floor.colleagues.tell(End(who=RAISER))
        eventually(lambda: not floor.desk.popups(), within=10, what="the pop-up is gone")
    floor.desktop.part("tray").kill()
    eventually(lambda: floor.lost() == ("notification", "tray"), within=30, what="others know of the tray")
    floor.desktop.notifications.set_paused(False)
    floor.desktop.start_again("tray")
    eventually(all_works, within=75, what="everything is back for others too")
    floor.desk.see_gone("Alerts: no notifications", role="push button")
