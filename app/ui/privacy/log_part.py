"""The audit log: who changed or read what, all of it or of one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QComboBox

from app.core.audit import Subject
from app.core.model import Person, PersonId
from app.core.privacy_questions import AuditLine
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.privacy.part import Part
from app.ui.privacy.words import deed_words, subject_words
from app.ui.theme.tokens import Tokens
from app.ui.widgets import button
from app.ui.widgets.fields import call


class LogPart(Part):
    """Signals:
    subject_chosen: the log is wanted anew, of ``subject``.
    older_wanted: more of it.
    """

    subject_chosen = Signal()
    older_wanted = Signal()

    def __init__(self, sheet: ListSheet, tokens: Tokens, locale: QLocale) -> None:
        super().__init__(sheet, tokens)
        self._locale = locale
        self.kind = QComboBox(self)
        call(self.kind, tr("What it is about"))
        self.kind.addItem(tr("Everything"), "")
        for words, subject in sorted((subject_words(one), one) for one in Subject):
            self.kind.addItem(words[:1].upper() + words[1:], subject)
        self.older = button(tr("Older entries"), kind="quiet", tokens=tokens, parent=self)
        self.in_a_row((self.kind, 0))
        self.place_rows()
        self.column.addWidget(self.older, 0, Qt.AlignmentFlag.AlignLeft)
        self.older.hide()
        self.kind.activated.connect(lambda *_: self.subject_chosen.emit())
        self.older.clicked.connect(self.older_wanted)
        sheet.press_by_enter(self.older)

    @property
    def subject(self) -> Subject | None:
        chosen = self.kind.currentData()
        return Subject(chosen) if chosen else None

    def show_log(self, lines: Sequence[AuditLine], people: Mapping[PersonId, Person], more: bool) -> None:
        """All of it that was read so far."""
        new = self.fresh()
        rows = []
        for entry in lines:
            what, rest = deed_words(entry.deed, people, self._locale)
            rows.append(self.sheet.row(what, [(rest, False)], [], new))
        self.older.setVisible(more)
        self.show_rows(rows, new, tr("There is nothing yet."))
