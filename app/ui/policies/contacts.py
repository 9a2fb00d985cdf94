"""The contacts of a space: the duty phone, services and webhooks that a policy's steps reach."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.core.limits import NAME_CHARS
from app.core.policy import Contact, ContactKind
from app.ui.i18n import N_, tr, tr_template
from app.ui.policies.choices import CONTACT_ICONS, CONTACT_WORDS, contact_words
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, icon_button, label, line
from app.ui.widgets.fields import call

WIDTH = 520
"""px"""
SIGNED = "#whsec_"
"""Between the address and the secret that its messages are signed with (Standard Webhooks)."""
SECRET_BYTES = 32
ADDRESS_WORDS = {
    ContactKind.PHONE: N_("Phone number, with + and the country’s code"),
    ContactKind.APPRISE: N_("Address of the service, as Apprise writes it"),
    ContactKind.WEBHOOK: N_("Address, beginning with https://"),
}
EXAMPLES = {
    ContactKind.PHONE: "+81 3 1234 5678",
    ContactKind.APPRISE: "mailto://user:password@example.com",
    ContactKind.WEBHOOK: "https://example.com/handraise",
}


class ContactsDialog(Sheet):
    """Shown with ``open()``; nothing waits for it.

    Signals:
        save_wanted: id (empty: a new one), name, kind, and address (empty: as it is); answered with
            :meth:`saved` or :meth:`refuse`.
        delete_wanted, test_wanted: an id.
    """

    save_wanted = Signal(str, str, object, str)
    delete_wanted = Signal(str)
    test_wanted = Signal(str)

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(WIDTH, parent)
        self._tokens = tokens
        self._edited: Contact | None = None
        self.setWindowTitle(tr("Contacts"))
        self.notice = Notice(tokens, self)
        self._rows = QWidget(self)
        self.buttons: dict[str, tuple[QPushButton, QPushButton, QPushButton]] = {}
        self.heading = label(size="small", weight=LIGHT.type.bold, rank="muted", wrap=True, parent=self)
        self.kind = QComboBox(self)
        call(self.kind, tr("What it is"))
        for kind in ContactKind:
            self.kind.addItem(tr_template(CONTACT_WORDS[kind], {}), kind)
        self.name = QLineEdit(self)
        self.name.setMaxLength(NAME_CHARS)
        self.name.setAccessibleName(tr("Name"))
        self.name.setPlaceholderText(tr("Name, such as “Duty phone”"))
        self.address = QLineEdit(self)
        self.address_words = label(size="small", parent=self)
        self.address_words.setBuddy(self.address)
        self.sign_words = label(size="small", rank="muted", wrap=True, parent=self)
        self.sign_button = button(tr("Sign messages"), kind="quiet", tokens=tokens, parent=self)
        self.cancel_button = button(tr("Cancel"), kind="bare", tokens=tokens, parent=self)
        self.save_button = button("", kind="primary", tokens=tokens, parent=self)
        self.done_button = button(tr("Done"), tokens=tokens, parent=self)
        self._lay_out()
        self.kind.activated.connect(lambda _i: self._name_address())
        self.address.textChanged.connect(lambda _t: self._offer_to_sign())
        self.sign_button.clicked.connect(self._sign)
        self.save_button.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        self.address.returnPressed.connect(self._save)
        self.cancel_button.clicked.connect(lambda: self.edit(None))
        self.done_button.clicked.connect(self.accept)
        for made in (self.sign_button, self.save_button, self.cancel_button, self.done_button):
            self.press_by_enter(made)
        self.edit(None)

    def _lay_out(self) -> None:
        space, column = LIGHT.spacing, self.column
        column.setSpacing(space.s)
        column.addWidget(label(tr("Contacts"), size="title", weight=LIGHT.type.bold, parent=self))
        words = tr("What steps can reach outside Handraise. Numbers and addresses stay on the server.")
        column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        column.addWidget(self.notice)
        column.addWidget(self._rows)
        column.addWidget(line(self))
        column.addWidget(self.heading)
        what = QHBoxLayout()
        what.setSpacing(space.s)
        what.addWidget(self.kind)
        what.addWidget(self.name, 1)
        column.addLayout(what)
        column.addWidget(self.address_words)
        column.addWidget(self.address)
        signing = QHBoxLayout()
        signing.setSpacing(space.s)
        signing.addWidget(self.sign_words, 1)
        signing.addWidget(self.sign_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(signing)
        row = QHBoxLayout()
        row.setSpacing(space.s)
        row.addWidget(self.save_button)
        row.addWidget(self.cancel_button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)

    # The list

    def show_contacts(self, contacts: Sequence[Contact]) -> None:
        rows, self.buttons = QWidget(self), {}
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, LIGHT.spacing.xs, 0, LIGHT.spacing.xs)
        column.setSpacing(LIGHT.spacing.s)
        for contact in contacts:
            column.addLayout(self._row(contact, rows))
        if not contacts:
            column.addWidget(label(tr("There are none yet."), rank="muted", parent=rows))
        self.column.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        rows.show()
        self.fit()

    def _row(self, contact: Contact, parent: QWidget) -> QHBoxLayout:
        tokens = self._tokens
        sign = label(parent=parent)
        ink = tokens.colours.accent_text
        sign.setPixmap(icon_pixmap(CONTACT_ICONS[contact.kind], ink, 20, self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(contact.name, weight=LIGHT.type.semibold, elide=True, parent=parent))
        words.addWidget(label(contact_words(contact), size="small", rank="muted", elide=True, parent=parent))
        test = button(tr("Test"), kind="quiet", tokens=tokens, parent=parent)
        test.setAccessibleName(tr("Send a test to {name}", name=contact.name))
        change = button(tr("Change"), kind="bare", tokens=tokens, parent=parent)
        change.setAccessibleName(tr("Change {name}", name=contact.name))
        remove = icon_button("trash", tr("Remove {name}", name=contact.name), tokens=tokens, parent=parent)
        test.clicked.connect(lambda: self._test(contact))
        change.clicked.connect(lambda: self.edit(contact))
        remove.clicked.connect(lambda: self.delete_wanted.emit(contact.id))
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.s)
        row.addWidget(sign)
        row.addLayout(words, 1)
        self.buttons[contact.id] = (test, change, remove)
        for made in self.buttons[contact.id]:
            self.press_by_enter(made)
            row.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

    def _test(self, contact: Contact) -> None:
        self.buttons[contact.id][0].setEnabled(False)
        self.say(tr("Sending a test to {name}…", name=contact.name), Tone.INFO)
        self.test_wanted.emit(contact.id)

    def tested(self, contact: str) -> None:
        """It may be asked for again."""
        if contact in self.buttons:
            self.buttons[contact][0].setEnabled(True)

    def say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        self.notice.say(words, tone)
        self.fit(self.notice)

    # One of them

    def edit(self, contact: Contact | None) -> None:
        """Change one; make a new one."""
        self._edited = contact
        if contact is None:
            self.heading.setText(tr("Add a contact"))
        else:
            self.heading.setText(tr("Change {name}", name=contact.name))
            self.kind.setCurrentIndex(self.kind.findData(contact.kind))
        self.name.setText(contact.name if contact is not None else "")
        self.address.clear()
        self.save_button.setText(tr("Add") if contact is None else tr("Save"))
        self.cancel_button.setVisible(contact is not None)
        self._name_address()
        self._set_busy(False)
        if self.isVisible():
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fit()

    def _name_address(self) -> None:
        kind, edited = ContactKind(self.kind.currentData()), self._edited
        words = tr_template(ADDRESS_WORDS[kind], {})
        self.address_words.setText(words)
        self.address.setAccessibleName(words)
        kept = edited is not None and edited.kind is kind
        self.address.setPlaceholderText(
            tr("{shown} – leave it empty to keep it", shown=edited.shown)
            if edited and kept
            else EXAMPLES[kind]
        )
        for part in (self.sign_words, self.sign_button):
            part.setVisible(kind is ContactKind.WEBHOOK)
        self._offer_to_sign()
        self.fit()

    # A webhook's secret

    def _offer_to_sign(self) -> None:
        signed = SIGNED in self.address.text()
        words = tr("Messages are signed if the address ends with {mark} and a secret.", mark=SIGNED)
        if signed:
            words = tr("Messages are signed. The receiver needs what follows the #; it is shown only now.")
        self.sign_words.setText(words)
        self.sign_button.setEnabled(bool(self.address.text().strip()) and "#" not in self.address.text())

    def _sign(self) -> None:
        """End the address with a fresh secret, which stays to be copied until it is saved."""
        secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        where = self.address.text().strip()
        self.address.setText(f"{where}{SIGNED}{secret}")
        self.address.setFocus(Qt.FocusReason.OtherFocusReason)
        self.address.setSelection(len(where) + 1, len(self.address.text()))

    def _save(self) -> None:
        edited, kind = self._edited, ContactKind(self.kind.currentData())
        kept = edited is not None and edited.kind is kind
        if not self.name.text().strip():
            self.refuse(tr("Give the contact a name."), self.name)
        elif not self.address.text().strip() and not kept:
            self.refuse(tr("Enter where it is reached."), self.address)
        else:
            self._set_busy(True)
            number = edited.id if edited is not None else ""
            self.save_wanted.emit(number, self.name.text().strip(), kind, self.address.text().strip())

    def saved(self, contact: Contact) -> None:
        """It is stored."""
        self.say(tr("{name} is saved.", name=contact.name), Tone.GOOD)
        self.edit(None)

    def refuse(self, words: str, field: QLineEdit | None = None) -> None:
        """Why not; what was typed stays."""
        self._set_busy(False)
        self.say(words)
        (field or self.address).setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_busy(self, busy: bool) -> None:
        for part in (self.kind, self.name, self.address, self.save_button):
            part.setEnabled(not busy)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return
        if event.key() == Qt.Key.Key_Escape and self._edited is not None:
            self.edit(None)
        else:
            super().keyPressEvent(event)
