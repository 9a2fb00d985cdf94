"""The place of the story: a server with colleagues, two machines, and somebody who watches."""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.core.maps import SpaceMap
from app.core.model import Place
from app.demo.cast import AGENT, COLLEAGUES, SUPERVISOR
from app.demo.center import Center, ColleaguesProcess
from app.server.first_start import OFFICE
from app.server.maps import import_map
from tests.e2e.desk import Desk
from tests.e2e.story.report import Report
from tests.e2e.story.telephones import Telephones, furnish
from tests.helpers.desktop import Part, VirtualDesktop, eventually
from tests.helpers.watcher import Watched

WATCHER = "zoe"
"""A colleague who takes no part: what she sees, everybody sees."""
LANDMARKS = tuple(part for part in COLLEAGUES if part.handle in ("dev", "marco"))
"""They stay at their desks."""
GRACE = 15
"""s for which a lost connection holds a hand; 120 unless configured."""
MAP_ROLE = "list"
MAP_NAME = "Map of the space"


@dataclass
class Stage:
    """Everybody and everything in the story."""

    center: Center
    colleagues: ColleaguesProcess
    agent: Desk
    supervisor: Desk
    watched: Watched
    report: Report
    office: SpaceMap
    phones: Telephones

    def distance(self, one: str, other: str) -> float:
        """px between two avatars, as the watcher sees them."""
        people = self.watched.people()
        return math.dist(people[one].place, people[other].place)

    def zone_of(self, handle: str) -> str:
        seen = self.watched.people().get(handle)
        return seen.zone if seen else ""

    def click_on_map(self, desk: Desk, to: Place) -> None:
        """Click where ``to`` is on the desk's map; two avatars whose places are known give the scale."""
        people = self.watched.people()
        (first, here), (second, there) = (
            (people[part.handle].place, _middle(desk, part.name)) for part in LANDMARKS
        )
        scale = math.dist(here, there) / math.dist(first, second)
        x = here[0] + (to.x - first[0]) * scale
        y = here[1] + (to.y - first[1]) * scale
        desk.desktop.windows.click(round(x), round(y))

    def idle_share(self, desk: Desk, seconds: float = 3.0) -> float:
        """Share of a core that the client's process takes while it is left alone, once settled."""
        time.sleep(1)
        before, at = _cpu_seconds(desk.pid), time.monotonic()
        time.sleep(seconds)
        return (_cpu_seconds(desk.pid) - before) / (time.monotonic() - at)

    def room(self, name: str) -> Place:
        """A walkable point in the middle of a meeting room."""
        zone = next(zone for zone in self.office.zones if name in zone.name)
        xs, ys = [p.x for p in zone.outline], [p.y for p in zone.outline]
        return Place((min(xs) + max(xs)) // 2, max(ys) - 48)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process, s."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _middle(desk: Desk, name: str) -> tuple[float, float]:
    node = desk.see(name, role="list item")
    x, y, width, height = node.box
    return x + width / 2, y + height / 2


@contextmanager
def stage(folder: Path, *, options: Sequence[str] = ()) -> Iterator[Stage]:
    """Everything started; nobody is signed in at the two machines yet.

    Args:
        folder: for the report and its pictures.
        options: of the desktop client.
    """
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handraise-story-")))
        phones = stack.enter_context(Telephones(place))
        center = stack.enter_context(Center(options=["--grace", str(GRACE), *phones.options]))
        furnish(center)
        colleagues = stack.enter_context(center.colleagues(calm=True))
        desks = []
        for part in (AGENT, SUPERVISOR):
            desk = Desk(stack.enter_context(VirtualDesktop()), part.handle, center.url)
            desk.open("--lang", "en", *options)
            desks.append(desk)
        watched = _watch(stack, desks[0].desktop, center)
        office = import_map(OFFICE).map
        yield Stage(center, colleagues, desks[0], desks[1], watched, Report(folder), office, phones)


def _watch(stack: ExitStack, desktop: VirtualDesktop, center: Center) -> Watched:
    log = center.folder / "watched.jsonl"
    command = [sys.executable, "-m", "tests.helpers.watcher", center.url, WATCHER, str(log)]
    program = Part(
        "watcher",
        command,
        environment=desktop.environment,
        log=center.folder / "watcher.log",
        stdin=f"{center.password}\n".encode(),
    )
    stack.callback(program.stop, within=2)
    watched = Watched(log)

    def ready() -> object:
        program.check_alive()
        return watched.people()

    eventually(ready, within=20, what="the watcher is in the space")
    return watched
