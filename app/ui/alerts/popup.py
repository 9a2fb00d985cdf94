"""The pop-up of alerts and priority messages on all screens, as screens come and go, until it is seen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QScreen, QWindow

from app.core.model import AssetId
from app.ui.alerts.card_parts import Pictures
from app.ui.alerts.popup_window import Clock, PopupWindow, Seen
from app.ui.alerts.views import AlertView
from app.ui.theme.tokens import Tokens

INSIST_MS = (1_000, 2_000, 5_000, 15_000, 30_000)
"""Waits before a window that is not seen is made anew, while it is wanted."""
PATIENCE = 2
"""A pop-up that is on no screen after so many of these waits is a trouble."""
NOT_VISIBLE = "not_visible"
DRAWN_NOWHERE = frozenset({"offscreen", "minimal", "minimalegl", "vkkhrdisplay"})
"""Qt platforms whose windows nobody sees, however exposed they say they are."""


def on_a_screen(window: QWindow) -> bool:
    """The window server shows it, within a screen that is there. Only then it counts as shown."""
    screen = window.screen()
    return (
        window.isExposed()
        and QGuiApplication.platformName() not in DRAWN_NOWHERE
        and screen in QGuiApplication.screens()
        and screen.geometry().intersects(window.geometry())
    )


def no_pictures(asset: AssetId | None) -> QImage | None:
    """Faces show initials."""
    return None


class AlertPopups(QObject):
    """The pop-up on all screens, as screens come and go.

    Attributes:
        trouble: empty, or ``not_visible``.

    Signals:
        answered: (escalation id, AnswerKind), or (message id, CallAnswer).
        put_away: (escalation id).
        opened: the window is asked for.
        exposed: (escalation id), its card is on a screen; may be said more than once.
        trouble_changed: with the new :attr:`trouble`.
    """

    answered = Signal(str, object)
    put_away = Signal(str)
    opened = Signal()
    exposed = Signal(str)
    trouble_changed = Signal(str)

    def __init__(
        self,
        clock: Clock,
        tokens: Tokens,
        pictures: Pictures = no_pictures,
        parent: QObject | None = None,
        *,
        seen: Seen = on_a_screen,
    ) -> None:
        super().__init__(parent)
        self._seen = seen
        self._tokens = tokens
        self._pictures = pictures
        self.trouble = ""
        self._clock = clock
        self._views: tuple[AlertView, ...] = ()
        self._can_approach = True
        self._reduced_motion = False
        self._windows: dict[QScreen, PopupWindow] = {}
        self._ticker = QTimer(self, interval=1_000)
        self._ticker.timeout.connect(self._tick)
        self._tries = 0
        self._insisting = QTimer(self, singleShot=True)
        self._insisting.timeout.connect(self._insist)
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.screenAdded.connect(self._screen_added)
            app.screenRemoved.connect(self._screen_removed)
            app.screenRemoved.connect(self._look)

    @property
    def windows(self) -> tuple[PopupWindow, ...]:
        return tuple(self._windows.values())

    def show(self, views: Sequence[AlertView]) -> None:
        """Exactly these cards are wanted now, oldest first."""
        if tuple(views) == self._views and self._windows.keys() >= set(QGuiApplication.screens()):
            return
        new = {v.calling for v in views} - {v.calling for v in self._views}
        self._views = tuple(views)
        for screen in QGuiApplication.screens():
            self._screen_added(screen)
        for window in self._windows.values():
            window.set_views(self._views, self._can_approach)
            if new and self._views:
                window.raise_()
        if not self._views:
            self._ticker.stop()
        elif not self._ticker.isActive():
            self._ticker.start()
        self._look()

    def refresh_faces(self) -> None:
        """A picture came."""
        for window in self._windows.values():
            window.update()

    def set_can_approach(self, possible: bool) -> None:
        self._can_approach = possible
        for window in self._windows.values():
            window.set_views(self._views, possible)

    def set_reduced_motion(self, reduced: bool) -> None:
        self._reduced_motion = reduced
        for window in self._windows.values():
            window.reduced_motion = reduced

    def set_tokens(self, tokens: Tokens) -> None:
        """After a change of theme: the windows are made anew where they stand."""
        self._tokens = tokens
        views, self._views = self._views, ()
        for screen in list(self._windows):
            self._screen_removed(screen)
        self.show(views)

    def close(self) -> None:
        self._views = ()
        self._ticker.stop()
        self._insisting.stop()
        for screen in list(self._windows):
            self._screen_removed(screen)

    # -- screens ---------------------------------------------------------------------------------

    def _screen_added(self, screen: QScreen) -> None:
        if screen in self._windows or not self._views:
            return
        window = PopupWindow(screen, self._clock, self._tokens, self._pictures, self._seen)
        window.reduced_motion = self._reduced_motion
        window.answered.connect(self.answered)
        window.put_away.connect(self.put_away)
        window.opened.connect(self.opened)
        window.exposure_changed.connect(self._look)
        self._windows[screen] = window
        window.set_views(self._views, self._can_approach)

    def _screen_removed(self, screen: QScreen) -> None:
        window = self._windows.pop(screen, None)
        if window is not None:
            window.hide()
            window.deleteLater()

    # -- what is seen ----------------------------------------------------------------------------

    def _tick(self) -> None:
        for window in self._windows.values():
            window.tick()

    def _look(self, *_: object) -> None:
        """Tell which cards are seen; where a window is not, try again until it is."""
        unseen = [w for w in self._windows.values() if not w.exposed_cards]
        seen = frozenset().union(*(w.exposed_cards for w in self._windows.values()))
        for view in self._views:
            if view.id in seen:
                self.exposed.emit(view.id)
        if seen:
            self._report("")
        if not self._views or (self._windows and not unseen):
            self._insisting.stop()
            self._tries = 0
        elif not self._insisting.isActive():
            self._insisting.start(INSIST_MS[min(self._tries, len(INSIST_MS) - 1)])

    def _insist(self) -> None:
        """What the system hid, destroyed or never showed is made anew."""
        self._tries += 1
        for screen, window in list(self._windows.items()):
            if not window.exposed_cards:
                self._screen_removed(screen)
        for screen in QGuiApplication.screens():
            self._screen_added(screen)
        if self._tries >= PATIENCE and not any(w.exposed_cards for w in self._windows.values()):
            self._report(NOT_VISIBLE)
        self._look()

    def _report(self, trouble: str) -> None:
        if trouble != self.trouble:
            self.trouble = trouble
            self.trouble_changed.emit(trouble)
