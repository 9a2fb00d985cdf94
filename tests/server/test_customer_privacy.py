"""One customer, by phone number: what there is of them, and how it is forgotten, beside people at work."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from app.core import hook_questions as hooks
from app.core import questions
from app.core.audit import Act, Subject
from app.core.commands import RaiseEscalation, SendMessage
from app.core.errors import Code
from app.core.hooks import HookEvent
from app.core.line_commands import NoteOnLine, ReplyOnLine, ResolveTalk
from app.core.line_questions import SetLineEscalation
from app.core.lines import CustomerId, LineId, Talk
from app.core.model import Level, Recipients
from app.core.privacy_questions import (
    AuditPage,
    CustomerFound,
    EraseCustomer,
    Erased,
    ExportCustomer,
    FindCustomer,
    GetAudit,
)
from app.server import erasure
from app.server.admin import Admin
from app.server.line_inbound import InboundText, Taken
from app.server.main import Server
from app.server.store.base import StoreError
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.kept import (
    broken_off,
    busy,
    command_line,
    finished_by_the_next_start,
    found_in,
    overwritten,
    state_of,
    unzipped,
)
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows, running

SUPPORT, SALES = "+815031234567", "+815031234568"
CUSTOMER, OTHER = "+819012345678", "+819087654321"
WRITTEN = "090-1234-5678"
WORDS = ("vorpal", "flummoxed", "quibblewick", "zebulon", "grommet")
PLANTED = (*WORDS, CUSTOMER, WRITTEN)


@pytest.fixture
def lines(data: Path, ids: Ids) -> tuple[LineId, LineId]:
    with Admin(data, hasher=HASHER) as admin:
        return admin.add_line("Support", SUPPORT, SPACE_NAME), admin.add_line("Sales", SALES, SPACE_NAME)


LINE_EVENTS = tuple(event for event in HookEvent if event.startswith("line."))


async def live_a_little(server: Server, ids: Ids, lines: tuple[LineId, LineId], clock: FakeClock) -> None:
    """The customer writes to both lines, is replied to and noted, forwarded, and talked of."""
    async with await Caller.enter(server.url, "eva") as eva, await Caller.enter(server.url, "ann") as ann:
        url = "https://crm.example/hook"
        hook = hooks.SaveWebhook("CRM", LINE_EVENTS, url, ids.space, texts=True)
        assert isinstance(await eva.ask(hook), hooks.WebhookSaved)
        assert await eva.ask(SetLineEscalation(lines[1], True, 1, "+818011112222")) == questions.Done()
        assert await say(server, "1", "the vorpal parcel", SUPPORT) is Taken.STORED
        assert await say(server, "2", "a grommet is missing", SALES) is Taken.STORED
        assert await say(server, "3", "not about them", SUPPORT, OTHER) is Taken.STORED
        await ann.until(lambda: len(ann.space.inbox.talks) == 3)
        mine = next(talk for talk in talks_of(ann) if talk.line == lines[0] and talk.shown == "…678")
        assert await ann.do(ReplyOnLine(mine.id, "your flummoxed parcel left")) is None
        assert await ann.do(NoteOnLine(mine.id, "quibblewick knows more")) is None
        assert await ann.do(ResolveTalk(mine.id)) is None
    clock.epoch += 61  # nobody stays connected so long without a word
    forwarded = "SELECT 1 FROM sends WHERE instr(send, CAST('grommet' AS BLOB))"
    await eventually(lambda: rows(server, forwarded) != [])
    async with await Caller.enter(server.url, "ann") as ann:
        call = SendMessage(f"please call {WRITTEN}", Recipients(people=(ids.bob,)))
        assert await ann.do(call) is None
        hand = RaiseEscalation(Level.RED, f"{CUSTOMER} is angry", Recipients(people=(ids.bob,)))
        assert await ann.do(hand, "hand-about-them") is None
        assert await say(server, "4", "zebulon again", SUPPORT) is Taken.STORED


async def say(server: Server, sid: str, words: str, to: str, sender: str = CUSTOMER) -> Taken:
    return await server.lines.receive(InboundText(f"SM{sid}", to, sender, words))


def talks_of(caller: Caller) -> list[Talk]:
    return list(caller.space.inbox.talks.values())


async def test_an_erased_customer_is_nowhere_in_the_file_and_counts_stay(
    data: Path, ids: Ids, lines: tuple[LineId, LineId], clock: FakeClock
) -> None:
    count = "SELECT count(*), count(answered_at), sum(opened_at) FROM alerts WHERE level IS NULL"
    async with running(data, clock) as server:
        await live_a_little(server, ids, lines, clock)
        before = rows(server, count)
        assert before[0][0] == 4
        async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "eva") as eva:
            assert set(found_in(data, PLANTED)) == set(PLANTED)
            async with busy(server, ids) as said:
                assert await eva.ask(EraseCustomer("+819012345999")) is Code.NOT_FOUND
                assert await ann.ask(EraseCustomer(CUSTOMER)) is Code.NOT_FOUND
                assert isinstance(await eva.ask(EraseCustomer("+81 90-1234-5678")), Erased)
                assert said
                # A running client sees it at once.
                await ann.until(lambda: {talk.shown for talk in talks_of(ann)} == {"…321"})
                await ann.until(lambda: not any(word.encode() in state_of(ann) for word in PLANTED))
                assert {m.text for c in ann.me.conversations.values() for m in c.last} == {"please call …"}
            assert rows(server, count) == before
            assert rows(server, "SELECT text FROM alerts WHERE level IS NULL AND text <> ''") == [
                ("Support …321: not about them",)
            ]
            assert rows(server, "SELECT number FROM customers") == [(OTHER,)]
            await overwritten(server)
            assert found_in(data, PLANTED) == []
            log = await eva.ask(GetAudit())
            assert isinstance(log, AuditPage)
            assert [(one.deed.act, one.deed.by, one.deed.name) for one in log.lines[:1]] == [
                (Act.ERASED, ids.eva, "…678")
            ]
            # Whoever writes again is somebody new.
            assert await say(server, "5", "hello again", SUPPORT) is Taken.STORED
            await ann.until(lambda: {talk.shown for talk in talks_of(ann)} == {"…321", "…678"})
    async with running(data, clock) as again, await Caller.enter(again.url, "ann") as ann:
        texts = {text.text for talk in talks_of(ann) for text in talk.last}
        assert texts == {"not about them", "hello again"}
        assert rows(again, "SELECT 1 FROM erasures") == []
    assert found_in(data, WORDS) == []


async def test_an_erasure_that_was_broken_off_goes_on_with_the_next_start(
    data: Path,
    ids: Ids,
    lines: tuple[LineId, LineId],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(data, clock) as server:
        await live_a_little(server, ids, lines, clock)
        with monkeypatch.context() as patch:
            patch.setattr(erasure, "_rewrite", broken_off)
            with pytest.raises(RuntimeError):
                await erasure.erase_customer(server.store, CUSTOMER, None, clock.now)
    await finished_by_the_next_start(data, clock, PLANTED)


async def test_a_text_that_comes_while_its_conversation_is_forgotten_begins_a_new_one(
    data: Path,
    ids: Ids,
    lines: tuple[LineId, LineId],
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(data, clock) as server:
        assert await say(server, "1", "the vorpal parcel", SUPPORT) is Taken.STORED
        store, told = server.store, server.spaces.feeds.stored
        find = store.lines.talk

        async def forgotten_meanwhile(talk: CustomerId) -> Talk | None:
            found = await find(talk)
            await erasure.erase_customer(store, CUSTOMER, None, clock.now, told)
            return found

        monkeypatch.setattr(store.lines, "talk", forgotten_meanwhile)
        with pytest.raises(StoreError):
            await say(server, "2", "always in between", SUPPORT)

        monkeypatch.setattr(store.lines, "talk", find)

        async def once(talk: CustomerId) -> Talk | None:
            monkeypatch.setattr(store.lines, "talk", find)
            return await forgotten_meanwhile(talk)

        assert await say(server, "3", "the vorpal parcel again", SUPPORT) is Taken.STORED
        monkeypatch.setattr(store.lines, "talk", once)
        assert await say(server, "4", "and new", SUPPORT) is Taken.STORED
        ((talk,),) = rows(server, "SELECT id FROM talks")
        page, _ = await store.lines.texts(CustomerId(talk), None)
        assert [text.text for text in page] == ["and new"]


async def test_a_customer_is_exported_whole_and_nobody_else_with_them(
    data: Path, ids: Ids, lines: tuple[LineId, LineId], clock: FakeClock
) -> None:
    async with running(data, clock) as server:
        await live_a_little(server, ids, lines, clock)
        async with await Caller.enter(server.url, "eva") as eva, await Caller.enter(server.url, "bob") as bob:
            for question in (FindCustomer(CUSTOMER), ExportCustomer(CUSTOMER)):
                assert await bob.ask(question) is Code.NOT_FOUND
            found = await eva.ask(FindCustomer(" +81 90 1234 5678 "))
            async with busy(server, ids):
                blob = await eva.ask(ExportCustomer(CUSTOMER))
            log = await eva.ask(GetAudit(subject=Subject.CUSTOMER))
    assert isinstance(found, CustomerFound)
    assert (found.shown, [(talk.line, talk.texts, talk.open) for talk in found.talks]) == (
        "…678",
        [("Support", 4, True), ("Sales", 1, True)],
    )
    files = unzipped(blob)
    assert files["customer"] == {"number": CUSTOMER}
    assert [talk["line_name"] for talk in files["conversations"]] == ["Support", "Sales"]
    assert [text["text"] for text in files["messages"]] == [
        "the vorpal parcel",
        "your flummoxed parcel left",
        "quibblewick knows more",
        "zebulon again",
        "a grommet is missing",
    ]
    assert len(files["alerts"]) == 3
    assert [send["channel"] for send in files["forwarded"]] == ["sms"]
    assert "not about them" not in json.dumps(files)
    assert isinstance(log, AuditPage)
    assert [(one.deed.act, one.deed.by, one.deed.name) for one in log.lines] == [
        (Act.EXPORTED, ids.eva, "…678"),
        (Act.READ, ids.eva, "…678"),
    ]


async def test_at_the_command_line_beside_a_running_server(
    data: Path,
    ids: Ids,
    lines: tuple[LineId, LineId],
    clock: FakeClock,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    says = command_line(data, capsys)
    async with running(data, clock) as server:
        await live_a_little(server, ids, lines, clock)
        async with await Caller.enter(server.url, "ann") as ann:
            code, said = await says("find-customer", "+81 90-1234-5678")
            assert (code, said.splitlines()[0].split()[:3]) == (0, ["Support", "4", "messages,"])
            target = tmp_path / "customer.zip"
            assert (await says("export-customer", CUSTOMER, str(target)))[0] == 0
            assert zipfile.is_zipfile(target)
            assert target.stat().st_mode & 0o077 == 0
            assert (await says("erase-customer", WRITTEN))[0] == 1  # whose country is not known here
            assert (await says("erase-customer", CUSTOMER))[0] == 1
            assert len(talks_of(ann)) == 3
            code, said = await says("erase-customer", CUSTOMER, "--yes")
            assert (code, said[:18]) == (0, "2 conversations wi")
            await ann.until(lambda: {talk.shown for talk in talks_of(ann)} == {"…321"})
            assert (await says("find-customer", CUSTOMER))[0] == 1
            code, log = await says("audit", "--of", "customer")
            assert [line.split("  ", 1)[1] for line in log.splitlines()] == [
                "(command line)  read customer …678",
                "(command line)  exported customer …678",
                "(command line)  erased customer …678",
            ]
            assert CUSTOMER not in log
        await overwritten(server)
        assert found_in(data, PLANTED) == []
