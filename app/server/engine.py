"""The policy engine: what nobody answers goes on.

Cases that are due are claimed by lease, a batch at a time; what is to be done (:mod:`app.core.case_steps`) is
written down together with the events that tell of it and with what gateways are to send, in one transaction
in which the case must still be what it was. So several servers may work on one store, one that dies delays a
step by the lease, and an answer that was stored first always wins.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.case_answers import ended
from app.core.case_screens import Names, told
from app.core.case_steps import LINK_LOST, Around, advance, case_words
from app.core.cases import Case, Move
from app.core.errors import Refusal, sentence
from app.core.mentions import expand
from app.core.model import PersonId, SpaceId
from app.core.policy import Call, CaseKind, ContactId, Policy, Post, Text
from app.core.scene import Decision, Scene
from app.core.space import SpaceState
from app.server.clock import Clock
from app.server.ledger import Asked, Ledger, Room
from app.server.spaces import Spaces
from app.server.store.base import Batch, StaleError, Store, StoreError
from app.server.store.cases import Claimed

log = logging.getLogger(__name__)

LEASE = 8.0
"""s that a claimed case is nobody else's: with the time to notice it, a killed server delays a step by less
than 10 s."""
TOGETHER = 500
"""Cases that are claimed at once, and written in one transaction for each space."""
LATE = 5.0
"""s after which a step counts as late."""


@dataclass
class Figures:
    """What this engine has done since it started.

    Attributes:
        looks: cases that it looked at and wrote down.
        steps: steps and repeated calls.
        late: looks that came more than ``LATE`` s after they were due.
        worst: the latest of them, s.
        stale: looks that were in vain, since something had happened meanwhile.
    """

    looks: int = 0
    steps: int = 0
    late: int = 0
    worst: float = 0.0
    stale: int = 0


class Engine:
    """Attributes:
    owner: its name in leases.
    figures: for metrics.
    """

    def __init__(
        self, store: Store, spaces: Spaces, ledger: Ledger, clock: Clock, owner: str, pause: float
    ) -> None:
        """``pause``: s between two looks where nothing is due."""
        self._store, self._spaces, self._ledger, self._clock = store, spaces, ledger, clock
        self.owner, self._pause = owner, pause
        self.figures = Figures()

    async def run(self) -> None:
        """Until it is cancelled. What the store cannot do now is tried again."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.error("due steps: %s; they are tried again", error.reason)
            await asyncio.sleep(self._pause)

    async def look(self) -> None:
        """Do everything that is due now. Raises StoreError."""
        while True:
            claimed = await self._store.cases.claim(self.owner, self._clock.now(), LEASE, TOGETHER)
            by_space: defaultdict[SpaceId, list[Claimed]] = defaultdict(list)
            for one in claimed:
                by_space[one.case.space].append(one)
            # Spaces wait for the disk together.
            spaces = (self._advance(space, mine) for space, mine in by_space.items())
            for outcome in await asyncio.gather(*spaces, return_exceptions=True):
                if outcome is not None:
                    raise outcome
            if len(claimed) < TOGETHER:
                return

    async def _advance(self, space: SpaceId, claimed: Sequence[Claimed]) -> None:
        room = self._spaces.room(space)
        if room is None:
            await self._close(space, claimed)
            return
        contacts = await self._contacts(space, claimed)
        left = list(claimed)
        while left:
            try:
                outcome = await self._ledger.commit(room, self._asked(room, left, contacts))
            except StaleError as error:
                self.figures.stale += len(error.cases)
                left = [one for one in left if one.case.id not in error.cases]
                continue
            if isinstance(outcome, Refusal):
                # The leases end, and then it is tried again.
                log.error("%s: %d due cases were not written down: %s", space, len(left), sentence(outcome))
            else:
                self._count(left)
            return

    def _asked(self, room: Room, claimed: Sequence[Claimed], contacts: Names) -> Asked:
        authors = {
            one.case.asked_by
            for one in claimed
            if one.case.kind is CaseKind.PRIORITY and one.case.asked_by is not None
        }

        def rule(scene: Scene, now: float) -> Decision:
            around = self._around(room.state)
            parts = [self._one(scene, around, one, now, contacts) for one in claimed]
            return Decision(
                tuple(event for part in parts for event in part.space),
                tuple(event for part in parts for event in part.personal),
                tuple(move for part in parts for move in part.moves),
            )

        return Asked(rule, lambda _: authors)

    def _one(self, scene: Scene, around: Around, claimed: Claimed, now: float, contacts: Names) -> Decision:
        done = advance(claimed.case, now, around)
        if claimed.case.tester is None:
            self.figures.steps += len(done.dues)
        move = Move(done.case, claimed.version, done.next_look, done.notes, done.sends)
        return told(scene, done, now, contacts) + Decision(moves=(move,))

    def _around(self, space: SpaceState) -> Around:
        everybody = frozenset(space.people)
        present = frozenset(person for person in space.occupants if space.is_here(person))

        def words(case: Case) -> str:
            asker = space.people.get(case.asked_by) if case.asked_by is not None else None
            return case_words(case, asker.name if asker else "")

        return Around(self.reachable, lambda to: expand(space.groups, to, everybody, present), words)

    def reachable(self, person: PersonId) -> bool:
        """Whether somebody is in a space with a connection, or was until some s ago."""
        now = self._clock.now()
        for room in self._spaces.rooms:
            occupant = room.state.occupants.get(person)
            lost_since = occupant.lost_since if occupant else 0.0
            if lost_since is None or now - lost_since < LINK_LOST:
                return True
        return False

    async def _contacts(self, space: SpaceId, claimed: Sequence[Claimed]) -> Mapping[ContactId, str]:
        """Names for those who are told of them."""
        telling = (one.case for one in claimed if one.case.kind is not CaseKind.LINE)
        if not any(_reaches_contacts(case.policy) for case in telling):
            return {}
        kept = await self._store.contacts.of_space(space)
        return {one.contact.id: one.contact.name for one in kept}

    async def _close(self, space: SpaceId, claimed: Sequence[Claimed]) -> None:
        """Their space is no more, and nobody waits."""
        now = self._clock.now()
        moves = []
        for one in claimed:
            case, notes = ended(one.case, now)
            moves.append(Move(case, one.version, None, notes))
        try:
            await self._store.append(Batch(space, now, (), {}, moves=moves))
        except StaleError:
            log.info("%s is no more, and its cases have changed; they are closed the next time", space)

    def _count(self, claimed: Sequence[Claimed]) -> None:
        now, figures = self._clock.now(), self.figures
        figures.looks += len(claimed)
        for one in claimed:
            figures.late += now - one.due_at > LATE
            figures.worst = max(figures.worst, now - one.due_at)


def _reaches_contacts(policy: Policy) -> bool:
    for step in policy.steps:
        match step.action:
            case Post():
                return True
            case Text(to=reached) | Call(to=reached):
                if reached.contacts:
                    return True
    return False
