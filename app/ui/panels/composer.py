"""Where a message is written: ``@`` offers, whom it will reach, whether it calls them, Enter sends."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.core.limits import CHAT_CHARS
from app.core.model import PersonId
from app.core.space import SpaceState
from app.ui.i18n import tr
from app.ui.models.candidates import CandidatesModel, candidates, typed_mention
from app.ui.models.messages import mention_spans
from app.ui.panels.chat_rows import CandidatesDelegate
from app.ui.panels.look import Look
from app.ui.panels.parts import COMPACT, follow_theme, picture_button, text_area
from app.ui.panels.rows_view import RowsView
from app.ui.shortcuts import PRIORITY_KEYS, native
from app.ui.theme.fonts import font
from app.ui.widgets import button, card, label, tooltip
from app.ui.widgets.buttons import Kind, set_kind

MOST_LINES = 6
OFFERS_SEEN = 6
Source = Callable[[], tuple[SpaceState, PersonId] | None]


class Composer(QWidget):
    """Args:
        source: the space and who writes; ``None`` while signed out, or where nobody can be mentioned.
        limit: characters.

    Signals:
        sent: the text; clear the field with :meth:`clear` when it is taken.
        edited: the text, each time it changes.
        left: Esc was pressed and there was nothing else to close.
    """

    sent = Signal(str)
    edited = Signal(str)
    left = Signal()

    def __init__(
        self, look: Look, source: Source, parent: QWidget | None = None, limit: int = CHAT_CHARS
    ) -> None:
        super().__init__(parent)
        self._look, self._source, self._limit = look, source, limit
        self._offers = CandidatesModel(self)
        self.list = RowsView(look, self)
        self.list.setObjectName("offers")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setAccessibleName(tr("People and groups to mention"))
        self.list.use(CandidatesDelegate(look, self.list))
        self.list.setModel(self._offers)
        self.list.opened.connect(self._take)
        self._card = card(look.theme.tokens, self, floating=False)
        self._card.hide()
        self.field = text_area(self)
        self.field.setAccessibleName(tr("Message"))
        self.field.setTabChangesFocus(True)
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._changed)
        self.field.cursorPositionChanged.connect(self._offer)
        self.field.document().documentLayout().documentSizeChanged.connect(self._grow)
        self._mentions = MentionColours(self.field.document(), look, source)
        self.reach = label(size="tiny", rank="muted", wrap=True, parent=self)
        self.toggle = priority_button(look, self)
        self.toggle.toggled.connect(self._priority_toggled)
        self.button = picture_button("send", tr("Send"), look, self)
        self.button.setEnabled(False)
        self.button.clicked.connect(self._send)
        self._arrange()
        self._grow()
        self.setFocusProxy(self.field)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 4, 12, 12)
        box.setSpacing(4)
        offers = QVBoxLayout(self._card)
        offers.setContentsMargins(1, 4, 1, 4)
        offers.addWidget(self.list)
        box.addWidget(self._card)
        box.addLayout(row)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.reach, 1)
        below.addStretch()  # the toggle stays at the left where nothing is said
        box.addLayout(below)

    # What the conversation says

    def set_placeholder(self, words: str) -> None:
        self.field.setPlaceholderText(words)

    def set_reach(self, words: str) -> None:
        """Whom the message would reach, in words."""
        self.reach.setText(words)
        self.reach.setVisible(bool(words))

    # Priority

    @property
    def priority(self) -> bool:
        """The message calls those it is for."""
        return self.toggle.isChecked()

    def set_priority(self, on: bool) -> None:
        self.toggle.setChecked(on)

    def allow_priority(self, why_not: str) -> None:
        """``why_not``: the reason why the person cannot send such messages; empty when they can."""
        self.toggle.setEnabled(not why_not)
        self.toggle.setAccessibleDescription(why_not or priority_hint())
        tooltip(self.toggle, why_not or f"{priority_hint()} ({native(PRIORITY_KEYS)})")
        if why_not:
            self.toggle.setChecked(False)

    def _priority_toggled(self, on: bool) -> None:
        set_kind(self.toggle, "priority" if on else "bare", self._look.theme.tokens)
        self._show_sendable()
        self.edited.emit(self.text())

    def _show_sendable(self) -> None:
        """The button stands out as soon as there is something to send."""
        possible = bool(self.text().strip())
        self.button.setEnabled(possible)
        kind: Kind = ("priority" if self.priority else "primary") if possible else "bare"
        if self.button.property("kind") != kind:
            set_kind(self.button, kind, self._look.theme.tokens)

    def text(self) -> str:
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)

    def clear(self) -> None:
        self.field.clear()
        self.toggle.setChecked(False)

    # Typing

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._offers_key(event) or self._field_key(event)
        return super().eventFilter(watched, event)

    def _offers_key(self, event: QKeyEvent) -> bool:
        """Keys that choose among the offers while they are shown."""
        if not self._card.isVisible():
            return False
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            row = (self.list.currentIndex().row() + step) % self._offers.rowCount()
            self.list.setCurrentIndex(self._offers.index(row, 0))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            chosen = self.list.current_key()
            if chosen is not None:
                self._take(chosen)
        elif key == Qt.Key.Key_Escape:
            self._card.hide()
        else:
            return False
        return True

    def _field_key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                return False
            self._send()
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return True
        if QKeySequence(event.keyCombination()) == QKeySequence(PRIORITY_KEYS):
            self.toggle.click()
            return True
        # The @ that a new message begins with is the one that was meant.
        return event.text() == "@" and self.text() == "@"

    def _send(self) -> None:
        if self.text().strip():
            self.sent.emit(self.text())

    def _changed(self) -> None:
        text = self.text()
        if len(text) > self._limit:
            self.set_text(text[: self._limit])
            return
        self._show_sendable()
        self._offer()
        self.edited.emit(text)

    def _before_cursor(self) -> str:
        return self.text()[: self._cursor()]

    def _cursor(self) -> int:
        """The cursor in characters; Qt counts UTF-16 units."""
        units = self.field.textCursor().position()
        return len(self.text().encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))

    def _offer(self) -> None:
        typed = typed_mention(self._before_cursor())
        source = self._source()
        if typed is None or source is None:
            self._card.hide()
            return
        rows = candidates(*source, typed)
        self._offers.show(rows)
        self._card.setVisible(bool(rows))
        if rows:
            self.list.setCurrentIndex(self._offers.index(0, 0))
            self.list.setFixedHeight(min(OFFERS_SEEN, len(rows)) * 36)

    def _take(self, handle: str) -> None:
        """Write the chosen handle in place of what is typed."""
        before = self._before_cursor()
        typed = typed_mention(before)
        if typed is None:
            return
        cursor = self.field.textCursor()
        for _ in typed:
            cursor.deletePreviousChar()
        cursor.insertText(f"{handle} ")
        self._card.hide()
        self.field.setFocus()

    def _grow(self) -> None:
        """As high as the text needs, up to some lines."""
        metrics = self.field.fontMetrics()
        wanted = max(1, round(self.field.document().size().height()))
        lines = min(MOST_LINES, wanted)
        policy = Qt.ScrollBarPolicy
        self.field.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if wanted > MOST_LINES else policy.ScrollBarAlwaysOff
        )
        self.field.setFixedHeight(lines * metrics.lineSpacing() + 20)


def priority_button(look: Look, parent: QWidget) -> QPushButton:
    made = button(tr("Priority"), kind="bare", icon_name="bell", tokens=look.theme.tokens, parent=parent)
    made.setStyleSheet(COMPACT)
    made.setFont(font(12, 600))
    made.setCheckable(True)
    made.setAutoDefault(False)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard in the message
    follow_theme(made, look)
    return made


def priority_hint() -> str:
    return tr("Calls those it is for aloud, again and again, until they have read it")


class MentionColours(QSyntaxHighlighter):
    """Colours the mentions that mean somebody, while they are typed."""

    def __init__(self, document: QTextDocument, look: Look, source: Source) -> None:
        super().__init__(document)
        self._look, self._source = look, source
        look.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        source = self._source()
        if source is None or "@" not in text:
            return
        space, me = source
        looks = QTextCharFormat()
        looks.setForeground(self._look.colour("accent"))
        looks.setFontWeight(600)
        for span in mention_spans(space, space.directory, text, me):
            start = len(text[: span.start].encode("utf-16-le")) // 2
            length = len(text[span.start : span.end].encode("utf-16-le")) // 2
            self.setFormat(start, length, looks)
