"""The signed-in program: the window, and the controllers that connect it with the client."""

from __future__ import annotations

import time

from PySide6.QtCore import QLocale, QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.core.errors import Refusal, Refused
from app.core.model import PersonId, SpaceId
from app.core.space import SpaceState
from app.net.problems import ConnectionProblem
from app.ui.bridge import Bridge
from app.ui.controllers.asking import Asking, Spawn, failure_words
from app.ui.controllers.bars_controller import BarsController
from app.ui.controllers.chat_controller import ChatController, ChatModels
from app.ui.controllers.escalation_controller import EscalationController
from app.ui.controllers.hands_controller import HandsController
from app.ui.controllers.inbox_controller import InboxController, InboxModels
from app.ui.controllers.integrations_controller import IntegrationsController
from app.ui.controllers.line_settings_controller import LineSettingsController
from app.ui.controllers.map_controller import MapController
from app.ui.controllers.people_controller import PeopleController
from app.ui.controllers.policies_controller import PoliciesController
from app.ui.controllers.priority_controller import PriorityController
from app.ui.controllers.privacy_controller import PrivacyController
from app.ui.controllers.reports_controller import ReportsController
from app.ui.controllers.search_controller import SearchController
from app.ui.controllers.self_controller import SelfController
from app.ui.controllers.unsent_controller import UnsentController
from app.ui.i18n import tr
from app.ui.idle import IdleWatch
from app.ui.map import MapView
from app.ui.models.hands import HandsModel
from app.ui.models.people import PeopleModel
from app.ui.models.ticker import Ticker
from app.ui.panels.chat_panel import ChatPanel
from app.ui.panels.hands_panel import HandsPanel
from app.ui.panels.inbox_panel import InboxPanel
from app.ui.panels.look import Look
from app.ui.panels.people_panel import PeoplePanel
from app.ui.panels.side_panel import SidePanel, Tab
from app.ui.pictures import Pictures
from app.ui.port import ClientPort
from app.ui.search_popup import SearchPopup
from app.ui.shortcuts import ShortcutsSheet
from app.ui.theme import Theme
from app.ui.toasts import Toasts
from app.ui.toolbar import Toolbar
from app.ui.topbar import TopBar
from app.ui.unsent_card import UnsentCard
from app.ui.window import Window
from app.ui.words import refusal_words


class Panels:
    """The side panel and the models that it shows."""

    def __init__(self, client: ClientPort, look: Look, ticker: Ticker) -> None:
        self.hands_model, self.people_model, self.chat_models = HandsModel(), PeopleModel(), ChatModels()
        self.hands = HandsPanel(self.hands_model, look, ticker, client.server_now)

        def source() -> tuple[SpaceState, PersonId] | None:
            return (client.space, client.me.me) if client.space and client.me else None

        chats = self.chat_models
        self.chat = ChatPanel(chats.conversations, chats.found, chats.messages, look, source)
        self.inbox_models = InboxModels()
        self.inbox = InboxPanel(self.inbox_models.talks, self.inbox_models.texts, look)
        self.people = PeoplePanel(self.people_model, look)
        self.side = SidePanel(self.hands, self.chat, self.inbox, self.people, look)


class Desk(QObject):
    """Everything on the screen of somebody who is signed in.

    Args:
        idle: whether the person touches the machine.

    Attributes:
        asking, hands, chat, map, self_: what the alerts and the command line use too.

    Signals:
        settings_wanted, sign_out_wanted, quit_wanted: chosen in the window.
    """

    settings_wanted = Signal()
    sign_out_wanted = Signal()
    quit_wanted = Signal()

    def __init__(
        self,
        client: ClientPort,
        theme: Theme,
        idle: IdleWatch,
        spawn: Spawn,
        locale: QLocale,
    ) -> None:
        super().__init__()
        self.client, self.theme = client, theme
        self.bridge = Bridge(client, self)
        self.pictures = Pictures(client, spawn, self)
        self.look = Look(theme, self.pictures.get, self)
        self.pictures.came.connect(self.look.portrait_came)
        self.ticker = Ticker(self)
        self.panels = Panels(client, self.look, self.ticker)
        self.view = MapView(wall=client.server_now)
        self.top_bar = TopBar(self.look)
        self.toolbar = Toolbar(theme.tokens, client.server_now)
        self.window = Window(self.top_bar, self.view, self.toolbar, self.panels.side)
        self.toasts = Toasts(self.window.area, theme, (self.toolbar, self.view.controls))
        self.asking = Asking(client, spawn, self.toasts.say)
        self._make_controllers(idle, locale)
        self._wire_people()
        self._wire_window()
        idle.changed.connect(self._set_away)
        self._set_away(idle.away)
        theme.changed.connect(self._follow_theme)
        self.bridge.connection_changed.connect(self._say_refusal)
        self._refused: Refusal | None = None
        self._keys: ShortcutsSheet | None = None
        self._follow_theme()
        self.refresh()

    def _make_controllers(self, idle: IdleWatch, locale: QLocale) -> None:
        client, bridge, asking, panels = self.client, self.bridge, self.asking, self.panels
        self.map = MapController(self.view, client, bridge, asking, self.pictures)
        self.hands = HandsController(panels.hands_model, client, bridge, asking, time.time, self)
        self.chat = ChatController(panels.chat, panels.chat_models, client, bridge, asking, locale)
        self.inbox = InboxController(
            panels.inbox, panels.inbox_models, client, bridge, asking, self.ticker, locale
        )
        self.line_settings = LineSettingsController(client, asking, self.theme, self)
        self.inbox.settings_wanted.connect(lambda: self.line_settings.open(self.window))
        composer = panels.chat.conversation.composer
        self.priority = PriorityController(composer, client, bridge, asking, self.theme, self)
        self.people = PeopleController(panels.people, panels.people_model, client, bridge)
        self.self_ = SelfController(client, bridge, asking, idle, self)
        self.bars = BarsController(
            self.top_bar, self.toolbar, client, bridge, self.hands, self.ticker, time.time
        )
        self.escalation = EscalationController(
            self.window, self.toolbar, client, bridge, self.hands, self.look
        )
        self.popup = SearchPopup(self.top_bar.search, self.look, self.window)
        self.search = SearchController(self.popup, client, asking, locale)
        looks = (self.look, self.ticker, locale)
        self.reports = ReportsController(self.window, client, bridge, asking, looks)
        self.policies = PoliciesController(client, bridge, self.look, asking.spawn, self)
        self.integrations = IntegrationsController(client, self.theme, asking.spawn, locale, self)
        self.privacy = PrivacyController(client, self.look, asking.spawn, locale, self)
        card = UnsentCard(self.window.area, self.theme)
        self.unsent = UnsentController(
            card, client, bridge, asking, self.hands, self.escalation.give_back, locale, time.time
        )

    def _set_away(self, away: bool) -> None:
        """What comes while nobody is at the machine counts as read, or looked after, only afterwards."""
        self.panels.chat.conversation.present = self.panels.inbox.talk.present = not away
        self.window.set_present(not away)

    def refresh(self) -> None:
        """Read everything anew, as after a snapshot."""
        self.bridge.replaced.emit()

    @property
    def holds_words(self) -> bool:
        """Something is typed here that no other desk would have."""
        return bool(self.escalation.dialog.message.text()) or self.policies.holds_words

    # Wiring

    def _wire_people(self) -> None:
        """Chat, Approach and Show on map mean the same wherever they are chosen."""
        panels, view = self.panels, self.view
        panels.hands.acted.connect(self.hands.act)
        self.hands.queue_changed.connect(panels.side.set_hands)
        self.hands.chat_wanted.connect(self.chat.open_with)
        self.hands.locate_wanted.connect(self.map.locate)
        self.hands.ended.connect(self.toasts.say)
        self.hands.left_alone.connect(self.toasts.say)
        self.hands.again_wanted.connect(self.unsent.raise_now)
        self.hands.timeline_wanted.connect(self.reports.show_timeline)
        self.people.chat_wanted.connect(self.chat.open_with)
        self.people.approach_wanted.connect(self.map.approach)
        self.people.locate_wanted.connect(self.map.locate)
        self.map.approach_hand.connect(self.hands.approach)
        self.inbox.waiting_changed.connect(panels.side.set_inbox)
        self.chat.unread_changed.connect(panels.side.set_unread)
        self.chat.unread_changed.connect(self.toolbar.set_unread)
        self.chat.shown.connect(self._show_chat)
        self.chat.shown.connect(self.priority.look_at_rights)
        self.chat.timeline_wanted.connect(self.reports.show_timeline)
        self.inbox.timeline_wanted.connect(self.reports.show_timeline)
        self.chat.escalate_wanted.connect(lambda message: self.priority.escalate(message, self.window))
        self.search.person_chosen.connect(self.chat.open_with)
        self.search.message_chosen.connect(self.chat.open_message)
        view.chat_requested.connect(self._chat_on_map)
        view.hand_activated.connect(lambda hand, _person, _at: self.show_hand(hand))
        view.person_menu_requested.connect(self._person_menu)

    def _wire_window(self) -> None:
        window, toolbar = self.window, self.toolbar
        window.escalation_wanted.connect(self.escalation.press)
        window.search_wanted.connect(self.top_bar.search.setFocus)
        window.quit_wanted.connect(self.quit_wanted)
        window.activated.connect(self.chat.mark_read)
        window.activated.connect(self.inbox.touch)
        toolbar.escalation_pressed.connect(self.escalation.press)
        toolbar.status_chosen.connect(self.self_.set_status)
        toolbar.chat_pressed.connect(lambda: window.show_tab(Tab.CHAT))
        toolbar.seat_pressed.connect(self._seat)
        toolbar.settings_pressed.connect(self.settings_wanted)
        top_bar = self.top_bar
        top_bar.status_chosen.connect(self.self_.set_status)
        top_bar.space_chosen.connect(self.open_space)
        top_bar.settings_pressed.connect(self.settings_wanted)
        top_bar.policies_pressed.connect(lambda: self.policies.open(window))
        top_bar.integrations_pressed.connect(lambda: self.integrations.open(window))
        top_bar.privacy_pressed.connect(lambda: self.privacy.open(window))
        top_bar.keys_pressed.connect(lambda: self._show_keys())
        top_bar.board_pressed.connect(self.reports.show_board)
        top_bar.history_pressed.connect(self.reports.show_history)
        window.board_wanted.connect(self.reports.show_board)
        window.history_wanted.connect(self.reports.show_history)
        window.keys_wanted.connect(lambda: self._show_keys())
        self.policies.keys_wanted.connect(self._show_keys)
        top_bar.sign_out_pressed.connect(self.sign_out_wanted)
        top_bar.quit_pressed.connect(self.quit_wanted)

    def open_space(self, space: str) -> None:
        """Leave this space for another one."""
        self.asking.spawn(self._enter_space(SpaceId(space)), "another space")

    async def _enter_space(self, space: SpaceId) -> None:
        try:
            await self.client.open_space(space)
        except (Refused, ConnectionProblem) as error:
            self.toasts.say(failure_words(error))

    def set_reduced_motion(self, reduced: bool) -> None:
        self.view.set_reduced_motion(reduced)
        self.escalation.dialog.set_reduced_motion(reduced)

    def _follow_theme(self) -> None:
        tokens = self.theme.tokens
        self.view.set_tokens(tokens)
        self.toolbar.set_tokens(tokens)

    def _say_refusal(self) -> None:
        """Why the server does not let us in again, once; the top bar shows it on."""
        refusal = self.client.connection.refusal
        if refusal is not None and refusal != self._refused:
            self.toasts.say(refusal_words(refusal))
        self._refused = refusal

    def _show_keys(self, over: QWidget | None = None) -> None:
        if self._keys is None:
            self._keys = ShortcutsSheet(self.theme.tokens, over or self.window)
            self._keys.finished.connect(self._keys_closed)
            self._keys.open()

    def _keys_closed(self) -> None:
        self._keys = None

    # What several controllers have a part in

    def _show_chat(self) -> None:
        self.window.show_tab(Tab.CHAT)

    def _chat_on_map(self, person: str) -> None:
        """A chat with somebody whose hand is up answers the hand."""
        space = self.client.space
        hand = space.escalation_of(PersonId(person)) if space else None
        if hand is not None:
            self.hands.chat(hand.id, hand.raiser)
        else:
            self.chat.open_with(person)

    def show_hand(self, hand: str) -> None:
        """A hand is shown in the queue, with all that can be done."""
        self.window.show_tab(Tab.HANDS)
        card = self.panels.hands.cards.get(hand)
        if card is not None:
            card.setFocus()

    def _person_menu(self, person: str, at: QPoint) -> None:
        me = self.client.me.me if self.client.me else None
        menu = QMenu(self.window)
        menu.aboutToHide.connect(menu.deleteLater)
        if person == me:
            menu.addAction(tr("Go to your home seat")).triggered.connect(self.map.go_home)
            self._offer_seat(menu)
        else:
            menu.addAction(tr("Chat")).triggered.connect(lambda: self._chat_on_map(person))
            menu.addAction(tr("Approach")).triggered.connect(lambda: self.map.approach(person))
        menu.popup(at)

    def _seat(self) -> None:
        """Home, or from another seat a choice: go home, or be at home here."""
        here = self.map.seat_here
        if here is None or here == self.map.home_seat:
            self.map.go_home()
            return
        if self.map.home_seat is None:
            self.self_.take_seat(here)
            return
        menu = QMenu(self.window)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(tr("Go to your home seat")).triggered.connect(self.map.go_home)
        self._offer_seat(menu)
        button = self.toolbar.seat_button
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 6)))

    def _offer_seat(self, menu: QMenu) -> None:
        here = self.map.seat_here
        if here is not None and here != self.map.home_seat:
            action = menu.addAction(tr("Make this my home seat"))
            action.triggered.connect(lambda: self.self_.take_seat(here))

    def close(self) -> None:
        """Nothing is followed any more, and all of it goes."""
        self.theme.changed.disconnect(self._follow_theme)
        self.chat.keep_typed()
        self.policies.close()
        self.reports.close()
        self.bridge.close()
        self.window.hide()
        self.window.deleteLater()
        self.deleteLater()
