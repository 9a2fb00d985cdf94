"""Data protection, for admins: how long things are kept, one person's data, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId
from app.core.privacy import DEFAULT_DAYS, Kept
from app.core.privacy_questions import (
    AuditLine,
    AuditPage,
    ErasePerson,
    ExportPerson,
    GetAudit,
    GetRetention,
    RetentionNow,
    SetRetention,
)
from app.core.questions import Blob, Done, Result
from app.ui.controllers.privacy_controller import PrivacyController
from app.ui.privacy.words import act_words, kind_words, subject_words
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import ANN, BOB, EVA

CHANGED = Deed(
    300.0, Act.CHANGED, Subject.RETENTION, EVA, name="hands", changes=(Change("days", "730", "365"),)
)
EXPORTED = Deed(200.0, Act.EXPORTED, Subject.PERSON, person=BOB)
LINES = (AuditLine(3, CHANGED), AuditLine(2, EXPORTED))


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
            ErasePerson: self._noted(lambda _q: Done()),
        }
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 800)
        self.window.show()
        self.controller = PrivacyController(
            self.client, theme_of(qapp), run_now, QLocale("en_GB"), self.window
        )
        self.controller.open(self.window)

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


def test_it_is_for_admins_alone(qtbot: QtBot, qapp: QApplication) -> None:
    assert Office(qtbot, qapp, BOB).controller.dialog is None


def test_days_are_shown_and_changed_and_none_is_for_ever(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    assert {kind: box.value() for kind, box in dialog.days.items()} == DEFAULT_DAYS
    box = dialog.days[Kept.CASES]
    box.editingFinished.emit()
    assert not [query for query in office.asked if isinstance(query, SetRetention)]
    box.setValue(0)
    assert box.text() == "for ever"
    box.editingFinished.emit()
    assert SetRetention(Kept.CASES, None) in office.asked
    assert dialog.days[Kept.CASES].value() == 0
    assert "Raised hands and alerts" in words_in(dialog)


def test_the_log_says_who_did_what_and_older_ones_are_asked_for(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    said = words_in(dialog)
    assert "Retention changed: hands" in said
    assert any("Eva Admin · days: 730 → 365" in words for words in said)
    assert "Person exported: Bob Stone" in said
    assert any("At the server’s command line" in words for words in said)
    assert dialog.older.isVisible()
    dialog.older.click()
    assert office.asked[-1] == GetAudit(2)
    assert not dialog.older.isVisible()


def test_a_person_is_erased_only_after_their_handle_and_a_word(office: Office) -> None:
    dialog = office.controller.dialog
    assert dialog is not None
    dialog.person.setCurrentIndex(dialog.person.findData(BOB))
    assert dialog.person.findData(EVA) < 0
    assert not dialog.erase.isEnabled()
    QTest.keyClicks(dialog.handle, "@BOB")
    dialog.erase.click()
    (question,) = (one for one in dialog.findChildren(QDialog) if one.isVisible())
    assert "Erase Bob Stone for good?" in words_in(question)
    assert not [query for query in office.asked if isinstance(query, ErasePerson)]
    next(one for one in question.findChildren(QPushButton) if one.text() == "Erase").click()
    assert ErasePerson(BOB, "bob") in office.asked
    assert dialog.person.findData(BOB) < 0
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
