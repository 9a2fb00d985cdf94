"""How long each kind of data is kept."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from app.core.privacy import MOST_DAYS, Kept
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.policies.length_field import number_field
from app.ui.privacy.part import Part
from app.ui.privacy.words import kind_words, where_words
from app.ui.theme.tokens import Tokens

DAYS_WIDTH = 128
"""px"""


class RetentionPart(Part):
    """Signals:
    days_chosen: a kind of data and the days; 0 for ever.
    """

    days_chosen = Signal(str, int)

    def __init__(self, sheet: ListSheet, tokens: Tokens) -> None:
        super().__init__(sheet, tokens)
        self.days: dict[Kept, QSpinBox] = {}
        self.explain(where_words())
        self.place_rows()

    def show_days(self, days: Mapping[Kept, int | None]) -> None:
        new = self.fresh()
        self.days = {}
        rows = [self._kind(kind, days[kind], new) for kind in Kept if kind in days]
        self.show_rows(rows, new, "")

    def _kind(self, kind: Kept, days: int | None, parent: QWidget) -> QHBoxLayout:
        name, words = kind_words(kind)
        row = self.sheet.row(name, [(words, False)], [], parent)
        box = number_field(tr("Days for which {kind} are kept", kind=name), 0, MOST_DAYS, parent)
        box.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box.setGroupSeparatorShown(True)
        box.setFixedWidth(DAYS_WIDTH)
        box.setSpecialValueText(tr("for ever"))
        box.setSuffix(tr(" days"))
        box.setValue(days or 0)
        box.setKeyboardTracking(False)
        box.editingFinished.connect(lambda: self._chosen(kind, box, days or 0))
        row.addWidget(box, 0, Qt.AlignmentFlag.AlignVCenter)
        self.days[kind] = box
        return row

    def _chosen(self, kind: Kept, box: QSpinBox, before: int) -> None:
        if box.value() != before:
            self.days_chosen.emit(kind, box.value())
