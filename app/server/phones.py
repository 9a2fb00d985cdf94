"""All about phones, put together: gateways and their caps, what is sent, what is said back, contacts."""

from __future__ import annotations

from app.core.model import PersonId
from app.server.clock import Clock, Entropy
from app.server.contact_book import ContactBook, Reachable
from app.server.delivery.apprise import AppriseGateway
from app.server.delivery.base import Reply, TextIn
from app.server.delivery.carriers import Carriers
from app.server.delivery.sender import Sender
from app.server.delivery.switchboard import Answering, Switchboard
from app.server.delivery.targets import Targets
from app.server.delivery.twilio import TwilioGateway
from app.server.delivery.twilio_callbacks import TwilioCallbacks
from app.server.line_inbound import InboundText, LineInbound, Taken
from app.server.own_phone import OwnPhone
from app.server.phones_config import PhonesConfig
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.web import Web
from app.tasks import Tasks


class Phones:
    """Args:
        answering: takes what phones answer, and tells the screens.
        inside: webhooks may be inside this server's own network.

    Attributes:
        carriers: gateways register here, each for its channel.
        targets: who has contacts of their own registers how they are found.
        sender: carries out what the engine decided on.
        own: people's own numbers.
    """

    def __init__(
        self,
        config: PhonesConfig,
        store: Store,
        spaces: Spaces,
        service: Service,
        answering: Answering,
        clock: Clock,
        entropy: Entropy,
        tasks: Tasks,
        inside: bool = False,
    ) -> None:
        self._config, self._store, self._spaces = config, store, spaces
        self._answering = answering
        self._clock, self._entropy = clock, entropy
        self.carriers = Carriers(store.contacts, clock, config.most)
        self.carriers.add("apprise", AppriseGateway(inside=inside))
        self.targets = Targets(store.contacts, clock, self._known)
        self.sender = Sender(
            entropy(8).hex(),
            store.outbox,
            store.contacts,
            self.carriers,
            self.targets,
            answering.noted,
            clock,
            entropy,
        )
        may = Reachable(config.numbers, inside)
        ContactBook(store, spaces, clock, entropy, may).register(service)
        self.own = OwnPhone(store, self.carriers, config.numbers, clock, entropy, tasks, config.language)
        self.own.register(service)

    def connect(self, lines: LineInbound, web: Web) -> Switchboard:
        """From now on phones can be reached, and can say something back; ``lines`` takes what customers
        text."""
        board = Switchboard(self._store.outbox, self._answering, self._store.contacts, self._clock)
        board.on_text(lambda text: self._on_line(lines, text))
        twilio = self._config.twilio
        if twilio is not None:
            gateway = TwilioGateway(twilio, self._config.language)
            self.carriers.add("sms", gateway)
            self.carriers.add("call", gateway)
            callbacks = TwilioCallbacks(
                twilio, self._config.language, board, self._store.contacts, self.carriers, self._clock
            )
            callbacks.register(web)
        return board

    async def close(self) -> None:
        await self.sender.close()
        await self.carriers.close()

    def _known(self, person: PersonId) -> bool:
        return person in self._spaces.roster.people

    async def _on_line(self, lines: LineInbound, text: TextIn) -> Reply | None:
        if not any(line.number == text.number for line in self._spaces.roster.lines.values()):
            return None
        taken = await lines.receive(InboundText(text.id, text.number, text.sender, text.text, text.media))
        return Reply.NOTHING_FORWARDED if taken is Taken.NOTHING_FORWARDED else Reply.TAKEN
