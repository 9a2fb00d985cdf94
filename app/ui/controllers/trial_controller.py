"""A policy tried on oneself: the server runs it for real, and this machine rings when it is its turn."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.cases import SMS, CaseId, Mark, Note
from app.core.errors import SENTENCES, Code, Refused, refuse
from app.core.model import SpaceId
from app.core.policy import Policy
from app.core.policy_questions import EndTrial, GetTrial, StartTrial, Trial
from app.net.problems import ConnectionProblem
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Spawn, failure_words
from app.ui.i18n import tr
from app.ui.policies.policy_rows import policy_name
from app.ui.policies.sentences import length_words
from app.ui.port import ClientPort
from app.ui.question import ask
from app.ui.theme import Tokens
from app.ui.words import refusal_words

FAILED = (Refused, ConnectionProblem)
RINGING = frozenset({Mark.CALLED, Mark.REPEATED, Mark.FORWARDED})


class TrialController(QObject):
    """Signals:
    rings: an alert comes here, with these words, marked as a test.
    told: what the test is doing, whether it runs, and whether something went wrong.
    """

    rings = Signal(str)
    told = Signal(str, bool, bool)

    def __init__(self, client: ClientPort, bridge: Bridge, spawn: Spawn, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._spawn = client, spawn
        self._case: CaseId | None = None
        self._name = ""
        self._seen = 0
        bridge.case_noted.connect(self._noted)
        bridge.replaced.connect(self._look_again)

    @property
    def running(self) -> bool:
        return self._case is not None

    def offer(self, parent: QWidget, space: SpaceId, policy: Policy, tokens: Tokens) -> None:
        """Say what it does, and start it when the person agrees."""
        words = tr(
            "“{name}” runs for real, with its waiting times, and reaches you alone: here, and at your own "
            "phone if its number is verified. Services and webhooks hear nothing of it.",
            name=policy_name(policy),
        )
        title, yes = tr("Try it on yourself?"), tr("Start the test")
        ask(parent, title, words, yes, lambda: self._begin(space, policy), tokens)

    def _begin(self, space: SpaceId, policy: Policy) -> None:
        self._name, self._seen = policy_name(policy), 0
        self._spawn(self._start(StartTrial(space, policy)), "try a policy")

    def end(self) -> None:
        """Nothing more comes."""
        case, self._case = self._case, None
        if case is not None:
            self.told.emit(tr("The test is ended."), False, False)
            self._spawn(self._end(case), "end a test")

    def answered(self) -> None:
        """On the screen."""
        case, self._case = self._case, None
        if case is not None:
            self.told.emit(tr("You answered here; the test is over."), False, False)
            self._spawn(self._end(case), "end a test")

    async def _start(self, question: StartTrial) -> None:
        try:
            trial = await self._client.ask(question, Trial)
        except FAILED as error:
            self.told.emit(failure_words(error), False, True)
            return
        self._case = trial.case
        self._follow(trial)

    async def _end(self, case: CaseId) -> None:
        try:
            await self._client.ask(EndTrial(case), Trial)
        except FAILED as error:
            self.told.emit(failure_words(error), False, True)

    def _look_again(self) -> None:
        if self._case is not None:
            self._noted(self._case)

    def _noted(self, case: str) -> None:
        if case == self._case:
            self._spawn(self._look(CaseId(case)), "look at a test")

    async def _look(self, case: CaseId) -> None:
        try:
            trial = await self._client.ask(GetTrial(case), Trial)
        except FAILED as error:
            self.told.emit(failure_words(error), True, True)
            return
        if case == self._case:
            self._follow(trial)

    def _follow(self, trial: Trial) -> None:
        """What is new since it was looked at last."""
        fresh, self._seen = trial.notes[self._seen :], len(trial.notes)
        if any(note.mark in RINGING and note.people for note in fresh):
            self.rings.emit(tr("TEST of “{name}”: nobody needs help", name=self._name))
        said = [words for note in fresh if (words := note_words(note))]
        if trial.over:
            self._case = None
            said = [*said[-1:], tr("The test is over.")]
        elif trial.ahead:
            wait = max(0.0, trial.ahead[0].at - self._client.server_now())
            said = [*said[-1:], tr("The next step comes in {time}.", time=length_words(wait))]
        begun = tr("A test is running. It reaches you alone.") if not trial.over else ""
        self.told.emit(tr(" ").join([*filter(None, [begun]), *said]), not trial.over, False)


def note_words(note: Note) -> str:
    """What a test did, as a sentence; empty where there is nothing to say."""
    match note.mark:
        case Mark.CALLED | Mark.REPEATED | Mark.FORWARDED:
            return tr("You were alerted here.")
        case Mark.SENT | Mark.DELIVERED:
            by_text = note.channel == SMS
            return tr("A text message went to your phone.") if by_text else tr("Your phone was called.")
        case Mark.FAILED | Mark.SKIPPED:
            return _why(note.reason) or tr("A step reached nobody.")
        case Mark.ANSWERED | Mark.DECLINED:
            return tr("You answered by phone.")
        case Mark.NOBODY:
            return tr("“Nobody available” would be said now.")
        case _:
            return ""


def _why(reason: str) -> str:
    try:
        code = Code(reason)
    except ValueError:
        return ""
    return refusal_words(refuse(code)) if code in SENTENCES else ""
