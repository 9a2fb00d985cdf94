"""What a policy would do, played with those who are here now, by the code that runs real cases."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from app.core.case_steps import Advanced, Around, advance
from app.core.cases import POST, Case, CaseId, Mark, Note, Send
from app.core.model import Frozen, PersonId, SpaceId, Taken
from app.core.policy import ContactId, Policy
from app.core.policy_rules import Known

MOST = 20_000
"""Looks at a case: more than the longest policy takes."""


class Scenario(enum.StrEnum):
    """What those who are called do about it."""

    SILENCE = "silence"
    DECLINE = "decline"


class MomentKind(enum.StrEnum):
    STARTED = "started"
    ALERTED = "alerted"
    REPEATED = "repeated"
    TEXTED = "texted"
    CALLED = "called"
    FORWARDED = "forwarded"
    POSTED = "posted"
    NOBODY = "nobody"


class Moment(Frozen):
    """Attributes:
    at: s since the beginning.
    reached: people whom it reaches now; ``contacts``: outside the program.
    away: those whom it would reach if they were here; ``silent``: if they had a phone.
    gone: contacts that were removed.
    unsent: the server has no gateway for it: it reaches none of those it is meant for.
    declining: those who say that they cannot.
    step: which one it is; ``round``: in which run of all of them.
    until, times: a repeat goes on until then (s), so many times in all.
    """

    at: float
    kind: MomentKind
    reached: tuple[PersonId, ...] = ()
    contacts: tuple[ContactId, ...] = ()
    away: tuple[PersonId, ...] = ()
    silent: tuple[PersonId, ...] = ()
    gone: tuple[ContactId, ...] = ()
    unsent: bool = False
    declining: tuple[PersonId, ...] = ()
    step: int | None = None
    round: int = 0
    until: float | None = None
    times: int = 1


KINDS = {
    Taken.NOTIFY: MomentKind.ALERTED,
    Taken.FORWARD: MomentKind.FORWARDED,
    Taken.REPEAT: MomentKind.REPEATED,
    Taken.TEXT: MomentKind.TEXTED,
    Taken.CALL: MomentKind.CALLED,
    Taken.POST: MomentKind.POSTED,
}
SENDING = frozenset({Taken.TEXT, Taken.CALL, Taken.POST})


@dataclass(frozen=True)
class Stage:
    """Attributes:
    first: whom the alert calls by itself.
    here: who has a machine on which an alert would show.
    """

    policy: Policy
    known: Known
    here: frozenset[PersonId]
    first: tuple[PersonId, ...] = ()
    scenario: Scenario = Scenario.SILENCE


def play(stage: Stage) -> tuple[Moment, ...]:
    """Everything that happens until nothing more does, or nobody is available."""
    playing = _Play(stage)
    playing.run()
    return tuple(playing.moments)


class _Play:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._around = Around(stage.here.__contains__, stage.known.behind, lambda _case: "")
        policy = stage.policy
        self._case = Case(CaseId("preview"), policy.kind, SpaceId(""), policy, 0.0, called=stage.first)
        self._repeat: int | None = None  # which moment the repeats belong to
        self._step, self._round = -1, 0
        self.moments: list[Moment] = [self._in_app(0.0, MomentKind.STARTED, stage.first, None)]

    def run(self) -> None:
        now: float | None = 0.0
        for _ in range(MOST):
            if now is None:
                return
            self._decline()
            advanced = advance(self._case, now, self._around)
            self._tell(now, advanced)
            if advanced.nobody:
                return
            self._case = self._without_lost_hopes(advanced)
            lost = self._case.hopes != advanced.case.hopes  # known at once, and looked at at once
            again = lost or (bool(advanced.notes) and self._declines)
            now = now if again else advanced.next_look

    @property
    def _declines(self) -> bool:
        return self._stage.scenario is Scenario.DECLINE

    def _decline(self) -> None:
        """Whoever was called, and sees it, says so at once."""
        if self._declines:
            told = tuple(person for person in self._case.called if person in self._stage.here)
            self._case = msgspec.structs.replace(self._case, declined=told, hopes=())

    def _without_lost_hopes(self, advanced: Advanced) -> Case:
        """Whom nothing reaches cannot answer."""
        lost = {send.id for send in advanced.sends if self._is_lost(send)}
        hopes = tuple(hope for hope in advanced.case.hopes if hope not in lost)
        return msgspec.structs.replace(advanced.case, hopes=hopes)

    def _is_lost(self, send: Send) -> bool:
        return self._is_unsent(send) or self._is_silent(send) or self._is_gone(send)

    def _is_unsent(self, send: Send) -> bool:
        return send.channel != POST and send.channel not in self._stage.known.ways

    def _is_gone(self, send: Send) -> bool:
        return send.contact is not None and send.contact not in self._stage.known.contacts

    def _is_silent(self, send: Send) -> bool:
        return send.person is not None and send.person not in self._stage.known.phones

    # What is told

    def _tell(self, now: float, advanced: Advanced) -> None:
        sends = list(advanced.sends)
        for note in advanced.notes:
            if note.mark is Mark.NOBODY:
                self.moments.append(Moment(now, MomentKind.NOBODY))
            elif note.what is Taken.REPEAT and note.mark is not Mark.STEP:
                self._repeated(now, note)
            elif note.what in KINDS:
                self._count_rounds(note)
                self._took(now, note, note.what, sends)

    def _count_rounds(self, note: Note) -> None:
        step = note.step or 0
        self._round += step <= self._step
        self._step = step

    def _took(self, now: float, note: Note, what: Taken, sends: list[Send]) -> None:
        if what in SENDING:
            mine = []
            while note.mark is Mark.STEP and sends and sends[0].step == note.step:
                mine.append(sends.pop(0))
            self.moments.append(self._sent(now, KINDS[what], mine))
        elif what is Taken.REPEAT:
            self._repeat = len(self.moments)
            begun = Moment(now, MomentKind.REPEATED, step=self._step, round=self._round, until=now, times=0)
            self.moments.append(begun)
        else:
            self.moments.append(self._in_app(now, KINDS[what], note.people, self._step))

    def _repeated(self, now: float, note: Note) -> None:
        if self._repeat is None or note.mark is not Mark.REPEATED:
            return
        moment = self.moments[self._repeat]
        here, away = self._split(note.people)
        self.moments[self._repeat] = msgspec.structs.replace(
            moment, until=now, times=moment.times + 1, reached=here, away=away
        )

    def _in_app(self, now: float, kind: MomentKind, people: Iterable[PersonId], step: int | None) -> Moment:
        here, away = self._split(people)
        declining = here if self._declines else ()
        return Moment(now, kind, here, away=away, declining=declining, step=step, round=self._round)

    def _split(self, people: Iterable[PersonId]) -> tuple[tuple[PersonId, ...], tuple[PersonId, ...]]:
        every, here = tuple(people), self._stage.here
        return tuple(p for p in every if p in here), tuple(p for p in every if p not in here)

    def _sent(self, now: float, kind: MomentKind, sends: list[Send]) -> Moment:
        made = Moment(now, kind, step=self._step, round=self._round)
        if any(map(self._is_unsent, sends)):
            return msgspec.structs.replace(made, unsent=True)
        silent = tuple(s.person for s in sends if s.person is not None and self._is_silent(s))
        people = tuple(s.person for s in sends if s.person is not None and not self._is_silent(s))
        contacts = tuple(s.contact for s in sends if s.contact is not None and not self._is_gone(s))
        gone = tuple(s.contact for s in sends if s.contact is not None and self._is_gone(s))
        return msgspec.structs.replace(made, reached=people, contacts=contacts, silent=silent, gone=gone)
