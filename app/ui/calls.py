"""The alerts of the signed-in person, connected with the desk."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from app.core.model import Channel, PersonId
from app.ui.alerts import troubles
from app.ui.alerts.center import Alerts
from app.ui.alerts.troubles import Degraded
from app.ui.controllers.alerts_controller import AlertsController
from app.ui.controllers.news_controller import NewsController
from app.ui.controllers.texts_controller import TextsController
from app.ui.desk import Desk
from app.ui.panels.side_panel import Tab
from app.ui.reach_words import lost_words


def in_tray(alerts: Alerts) -> bool:
    """The icon can be seen, so a closed window can be found again."""
    return not any(trouble.channel is Channel.TRAY for trouble in alerts.degraded)


class Calls(QObject):
    """Args:
    desk: whose window demands attention, and whose chat and map the answers open.
    """

    def __init__(self, desk: Desk, alerts: Alerts, me: PersonId) -> None:
        super().__init__(desk)
        self._desk, self._alerts = desk, alerts
        self.controller = AlertsController(alerts, desk.client, desk.bridge, desk.asking, self)
        alerts.set_person(me)
        alerts.set_window(desk.window)
        alerts.set_tokens(desk.theme.tokens)
        self.controller.chat_wanted.connect(self._chat)
        self.controller.message_wanted.connect(self._message)
        self.controller.approached.connect(desk.window.open)
        alerts.open_requested.connect(desk.window.open)
        alerts.raise_requested.connect(self._raise)
        alerts.status_requested.connect(desk.self_.set_status)
        alerts.quit_requested.connect(desk.quit_wanted)
        desk.policies.test.rings.connect(self._ring_test)
        alerts.test_answered.connect(desk.policies.test.answered)
        desk.chat.unread_changed.connect(alerts.set_unread)
        desk.theme.changed.connect(self._theme_changed)
        desk.pictures.came.connect(alerts.refresh_faces)
        self.texts = TextsController(alerts, desk.client, desk.bridge, desk.inbox.in_view, self)
        alerts.texts_requested.connect(self._open_texts)
        self.news = NewsController(alerts, desk.client, desk.bridge, desk.hands, desk.window.attended, self)
        desk.window.activated.connect(self.news.refresh)
        alerts.news_requested.connect(self._open_news)
        self._troubles: frozenset[Degraded] = frozenset()
        alerts.degraded_changed.connect(self._say_troubles)
        self._say_troubles(alerts.degraded)
        self.controller.refresh()

    def _ring_test(self, words: str) -> None:
        person = self._desk.client.person
        self._alerts.test(person.name if person is not None else "", words)

    def close(self) -> None:
        """Nobody sits here any more: nothing calls."""
        self._alerts.set_window(None)
        self._alerts.set_person(PersonId(""))
        self._alerts.set_alerts([])
        self._alerts.set_texts("", (), calm=True)
        self._alerts.set_news(())
        self._alerts.set_me(None, False)

    def _say_troubles(self, degraded: Sequence[Degraded]) -> None:
        """What would not reach this person any more: said once, and in the top bar as long as it is so.

        A tray that is missing stands in the settings alone: many desktops never have one.
        """
        new = [trouble for trouble in degraded if trouble not in self._troubles]
        self._troubles = frozenset(degraded)
        if new:
            self._desk.toasts.say(" ".join(troubles.words(trouble) for trouble in new))
        lasting = [trouble for trouble in degraded if trouble.channel is not Channel.TRAY]
        lost = lost_words(self._alerts.reach, {trouble.channel for trouble in lasting})
        sentences = [f"{troubles.words(trouble)} {troubles.mending(trouble)}" for trouble in lasting]
        self._desk.top_bar.show_troubles(lost, "\n".join(sentences))

    def _chat(self, person: str, hand: str) -> None:
        self._desk.window.open()
        self._desk.chat.open_with(person, hand)

    def _message(self, conversation: str) -> None:
        self._desk.window.open()
        self._desk.chat.open_conversation(conversation)

    def _open_texts(self, talk: str) -> None:
        """The conversation, or the list where several customers wrote."""
        self._desk.window.open()
        self._desk.window.show_tab(Tab.INBOX)
        if talk:
            self._desk.inbox.open(talk)

    def _open_news(self, conversation: str) -> None:
        """One's own hand, or the conversation."""
        if conversation:
            self._message(conversation)
        else:
            self._desk.window.open()
            self._desk.window.show_tab(Tab.HANDS)

    def _raise(self) -> None:
        self._desk.window.open()
        self._desk.escalation.press()

    def _theme_changed(self) -> None:
        self._alerts.set_tokens(self._desk.theme.tokens)
