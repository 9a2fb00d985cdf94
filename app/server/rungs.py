"""How far alerts have come at their recipients, written down together.

A red hand that calls hundreds makes hundreds of reports in the same moment; they share a transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from app.core import priority
from app.core.errors import Refusal
from app.core.hands import climbed
from app.core.model import Device, DeviceId, EscalationId, MessageId, PersonId, Rung, SpaceId, Step
from app.core.scene import NOTHING, Decision, Scene
from app.core.space import SpaceState
from app.server.ledger import Asked, Ledger, Room
from app.server.link import AlertKey
from app.tasks import Tasks

Reports = dict[AlertKey, dict[tuple[PersonId, DeviceId], Step]]
"""The furthest step of each machine, by alert."""


@dataclass
class _Pending:
    reports: Reports = field(default_factory=dict)
    waiting: list[asyncio.Future[Refusal | None]] = field(default_factory=list)


class Rungs:
    """Args:
    pause: s that the first report waits for others.
    """

    def __init__(
        self, ledger: Ledger, room_of: Callable[[SpaceId], Room | None], tasks: Tasks, pause: float
    ) -> None:
        self._ledger, self._room_of, self._tasks, self._pause = ledger, room_of, tasks, pause
        self._pending: dict[SpaceId, _Pending] = {}

    def sent(self, person: PersonId, device: Device, alerts: Iterable[AlertKey]) -> None:
        """Alerts were handed to a connection of the person."""
        for alert in alerts:
            self._add(alert, Step(person, Rung.SENT, device))

    async def report(self, alert: AlertKey, step: Step) -> Refusal | None:
        """A machine of the person says so; returns when it is written down."""
        pending = self._add(alert, step)
        if pending is None:
            return None
        written: asyncio.Future[Refusal | None] = asyncio.get_running_loop().create_future()
        pending.waiting.append(written)
        return await written

    def _add(self, alert: AlertKey, step: Step) -> _Pending | None:
        space = alert.space
        room = self._room_of(space)
        if room is None or self._tasks.closed or step.device is None:
            return None
        pending = self._pending.get(space)
        if pending is None:
            pending = self._pending[space] = _Pending()
            self._tasks.spawn(self._write(room), name=f"rungs of {space}")
        steps = pending.reports.setdefault(alert, {})
        key = (step.person, step.device.id)
        if key not in steps or steps[key].rung < step.rung:
            steps[key] = step
        return pending

    async def _write(self, room: Room) -> None:
        await asyncio.sleep(self._pause)
        pending = self._pending.pop(room.id)
        reports = pending.reports

        def authors(state: SpaceState) -> set[PersonId]:
            return {who for who in (_author(state, alert) for alert in reports) if who is not None}

        asked = Asked(lambda scene, _: all_climbed(scene, reports), authors)
        try:
            outcome = await self._ledger.commit(room, asked)
        except BaseException as error:
            for written in pending.waiting:
                if not written.done():
                    written.set_exception(error)
                    written.exception()  # it is logged where it came from
            raise
        for written in pending.waiting:
            if not written.done():
                written.set_result(outcome if isinstance(outcome, Refusal) else None)


def _author(state: SpaceState, alert: AlertKey) -> PersonId | None:
    """Who follows how far the alert comes."""
    hand = state.escalations.get(EscalationId(alert.id))
    return alert.author or (hand.raiser if hand else None)


def all_climbed(scene: Scene, reports: Reports) -> Decision:
    """What became of hands that are still up, and of priority messages."""
    total = NOTHING
    for alert, steps in reports.items():
        if alert.author is not None:
            total += priority.climbed(scene, alert.author, MessageId(alert.id), steps.values())
            continue
        hand = scene.space.escalations.get(EscalationId(alert.id))
        if hand is not None:
            total += climbed(scene, hand, steps.values())
    return total
