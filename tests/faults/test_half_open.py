"""A link that swallows everything and says nothing: both sides notice within 15 s (promise P5).

In real time, with the times that people live with: once, for all three kinds of such a link together.
"""

from __future__ import annotations

from pathlib import Path

from app.net.clock import SystemClock
from app.net.problems import Trouble
from tests.helpers.fleet import Fleet, Member
from tests.helpers.proxy import FaultProxy, Way, Weather
from tests.helpers.running import furnish
from tests.helpers.server_process import ServerProcess

NOTICED_SECONDS = 15.0
DEAD_WAYS = {
    "bob": frozenset({Way.UP}),
    "chie": frozenset({Way.DOWN}),
    "dev": frozenset(Way),
}


async def test_a_half_open_link_is_noticed_on_both_sides_within_15_s(tmp_path: Path) -> None:
    furnish(tmp_path / "data")
    async with (
        ServerProcess(tmp_path / "data") as server,
        FaultProxy(server.url) as bobs,
        FaultProxy(server.url) as chies,
        FaultProxy(server.url) as devs,
        Fleet(server.url, ("ann",)) as watching,
        Fleet(bobs.url, ("bob",), eager=False) as bob,
        Fleet(chies.url, ("chie",), eager=False) as chie,
        Fleet(devs.url, ("dev",), eager=False) as dev,
    ):
        (ann,) = watching.members
        cut_off = [bob.members[0], chie.members[0], dev.members[0]]
        began = SystemClock().time()
        for member, proxy in zip(cut_off, (bobs, chies, devs), strict=True):
            proxy.weather = Weather(swallow=DEAD_WAYS[member.handle])

        def noticed() -> bool:
            return not any(member.live or seen_connected(ann, member) for member in cut_off)

        for member in cut_off:
            member.client.listen(lambda _: watching.stir())
        await watching.until(noticed, within=NOTICED_SECONDS)
        for member in cut_off:
            state = member.client.connection
            assert state.since <= began + 6.0, "since when it was last heard, not noticed"
        assert chie.members[0].troubles[Trouble.SILENT] == 1
        assert ann.live
        for member, proxy in zip(cut_off, (bobs, chies, devs), strict=True):
            proxy.weather = Weather()
            member.client.retry_now()
        await watching.until(lambda: all(seen_connected(ann, member) for member in cut_off))
        assert not any(member.replaced for member in cut_off), "somebody did not resume"


def seen_connected(watcher: Member, other: Member) -> bool:
    space = watcher.client.space
    assert space is not None
    occupant = space.occupants.get(other.id)
    return occupant is not None and occupant.connected
