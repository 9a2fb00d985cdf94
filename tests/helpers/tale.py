"""A case told under virtual time: what a policy does, minute by minute, as one would tell it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from app.core.case_answers import Followed, answered, declined, opened, sent
from app.core.case_steps import Advanced, Around, advance, next_look
from app.core.cases import Case, CaseAnswer, CaseId, Due, Note, Send, SendId, SendState
from app.core.model import GroupId, PersonId, Recipients, Taken
from app.core.policy import Action, AnswerWay, CaseKind, ContactId, Policy, PolicyId, PolicyStep
from tests.helpers.office import ANN, BOB, CHIE, DEV, EVA, SPACE, SUPERVISORS

START = 1_700_000_000.0
MEMBERS: dict[GroupId, tuple[PersonId, ...]] = {SUPERVISORS: (BOB, CHIE)}
EVERYBODY = (ANN, BOB, CHIE, DEV, EVA)


def members(to: Recipients) -> set[PersonId]:
    people = set(to.people) | {person for group in to.groups for person in MEMBERS.get(group, ())}
    return people | (set(EVERYBODY) if to.everyone else set())


def policy(*steps: tuple[float, Action], **more: object) -> Policy:
    """``steps``: (s after the one before, what is done)."""
    kind = more.pop("kind", CaseKind.ESCALATION)
    plan = tuple(PolicyStep(after, action) for after, action in steps)
    return Policy(PolicyId("p"), "Tale", kind, plan, **more)  # type: ignore[arg-type]  # as a test gives them


class Tale:
    """Ann's case and the time; only what a server does is done: look when it said that it would.

    Attributes:
        case: as it is now.
        now: s, as the clock says.
        notes: its timeline.
        looks: when it was looked at.
    """

    def __init__(self, plan: Policy, called: Collection[PersonId] = (BOB, CHIE)) -> None:
        self.now = START
        self.here = set(EVERYBODY)
        self.notes: list[Note] = []
        self.sends: dict[SendId, Send] = {}
        self.dues: list[tuple[float, Due]] = []
        self.told: list[str] = []
        asked_by = None if plan.kind is CaseKind.LINE else ANN
        case = Case(
            CaseId("c"), plan.kind, SPACE, plan, START, asked_by, "Customer shouts", called=tuple(called)
        )
        self.case: Case
        self._happened(opened(case))

    @property
    def around(self) -> Around:
        return Around(lambda person: person in self.here, members, lambda case: f"Ann: {case.text}")

    # What time does

    def look(self) -> Advanced:
        """The server looks, whether or not it is time."""
        before = self.now - START
        outcome = advance(self.case, self.now, self.around)
        self.case = outcome.case
        self.notes += outcome.notes
        for send in outcome.sends:
            assert send.id not in self.sends, "decided twice"
            self.sends[send.id] = send
        self.dues += [(self.now, due) for due in outcome.dues]
        self.told += [_told(before, due, outcome.sends) for due in outcome.dues]
        if outcome.nobody:
            self.told.append(f"{_clock(before)} nobody available")
        return outcome

    def fast_forward(self, *, minutes: float = 0.0, seconds: float = 0.0) -> list[str]:
        """What was done meanwhile, one line for each step."""
        end = self.now + minutes * 60.0 + seconds
        told = len(self.told)
        self.look()
        while (at := next_look(self.case)) is not None and at <= end:
            self.now = max(self.now, at)
            self.look()
        self.now = end
        return self.told[told:]

    def clock_is_set(self, seconds: float) -> None:
        """It jumps by so much, forward or back, without any time passing."""
        self.now += seconds

    # What people do

    def goes(self, *people: PersonId) -> None:
        self.here -= set(people)

    def answers(self, who: PersonId | ContactId, way: AnswerWay) -> None:
        known = who in EVERYBODY
        answer = CaseAnswer(
            way, self.now, PersonId(who) if known else None, None if known else ContactId(who)
        )
        self._happened(answered(self.case, answer))

    def declines(self, who: PersonId) -> None:
        self._happened(declined(self.case, self.now, who))

    def does(self, what: Callable[[Case], Followed]) -> None:
        self._happened(what(self.case))

    def gateway_says(self, state: SendState, *, over: bool = False) -> None:
        """Of everything that was sent."""
        for send in self.sends.values():
            self._happened(sent(self.case, send, state, self.now, over=over))

    def _happened(self, followed: Followed) -> None:
        self.case = followed[0]
        self.notes += followed[1]


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{int(seconds % 60):02}"


def _told(at: float, due: Due, sends: Collection[Send]) -> str:
    words = [_clock(at), due.what.value.replace("_", " ")]
    if due.what is Taken.REPEAT and not due.number:
        words.append("begins")
    if due.called:
        words.append("calls " + ", ".join(due.called))
    if due.again:
        words.append("calls again " + ", ".join(due.again))
    if due.what in (Taken.TEXT, Taken.CALL, Taken.POST):
        words.append(", ".join(str(send.person or send.contact) for send in sends if send.step == due.step))
    return " ".join(words)
