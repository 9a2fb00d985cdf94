"""A second red hand within a few seconds is asked about; a yellow one, or a later one, is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.core.commands import EndEscalation, RaiseEscalation
from app.core.limits import RED_AGAIN
from app.core.model import Level, Recipients
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from tests.helpers.desk import put_away, run_now, theme_of
from tests.helpers.floor import FakeClient, Floor
from tests.helpers.office import ANN, BOB

TO_BOB = Recipients(people=(BOB,))


class Caller:
    def __init__(self, floor: Floor, app: QApplication) -> None:
        self.floor = floor
        self.client: FakeClient = floor.client(ANN)
        self.desk = Desk(self.client, theme_of(app), IdleWatch(lambda: 0.0), run_now, QLocale("en_GB"))
        self.desk.window.show()
        self.dialog = self.desk.escalation.dialog

    def execute(self, level: Level) -> None:
        self.dialog.set_busy(True)
        self.dialog.execute.emit(level, "", TO_BOB if level is Level.RED else Recipients())
        self.desk.bridge.tell()

    def lower(self) -> None:
        self.client.done.append(EndEscalation(next(iter(self.floor.space.escalations))))
        self.desk.hands.lower()
        self.desk.bridge.tell()

    @property
    def raised(self) -> list[Level]:
        return [command.level for command in self.client.done if isinstance(command, RaiseEscalation)]

    def question(self) -> QDialog | None:
        return next((d for d in self.desk.window.findChildren(QDialog) if d.isVisible()), None)

    def answer(self, words: str) -> None:
        found = self.question()
        assert found is not None
        next(b for b in found.findChildren(QPushButton) if b.text() == words).click()
        self.desk.bridge.tell()


@pytest.fixture
def caller(qtbot: QtBot, qapp: QApplication) -> Iterator[Caller]:
    made = Caller(Floor(), qapp)
    yield made
    put_away(made.desk)


def test_the_second_call_is_made_only_after_a_word(caller: Caller) -> None:
    caller.execute(Level.RED)
    assert caller.question() is None
    caller.lower()
    caller.floor.now += 3
    caller.execute(Level.RED)
    found = caller.question()
    assert found is not None
    texts = [made.text() for made in found.findChildren(QLabel)]
    assert any(text.startswith("You raised a red hand ") and "Call again?" in text for text in texts)
    assert caller.raised == [Level.RED]
    caller.answer("Call again")
    assert caller.raised == [Level.RED, Level.RED]


def test_who_thinks_better_of_it_finds_the_dialog_as_it_was(caller: Caller) -> None:
    caller.execute(Level.RED)
    caller.lower()
    caller.execute(Level.RED)
    caller.answer("Cancel")
    assert caller.raised == [Level.RED]
    assert caller.dialog.message.isEnabled()


def test_a_yellow_hand_and_a_later_call_are_not_asked_about(caller: Caller) -> None:
    caller.execute(Level.RED)
    caller.lower()
    caller.execute(Level.YELLOW)
    assert caller.question() is None
    caller.lower()
    caller.floor.now += RED_AGAIN
    caller.execute(Level.RED)
    assert caller.question() is None
    assert caller.raised == [Level.RED, Level.YELLOW, Level.RED]
