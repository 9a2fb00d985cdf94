"""What of the history is shown: time, person, group, kind, outcome, words; told when it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QDate, QLocale, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QLineEdit, QWidget

from app.core.case_questions import AlertOutcome
from app.core.model import Level
from app.core.policy import CaseKind
from app.core.report_questions import AlertFilter
from app.ui.i18n import tr, tr_template
from app.ui.panels.look import Look
from app.ui.panels.parts import search_field
from app.ui.reports.record_words import KINDS, OUTCOMES
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import FlowLayout, Switch, label
from app.ui.widgets.fields import call

TYPING_MS = 300
"""ms without a key after which what was typed is looked for."""
ALL, DAY, WEEK, MONTH, QUARTER, CHOSEN = "all", "day", "week", "month", "quarter", "chosen"
SPANS = {DAY: 0, WEEK: 6, MONTH: 29, QUARTER: 89}
"""Days before today that are shown too."""
Choices = Sequence[tuple[str, str]]
"""Id and words."""


class Filters(QWidget):
    """Signals:
    changed: read :meth:`value`.
    """

    changed = Signal()

    def __init__(self, look: Look, locale: QLocale, parent: QWidget) -> None:
        super().__init__(parent)
        self._locale = locale
        spans = [
            (WEEK, tr("Last 7 days")),
            (DAY, tr("Today")),
            (MONTH, tr("Last 30 days")),
            (QUARTER, tr("Last 90 days")),
            (ALL, tr("Any time")),
            (CHOSEN, tr("From … to …")),
        ]
        self.span = self._choice(tr("Time"), spans)
        today = QDate.currentDate()
        self.since, self.until = self._date(tr("From"), today.addDays(-6)), self._date(tr("To"), today)
        self.kind = self._choice(tr("Kind"), [("", tr("Every kind")), *_kinds()])
        outcomes = [(outcome.value, tr_template(words, {})) for outcome, words in OUTCOMES.items()]
        self.outcome = self._choice(tr("Outcome"), [("", tr("Any outcome")), *outcomes])
        self.person = self._choice(tr("Person"), [("", tr("Everybody"))])
        self.group = self._choice(tr("Group"), [("", tr("Every group"))])
        self.unanswered = Switch(tr("Unanswered only"), look.theme.tokens, parent=self)
        self.unanswered.toggled.connect(self.changed)
        self.text: QLineEdit = search_field(tr("Words in the message"), look, self)
        self.text.setFixedWidth(240)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(TYPING_MS)
        self._later.timeout.connect(self.changed)
        self.text.textChanged.connect(self._later.start)
        self.text.returnPressed.connect(self._at_once)
        self._look = look
        look.changed.connect(self._follow_look)
        self._lay_out()
        self._show_dates()

    def _follow_look(self) -> None:
        self.unanswered.set_tokens(self._look.theme.tokens)

    def _choice(self, name: str, options: Choices) -> QComboBox:
        box = QComboBox(self)
        call(box, name)
        box.setMaximumWidth(220)
        for key, words in options:
            box.addItem(words, key)
        box.activated.connect(self._chosen)
        return box

    def _date(self, name: str, day: QDate) -> QDateEdit:
        field = QDateEdit(day, self)
        field.setAccessibleName(name)
        field.setCalendarPopup(True)
        field.setLocale(self._locale)
        field.setDisplayFormat(_whole_year(self._locale))
        field.dateChanged.connect(self.changed)
        return field

    def _lay_out(self) -> None:
        flow = FlowLayout(self, spacing=LIGHT.spacing.s)
        self._dates = QWidget(self)
        dates = QHBoxLayout(self._dates)
        dates.setContentsMargins(0, 0, 0, 0)
        dates.setSpacing(LIGHT.spacing.s)
        dates.addWidget(self.since)
        dates.addWidget(label(tr("to"), rank="muted", parent=self._dates))
        dates.addWidget(self.until)
        for part in (
            self.span,
            self._dates,
            self.kind,
            self.outcome,
            self.person,
            self.group,
            self.text,
            self._with_words(self.unanswered, tr("Unanswered only")),
        ):
            flow.addWidget(part)

    def _with_words(self, switch: Switch, words: str) -> QWidget:
        both = QWidget(self)
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 6, 0, 0)
        row.setSpacing(LIGHT.spacing.s)
        row.addWidget(switch)
        row.addWidget(label(words, parent=both))
        return both

    def offer(self, people: Choices, groups: Choices) -> None:
        """Who may be chosen; nobody where one sees one's own history alone."""
        self._fill(self.person, people)
        self._fill(self.group, groups)

    @staticmethod
    def _fill(box: QComboBox, choices: Choices) -> None:
        chosen = box.currentData()
        while box.count() > 1:
            box.removeItem(1)
        for key, words in choices:
            box.addItem(words, key)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.setVisible(bool(choices))

    def value(self) -> AlertFilter:
        since, until = self._times()
        kind, _, level = str(self.kind.currentData()).partition(" ")
        outcome = str(self.outcome.currentData())
        return AlertFilter(
            since=since,
            until=until,
            person=self.person.currentData() or None,
            group=self.group.currentData() or None,
            kind=CaseKind(kind) if kind else None,
            level=Level(level) if level else None,
            outcome=AlertOutcome(outcome) if outcome else None,
            unanswered=self.unanswered.isChecked(),
            text=self.text.text().strip(),
        )

    def _times(self) -> tuple[float | None, float | None]:
        """From the first midnight on and before the last one, s; whatever long the days are."""
        span = str(self.span.currentData())
        if span == ALL:
            return None, None
        if span == CHOSEN:
            first, last = sorted((self.since.date(), self.until.date()), key=lambda day: day.toJulianDay())
            return midnight(first), midnight(last.addDays(1))
        return midnight(QDate.currentDate().addDays(-SPANS[span])), None

    def _chosen(self) -> None:
        self._show_dates()
        self.changed.emit()

    def _show_dates(self) -> None:
        self._dates.setVisible(self.span.currentData() == CHOSEN)

    def _at_once(self) -> None:
        self._later.stop()
        self.changed.emit()


def _whole_year(locale: QLocale) -> str:
    """A date as the language writes it, with four digits of the year."""
    short = locale.dateFormat(QLocale.FormatType.ShortFormat)
    return short if "yyyy" in short else short.replace("yy", "yyyy")


def midnight(day: QDate) -> float:
    """When a day begins here, s since the epoch."""
    return datetime(day.year(), day.month(), day.day()).astimezone().timestamp()


def offset_here(at: float) -> int:
    """s that local time is ahead of UTC at a moment (s since the epoch)."""
    ahead = datetime.fromtimestamp(at).astimezone().utcoffset()
    return int(ahead.total_seconds()) if ahead is not None else 0


def _kinds() -> list[tuple[str, str]]:
    return [
        (f"{kind} {level}" if level else f"{kind}", tr_template(words, {}))
        for (kind, level), words in KINDS.items()
    ]
