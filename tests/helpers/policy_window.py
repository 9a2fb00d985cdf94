"""The window of policies as a supervisor has it open, on a fake client."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.model import PersonId, Recipients
from app.core.policy import (
    Assignment,
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
)
from app.ui.bridge import Bridge
from app.ui.controllers.policies_controller import PoliciesController
from app.ui.panels.look import Look
from app.ui.policies.policy_rows import PolicyRow
from app.ui.policies.window import PolicyWindow
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import BOB, CHIE, DEV, EVA, SPACE
from tests.helpers.policy_office import PolicyOffice

Key, Modifier = Qt.Key, Qt.KeyboardModifier
RED = CaseKind.ESCALATION
DAY, NIGHT = PolicyId("day"), PolicyId("night")
DUTY = Contact(ContactId("duty"), "Duty phone", ContactKind.PHONE, "…789")
MAIL = Contact(ContactId("mail"), "Mail", ContactKind.APPRISE, "mailto://…")


def step(after: float, person: PersonId) -> PolicyStep:
    return PolicyStep(after, Notify(Recipients(people=(person,))))


class Supervisor:
    """Bob's window of policies, with two policies in it."""

    def __init__(self, qtbot: QtBot, qapp: QApplication, me: PersonId = BOB) -> None:
        self.bot, self.floor = qtbot, Floor()
        self.client = self.floor.client(me)
        day = Policy(DAY, "Day", RED, (step(60, CHIE), step(120, DEV), step(300, EVA)), 1)
        night = Policy(NIGHT, "Night", RED, (PolicyStep(30, Call(Reached(contacts=(DUTY.id,)))),), 1)
        self.office = PolicyOffice(self.client, (day, night), (DUTY, MAIL), phones=(CHIE,))
        self.office.assignments = [Assignment(SPACE, RED, DAY)]
        self.bridge = Bridge(self.client)
        self.host = QWidget()
        qtbot.addWidget(self.host)
        look = Look(theme_of(qapp), lambda _asset: None)
        self.controller = PoliciesController(self.client, self.bridge, look, run_now, self.host)
        self.controller.open(self.host)

    @property
    def window(self) -> PolicyWindow:
        assert self.controller.window is not None
        return self.controller.window

    @property
    def policy(self) -> Policy:
        assert self.controller.draft is not None
        return self.controller.draft.policy

    @property
    def rows(self) -> dict[str, PolicyRow]:
        rows = self.controller._model.rows
        return {row.key: row for row in rows if isinstance(row, PolicyRow)}

    @property
    def sentences(self) -> list[str]:
        return [row.head.sentence for row in self.window.editor.steps.rows]

    def ready(self) -> None:
        self.window.resize(1120, 800)
        self.window.activateWindow()
        self.bot.waitUntil(self.window.isActiveWindow)

    def focused(self) -> QWidget:
        widget = QApplication.focusWidget()
        assert widget is not None
        return widget

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Modifier.NoModifier) -> None:
        QTest.keyClick(self.focused(), key, modifiers)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.focused(), text)

    def shortcut(self, keys: QKeySequence.StandardKey | str) -> None:
        QTest.keySequence(self.focused(), QKeySequence(keys))

    def choose(self, policy: str) -> None:
        self.window.chosen.emit(policy)

    def question(self) -> QDialog:
        return next(d for d in self.window.findChildren(QDialog) if d.isVisible())

    def answer(self, words: str) -> None:
        button = next(b for b in self.question().findChildren(QPushButton) if b.text() == words)
        button.click()
