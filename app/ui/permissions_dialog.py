"""Who may send priority messages and have them sent to phones: for admins."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.core.model import Person, PersonId
from app.core.permission_questions import PermissionsNow
from app.core.permissions import Least, OwnRight, Right
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, icon_button, label, line
from app.ui.widgets.fields import call, narrow, searchable

WIDTH = 600
"""px."""


def right_words(right: Right) -> str:
    return tr("Send priority messages") if right is Right.PRIORITY else tr("Escalate to phones")


def least_words(least: Least) -> str:
    return {
        Least.EVERYBODY: tr("Everybody"),
        Least.SUPERVISORS: tr("Supervisors and admins"),
        Least.ADMINS: tr("Admins"),
        Least.NOBODY: tr("Nobody"),
    }[least]


def own_words(own: OwnRight) -> str:
    words = right_words(own.right)
    return tr("may: {right}", right=words) if own.allowed else tr("may not: {right}", right=words)


class PermissionsDialog(Sheet):
    """Shown with ``open()``; nothing waits for it. Each signal is answered with :meth:`show_permissions` or
    :meth:`say`.

    Args:
        people: of the space, by name.

    Signals:
        least_chosen: a Right, and the Least who have it.
        own_chosen: a person's id, a Right, and whether they have it; ``None`` for what the organisation says.
    """

    least_chosen = Signal(object, object)
    own_chosen = Signal(str, object, object)

    def __init__(self, people: Sequence[Person], tokens: Tokens, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self._tokens = tokens
        self._people = {person.id: person for person in people}
        self.setWindowTitle(tr("Permissions"))
        self.least = {right: self._choice(right_words(right)) for right in Right}
        for right, box in self.least.items():
            for least in Least:
                box.addItem(least_words(least), least)
            box.activated.connect(lambda _=0, r=right, b=box: self.least_chosen.emit(r, b.currentData()))
        self.person = self._choice(tr("Person"))
        searchable(self.person)
        for person in people:
            self.person.addItem(f"{person.name} (@{person.handle})", person.id)
        self.what = self._choice(tr("Permission"))
        for right in Right:
            for allowed in (True, False):
                own = OwnRight(PersonId(""), right, allowed)
                self.what.addItem(own_words(own), (right.value, allowed))
        self.add = button(tr("Add"), kind="quiet", tokens=tokens, parent=self)
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._add)
        self.notice = Notice(tokens, self)
        self.removes: dict[tuple[PersonId, Right], QPushButton] = {}
        self._rows = QVBoxLayout()
        self._made: list[QWidget] = []
        self._lay_out()

    def _choice(self, name: str) -> QComboBox:
        box = QComboBox(self)
        call(box, name)
        narrow(box)
        return box

    def _lay_out(self) -> None:
        column, space = self.column, LIGHT.spacing
        column.setSpacing(space.s)
        column.addWidget(label(tr("Permissions"), size="title", weight=LIGHT.type.bold, parent=self))
        for right, box in self.least.items():
            words = label(right_words(right), parent=self)
            words.setBuddy(box)
            row = QHBoxLayout()
            row.addWidget(words, 1)
            row.addWidget(box, 1)
            column.addLayout(row)
        column.addWidget(line(self))
        heading = label(tr("Exceptions"), size="small", weight=LIGHT.type.bold, rank="muted", parent=self)
        column.addWidget(heading)
        self._rows.setSpacing(space.xs)
        column.addLayout(self._rows)
        adding = QHBoxLayout()
        adding.setSpacing(space.s)
        adding.addWidget(self.person, 4)
        adding.addWidget(self.what, 5)
        adding.addWidget(self.add)
        column.addLayout(adding)
        column.addWidget(self.notice)
        done = button(tr("Done"), kind="primary", tokens=self._tokens, parent=self)
        done.setAutoDefault(False)
        done.clicked.connect(self.accept)
        self.foot.addStretch(1)
        self.foot.addWidget(done)

    # What is shown

    def show_permissions(self, now: PermissionsNow) -> None:
        """As the server knows them."""
        for right, least in ((Right.PRIORITY, now.priority), (Right.PHONES, now.phones)):
            self.least[right].setCurrentIndex(list(Least).index(least))
        for old in self._made:
            old.hide()
            old.deleteLater()
        while self._rows.takeAt(0) is not None:
            pass
        self._made, self.removes = [], {}
        known = [own for own in now.own if own.person in self._people]
        for own in sorted(known, key=lambda own: (self._people[own.person].name.casefold(), own.right)):
            self._add_row(own)
        if not known:
            nothing = label(tr("There are none."), rank="muted", parent=self)
            self._rows.addWidget(nothing)
            self._made.append(nothing)
        for made in self._made:
            made.show()  # or it does not count when the dialog is fitted
        self.notice.say("", Tone.INFO)
        self.fit()

    def _add_row(self, own: OwnRight) -> None:
        person = self._people[own.person]
        who: QLabel = label(person.name, weight=LIGHT.type.semibold, elide=True, parent=self)
        words = label(own_words(own), rank="muted", elide=True, parent=self)
        remove = icon_button(
            "close", tr("Remove the exception of {name}", name=person.name), tokens=self._tokens
        )
        remove.setParent(self)
        remove.setAutoDefault(False)
        remove.clicked.connect(lambda: self.own_chosen.emit(own.person, own.right, None))
        row = QHBoxLayout()
        row.addWidget(who, 1)
        row.addWidget(words, 1)
        row.addWidget(remove)
        self._rows.addLayout(row)
        self._made += [who, words, remove]
        self.removes[own.person, own.right] = remove

    def say(self, words: str) -> None:
        """Why something was not done."""
        self.notice.say(words, Tone.PROBLEM)
        self.fit(self.notice)

    def _add(self) -> None:
        person = self.person.currentData()
        right, allowed = self.what.currentData()
        if person and self.person.currentText() == self.person.itemText(self.person.currentIndex()):
            self.own_chosen.emit(person, Right(right), bool(allowed))
