"""For whom a policy is run: for everybody of the space, or for single people whatever the others have."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.policy import CaseKind
from app.ui.escalation.pick_list import PaintFace, PickList
from app.ui.escalation.recipients_field import RecipientsField
from app.ui.i18n import tr
from app.ui.policies.choices import Choices, people_offers
from app.ui.policies.draft import Edit
from app.ui.policies.sentences import idle_words
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, label
from app.ui.widgets.switch import Switch


def saved_words(edit: Edit, idle: Sequence[int]) -> tuple[str, Tone]:
    """What storing it has changed. ``idle``: steps that reach nobody, counted from 0."""
    if not (edit.everybody or edit.people):
        said = tr("Saved. Nothing follows it yet: choose under “Run for” for whom it is run.")
    else:
        said = tr("Saved. Whatever begins from now on follows it.")
    return (tr(" ").join((said, idle_words(idle))), Tone.PROBLEM) if idle else (said, Tone.GOOD)


class RunFor(QWidget):
    """Signals:
    changed: for everybody, and for whom besides (ids of people).
    """

    changed = Signal(bool, object)

    def __init__(self, tokens: Tokens, paint_face: PaintFace, host: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._loading = False
        self._choices, self._standing = Choices(), ""
        self._edit: Edit | None = None
        self.everybody = Switch(tr("Everybody in this space"), tokens, parent=self)
        self.instead = label(size="small", rank="muted", wrap=True, parent=self)
        self.idle = Notice(tokens, self)
        self.found = PickList(tr("People"), tokens, paint_face, host)
        self.people = RecipientsField(tokens, paint_face, self.found, self)
        self.people.field.setAccessibleName(tr("Also for these people"))
        row = QHBoxLayout()
        row.setSpacing(LIGHT.spacing.m)
        self._whole = label(tr("Everybody in this space"), wrap=True, parent=self)
        row.addWidget(self._whole, 1)
        row.addWidget(self.everybody)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.xs + 2)
        column.addLayout(row)
        column.addWidget(self.instead)
        column.addSpacing(LIGHT.spacing.xs)
        words = tr("These people, whatever is run for the others")
        self._people_words = label(words, size="small", rank="muted", parent=self)
        column.addWidget(self._people_words)
        column.addWidget(self.people)
        column.addWidget(self.idle)
        self.everybody.toggled.connect(self._tell)
        self.people.changed.connect(self._tell)

    def set_choices(self, choices: Choices, standing: str) -> None:
        """``standing``: name of the policy that is run for everybody now; empty if it is this one."""
        self._choices, self._standing = choices, standing

    def show_edit(self, edit: Edit, idle: Sequence[int]) -> None:
        """Nobody is told. ``idle``: steps that reach nobody, counted from 0."""
        self._loading = True
        self._edit = edit
        lines = edit.policy.kind is CaseKind.LINE
        words = (
            tr("All lines that have no escalation of their own") if lines else tr("Everybody in this space")
        )
        self._whole.setText(words)
        self.everybody.setAccessibleName(words)
        named: tuple[QWidget, ...] = (self._people_words, self.people)
        for part in named:
            part.setVisible(not lines)  # a customer's text is nobody's of the space
        self.everybody.setChecked(edit.everybody)
        instead = tr("Instead of “{name}”, which is run now.", name=self._standing)
        self.instead.setText(instead if edit.everybody and self._standing else "")
        self.instead.setVisible(bool(self.instead.text()))
        self.people.set_offers(people_offers(self._choices, edit.people))
        self.people.show_chosen(f"p:{person}" for person in edit.people)
        self.idle.say(idle_words(idle) if edit.everybody or edit.people else "", Tone.PROBLEM)
        self._loading = False

    def set_tokens(self, tokens: Tokens) -> None:
        self.everybody.set_tokens(tokens)
        self.people.set_tokens(tokens)
        self.idle.set_tokens(tokens)

    def _tell(self) -> None:
        if not self._loading:
            people = tuple(offer.person.id for offer in self.people.chosen if offer.person is not None)
            self.changed.emit(self.everybody.isChecked(), people)
