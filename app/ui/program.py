"""The program from start to end: signing in, the desk of who is signed in, alerts, quitting."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QLocale, QObject
from PySide6.QtGui import QImage

from app import __version__
from app.core.model import AssetId, PersonId, Role
from app.net.assets import AssetCache
from app.net.client import Client, ClientChange, ConnectionChanged, Link, TokenChanged
from app.net.clock import SystemClock
from app.net.credentials import CredentialStore, Obstacle
from app.net.shelf import DiskShelf
from app.net.websocket import WebSocketConnector
from app.tasks import Tasks
from app.ui.alerts.center import make_alerts
from app.ui.alerts.telling import ReachTeller
from app.ui.calls import Calls, in_tray
from app.ui.controllers.account_controller import AccountController
from app.ui.controllers.permissions_controller import PermissionsController
from app.ui.controllers.phone_controller import PhoneController
from app.ui.controllers.settings_controller import SettingsController
from app.ui.controllers.signing_in import SigningIn
from app.ui.desk import Desk
from app.ui.diagnostics import DiagnosticsSaver, StateLog
from app.ui.folders import Folders
from app.ui.i18n import tr
from app.ui.idle import IdleWatch, idle_reader, watch_lock
from app.ui.instance import Reply, Request
from app.ui.language import speak
from app.ui.network import NetworkWatch
from app.ui.panels.side_panel import Tab
from app.ui.preferences import Preferences
from app.ui.question import ask, tell
from app.ui.signin_words import not_kept_words, waiting_words
from app.ui.theme import Theme
from app.ui.token_keeper import TokenKeeper
from app.ui.visitors import Visitors
from app.ui.words import refusal_words

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """What the command line says about signing in and what to open; empty where it says nothing."""

    server: str = ""
    handle: str = ""
    password: str = ""
    link: str = ""


class Program(QObject):
    """Attributes:
    client: one for the whole run, signed in or not.
    signing_in: the page before the window.
    desk: the window of who is signed in.
    """

    def __init__(self, theme: Theme, preferences: Preferences, folders: Folders, start: Start) -> None:
        super().__init__()
        self._theme, self._preferences, self._start = theme, preferences, start
        self._tasks = Tasks("window")
        self.client = Client(
            connect=WebSocketConnector(allow_plain=lambda to: to.url in self._preferences.plain_servers),
            clock=SystemClock(),
            rng=random.SystemRandom(),
            tasks=Tasks("client"),
            cache=AssetCache(folders.cache),
            app=f"Handraise {__version__}",
            device=socket.gethostname(),
            shelf=DiskShelf(folders.outbox),
        )
        credentials = CredentialStore(place=folders.place, folder=folders.sessions)
        self._tokens = TokenKeeper(credentials, lambda: self.client.token, self._say_not_kept)
        self.signing_in = SigningIn(
            self.client, self._tokens, preferences, theme, self._tasks, self._enter, self
        )
        self.signing_in.closed.connect(self._quit_now)
        self.signing_in.settings_wanted.connect(self._settings)
        self.signing_in.language_chosen.connect(self._language_changed)
        self._stop_listening = self.client.listen(self._heard)
        self._idle = IdleWatch(idle_reader(), parent=self)
        self._network = NetworkWatch(self)
        self._network.changed.connect(self.client.retry_now)
        self._alerts = make_alerts(self.client.server_now, theme.tokens, self._portrait, self)
        self._alerts.quit_requested.connect(self.quit)
        self._alerts.open_requested.connect(self._open)
        self._states = StateLog(self.client)
        self._alerts.degraded_changed.connect(self._states.degraded)
        saver = DiagnosticsSaver(folders, self._spawn, self)
        self._settings_of = SettingsController(preferences, theme, self._alerts, self, saver)
        self._settings_of.language_changed.connect(self._language_changed)
        self._account_of = AccountController(self.client, self._spawn, theme, self)
        self._account_of.failed.connect(self._say)
        self._phone_of = PhoneController(self.client, self._spawn, theme, self)
        self._permissions_of = PermissionsController(self.client, self._spawn, theme, self)
        self._finished = asyncio.Event()
        self._typed: dict[PersonId, dict[str, str]] = {}  # for who signs in again
        self._leave = False
        self.desk: Desk | None = None
        self._calls: Calls | None = None
        self._visitors = Visitors(preferences, self._open)

    # From start to end

    async def run(self) -> None:
        """Until somebody quits."""
        self._alerts.start()
        ReachTeller(self._alerts, self.client.set_reach, self)
        watch_lock(self._idle)
        self._idle.start()
        self._network.start()
        self._begin()
        await self._finished.wait()
        await self._close()

    def _begin(self) -> None:
        """With a password from the command line, else with what is remembered, else ask."""
        start, known = self._start, self._preferences
        server, handle = start.server or known.server, start.handle or known.handle
        self.signing_in.begin(server, handle, start.password)
        if start.link:
            self._visitors.follow(None, start.link)

    def terminate(self) -> None:
        """The session ends, or somebody sent a signal: like a lost connection, a raised hand stays."""
        self._finished.set()

    def quit(self) -> None:
        """On purpose; with a raised hand, only after a word."""
        words = tr("Your hand is raised. Quitting lowers it, unless you are here on another machine too.")
        self._unless_raised(tr("Quit Handraise?"), words, tr("Quit and lower my hand"), self._quit_now)

    def _unless_raised(self, title: str, words: str, yes: str, act: Callable[[], None]) -> None:
        """``act``; with a raised hand only after a word, as it goes down with that; and with a policy that is
        not saved."""
        desk = self.desk
        if desk is None:
            act()
            return

        def ask_first() -> None:
            if desk.hands.own is None and desk.hands.waiting is None:
                act()
                return
            desk.window.open()
            if desk.hands.own is None:
                waits = tr("Your hand waits for the connection. It is not raised then.")
                ask(desk.window, title, waits, tr("Take my hand back"), act, self._theme.tokens)
                return
            ask(desk.window, title, words, yes, act, self._theme.tokens)

        desk.policies.guard(ask_first)

    def _quit_now(self) -> None:
        self._leave = True
        self._finished.set()

    async def _close(self) -> None:
        self._idle.stop()
        self._stop_listening()
        self._states.close()
        self._leave_desk()
        await self._tasks.close()
        await self._alerts.close()
        await self.client.close(leave=self._leave)
        await self._tokens.credentials.close()
        self.signing_in.leave()

    def _spawn(self, coro: Coroutine[Any, Any, None], name: str) -> None:
        if not self._tasks.closed:
            self._tasks.spawn(coro, name=name)
        else:
            coro.close()

    # Signing in and out

    def _language_changed(self) -> None:
        """All that is on the screen is said anew, unless something would be lost that is typed there."""
        if self.desk is not None and self.desk.holds_words:
            self._settings_of.say_later()
            return
        speak(self._preferences.language, self._theme.app)
        self.signing_in.retranslate()
        if self.desk is not None:
            tab, snoozed = self.desk.panels.side.tab, self._alerts.snoozed_until
            self._settings_of.close()
            self._leave_desk()
            self._enter(tab)
            self._alerts.snooze(snoozed)
            self._settings()

    def _say_not_kept(self, obstacle: Obstacle | None) -> None:
        if self.desk is not None:
            self.desk.toasts.say(not_kept_words(obstacle))

    def _sign_out(self) -> None:
        words = tr("Your hand is raised. Signing out lowers it, unless you are here on another machine too.")
        self._unless_raised(tr("Sign out?"), words, tr("Sign out and lower my hand"), self._sign_out_now)

    def _sign_out_now(self) -> None:
        self._spawn(self._leave_server(), "sign out")

    async def _leave_server(self) -> None:
        await self._tokens.forget()
        await self.client.sign_out()
        self._back_to_entrance("")

    def _heard(self, changes: tuple[ClientChange, ...]) -> None:
        for change in changes:
            if isinstance(change, TokenChanged):
                self._spawn(self._tokens.keep(), "keep the token")
            elif isinstance(change, ConnectionChanged):
                state = self.client.connection
                if state.link is Link.OFFLINE and state.refusal is not None and self.desk is not None:
                    self._back_to_entrance(refusal_words(state.refusal))
                elif state.link is Link.NOT_PROTECTED and self.desk is None:
                    self.signing_in.page.show_waiting(waiting_words(state))

    # The desk

    def _enter(self, tab: Tab = Tab.HANDS) -> None:
        """Somebody is signed in: their window instead of the entrance."""
        me = self.client.me
        if me is None or self.desk is not None:
            return
        locale = QLocale(self._preferences.language or QLocale.system().name())
        spawn = self._spawn
        desk = Desk(self.client, self._theme, self._idle, spawn, locale)
        self.desk = desk
        desk.chat.use_typed(self._typed.setdefault(me.me, {}))
        self._calls = Calls(desk, self._alerts, me.me)
        desk.quit_wanted.connect(self.quit)
        desk.sign_out_wanted.connect(self._sign_out)
        desk.settings_wanted.connect(self._settings)
        desk.set_reduced_motion(self._preferences.reduce_motion)
        self._settings_of.motion_changed.connect(desk.set_reduced_motion)
        desk.window.close_wanted.connect(self._window_closed)
        desk.window.restore_layout(self._preferences.geometry, self._preferences.panel_width)
        desk.panels.side.show_tab(tab, focus=False)
        desk.window.open()
        self.signing_in.leave()
        self._visitors.signed_in(desk)

    def _back_to_entrance(self, problem: str) -> None:
        self._leave_desk()
        start, known = self._start, self._preferences
        page = self.signing_in.show(known.server or start.server, known.handle or start.handle)
        if problem:
            page.show_note(problem)

    def _leave_desk(self) -> None:
        self._remember_layout()
        if self._calls is not None:
            self._calls.close()
        if self.desk is not None:
            self.desk.close()
        self.desk = self._calls = None

    def _say(self, words: str) -> None:
        if self.desk is not None:
            self.desk.toasts.say(words)

    def _settings(self) -> None:
        person, desk = self.client.person, self.desk
        if desk is not None and person is not None:
            offers = [
                (tr("Password and devices…"), partial(self._account_of.open, desk.window, person)),
                (tr("Phone…"), partial(self._phone_of.open, desk.window)),
            ]
            if desk.inbox.supervised:
                offers.append((tr("Escalation of lines…"), partial(desk.line_settings.open, desk.window)))
            if person.role is Role.ADMIN:
                offers.append((tr("Permissions…"), partial(self._permissions_of.open, desk.window)))
            self._settings_of.open(desk.window, person.name, offers)
        elif self.signing_in.entrance is not None:
            self._settings_of.open(self.signing_in.entrance, "Handraise")

    def _open(self) -> None:
        """The tray icon was clicked."""
        if self.desk is None and self.signing_in.entrance is not None:
            self.signing_in.entrance.open()

    # Other programs of the same person

    def asked(self, request: Request, reply: Reply) -> None:
        """A second start, a link, or ``handraise raise``."""
        self._visitors.asked(self.desk, request, reply)

    # What is remembered

    def _portrait(self, asset: AssetId | None) -> QImage | None:
        return self.desk.pictures.get(asset) if self.desk is not None else None

    def _remember_layout(self) -> None:
        if self.desk is not None:
            window = self.desk.window
            self._preferences.geometry = window.geometry_text()
            self._preferences.panel_width = window.panel_width
            self._preferences.save()

    def _window_closed(self) -> None:
        """Closing is not quitting, which is said once."""
        self._remember_layout()
        if self.desk is None:
            return
        if self._preferences.told_about_tray:
            self._put_away()
            return
        self._preferences.told_about_tray = True
        self._preferences.save()
        if in_tray(self._alerts):
            words = tr("Handraise goes on in the tray, so that you can be called. Quit from its menu.")
        else:
            words = tr("Handraise stays in the taskbar, so that you can be called. Ctrl+Q quits.")
        tokens = self._theme.tokens
        tell(self.desk.window, tr("You can still be called"), words, self._put_away, tokens)

    def _put_away(self) -> None:
        if self.desk is not None:
            self.desk.window.put_away(in_tray(self._alerts))
