"""One person's data: the export, where others typed the name, the erasure."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from app.core.limits import NAME_CHARS
from app.core.model import Person, PersonId
from app.core.privacy import Trace, Where
from app.ui.i18n import tr, trn
from app.ui.integrations.parts import ListSheet
from app.ui.privacy.part import Part
from app.ui.privacy.words import trace_words
from app.ui.theme.tokens import Tokens
from app.ui.widgets import button, label, line
from app.ui.widgets.fields import call, searchable

RENAMED_HERE = (Where.GROUP, Where.SPACE, Where.LINE)
"""What else has a name has a view of its own in which it gets another one."""


class PersonPart(Part):
    """Signals:
    export_wanted, traces_wanted: a person. erase_wanted: a person, whose handle was typed.
    name_chosen: what it is, its id, and its new name.
    """

    export_wanted = Signal(str)
    traces_wanted = Signal(str)
    erase_wanted = Signal(str)
    name_chosen = Signal(str, str, str)

    def __init__(self, sheet: ListSheet, people: Sequence[Person], tokens: Tokens) -> None:
        super().__init__(sheet, tokens)
        self._people = {person.id: person for person in people}
        self.person = QComboBox(self)
        call(self.person, tr("Person"))
        for person in sorted(people, key=lambda one: one.name.casefold()):
            self.person.addItem(f"{person.name} (@{person.handle})", person.id)
        searchable(self.person)
        self.handle = QLineEdit(self)
        self.handle.setAccessibleName(tr("The handle of who is to be erased"))
        self.handle.setPlaceholderText(tr("Type the handle to erase"))
        self.export = button(tr("Export…"), tokens=tokens, parent=self)
        self.traces = button(tr("Where the name stands"), kind="quiet", tokens=tokens, parent=self)
        self.erase = button(tr("Erase…"), tokens=tokens, parent=self)
        self.heading = label("", rank="muted", wrap=True, parent=self)
        self.heading.hide()
        self._lay_out()
        self.person.currentIndexChanged.connect(self._changed)
        self.handle.textEdited.connect(self._look)
        self.export.clicked.connect(lambda: self.export_wanted.emit(self.chosen))
        self.traces.clicked.connect(lambda: self.traces_wanted.emit(self.chosen))
        self.erase.clicked.connect(lambda: self.erase_wanted.emit(self.chosen))
        sheet.press_by_enter(self.export, self.traces, self.erase)
        self._look()

    def _lay_out(self) -> None:
        self.in_a_row((self.person, 1), (self.traces, 0), (self.export, 0))
        self.explain(tr("The export is a zip with everything there is of them."))
        self.column.addWidget(line(self))
        words = tr(
            "Erasing takes out name, handle, numbers, picture and what they wrote, for good, also earlier "
            "names; counts and times stay."
        )
        self.explain(words)
        self.in_a_row((self.handle, 1), (self.erase, 0))
        self.column.addWidget(self.heading)
        self.place_rows()

    @property
    def chosen(self) -> str:
        return self.person.currentData() or ""

    def _changed(self, *_: object) -> None:
        self.heading.hide()
        self.show_rows([], self.fresh(), "")
        self._look()

    def _look(self, *_: object) -> None:
        chosen = self._people.get(PersonId(self.chosen))
        typed = self.handle.text().strip().removeprefix("@").casefold()
        self.export.setEnabled(chosen is not None)
        self.traces.setEnabled(chosen is not None)
        self.erase.setEnabled(chosen is not None and typed == chosen.handle.casefold())

    def erased(self, person: PersonId) -> str:
        """They are nobody whom one could choose any more; what they were called."""
        gone = self._people.pop(person, None)
        self.person.removeItem(self.person.findData(person))
        self.handle.clear()
        self._look()
        return gone.name if gone is not None else ""

    def show_traces(self, traces: Sequence[Trace], erased: str = "") -> None:
        """Where others typed the name; of who was erased, called ``erased``, where a part of it is left."""
        if erased:
            words = tr(
                "A part of “{name}”, such as the first name alone, is still here. Whether it means this "
                "person, only you can see:",
                name=erased,
            )
        else:
            words = tr(
                "Others typed the name, or a part of it, here. Erasing replaces the whole name and the "
                "handle; the rest is for you to change:"
            )
        none = "" if erased else tr("Nobody else has typed this name anywhere.")
        self.heading.setText(words)
        self.heading.setVisible(bool(traces))
        new = self.fresh()
        self.show_rows([self._trace(trace, new) for trace in traces], new, none)

    def _trace(self, trace: Trace, parent: QWidget) -> QHBoxLayout:
        kind, where = trace_words(trace.where)
        if not trace.name:
            words = trn("in {n} of them", "in {n} of them", trace.count)
            return self.sheet.row(kind, [(f"{words} · {where}", False)], [], parent)
        row = self.sheet.row(trace.name, [(f"{kind} · {where}" if where else kind, False)], [], parent)
        if trace.where in RENAMED_HERE:
            field = self._new_name(trace, parent)
            row.addWidget(field, 1)
            change = button(tr("Rename"), tokens=self.tokens, parent=parent)
            change.clicked.connect(lambda: self._rename(trace, field))
            field.returnPressed.connect(change.click)
            self.sheet.press_by_enter(change)
            row.addWidget(change)
        return row

    def _new_name(self, trace: Trace, parent: QWidget) -> QLineEdit:
        field = QLineEdit(parent)
        field.setMaxLength(NAME_CHARS)
        field.setPlaceholderText(tr("New name"))
        field.setAccessibleName(tr("New name of {name}", name=trace.name))
        return field

    def _rename(self, trace: Trace, field: QLineEdit) -> None:
        if field.text().strip():
            self.name_chosen.emit(trace.where, trace.thing, field.text().strip())
