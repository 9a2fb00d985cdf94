"""Desktops for end-to-end tests; what a failing one looked like is kept."""

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers.desktop import VirtualDesktop

KEPT = Path(__file__).resolve().parents[2] / "build" / "e2e"
DESKTOPS = pytest.StashKey[list[VirtualDesktop]]()


@pytest.fixture
def make_desktop(request: pytest.FixtureRequest) -> Iterator[Callable[..., VirtualDesktop]]:
    """Start desktops with the options of `VirtualDesktop`; they end with the test."""
    with ExitStack() as stack:
        running = request.node.stash.setdefault(DESKTOPS, [])

        def make(**options: object) -> VirtualDesktop:
            desktop = stack.enter_context(VirtualDesktop(**options))  # type: ignore[arg-type]  # passed on
            running.append(desktop)
            return desktop

        yield make


@pytest.fixture
def desktop(make_desktop: Callable[..., VirtualDesktop]) -> VirtualDesktop:
    """A desktop with one monitor of 1280x800 px and an open keyring."""
    return make_desktop()


def running_desktops(item: pytest.Item) -> "list[VirtualDesktop]":
    return item.stash.get(DESKTOPS, [])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the logs of the desktops into the report of a test that failed, and keep their pictures."""
    report = yield
    if report.when == "call" and report.failed:
        for number, desktop in enumerate(running_desktops(item), start=1):
            report.sections += [(f"desktop {number}: {name}", text) for name, text in desktop.logs().items()]
            picture = KEPT / f"{item.name}-{number}.png"
            try:
                desktop.screenshot(picture)
            except AssertionError as error:  # the test may have killed the display
                report.sections.append((f"desktop {number}: no picture", str(error)))
            else:
                report.sections.append((f"desktop {number}: picture", str(picture)))
    return report
