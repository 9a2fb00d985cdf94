"""The escalation dialog: message, notify or not, whom, Execute. It stands above the Escalation button.

It is a card inside the main window, not a window of its own: the keyboard, the input method and a screen
reader stay where they are, and what was typed stays until it was executed.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from app.core.limits import MESSAGE_CHARS
from app.core.model import Level, Recipients
from app.ui.escalation.choices import (
    EscalationChoices,
    offer_keys,
    offers,
    reach,
    reach_words,
    recipients,
    why_not,
)
from app.ui.escalation.message_field import MessageField
from app.ui.escalation.parts import HandSign, NotifyBox, ReachLine
from app.ui.escalation.pick_list import PaintFace, PickList
from app.ui.escalation.recipients_field import RecipientsField
from app.ui.i18n import tr
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, icon_button, label
from app.ui.widgets.action_button import ActionButton
from app.ui.widgets.buttons import recolour
from app.ui.widgets.floating import FloatingCard

WIDTH = 440
GAP = 12
"""px between the dialog and the button below it, and the least to the window's edges."""
EXECUTE_KEYS = "Ctrl+Return" if sys.platform == "darwin" else "Ctrl+Enter"
"""As the keyboard calls it; both Enter keys do."""


class EscalationDialog(FloatingCard):
    """Args:
        paint_face: paints a person's face (the panels' ``Look.paint_face`` does).
        parent: the widget it may cover, usually the window.

    Signals:
        execute: a :class:`Level`, the message as typed, and :class:`Recipients`; then it waits, busy, for
            :meth:`done` or :meth:`show_refusal`.
        closed: Esc, the × or :meth:`done`; the keyboard is to go back to the button.
    """

    role = QAccessible.Role.Dialog
    execute = Signal(object, str, object)
    closed = Signal()

    def __init__(
        self, tokens: Tokens, paint_face: PaintFace, parent: QWidget, *, reduced_motion: bool = False
    ) -> None:
        super().__init__(tokens, parent)
        self.hide()
        self._host = parent
        self._anchor: QWidget | None = None
        self._choices = EscalationChoices()
        self._busy, self._connected = False, True
        self.sign = HandSign(tokens, self)
        self.title = label(tr("Raise your hand"), size="large", weight=LIGHT.type.semibold, parent=self)
        self.close_button = icon_button(
            "close", tr("Close; what you typed is kept"), tokens=tokens, parent=self
        )
        self.recents = PickList(tr("Recent messages"), tokens, paint_face, parent)
        self.message = MessageField(self.recents, self)
        self.too_long = label(size="small", weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.notify = NotifyBox(tokens, reduced_motion=reduced_motion, parent=self)
        self.whom = label(tr("Who is called"), size="small", weight=LIGHT.type.semibold, parent=self)
        self.found = PickList(tr("People and groups"), tokens, paint_face, parent)
        self.recipients = RecipientsField(tokens, paint_face, self.found, self)
        self.reach = ReachLine(tokens, self)
        self.notice = Notice(tokens, self)
        self.offline = label(size="small", rank="error", weight=LIGHT.type.semibold, wrap=True, parent=self)
        self.reason = label(size="small", rank="muted", wrap=True, parent=self)
        self.execute_button = ActionButton(tokens, "hand-solid", kind="yellow", parent=self)
        self._arrange()
        self._connect()
        self.setAccessibleName(self.title.text())
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.set_busy(False)
        self._show_level()

    def _arrange(self) -> None:
        space = LIGHT.spacing
        top = QHBoxLayout()
        top.setSpacing(space.m)
        top.addWidget(self.sign)
        top.addWidget(self.title, 1)
        top.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        bottom = QHBoxLayout()
        bottom.setSpacing(space.m)
        bottom.addWidget(self.reason, 1)
        bottom.addWidget(self.execute_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(space.l + 4, space.l, space.l + 4, space.l + 2)
        column.setSpacing(space.m)
        column.addLayout(top)
        for group in (
            (self.message, self.too_long),
            (self.notify,),
            (self.whom, self.recipients, self.reach),
            (self.notice,),
            (self.offline,),
        ):
            close = QVBoxLayout()
            close.setSpacing(space.xs + 2)
            for part in group:
                close.addWidget(part)
            column.addLayout(close)
        column.addLayout(bottom)
        self.too_long.hide()
        self.offline.hide()
        self.whom.setBuddy(self.recipients.field)

    def _connect(self) -> None:
        self.close_button.clicked.connect(self.close_panel)
        self.message.refused.connect(self._too_long)
        self.message.fits_again.connect(self._fits)
        self.message.textChanged.connect(self._touched)
        self.notify.toggled.connect(self._show_level)
        self.recipients.changed.connect(self._show_reach)
        self.recipients.changed.connect(self._touched)
        self.execute_button.clicked.connect(self._execute)
        self._host.installEventFilter(self)

    # What goes in

    def set_choices(self, choices: EscalationChoices) -> None:
        """People, groups and recent messages as they are now; also while the dialog is open."""
        self._choices = choices
        self.message.set_recents(choices.recents)
        self.recipients.set_offers(offers(choices))
        self._show_reach()

    @property
    def untouched(self) -> bool:
        """Nobody has begun to write or choose something."""
        return not (self._busy or self.message.text() or self.recipients.chosen)

    def fill_in(self, level: Level, message: str, to: Recipients) -> None:
        """As another program proposes it; the keyboard is on Execute, if that can be pressed."""
        self.message.setText(message)
        self.notify.switch.setChecked(level is Level.RED)
        for key in offer_keys(to):
            self.recipients.choose(key)
        ready = self.execute_button.isEnabled()
        (self.execute_button if ready else self.recipients.field).setFocus(Qt.FocusReason.OtherFocusReason)

    def set_busy(self, busy: bool) -> None:
        """Between Execute and the answer nothing can be executed again."""
        self._busy = busy
        if busy and self._has_keyboard():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # so that Esc still closes
        self._name_execute()
        for part in (self.message, self.notify, self.recipients):
            part.setEnabled(not busy)
        self._show_reason()

    def set_connected(self, connected: bool) -> None:
        """Without a connection Execute still works; the dialog says when the hand goes up."""
        self._connected = connected
        self.offline.setText(
            "" if connected else tr("NOT PROTECTED: your hand goes up when the connection is back.")
        )
        self.offline.setVisible(not connected)
        self._name_execute()
        self._fit()

    def show_refusal(self, text: str) -> None:
        """Why it was not done, as a sentence. What was typed stays. A closed dialog opens again, but takes
        the keyboard only if it had it."""
        self.set_busy(False)
        self.notice.say(text, Tone.PROBLEM)
        self._fit()
        if self._anchor is not None and self.isHidden():
            self.show()
            self.raise_()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))
        if self._has_keyboard():
            self.message.setFocus(Qt.FocusReason.OtherFocusReason)

    def done(self) -> None:
        """It was accepted: everything is empty for the next time, and the dialog closes."""
        self.set_busy(False)
        self.message.clear()
        self.recipients.clear()
        self.notify.switch.setChecked(False)
        self.notice.say("")
        self.close_panel()

    def set_reduced_motion(self, reduced: bool) -> None:
        self.notify.switch.set_reduced_motion(reduced)

    def set_tokens(self, tokens: Tokens) -> None:
        super().set_tokens(tokens)
        for part in (self.sign, self.message, self.notify, self.recipients, self.reach, self.notice):
            part.set_tokens(tokens)
        recolour(self.close_button, tokens)
        self.execute_button.set_tokens(tokens)

    # What comes out

    @property
    def level(self) -> Level:
        return self.notify.level

    @property
    def chosen(self) -> Recipients:
        """Of a red one; a yellow one calls nobody."""
        return recipients(self.recipients.chosen) if self.level is Level.RED else Recipients()

    def _execute(self) -> None:
        if self._busy:
            return
        hindrance = self._hindrance()
        if hindrance:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, hindrance))
            self.recipients.field.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.notice.say("")
        self.set_busy(True)
        self.execute.emit(self.level, self.message.text(), self.chosen)

    # What it shows

    def _name_execute(self) -> None:
        if not self._busy:
            words = tr("Execute")
        else:
            words = tr("Raising…") if self._connected else tr("Waiting for the connection…")
        self.execute_button.set_text(words)

    def _has_keyboard(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and (focused is self or self.isAncestorOf(focused))

    def _hindrance(self) -> str:
        if self.level is not Level.RED:
            return ""
        return why_not(self.chosen, reach(self._choices, self.chosen))

    def _show_level(self) -> None:
        red = self.level is Level.RED
        self.sign.show_level(self.level)
        self.execute_button.set_kind("red" if red else "yellow")
        self.execute_button.setAccessibleName(tr("Execute: red") if red else tr("Execute: yellow"))
        self.whom.setVisible(red)
        self.recipients.setVisible(red)
        self._touched()
        self._show_reach()

    def _show_reach(self) -> None:
        self.reach.say(*(reach_words(self._choices, self.chosen) if self.level is Level.RED else ("", "")))
        self._show_reason()

    def _show_reason(self) -> None:
        """Beside Execute: why it cannot be pressed."""
        hindrance = self._hindrance()
        self.execute_button.setEnabled(not self._busy and not hindrance)
        keys = QKeySequence(EXECUTE_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        self.execute_button.set_hint("" if self._busy or hindrance else keys)
        self.reason.setText("" if self._busy else hindrance)
        self.execute_button.setAccessibleDescription(hindrance or keys)
        self._fit()

    def _touched(self) -> None:
        """A refusal was about what is no longer there."""
        if self.notice.isVisibleTo(self):
            self.notice.say("")
            self._fit()

    def _too_long(self) -> None:
        self.too_long.setText(tr("{n} characters at most. The rest was left out.", n=MESSAGE_CHARS))
        self.too_long.show()
        self._fit()

    def _fits(self) -> None:
        self.too_long.hide()
        self._fit()

    # Opening, closing, its place

    def open_above(self, anchor: QWidget) -> None:
        """Show it above ``anchor`` (the Escalation button), the keyboard in the message."""
        self._anchor = anchor
        for moving in (anchor, anchor.parentWidget() or anchor):
            moving.installEventFilter(self)  # an installed filter is not installed twice
        self._fit()
        self.show()
        self.raise_()
        self.message.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_panel(self) -> None:
        """Hide it; what was typed is kept."""
        if self.isHidden():
            return
        self.recents.hide()
        self.found.hide()
        had_keyboard = self._has_keyboard()
        if self._anchor is not None and had_keyboard:
            # Before it is hidden: Qt would look for the next stop inside, where none is left.
            self._anchor.setFocus(Qt.FocusReason.PopupFocusReason)
        self.hide()
        self.closed.emit()

    def _fit(self) -> None:
        """As high as what it says, its lower edge right above the button, inside the window."""
        if self._anchor is None:
            return
        host = self._host
        width = min(WIDTH, host.width() - 2 * GAP)
        size = self._size_at(width)
        button_at = self._anchor.mapTo(host, QPoint(self._anchor.width() // 2, 0))
        left = max(GAP, min(button_at.x() - width // 2, host.width() - width - GAP))
        lowest = button_at.y() - GAP - 8
        top = max(GAP, lowest - size.height())
        self.setGeometry(left, top, width, size.height())

    def _size_at(self, width: int) -> QSize:
        layout = self.layout()
        if layout is None:
            return self.sizeHint()
        layout.activate()
        height = layout.heightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()
        return QSize(width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move) and self.isVisible():
            self._fit()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._fit()
        return handled

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key == Qt.Key.Key_Escape:
            self.close_panel()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if control:
                self._execute()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """The Tab key goes round inside the dialog."""
        stops = [w for w in self._stops() if w.isVisible() and w.isEnabled()]
        focused = QApplication.focusWidget()
        if focused is not None and self.recipients.isAncestorOf(focused):
            focused = self.recipients.field  # a chip
        at = stops.index(focused) if focused in stops else (-1 if forward else 0)
        stops[(at + (1 if forward else -1)) % len(stops)].setFocus(
            Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def _stops(self) -> list[QWidget]:
        return [
            self.message,
            self.notify.switch,
            self.recipients.field,
            self.execute_button,
            self.close_button,
        ]
