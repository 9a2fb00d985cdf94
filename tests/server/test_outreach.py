"""Escalating a priority message by hand: who could be reached is told first, and the server decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.core.audit import Act, Deed, Subject
from app.core.calls import PhoneWay
from app.core.cases import CaseAnswer, CaseId, SendState
from app.core.commands import EscalateMessage, MarkRead, SendMessage
from app.core.errors import Code
from app.core.model import MessageId, PersonId, Recipients
from app.core.permission_questions import GetOutreach, Outreach, Outreached, PhoneState
from app.core.permissions import Right
from app.core.phone_questions import QuietHours
from app.core.policy import AnswerWay, Contact, ContactId, ContactKind
from app.core.report_questions import Board, GetBoard
from app.server.admin import Admin
from app.server.delivery.base import Parcel, Receipt
from app.server.delivery.quiet import quiet_until
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.store.contacts import Caps, KeptContact
from app.server.store.sqlite.store import FILE, SqliteStore
from tests.helpers.caller import Caller, waiting_changed
from tests.helpers.clock import FakeClock
from tests.helpers.office import office_map
from tests.helpers.running import SPACE_NAME, Ids

URGENT = MessageId("urgent")
BY_TEXT = EscalateMessage(URGENT, (PhoneWay.TEXT,))
NIGHT = QuietHours(22 * 60, 7 * 60, "Asia/Tokyo")


class SilentGateway:
    """Carries nothing, and is there."""

    async def send(self, parcel: Parcel) -> Receipt:
        raise AssertionError("nothing is sent here")

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        raise AssertionError("nothing is looked up here")

    async def close(self) -> None:
        return


@pytest.fixture
def gateway(server: Server) -> None:
    for way in PhoneWay:
        server.phones.carriers.add(way, SilentGateway())


async def give_phone(server: Server, person: PersonId, quiet: QuietHours | None = None) -> None:
    now, code = server.clock.now(), b"code"
    await server.store.contacts.await_code(person, "+819012345678", code, now, now + 60)
    deed = Deed(now, Act.CHANGED, Subject.PHONE, person, person=person)
    assert await server.store.contacts.bring_code(person, code, deed) is None
    await server.store.contacts.set_quiet(person, quiet, deed)


async def sent_by(server: Server, handle: str, to: Recipients) -> Caller:
    author = await Caller.enter(server.url, handle)
    assert await author.do(SendMessage("Which contract?", to, priority=True), URGENT) is None
    return author


@pytest.mark.usefixtures("gateway")
async def test_it_is_told_who_could_be_reached_and_only_they_are(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    clock.epoch = datetime(2026, 5, 4, 23, 30, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()
    morning = datetime(2026, 5, 5, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()
    await give_phone(server, ids.ann)
    await give_phone(server, ids.dev, NIGHT)
    async with await sent_by(server, "bob", Recipients(people=(ids.ann, ids.chie, ids.dev))) as bob:
        outreach = await bob.ask(GetOutreach(URGENT))
        assert isinstance(outreach, Outreach)
        assert set(outreach.people) == {
            Outreached(ids.ann, PhoneState.READY),
            Outreached(ids.chie, PhoneState.NONE),
            Outreached(ids.dev, PhoneState.QUIET, morning),
        }
        assert (outreach.allowed, outreach.ways, outreach.wait) == (tuple(Right), tuple(PhoneWay), 0)
        assert await bob.do(BY_TEXT) is None
        await bob.until(lambda: bool(bob.me.priorities[URGENT].pursuits))
        (pursuit,) = bob.me.priorities[URGENT].pursuits
        assert (pursuit.people, pursuit.ways) == ((ids.ann,), (PhoneWay.TEXT,))
        assert await bob.do(BY_TEXT) is Code.JUST_DONE
        again = await bob.ask(GetOutreach(URGENT))
        assert isinstance(again, Outreach)
        assert 0 < again.wait <= 60


@pytest.mark.usefixtures("gateway")
async def test_the_same_command_counts_once(server: Server, ids: Ids) -> None:
    await give_phone(server, ids.ann)
    async with await sent_by(server, "bob", Recipients(people=(ids.ann,))) as bob:
        assert await bob.do(BY_TEXT, "once") is None
        assert await bob.do(BY_TEXT, "once") is None
        await bob.until(lambda: len(bob.me.priorities[URGENT].pursuits) == 1)


@pytest.mark.usefixtures("gateway")
async def test_who_leads_is_told_at_once_that_a_limit_was_reached(
    server: Server, ids: Ids, clock: FakeClock
) -> None:
    """Although the message is none of theirs: their board says so."""
    await give_phone(server, ids.ann)
    server.phones.carriers.caps = Caps(server=0)
    async with (
        await Caller.enter(server.url, "eva") as eva,
        await sent_by(server, "bob", Recipients(people=(ids.ann,))) as bob,
    ):
        assert await bob.do(BY_TEXT) is None
        clock.epoch += 1.0
        await server.phones.sender.look()
        # It was sent, it found nobody, and why.
        await eva.until(lambda: waiting_changed(eva) >= 3)
        board = await eva.ask(GetBoard(ids.space, clock.now() - 60))
        assert isinstance(board, Board)
        assert board.capped is not None
        assert (board.capped.count, board.capped.limit) == (1, Code.CAP_SERVER)


class TellingGateway(SilentGateway):
    """Takes what it is given, and says later what became of it."""

    def __init__(self) -> None:
        self.taken: list[Parcel] = []

    async def send(self, parcel: Parcel) -> Receipt:
        self.taken.append(parcel)
        return Receipt(SendState.SENT, "SM1")


async def test_its_author_is_told_how_far_the_text_came(server: Server, ids: Ids, clock: FakeClock) -> None:
    gateway = TellingGateway()
    server.phones.carriers.add(PhoneWay.TEXT, gateway)
    await give_phone(server, ids.ann)
    async with await sent_by(server, "bob", Recipients(people=(ids.ann,))) as bob:

        def heard() -> list[tuple[SendState, str]]:
            return [(one.state, one.reason) for one in bob.me.priorities[URGENT].heard]

        assert await bob.do(BY_TEXT) is None
        clock.epoch += 1.0
        await server.phones.sender.look()
        await bob.until(lambda: heard() == [(SendState.SENT, "")])
        (parcel,) = gateway.taken
        lost = Receipt(SendState.FAILED, "SM1", Code.NOT_DELIVERED, over=True)
        await server.switchboard.reported(parcel.id, lost)
        await bob.until(lambda: heard() == [(SendState.FAILED, Code.NOT_DELIVERED)])
        assert "90-1234" not in repr(bob.me.snapshot())
        assert "+8190" not in repr(bob.me.snapshot())


@pytest.mark.usefixtures("gateway")
async def test_who_reads_it_meanwhile_is_not_texted(server: Server, ids: Ids) -> None:
    await give_phone(server, ids.ann)
    async with (
        await Caller.enter(server.url, "ann") as ann,
        await sent_by(server, "bob", Recipients(people=(ids.ann, ids.dev))) as bob,
    ):
        await ann.until(lambda: URGENT in ann.me.calls)
        message = ann.me.calls[URGENT].message
        assert await ann.do(MarkRead(message.conversation, message.sent_at)) is None
        assert await bob.do(BY_TEXT) is Code.NO_PHONE_REACHED


@pytest.mark.usefixtures("gateway")
async def test_an_agent_may_not_and_is_told_so_before(server: Server, ids: Ids) -> None:
    await give_phone(server, ids.bob)
    async with await sent_by(server, "ann", Recipients(people=(ids.bob,))) as ann:
        outreach = await ann.ask(GetOutreach(URGENT))
        assert isinstance(outreach, Outreach)
        assert outreach.allowed == (Right.PRIORITY,)
        assert await ann.do(BY_TEXT) is Code.PHONES_DENIED


DUTY, TEAM, HOOK = ContactId("duty"), ContactId("team"), ContactId("hook")


async def add_contacts(server: Server, ids: Ids, data: Path) -> None:
    """A duty phone, a channel and a webhook in this space, and a phone in the other one."""
    with Admin(data) as admin:
        kyoto = admin.add_space("Kyoto", ImportedMap(office_map(), {}))
    deed = Deed(server.clock.now(), Act.ADDED, Subject.CONTACT, ids.eva)
    for space, contact, address in (
        (ids.space, Contact(DUTY, "Duty phone", ContactKind.PHONE, "…677"), "+819012345677"),
        (ids.space, Contact(TEAM, "Team channel", ContactKind.APPRISE, "slack://…"), "json://127.0.0.1:9/"),
        (ids.space, Contact(HOOK, "CRM", ContactKind.WEBHOOK, "example.com"), "https://example.com/"),
        (kyoto, Contact(ContactId("far"), "Far", ContactKind.PHONE, "…678"), "+819012345678"),
    ):
        await server.store.contacts.save(KeptContact(space, contact, address), deed)


@pytest.mark.usefixtures("gateway")
async def test_contacts_of_the_space_are_offered_to_those_who_may_and_reached(
    server: Server, ids: Ids, data: Path
) -> None:
    await add_contacts(server, ids, data)
    server.phones.carriers.add("apprise", SilentGateway())
    async with await sent_by(server, "bob", Recipients(people=(ids.dev,))) as bob:
        outreach = await bob.ask(GetOutreach(URGENT))
        assert isinstance(outreach, Outreach)
        assert [contact.id for contact in outreach.contacts] == [DUTY, TEAM]
        for other in (ContactId("far"), HOOK, ContactId("nothing")):
            assert (
                await bob.do(EscalateMessage(URGENT, (PhoneWay.CALL,), None, (other,))) is Code.CONTACT_GONE
            )
        assert await bob.do(EscalateMessage(URGENT, (PhoneWay.CALL,), None, (DUTY, TEAM))) is None
        await bob.until(lambda: len(bob.me.priorities[URGENT].pursuits) == 2)
        store = SqliteStore(data / FILE)
        sends = await store.outbox.of_case(CaseId(URGENT))
        await store.close()
        assert [(s.send.channel, s.send.contact) for s in sends] == [("call", DUTY), ("post", TEAM)]
        key = CaseAnswer(AnswerWay.KEY, server.clock.now(), contact=DUTY)
        assert await server.cases.answered(CaseId(URGENT), key)
        await bob.until(lambda: bob.me.priorities[URGENT].answer is not None)
        answer = bob.me.priorities[URGENT].answer
        assert answer is not None
        assert (answer.way, answer.person, answer.name) == (AnswerWay.KEY, None, "Duty phone")


@pytest.mark.usefixtures("gateway")
async def test_an_agent_is_offered_no_contact_and_reaches_none(server: Server, ids: Ids, data: Path) -> None:
    await add_contacts(server, ids, data)
    async with await sent_by(server, "ann", Recipients(people=(ids.bob,))) as ann:
        outreach = await ann.ask(GetOutreach(URGENT))
        assert isinstance(outreach, Outreach)
        assert outreach.contacts == ()
        asked = EscalateMessage(URGENT, (PhoneWay.TEXT,), None, (DUTY,))
        assert await ann.do(asked) is Code.PHONES_DENIED


@pytest.mark.usefixtures("gateway")
async def test_who_left_the_space_reaches_nobody_of_it(server: Server, ids: Ids, data: Path) -> None:
    await add_contacts(server, ids, data)
    async with await sent_by(server, "bob", Recipients(people=(ids.dev,))):
        pass
    with Admin(data) as admin:
        admin.add_to_space("Kyoto", "bob")
        admin.remove_from_space(SPACE_NAME, "bob")
    await server.spaces.refresh()
    async with await Caller.enter(server.url, "bob") as bob:
        assert URGENT in bob.me.priorities
        assert await bob.ask(GetOutreach(URGENT)) is Code.NOT_FOUND
        asked = EscalateMessage(URGENT, (PhoneWay.CALL,), None, (DUTY,))
        assert await bob.do(asked) is Code.NOT_FOUND


async def test_a_server_without_a_gateway_says_so(server: Server, ids: Ids) -> None:
    await give_phone(server, ids.ann)
    async with await sent_by(server, "bob", Recipients(people=(ids.ann,))) as bob:
        outreach = await bob.ask(GetOutreach(URGENT))
        assert isinstance(outreach, Outreach)
        assert outreach.ways == ()
        assert await bob.do(BY_TEXT) is Code.NO_PHONES


async def test_others_learn_nothing_of_it(server: Server, ids: Ids) -> None:
    async with await sent_by(server, "bob", Recipients(people=(ids.ann,))):
        for handle in ("ann", "chie", "eva"):
            async with await Caller.enter(server.url, handle) as other:
                assert await other.ask(GetOutreach(URGENT)) is Code.NOT_FOUND
                assert await other.do(BY_TEXT) is Code.NOT_FOUND


def tokyo(day: int, hour: int, minute: int = 0) -> float:
    return datetime(2026, 5, day, hour, minute, tzinfo=ZoneInfo("Asia/Tokyo")).timestamp()


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, tokyo(4, 21, 59), None),
        (NIGHT, tokyo(4, 22), tokyo(5, 7)),
        (NIGHT, tokyo(5, 6, 59), tokyo(5, 7)),
        (NIGHT, tokyo(5, 7), None),
        (QuietHours(12 * 60, 13 * 60, "Asia/Tokyo"), tokyo(4, 12, 30), tokyo(4, 13)),
        (QuietHours(12 * 60, 13 * 60, "Asia/Tokyo"), tokyo(4, 11, 59), None),
        (QuietHours(12 * 60, 12 * 60, "Asia/Tokyo"), tokyo(4, 12), None),
        (None, tokyo(4, 12), None),
    ],
)
def test_quiet_hours_hold_on_the_persons_own_clock(
    hours: QuietHours | None, now: float, until: float | None
) -> None:
    assert quiet_until(hours, now) == until


def test_the_night_in_which_the_clocks_change_is_quiet_to_its_end() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = QuietHours(22 * 60, 7 * 60, "Europe/Berlin")
    before = datetime(2026, 3, 28, 23, 0, tzinfo=berlin).timestamp()
    assert quiet_until(night, before) == before + 7 * 3600  # the hour from two to three is left out
    early = QuietHours(22 * 60, 2 * 60 + 30, "Europe/Berlin")
    end = quiet_until(early, before)
    assert end is not None
    assert quiet_until(early, end) is None
