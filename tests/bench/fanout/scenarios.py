"""What only our server is asked for: readers that stop, red hands while people walk, opening a full space."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import msgspec

from app.core import wire
from app.core.commands import EndEscalation, RaiseEscalation, SendMessage
from app.core.model import EscalationId, GroupId, Level, PersonId, Recipients
from tests.bench.fanout.contestants import OURS, STOCK, Contestant, start
from tests.bench.fanout.ours import PASSWORD
from tests.helpers.caller import Caller

ROOM, STALLED, FILLED = 300, 3, 1_000
HANDS, MESSAGES = 20, 10_000


def slow_readers(folder: Path) -> None:
    print(f"\n{STALLED} of {ROOM} stop reading while {ROOM // 10} walk; what the others get meanwhile")
    for name in (STOCK, OURS):
        with ExitStack() as stack:
            one = start(stack, name, folder / name[:4], ROOM)
            one.ask("fill", ROOM)
            _, _, p99, _, _, rate = one.ask("move", ROOM // 10, 10, 5)
            one.ask("stall", STALLED)
            before = one.cost().memory
            _, _, p99_then, _, slowest, _ = one.ask("move", ROOM // 10, 10, 5)
            lost, seconds = one.ask("lost", 3)
            grown = one.cost().memory - before
        fate = f"{lost:.0f} cut off after {seconds:.1f} s" if lost else "nobody cut off"
        print(
            f"{name:<26}slowest of the others {slowest / rate:.1%} of the frames, "
            f"p99 {p99:.0f} -> {p99_then:.0f} ms ({p99_then / p99:.2f}); {fate}; memory {grown:+.0f} KiB"
        )


def red_while_walking(folder: Path) -> None:
    with ExitStack() as stack:
        one = start(stack, OURS, folder / "red", FILLED)
        one.ask("fill", FILLED)
        alone = _red(one, 0)
        one.ask("move", FILLED // 10, 10, 1)
        walking = _red(one, HANDS)
    print(
        f"\nA red hand until the last of {FILLED} has it, median of {HANDS}: {median(alone):.1f} ms; "
        f"while {FILLED // 10} walk {median(walking):.1f} ms ({median(walking) / median(alone):.2f} times)"
    )


def _red(one: Contestant, first: int) -> list[float]:
    """ms each; every hand is somebody else's, and lowered before the next."""
    called = Recipients(groups=(GroupId(one.said[0]),))
    took = []
    for who in range(first + 10, first + 10 + HANDS):
        raised = f"raise{who}"
        (ms,) = one.ask("say", who, _do(raised, RaiseEscalation(Level.RED, f"help {who}", called)))
        took.append(ms)
        one.ask("say", who, _do(f"lower{who}", EndEscalation(EscalationId(raised))))
    if min(took) < 0:
        raise RuntimeError("a red hand did not reach everybody")
    return took


def opening(folder: Path) -> None:
    """A person with a long history opens a space where everybody is."""
    with ExitStack() as stack:
        one = start(stack, OURS, folder / "open", FILLED)
        one.ask("fill", FILLED - 1)
        url = f"ws://127.0.0.1:{one.port}"
        ids = asyncio.run(_people(url))
        to = ids["u00000"]
        for number in range(MESSAGES):
            who = 1 + number % (FILLED - 2)
            message = SendMessage(f"message {number}: the customer of this morning again", Recipients((to,)))
            one.ask("send", who, _do(f"m{number}", message))
            if number % 50 == 49:
                one.ask("quiet", 0)
        one.ask("quiet", 2)
        size, seconds, joined = asyncio.run(_open(url, f"u{FILLED - 1:05}"))
    print(
        f"\nOpening a space with {FILLED} people, {MESSAGES} messages to the one who opens it: a snapshot of "
        f"{size / 1024:.0f} KiB in {seconds * 1000:.0f} ms, signing in not counted; "
        f"the others get {joined} bytes when somebody joins"
    )


async def _people(url: str) -> dict[str, PersonId]:
    async with await Caller.enter(url, "u00000", PASSWORD) as caller:
        return {person.handle: person.id for person in caller.space.people.values()}


async def _open(url: str, newcomer: str) -> tuple[int, float, int]:
    """Bytes of the snapshot, s until it is there, bytes that a newcomer costs somebody else."""
    async with await Caller.dial(url) as caller:
        assert not await caller.sign_in("u00000", PASSWORD)
        began = time.perf_counter()
        attached = await caller.attach()
        seconds = time.perf_counter() - began
        assert attached.personal is not None
        size = len(caller.frames[-1])
        heard = sum(map(len, caller.frames))
        async with await Caller.enter(url, newcomer, PASSWORD) as other:
            assert other.signed_in is not None
            me = other.signed_in.me.id
            await caller.until(lambda: me in caller.space.occupants)
        return size, seconds, sum(map(len, caller.frames)) - heard


def _do(command_id: str, command: RaiseEscalation | EndEscalation | SendMessage) -> str:
    return msgspec.msgpack.encode(wire.Do(command_id, command)).hex()
