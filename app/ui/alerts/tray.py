"""The tray icon and its menu: protected or not, who calls, answers without the mouse, snooze, quit.

Closing the window leaves the program here; where a desktop has no tray that is reported, and it is
looked for again, since trays may start after their clients.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.core.characters import isolated
from app.core.model import AnswerKind, Status
from app.ui.alerts import sentences
from app.ui.alerts.call_state import CallAnswer
from app.ui.alerts.tray_icons import Look, TrayIcons
from app.ui.alerts.views import AlertView
from app.ui.i18n import tr, trn
from app.ui.widgets import menu_text
from app.ui.words import clock_time, status_words

FLASH_MS = 600
"""Half a period: calm enough for WCAG's three flashes a second."""
LOOK_FOR_TRAY_MS = 5_000
NO_TRAY = "no_tray"
MORNING_HOUR = 6
"""When a snooze "until tomorrow" ends, local time."""


class Snooze(enum.Enum):
    QUARTER = "quarter"
    HOUR = "hour"
    TOMORROW = "tomorrow"

    def until(self, now: float) -> float:
        """When a snooze begun at ``now`` (s since the epoch) ends; "tomorrow" by the local calendar."""
        if self is not Snooze.TOMORROW:
            return now + (900.0 if self is Snooze.QUARTER else 3_600.0)
        day = datetime.fromtimestamp(now) + timedelta(days=1)
        return day.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0).timestamp()


@dataclass(frozen=True)
class TrayState:
    """What the icon and the menu show.

    Attributes:
        calls: priority messages that call.
        texts: how many conversations with customers nobody looked at since they were told of, in words.
        connection: the connection in words, for the tooltip and the menu.
        status: one's own; ``None`` while signed out.
        hand_up: one's own hand is raised.
        hand_waits: it goes up as soon as there is a connection.
        snoozed_until: s since the epoch.
    """

    ringing: tuple[AlertView, ...] = ()
    calls: tuple[AlertView, ...] = ()
    muted: int = 0
    texts: str = ""
    protected: bool = True
    connection: str = ""
    unread: int = 0
    status: Status | None = None
    hand_up: bool = False
    hand_waits: bool = False
    can_approach: bool = True
    snoozed_until: float | None = None

    @property
    def count(self) -> int:
        return len(self.ringing) + len(self.calls) + self.muted


class Tray(QObject):
    """Shows a :class:`TrayState`; says what was chosen.

    Attributes:
        trouble: empty, or ``no_tray``.

    Signals:
        answered: (escalation id, AnswerKind) or (message id, CallAnswer), from the menu.
        opened, raised, quit_chosen: the menu's entries; a click on the icon opens.
        status_chosen: a Status.
        snoozed: a Snooze, or ``None`` to resume.
        trouble_changed: with the new :attr:`trouble`.
    """

    answered = Signal(str, object)
    opened = Signal()
    raised = Signal()
    quit_chosen = Signal()
    status_chosen = Signal(object)
    snoozed = Signal(object)
    trouble_changed = Signal(str)

    def __init__(
        self,
        icons: TrayIcons,
        parent: QObject | None = None,
        *,
        available: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
    ) -> None:
        super().__init__(parent)
        self.trouble = ""
        self.state = TrayState()
        self.menu = QMenu()
        self._submenus: list[QMenu] = []
        self.menu.aboutToHide.connect(self._refill)
        self._icons = icons
        self._available = available
        self._bright = True
        self._reduced_motion = False
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._flash = QTimer(self, interval=FLASH_MS)
        self._flash.timeout.connect(self._blink)
        self._finder = QTimer(self, interval=LOOK_FOR_TRAY_MS)
        self._finder.timeout.connect(self._look_for_tray)

    def start(self) -> None:
        """Show the icon. Without a tray it appears as soon as there is one."""
        self._redraw()
        self._icon.show()
        self._look_for_tray()
        self._finder.start()

    def close(self) -> None:
        self._finder.stop()
        self._flash.stop()
        self._icon.hide()
        self.menu.deleteLater()

    def set_state(self, state: TrayState) -> None:
        if state == self.state:
            return
        self.state = state
        self._redraw()

    def set_reduced_motion(self, reduced: bool) -> None:
        self._reduced_motion = reduced
        self._redraw()

    # -- the icon --------------------------------------------------------------------------------

    def _redraw(self) -> None:
        flashing = bool(self.state.ringing) and not self._reduced_motion
        if flashing and not self._flash.isActive():
            self._bright = True
            self._flash.start()
        elif not flashing:
            self._bright = True
            self._flash.stop()
        self._draw_icon()
        self._icon.setToolTip(self.tooltip())
        if not self.menu.isVisible():  # entries must not move under the pointer
            self._refill()

    def _blink(self) -> None:
        self._bright = not self._bright
        self._draw_icon()

    def look(self) -> Look:
        """What the icon says now; a call for help outranks the rest."""
        s = self.state
        if s.ringing:
            return Look.RINGING if self._bright else Look.RINGING_DIM
        if not s.protected:
            return Look.NOT_PROTECTED
        if s.calls:
            return Look.PRIORITY
        return Look.UNREAD if s.unread or s.muted or s.texts else Look.NORMAL

    def _draw_icon(self) -> None:
        self._icon.setIcon(self._icons.icon(self.look(), self.state.count))

    def tooltip(self) -> str:
        """Our own words and numbers only: some trays read markup in tooltips."""
        s = self.state
        lines = [tr("Handraise")]
        if hands := s.count - len(s.calls):
            lines.append(trn("{n} person needs help", "{n} people need help", hands))
        if s.calls:
            lines.append(trn("{n} priority message", "{n} priority messages", len(s.calls)))
        if s.connection:
            lines.append(s.connection)
        if s.hand_waits:
            lines.append(tr("Your hand waits for the connection"))
        if s.snoozed_until is not None:
            lines.append(tr("Snoozed until {time}", time=clock_time(s.snoozed_until)))
        if s.unread:
            lines.append(trn("{n} unread message", "{n} unread messages", s.unread))
        if s.texts:
            lines.append(s.texts)
        return "\n".join(lines)

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.opened.emit()

    def _look_for_tray(self) -> None:
        trouble = "" if self._available() else NO_TRAY
        if trouble != self.trouble:
            self.trouble = trouble
            self.trouble_changed.emit(trouble)

    # -- the menu --------------------------------------------------------------------------------

    def _refill(self) -> None:
        self.menu.clear()
        for submenu in self._submenus:
            submenu.deleteLater()  # clear() leaves them to their parent
        self._submenus = []
        self._add_alerts((*self.state.ringing, *self.state.calls))
        if self.state.status is not None:
            self._add_status(self.state.status)
            self._add(self.menu, self._hand_words(), self.raised.emit)
            self._add_snooze()
            self.menu.addSeparator()
        self._add(self.menu, tr("Open Handraise"), self.opened.emit)
        self._add(self.menu, tr("Quit"), self.quit_chosen.emit)

    def _hand_words(self) -> str:
        if self.state.hand_up:
            return tr("Lower your hand")
        return tr("Take back your hand, which waits") if self.state.hand_waits else tr("Raise a hand…")

    def _add_alerts(self, ringing: Sequence[AlertView]) -> None:
        for view in ringing:
            text = f"{isolated(sentences.calling(view))}: {isolated(sentences.message(view))}"
            submenu = self._submenu(text)
            if view.priority:
                self._add_answer(submenu, view, CallAnswer.OPEN, tr("Open chat"))
                self._add_answer(submenu, view, CallAnswer.READ, tr("Mark as read"))
                continue
            self._add_answer(submenu, view, AnswerKind.APPROACH, tr("Approach"), self.state.can_approach)
            self._add_answer(submenu, view, AnswerKind.CHAT, tr("Chat"))
            self._add_answer(submenu, view, AnswerKind.DECLINE, tr("Can’t now"))
        if ringing:
            self.menu.addSeparator()

    def _add_answer(
        self,
        menu: QMenu,
        view: AlertView,
        kind: AnswerKind | CallAnswer,
        words: str,
        possible: bool = True,
    ) -> None:
        action = self._add(menu, words, lambda: self.answered.emit(view.id, kind))
        action.setEnabled(possible and view.pending is None)

    def _add_status(self, mine: Status) -> None:
        submenu = self._submenu(tr("Status: {status}", status=status_words(mine)))
        group = QActionGroup(submenu)
        for status in Status:
            action = self._add(submenu, status_words(status), self._choose_status(status))
            action.setCheckable(True)
            action.setChecked(status is mine)
            group.addAction(action)

    def _choose_status(self, status: Status) -> Callable[[], None]:
        return lambda: self.status_chosen.emit(status)

    def _add_snooze(self) -> None:
        until = self.state.snoozed_until
        if until is not None:
            words = tr("Resume alerts (snoozed until {time})", time=clock_time(until))
            self._add(self.menu, words, lambda: self.snoozed.emit(None))
            return
        submenu = self._submenu(tr("Snooze"))
        self._add(submenu, tr("For 15 minutes"), lambda: self.snoozed.emit(Snooze.QUARTER))
        self._add(submenu, tr("For 1 hour"), lambda: self.snoozed.emit(Snooze.HOUR))
        self._add(submenu, tr("Until tomorrow morning"), lambda: self.snoozed.emit(Snooze.TOMORROW))
        note = self._add(submenu, tr("Your own groups still ring"), lambda: None)
        note.setEnabled(False)

    def _submenu(self, words: str) -> QMenu:
        submenu = QMenu(menu_text(words), self.menu)
        self.menu.addMenu(submenu)
        self._submenus.append(submenu)
        return submenu

    def _add(self, menu: QMenu, words: str, chosen: Callable[[], None]) -> QAction:
        action = QAction(menu_text(words), menu)
        action.triggered.connect(lambda: chosen())
        menu.addAction(action)
        return action
