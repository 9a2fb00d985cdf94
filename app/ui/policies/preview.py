"""What a policy would do now: who would be reached when, along a line of time."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.model import Recipients
from app.core.policy import CaseKind
from app.core.policy_preview import Moment, MomentKind, Scenario
from app.ui.escalation.choices import offer_keys, recipients
from app.ui.escalation.pick_list import PickList
from app.ui.escalation.recipients_field import RecipientsField
from app.ui.i18n import tr
from app.ui.panels.look import Look
from app.ui.policies.choices import Choices, named_offers
from app.ui.policies.preview_words import moment_words, summary_words
from app.ui.policies.sentences import Names
from app.ui.theme.fonts import font
from app.ui.theme.icons import icon_pixmap
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, label
from app.ui.widgets.buttons import recolour
from app.ui.widgets.fields import call
from app.ui.words import elapsed

TIME_PX, DISC = 60, 26
"""px: the column of times, and the disc with what is done."""
AXIS_PX = 44
TICKS = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43_200, 86_400, 604_800)
"""s between ticks of the axis: the first that leaves them room."""
TICK_ROOM = 48
"""px between ticks at least."""
ICONS = {
    MomentKind.STARTED: "hand",
    MomentKind.ALERTED: "bell",
    MomentKind.REPEATED: "retry",
    MomentKind.TEXTED: "chat",
    MomentKind.CALLED: "phone",
    MomentKind.FORWARDED: "arrow-right",
    MomentKind.POSTED: "link",
    MomentKind.NOBODY: "warning",
}


class TimeAxis(QWidget):
    """From the beginning to the end, with a mark for each moment."""

    def __init__(self, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(parent)
        self.tokens = tokens
        self._moments: Sequence[Moment] = ()
        self.setFixedHeight(AXIS_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_moments(self, moments: Sequence[Moment]) -> None:
        self._moments = moments
        self.setAccessibleName(tr("From 0:00 to {time}", time=elapsed(self._end)))
        self.update()

    @property
    def _end(self) -> float:
        return max((moment.until or moment.at for moment in self._moments), default=0.0)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, end = self.tokens.colours, self._end
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, right, y = 10.0, self.width() - 26.0, 14.0
        scale = (right - left) / end if end else 0.0
        painter.setPen(QPen(QColor(colours.edge), 2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setFont(font(LIGHT.type.tiny, tabular=True))
        step = next((s for s in TICKS if s * scale >= TICK_ROOM), 0) if scale else 0
        for number in range(int(end // step) + 1 if step else 1):
            x = left + number * step * scale
            painter.setPen(QPen(QColor(colours.edge), 1))
            painter.drawLine(QPointF(x, y), QPointF(x, y + 6))
            painter.setPen(QColor(colours.muted))
            words = elapsed(number * step)
            room = QRectF(x - 40, y + 8, 80, 16) if number else QRectF(x - 3, y + 8, 80, 16)
            where = Qt.AlignmentFlag.AlignHCenter if number else Qt.AlignmentFlag.AlignLeft
            painter.drawText(room, where, words)
        self._paint_marks(painter, left, y, scale)

    def _paint_marks(self, painter: QPainter, left: float, y: float, scale: float) -> None:
        colours = self.tokens.colours
        for moment in self._moments:
            x = left + moment.at * scale
            if moment.until is not None and moment.until > moment.at:
                painter.setPen(QPen(QColor(colours.accent), 4, c=Qt.PenCapStyle.RoundCap))
                painter.drawLine(QPointF(x, y), QPointF(left + moment.until * scale, y))
        for moment in self._moments:
            x = left + moment.at * scale
            over = moment.kind is MomentKind.NOBODY
            painter.setPen(QPen(QColor(colours.surface), 2))
            painter.setBrush(QColor(colours.text if over else colours.accent))
            box = QRectF(x - 6, y - 6, 12, 12)
            if over:
                painter.drawRect(box.adjusted(1, 1, -1, -1))
            else:
                painter.drawEllipse(box)


class MomentRow(QWidget):
    """When, what, and who of them is not reached."""

    def __init__(self, moment: Moment, names: Names, tokens: Tokens, last: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._moment, self._tokens, self._last = moment, tokens, last
        what, then = moment_words(names, moment)
        self.time = label(elapsed(moment.at), rank="muted", tabular=True, parent=self)
        self.time.setFixedWidth(TIME_PX)
        over = moment.kind is MomentKind.NOBODY
        weight = LIGHT.type.bold if over else LIGHT.type.semibold
        words = QVBoxLayout()
        words.setContentsMargins(0, 3, 0, 12)
        words.setSpacing(2)
        words.addWidget(label(what, weight=weight, wrap=True, parent=self))
        if then:
            words.addWidget(label(then, size="small", rank="muted", wrap=True, parent=self))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.time, 0, Qt.AlignmentFlag.AlignTop)
        row.addSpacing(DISC + LIGHT.spacing.m)
        row.addLayout(words, 1)
        self.time.setContentsMargins(0, 4, 0, 0)
        self.setAccessibleName(f"{elapsed(moment.at)} {what} {then}".strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = self._tokens.colours
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(TIME_PX, 0, DISC, DISC)
        if not self._last:
            painter.setPen(QPen(QColor(colours.line), 2))
            painter.drawLine(QPointF(disc.center().x(), DISC), QPointF(disc.center().x(), self.height()))
        over = self._moment.kind is MomentKind.NOBODY
        painter.setPen(QPen(QColor(colours.text), 1.5) if over else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface if over else colours.accent_soft))
        painter.drawEllipse(disc.adjusted(1, 1, -1, -1))
        ink = colours.text if over else colours.accent_text
        sign = icon_pixmap(ICONS[self._moment.kind], ink, 16, self.devicePixelRatioF())
        painter.drawPixmap(disc.center() - QPointF(8, 8), sign)


class PreviewPane(QWidget):
    """Signals:
    changed: something else is to be played; read :attr:`scenario` and :attr:`first`.
    test_wanted: the policy is to be tried on oneself alone; or that is to end.
    """

    changed = Signal()
    test_wanted = Signal()

    def __init__(self, look: Look, host: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        tokens = look.theme.tokens
        self._look, self._loading = look, False
        self._played: tuple[Sequence[Moment], Names] = ((), Names())
        self.title = label(tr("What would happen now"), size="large", weight=LIGHT.type.semibold, parent=self)
        self.scenarios = QComboBox(self)
        call(self.scenarios, tr("What would happen now"))
        for scenario, words in (
            (Scenario.SILENCE, tr("If nobody answers")),
            (Scenario.DECLINE, tr("If everybody here declines")),
        ):
            self.scenarios.addItem(words, scenario)
        self.first_words = label(tr("Called at first"), size="small", rank="muted", parent=self)
        found = PickList(tr("People and groups"), tokens, look.paint_face, host)
        self.called = RecipientsField(tokens, look.paint_face, found, self)
        self.called.field.setAccessibleName(tr("Called at first"))
        self.summary = label(size="small", rank="muted", wrap=True, parent=self)
        self.axis = TimeAxis(tokens, self)
        self.test_button = button(
            tr("Try it on me…"), kind="quiet", icon_name="bell", tokens=tokens, parent=self
        )
        self.rows: list[MomentRow] = []
        self.test_state = Notice(tokens, self)
        self._lay_out()
        self.scenarios.activated.connect(lambda _i: self.changed.emit())
        self.called.changed.connect(self._told)
        self.test_button.clicked.connect(self.test_wanted)
        look.changed.connect(self._follow_look)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.s)
        for part in (
            self.title,
            self.scenarios,
            self.first_words,
            self.called,
            self.summary,
            self.axis,
        ):
            column.addWidget(part)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        column.addLayout(self._column)
        column.addWidget(self.test_state)
        column.addWidget(self.test_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    # What is to be played

    @property
    def scenario(self) -> Scenario:
        return Scenario(self.scenarios.currentData())

    @property
    def first(self) -> Recipients:
        """Whom the alert calls by itself, before any step."""
        return recipients(self.called.chosen)

    def set_choices(self, choices: Choices, kind: CaseKind) -> None:
        """The space as it is now; nobody is told."""
        self._loading = True
        self.called.set_offers(named_offers(choices))
        named = kind is not CaseKind.LINE
        self.called.setVisible(named)
        self.first_words.setVisible(named)
        self._loading = False

    def call_first(self, to: Recipients) -> None:
        """These are called at first, until somebody chooses others; nobody is told."""
        self._loading = True
        self.called.show_chosen(offer_keys(to))
        self._loading = False

    def _told(self) -> None:
        if not self._loading:
            self.changed.emit()

    # What is shown

    def show_moments(self, moments: Sequence[Moment], names: Names) -> None:
        if (moments, names) == self._played:
            return
        self._played = (moments, names)
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        tokens = self._look.theme.tokens
        self.rows = [
            MomentRow(moment, names, tokens, number == len(moments), self)
            for number, moment in enumerate(moments, 1)
        ]
        for row in self.rows:
            self._column.addWidget(row)
        self.summary.setText(summary_words(moments))
        self.axis.show_moments(moments)
        self.axis.setVisible(len(moments) > 1)

    def show_test(self, words: str, *, running: bool, problem: bool = False) -> None:
        """What a test is doing; the button ends one that is running."""
        self.test_state.say(words, Tone.PROBLEM if problem else Tone.INFO)
        self.test_button.setText(tr("End the test") if running else tr("Try it on me…"))

    def _follow_look(self) -> None:
        self.test_state.set_tokens(self._look.theme.tokens)
        recolour(self.test_button, self._look.theme.tokens)
        self.axis.tokens = self._look.theme.tokens
        self.called.set_tokens(self._look.theme.tokens)
        moments, names = self._played
        self._played = ((), Names())
        self.show_moments(moments, names)

    def sizeHint(self) -> QSize:
        return QSize(330, super().sizeHint().height())
