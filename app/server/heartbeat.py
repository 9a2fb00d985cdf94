"""Tells an outside monitor that alerts are looked after, as long as they are (promise P8).

A monitor of this kind (dead man's switch) raises the alarm when it hears nothing. So it hears nothing while
the auditor says that something is wrong, nor when the server or its network is gone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import msgspec

from app.core.errors import Refused
from app.server.auditor import Auditor
from app.server.clock import Clock
from app.server.hooks.addresses import host_of
from app.server.hooks.outgoing import Outgoing, PostError
from app.server.settings_file import ConfigError, read_small
from app.tasks import Tasks

log = logging.getLogger(__name__)

EVERY_S = 60.0


@dataclass(frozen=True)
class Monitor:
    """Attributes:
    alive: the address that is told that all is well.
    trouble: the one that is told what is not, if there is one. Both are secrets.
    """

    alive: str
    trouble: str = ""


def load_monitor(file: Path) -> Monitor:
    """The file that ``handraise serve --heartbeat`` names: one address, or two, each on a line.

    Raises:
        ConfigError: what is wrong with it, without what is in it.
    """
    lines = [line.strip() for line in read_small(file).splitlines() if line.strip()]
    if not 1 <= len(lines) <= 2:
        raise ConfigError(f"{file} must contain one address, or two, each on a line of its own.")
    try:
        for line in lines:
            host_of(line, inside=True)
    except Refused as error:
        raise ConfigError(f"{file}: an address must begin with https:// and name a host.") from error
    return Monitor(*lines)


class Heartbeat:
    """Attributes:
    failures: times that the monitor could not be told, since the server started.
    """

    def __init__(
        self, monitor: Monitor | None, auditor: Auditor, outgoing: Outgoing, clock: Clock, tasks: Tasks
    ) -> None:
        self._monitor, self._auditor, self._outgoing = monitor, auditor, outgoing
        self._clock, self._tasks = clock, tasks
        self._next = 0.0
        self._beating = False
        self.failures = 0

    def look(self) -> None:
        """Call about once a second. The first beat waits for the auditor's first report."""
        now = self._clock.monotonic()
        if self._monitor is None or self._auditor.report is None or self._beating or now < self._next:
            return
        self._next = now + EVERY_S
        url = self._monitor.alive if self._auditor.well else self._monitor.trouble
        if url:
            self._beating = True
            self._tasks.spawn(self._tell(url), name="heartbeat")

    async def _tell(self, url: str) -> None:
        try:
            reply = await self._outgoing.post(url, {}, self._said())
            if not reply.good:
                self._failed(f"it answered {reply.status}")
        except PostError as error:
            self._failed(error.trouble)
        finally:
            self._beating = False

    def _failed(self, why: str) -> None:
        self.failures += 1
        log.warning("the outside monitor was not told: %s", why)

    def _said(self) -> bytes:
        report = self._auditor.report
        health = report.health if report is not None else None
        return msgspec.json.encode(
            {
                "well": self._auditor.well,
                "open": sum(health.open.values()) if health else 0,
                "unanswered": health.waiting if health else 0,
                "late": health.late if health else 0,
                "latest_seconds": health.latest if health else 0.0,
            }
        )
