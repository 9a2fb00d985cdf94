"""The window of policies: the list, the editor of the chosen one, and what would happen now."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.ui.i18n import tr
from app.ui.models.rows import RowModel
from app.ui.panels.look import Look
from app.ui.panels.rows_view import RowsView
from app.ui.policies.conflict import ConflictView
from app.ui.policies.editor import PolicyEditor
from app.ui.policies.policy_rows import KindRow, PolicyDelegate, PolicyRow
from app.ui.policies.preview import PreviewPane
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import EmptyState, Notice, Tone, button, icon_button, label
from app.ui.widgets.buttons import recolour
from app.ui.widgets.focus_order import tab_on
from app.ui.widgets.placing import keep_on_screen

SIZE = (1120, 760)
SMALLEST = (520, 400)
LIST_PX = 300
NARROW = 760
"""px of width below which the list gives way to the policy that is open."""
BESIDE = 1040
"""px of width from which the preview stands beside the steps."""
PREVIEW_PX = 330


class PolicyWindow(QDialog):
    """A window of its own, so that the office stays in sight; it is shown with ``show()``.

    Args:
        may_close: asked when the window is to be closed; it closes it later itself, or never.

    Signals:
        chosen: the key of a policy of the list.
        new_wanted, contacts_wanted, delete_wanted, discard_wanted, save_wanted, test_wanted
        looked_at: the window has the person's attention.
    """

    chosen = Signal(str)
    new_wanted = Signal()
    contacts_wanted = Signal()
    delete_wanted = Signal()
    discard_wanted = Signal()
    save_wanted = Signal()
    looked_at = Signal()
    keys_wanted = Signal()

    def __init__(
        self,
        model: RowModel[KindRow | PolicyRow],
        look: Look,
        space_name: str,
        may_close: Callable[[], bool],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Escalation policies – {space}", space=space_name))
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        keep_on_screen(self)
        self._look, self._may_close = look, may_close
        tokens = look.theme.tokens
        self._left = QWidget(self)
        self._left.setFixedWidth(LIST_PX)
        self.list = RowsView(look, self._left)
        self.list.setAccessibleName(tr("Policies"))
        self.list.use(PolicyDelegate(look, self.list))
        self.list.setModel(model)
        self.new_button = button(
            tr("New policy"), kind="quiet", icon_name="plus", tokens=tokens, parent=self._left
        )
        self.contacts_button = button(
            tr("Contacts…"), kind="bare", icon_name="phone", tokens=tokens, parent=self._left
        )
        self.back_button = icon_button("chevron-left", tr("All policies"), tokens=tokens, parent=self)
        self.editor = PolicyEditor(tokens, look.paint_face, self, self)
        self.preview = PreviewPane(look, self, self)
        self.conflict = ConflictView(tokens, self)
        self.notice = Notice(tokens, self)
        self.delete_button = button(tr("Delete"), kind="bare", icon_name="trash", tokens=tokens, parent=self)
        self.state = label(size="small", rank="muted", parent=self)
        self.discard_button = button(tr("Discard changes"), tokens=tokens, parent=self)
        self.save_button = button(tr("Save"), kind="primary", tokens=tokens, parent=self)
        self._empty = EmptyState(
            "steps", tr("Choose a policy"), tr("It says what is done when nobody answers."), tokens, self
        )
        self._lay_out()
        self._connect()
        self.show_page(None)

    # Layout

    def _lay_out(self) -> None:
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 14, 0, 12)
        left.setSpacing(LIGHT.spacing.s)
        left.addWidget(self.list, 1)
        buttons = QVBoxLayout()
        buttons.setContentsMargins(12, 0, 12, 0)
        buttons.setSpacing(LIGHT.spacing.xs)
        buttons.addWidget(self.new_button)
        buttons.addWidget(self.contacts_button)
        left.addLayout(buttons)
        self.divider = QFrame(self)
        self.divider.setProperty("kind", "upright")
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._scrolled(self._edited()))
        self._pages.addWidget(self._scrolled(_padded(self.conflict)))
        foot = QHBoxLayout()
        foot.setContentsMargins(20, 8, 20, 16)
        foot.setSpacing(LIGHT.spacing.s)
        foot.addWidget(self.delete_button)
        foot.addWidget(self.state, 1, Qt.AlignmentFlag.AlignRight)
        foot.addWidget(self.discard_button)
        foot.addWidget(self.save_button)
        self._foot = QWidget(self)
        self._foot.setLayout(foot)
        told = QVBoxLayout()
        told.setContentsMargins(20, 12, 20, 0)
        told.setSpacing(LIGHT.spacing.s)
        told.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        told.addWidget(self.notice)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addLayout(told)
        right.addWidget(self._pages, 1)
        right.addWidget(self._foot)
        self._right = QWidget(self)
        self._right.setLayout(right)
        right.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(self.divider)
        row.addWidget(self._right, 1)

    def _edited(self) -> QWidget:
        both = QWidget(self)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, both)
        self._both.setContentsMargins(20, 12, 20, 12)
        self._both.setSpacing(LIGHT.spacing.xl)
        self._both.addWidget(self.editor, 1)
        self._both.addWidget(self.preview)
        return both

    def _scrolled(self, inside: QWidget) -> QScrollArea:
        made = QScrollArea(self)
        made.setWidgetResizable(True)
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setWidget(inside)
        return made

    def _connect(self) -> None:
        self.list.opened.connect(self.chosen)
        self.new_button.clicked.connect(self.new_wanted)
        self.contacts_button.clicked.connect(self.contacts_wanted)
        self.delete_button.clicked.connect(self.delete_wanted)
        self.discard_button.clicked.connect(self.discard_wanted)
        self.save_button.clicked.connect(self.save_wanted)
        self.back_button.clicked.connect(lambda: self.chosen.emit(""))
        QShortcut(QKeySequence("Ctrl+S"), self).activated.connect(self.save_wanted)
        QShortcut(QKeySequence("Ctrl+N"), self).activated.connect(self.new_wanted)
        QShortcut(QKeySequence("F1"), self).activated.connect(self.keys_wanted)
        for made in self.findChildren(QPushButton):
            made.setAutoDefault(False)
        self._look.changed.connect(self._follow_look)

    # What is shown

    def show_page(self, page: QWidget | None) -> None:
        """The editor, the conflict, or (``None``) what one can do here."""
        number = (None, self.editor, self.conflict).index(page)
        self._pages.setCurrentIndex(number)
        self._foot.setVisible(page is self.editor)
        self._place()

    @property
    def page(self) -> QWidget | None:
        """See :meth:`show_page`."""
        return (None, self.editor, self.conflict)[self._pages.currentIndex()]

    def show_state(self, words: str, *, editable: bool, changed: bool, busy: bool, stored: bool) -> None:
        """The foot: whether there is something to save, and what hinders it."""
        self.state.setText(words)
        self.save_button.setVisible(editable)
        self.save_button.setEnabled(changed and not busy)
        self.discard_button.setVisible(editable and changed)
        self.delete_button.setVisible(editable and stored)
        self._foot.setVisible(self.page is self.editor and editable)

    def say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        """Above everything; an empty one says nothing any more."""
        self.notice.say(words, tone)

    def focus_list(self, keys: Sequence[str] = ()) -> None:
        """The keyboard goes to the list, to the first of these rows that is there."""
        model = self.list.model()
        assert isinstance(model, RowModel)
        for key in keys:
            index = model.index_of(key)
            if index.isValid():
                self.list.setCurrentIndex(index)
                break
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _place(self) -> None:
        """The list beside the policy where there is room for both, else one of them."""
        narrow, opened = self.width() < NARROW, self.page is not None
        self._left.setVisible(not narrow or not opened)
        self._left.setFixedWidth(max(self.width(), 1) if narrow else LIST_PX)
        self.divider.setVisible(not narrow)
        self._right.setVisible(not narrow or opened)
        self.back_button.setVisible(narrow and opened)
        beside = self.width() >= BESIDE
        ways = QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self.preview.setMinimumWidth(PREVIEW_PX if beside else 0)
        self.preview.setMaximumWidth(PREVIEW_PX if beside else 16_777_215)

    def _follow_look(self) -> None:
        tokens = self._look.theme.tokens
        self.editor.set_tokens(tokens)
        self.conflict.set_tokens(tokens)
        self.notice.set_tokens(tokens)
        self._empty.set_tokens(tokens)
        for made in (self.new_button, self.contacts_button, self.back_button, self.delete_button):
            recolour(made, tokens)

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.looked_at.emit()

    def focusNextPrevChild(self, forward: bool) -> bool:
        return tab_on(self, forward) or super().focusNextPrevChild(forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to the list, and from there closes the window."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.page is None or self.list.hasFocus():
            self.close()
        elif self.width() < NARROW:
            self.chosen.emit("")
        else:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close():
            super().closeEvent(event)
            self.finished.emit(0)
        else:
            event.ignore()

    def reject(self) -> None:
        self.close()


def _padded(inside: QWidget) -> QWidget:
    made = QWidget()
    box = QVBoxLayout(made)
    box.setContentsMargins(20, 16, 20, 16)
    box.addWidget(inside)
    return made
