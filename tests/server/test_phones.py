"""Phones at a whole server: an alert that goes to one, people's own numbers, the contacts of a space."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.core.audit import Act, Subject
from app.core.case_questions import GetTimeline, Timeline
from app.core.cases import CaseId, Mark
from app.core.commands import RaiseEscalation
from app.core.errors import Code, Refused
from app.core.model import AnswerKind, EscalationId, Level, Recipients, Taken
from app.core.phone_questions import (
    Contacts,
    DeleteContact,
    GetMyPhone,
    ListContacts,
    MyPhone,
    QuietHours,
    RemoveMyPhone,
    SaveContact,
    Saved,
    SetMyPhone,
    SetQuietHours,
    TryMyPhone,
    VerifyMyPhone,
)
from app.core.policy import Call, ContactId, ContactKind, Reached
from app.core.questions import Done
from app.core.sends import SendState
from app.server.delivery.numbers import Numbers
from app.server.main import Server
from app.server.phones_config import PhonesConfig, TwilioConfig
from app.server.store.audit import Wanted
from app.server.store.sqlite.store import FILE, connect
from tests.helpers.caller import Caller
from tests.helpers.case_rows import assign
from tests.helpers.clock import FakeClock
from tests.helpers.phone_network import NUMBER, SID, TOKEN, Person, PhoneNetwork
from tests.helpers.phone_world import free_port
from tests.helpers.running import Ids, running
from tests.helpers.tale import policy

HAND = EscalationId("hand")
BOB = "+819012345679"


@dataclass
class Place:
    server: Server
    network: PhoneNetwork
    ids: Ids
    clock: FakeClock


@pytest.fixture
async def place(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Place]:
    port = free_port()
    async with PhoneNetwork(clock.now) as network:
        twilio = TwilioConfig(SID, NUMBER, f"http://127.0.0.1:{port}", "", network.url, TOKEN)
        network.callbacks = twilio.callbacks
        phones = PhonesConfig(region="JP", countries=("JP",), twilio=twilio)
        async with running(data, clock, http_port=port, phones=phones) as server:
            yield Place(server, network, ids, clock)
        assert network.problems == []


def code_of(network: PhoneNetwork) -> str:
    found = re.search(r"\d{6}", network.of("sms")[-1].form["Body"])
    assert found is not None
    return found[0]


async def verified(caller: Caller, network: PhoneNetwork, number: str) -> MyPhone:
    assert isinstance(await caller.ask(SetMyPhone(number)), MyPhone)
    await network.quiet()
    shown = await caller.ask(VerifyMyPhone(code_of(network)))
    assert isinstance(shown, MyPhone)
    return shown


# An alert


async def test_a_key_on_the_phone_stops_everything_and_the_raiser_sees_who(place: Place) -> None:
    ids, network = place.ids, place.network
    network.people[BOB] = Person(call="1")
    plan = policy((60.0, Call(Reached(called=True))), (600.0, Call(Reached(called=True))))
    with closing(connect(place.server.config.data / FILE)) as db:
        assign(db, ids.space, plan)
    async with (
        await Caller.enter(place.server.url, "ann") as ann,
        await Caller.enter(place.server.url, "bob") as bob,
    ):
        await verified(bob, network, "090-1234-5679")
        red = RaiseEscalation(Level.RED, "Customer <shouts>", Recipients(people=(ids.bob,)))
        assert await ann.do(red, HAND) is None
        place.clock.epoch += 61.0  # the wall clock; connections live by another one
        await ann.until(lambda: bool(ann.space.escalations[HAND].steps))
        place.clock.epoch += 1.0
        await ann.until(lambda: bool(ann.space.escalations[HAND].answers))
        (answer,) = ann.space.escalations[HAND].answers
        assert (answer.person, answer.kind) == (ids.bob, AnswerKind.KEY)
        await network.quiet()
        (call,) = network.of("call")
        assert call.to == BOB
        assert call.heard[0] == "Ann Field: Customer <shouts>"
        timeline = await ann.ask(GetTimeline(CaseId(HAND)))
        assert isinstance(timeline, Timeline)
        marks = [note.mark for note in timeline.notes]
        assert Mark.ANSWERED in marks
        assert Mark.DELIVERED in marks
        assert BOB[-8:] not in repr(timeline)
        place.clock.epoch += 3_600.0
    assert len(network.of("call")) == 1


async def test_everybody_sees_what_is_known_of_a_call_and_no_more(place: Place) -> None:
    ids, network = place.ids, place.network
    network.people[BOB] = Person(call="busy")
    with closing(connect(place.server.config.data / FILE)) as db:
        assign(db, ids.space, policy((60.0, Call(Reached(called=True)))))
    async with (
        await Caller.enter(place.server.url, "ann") as ann,
        await Caller.enter(place.server.url, "bob") as bob,
    ):
        await verified(bob, network, "090-1234-5679")
        network.failures.extend(["lost"])
        network.hold = True
        red = RaiseEscalation(Level.RED, "", Recipients(people=(ids.bob,)))
        assert await ann.do(red, HAND) is None

        def known() -> list[tuple[Taken, SendState, str]]:
            return [(one.what, one.state, one.reason) for one in ann.space.escalations[HAND].heard]

        place.clock.epoch += 61.0
        await ann.until(lambda: bool(ann.space.escalations[HAND].steps))
        assert known() == []
        place.clock.epoch += 1.0
        await ann.until(lambda: known() == [(Taken.CALL, SendState.UNKNOWN, "")])
        await network.quiet()
        await network.release()
        await ann.until(lambda: known() == [(Taken.CALL, SendState.FAILED, Code.PHONE_BUSY)])


# One's own number


async def test_a_number_is_one_s_own_once_its_code_came_back(place: Place) -> None:
    async with await Caller.enter(place.server.url, "ann") as ann:
        assert await ann.ask(GetMyPhone()) == MyPhone(available=True)
        asked = await ann.ask(SetMyPhone("090-1234-5678"))
        assert asked == MyPhone(waiting="…678", waits_until=place.clock.now() + 600.0, available=True)
        await place.network.quiet()
        assert place.network.of("sms")[-1].to == "+819012345678"
        code = code_of(place.network)
        wrong = "000000" if code != "000000" else "111111"
        assert await ann.ask(VerifyMyPhone(wrong)) is Code.CODE_WRONG
        assert await ann.ask(VerifyMyPhone(f" {code[:3]} {code[3:]} ")) == MyPhone("…678", available=True)
        assert await ann.ask(VerifyMyPhone(code)) is Code.CODE_OVER
        assert await ann.ask(RemoveMyPhone()) == MyPhone(available=True)
    deeds = (await place.server.store.audit.read(Wanted(subject=Subject.PHONE))).deeds
    assert [deed.act for _, deed in deeds] == [Act.REMOVED, Act.CHANGED]
    assert "5678" not in repr(deeds)


async def test_a_code_cannot_be_guessed_and_does_not_last(place: Place) -> None:
    async with await Caller.enter(place.server.url, "ann") as ann:
        await ann.ask(SetMyPhone("+81 90 1234 5678"))
        await place.network.quiet()
        code = code_of(place.network)
        wrong = [f"{i:06d}" for i in range(6) if f"{i:06d}" != code][:5]
        said = [await ann.ask(VerifyMyPhone(guess)) for guess in wrong]
        assert said == [*[Code.CODE_WRONG] * 4, Code.CODE_OVER]
        assert await ann.ask(VerifyMyPhone(code)) is Code.CODE_OVER
        await ann.ask(SetMyPhone("+81 90 1234 5678"))
        await place.network.quiet()
    place.clock.epoch += 601.0  # nobody is connected, who would be cut off for their silence
    async with await Caller.enter(place.server.url, "ann") as ann:
        assert await ann.ask(VerifyMyPhone(code_of(place.network))) is Code.CODE_OVER
        assert await ann.ask(GetMyPhone()) == MyPhone(available=True)


async def test_nobody_is_texted_by_a_stranger_without_end(place: Place) -> None:
    async with await Caller.enter(place.server.url, "ann") as ann:
        said = [await ann.ask(SetMyPhone(f"+8190123456{i}0")) for i in range(1, 8)]
        assert said[5:] == [Code.TOO_MANY_CODES] * 2
        await place.network.quiet()
        assert len(place.network.taken) == 5


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("12", Code.PHONE_INVALID),
        ("call me", Code.PHONE_INVALID),
        ("+81 90 1234 5678 ext. 12", Code.PHONE_INVALID),
        ("+1 201 555 0123", Code.PHONE_NOT_ALLOWED),  # not a country that this server texts
        ("0990 123 456", Code.PHONE_NOT_ALLOWED),  # whoever is called earns by it
    ],
)
async def test_a_number_that_is_none_or_costs_too_much(place: Place, number: str, code: Code) -> None:
    async with await Caller.enter(place.server.url, "ann") as ann:
        assert await ann.ask(SetMyPhone(number)) is code
    assert place.network.taken == []


@pytest.mark.parametrize(
    "number", ["+44 7012 345678", "+881 612 345 678", "+870 301 234 567", "+883 510 012 345", "+979123456789"]
)
def test_nor_is_a_dear_one_where_every_country_is_reached(number: str) -> None:
    with pytest.raises(Refused) as caught:
        Numbers().read(number)
    assert caught.value.refusal.code is Code.PHONE_NOT_ALLOWED


async def test_a_gateway_that_refuses_is_said(place: Place) -> None:
    place.network.failures.extend(["400", "500"])
    async with await Caller.enter(place.server.url, "ann") as ann:
        assert await ann.ask(SetMyPhone("+819012345678")) is Code.NUMBER_UNKNOWN
        assert await ann.ask(SetMyPhone("+819012345678")) is Code.GATEWAY_DOWN


async def test_quiet_hours_and_tests(place: Place) -> None:
    async with await Caller.enter(place.server.url, "ann") as ann:
        assert await ann.ask(TryMyPhone()) is Code.NO_NUMBER
        place.network.people["+819012345678"] = Person(call="1")
        await verified(ann, place.network, "+819012345678")
        assert isinstance(await ann.ask(TryMyPhone(call=True)), MyPhone)
        await place.network.quiet()
        assert place.network.of("call")[0].heard[-1] == "The test has worked. Thank you."
        hours = QuietHours(1_260, 360, "Asia/Tokyo")
        shown = await ann.ask(SetQuietHours(hours))
        assert isinstance(shown, MyPhone)
        assert shown.quiet == hours
        assert await ann.ask(SetQuietHours(QuietHours(0, 60, "Mars/Olympus"))) is Code.UNKNOWN_ZONE
        assert await ann.ask(SetQuietHours()) == MyPhone("…678", available=True)


async def test_without_a_gateway_it_is_said(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.ask(GetMyPhone()) == MyPhone()
        assert await ann.ask(SetMyPhone("+819012345678")) is Code.NO_PHONES


# Contacts


async def test_contacts_are_made_changed_and_deleted_by_who_supervises_the_space(place: Place) -> None:
    space = place.ids.space
    async with (
        await Caller.enter(place.server.url, "bob") as bob,
        await Caller.enter(place.server.url, "ann") as ann,
    ):
        saved = await bob.ask(SaveContact(space, "  Duty ", ContactKind.PHONE, "03-1234-5678"))
        assert isinstance(saved, Saved)
        duty = saved.contact
        assert (duty.name, duty.kind, duty.shown) == ("Duty", ContactKind.PHONE, "…678")
        mail = await bob.ask(
            SaveContact(
                space, "Team", ContactKind.APPRISE, "mailto://ann:word@example.com?to=team@example.com"
            )
        )
        assert isinstance(mail, Saved)
        assert mail.contact.shown == "mailto://…"
        renamed = await bob.ask(SaveContact(space, "Night duty", ContactKind.PHONE, "", duty.id))
        assert isinstance(renamed, Saved)
        kept = await place.server.store.contacts.contact(duty.id)
        assert kept is not None
        assert (kept.contact.name, kept.address) == ("Night duty", "+81312345678")
        listed = await bob.ask(ListContacts(space))
        assert listed == Contacts((renamed.contact, mail.contact))
        assert "word" not in repr(listed)
        for asked in (ListContacts(space), DeleteContact(space, duty.id)):
            assert await ann.ask(asked) is Code.NOT_FOUND
        assert await bob.ask(DeleteContact(space, duty.id)) == Done()
        assert await bob.ask(DeleteContact(space, duty.id)) is Code.NOT_FOUND
    deeds = (await place.server.store.audit.read(Wanted(subject=Subject.CONTACT))).deeds
    assert [deed.act for _, deed in deeds] == [Act.REMOVED, Act.CHANGED, Act.ADDED, Act.ADDED]
    assert "5678" not in repr(deeds)
    assert "word" not in repr(deeds)


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        (ContactKind.PHONE, "", Code.PHONE_INVALID),
        (ContactKind.APPRISE, "nonsense://x", Code.ADDRESS_INVALID),
        (ContactKind.APPRISE, "syslog://", Code.ADDRESS_INVALID),  # it would be written on the server itself
        (ContactKind.APPRISE, "", Code.ADDRESS_INVALID),
        (ContactKind.WEBHOOK, "http://example.com/x", Code.ADDRESS_NOT_HTTPS),
        (ContactKind.WEBHOOK, "https://[::1", Code.ADDRESS_INVALID),
        (ContactKind.WEBHOOK, "https://ann:word@example.com/x", Code.ADDRESS_INVALID),
        (ContactKind.WEBHOOK, "https://example.com/x#here", Code.SECRET_INVALID),
        (ContactKind.WEBHOOK, "https://example.com/x#whsec_c2hvcnQ=", Code.SECRET_INVALID),
    ],
)
async def test_an_address_that_is_none(place: Place, kind: ContactKind, address: str, code: Code) -> None:
    async with await Caller.enter(place.server.url, "bob") as bob:
        assert await bob.ask(SaveContact(place.ids.space, "x", kind, address)) is code
        assert await bob.ask(SaveContact(place.ids.space, " ", kind, address)) is Code.NAME_MISSING
        unknown = SaveContact(place.ids.space, "x", kind, "+819012345678", ContactId("none"))
        assert await bob.ask(unknown) is Code.NOT_FOUND
