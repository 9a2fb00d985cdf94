"""What a policy says besides its steps: how often they are run, what counts as an answer, who has to come."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.core.policy import ROUNDS, AnswerWay, Policy
from app.core.policy_rules import LEAST_COMING, WAYS
from app.ui.i18n import tr, tr_template
from app.ui.policies.draft import replace
from app.ui.policies.length_field import LengthField, number_field
from app.ui.policies.sentences import WAY_WORDS, again_sentence, come_sentence
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import label
from app.ui.widgets.switch import Switch

USUAL = 300.0
"""s to come in, where it is switched on."""


class AfterSteps(QWidget):
    """Signals:
    changed: the policy as it is now, and which part of it was changed.
    """

    changed = Signal(object, str)

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self._loading = False
        self._policy: Policy | None = None
        self.again = number_field(tr("Times that all steps are run again"), 0, ROUNDS, self)
        self.back = Switch(tr("It starts once more if nobody comes"), tokens, parent=self)
        self.within = LengthField(tr("Time to come in"), LEAST_COMING, self)
        self.again_words = label(size="small", rank="muted", wrap=True, parent=self)
        self.back_words = label(size="small", rank="muted", wrap=True, parent=self)
        self.ways = {way: QCheckBox(tr_template(WAY_WORDS[way], {}), self) for way in AnswerWay}
        self.ways_trouble = label(size="small", weight=LIGHT.type.semibold, wrap=True, parent=self)
        self._lay_out()
        self.again.valueChanged.connect(lambda _n: self._changed("again"))
        self.back.toggled.connect(lambda _on: self._changed(""))
        self.within.changed.connect(lambda _s: self._changed("within"))
        for box in self.ways.values():
            box.toggled.connect(lambda _on: self._changed(""))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.s)
        again = QHBoxLayout()
        again.setSpacing(LIGHT.spacing.m)
        again.addWidget(label(tr("Run all steps again"), parent=self), 1)
        again.addWidget(self.again)
        again.addWidget(label(tr("times"), parent=self))
        column.addLayout(again)
        column.addWidget(self.again_words)
        column.addSpacing(LIGHT.spacing.xs)
        back = QHBoxLayout()
        back.setSpacing(LIGHT.spacing.m)
        back.addWidget(label(tr("Start once more if nobody comes within"), wrap=True, parent=self), 1)
        back.addWidget(self.within)
        back.addWidget(self.back)
        column.addLayout(back)
        column.addWidget(self.back_words)
        column.addSpacing(LIGHT.spacing.xs)
        column.addWidget(label(tr("What counts as an answer"), parent=self))
        grid = QGridLayout()
        grid.setHorizontalSpacing(LIGHT.spacing.l)
        grid.setVerticalSpacing(LIGHT.spacing.xs)
        for number, box in enumerate(self.ways.values()):
            grid.addWidget(box, number, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(grid)
        column.addWidget(self.ways_trouble)

    def show_policy(self, policy: Policy, ways_trouble: str, *, editable: bool) -> None:
        """Nobody is told."""
        self._loading = True
        self._policy = policy
        if self.again.value() != policy.again:
            self.again.setValue(policy.again)
        self.back.setChecked(policy.come_within is not None)
        self.within.set_value(policy.come_within or USUAL)
        for way, box in self.ways.items():
            box.setVisible(way in WAYS[policy.kind])
            box.setChecked(way in policy.answers)
            box.setEnabled(editable)
        self.again.setEnabled(editable)
        self.back.setEnabled(editable)
        self.within.setEnabled(editable and policy.come_within is not None)
        self.again_words.setText(again_sentence(policy))
        self.back_words.setText(come_sentence(policy))
        self.ways_trouble.setText(ways_trouble)
        self.ways_trouble.setVisible(bool(ways_trouble))
        self._loading = False

    def set_tokens(self, tokens: Tokens) -> None:
        self.back.set_tokens(tokens)

    def _changed(self, what: str) -> None:
        if self._loading or self._policy is None:
            return
        mine = WAYS[self._policy.kind]
        wanted = {way for way in mine if self.ways[way].isChecked()}
        # Ways that an alert of this kind cannot be answered in stay as they are.
        answers = tuple(way for way in AnswerWay if (way in wanted if way in mine else way in self._answers))
        within = self.within.value if self.back.isChecked() else None
        policy = replace(self._policy, again=self.again.value(), answers=answers, come_within=within)
        self.changed.emit(policy, what)

    @property
    def _answers(self) -> tuple[AnswerWay, ...]:
        return self._policy.answers if self._policy else ()
