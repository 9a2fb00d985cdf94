"""How far one's own alert has come at each recipient, and at each of their machines."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.commands import AnswerEscalation, RaiseEscalation, ReportChannels, ReportRung
from app.core.model import (
    AnswerKind,
    Channel,
    Device,
    DeviceId,
    EscalationId,
    Level,
    PersonId,
    Reach,
    Recipients,
    Rung,
)
from app.ui.panels.hand_ladder import AT_FIRST
from app.ui.panels.hands_words import LadderWords
from app.ui.panels.spans import plain
from tests.helpers.desk import Side, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, CHIE

HAND = EscalationId("h1")


@pytest.fixture
def floor() -> Floor:
    """Ann calls Bob and Chie."""
    floor = Floor()
    to = Recipients(people=(BOB, CHIE))
    floor.do(ANN, RaiseEscalation(Level.RED, "Customer asks for a manager", to), HAND)
    return floor


@pytest.fixture
def side(floor: Floor, qtbot: QtBot, qapp: QApplication) -> Side:
    side = Side(floor, ANN, theme_of(qapp))
    qtbot.addWidget(side.panel)
    side.panel.show()
    side.settle()
    return side


def test_a_recipients_line_opens_to_their_machines_and_stays_open(side: Side, floor: Floor) -> None:
    desk, laptop = Device(DeviceId("d1"), "desk-17"), Device(DeviceId("d2"))
    floor.do(BOB, ReportChannels(Reach((Channel.SOUND, Channel.TRAY))))
    floor.do(BOB, ReportRung(HAND, Rung.SHOWN), device=desk)
    floor.do(BOB, ReportRung(HAND, Rung.RECEIVED), device=laptop)
    side.settle()
    ladder = side.hands.cards[HAND].ladder
    line = next(x for x in ladder.lines if x.words and x.words.person == BOB)
    machines = "desk-17: on their screen\nA machine without a name: arrived at their machine"
    assert line.accessibleName() == "Bob Stone  on their screen  no sound"
    assert line.accessibleDescription() == machines
    assert "desk-17" in line.toolTip()
    assert plain(line.spans) == "Bob Stone  on their screen · no sound"
    line.click()
    assert plain(line.spans) == f"Bob Stone  on their screen · no sound\n{machines}"
    floor.do(CHIE, ReportRung(HAND, Rung.RECEIVED), device=desk)
    floor.do(BOB, AnswerEscalation(HAND, AnswerKind.DECLINE), device=desk)
    side.settle()  # who answered goes down the list; their line is still open, and the loss no longer matters
    assert [plain(x.spans).partition("\n")[0] for x in ladder.lines] == [
        "森 千恵  arrived at their machine",
        "Bob Stone  can’t now",
    ]
    assert plain(ladder.lines[1].spans).endswith(
        "desk-17: answered\nA machine without a name: arrived at their machine"
    )
    assert not ladder.lines[0].isChecked()


def test_a_line_that_a_screen_reader_opened_stays_open_too(side: Side, floor: Floor) -> None:
    floor.do(BOB, ReportRung(HAND, Rung.SHOWN), device=Device(DeviceId("d1"), "desk-17"))
    floor.do(CHIE, ReportRung(HAND, Rung.RECEIVED), device=Device(DeviceId("d2"), "desk-18"))
    side.settle()
    ladder = side.hands.cards[HAND].ladder
    line = next(x for x in ladder.lines if x.words and x.words.person == BOB)
    actions = QAccessible.queryAccessibleInterface(line).actionInterface()
    actions.doAction(actions.toggleAction())
    assert plain(line.spans).endswith("desk-17: on their screen")
    floor.do(BOB, AnswerEscalation(HAND, AnswerKind.DECLINE), device=Device(DeviceId("d1"), "desk-17"))
    side.settle()
    shown = {x.words.person: x.isChecked() for x in ladder.lines if x.words}
    assert shown == {BOB: True, CHIE: False}


def test_many_recipients_are_folded_until_one_asks_for_all(side: Side) -> None:
    many = tuple(LadderWords(PersonId(f"p{n}"), f"Person {n}", "muted", "answered") for n in range(200))
    ladder = side.hands.cards[HAND].ladder
    ladder.show_words(many)
    assert len(ladder.lines) == AT_FIRST
    assert ladder.more.accessibleName() == "and 192 more"
    ladder.more.click()
    assert len(ladder.lines) == 200
    assert ladder.more.accessibleName() == "Show fewer"
    ladder.more.click()
    assert len(ladder.lines) == AT_FIRST
    ladder.show_words(many[:2])
    assert ladder.more.isHidden()
