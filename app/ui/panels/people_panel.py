"""Everybody of the space: find somebody, chat, approach, show on the map."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.i18n import tr
from app.ui.models.people import PeopleModel
from app.ui.panels.look import Look
from app.ui.panels.parts import EmptyOr, search_field
from app.ui.panels.people_rows import PeopleDelegate
from app.ui.panels.rows_view import RowsView


class PeoplePanel(QWidget):
    """Signals:
    chosen: a person was opened (chat with them).
    acted: the person's id and ``chat``, ``approach`` or ``locate``.
    search_changed: what is typed into the search.
    """

    chosen = Signal(str)
    acted = Signal(str, str)
    search_changed = Signal(str)

    def __init__(self, model: PeopleModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.search = search_field(tr("Find somebody"), look, self)
        self.search.textChanged.connect(self.search_changed)
        self.view = RowsView(look, self)
        self.view.setAccessibleName(tr("People"))
        self.delegate = PeopleDelegate(look, self.view)
        self.view.use(self.delegate)
        self.view.setModel(model)
        self.view.opened.connect(self.chosen)
        self.view.acted.connect(self.acted)
        pages = EmptyOr(self.view, model, look, ("people", tr("Nobody found"), ""), self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 0)
        box.setSpacing(4)
        inset = QVBoxLayout()
        inset.setContentsMargins(12, 0, 12, 0)
        inset.addWidget(self.search)
        box.addLayout(inset)
        box.addWidget(pages, 1)
        self.setFocusProxy(self.view)

    def point_at(self, person: str) -> None:
        """Show somebody's row among all, and have it chosen."""
        self.search.clear()
        self.view.setCurrentIndex(self._model.index_of(person))

    def set_in_room(self, inside: bool) -> None:
        """One cannot approach anybody from inside a meeting room."""
        self.delegate.in_room = inside
        self.view.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.search.hasFocus() and event.key() == Qt.Key.Key_Down:
            self.view.setFocus(Qt.FocusReason.TabFocusReason)
            return
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
            return
        super().keyPressEvent(event)
