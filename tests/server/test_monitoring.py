"""What watches the server: figures for Prometheus, and the heartbeat for an outside monitor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.core.cases import SendId
from app.core.commands import RaiseEscalation
from app.core.errors import Code
from app.core.hooks import ApiAction
from app.core.model import Level, Recipients
from app.server.auditor import UNWELL_AFTER, Auditor
from app.server.delivery.base import GatewayError, Parcel
from app.server.heartbeat import EVERY_S, Heartbeat, Monitor, load_monitor
from app.server.hooks.outgoing import Outgoing
from app.server.main import Server
from app.server.settings_file import ConfigError
from app.tasks import Tasks
from tests.helpers.api import integrated
from tests.helpers.caller import PATIENCE, Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import Receiver, receiving
from tests.helpers.running import SPACE_NAME, Ids, running

Sample = tuple[str, tuple[tuple[str, str], ...]]


@pytest.fixture
async def server(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Server]:
    async with running(data, clock, http_port=0) as started:
        yield started


async def asked(server: Server, token: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        return await client.get(server.web.url + "/metrics", headers=headers)


async def figures(server: Server) -> dict[Sample, float]:
    token = (await integrated(server, None, (ApiAction.METRICS,))).token
    families = text_string_to_metric_families((await asked(server, token)).text)
    return {
        (sample.name.removeprefix("handraise_"), tuple(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


async def test_figures_are_for_who_may_read_them(server: Server, ids: Ids) -> None:
    assert (await asked(server, "nothing")).status_code == 401
    other = (await integrated(server, ids.space, (ApiAction.READ,))).token
    assert (await asked(server, other)).status_code == 403
    mine = (await integrated(server, None, (ApiAction.METRICS,))).token
    answer = await asked(server, mine)
    assert answer.headers["content-type"].startswith("text/plain; version=")
    async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        lists = await client.get(
            server.web.url + "/api/v1/escalations", headers={"Authorization": f"Bearer {mine}"}
        )
    assert lists.status_code == 403


async def test_alerts_people_and_gateways_are_counted(server: Server, ids: Ids, clock: FakeClock) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob"):
        assert await ann.do(RaiseEscalation(Level.RED, "", Recipients(people=(ids.bob,))), "hand") is None
        clock.at += 3
        with pytest.raises(GatewayError):
            await server.phones.carriers.send(Parcel(SendId("s"), "webhook", "https://127.0.0.1/", ""))
        server.phones.carriers.reached[Code.CAP_SERVER] += 2
        seen = await figures(server)
    assert seen["open_alerts", (("kind", "escalation"),)] == 1
    assert seen["unanswered_alerts", ()] == 1
    assert seen["oldest_unanswered_seconds", ()] == pytest.approx(3, abs=0.01)
    assert seen["people", (("space", SPACE_NAME),)] == 3
    assert seen["connections", ()] >= 2
    assert seen["gateway_errors_total", (("channel", "webhook"), ("reason", "refused"))] == 1
    assert seen["caps_reached_total", (("cap", "cap_server"),)] == 2
    assert seen["sends", (("state", "sent"),)] == 0
    assert seen["webhook_backlog", ()] == 0
    assert seen["loop_lag_seconds_count", ()] > 0


# The heartbeat


class Beat:
    """A heartbeat with its monitor, looked at by hand."""

    def __init__(self, server: Server, clock: FakeClock, receiver: Receiver, trouble: bool = True) -> None:
        self.auditor = Auditor(server.store.cases, clock)
        self.tasks = Tasks("heartbeat")
        monitor = Monitor(receiver.url, receiver.url + "/fail" if trouble else "")
        self.heart = Heartbeat(monitor, self.auditor, Outgoing(inside=True), clock, self.tasks)


async def test_a_monitor_hears_once_a_minute_that_all_is_well(server: Server, clock: FakeClock) -> None:
    async with receiving() as receiver:
        beat = Beat(server, clock, receiver)
        beat.heart.look()
        await beat.auditor.look()
        for number in (1, 2, 3):
            beat.heart.look()
            beat.heart.look()
            await eventually(lambda: not beat.heart._beating)
            assert len(receiver.got) == number
            clock.at += EVERY_S
            await beat.auditor.look()
        assert {one.path for one in receiver.got} == {"/hook"}
        assert receiver.got[0].json["well"] is True
        await beat.tasks.close()


async def test_a_monitor_does_not_hear_that_all_is_well_when_it_is_not(
    server: Server, clock: FakeClock
) -> None:
    async with receiving() as receiver:
        beat, silent = Beat(server, clock, receiver), Beat(server, clock, receiver, trouble=False)
        for one in (beat, silent):
            await one.auditor.look()
        clock.at += UNWELL_AFTER + 1  # nobody audits any more
        for one in (beat, silent):
            one.heart.look()
            await eventually(lambda: not beat.heart._beating and not silent.heart._beating)
        assert [(one.path, one.json["well"]) for one in receiver.got] == [("/hook/fail", False)]
        for one in (beat, silent):
            await one.tasks.close()


async def test_a_monitor_that_is_away_is_told_again_the_next_minute(server: Server, clock: FakeClock) -> None:
    async with receiving() as receiver:
        receiver.answers.append(500)
        beat = Beat(server, clock, receiver)
        for failures in (1, 1):
            await beat.auditor.look()
            beat.heart.look()
            await eventually(lambda: not beat.heart._beating)
            assert beat.heart.failures == failures
            clock.at += EVERY_S
        assert len(receiver.got) == 2
        await beat.tasks.close()


@pytest.mark.parametrize(
    ("text", "monitor"),
    [
        ("https://hc.example/uuid\n", Monitor("https://hc.example/uuid")),
        ("https://a.example/\n\nhttps://b.example/\n", Monitor("https://a.example/", "https://b.example/")),
        ("", None),
        ("hc.example/uuid", None),
        ("https://a.example/\nhttps://b.example/\nhttps://c.example/", None),
    ],
)
def test_the_monitors_address_comes_from_a_file(text: str, monitor: Monitor | None, tmp_path: Path) -> None:
    file = tmp_path / "monitor"
    file.write_text(text)
    if monitor is not None:
        assert load_monitor(file) == monitor
    else:
        with pytest.raises(ConfigError) as caught:
            load_monitor(file)
        assert "uuid" not in str(caught.value)
