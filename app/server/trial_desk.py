"""Tests of policies: a supervisor runs one for real, and is the only one whom it reaches."""

from __future__ import annotations

from app.core.ahead import ahead
from app.core.audit import Act, Deed, Subject
from app.core.cases import Case, CaseId
from app.core.errors import Code, Refused
from app.core.policy_questions import EndTrial, GetTrial, StartTrial, Trial
from app.core.policy_rules import first_wrong
from app.core.policy_trial import trial
from app.server.clock import Clock, Entropy
from app.server.delivery.speech import TRIAL_WORDS, words
from app.server.link import Link
from app.server.policies import PolicyDesk
from app.server.rights import signed_in, supervisor_of
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store


class TrialDesk:
    """Args:
    language: in which phones are told.
    """

    def __init__(
        self,
        store: Store,
        spaces: Spaces,
        clock: Clock,
        entropy: Entropy,
        policies: PolicyDesk,
        language: str,
    ) -> None:
        self._store, self._spaces, self._clock = store, spaces, clock
        self._entropy, self._policies, self._language = entropy, policies, language

    def register(self, service: Service) -> None:
        service.answers(StartTrial, self._start)
        service.answers(GetTrial, self._get)
        service.answers(EndTrial, self._end)

    async def _start(self, link: Link, query: StartTrial) -> Trial:
        by, policy = supervisor_of(self._spaces.roster, link, query.space), query.policy
        if first_wrong(policy, await self._policies.known(query.space)) is not None:
            raise Refused.of(Code.POLICY_INVALID)
        now, number = self._clock.now(), CaseId(f"test-{self._entropy(8).hex()}")
        text = words(TRIAL_WORDS, self._language).format(name=policy.name)
        case = trial(number, query.space, policy, by, text, now)
        deed = Deed(now, Act.TESTED, Subject.POLICY, by, query.space, policy.id, policy.name)
        await self._store.cases.open(case, deed)
        return await self._shown(case)

    async def _get(self, link: Link, query: GetTrial) -> Trial:
        return await self._shown(await self._find(link, query.case))

    async def _end(self, link: Link, query: EndTrial) -> Trial:
        case = await self._find(link, query.case)
        await self._store.cases.end(case.id, self._clock.now())
        return await self._shown(await self._find(link, query.case))

    async def _find(self, link: Link, number: CaseId) -> Case:
        """One's own."""
        person = signed_in(link)
        case = await self._store.cases.case(number)
        if case is None or case.tester != person:
            raise Refused.of(Code.NOT_FOUND)
        return case

    async def _shown(self, case: Case) -> Trial:
        notes = tuple(await self._store.cases.timeline(case.id))
        return Trial(case.id, notes, ahead(case), over=not case.waiting)
