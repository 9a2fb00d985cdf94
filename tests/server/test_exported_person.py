"""One person on a busy database: every file of their export that DATA.md names has something in it, and
earlier phone numbers are found, exported and erased as the present one is."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from app.core.audit import Act, Deed, Subject
from app.core.cases import CaseId, Send, SendId
from app.core.commands import AnswerEscalation, RaiseEscalation, SendMessage
from app.core.line_commands import NoteOnLine
from app.core.model import AnswerKind, EscalationId, Level, PersonId, Recipients
from app.core.permissions import Right
from app.core.phone_questions import QuietHours
from app.core.policy import Contact, ContactId, ContactKind
from app.core.privacy import DAY, DEFAULT_DAYS, Kept
from app.core.privacy_questions import Erased, ErasePerson, ExportPerson
from app.server.admin import Admin
from app.server.line_inbound import InboundText
from app.server.main import Server
from app.server.retention import WITH_NUMBERS
from app.server.store.contacts import KeptContact
from app.server.store.sqlite.store import FILE
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.kept import busy, found_in, overwritten, unzipped
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, Ids, rows, running

LINE, CUSTOMER = "+815031234567", "+819012345678"
FIRST, SECOND, NOW = "+15551230987", "+15551230988", "+15551230989"
PAGE = Path(__file__).resolve().parents[2] / "DATA.md"


@pytest.fixture
def fay(data: Path, ids: Ids) -> PersonId:
    assert ids.space
    with Admin(data, hasher=HASHER) as admin:
        admin.add_line("Support", LINE, SPACE_NAME)
        fay = admin.add_user("fay", "Fay Unheard", PASSWORD)
        admin.add_member("supervisors", "fay")
        admin.link("fay", "https://login.example", "fay-at-work")
        admin.set_own_right("fay", Right.PHONES, True)
        admin.rename_user("fay", "Fay Renamed")
    return fay


@pytest.fixture
async def server(data: Path, fay: PersonId, clock: FakeClock) -> AsyncIterator[Server]:
    assert fay
    async with running(data, clock) as started:
        yield started


async def confirmed(server: Server, person: PersonId, number: str) -> None:
    now, contacts = server.clock.now(), server.store.contacts
    await contacts.await_code(person, number, b"code", now, now + 60)
    deed = Deed(now, Act.CHANGED, Subject.PHONE, person, person=person)
    assert await contacts.bring_code(person, b"code", deed) is None


async def removed(server: Server, person: PersonId) -> None:
    deed = Deed(server.clock.now(), Act.REMOVED, Subject.PHONE, person, person=person)
    await server.store.contacts.remove_phone(person, deed)


async def duty(server: Server, ids: Ids, number: str) -> None:
    kept = KeptContact(ids.space, Contact(ContactId("c1"), "Duty", ContactKind.PHONE, "…"), number)
    await server.store.contacts.save(kept, Deed(1.0, Act.ADDED, Subject.CONTACT))


async def live(server: Server, ids: Ids, fay: PersonId) -> None:
    """Fay is called and calls, talks, notes something on a line, is texted, has phones and quiet hours."""
    await confirmed(server, fay, FIRST)
    await confirmed(server, fay, NOW)
    deed = Deed(1.0, Act.CHANGED, Subject.PHONE, fay, person=fay)
    await server.store.contacts.set_quiet(fay, QuietHours(0, 60, "Asia/Tokyo"), deed)
    await duty(server, ids, NOW)
    await server.lines.receive(InboundText("SM1", LINE, CUSTOMER, "Where is it?"))
    async with await Caller.enter(server.url, "fay") as fays, await Caller.enter(server.url, "ann") as ann:
        calls = RaiseEscalation(Level.RED, "a call for Fay", Recipients(people=(fay,)))
        assert await ann.do(calls, "to-fay") is None
        assert await fays.do(AnswerEscalation(EscalationId("to-fay"), AnswerKind.DECLINE)) is None
        red = RaiseEscalation(Level.RED, "words of Fay", Recipients(people=(ids.ann,)))
        assert await fays.do(red, "of-fay") is None
        assert await fays.do(SendMessage("said by Fay", Recipients(people=(ids.ann,)))) is None
        await fays.until(lambda: bool(fays.space.inbox.talks))
        assert await fays.do(NoteOnLine(next(iter(fays.space.inbox.talks)), "noted by Fay")) is None
    with closing(sqlite3.connect(server.config.data / FILE)) as db, db:
        sent = [
            Send(SendId("s1"), CaseId("to-fay"), "sms", "texted to Fay", fay),
            Send(SendId("s2"), CaseId("to-fay"), "sms", f"to Bob about {fay}", ids.bob),
        ]
        db.executemany(
            "INSERT INTO sends (id, case_id, channel, send, until, changed_at) VALUES (?, ?, 'sms', ?, 0, 1)",
            [(send.id, send.case, msgspec.msgpack.encode(send)) for send in sent],
        )
        sql = "INSERT INTO charges (at, channel, target, person) VALUES (1, 'sms', 'hash', ?)"
        db.execute(sql, (fay,))


def files_told() -> set[str]:
    """The files of a person's export, as DATA.md has them; those of the column Export."""
    text = PAGE.read_text(encoding="utf-8").partition("\n## The server's database\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[4] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


async def test_an_export_beside_people_at_work_has_every_file_and_nothing_of_others(
    server: Server, ids: Ids, fay: PersonId
) -> None:
    await live(server, ids, fay)
    async with await Caller.enter(server.url, "eva") as eva, busy(server, ids) as said:
        await eventually(lambda: len(said) > 2)
        files = unzipped(await eva.ask(ExportPerson(fay)))
    assert set(files) == files_told()
    assert [name for name, content in files.items() if not content] == []
    assert [send["text"] for send in files["texts_and_calls"]] == ["texted to Fay"]
    assert [phone["number"] for phone in files["earlier_phones"]] == [FIRST]
    assert files["earlier_names"] == [{"handle": "fay", "name": "Fay Unheard"}]
    assert files["contacts"] == [{"of": "contact", "name": "Duty", "number": NOW}]
    assert [text["text"] for text in files["line_texts"]] == ["noted by Fay"]
    assert "words of Fay" in [alert["text"] for alert in files["alerts"]]
    assert "to-fay" in [call["case_id"] for call in files["called_by"]]


async def test_earlier_numbers_are_taken_out_as_the_present_one_is(
    data: Path, server: Server, ids: Ids, fay: PersonId
) -> None:
    for number in (FIRST, SECOND, NOW):
        await confirmed(server, fay, number)
    await removed(server, fay)
    await duty(server, ids, FIRST)
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "eva") as eva:
        told = f"Fay had {FIRST}, then 1-555-123-0988, and now {NOW}"
        assert await ann.do(SendMessage(told, Recipients(people=(ids.bob,)))) is None
        async with busy(server, ids):
            assert isinstance(await eva.ask(ErasePerson(fay, "fay")), Erased)
        await ann.until(lambda: "Fay had …, then …, and now …" in texts_of(ann))
    await overwritten(server)
    assert found_in(data, (FIRST, SECOND, NOW, "123-0988")) == []
    assert rows(server, "SELECT address FROM contacts") == [("",)]
    assert rows(server, "SELECT 1 FROM former_numbers") == []


def texts_of(caller: Caller) -> set[str]:
    return {message.text for talk in caller.me.conversations.values() for message in talk.last}


async def test_a_number_that_is_somebody_elses_by_now_is_theirs(
    server: Server, ids: Ids, fay: PersonId
) -> None:
    await confirmed(server, fay, FIRST)
    await confirmed(server, fay, SECOND)
    await confirmed(server, ids.bob, FIRST)
    await duty(server, ids, FIRST)
    async with await Caller.enter(server.url, "eva") as eva:
        assert isinstance(await eva.ask(ErasePerson(fay, "fay")), Erased)
    assert rows(server, "SELECT address FROM contacts") == [(FIRST,)]
    assert rows(server, "SELECT number FROM phones") == [(FIRST,)]


async def test_an_earlier_number_is_known_as_long_as_something_may_have_it(
    data: Path, server: Server, ids: Ids, clock: FakeClock, fay: PersonId
) -> None:
    """And no longer; one that is the person's again is no earlier one."""
    known = "SELECT number FROM former_numbers ORDER BY number"
    await confirmed(server, fay, FIRST)
    await confirmed(server, fay, SECOND)
    await confirmed(server, fay, FIRST)
    await duty(server, ids, SECOND)
    assert rows(server, known) == [(SECOND,)]
    await confirmed(server, fay, NOW)
    longest = max(DEFAULT_DAYS[kind] or 0 for kind in WITH_NUMBERS)
    clock.epoch += longest * DAY - 1
    await server.retention.enforce()
    assert rows(server, known) == [(FIRST,), (SECOND,)]
    clock.epoch += 2
    await server.store.privacy.set_days(Kept.MESSAGES, None, Deed(1.0, Act.CHANGED, Subject.RETENTION))
    await server.retention.enforce()
    assert rows(server, known) == [(FIRST,), (SECOND,)]
    await server.store.privacy.set_days(Kept.MESSAGES, 1, Deed(1.0, Act.CHANGED, Subject.RETENTION))
    await server.retention.enforce()
    assert rows(server, known) == [(SECOND,)]  # the duty phone has it
    await duty(server, ids, "")
    await server.retention.enforce()
    await overwritten(server)
    assert rows(server, known) == []
    assert found_in(data, (FIRST, SECOND)) == []
