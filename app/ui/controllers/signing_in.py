"""Signing in: the page before the window, what is remembered for the next start, and who was typed there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from app.core.errors import Code, Refused
from app.net.address import parse_address
from app.net.client import Client, ConnectionProblem
from app.net.credentials import Obstacle
from app.net.problems import Trouble
from app.tasks import Tasks
from app.ui.controllers.asking import failure_words
from app.ui.controllers.ways_controller import WaysController
from app.ui.entrance import Entrance
from app.ui.i18n import tr
from app.ui.preferences import Preferences
from app.ui.signin import SignInPage
from app.ui.signin_words import ADDRESS_TROUBLES, store_words
from app.ui.theme import Theme
from app.ui.token_keeper import TokenKeeper


class SigningIn(QObject):
    """Args:
        entered: somebody is signed in.

    Signals:
        closed: the person closed the page, which before signing in means quitting.
        settings_wanted: its button was pressed.
        language_chosen: another one was chosen on the page; it is remembered.

    Attributes:
        entrance: while nobody is signed in.
    """

    closed = Signal()
    settings_wanted = Signal()
    language_chosen = Signal()

    def __init__(
        self,
        client: Client,
        tokens: TokenKeeper,
        preferences: Preferences,
        theme: Theme,
        tasks: Tasks,
        entered: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.entrance: Entrance | None = None
        self._client, self._tokens, self._tasks = client, tokens, tasks
        self._preferences, self._theme, self._entered = preferences, theme, entered
        self._present: bool | None = None  # a secret store; not known yet
        self._obstacle: Obstacle | None = None

    def begin(self, server: str, handle: str, password: str) -> None:
        """With a password, else with what is remembered, else ask."""
        self.show(server, handle)
        if server and handle and not password:
            self._tasks.spawn(self._sign_in_again(server, handle), name="sign in again")
            return
        self._tasks.spawn(self._look_for_store(), name="look for the secret store")
        if password:
            # Who starts the program with a password does so again: nothing is remembered.
            self._tasks.spawn(self._sign_in(server, handle, password, remember=None), name="sign in")

    @property
    def page(self) -> SignInPage:
        if self.entrance is None:
            return self.show(self._preferences.server, self._preferences.handle)
        return self.entrance.page

    def show(self, server: str, handle: str) -> SignInPage:
        if self.entrance is None:
            self.entrance = self._made()
        page = self.entrance.page
        page.set_busy(False)  # a field takes the keyboard only once it can be used
        page.fill(server, handle, remember=self._preferences.remember)
        if self._preferences.trouble:
            page.show_note(
                tr("Earlier settings were damaged; they are kept as {file}.", file=self._trouble())
            )
        self.entrance.open()
        return page

    def leave(self) -> None:
        """It is made anew when it is needed: hidden, it would hold 6 MB all day."""
        entrance, self.entrance = self.entrance, None
        if entrance is not None:
            self._ways.close()
            entrance.close_for_good()

    def retranslate(self) -> None:
        if self.entrance is not None:
            self.entrance.page.retranslate(self._preferences.language)
            self._say_store()

    def _made(self) -> Entrance:
        entrance = Entrance(self._theme)
        page = entrance.page
        page.sign_in_requested.connect(self._submitted)
        page.plain_allowed.connect(self._plain_allowed)
        page.preferences_pressed.connect(self.settings_wanted)
        self._ways = WaysController(page, self._client, self._tasks, self._say_failure, self._came_in)
        page.language_chosen.connect(self._choose_language)
        page.theme_chosen.connect(self._choose_theme)
        page.corner.set_language(self._preferences.language)
        entrance.closed.connect(self.closed)
        return entrance

    def _trouble(self) -> str:
        trouble, self._preferences.trouble = self._preferences.trouble, ""
        return trouble

    # With a password, through a provider, with what is remembered

    def _submitted(self, server: str, handle: str, password: str, remember: bool) -> None:
        if not self._tasks.closed:
            self._tasks.spawn(self._sign_in(server, handle, password, remember=remember), name="sign in")

    async def _sign_in(self, server: str, handle: str, password: str, *, remember: bool | None) -> None:
        """``remember``: ``None`` leaves everything that is remembered as it is."""
        page = self.page
        page.set_busy(True)
        self._tokens.follow(None, handle)
        try:
            address = parse_address(server)
            await self._client.sign_in(address.url, handle, password)
        except (Refused, ConnectionProblem) as error:
            self._say_failure(page, server, error)
            return
        page.clear_secret()
        if remember is None:
            self._entered()
        else:
            await self._came_in(address.url, remember)

    async def _came_in(self, server: str, remember: bool) -> None:
        """Somebody has signed in anew."""
        person, handle = self._client.person, self._tokens.handle
        if person is not None and handle.casefold() != person.handle.casefold():
            handle = person.handle  # a provider said who it is
        self._preferences.remember = remember
        self._preferences.server, self._preferences.handle = server, handle
        self._preferences.save()
        self._entered()
        self._tokens.follow(parse_address(server) if remember else None, handle)
        await self._tokens.keep()

    async def _sign_in_again(self, server: str, handle: str) -> None:
        """With the token of the last time; a server that is away is waited for.

        A locked store takes its time: who types a password meanwhile goes that way.
        """
        page = self.page
        try:
            address = parse_address(server)
            keeping = await self._tokens.credentials.load(address, handle)
            self._present, self._obstacle = keeping.obstacle is not Obstacle.NO_KEYRING, keeping.obstacle
            self._say_store()
            if keeping.token is None or page.in_use:
                return
            page.set_busy(True)
            self._tokens.follow(address, handle)
            await self._client.resume(address.url, keeping.token)
        except (Refused, ConnectionProblem) as error:
            self._say_failure(page, server, error)
            return
        self._entered()

    def _say_failure(self, page: SignInPage, server: str, error: Refused | ConnectionProblem) -> None:
        if isinstance(error, ConnectionProblem) and error.problem.code is Trouble.GIVEN_UP:
            return  # the person went another way in meanwhile
        if isinstance(error, ConnectionProblem) and error.problem.code is Trouble.UNPROTECTED:
            page.offer_plain(failure_words(error), parse_address(server).url)
            return
        wrong = isinstance(error, Refused) and error.refusal.code is Code.WRONG_CREDENTIALS
        elsewhere = isinstance(error, ConnectionProblem) and error.problem.code in ADDRESS_TROUBLES
        page.show_error(failure_words(error), password=wrong, server=elsewhere)

    # What is chosen on the page

    def _choose_theme(self, choice: str) -> None:
        self._preferences.theme = choice
        self._preferences.save()
        self._theme.choose(choice)

    def _choose_language(self, code: str) -> None:
        self._preferences.language = code
        self._preferences.save()
        self.language_chosen.emit()

    def _plain_allowed(self, address: str) -> None:
        self._preferences.plain_servers = (*self._preferences.plain_servers, address)
        self._preferences.save()

    # Where sessions are kept

    async def _look_for_store(self) -> None:
        """Before anybody signs in: whether this machine can keep the session."""
        self._present = await self._tokens.credentials.present()
        self._say_store()

    def _say_store(self) -> None:
        if self._present is not None and self.entrance is not None:
            self.entrance.page.set_secret_store(
                store_words(self._present, self._obstacle), kept=self._present
            )
