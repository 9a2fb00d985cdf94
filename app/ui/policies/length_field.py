"""A field for a length of time: a number and its unit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QWidget

from app.core.policy_rules import LONGEST
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT
from app.ui.widgets.fields import call

UNITS = (3600, 60, 1)
"""s"""
NUMBER_PX = 72


def number_field(name: str, least: int, most: int, parent: QWidget) -> QSpinBox:
    """A number that is typed, or changed with the arrow keys."""
    made = QSpinBox(parent)
    made.setRange(least, most)
    made.lineEdit().setTextMargins(8, 0, 8, 0)
    made.setFixedWidth(NUMBER_PX)
    made.setAccessibleName(name)
    return made


class LengthField(QWidget):
    """Args:
        name: what is that long, for screen readers.
        least: s

    Signals:
        changed: the length in s.
    """

    changed = Signal(float)

    def __init__(self, name: str, least: float = 0.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least = least
        self._loading = False
        self.number = number_field(name, 0, round(LONGEST), self)
        self.unit = QComboBox(self)
        call(self.unit, tr("{name}: unit", name=name))
        for seconds, words in ((1, tr("seconds")), (60, tr("minutes")), (3600, tr("hours"))):
            self.unit.addItem(words, seconds)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(LIGHT.spacing.s)
        row.addWidget(self.number)
        row.addWidget(self.unit)
        self.setFocusProxy(self.number)
        self.number.valueChanged.connect(self._told)
        self.unit.currentIndexChanged.connect(self._unit_chosen)
        self.set_value(least)

    @property
    def value(self) -> float:
        """s"""
        return float(self.number.value() * self._unit)

    @property
    def _unit(self) -> int:
        return int(self.unit.currentData())

    def set_value(self, seconds: float) -> None:
        """Show this length, in the largest unit that it is a whole number of; nobody is told."""
        if seconds == self.value and self.number.minimum() * self._unit >= self._least:
            return  # 60 s stay 60 s while one types
        whole = round(seconds)
        unit = next((u for u in UNITS if whole and whole % u == 0 and (u > 1 or whole < u * 60)), 1)
        if unit == 60 and whole < 120:
            unit = 1
        self._loading = True
        self.unit.setCurrentIndex(self.unit.findData(unit))
        self._limit()
        self.number.setValue(whole // unit)
        self._loading = False

    def _limit(self) -> None:
        unit = self._unit
        self.number.setRange(-round(-self._least // unit), round(LONGEST) // unit)

    def _unit_chosen(self) -> None:
        if not self._loading:
            self._limit()
            self._told()

    def _told(self) -> None:
        if not self._loading:
            self.changed.emit(self.value)
