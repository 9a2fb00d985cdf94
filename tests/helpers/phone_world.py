"""Cases that reach for phones: an engine without a server, a sender, and the phone network at the far end."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from app.core.audit import Act, Deed, Subject
from app.core.cases import Case, CaseAnswer, CaseId, Mark, Note
from app.core.model import PersonId, Recipients
from app.core.phone_questions import QuietHours
from app.core.policy import Action, Call, Contact, ContactId, ContactKind, Reached, Text
from app.server.clock import system_entropy
from app.server.delivery.apprise import AppriseGateway
from app.server.delivery.carriers import Carriers
from app.server.delivery.sender import Sender
from app.server.delivery.switchboard import Switchboard
from app.server.delivery.targets import Targets
from app.server.delivery.twilio import TwilioGateway
from app.server.delivery.twilio_callbacks import TwilioCallbacks
from app.server.phones_config import TwilioConfig
from app.server.store.contacts import Caps, KeptContact
from app.server.store.sqlite.store import FILE, SqliteStore
from app.server.web import Web
from tests.helpers.case_rows import HAND, Rows
from tests.helpers.clock import FakeClock
from tests.helpers.phone_network import NUMBER, SID, TOKEN, PhoneNetwork
from tests.helpers.running import Ids
from tests.helpers.tale import policy

BOB, CHIE, DUTY = "+819012345679", "+819012345670", "+819012345677"
DUTY_PHONE = ContactId("duty")
ROUNDS = 50
"""Looks after which everything has to have come to rest."""


def free_port() -> int:
    """One that nobody listens on just now.

    Of those that no system hands out to whoever asks for any (Linux begins at 32768, others at 49152): a
    connection of another test could get it before it is used.
    """
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("no port is free")


class _Answering:
    """Without screens, a case is all that an answer changes."""

    def __init__(self, store: SqliteStore) -> None:
        self._cases = store.cases
        self.noted_cases: list[CaseId] = []

    async def answered(self, case_id: CaseId, answer: CaseAnswer) -> bool:
        return await self._cases.answered(case_id, answer) is not None

    async def declined(self, case_id: CaseId, answer: CaseAnswer) -> bool:
        return await self._cases.declined(case_id, answer) is not None

    async def noted(self, case: Case) -> None:
        self.noted_cases.append(case.id)


class PhoneWorld:
    """Ann's hand calls Bob and Chie in the program; both have phones, and so has whoever is on duty.

    Attributes:
        rows: what a server would have written, and the engine.
        network: the other end.
        sender: the one that is looked at by :meth:`settle`; :meth:`another` makes more.
    """

    def __init__(self, data: Path, ids: Ids, clock: FakeClock, network: PhoneNetwork, caps: Caps) -> None:
        self.ids, self.clock, self.network = ids, clock, network
        self.rows = Rows(data, ids)
        self.store = SqliteStore(data / FILE)
        self.carriers = Carriers(self.store.contacts, clock, caps)
        self.targets = Targets(self.store.contacts, clock, lambda _: True)
        self.answering = _Answering(self.store)
        self.board = Switchboard(self.store.outbox, self.answering, self.store.contacts, clock)
        self.sender = self.another()
        self.web = Web(clock)

    def another(self) -> Sender:
        """A sender as of another process."""
        store = self.store
        return Sender(
            system_entropy(4).hex(),
            store.outbox,
            store.contacts,
            self.carriers,
            self.targets,
            self.answering.noted,
            self.clock,
            system_entropy,
        )

    async def start(self, limit: float) -> None:
        port = free_port()
        config = TwilioConfig(SID, NUMBER, f"http://127.0.0.1:{port}", "", self.network.url, TOKEN)
        self.network.callbacks = config.callbacks
        twilio = TwilioGateway(config, "en", limit=limit)
        self.carriers.add("sms", twilio)
        self.carriers.add("call", twilio)
        self.carriers.add("apprise", AppriseGateway())
        contacts, carriers = self.store.contacts, self.carriers
        TwilioCallbacks(config, "en", self.board, contacts, carriers, self.clock).register(self.web)
        await self.web.start("127.0.0.1", port)
        await self.has_phone(self.ids.bob, BOB)
        await self.has_phone(self.ids.chie, CHIE)
        duty = Contact(DUTY_PHONE, "Duty phone", ContactKind.PHONE, "…677")
        await self.store.contacts.save(
            KeptContact(self.ids.space, duty, DUTY), self.deed(Subject.CONTACT, self.ids.eva)
        )

    async def stop(self) -> None:
        await self.sender.close()
        await self.web.stop()
        await self.carriers.close()
        await self.store.close()
        self.rows.db.close()

    def deed(self, subject: Subject, by: PersonId) -> Deed:
        return Deed(self.clock.now(), Act.CHANGED, subject, by)

    async def has_phone(self, person: PersonId, number: str, quiet: QuietHours | None = None) -> None:
        now, contacts = self.clock.now(), self.store.contacts
        await contacts.await_code(person, number, b"code", now, now + 1)
        assert await contacts.bring_code(person, b"code", self.deed(Subject.PHONE, person)) is None
        await contacts.set_quiet(person, quiet, self.deed(Subject.PHONE, person))

    # The engine's part

    def raised(self, *steps: tuple[float, Action], hand: CaseId = HAND) -> None:
        """Ann raises a red hand; ``steps``: (s after the one before, what is done)."""
        self.rows.now = self.clock.now()
        self.rows.assign(policy(*steps))
        self.rows.raised(hand)
        self.decide()

    def decide(self) -> None:
        """What an engine does about whatever is due now."""
        self.rows.now = self.clock.now()
        for claimed in self.rows.claim():
            self.rows.move(claimed)

    def case(self, hand: CaseId = HAND) -> Case:
        return self.rows.case(hand)

    def notes(self, *marks: Mark, hand: CaseId = HAND) -> Sequence[Note]:
        return [note for note in self.rows.notes(hand) if not marks or note.mark in marks]

    def states(self, hand: CaseId = HAND) -> list[tuple[str, str, str]]:
        """Of the case's sends: channel, state, reason."""
        sql = "SELECT channel, state, reason FROM sends WHERE case_id = ? ORDER BY rowid"
        return self.rows.db.execute(sql, (hand,)).fetchall()

    # Time

    async def settle(self) -> None:
        """Until nothing is left to do at this moment."""
        for _ in range(ROUNDS):
            begun = await self.sender.look()
            await self.sender.idle()
            await self.network.quiet()
            self.decide()
            if not begun:
                return
        raise AssertionError("it does not come to rest")

    async def pass_by(self, seconds: float, step: float = 1.0) -> None:
        """Time goes on, and everything is done when its time comes."""
        end = self.clock.at + seconds
        while self.clock.at < end:
            self.clock.at = min(end, self.clock.at + step)
            self.decide()
            await self.settle()

    async def post(self, path: str, form: dict[str, str], signed: str = "") -> int:
        """What the server says to somebody who is not Twilio."""
        async with httpx2.AsyncClient(trust_env=False) as client:
            headers = {"X-Twilio-Signature": signed} if signed else {}
            return (await client.post(f"{self.web.url}{path}", data=form, headers=headers)).status_code


@asynccontextmanager
async def phone_world(
    data: Path, ids: Ids, clock: FakeClock, caps: Caps | None = None, limit: float = 8.0
) -> AsyncIterator[PhoneWorld]:
    """``limit``: s that a gateway may take."""
    async with PhoneNetwork(clock.now) as network:
        world = PhoneWorld(data, ids, clock, network, caps or Caps())
        await world.start(limit)
        try:
            yield world
        finally:
            await world.stop()
            assert network.problems == [], "something was sent that the gateway's description does not allow"


def texting(*people: PersonId, contacts: Sequence[ContactId] = ()) -> Text:
    return Text(Reached(Recipients(people=people), tuple(contacts)))


def calling(*people: PersonId, contacts: Sequence[ContactId] = ()) -> Call:
    return Call(Reached(Recipients(people=people), tuple(contacts)))
