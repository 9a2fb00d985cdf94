"""A test to a contact: sent to where it is reached, by supervisors alone, and written down."""

from __future__ import annotations

from app.core.audit import Act, Subject
from app.core.cases import SendState
from app.core.errors import Code
from app.core.phone_questions import SaveContact, Saved, TryContact
from app.core.policy import ContactId, ContactKind
from app.core.questions import Done
from app.server.delivery.base import GatewayError, Parcel, Receipt
from app.server.main import Server
from app.server.store.audit import Wanted
from tests.helpers.caller import Caller
from tests.helpers.running import Ids


class Carrier:
    """A gateway that keeps what it is given."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self.broken: GatewayError | None = None

    async def send(self, parcel: Parcel) -> Receipt:
        self.parcels.append(parcel)
        if self.broken is not None:
            raise self.broken
        return Receipt(SendState.SENT)

    async def look_up(self, parcel: Parcel, reference: str) -> tuple[Receipt, ...]:
        return ()

    async def close(self) -> None:
        """Nothing is open."""


async def duty_phone(bob: Caller, ids: Ids) -> ContactId:
    saved = await bob.ask(SaveContact(ids.space, "Duty", ContactKind.PHONE, "+81 90 1234 5678"))
    assert isinstance(saved, Saved)
    return saved.contact.id


async def test_a_test_goes_to_the_number_and_is_written_down(server: Server, ids: Ids) -> None:
    carrier = Carrier()
    server.phones.carriers.add("sms", carrier)
    async with (
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "ann") as ann,
    ):
        duty = await duty_phone(bob, ids)
        assert await ann.ask(TryContact(ids.space, duty)) is Code.NOT_FOUND
        assert carrier.parcels == []
        assert await bob.ask(TryContact(ids.space, duty)) == Done()
        carrier.broken = GatewayError(Code.GATEWAY_DOWN)
        assert await bob.ask(TryContact(ids.space, duty)) is Code.GATEWAY_DOWN
    assert [(parcel.channel, parcel.address) for parcel in carrier.parcels] == [("sms", "+819012345678")] * 2
    (_, deed), *_ = (await server.store.audit.read(Wanted(subject=Subject.CONTACT))).deeds
    assert (deed.act, deed.by, deed.name) == (Act.TESTED, ids.bob, "Duty")


async def test_without_a_gateway_it_is_said(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "bob") as bob:
        duty = await duty_phone(bob, ids)
        assert await bob.ask(TryContact(ids.space, duty)) is Code.NO_PHONES


async def test_the_caps_hold_for_tests_too(server: Server, ids: Ids) -> None:
    carrier = Carrier()
    server.phones.carriers.add("sms", carrier)
    async with await Caller.enter(server.url, "bob") as bob:
        duty = await duty_phone(bob, ids)
        answers = [await bob.ask(TryContact(ids.space, duty)) for _ in range(21)]
    assert answers[-1] is Code.CAP_TARGET
    assert len(carrier.parcels) == 20
