"""A working day that looks plausible, the same for the same seed: who does what, and when.

Nothing here knows a server or a clock; what others do meanwhile does not change the script.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Generator, Iterator, Sequence
from itertools import count

from app.core.model import AnswerKind, Frozen, Level, Role, Status
from app.demo import lines
from app.demo.cast import TEAMS, Part
from app.demo.orders import Answer, Chat, End, Order, Raise, SetStatus, Walk

HANDS = 2
"""Raised at the same time, at most."""
STROLLS = 3
"""People on their feet at the same time, besides meetings and those who help."""
ROOMS = ("Kita", "Minami")

Routine = Generator[float | Order, None, None]
"""Yields orders, and between them how many seconds pass."""


class Timed(Frozen):
    """An order, and when it is carried out, in s from the start."""

    at: float
    order: Order


def improvise(seed: int, parts: Sequence[Part]) -> Iterator[Timed]:
    """Orders without end, in the order of time."""
    day = _Day(parts)
    routines = [_shift(day, part, _dice(seed, part.handle)) for part in parts]
    routines += [_hands(day, _dice(seed, f"hands {n}"), n) for n in range(HANDS)]
    routines += [_strolls(day, _dice(seed, f"strolls {n}")) for n in range(STROLLS)]
    routines += [_meetings(day, _dice(seed, "meetings")), _talk(day, _dice(seed, "talk"))]
    order = count()
    queue = [(0.0, next(order), routine) for routine in routines]
    while True:
        day.now, _, routine = heapq.heappop(queue)
        step = next(routine)
        while not isinstance(step, float):
            yield Timed(day.now, step)
            step = next(routine)
        heapq.heappush(queue, (day.now + step, next(order), routine))


def _dice(seed: int, name: str) -> random.Random:
    return random.Random(f"{seed}/{name}")


class _Day:
    """What routines must know of each other: who is busy with something until when."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.now = 0.0
        self.parts = tuple(parts)
        self._taken: dict[str, float] = {}

    def free(self, part: Part) -> bool:
        return self._taken.get(part.handle, 0.0) <= self.now

    def take(self, part: Part, seconds: float) -> None:
        self._taken[part.handle] = self.now + seconds

    def release(self, part: Part) -> None:
        self._taken.pop(part.handle, None)

    def pick(self, dice: random.Random, *roles: Role) -> Part | None:
        """Somebody who has nothing else to do."""
        free = [part for part in self.parts if part.role in roles and self.free(part)]
        return dice.choice(free) if free else None


def _shift(day: _Day, me: Part, dice: random.Random) -> Routine:
    """Calls, and what is to be written down afterwards."""
    on_phone = me.role is Role.AGENT
    yield SetStatus(
        who=me.handle, status=Status.ON_CALL if on_phone and dice.random() < 0.7 else Status.AVAILABLE
    )
    yield dice.uniform(4.0, 90.0)
    while True:
        if not day.free(me):
            yield 7.0
            continue
        if on_phone:
            yield SetStatus(who=me.handle, status=Status.ON_CALL)
            yield dice.uniform(50.0, 180.0)
            yield SetStatus(who=me.handle, status=Status.BUSY)
            yield dice.uniform(6.0, 20.0)
        yield SetStatus(who=me.handle, status=Status.AVAILABLE)
        yield dice.uniform(3.0, 12.0)


def _strolls(day: _Day, dice: random.Random) -> Routine:
    """Between two calls: a break, or a few words at somebody's desk."""
    while True:
        yield dice.uniform(3.0, 12.0)
        walker = day.pick(dice, *Role)
        if walker is None:
            continue
        day.take(walker, 120.0)
        yield SetStatus(who=walker.handle, status=Status.AVAILABLE)
        other = dice.choice(day.parts).handle
        places = ("lounge", "lounge", "Quiet corner", "entrance", f"@{other}")
        yield Walk(who=walker.handle, to=dice.choice([p for p in places if p != f"@{walker.handle}"]))
        yield dice.uniform(18.0, 45.0)
        yield Walk(who=walker.handle, to="home")
        yield 8.0
        if walker.role is Role.AGENT:
            yield SetStatus(who=walker.handle, status=Status.ON_CALL)
        day.release(walker)


def _hands(day: _Day, dice: random.Random, turn: int) -> Routine:
    """One hand after the other; as many of these run as may be raised at once."""
    yield dice.uniform(8.0, 16.0) + turn * 35.0
    while True:
        raiser = day.pick(dice, Role.AGENT)
        if raiser is not None:
            day.take(raiser, 150.0)
            yield _raise(raiser, dice)
            yield dice.uniform(8.0, 22.0)
            yield from _help(day, raiser, dice)
            yield End(who=raiser.handle)
            day.release(raiser)
        yield dice.uniform(20.0, 55.0)


def _raise(raiser: Part, dice: random.Random) -> Raise:
    if dice.random() < 0.4:
        message = dice.choice(lines.RED_JA if raiser.japanese else lines.RED)
        groups = (dice.choice(("supervisors", "supervisors", "billing", "technical")),)
        return Raise(who=raiser.handle, message=message, groups=groups, level=Level.RED)
    message = dice.choice(lines.YELLOW_JA if raiser.japanese else lines.YELLOW)
    return Raise(who=raiser.handle, message=message, level=Level.YELLOW)


def _help(day: _Day, raiser: Part, dice: random.Random) -> Routine:
    helper = day.pick(dice, Role.SUPERVISOR) or day.pick(dice, Role.AGENT)
    if helper is None:
        yield dice.uniform(15.0, 30.0)
        return
    day.take(helper, 90.0)
    both = helper.japanese and raiser.japanese
    if dice.random() < 0.7:
        yield Answer(who=helper.handle, to=raiser.handle, spare=True)
        yield dice.uniform(20.0, 40.0)
    else:
        yield Answer(who=helper.handle, to=raiser.handle, kind=AnswerKind.CHAT, spare=True)
        offer = dice.choice(lines.OFFER_JA if both else lines.OFFER)
        yield Chat(who=helper.handle, text=offer, to=(raiser.handle,))
        yield dice.uniform(6.0, 14.0)
        thanks = dice.choice(lines.THANKS_JA if both else lines.THANKS)
        yield Chat(who=raiser.handle, text=thanks, to=(helper.handle,))
        yield dice.uniform(5.0, 10.0)
    yield Walk(who=helper.handle, to="home")
    day.release(helper)


def _meetings(day: _Day, dice: random.Random) -> Routine:
    """A few people go into a meeting room, and come out again."""
    yield dice.uniform(15.0, 30.0)
    while True:
        room = dice.choice(ROOMS)
        people: list[Part] = []
        for _ in range(dice.randint(3, 4)):
            part = day.pick(dice, Role.AGENT, Role.SUPERVISOR, Role.ADMIN)
            if part is not None:
                day.take(part, 240.0)
                people.append(part)
        for part in people:
            yield SetStatus(who=part.handle, status=Status.BUSY)
            yield Walk(who=part.handle, to=room)
            yield dice.uniform(1.0, 4.0)
        yield dice.uniform(60.0, 100.0)
        for part in people:
            yield SetStatus(who=part.handle, status=Status.AVAILABLE)
            yield Walk(who=part.handle, to="home")
            day.release(part)
            yield dice.uniform(0.5, 2.0)
        yield dice.uniform(30.0, 60.0)


def _talk(day: _Day, dice: random.Random) -> Routine:
    """Two people, or somebody to a team."""
    while True:
        yield dice.uniform(9.0, 25.0)
        author, other = dice.sample(day.parts, 2)
        if dice.random() < 0.25:
            team = dice.choice([t for t in TEAMS if author.handle in t.members] or TEAMS)
            text = dice.choice(
                lines.TO_TEAM_JA if team.handle == "osaka" and author.japanese else lines.TO_TEAM
            )
            yield Chat(who=author.handle, text=text, to=(team.handle,))
        else:
            japanese = author.japanese and other.japanese
            text = dice.choice(lines.CHAT_JA if japanese else lines.CHAT)
            yield Chat(who=author.handle, text=text, to=(other.handle,))
