"""Real clients over faulty links: what each would have shown, what was accepted, and whether all agree."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType

import msgspec

from app.core.commands import (
    AnswerEscalation,
    Command,
    EndEscalation,
    RaiseEscalation,
    SendMessage,
    SetStatus,
)
from app.core.errors import Refused
from app.core.model import AnswerKind, EscalationId, Level, PersonId, Recipients, Status
from app.core.person import AlertTouched
from app.net.assets import MemoryCache
from app.net.client import Client, ClientChange, ConnectionChanged, Link, NotSent, StateReplaced
from app.net.clock import SystemClock
from app.net.websocket import WebSocketConnector
from app.tasks import Tasks
from tests.helpers.caller import Caller, snapshot_bytes
from tests.helpers.running import PASSWORD, Ids

FLEET_PATIENCE = 60.0
"""s that a fleet may take to agree, on a busy machine."""


class Member:
    """One person's client, and what its window would have been told.

    Attributes:
        shown: how often each alert was announced as new.
        replaced: how often the whole state was another one, since everybody was in the space.
        eager: tries again at once when the connection breaks, as after a change of network.
        troubles: how the connection was lost, by the code that was given.
    """

    def __init__(self, handle: str, stir: Callable[[], None], *, eager: bool = True) -> None:
        self.handle = handle
        self._stir = stir
        self.shown: Counter[EscalationId] = Counter()
        self.troubles: Counter[str] = Counter()
        self.replaced = 0
        self.eager = eager
        self.client = Client(
            connect=WebSocketConnector(),
            clock=SystemClock(),
            rng=random.Random(handle),
            tasks=Tasks(handle),
            cache=MemoryCache(),
            app="fleet",
        )
        self.client.listen(self._hear)

    @property
    def id(self) -> PersonId:
        assert self.client.person is not None
        return self.client.person.id

    @property
    def live(self) -> bool:
        return self.client.connection.link is Link.PROTECTED

    def _hear(self, changes: tuple[ClientChange, ...]) -> None:
        self._stir()
        for change in changes:
            if isinstance(change, AlertTouched) and change.new:
                self.shown[change.escalation] += 1
            elif isinstance(change, StateReplaced):
                self.replaced += 1
            elif isinstance(change, ConnectionChanged):
                self._connection_changed()
        me = self.client.me
        for escalation in me.alerts if me is not None else ():
            if escalation not in self.shown:  # it came with a snapshot
                self.shown[escalation] += 1

    def _connection_changed(self) -> None:
        state = self.client.connection
        if state.link is Link.NOT_PROTECTED and state.retry_at is not None:
            reason = state.problem or state.refusal
            self.troubles[reason.code if reason else ""] += 1
            if self.eager:
                self.client.retry_now()

    def agrees_with(self, truth: Caller) -> bool:
        """Whether this screen shows what the server has, the space and what only this person may see."""
        space, me = self.client.space, self.client.me
        if not self.live or space is None or me is None:
            return False
        return snapshot_bytes(space) == snapshot_bytes(truth.space) and (
            snapshot_bytes(me) == snapshot_bytes(truth.me)
        )


class Work:
    """What people of a contact center do all day, by chance; every outcome is written down.

    Attributes:
        accepted: commands that the server said yes to, by id.
        unsure: commands of which nobody heard whether they arrived.
        called: whom each accepted red hand calls.
    """

    def __init__(self, ids: Ids, seed: int) -> None:
        self._ids, self._rng = ids, random.Random(seed)
        self.accepted: dict[str, tuple[str, Command]] = {}
        self.unsure: dict[str, tuple[str, Command]] = {}
        self.refused = 0
        self._number = 0

    @property
    def called(self) -> dict[EscalationId, set[PersonId]]:
        everybody = {self._ids.eva, self._ids.bob, self._ids.chie}
        return {
            EscalationId(number): everybody - {getattr(self._ids, handle)}
            for number, (handle, command) in self.accepted.items()
            if isinstance(command, RaiseEscalation)
        }

    @property
    def raised(self) -> set[str]:
        """Every hand that may have gone up."""
        both = {**self.accepted, **self.unsure}
        return {number for number, (_, command) in both.items() if isinstance(command, RaiseEscalation)}

    async def one(self, member: Member) -> None:
        """Something this person may do now; returns when it was answered, or given up."""
        command = self._next(member)
        self._number += 1
        number = f"{member.handle}-{self._number}"
        self.unsure[number] = (member.handle, command)
        try:
            await member.client.do(command, number)
        except Refused:
            self.refused += 1
            del self.unsure[number]
        except NotSent:
            pass  # nobody knows
        else:
            self.accepted[number] = self.unsure.pop(number)

    def _next(self, member: Member) -> Command:
        space, me, rng = member.client.space, member.client.me, self._rng
        assert space is not None
        assert me is not None
        mine = space.escalation_of(member.id)
        others = [alert for alert in me.alerts if me.alerts[alert].escalation.raiser != member.id]
        if others and rng.random() < 0.4:
            return AnswerEscalation(rng.choice(others), rng.choice([AnswerKind.CHAT, AnswerKind.DECLINE]))
        if mine is not None and rng.random() < 0.6:
            return EndEscalation(mine.id)
        roll = rng.random()
        if roll < 0.5 and mine is None:
            to = Recipients(people=(self._ids.eva,), groups=(self._ids.supervisors,))
            return RaiseEscalation(Level.RED, f"help {self._number}", to)
        if roll < 0.8:
            return SendMessage(f"message {self._number}", Recipients(people=(self._ids.dev, self._ids.ann)))
        return SetStatus(rng.choice([Status.AVAILABLE, Status.BUSY, Status.ON_CALL]))


class Fleet:
    """``async with Fleet(url, handles)``: everybody signed in; closed as by lost connections."""

    def __init__(self, url: str, handles: tuple[str, ...], *, eager: bool = True) -> None:
        self.url = url
        self._stirred = asyncio.Event()
        self.members = [Member(handle, self._stirred.set, eager=eager) for handle in handles]

    async def __aenter__(self) -> Fleet:
        async with asyncio.timeout(FLEET_PATIENCE):
            await asyncio.gather(*(m.client.sign_in(self.url, m.handle, PASSWORD) for m in self.members))
        await self.until(lambda: all(m.client.map is not None for m in self.members))
        for member in self.members:
            member.replaced = 0
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(member.client.close(leave=False) for member in self.members))

    def stir(self) -> None:
        """Look again at what is waited for: something may have changed that nobody here heard of."""
        self._stirred.set()

    async def until(self, condition: Callable[[], bool], within: float = FLEET_PATIENCE) -> None:
        """Wait until something is so; looked at whenever somebody heard something. Raises TimeoutError."""
        async with asyncio.timeout(within):
            while not condition():
                self._stirred.clear()
                await self._stirred.wait()

    async def agree(self, server: str) -> None:
        """Wait until every screen shows what the server has: the space, and what only its person may see.

        Args:
            server: its address, without a proxy between.
        """
        async with AsyncExitStack() as stack, Tasks("truths") as tasks:
            truths = [
                await stack.enter_async_context(await Caller.enter(server, member.handle))
                for member in self.members
            ]
            for truth in truths:
                tasks.spawn(truth.follow(self._stirred.set), name="follow")
            pairs = list(zip(self.members, truths, strict=True))
            try:
                await self.until(lambda: all(member.agrees_with(truth) for member, truth in pairs))
            except TimeoutError:
                raise AssertionError(_differences(pairs)) from None


def _differences(pairs: list[tuple[Member, Caller]]) -> str:
    """Who differs in what, for a person to read."""
    lines = []
    for member, truth in pairs:
        if not member.agrees_with(truth):
            state = member.client.connection
            lines.append(f"{member.handle}: {state.link.value}, {state.problem or state.refusal}")
            for here, there in ((member.client.space, truth.space), (member.client.me, truth.me)):
                has = msgspec.to_builtins(here.snapshot()) if here is not None else {}
                for name, value in msgspec.to_builtins(there.snapshot()).items():
                    if name != "places" and has.get(name) != value:
                        lines += [f"  {name} here:      {has.get(name)}", f"  {name} in truth:  {value}"]
    return "\n".join(lines)


def each_alert_once(fleet: Fleet, work: Work) -> None:
    """Promise P2: who is called by an accepted hand is told exactly once, and nobody of anything else."""
    called = work.called
    assert called, "nobody called anybody"
    for member in fleet.members:
        twice = {alert: times for alert, times in member.shown.items() if times != 1}
        assert not twice, f"{member.handle} was called more than once"
        missed = {alert for alert, people in called.items() if member.id in people} - set(member.shown)
        assert not missed, f"{member.handle} was not called"
        assert {str(alert) for alert in member.shown} <= work.raised, "a hand that nobody raised"
