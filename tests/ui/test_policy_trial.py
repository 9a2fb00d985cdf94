"""Trying a policy on oneself: what it does is said, this screen rings, and it ends when one answers."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.cases import SMS, CaseId, Mark, Note
from app.core.errors import Code, Refusal, refuse
from app.core.events import CaseNoted
from app.core.policy import AnswerWay
from app.core.policy_questions import EndTrial, GetTrial, StartTrial, Trial
from app.core.scene import Decision
from tests.helpers.office import BOB
from tests.helpers.policy_window import DAY, Supervisor

CASE = CaseId("test-1")


class Trying(Supervisor):
    """Bob's window, with a server that runs tests."""

    def __init__(self, qtbot: QtBot, qapp: QApplication) -> None:
        super().__init__(qtbot, qapp)
        self.notes: list[Note] = [Note(0.0, Mark.OPENED), Note(0.0, Mark.CALLED, (BOB,))]
        self.over = False
        self.refused: Code | None = None
        self.started: list[StartTrial] = []
        self.client.answers |= {
            StartTrial: self._start,
            GetTrial: lambda _q: self._trial(),
            EndTrial: self._end,
        }
        self.rung: list[str] = []
        self.controller.test.rings.connect(self.rung.append)

    def _start(self, query: StartTrial) -> Trial | Refusal:
        if self.refused is not None:
            return refuse(self.refused)
        self.started.append(query)
        return self._trial()

    def _end(self, _query: EndTrial) -> Trial:
        self.over = True
        return self._trial()

    def _trial(self) -> Trial:
        return Trial(CASE, tuple(self.notes), (), self.over)

    def happens(self, *notes: Note) -> None:
        self.notes += notes
        self.floor.fold(Decision((), ((BOB, CaseNoted(CASE)),)))
        self.bridge.tell()

    def begin(self) -> None:
        self.choose(DAY)
        self.window.preview.test_button.click()
        self.answer("Start the test")

    @property
    def said(self) -> str:
        return self.window.preview.test_state.text


@pytest.fixture
def bob(qtbot: QtBot, qapp: QApplication) -> Trying:
    made = Trying(qtbot, qapp)
    made.ready()
    return made


def test_it_starts_after_a_word_and_rings_here_marked_as_a_test(bob: Trying) -> None:
    bob.choose(DAY)
    bob.window.preview.test_button.click()
    bob.answer("Cancel")
    assert bob.started == []
    bob.begin()
    assert [query.policy.id for query in bob.started] == [DAY]
    assert bob.rung == ["TEST of “Day”: nobody needs help"]
    assert bob.said.startswith("A test is running. It reaches you alone.")
    assert bob.window.preview.test_button.text() == "End the test"


def test_each_step_rings_or_is_told_once(bob: Trying) -> None:
    bob.begin()
    bob.happens(Note(60.0, Mark.SENT, (BOB,), channel=SMS))
    assert len(bob.rung) == 1
    assert "A text message went to your phone." in bob.said
    bob.happens(Note(90.0, Mark.FAILED, (BOB,), reason=Code.NO_NUMBER))
    assert "A text message" not in bob.said
    assert "phone number" in bob.said
    bob.happens(Note(120.0, Mark.REPEATED, (BOB,)))
    assert len(bob.rung) == 2


def test_an_answer_here_ends_it(bob: Trying) -> None:
    bob.begin()
    bob.controller.test.answered()
    assert bob.over
    assert bob.said == "You answered here; the test is over."
    assert bob.window.preview.test_button.text() == "Try it on me…"


def test_an_answer_by_phone_ends_it(bob: Trying) -> None:
    bob.begin()
    bob.over = True
    bob.happens(Note(61.0, Mark.ANSWERED, (BOB,), way=AnswerWay.KEY), Note(61.0, Mark.ENDED))
    assert bob.said == "You answered by phone. The test is over."
    assert not bob.controller.test.running


def test_the_button_ends_it_and_so_does_the_window(bob: Trying) -> None:
    bob.begin()
    bob.window.preview.test_button.click()
    assert bob.over
    bob.over = False
    bob.begin()
    bob.window.close()
    assert bob.over
    assert bob.controller.window is None


def test_what_cannot_be_run_is_not_asked_for(bob: Trying) -> None:
    bob.choose(DAY)
    bob.window.editor.steps.added.emit(0)
    bob.window.preview.test_button.click()
    assert bob.started == []
    assert bob.window.notice.text == "Step 1: Choose who is to be reached."


def test_a_refusal_is_said(bob: Trying) -> None:
    bob.refused = Code.POLICY_INVALID
    bob.begin()
    assert bob.said == "This policy cannot be saved as it is."
    assert not bob.controller.test.running
