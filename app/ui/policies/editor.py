"""One policy: its name, its steps as sentences, what happens after them, and for whom it is run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as altered

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.limits import NAME_CHARS
from app.core.model import PersonId, Recipients
from app.core.policy import STEPS, CaseKind, Policy, PolicyStep, Reached, Text
from app.core.policy import Notify as NotifyStep
from app.core.policy_rules import Flaw, FlawKind, flaws, idle_steps
from app.ui.escalation.pick_list import PaintFace
from app.ui.i18n import tr
from app.ui.policies.after_steps import AfterSteps
from app.ui.policies.choices import Choices
from app.ui.policies.draft import Draft, replace
from app.ui.policies.policy_rows import policy_name
from app.ui.policies.run_for import RunFor
from app.ui.policies.sentences import flaw_words, kind_words, step_sentence
from app.ui.policies.step_list import ShownStep, StepList
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import button, icon_button, label, line
from app.ui.widgets.buttons import recolour
from app.ui.widgets.fields import call

NEXT_AFTER = 120.0
"""s that a step waits that was just added after another one; the first waits half of it."""


class PolicyEditor(QWidget):
    """Shows a :class:`Draft` and changes it.

    Args:
        host: what lists of offers may cover.

    Signals:
        edited: the draft is another one.
        copy_wanted: the built-in policy that is shown is to be copied.
    """

    edited = Signal()
    copy_wanted = Signal()

    def __init__(self, tokens: Tokens, paint_face: PaintFace, host: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._draft: Draft | None = None
        self._choices, self._others = Choices(), tuple[str, ...]()
        self._editable = True
        self.name = QLineEdit(self)
        self.name.setMaxLength(NAME_CHARS)
        self.name.setAccessibleName(tr("Name of the policy"))
        self.name.setPlaceholderText(tr("Name of the policy"))
        self.kind = QComboBox(self)
        call(self.kind, tr("What it is about"))
        for kind in CaseKind:
            self.kind.addItem(kind_words(kind), kind)
        self.kind_words = label(rank="muted", parent=self)
        self.undo_button = icon_button("undo", tr("Undo"), tokens=tokens, parent=self)
        self.redo_button = icon_button("redo", tr("Redo"), tokens=tokens, parent=self)
        self.built_in = label(rank="muted", wrap=True, parent=self)
        self.copy_button = button(tr("Make a copy to change"), kind="primary", tokens=tokens, parent=self)
        self.steps = StepList(tokens, paint_face, host, self)
        self.whole = label(size="small", weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.after = AfterSteps(tokens, self)
        self.run_for = RunFor(tokens, paint_face, host, self)
        self._buttons = (self.undo_button, self.redo_button, self.copy_button)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        space = LIGHT.spacing
        top = QHBoxLayout()
        top.setSpacing(space.s)
        top.addWidget(self.name, 1)
        top.addWidget(self.kind)
        top.addWidget(self.kind_words)
        top.addWidget(self.undo_button)
        top.addWidget(self.redo_button)
        copy = QHBoxLayout()
        copy.addWidget(self.built_in, 1)
        copy.addWidget(self.copy_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(space.m)
        column.addLayout(top)
        column.addLayout(copy)
        for part in (
            self._heading(tr("Steps")),
            self.steps,
            self.whole,
            line(self),
            self._heading(tr("After that")),
            self.after,
        ):
            column.addWidget(part)
        self._last = (line(self), self._heading(tr("Run for")), self.run_for)
        for shown in self._last:
            column.addWidget(shown)
        column.addStretch(1)

    def _heading(self, words: str) -> QWidget:
        return label(words, size="small", weight=LIGHT.type.bold, rank="muted", parent=self)

    def _connect(self) -> None:
        self.name.textEdited.connect(self._rename)
        self.kind.activated.connect(self._turn)
        self.undo_button.clicked.connect(self.undo)
        self.redo_button.clicked.connect(self.redo)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.steps.edited.connect(self._edit_step)
        self.steps.moved.connect(self._move_step)
        self.steps.removed.connect(self._remove_step)
        self.steps.added.connect(self._add_step)
        self.after.changed.connect(self._set_policy)
        self.run_for.changed.connect(self._set_run_for)
        context = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, act in (
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, self.redo),
        ):
            shortcut = QShortcut(QKeySequence(keys), self, context=context)
            shortcut.activated.connect(act)

    # What is shown

    def show_draft(self, draft: Draft | None, *, editable: bool) -> None:
        """Another policy; a built-in one can be read only."""
        self.steps.open_step(None)
        self._draft, self._editable = draft, editable
        self.refresh()

    def set_choices(self, choices: Choices, others: Iterable[str], standing: str) -> None:
        """The space as it is now.

        Args:
            others: names of the other policies of this kind; standing: of the one that is run for everybody.
        """
        self._choices, self._others = choices, tuple(others)
        self.run_for.set_choices(choices, standing)
        self.refresh()

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """Everything that is wrong or odd."""
        if self._draft is None:
            return ()
        return flaws(self._draft.policy, self._choices.known(self._others))

    def refresh(self) -> None:
        """Show the draft as it is now."""
        draft, editable = self._draft, self._editable
        if draft is None:
            return
        policy, found = draft.policy, self.flaws if editable else ()
        shown_name = policy.name if editable else policy_name(policy)
        if self.name.text() != shown_name:
            self.name.setText(shown_name)
        self.name.setReadOnly(not editable)
        fresh = draft.stored is None and editable
        self.kind.setVisible(fresh)
        self.kind.setCurrentIndex(self.kind.findData(policy.kind))
        self.kind_words.setText(kind_words(policy.kind))
        self.kind_words.setVisible(not fresh)
        self.built_in.setText(tr("This is the standard; it is run where no other policy is chosen."))
        for part in (self.built_in, self.copy_button):
            part.setVisible(not editable)
        for made, can in ((self.undo_button, draft.can_undo), (self.redo_button, draft.can_redo)):
            made.setVisible(editable)
            made.setEnabled(can)
        self.steps.fields.set_kind(policy.kind)
        self.steps.show_steps(self._shown_steps(policy, found), self._choices, editable=editable)
        self.steps.add_button.setEnabled(len(policy.steps) < STEPS)
        self._say_whole(found)
        trouble = next((f for f in found if f.kind is FlawKind.NO_ANSWER), None)
        words = flaw_words(self._choices.names, trouble) if trouble else ""
        self.after.show_policy(policy, words, editable=editable)
        for shown in self._last:
            shown.setVisible(editable)
        self.run_for.show_edit(draft.now, idle_steps(policy, self._choices.known()))

    def _shown_steps(self, policy: Policy, found: Iterable[Flaw]) -> list[ShownStep]:
        names, every = self._choices.names, tuple(found)
        shown = []
        for number, step in enumerate(policy.steps):
            mine = [flaw for flaw in every if flaw.step == number]
            shown.append(
                ShownStep(
                    step,
                    step_sentence(names, step, number),
                    tuple(flaw_words(names, flaw) for flaw in mine if flaw.wrong),
                    tuple(flaw_words(names, flaw) for flaw in mine if not flaw.wrong),
                )
            )
        return shown

    def _say_whole(self, found: Iterable[Flaw]) -> None:
        names = self._choices.names
        told = [flaw_words(names, f) for f in found if f.step is None and f.kind is not FlawKind.NO_ANSWER]
        self.whole.setText("\n".join(told))
        self.whole.setVisible(bool(told))

    def set_tokens(self, tokens: Tokens) -> None:
        for part in (self.steps, self.after, self.run_for):
            part.set_tokens(tokens)
        for made in self._buttons:
            recolour(made, tokens)

    def show_trouble(self) -> None:
        """The keyboard goes to the first thing that is wrong."""
        found = next((flaw for flaw in self.flaws if flaw.wrong), None)
        if found is None:
            return
        if found.step is not None:
            self.steps.open_step(found.step)
            self.steps.fields.focus(whom=found.kind is not FlawKind.DELAY)
        elif found.kind in (FlawKind.NO_NAME, FlawKind.NAME_TAKEN):
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    # What is changed

    def undo(self) -> None:
        if self._draft is not None and self._editable:
            self._draft.undo()
            self._told()

    def redo(self) -> None:
        if self._draft is not None and self._editable:
            self._draft.redo()
            self._told()

    def _told(self) -> None:
        self.refresh()
        self.edited.emit()

    def _rename(self, name: str) -> None:
        if self._draft is not None:
            self._draft.set_policy(replace(self._draft.policy, name=name), "name")
            self._told()

    def _turn(self) -> None:
        if self._draft is not None:
            self._set_policy(replace(self._draft.policy, kind=self.kind.currentData()))

    def _set_policy(self, policy: Policy, same: str = "") -> None:
        if self._draft is not None and self._draft.set_policy(policy, same):
            self._told()

    def _set_run_for(self, everybody: bool, people: tuple[PersonId, ...]) -> None:
        if self._draft is not None:
            self._draft.become(altered(self._draft.now, everybody=everybody, people=people))
            self._told()

    def _edit_step(self, at: int, step: PolicyStep, what: str) -> None:
        if self._draft is not None and self._draft.set_step(at, step, what):
            self._told()

    def _move_step(self, at: int, to: int) -> None:
        if self._draft is not None and self._draft.move_step(at, to):
            self._told()

    def _remove_step(self, at: int) -> None:
        if self._draft is not None:
            self._draft.remove_step(at)
            self._told()

    def _add_step(self, at: int) -> None:
        """A step that calls whoever is chosen next."""
        if self._draft is None or len(self._draft.policy.steps) >= STEPS:
            return
        after = NEXT_AFTER if at else NEXT_AFTER / 2
        line_first = self._draft.policy.kind is CaseKind.LINE
        action = Text(Reached()) if line_first else NotifyStep(Recipients())
        self._draft.add_step(at, PolicyStep(after, action))
        self._told()
        self.steps.open_step(at, focus=True)
