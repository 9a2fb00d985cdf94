"""The steps of a policy: opened one at a time, put in another order by keys or by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from app.core.policy import PolicyStep
from app.ui.escalation.pick_list import PaintFace
from app.ui.i18n import tr
from app.ui.policies.choices import Choices
from app.ui.policies.edge_scroll import EdgeScroll
from app.ui.policies.step_fields import StepFields
from app.ui.policies.step_row import StepRow
from app.ui.theme.tokens import Tokens
from app.ui.widgets import button
from app.ui.widgets.buttons import recolour

GAP = 8
"""px between steps."""


@dataclass(frozen=True)
class ShownStep:
    """A step with its sentence, and what is wrong or odd about it."""

    step: PolicyStep
    sentence: str
    wrong: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()


class StepList(QWidget):
    """Signals:
    edited: a step's place, the step as it is now, and which part of it was changed.
    moved: from which place to which.
    removed, added: a place.
    opened: another step is open, or none.
    """

    edited = Signal(int, object, str)
    moved = Signal(int, int)
    removed = Signal(int)
    added = Signal(int)
    opened = Signal()

    def __init__(self, tokens: Tokens, paint_face: PaintFace, host: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._tokens = tokens
        self._shown: Sequence[ShownStep] = ()
        self._choices = Choices()
        self._editable = True
        self._target: int | None = None
        self.rows: list[StepRow] = []
        self.open_at: int | None = None
        self.fields = StepFields(tokens, paint_face, host)
        self.fields.changed.connect(self._edited)
        self._mark = QFrame(self)
        self._mark.setProperty("kind", "drop")
        self._mark.hide()
        self._dragged: tuple[int, QPoint] | None = None
        self._edge = EdgeScroll(self)
        self._edge.scrolled.connect(self._drag_on)
        self.add_button = button(tr("Add a step"), kind="quiet", icon_name="plus", tokens=tokens, parent=self)
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(lambda: self.added.emit(len(self.rows)))
        self._column = QVBoxLayout()
        self._column.setSpacing(GAP)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addLayout(self._column)
        whole.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    # What is shown

    def show_steps(self, shown: Sequence[ShownStep], choices: Choices, *, editable: bool) -> None:
        self._shown, self._choices, self._editable = shown, choices, editable
        if self.open_at is not None and (self.open_at >= len(shown) or not editable):
            self.open_step(None)
        while len(self.rows) > len(shown):
            row = self.rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(shown):
            self._add_row()
        for number, (row, one) in enumerate(zip(self.rows, shown, strict=True), 1):
            row.say(number, len(shown), one.sentence, one.wrong, one.odd)
            row.set_editable(editable)
        self.add_button.setVisible(editable)
        if self.open_at is not None:
            self.fields.show_step(shown[self.open_at].step, choices)

    def _add_row(self) -> None:
        row, at = StepRow(self._tokens, self), len(self.rows)
        row.opened.connect(lambda is_open: self.open_step(at if is_open else None))
        row.removed.connect(lambda: self._remove(at))
        row.head.key.connect(lambda key: self._key(at, key))
        row.head.dragged.connect(lambda where: self._drag(at, where))
        row.head.dropped.connect(lambda: self._drop(at))
        row.head.cancelled.connect(self._end_drag)
        self._column.addWidget(row)
        self.rows.append(row)
        row.show()

    def open_step(self, at: int | None, *, focus: bool = False) -> None:
        """Show the fields of one step; of none."""
        if self.open_at is not None and self.open_at < len(self.rows):
            self.rows[self.open_at].give_back(self.fields)
            self.fields.setParent(self)  # rows come and go
        self.open_at = at
        if at is None:
            self.fields.hide()
        else:
            self.fields.show_step(self._shown[at].step, self._choices)
            self.rows[at].take_fields(self.fields)
            if focus:
                self.fields.focus(whom=True)
        self.opened.emit()

    def focus_step(self, at: int) -> None:
        """The keyboard goes to a step; to the button below where there is none."""
        target: QWidget = self.rows[at].head if 0 <= at < len(self.rows) else self.add_button
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_tokens(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self.fields.set_tokens(tokens)
        recolour(self.add_button, tokens)
        for row in self.rows:
            row.set_tokens(tokens)

    # What is asked for

    def _edited(self, step: PolicyStep, what: str) -> None:
        if self.open_at is not None:
            self.edited.emit(self.open_at, step, what)

    def _key(self, at: int, key: str) -> None:
        if key in ("up", "down"):
            to = at + (1 if key == "down" else -1)
            if 0 <= to <= len(self.rows):
                self.focus_step(to)
        elif not self._editable:
            return
        elif key == "remove":
            self._remove(at)
        elif key == "add":
            self.added.emit(at + 1)
        else:
            self._move(at, at + (1 if key == "lower" else -1))

    def _remove(self, at: int) -> None:
        had_keyboard = self._has_keyboard()
        self.open_step(None)
        self.removed.emit(at)
        if had_keyboard:
            self.focus_step(min(at, len(self.rows) - 1))

    def _has_keyboard(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and self.isAncestorOf(focused)

    def _move(self, at: int, to: int) -> None:
        if not 0 <= to < len(self.rows) or at == to:
            return
        opened = self.open_at
        self.open_step(None)
        self.moved.emit(at, to)
        if opened == at:
            self.open_step(to)
        self.focus_step(to)

    # Dragging

    def _drag_on(self) -> None:
        """The pointer rests, and the list moves below it."""
        if self._dragged is not None:
            self._drag(*self._dragged)

    def _drag(self, at: int, where: QPoint) -> None:
        self._dragged = at, where
        self._edge.follow(where)
        self.rows[at].lift(True)
        y = self.mapFromGlobal(where).y()
        gap = sum(y > row.geometry().center().y() for row in self.rows)  # before which step it would stand
        self._target = gap if gap <= at else gap - 1
        above = self.rows[gap - 1].geometry().bottom() + GAP // 2 if gap else self.rows[0].y() - GAP // 2
        self._mark.setGeometry(0, max(0, above - 1), self.width(), 3)
        self._mark.raise_()
        self._mark.show()

    def _drop(self, at: int) -> None:
        target = self._target
        self._end_drag()
        if target is not None:
            self._move(at, target)

    def _end_drag(self) -> None:
        if self._dragged is not None:
            self.rows[self._dragged[0]].lift(False)
        self._target = self._dragged = None
        self._edge.stop()
        self._mark.hide()
