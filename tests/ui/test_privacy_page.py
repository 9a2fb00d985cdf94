"""Data protection, for admins: how long things are kept, one person's data, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.audit import Act, Change, Deed, Subject
from app.core.errors import Code, Refused
from app.core.model import PersonId
from app.core.privacy import DEFAULT_DAYS, Kept, Trace, Where
from app.core.privacy_questions import (
    AuditLine,
    AuditPage,
    CustomerFound,
    CustomerTalk,
    EraseCustomer,
    Erased,
    ErasePerson,
    ExportCustomer,
    ExportPerson,
    FindCustomer,
    GetAudit,
    GetRetention,
    GetTraces,
    RenameThing,
    RetentionNow,
    SetRetention,
    Traces,
)
from app.core.questions import Blob, Done, Result
from app.ui.controllers.privacy_controller import PrivacyController
from app.ui.panels.look import Look
from app.ui.privacy.words import act_words, kind_words, subject_words, trace_words
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, EVA

CHANGED = Deed(
    300.0, Act.CHANGED, Subject.RETENTION, EVA, name="hands", changes=(Change("days", "730", "365"),)
)
EXPORTED = Deed(200.0, Act.EXPORTED, Subject.PERSON, person=BOB)
NUMBER = "+81 90-1234-5678"
TRACES = (
    Trace(Where.GROUP, "Bob Stone’s team (@bobs)", "g1"),
    Trace(Where.LINE, "Bob’s line", "l1"),
    Trace(Where.MESSAGE, count=2),
)
LEFT = TRACES[1:]
ALLOWED = Deed(
    100.0,
    Act.CHANGED,
    Subject.PERMISSION,
    EVA,
    name="phones",
    changes=(Change("least", "everybody", "admins"),),
)
TAKEN = Deed(
    50.0,
    Act.EXPORTED,
    Subject.HISTORY,
    EVA,
    changes=(
        Change("kind", "", "escalation"),
        Change("outcome", "", "nobody"),
        Change("rows", after="500"),
        Change("complete", after="false"),
    ),
)
MADE = Deed(
    40.0,
    Act.ADDED,
    Subject.PERSON,
    BOB,
    person=BOB,
    changes=(Change("role", "", "agent"), Change("through", after="https://sso.example")),
)
NOTED = (TAKEN, MADE, CHANGED, EXPORTED, ALLOWED)
LINES = tuple(AuditLine(len(NOTED) - n, deed) for n, deed in enumerate(NOTED))


class Office:
    def __init__(self, qtbot: QtBot, qapp: QApplication, person: PersonId = EVA) -> None:
        self.client = Floor().client(person)
        self.asked: list[object] = []
        self.days = dict(DEFAULT_DAYS)
        self.client.answers |= {
            GetRetention: lambda _q: self._now(),
            SetRetention: self._set,
            GetAudit: self._noted(lambda q: AuditPage(LINES if q.before is None else (), q.before is None)),
            ExportPerson: self._noted(lambda _q: Blob(b"PK zip")),
            ErasePerson: self._noted(lambda _q: Erased(LEFT)),
            GetTraces: self._noted(lambda _q: Traces(TRACES)),
            RenameThing: self._noted(lambda _q: Done()),
            FindCustomer: self._noted(self._find),
            ExportCustomer: self._noted(lambda _q: Blob(b"PK customer")),
            EraseCustomer: self._noted(lambda _q: Erased(overwritten=False)),
        }
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 800)
        self.window.show()
        self.controller = PrivacyController(
            self.client, Look(theme_of(qapp), lambda _asset: None), run_now, QLocale("en_GB"), self.window
        )
        self.controller.open(self.window)

    def _find(self, query: FindCustomer) -> CustomerFound:
        if query.number != NUMBER:
            raise Refused.of(Code.NOT_FOUND)
        return CustomerFound("…678", (CustomerTalk("Support", 3, 1e9, 1.1e9, True),))

    def _now(self) -> RetentionNow:
        return RetentionNow(tuple(self.days.items()))

    def _set(self, query: Any) -> RetentionNow:
        self.asked.append(query)
        self.days[query.kind] = query.days
        return self._now()

    def _noted(self, answer: Callable[[Any], Result]) -> Callable[[Any], Result]:
        def asked(query: Any) -> Result:
            self.asked.append(query)
            return answer(query)

        return asked


@pytest.fixture
def office(qtbot: QtBot, qapp: QApplication) -> Office:
    return Office(qtbot, qapp)


def words_in(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.text()]


def seen_in(widget: QWidget) -> list[str]:
    return [one.text() for one in widget.findChildren(QLabel) if one.text() and one.isVisible()]


def test_it_is_for_admins_alone(qtbot: QtBot, qapp: QApplication) -> None:
    assert Office(qtbot, qapp, BOB).controller.dialog is None


def test_days_are_shown_and_changed_and_none_is_for_ever(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    assert {kind: box.value() for kind, box in dialog.kept.days.items()} == DEFAULT_DAYS
    box = dialog.kept.days[Kept.CASES]
    box.editingFinished.emit()
    assert not [query for query in office.asked if isinstance(query, SetRetention)]
    box.setValue(0)
    assert box.text() == "for ever"
    box.editingFinished.emit()
    assert SetRetention(Kept.CASES, None) in office.asked
    assert dialog.kept.days[Kept.CASES].value() == 0
    assert "Raised hands and alerts" in words_in(dialog)


def test_the_log_says_who_did_what_and_older_ones_are_asked_for(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    said = words_in(dialog)
    assert "Retention changed: Raised hands and alerts" in said
    assert any("Eva Admin · days: 730 → 365" in words for words in said)
    assert "Permission changed: Escalate to phones" in said
    assert any("who may: Everybody → Admins" in words for words in said)
    assert "Person exported: Bob Stone" in said
    taken = "kind: raised hand · outcome: Nobody available · rows: 500 · to the end: no"
    assert any(f"Eva Admin · {taken}" in words for words in said)
    made = "role: – → Agent · through single sign-on at: https://sso.example"
    assert any(f"Bob Stone · {made}" in words for words in said)
    assert any("At the server’s command line" in words for words in said)
    assert dialog.log.older.isVisibleTo(dialog.log)
    dialog.log.older.click()
    assert office.asked[-1] == GetAudit(1)
    assert not dialog.log.older.isVisibleTo(dialog.log)


def test_a_person_is_erased_only_after_their_handle_and_a_word(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    dialog.person.person.setCurrentIndex(dialog.person.person.findData(BOB))
    assert dialog.person.person.findData(EVA) < 0
    assert not dialog.person.erase.isEnabled()
    QTest.keyClicks(dialog.person.handle, "@BOB")
    dialog.person.erase.click()
    (question,) = (one for one in dialog.findChildren(QDialog) if one.isVisible())
    assert "Erase Bob Stone for good?" in words_in(question)
    assert not [query for query in office.asked if isinstance(query, ErasePerson)]
    next(one for one in question.findChildren(QPushButton) if one.text() == "Erase").click()
    assert ErasePerson(BOB, "bob") in office.asked
    assert dialog.person.person.findData(BOB) < 0
    assert dialog.notice.text == "Nothing that is kept says who it was any more."


async def test_the_export_is_written_where_it_was_chosen(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    office = Office(qtbot, qapp)
    dialog = office.controller.dialog
    assert dialog is not None
    await office.controller.export(ANN, tmp_path / "ann.zip")
    assert (tmp_path / "ann.zip").read_bytes() == b"PK zip"
    assert dialog.notice.text.startswith("Written to ")
    await office.controller.export(ANN, tmp_path / "no such folder" / "ann.zip")
    assert dialog.notice.text.startswith("The file was not written: ")


def test_everything_has_words(qapp: QApplication) -> None:
    assert all(kind_words(kind) for kind in Kept)
    assert all(act_words(act) for act in Act)
    assert all(subject_words(subject) for subject in Subject)
    assert all(trace_words(where) for where in Where)


def test_where_a_name_stands_is_shown_before_and_after_and_can_be_changed(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    dialog.tabs.setCurrentIndex(1)
    part = dialog.person
    part.person.setCurrentIndex(part.person.findData(BOB))
    part.traces.click()
    assert GetTraces(BOB) in office.asked
    said = seen_in(part)
    assert {"Bob Stone’s team (@bobs)", "Bob’s line", "Chat messages"} <= set(said)
    assert any(words.startswith("in 2 of them · ") for words in said)
    fields = [field for field in part.findChildren(QLineEdit) if field.placeholderText() == "New name"]
    assert [field.accessibleName() for field in fields] == [
        "New name of Bob Stone’s team (@bobs)",
        "New name of Bob’s line",
    ]
    QTest.keyClicks(fields[1], "Support")
    QTest.keyClick(fields[1], Qt.Key.Key_Return)
    assert RenameThing(Where.LINE, "l1", "Support") in office.asked
    assert dialog.notice.text == "It is called Support now."
    part.person.setCurrentIndex(part.person.findData(ANN))
    assert "Bob’s line" not in seen_in(part)  # it was about somebody else
    office.controller._do(office.controller._erase(BOB, "bob"))
    said = seen_in(part)
    assert "Bob’s line" in said
    assert "Bob Stone’s team (@bobs)" not in said
    assert any(words.startswith("A part of “Bob Stone”") for words in said)


async def test_a_customer_is_found_exported_and_erased_by_number(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    office = Office(qtbot, qapp)
    dialog = office.controller.dialog
    assert dialog is not None
    dialog.tabs.setCurrentIndex(2)
    part = dialog.customer
    assert not part.seek.isEnabled()
    assert not part.erase.isVisible()
    QTest.keyClicks(part.number, "+1 555")
    part.seek.click()
    assert dialog.notice.text == "No customer of your lines has this number. Is the country code right?"
    assert not part.erase.isVisible()
    part.number.clear()
    QTest.keyClicks(part.number, NUMBER)
    QTest.keyClick(part.number, Qt.Key.Key_Return)
    assert dialog.notice.text == ""
    assert any("3 messages and notes · " in words and "open" in words for words in seen_in(part))
    await office.controller._export(ExportCustomer(NUMBER), tmp_path / "customer.zip")
    assert (tmp_path / "customer.zip").read_bytes() == b"PK customer"
    part.erase.click()
    (question,) = (one for one in dialog.findChildren(QDialog) if one.isVisible())
    assert f"Erase the customer {NUMBER} for good?" in words_in(question)
    assert not [query for query in office.asked if isinstance(query, EraseCustomer)]
    next(one for one in question.findChildren(QPushButton) if one.text() == "Erase").click()
    assert EraseCustomer(NUMBER) in office.asked
    assert "Another program is reading the database" in dialog.notice.text
    assert part.number.text() == ""
    assert not part.erase.isVisible()
    QTest.keyClicks(part.number, NUMBER)
    part.seek.click()
    QTest.keyClicks(part.number, "9")
    assert not part.erase.isVisible()  # what was found belongs to another number


def test_the_log_is_narrowed_to_one_kind(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    dialog.tabs.setCurrentIndex(3)
    kind = dialog.log.kind
    kind.setCurrentIndex(kind.findData(Subject.CUSTOMER))
    kind.activated.emit(kind.currentIndex())
    assert office.asked[-1] == GetAudit(None, Subject.CUSTOMER)
