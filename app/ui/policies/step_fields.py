"""What can be changed of one step: when, what, whom. It opens below the step's sentence."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from app.core.policy import Action, CaseKind, Forward, PolicyStep, Post, Repeat
from app.core.policy_rules import ACTIONS, LEAST_EVERY, MOST_TIMES
from app.ui.escalation.pick_list import PaintFace, PickList
from app.ui.escalation.recipients_field import RecipientsField
from app.ui.i18n import tr, tr_template
from app.ui.policies.choices import ACTION_WORDS, Choices, chosen_keys, step_offers, turned_into, with_chosen
from app.ui.policies.length_field import LengthField, number_field
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import label
from app.ui.widgets.fields import call


class StepFields(QWidget):
    """One for the whole editor: it goes to the step that is open.

    Args:
        host: what the list of offers may cover.

    Signals:
        changed: the step as it is now, and which part of it was changed.
    """

    changed = Signal(object, str)

    def __init__(self, tokens: Tokens, paint_face: PaintFace, host: QWidget) -> None:
        super().__init__(host)
        self._loading = False
        self._kind: CaseKind | None = None
        self._choices = Choices()
        self._step = PolicyStep(0.0, Repeat(60.0, 1))
        self.after = LengthField(tr("Wait"), parent=self)
        self.action = QComboBox(self)
        call(self.action, tr("What is done"))
        self.found = PickList(tr("People, groups and contacts"), tokens, paint_face, host)
        self.to = RecipientsField(tokens, paint_face, self.found, self)
        self.every = LengthField(tr("Every"), LEAST_EVERY, self)
        self.times = number_field(tr("Times"), 1, MOST_TIMES, self)
        self._lay_out()
        self.after.changed.connect(lambda _s: self._changed("after"))
        self.every.changed.connect(lambda _s: self._changed("every"))
        self.times.valueChanged.connect(lambda _n: self._changed("times"))
        self.to.changed.connect(lambda: self._changed(""))
        self.action.activated.connect(self._turn)
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, LIGHT.spacing.xs, 0, LIGHT.spacing.xs)
        grid.setHorizontalSpacing(LIGHT.spacing.m)
        grid.setVerticalSpacing(LIGHT.spacing.s)
        grid.setColumnStretch(1, 1)
        self._whom = self._name(grid, 2, tr("Whom"), self.to)
        self._name(grid, 0, tr("Wait"), self._left(self.after))
        self._name(grid, 1, tr("Then"), self.action)
        times = QHBoxLayout()
        times.setSpacing(LIGHT.spacing.s)
        times.addWidget(self.times)
        self._times_words = label(tr("times"), parent=self)
        times.addWidget(self._times_words)
        times.addStretch(1)
        self._every = self._name(grid, 3, tr("Every"), self._left(self.every))
        self._times = self._name(grid, 4, tr("Repeat"), times)

    def _name(self, grid: QGridLayout, row: int, words: str, field: QWidget | QHBoxLayout) -> QLabel:
        made = label(words, size="small", rank="muted", parent=self)
        grid.addWidget(made, row, 0, Qt.AlignmentFlag.AlignVCenter)
        if isinstance(field, QWidget):
            grid.addWidget(field, row, 1)
        else:
            grid.addLayout(field, row, 1)
        return made

    @staticmethod
    def _left(field: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(field)
        row.addStretch(1)
        return row

    # What goes in

    def set_kind(self, kind: CaseKind) -> None:
        """Offer what a policy of this kind can do."""
        if kind is not self._kind:
            self._kind = kind
            self.action.clear()
            for action in ACTIONS[kind]:
                self.action.addItem(tr_template(ACTION_WORDS[action], {}), action)

    def show_step(self, step: PolicyStep, choices: Choices) -> None:
        """Nobody is told."""
        self._loading = True
        self._step, self._choices = step, choices
        self.after.set_value(step.after)
        self.action.setCurrentIndex(self.action.findData(type(step.action)))
        repeat = step.action if isinstance(step.action, Repeat) else None
        if repeat is not None:
            self.every.set_value(repeat.every)
            _set(self.times, repeat.times)
        self.to.nothing = tr("There are none yet: add one with “Contacts…”")
        self.to.set_offers(step_offers(choices, step.action))
        self.to.show_chosen(chosen_keys(step.action))
        named: tuple[QWidget, ...] = (self.to, self._whom)
        repeated: tuple[QWidget, ...] = (self.every, self._every, self.times, self._times, self._times_words)
        for part in named:
            part.setVisible(repeat is None)
        for part in repeated:
            part.setVisible(repeat is not None)
        self._loading = False

    def set_tokens(self, tokens: Tokens) -> None:
        self.to.set_tokens(tokens)

    def focus(self, *, whom: bool) -> None:
        """The keyboard goes to what is asked for first; ``whom``: to who is reached."""
        field: QWidget = self.to.field if whom and self.to.isVisibleTo(self) else self.after.number
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    # What comes out

    def _turn(self) -> None:
        kind: type[Action] = self.action.currentData()
        if kind is not type(self._step.action):
            self._tell(PolicyStep(self.after.value, turned_into(self._step.action, kind)), "")

    def _changed(self, what: str) -> None:
        if self._loading:
            return
        action = self._step.action
        if isinstance(action, Repeat):
            action = Repeat(self.every.value, self.times.value())
        else:
            chosen = self.to.chosen
            if isinstance(action, Forward | Post):
                chosen = chosen[-1:]
            action = with_chosen(action, chosen)
        self._tell(PolicyStep(self.after.value, action), what)

    def _tell(self, step: PolicyStep, what: str) -> None:
        if step != self._step:
            self._step = step
            self.changed.emit(step, what)


def _set(field: QSpinBox, number: int) -> None:
    if field.value() != number:
        field.setValue(number)
