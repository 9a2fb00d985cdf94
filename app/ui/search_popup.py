"""What the search in the top bar finds: people at once, messages a moment later."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.models.conversations import FoundRow
from app.ui.models.people import Heading, PersonRow
from app.ui.models.rows import RowModel
from app.ui.panels.chat_rows import FoundDelegate
from app.ui.panels.look import Look
from app.ui.panels.people_rows import ROW_PX, PeopleDelegate
from app.ui.panels.rows_view import HEADING_PX, RowAction, RowDelegate, RowsView
from app.ui.widgets.floating import FloatingCard

WIDTH = 420
MOST_PX = 420
PAD = 6
PAUSE_MS = 250
AnyFound = PersonRow | FoundRow | Heading


class FoundAll(RowModel[AnyFound]):
    """People and messages, each under a heading."""


class _Delegate(RowDelegate):
    """People and messages as their own lists show them, without buttons."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(look, parent)
        self._people = PeopleDelegate(look, parent)
        self._messages = FoundDelegate(look, parent)

    def actions(self, row: object) -> tuple[RowAction, ...]:
        return ()

    def height(self, row: object, width: int) -> int:
        return ROW_PX if isinstance(row, PersonRow) else self._messages.height(row, width)

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        painted = self._people if isinstance(row, PersonRow) else self._messages
        painted.paint_row(painter, rect, row, right)


class SearchPopup(FloatingCard):
    """Shown below the search field while something is typed there. The field keeps the keyboard.

    Signals:
        searched: what to look for; answer with :meth:`show_people` and :meth:`show_messages`.
        messages_wanted: the same, once typing pauses.
        person_chosen, message_chosen: with the key.
    """

    searched = Signal(str)
    messages_wanted = Signal(str)
    person_chosen = Signal(str)
    message_chosen = Signal(str)

    def __init__(self, field: QLineEdit, look: Look, host: QWidget) -> None:
        super().__init__(look.theme.tokens, host)
        self._field, self._host = field, host
        self._people: tuple[PersonRow, ...] = ()
        self._messages: tuple[FoundRow, ...] = ()
        self.model = FoundAll(self)
        self.view = RowsView(look, self)
        self.view.setAccessibleName(tr("Found"))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.use(_Delegate(look, self.view))
        self.view.setModel(self.model)
        self.view.opened.connect(self._open)
        self._look = look
        look.changed.connect(self._follow_look)
        box = QVBoxLayout(self)
        box.setContentsMargins(*([PAD] * 4))
        box.addWidget(self.view)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(lambda: self.messages_wanted.emit(self.text()))
        field.textChanged.connect(self._typed)
        field.installEventFilter(self)
        self.hide()

    def _follow_look(self) -> None:
        self.set_tokens(self._look.theme.tokens)

    def text(self) -> str:
        return self._field.text().strip()

    def show_people(self, people: tuple[PersonRow, ...]) -> None:
        self._people = people
        self._show()

    def show_messages(self, messages: tuple[FoundRow, ...]) -> None:
        self._messages = messages
        self._show()

    def _typed(self) -> None:
        self._messages = ()
        if not self.text():
            self._pause.stop()
            self.hide()
            return
        self.searched.emit(self.text())
        self._pause.start()

    def _show(self) -> None:
        rows: list[AnyFound] = []
        if self._people:
            rows += [Heading("#people", tr("People")), *self._people]
        if self._messages:
            rows += [Heading("#messages", tr("Messages")), *self._messages]
        if not rows:
            rows = [Heading("#none", tr("Nothing found"))]
        self.model.show(rows)
        if not self.view.currentIndex().isValid():
            self._step(1)
        self._place(rows)
        self.setVisible(bool(self.text()))
        self.raise_()

    def _place(self, rows: list[AnyFound]) -> None:
        heights = [HEADING_PX if isinstance(r, Heading) else ROW_PX + 6 for r in rows]
        height = min(sum(heights), MOST_PX) + 2 * PAD
        below = self._field.mapTo(self._host, QPoint(self._field.width(), self._field.height() + 6))
        self.setGeometry(max(0, below.x() - WIDTH), below.y(), WIDTH, height)

    def _open(self, key: str) -> None:
        row = self.model.row(self.model.index_of(key))
        self._field.clear()
        self.hide()
        if isinstance(row, PersonRow):
            self.person_chosen.emit(key)
        elif isinstance(row, FoundRow):
            self.message_chosen.emit(key)

    def _step(self, by: int) -> None:
        at, count = self.view.currentIndex().row() + by, self.model.rowCount()
        while 0 <= at < count and isinstance(self.model.rows[at], Heading):
            at += by
        if 0 <= at < count:
            self.view.setCurrentIndex(self.model.index(at, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field and self.isVisible():
            if event.type() is QEvent.Type.FocusOut:
                QTimer.singleShot(200, self, self.hide)  # a click on a row comes first
            elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
                return self._key(event)
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._step(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            key = self.view.current_key()
            if key is not None:
                self._open(key)
        elif event.key() == Qt.Key.Key_Escape:
            self._field.clear()
        else:
            return False
        return True
