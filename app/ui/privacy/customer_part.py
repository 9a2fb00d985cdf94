"""One customer's data, by phone number: what there is on which line, the export, the erasure."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.core.privacy_questions import CustomerFound, CustomerTalk
from app.ui.i18n import tr, trn
from app.ui.integrations.parts import ListSheet
from app.ui.privacy.part import Part
from app.ui.theme.tokens import Tokens
from app.ui.widgets import button

NUMBER_CHARS = 64


class CustomerPart(Part):
    """Signals:
    find_wanted, export_wanted, erase_wanted: a number as it was typed; the latter two once it was found.
    """

    find_wanted = Signal(str)
    export_wanted = Signal(str)
    erase_wanted = Signal(str)

    def __init__(self, sheet: ListSheet, tokens: Tokens, locale: QLocale) -> None:
        super().__init__(sheet, tokens)
        self._locale = locale
        self._found = ""
        self.number = QLineEdit(self)
        self.number.setMaxLength(NUMBER_CHARS)
        self.number.setAccessibleName(tr("The customer’s phone number"))
        self.number.setPlaceholderText(tr("Phone number, such as +44 7700 900123"))
        self.seek = button(tr("Find"), tokens=tokens, parent=self)
        self.export = button(tr("Export…"), tokens=tokens, parent=self)
        self.erase = button(tr("Erase…"), tokens=tokens, parent=self)
        self.in_a_row((self.number, 1), (self.seek, 0))
        self.explain(
            tr(
                "Finds the conversations with this customer on every line. The export is a zip with "
                "everything there is of them. Erasing forgets their conversations, that they wanted no more "
                "texts, and their number wherever somebody wrote it; counts and times of alerts stay."
            )
        )
        self.place_rows()
        self.in_a_row((self.export, 0), (self.erase, 0))
        self.number.textEdited.connect(self._typed)
        self.number.returnPressed.connect(self.seek.click)
        self.seek.clicked.connect(self._find)
        self.export.clicked.connect(lambda: self.export_wanted.emit(self._found))
        self.erase.clicked.connect(lambda: self.erase_wanted.emit(self._found))
        sheet.press_by_enter(self.seek, self.export, self.erase)
        self._look()

    def _find(self) -> None:
        self.find_wanted.emit(self.number.text().strip())

    def _typed(self, *_: object) -> None:
        """What was found belongs to another number."""
        if self._found:
            self.nothing()
        self._look()

    def _look(self) -> None:
        self.seek.setEnabled(bool(self.number.text().strip()))
        for made in (self.export, self.erase):
            made.setVisible(bool(self._found))

    def nothing(self) -> None:
        """Nobody is found, or not any more."""
        self._found = ""
        self.show_rows([], self.fresh(), "")
        self._look()

    def show_found(self, number: str, found: CustomerFound) -> None:
        self._found = number
        new = self.fresh()
        self._look()
        self.show_rows([self._talk(talk, new) for talk in found.talks], new, "")

    def _talk(self, talk: CustomerTalk, parent: QWidget) -> QHBoxLayout:
        texts = trn("{n} message or note", "{n} messages and notes", talk.texts)
        days = dict.fromkeys(self._day(at) for at in (talk.first_at, talk.last_at) if at)
        state = tr("open") if talk.open else tr("resolved")
        return self.sheet.row(talk.line, [(" · ".join((texts, " – ".join(days), state)), False)], [], parent)

    def _day(self, at: float) -> str:
        day = QDateTime.fromSecsSinceEpoch(int(at)).date()
        return self._locale.toString(day, QLocale.FormatType.ShortFormat)
