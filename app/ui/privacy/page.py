"""Data protection: how long things are kept, one person's data, and the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSpinBox, QWidget

from app.core.model import Person, PersonId
from app.core.privacy import MOST_DAYS, Kept
from app.core.privacy_questions import AuditLine
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.policies.length_field import number_field
from app.ui.privacy.words import deed_words, kind_words, where_words
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, label, line

WIDTH, HANDLE_WIDTH, DAYS_WIDTH = 620, 190, 128
"""px"""


class PrivacyDialog(ListSheet):
    """Shown with ``open()``; nothing waits for it.

    Signals:
        days_chosen: a kind of data and the days; 0 for ever.
        export_wanted: a person. erase_wanted: a person, whose handle was typed.
        older_wanted: more of the audit log.
    """

    days_chosen = Signal(str, int)
    export_wanted = Signal(str)
    erase_wanted = Signal(str)
    older_wanted = Signal()

    def __init__(self, people: Sequence[Person], tokens: Tokens, locale: QLocale, parent: QWidget) -> None:
        super().__init__(WIDTH, tokens, parent)
        self._locale = locale
        self._people = {person.id: person for person in people}
        self.setWindowTitle(tr("Data protection"))
        self.notice = Notice(tokens, self)
        self.days: dict[Kept, QSpinBox] = {}
        self.person = QComboBox(self)
        self.person.setAccessibleName(tr("Person"))
        for person in sorted(people, key=lambda one: one.name.casefold()):
            self.person.addItem(f"{person.name} (@{person.handle})", person.id)
        self.handle = QLineEdit(self)
        self.handle.setAccessibleName(tr("The handle of who is to be erased"))
        self.handle.setPlaceholderText(tr("Type the handle to erase"))
        self.handle.setMinimumWidth(HANDLE_WIDTH)
        self.export = button(tr("Export…"), tokens=tokens, parent=self)
        self.erase = button(tr("Erase"), tokens=tokens, parent=self)
        self.older = button(tr("Older entries"), kind="quiet", tokens=tokens, parent=self)
        self.done_button = button(tr("Done"), kind="primary", tokens=tokens, parent=self)
        self._kept, self._log = QWidget(self), QWidget(self)
        self._connect()
        self._lay_out()
        self._look()

    def _connect(self) -> None:
        self.person.currentIndexChanged.connect(self._look)
        self.handle.textEdited.connect(self._look)
        self.export.clicked.connect(lambda: self.export_wanted.emit(self.person.currentData()))
        self.erase.clicked.connect(lambda: self.erase_wanted.emit(self.person.currentData()))
        self.older.clicked.connect(self.older_wanted)
        self.done_button.clicked.connect(self.accept)
        self.press_by_enter(self.export, self.erase, self.older, self.done_button)

    def _lay_out(self) -> None:
        column = self.column
        title = label(tr("Data protection"), size="title", weight=LIGHT.type.bold, wrap=True, parent=self)
        column.addWidget(title)
        column.addWidget(self.notice)
        column.addWidget(self.heading(tr("How long things are kept")))
        column.addWidget(label(where_words(), rank="muted", wrap=True, parent=self))
        column.addWidget(self._kept)
        column.addWidget(line(self))
        column.addWidget(self.heading(tr("One person")))
        words = tr(
            "The export is a zip with everything there is of them. Erasing takes out name, handle, numbers, "
            "picture and what they wrote, for good; counts and times stay."
        )
        column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.s)
        for part, stretch in ((self.person, 3), (self.export, 0), (self.handle, 2), (self.erase, 0)):
            row.addWidget(part, stretch)
        column.addLayout(row)
        column.addWidget(line(self))
        column.addWidget(self.heading(tr("Who changed or read what")))
        column.addWidget(self._log)
        column.addWidget(self.older, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.older.hide()
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)

    def _look(self, *_: object) -> None:
        chosen = self._people.get(PersonId(self.person.currentData() or ""))
        typed = self.handle.text().strip().removeprefix("@").casefold()
        self.export.setEnabled(chosen is not None)
        self.erase.setEnabled(chosen is not None and typed == chosen.handle.casefold())

    def say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        self.notice.say(words, tone)
        self.fit(self.notice)

    def erased(self, person: PersonId) -> None:
        """They are nobody whom one could choose any more."""
        self._people.pop(person, None)
        self.person.removeItem(self.person.findData(person))
        self.handle.clear()
        self._look()

    def show_days(self, days: Mapping[Kept, int | None]) -> None:
        new = QWidget(self)
        self.days = {}
        rows = [self._kind(kind, days[kind], new) for kind in Kept if kind in days]
        self._kept = self.replace_rows(self._kept, "", rows, new)

    def _kind(self, kind: Kept, days: int | None, parent: QWidget) -> QHBoxLayout:
        name, words = kind_words(kind)
        row = self.row(name, [(words, False)], [], parent)
        box = number_field(tr("Days for which {kind} are kept", kind=name), 0, MOST_DAYS, parent)
        box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.setGroupSeparatorShown(True)
        box.setFixedWidth(DAYS_WIDTH)
        box.setSpecialValueText(tr("for ever"))
        box.setSuffix(tr(" days"))
        box.setValue(days or 0)
        box.setKeyboardTracking(False)
        box.editingFinished.connect(lambda: self._chosen(kind, box, days or 0))
        row.addWidget(box, 0, Qt.AlignmentFlag.AlignVCenter)
        self.days[kind] = box
        return row

    def _chosen(self, kind: Kept, box: QSpinBox, before: int) -> None:
        if box.value() != before:
            self.days_chosen.emit(kind, box.value())

    def show_log(self, lines: Sequence[AuditLine], people: Mapping[PersonId, Person], more: bool) -> None:
        """All of it that was read so far."""
        new = QWidget(self)
        rows = []
        for entry in lines:
            what, rest = deed_words(entry.deed, people, self._locale)
            rows.append(self.row(what, [(rest, False)], [], new))
        self._log = self.replace_rows(self._log, tr("There is nothing yet."), rows, new)
        self.older.setVisible(more)
