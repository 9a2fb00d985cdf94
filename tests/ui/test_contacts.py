"""Contacts of a space: listed masked, added, changed, tested and removed; what is typed is not lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core.errors import Code, Refusal, refuse
from app.core.phone_questions import (
    Contacts,
    DeleteContact,
    ListContacts,
    SaveContact,
    Saved,
    TryContact,
)
from app.core.policy import (
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
)
from app.core.questions import Done
from app.server.hooks.signing import read_secret
from app.ui.controllers.contacts_controller import ContactsController
from app.ui.panels.look import Look
from app.ui.policies.contacts import ContactsDialog
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import BOB, SPACE

DUTY = Contact(ContactId("duty"), "<b>Duty</b>", ContactKind.PHONE, "…789")
MAIL = Contact(ContactId("mail"), "Mail", ContactKind.APPRISE, "mailto://…")
NIGHT = Policy(
    PolicyId("night"), "Night", CaseKind.ESCALATION, (PolicyStep(60.0, Call(Reached(contacts=(DUTY.id,)))),)
)


class Office:
    """A server with two contacts, and the dialog that Bob has opened."""

    def __init__(self, qtbot: QtBot, qapp: QApplication) -> None:
        self.client = Floor().client(BOB)
        self.contacts = {DUTY.id: DUTY, MAIL.id: MAIL}
        self.sent: list[SaveContact] = []
        self.tried: list[ContactId] = []
        self.broken: Code | None = None
        self.client.answers |= {
            ListContacts: lambda _q: Contacts(tuple(self.contacts.values())),
            SaveContact: self._save,
            DeleteContact: self._delete,
            TryContact: self._try,
        }
        self.host = QWidget()
        qtbot.addWidget(self.host)
        self.host.show()
        look = Look(theme_of(qapp), lambda _asset: None)
        self.controller = ContactsController(self.client, look, run_now, self.host)
        self.changes: list[None] = []
        self.controller.changed.connect(lambda: self.changes.append(None))
        self.controller.open(self.host, SPACE, lambda: [NIGHT])

    @property
    def dialog(self) -> ContactsDialog:
        assert self.controller.dialog is not None
        return self.controller.dialog

    def _save(self, query: SaveContact) -> Saved | Refusal:
        if self.broken is not None:
            return refuse(self.broken)
        self.sent.append(query)
        contact = Contact(query.contact or ContactId("new"), query.name, query.kind, "…678")
        self.contacts[contact.id] = contact
        return Saved(contact)

    def _delete(self, query: DeleteContact) -> Done:
        del self.contacts[query.contact]
        return Done()

    def _try(self, query: TryContact) -> Done | Refusal:
        self.tried.append(query.contact)
        return Done() if self.broken is None else refuse(self.broken)

    def texts(self) -> list[str]:
        return [made.text() for made in self.dialog.findChildren(QLabel) if made.isVisible()]

    def answer(self, words: str) -> None:
        asked = next(d for d in self.dialog.findChildren(QDialog) if d.isVisible())
        next(b for b in asked.findChildren(QPushButton) if b.text() == words).click()


@pytest.fixture
def office(qtbot: QtBot, qapp: QApplication) -> Office:
    return Office(qtbot, qapp)


def test_they_are_listed_masked_and_as_they_were_written(office: Office) -> None:
    assert {"<b>Duty</b>", "Phone …789", "Mail", "Service mailto://…"} <= set(office.texts())
    labels = [made for made in office.dialog.findChildren(QLabel) if made.text() == DUTY.name]
    assert labels[0].textFormat() is Qt.TextFormat.PlainText


def test_one_is_added_with_the_keyboard(office: Office) -> None:
    dialog = office.dialog
    QTest.keyClicks(dialog.name, "Night guard")
    QTest.keyClicks(dialog.address, "+81 90 1234 5678")
    QTest.keyClick(dialog.address, Qt.Key.Key_Return)
    assert office.sent == [SaveContact(SPACE, "Night guard", ContactKind.PHONE, "+81 90 1234 5678")]
    assert "Night guard" in office.texts()
    assert [f.text() for f in dialog.findChildren(QLineEdit)] == ["", ""]
    assert dialog.notice.text == "Night guard is saved."
    assert len(office.changes) == 1


def test_a_number_stays_where_none_is_typed(office: Office) -> None:
    dialog = office.dialog
    dialog.buttons[DUTY.id][1].click()
    assert dialog.address.text() == ""
    assert dialog.address.placeholderText() == "…789 – leave it empty to keep it"
    dialog.name.setText("Duty")
    dialog.save_button.click()
    assert office.sent == [SaveContact(SPACE, "Duty", ContactKind.PHONE, "", DUTY.id)]


def test_another_kind_needs_another_address(office: Office) -> None:
    dialog = office.dialog
    dialog.buttons[DUTY.id][1].click()
    dialog.kind.setCurrentIndex(dialog.kind.findData(ContactKind.WEBHOOK))
    dialog.kind.activated.emit(dialog.kind.currentIndex())
    dialog.save_button.click()
    assert office.sent == []
    assert dialog.notice.text == "Enter where it is reached."


def test_an_address_gets_a_secret_that_can_be_copied_before_it_is_saved(office: Office) -> None:
    dialog = office.dialog
    assert not dialog.sign_button.isVisible(), "a phone signs nothing"
    dialog.kind.setCurrentIndex(dialog.kind.findData(ContactKind.WEBHOOK))
    dialog.kind.activated.emit(dialog.kind.currentIndex())
    assert any("ends with #whsec_ and a secret" in words for words in office.texts())
    assert not dialog.sign_button.isEnabled(), "there is no address yet"
    dialog.name.setText("CRM")
    QTest.keyClicks(dialog.address, "https://crm.example/hook")
    dialog.sign_button.click()
    url, _, secret = dialog.address.text().partition("#")
    assert url == "https://crm.example/hook"
    assert len(read_secret(secret)) == 32
    assert dialog.address.selectedText() == secret
    assert any("it is shown only now" in words for words in office.texts())
    assert not dialog.sign_button.isEnabled(), "one is enough"
    dialog.save_button.click()
    assert office.sent[0].address == f"{url}#{secret}"
    assert not any(secret in words for words in office.texts())


def test_a_refusal_keeps_what_was_typed(office: Office) -> None:
    office.broken = Code.PHONE_INVALID
    dialog = office.dialog
    dialog.name.setText("Guard")
    dialog.address.setText("12")
    dialog.save_button.click()
    assert (dialog.name.text(), dialog.address.text()) == ("Guard", "12")
    assert dialog.save_button.isEnabled()
    assert dialog.notice.text
    assert office.changes == []


def test_what_reaches_it_is_said_before_it_is_removed(office: Office) -> None:
    office.dialog.buttons[DUTY.id][2].click()
    asked = next(d for d in office.dialog.findChildren(QDialog) if d.isVisible())
    words = [made.text() for made in asked.findChildren(QLabel)]
    assert "“Night” reaches it; its step is passed over from now on." in words
    office.answer("Remove")
    assert list(office.contacts) == [MAIL.id]
    assert "<b>Duty</b>" not in office.texts()


@pytest.mark.parametrize("broken", [None, Code.NO_PHONES])
def test_a_test_is_sent_once_for_each_press_and_its_outcome_is_said(
    office: Office, broken: Code | None
) -> None:
    office.broken = broken
    test = office.dialog.buttons[DUTY.id][0]
    test.click()
    assert office.tried == [DUTY.id]
    assert test.isEnabled()
    said = office.dialog.notice.text
    assert said.startswith("A test is on its way") is (broken is None)
    assert said
