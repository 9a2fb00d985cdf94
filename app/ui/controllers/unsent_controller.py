"""What is too old to be done blindly: the person is asked, and by default nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QLocale, QObject
from PySide6.QtGui import QGuiApplication

from app.core.commands import AnswerEscalation, RaiseEscalation, SendMessage
from app.core.model import AnswerKind
from app.net.client import Link
from app.net.outbox import Entry
from app.net.problems import Problem, Trouble
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking
from app.ui.controllers.hands_controller import HandsController
from app.ui.i18n import tr
from app.ui.models.unsent import Question, questions_of, undone_words
from app.ui.port import ClientPort
from app.ui.unsent_card import UnsentCard
from app.ui.words import problem_words


class UnsentController(QObject):
    """Args:
    give_back: where a hand is typed anew, with the reason why it was refused; ``False`` if it cannot be.
    wall: s since the epoch on this machine, as the outbox counts.

    Attributes:
        question: the one on the card; ``None`` while nothing is asked.
    """

    def __init__(
        self,
        card: UnsentCard,
        client: ClientPort,
        bridge: Bridge,
        asking: Asking,
        hands: HandsController,
        give_back: Callable[[RaiseEscalation, str], bool],
        locale: QLocale,
        wall: Callable[[], float],
    ) -> None:
        super().__init__(card)
        self._card, self._client, self._asking, self._hands = card, client, asking, hands
        self._give_back, self._locale, self._wall = give_back, locale, wall
        self._said: Problem | None = None
        self.question: Question | None = None
        card.agreed.connect(self._agree)
        card.dropped.connect(self._drop)
        for signal in (
            bridge.replaced,
            bridge.outbox_changed,
            bridge.connection_changed,
            bridge.hands_changed,
            bridge.directory_changed,
        ):
            signal.connect(self.refresh)

    def refresh(self, *_: object) -> None:
        self._say_problem()
        undone = self._client.take_undone()
        if undone:
            self._asking.say("\n".join(undone_words(entry) for entry in undone))
        space, me = self._client.space, self._client.me
        asked: tuple[Question, ...] = ()
        if space is not None and me is not None:
            asked = questions_of(space, me, self._client.outbox, self._wall(), self._locale)
        if self._hands.own is not None:  # raised anew meanwhile, perhaps on another machine
            for question in asked:
                if isinstance(question.entry.command, RaiseEscalation):
                    self._client.drop(question.entry.id)
            asked = tuple(q for q in asked if not isinstance(q.entry.command, RaiseEscalation))
        self.question = asked[0] if asked else None
        self._show()

    def _show(self) -> None:
        question = self.question
        if question is None:
            self._card.hide()
            return
        self._card.ask(question.title, question.words, question.yes, question.no)
        self._card.set_possible(
            self._connected or isinstance(question.entry.command, SendMessage),
            tr("There is no connection to the server."),
        )

    def _say_problem(self) -> None:
        """That something is not kept matters while it waits; that something was damaged, always."""
        problem = self._client.outbox_problem
        broken = problem is not None and problem.code is Trouble.OUTBOX_BROKEN
        waits = self._client.outbox and not self._connected
        if problem is None:
            self._said = None
        elif problem != self._said and (broken or waits):
            self._said = problem
            self._asking.say(problem_words(problem))

    # Answers

    def _agree(self) -> None:
        if self.question is not None:
            self._do(self.question.entry)

    def raise_now(self, hand: str) -> None:
        """The same from the queue: a hand that waits for a word is raised after all."""
        entry = next((entry for entry in self._client.outbox if entry.id == hand and entry.aside), None)
        if entry is not None and self._connected:
            self._do(entry)

    @property
    def _connected(self) -> bool:
        return self._client.connection.link is Link.PROTECTED

    def _do(self, entry: Entry) -> None:
        match entry.command:
            case RaiseEscalation() as command:
                self._client.drop(entry.id)
                self._hands.raise_hand(command, failed=partial(self._refused, command))
            case AnswerEscalation(escalation=hand, kind=kind):
                self._client.drop(entry.id)
                self._answer(hand, kind)
            case SendMessage(text=text):
                QGuiApplication.clipboard().setText(text)
                self._client.drop(entry.id)
        self.refresh()

    def _refused(self, command: RaiseEscalation, reason: str) -> None:
        if not self._give_back(command, reason):
            self._asking.say(reason)

    def _answer(self, hand: str, kind: AnswerKind) -> None:
        space = self._client.space
        escalation = next((e for e in space.escalations.values() if e.id == hand), None) if space else None
        if escalation is None:
            return
        if kind is AnswerKind.APPROACH:
            self._hands.approach(escalation.id)
        elif kind is AnswerKind.CHAT:
            self._hands.chat(escalation.id, escalation.raiser)
        else:
            self._hands.answer(escalation.id, kind)

    def _drop(self) -> None:
        if self.question is not None:
            self._client.drop(self.question.entry.id)
            self.refresh()
