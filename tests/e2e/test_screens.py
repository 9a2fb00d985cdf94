"""A red hand on a machine with two monitors: a pop-up on each, with every keyboard focus left where it is."""

from __future__ import annotations

from collections.abc import Callable

from app.demo.cast import SUPERVISOR
from app.demo.center import Center
from app.demo.orders import Answer, End, Raise
from tests.e2e.desk import Desk
from tests.helpers.desktop import VirtualDesktop, eventually

LEFT, RIGHT = (1280, 800), (1024, 768)


def test_a_pop_up_on_every_screen_until_somebody_else_answers(
    make_desktop: Callable[..., VirtualDesktop],
) -> None:
    desktop = make_desktop(monitors=(LEFT, RIGHT))
    with Center() as center, center.colleagues(calm=True) as colleagues:
        desk = Desk(desktop, SUPERVISOR.handle, center.url)
        desk.open("--lang", "en")
        desk.sign_in(password=center.password)
        probe = desktop.focus_probe()
        colleagues.tell(Raise(who="finn", message="Refund over the limit", people=(SUPERVISOR.handle,)))
        popups = eventually(lambda: found if len(found := desk.popups()) == 2 else [], within=20)
        lefts = sorted(popup.geometry.x for popup in popups)
        assert lefts[0] < LEFT[0] <= lefts[1], lefts
        probe.type("not a key lost")
        assert probe.wait_for("not a key lost").losses == 0

        with desktop.sound.recording() as recording:
            colleagues.tell(Answer(who="quentin", to="finn"))
            quiet_from = 1.5  # s; what was being played ends
            eventually(lambda: recording.levels().seconds > quiet_from + 4, within=20)
            assert recording.levels(last=3.5).loudest < -80
        eventually(lambda: not desktop.notifications.shown(), within=10, what="the notification is gone")
        assert probe.state().losses == 0
        colleagues.tell(End(who="finn"))
        eventually(lambda: not desk.popups(), within=10, what="the pop-ups are gone")
