"""``handraise demo``: the sample contact center with two windows on this screen."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import FrameType

from app.demo.cast import AGENT, SPACE, SUPERVISOR, Part
from app.demo.center import Center, CenterError, Process
from app.demo.phones import WAIT_S, Phones, furnish

LOOK_SECONDS = 0.25

GUIDE = """\
{space}: {count} simulated colleagues are at work on {url}.
Two windows open: {agent} is an agent, {supervisor} a supervisor.

  Raise a hand    {agent}: Escalation (Ctrl+Shift+E), a message, Execute: yellow, everybody sees it
  Call somebody   the same with Notify on and @supervisors: red, the pop-up and the sound come to {supervisor}
  Answer          {supervisor}: Approach walks over, Chat writes, Can't now declines
  Nobody answers  a red hand that calls somebody who is away: after {wait:.0f} s the supervisors are called,
                  then the duty phone is texted and called; whoever has it presses 1
  Customers       they text now and then, into the Inbox; unopened for a minute it goes to the duty phone
  Look around     drag, wheel, click to walk; double click somebody to walk up to them

What phones hear is written here. Quit both windows, or press Ctrl+C, to end it. Nothing stays behind."""


def run(seed: int, calm: bool, say: Callable[[str], None]) -> int:
    """Until both windows were quit, or the demo is interrupted; returns the exit code.

    Args:
        seed: another number, another day.
        calm: the colleagues stay at their desks and do nothing by themselves.
        say: shows a line to the person who started it.
    """
    try:
        with _interruptible(), ExitStack() as parts:
            say("Making a sample contact center …")
            phones = parts.enter_context(Phones(seed, calm=calm))
            center = parts.enter_context(Center(options=phones.options))
            furnish(center)
            colleagues = parts.enter_context(center.colleagues(seed, calm=calm))
            windows = [parts.enter_context(_window(center, part)) for part in (AGENT, SUPERVISOR)]
            people = {"agent": AGENT.name, "supervisor": SUPERVISOR.name}
            say(GUIDE.format(space=SPACE, count=colleagues.count, url=center.url, wait=WAIT_S, **people))
            return _watch(center, windows, say, phones.heard)
    except CenterError as error:
        say(f"The demo could not start: {error}")
        return 1
    except KeyboardInterrupt:
        say("The demo is over.")
        return 0


@contextmanager
def _window(center: Center, part: Part) -> Iterator[Process]:
    """A client that signs in by itself; its settings are apart from the person's own."""
    arguments = ["-m", "app", "--server", center.url, "--handle", part.handle]
    arguments += ["--password-fd", "0", "--profile", f"demo-{part.handle}"]
    window = Process(arguments, center.folder / f"{part.handle}.log", center.password, answers=False)
    try:
        yield window
    finally:
        window.stop()


def _watch(
    center: Center,
    windows: list[Process],
    say: Callable[[str], None],
    heard: Callable[[], Sequence[str]] = tuple,
) -> int:
    """``heard``: what phones have heard since it was asked last."""
    while any(window.running for window in windows):
        for window in windows:
            window.wait(LOOK_SECONDS)
        for line in heard():
            say(f"☎ {line}")
        if not center.running:
            say("The server has ended; so has the demo.")
            return 1
    failed = [window for window in windows if window.code]
    for window in failed:
        say(window.last_words())
    return 1 if failed else 0


@contextmanager
def _interruptible() -> Iterator[None]:
    """A polite request to end (SIGTERM) cleans up as Ctrl+C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
