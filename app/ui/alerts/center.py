"""Wires the alert's one state to its channels: pop-up, sound, notification, tray, taskbar.

Inputs are plain values, outputs are signals; who knows the network sits outside. A channel that raises
is logged and reported, and the others go on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.core.model import AnswerKind, Channel, EscalationId, PersonId, Reach, Status
from app.ui.alerts.call_state import CallAnswer, IncomingCall
from app.ui.alerts.card_parts import Pictures
from app.ui.alerts.notes import NEWS_ID, TEXTS_ID, News, note_of, note_of_news, note_of_texts, texts_words
from app.ui.alerts.notification import AlertNotifications
from app.ui.alerts.popup import AlertPopups, no_pictures
from app.ui.alerts.sound import AlertSound, SoundSettings
from app.ui.alerts.state import TEST_ID, AlertCenter, Incoming, Wanted
from app.ui.alerts.system_volume import SystemVolume
from app.ui.alerts.text_state import TextTelling, Waiting
from app.ui.alerts.tray import Snooze, Tray, TrayState
from app.ui.alerts.tray_icons import TrayIcons
from app.ui.alerts.troubles import SYSTEM_MUTED, Degraded, reach_of
from app.ui.alerts.views import Raiser
from app.ui.i18n import tr
from app.ui.theme.tokens import Tokens

log = logging.getLogger(__name__)

LONGEST_TIMER_MS = 3_600_000
ATTENTION_MS = 3_000
"""The taskbar entry demands attention so long at a time; Qt cannot take an endless demand back."""
ATTENTION_AGAIN_MS = 500
"""A demand while one stands is ignored, so the next one is tried often."""


NOBODY = PersonId("")


class Alerts(QObject):
    """Everything that calls the person at this screen.

    Attributes:
        degraded: what would not work now, in the order of :class:`Channel`.
        unknown: channels of which nothing is known.
        snoozed_until: s since the epoch, ``None`` when not snoozed.
        sound: its ``outputs`` are the devices to choose from (``sound.outputs_changed``).

    Signals:
        answer_requested: (escalation id, AnswerKind) or (message id, CallAnswer); follow it with the alert's
            new state or :meth:`answer_refused`.
        shown: (escalation or message id), once: the pop-up is really exposed on a screen.
        degraded_changed: with the new :attr:`degraded`.
        reach_changed: :attr:`reach` is another one.
        snooze_changed: with the new :attr:`snoozed_until`.
        texts_requested: the customers' texts are to be seen: the conversation, or "" where there are several.
        news_requested: what came of one's own call is to be seen: the conversation, or "" for the hand.
        open_requested, raise_requested, quit_requested, status_requested (Status): from the tray.
    """

    answer_requested = Signal(str, object)
    test_answered = Signal()
    shown = Signal(str)
    degraded_changed = Signal(object)
    reach_changed = Signal()
    snooze_changed = Signal(object)
    texts_requested = Signal(str)
    news_requested = Signal(str)
    open_requested = Signal()
    raise_requested = Signal()
    status_requested = Signal(object)
    quit_requested = Signal()

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        popups: AlertPopups,
        sound: AlertSound,
        notifications: AlertNotifications,
        tray: Tray,
        volume: SystemVolume | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``clock`` gives the server's time (s since the epoch)."""
        super().__init__(parent)
        self.degraded: tuple[Degraded, ...] = ()
        self.unknown: tuple[Channel, ...] = ()
        self.sound = sound
        self._clock = clock
        self._state = AlertCenter(NOBODY)
        self._telling = TextTelling.SOUND
        self._news: tuple[News, ...] = ()
        self._popups = popups
        self._notifications = notifications
        self._tray = tray
        self._volume = volume
        self._tray_state = TrayState()
        self._window: QWidget | None = None
        self._reported: set[str] = set()
        self._broken: set[Channel] = set()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)
        self._attention = QTimer(self, interval=ATTENTION_AGAIN_MS)
        self._attention.timeout.connect(self._demand_attention)
        self._connect()

    def _connect(self) -> None:
        self._popups.answered.connect(self._answer)
        self._popups.put_away.connect(self._put_away)
        self._popups.opened.connect(self.open_requested)
        self._popups.exposed.connect(self._exposed)
        self._popups.trouble_changed.connect(self._judge)
        self._notifications.answered.connect(self._answer)
        self._notifications.opened.connect(self._open)
        self._notifications.trouble_changed.connect(self._judge)
        self.sound.trouble_changed.connect(self._judge)
        self.sound.outputs_changed.connect(self._judge)
        if self._volume is not None:
            self._volume.changed.connect(self._judge)
        self._tray.answered.connect(self._answer)
        self._tray.opened.connect(self.open_requested)
        self._tray.raised.connect(self.raise_requested)
        self._tray.quit_chosen.connect(self.quit_requested)
        self._tray.status_chosen.connect(self.status_requested)
        self._tray.snoozed.connect(self._snooze)
        self._tray.trouble_changed.connect(self._judge)

    def start(self) -> None:
        """Start helper and tray and find out what would not work. Needs the running loop."""
        self._guard(Channel.SOUND, self.sound.start)
        if self._volume is not None:
            self._guard(Channel.SOUND, self._volume.start)
        self._guard(Channel.TRAY, self._tray.start)
        self._guard(Channel.NOTIFICATION, self._notifications.probe)
        self._judge()

    async def close(self) -> None:
        """Withdraw everything and end the helper."""
        self._timer.stop()
        self._attention.stop()
        self._popups.close()
        self.sound.close()
        if self._volume is not None:
            self._volume.close()
        self._tray.close()
        await self._notifications.close()

    @property
    def reach(self) -> Reach:
        """How alerts come through here, as others may know it."""
        return reach_of(self.degraded, self.unknown)

    # -- inputs ----------------------------------------------------------------------------------

    def set_window(self, window: QWidget | None) -> None:
        """The main window, whose taskbar entry demands attention; it is never activated."""
        self._window = window

    def set_person(self, me: PersonId) -> None:
        """Who sits at this screen now; nothing of a former person stays."""
        self._state = AlertCenter(me)
        self._state.tell_texts(self._telling)
        self._reported.clear()
        self.look()

    def set_tokens(self, tokens: Tokens) -> None:
        """After a change of theme."""
        self._popups.set_tokens(tokens)

    def set_alerts(self, present: Sequence[Incoming], calls: Sequence[IncomingCall] = ()) -> None:
        """All alerts and priority messages that exist now for this person."""
        self._reported &= {alert.id for alert in present} | {call.id for call in calls}
        now = self._clock()
        self._state.update_calls(calls, now)
        self._apply(self._state.update(present, now))

    def set_texts(self, place: str, waiting: Sequence[Waiting], calm: bool) -> None:
        """All conversations with customers that wait for this person; see :meth:`.TextState.update`."""
        self._apply(self._state.update_texts(place, waiting, calm, self._clock()))

    def set_news(self, news: Sequence[News]) -> None:
        """All that came of this person's own calls and that they have not seen."""
        if tuple(news) != self._news:
            self._news = tuple(news)
            self.look()

    def set_text_telling(self, telling: TextTelling) -> None:
        self._telling = telling
        self._state.tell_texts(telling)
        self.look()

    def refresh_faces(self) -> None:
        """A picture that was missing has come."""
        self._popups.refresh_faces()

    def set_in_meeting_room(self, inside: bool) -> None:
        """Approach is not possible from inside; the pop-up says so."""
        self._popups.set_can_approach(not inside)
        self._tell_tray(can_approach=not inside)

    def set_connection(self, protected: bool, words: str) -> None:
        """``words``: the connection as the window says it, for the tray's tooltip."""
        self._tell_tray(protected=protected, connection=words)

    def set_unread(self, count: int) -> None:
        self._tell_tray(unread=count)

    def set_me(self, status: Status | None, hand_up: bool, hand_waits: bool = False) -> None:
        """One's own status (``None`` while signed out) and hand, for the tray's menu."""
        self._tell_tray(status=status, hand_up=hand_up, hand_waits=hand_waits)

    def set_sound(self, settings: SoundSettings) -> None:
        self.sound.set_settings(settings)
        if self._volume is not None:
            self._volume.set_device(settings.device)

    def set_reduced_motion(self, reduced: bool) -> None:
        self._popups.set_reduced_motion(reduced)
        self._tray.set_reduced_motion(reduced)

    def answer_refused(self, alert: str, sentence: str) -> None:
        """The server refused the answer given here: the buttons come back, with the reason."""
        self._state.refused(alert, sentence)
        self.look()

    def answer(self, alert: EscalationId, kind: AnswerKind) -> None:
        """Answer from a place of the main window's own."""
        self._answer(alert, kind)

    @property
    def snoozed_until(self) -> float | None:
        return self._state.snoozed_until

    def snooze(self, until: float | None) -> None:
        """Keep alerts quiet until then (s since the epoch), ``None`` to resume."""
        self._state.snooze(until)
        self.look()

    def test(self, name: str, words: str = "") -> None:
        """Send a test alert to this screen alone: what a red one would do here, marked as a test.

        ``name``: one's own; ``words``: what is tested, if it is not all of this.
        """
        raiser = Raiser(self._state.me, name, tr("Only on this computer"), self._tray_state.status)
        self._state.start_test(raiser, words or tr("This is how a red escalation reaches you"), self._clock())
        self.look()

    # -- following the state ---------------------------------------------------------------------

    def look(self) -> None:
        """See what has changed by time alone; called by its own timer."""
        self._apply(self._state.look(self._clock()))

    def _apply(self, wanted: Wanted) -> None:
        now = self._clock()
        self._guard(Channel.POPUP, lambda: self._popups.show(wanted.cards))
        self._guard(Channel.SOUND, lambda: self._sound(wanted))
        self._guard(Channel.NOTIFICATION, lambda: self._notify(wanted))
        before = self._tray_state.snoozed_until
        self._tell_tray(
            ringing=wanted.ringing,
            calls=wanted.calls,
            muted=wanted.muted,
            texts=texts_words(wanted.texts) if wanted.texts is not None else "",
            snoozed_until=self.snoozed_until,
        )
        if before != self.snoozed_until:
            self.snooze_changed.emit(self.snoozed_until)
        self._call_attention(bool(wanted.ringing) or wanted.sounding)
        self._timer.stop()
        if wanted.look_again is not None:
            wait_ms = max(0, int((wanted.look_again - now) * 1000) + 1)
            self._timer.start(min(wait_ms, LONGEST_TIMER_MS))

    def _sound(self, wanted: Wanted) -> None:
        if wanted.ringing:
            self.sound.ring()
        elif wanted.sounding:
            self.sound.call()
        elif wanted.chiming:
            self.sound.chime()
        else:
            self.sound.quiet()

    def _notify(self, wanted: Wanted) -> None:
        notes = [note_of(view) for view in (*wanted.ringing, *wanted.calls)]
        if wanted.texts is not None:
            notes.append(note_of_texts(wanted.texts))
        self._notifications.show((*notes, *map(note_of_news, self._news)))

    def _guard(self, channel: Channel, act: Callable[[], None]) -> None:
        """One channel's failure stays its own."""
        try:
            act()
        except Exception:
            log.exception("the alert's %s failed", channel)
            self._broken.add(channel)
            self._judge()
        else:
            if channel in self._broken:
                self._broken.discard(channel)
                self._judge()

    def _tell_tray(self, **changes: object) -> None:
        self._tray_state = replace(self._tray_state, **changes)  # type: ignore[arg-type]  # our own fields
        self._guard(Channel.TRAY, lambda: self._tray.set_state(self._tray_state))

    def _call_attention(self, calling: bool) -> None:
        if not calling:
            self._attention.stop()
        elif not self._attention.isActive():
            self._attention.start()
            if self._volume is not None:
                self._volume.look()
            self._demand_attention()

    def _demand_attention(self) -> None:
        if self._window is not None and self._window.isVisible():
            QApplication.alert(self._window, ATTENTION_MS)

    # -- what the person does --------------------------------------------------------------------

    def _answer(self, alert: str, kind: AnswerKind | CallAnswer) -> None:
        if self._state.answer(alert, kind, self._clock()):
            self.answer_requested.emit(alert, kind)
        elif alert == TEST_ID:
            self.test_answered.emit()
        self.look()

    def _open(self, note: str) -> None:
        if note.startswith(TEXTS_ID):
            self.texts_requested.emit(note.removeprefix(TEXTS_ID))
        elif note.startswith(NEWS_ID):
            self.news_requested.emit(note.removeprefix(NEWS_ID))
        else:
            self.open_requested.emit()

    def _put_away(self, alert: EscalationId) -> None:
        self._state.put_away(alert)
        self.look()

    def _snooze(self, choice: Snooze | None) -> None:
        self.snooze(choice.until(self._clock()) if choice is not None else None)

    def _exposed(self, alert: str) -> None:
        if alert != TEST_ID and alert not in self._reported:
            self._reported.add(alert)
            self.shown.emit(alert)

    def _judge(self, _trouble: str = "") -> None:
        troubles = {
            Channel.POPUP: self._popups.trouble,
            Channel.SOUND: self.sound.trouble or (SYSTEM_MUTED if self._muted else ""),
            Channel.NOTIFICATION: self._notifications.trouble,
            Channel.TRAY: self._tray.trouble,
        }
        for channel in self._broken:
            troubles[channel] = "broken"
        degraded = tuple(Degraded(channel, reason) for channel, reason in troubles.items() if reason)
        unknown = tuple(channel for channel, doubtful in self._doubts().items() if doubtful)
        before, reach = self.degraded, self.reach
        self.degraded, self.unknown = degraded, unknown
        if before != degraded:
            self.degraded_changed.emit(degraded)
        if reach != self.reach:
            self.reach_changed.emit()

    @property
    def _muted(self) -> bool | None:
        """By the system; ``None`` when it does not tell."""
        return self._volume.muted if self._volume is not None else False

    def _doubts(self) -> dict[Channel, bool]:
        no_word_yet = not (self.sound.trouble or self.sound.outputs)
        return {
            Channel.SOUND: no_word_yet or self._muted is None,
            Channel.NOTIFICATION: self._notifications.unknown,
        }


def make_alerts(
    clock: Callable[[], float],
    tokens: Tokens,
    pictures: Pictures = no_pictures,
    parent: QObject | None = None,
) -> Alerts:
    """The alerts with their real channels.

    ``clock``: the server's time (s since the epoch); ``pictures``: faces by asset.
    """
    return Alerts(
        clock=clock,
        popups=AlertPopups(clock, tokens, pictures),
        sound=AlertSound(),
        notifications=AlertNotifications(),
        tray=Tray(TrayIcons()),
        volume=SystemVolume(),
        parent=parent,
    )
