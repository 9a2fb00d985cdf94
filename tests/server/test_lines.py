"""Lines over real sockets: what customers write, what colleagues do about it, and who may set what."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest import mock

import msgspec
import pytest

from app.core.audit import SET, Change, Subject
from app.core.cases import SMS, Send, SendState
from app.core.errors import Code
from app.core.line_commands import (
    AnsweringTalk,
    AssignTalk,
    NoteOnLine,
    ReopenTalk,
    ReplyOnLine,
    ResolveTalk,
    TouchTalk,
)
from app.core.line_questions import (
    Customer,
    GetCustomer,
    GetLineSettings,
    GetTalk,
    LineSettings,
    ListTalks,
    SetLineEscalation,
    TalkPage,
    Talks,
)
from app.core.lines import Handling, LineId, Media, Talk, TextKind
from app.core.privacy import DAY
from app.core.questions import Done
from app.core.wire import Answering
from app.server.admin import Admin, AdminError
from app.server.delivery.base import Receipt
from app.server.delivery.sender import LEASE_S
from app.server.line_inbound import InboundText, Taken
from app.server.line_phones import LineOutbox
from app.server.main import Server
from app.server.store.audit import Wanted
from app.server.store.sqlite.store import FILE, SqliteStore
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows, running

LINE = "+815031234567"
CUSTOMER = "+819012345678"
CELL = "+81 80-1234-5678"


@pytest.fixture
def line(data: Path, ids: Ids) -> LineId:
    with Admin(data, hasher=HASHER) as admin:
        return admin.add_line("Support", LINE, SPACE_NAME)


def text(words: str, sid: str = "SM1", sender: str = CUSTOMER, to: str = LINE) -> InboundText:
    return InboundText(sid, to, sender, words)


async def only(caller: Caller) -> Talk:
    """The one conversation there is, once it has come."""
    await caller.until(lambda: bool(caller.space.inbox.talks))
    (talk,) = caller.space.inbox.talks.values()
    return talk


async def test_a_customers_text_stands_in_everybodys_inbox_and_its_number_does_not(
    line: LineId, server: Server
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        media = (Media("https://gateway.example/m/1", "image/png"),)
        assert await server.lines.receive(InboundText("SM1", LINE, CUSTOMER, "Where is it?", media)) is (
            Taken.STORED
        )
        talk = await only(ann)
        assert (talk.line, talk.shown, talk.state, talk.unread) == (line, "…678", Handling.UNRESOLVED, 1)
        assert [(t.text, t.kind, t.media) for t in talk.last] == [("Where is it?", TextKind.IN, media)]
        assert not [frame for frame in ann.frames if CUSTOMER.encode() in frame or b"12345678" in frame]
        assert await ann.ask(GetCustomer(talk.id)) == Customer(CUSTOMER)


async def test_what_a_gateway_repeats_counts_once_and_unknown_numbers_are_counted(
    line: LineId, server: Server
) -> None:
    assert [await server.lines.receive(text("hello")) for _ in range(3)] == [
        Taken.STORED,
        Taken.REPEATED,
        Taken.REPEATED,
    ]
    assert await server.lines.receive(text("hello", "SM2", to="+815099999999")) is Taken.NO_LINE
    assert (server.lines.counts[Taken.STORED], server.lines.counts[Taken.NO_LINE]) == (1, 1)
    talks, _ = await server.store.lines.talks(server.spaces.rooms[0].id, None)
    assert [talk.unread for talk in talks] == [1]


async def test_colleagues_work_on_a_conversation_and_everybody_sees_it(
    line: LineId, server: Server, ids: Ids
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "dev") as dev:
        await server.lines.receive(text("Where is it?"))
        talk = await only(ann)
        assert await dev.do(AnsweringTalk(talk.id)) is None
        assert await ann.hear(Answering) == Answering(talk.id, ids.dev)
        assert await ann.do(TouchTalk(talk.id)) is None
        assert await ann.do(AssignTalk(talk.id, ids.dev)) is None
        assert await dev.do(NoteOnLine(talk.id, "it left on Monday")) is None
        assert await dev.do(ReplyOnLine(talk.id, "It left on Monday."), "reply-1") is None
        await dev.until(lambda: dev.space.inbox.talks[talk.id].last[-1].kind is TextKind.OUT)
        now = dev.space.inbox.talks[talk.id]
        assert (now.state, now.assignee, now.waits) == (Handling.TOUCHED, ids.dev, False)
        assert await dev.do(ResolveTalk(talk.id)) is None
        assert await ann.do(ReopenTalk(talk.id)) is None
        await ann.until(lambda: ann.space.inbox.talks[talk.id].waits)
        page = await ann.ask(GetTalk(talk.id))
        assert isinstance(page, TalkPage)
        assert [(t.kind, t.author) for t in page.texts] == [
            (TextKind.IN, None),
            (TextKind.NOTE, ids.dev),
            (TextKind.OUT, ids.dev),
        ]


async def test_who_said_stop_is_not_texted_until_they_say_start(line: LineId, server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        await server.lines.receive(text("hello"))
        talk = await only(ann)
        await server.lines.receive(text(" Stop. ", "SM2"))
        await ann.until(lambda: ann.space.inbox.talks[talk.id].opted_out)
        assert not ann.space.inbox.talks[talk.id].waits
        assert await ann.do(ReplyOnLine(talk.id, "bye")) is Code.OPTED_OUT
        assert await ann.do(NoteOnLine(talk.id, "wants no texts")) is None
        await server.lines.receive(text("START", "SM3"))
        await ann.until(lambda: not ann.space.inbox.talks[talk.id].opted_out)
        assert await ann.do(ReplyOnLine(talk.id, "welcome back")) is None


async def test_a_conversation_that_the_space_no_longer_holds_comes_back_whole(
    line: LineId, data: Path, server: Server
) -> None:
    """Resolved ones beyond those that are held are read from the store, and can be worked on like others."""
    async with await Caller.enter(server.url, "ann") as ann:
        for number in range(33):
            sender = f"+8190111122{number:02}"
            await server.lines.receive(text(f"question {number}", f"SM{number}", sender))
            await ann.until(lambda: any(talk.unread for talk in ann.space.inbox.talks.values()))
            fresh = next(talk.id for talk in ann.space.inbox.talks.values() if talk.unread)
            assert await ann.do(ResolveTalk(fresh)) is None
        assert len(ann.space.inbox.talks) == 30
        listed = await ann.ask(ListTalks())
        assert isinstance(listed, Talks)
        assert [talk.last[-1].text for talk in listed.talks] == [f"question {n}" for n in range(32, -1, -1)]
        oldest = listed.talks[-1]
        assert oldest.id not in ann.space.inbox.talks
        assert await ann.do(ReopenTalk(oldest.id)) is None
        await ann.until(lambda: oldest.id in ann.space.inbox.talks)
        assert ann.space.inbox.talks[oldest.id].waits
        assert ann.space.inbox.talks[oldest.id].last == oldest.last


async def test_settings_are_for_those_who_supervise_the_space(
    line: LineId, server: Server, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        asked = SetLineEscalation(line, True, 5, CELL)
        assert await ann.ask(GetLineSettings(ids.space)) is Code.NOT_FOUND
        assert await ann.ask(asked) is Code.NOT_FOUND
        assert await bob.ask(asked) == Done()
        shown = await bob.ask(GetLineSettings(ids.space))
        assert isinstance(shown, LineSettings)
        (setting,) = shown.lines
        assert (setting.enabled, setting.minutes, setting.cell) == (True, 5, "…678")
        assert await bob.ask(SetLineEscalation(line, False, 7)) == Done()
        assert (await server.store.lines.setting(line)).cell == "+818012345678"
        assert not [frame for frame in ann.frames + bob.frames if b"8012345678" in frame]
    page = await server.store.audit.read(Wanted(subject=Subject.LINE))
    assert [deed.by for _, deed in page.deeds] == [ids.bob, ids.bob, None]  # made at the command line
    assert Change("cell", "", SET) in page.deeds[1][1].changes


@pytest.mark.parametrize(
    ("cell", "why"),
    [("hello", Code.PHONE_INVALID), ("", Code.NUMBER_NEEDED), (LINE, Code.OWN_LINE)],
)
async def test_a_cell_phone_that_cannot_be_reached_is_not_taken(
    line: LineId, server: Server, cell: str, why: Code
) -> None:
    async with await Caller.enter(server.url, "eva") as eva:
        assert await eva.ask(SetLineEscalation(line, True, 1, cell)) is why
    assert not (await server.store.lines.setting(line)).enabled


async def test_lines_are_made_moved_and_removed_while_the_server_runs(
    data: Path, server: Server, ids: Ids
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        with Admin(data, hasher=HASHER) as admin:
            admin.add_line("Support", "+81 50-3123-4567", SPACE_NAME)
        await ann.until(lambda: bool(ann.space.inbox.lines))
        assert await server.lines.receive(text("hello")) is Taken.STORED
        await only(ann)
        with Admin(data, hasher=HASHER) as admin:
            admin.change_line(LINE, name="Sales")
            assert [(known.name, known.talks) for known in admin.lines()] == [("Sales", 1)]
        await ann.until(lambda: [known.name for known in ann.space.inbox.lines.values()] == ["Sales"])
        with Admin(data, hasher=HASHER) as admin:
            assert admin.remove_line(LINE) == 1
        await ann.until(lambda: not ann.space.inbox.lines)
        assert not ann.space.inbox.talks


def test_mistakes_about_lines_are_said(data: Path, ids: Ids) -> None:
    with Admin(data, hasher=HASHER) as admin:
        admin.add_line("Support", LINE, SPACE_NAME)
        with pytest.raises(AdminError, match="already the number of a line"):
            admin.add_line("Sales", LINE, SPACE_NAME)
        with pytest.raises(AdminError, match="not a phone number"):
            admin.add_line("Sales", "12", SPACE_NAME)
        with pytest.raises(AdminError, match="no space called Nowhere"):
            admin.add_line("Sales", "+815031234568", "Nowhere")
        with pytest.raises(AdminError, match="no line with the number"):
            admin.remove_line("+815031234568")


async def test_everything_is_there_again_after_a_restart(data: Path, line: LineId, clock: FakeClock) -> None:
    async with running(data, clock) as server:
        await server.lines.receive(text("hello"))
        space = server.spaces.rooms[0]
        before = dict(space.state.inbox.talks)
        assert [talk.unread for talk in before.values()] == [1]
    async with running(data, clock) as server:
        assert server.spaces.rooms[0].state.inbox.talks == before
        assert await server.lines.receive(text("hello")) is Taken.REPEATED


# What nobody touches


async def forwarding(server: Server, line: LineId, minutes: int = 5) -> None:
    """Bob has it that messages go to the cell phone after so many minutes."""
    async with await Caller.enter(server.url, "bob") as bob:
        assert await bob.ask(SetLineEscalation(line, True, minutes, CELL)) == Done()


def going_out(server: Server) -> list[tuple[str, str]]:
    """To which contact something is to be sent, and in which state that is."""
    found = []
    for blob, state in rows(server, "SELECT send, state FROM sends ORDER BY rowid"):
        send = msgspec.msgpack.decode(blob, type=Send)
        assert send.channel == SMS
        found.append((send.text, state))
    return found


async def comes_out(server: Server, *words: str) -> None:
    """The engine, which runs by itself, has decided to send just this."""
    await eventually(lambda: len(going_out(server)) >= len(words))
    assert [said for said, _ in going_out(server)] == list(words)


async def test_what_nobody_touches_for_the_set_minutes_goes_to_the_cell_phone(
    line: LineId, server: Server, clock: FakeClock
) -> None:
    await forwarding(server, line)
    await server.lines.receive(text("Where is it?"))
    clock.epoch += 299.0
    await server.engine.look()
    assert going_out(server) == []
    clock.epoch += 2.0
    await comes_out(server, "Support …678: Where is it?")
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.until(lambda: any(talk.forward for talk in ann.space.inbox.talks.values()))
        forward = (await only(ann)).forward
        assert forward is not None
        assert forward.at == pytest.approx(server.clock.now())  # this server has no phones: it soon fails
    await server.engine.look()
    assert len(going_out(server)) == 1


@pytest.mark.parametrize("touch", [TouchTalk, ResolveTalk, AssignTalk])
async def test_what_somebody_touched_is_not_forwarded(
    line: LineId, server: Server, clock: FakeClock, touch: type[TouchTalk | ResolveTalk | AssignTalk]
) -> None:
    await forwarding(server, line)
    await server.lines.receive(text("Where is it?"))
    async with await Caller.enter(server.url, "dev") as dev:
        talk = await only(dev)
        command = AssignTalk(talk.id, dev.me.me) if touch is AssignTalk else touch(talk.id)
        assert await dev.do(command) is None
        clock.epoch += 3_600.0
        await server.engine.look()
        assert going_out(server) == []
        await server.lines.receive(text("Hello?", "SM2"))
        clock.epoch += 301.0
        await comes_out(server, "Support …678: Hello?")


async def test_a_line_without_the_setting_waits_and_each_has_its_own(
    line: LineId, data: Path, server: Server, clock: FakeClock
) -> None:
    await forwarding(server, line, 1)
    with Admin(data, hasher=HASHER) as admin:
        admin.add_line("Sales", "+815039876543", SPACE_NAME)
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.until(lambda: len(ann.space.inbox.lines) == 2)
        await server.lines.receive(text("for sales", "SM1", to="+815039876543"))
        await server.lines.receive(text("for support", "SM2"))
        clock.epoch += 86_400.0
        await comes_out(server, "Support …678: for support")


async def test_what_the_cell_phone_answers_is_a_note_and_a_touch(
    line: LineId, server: Server, clock: FakeClock
) -> None:
    await forwarding(server, line)
    cell = "+818012345678"
    assert await server.lines.receive(text("who is this?", "SM1", cell)) is Taken.NOTHING_FORWARDED
    await server.lines.receive(text("Where is it?", "SM2"))
    clock.epoch += 301.0
    await comes_out(server, "Support …678: Where is it?")
    async with await Caller.enter(server.url, "ann") as ann:
        await server.lines.receive(text("I will call her", "SM3", cell))
        talk = await only(ann)
        await ann.until(lambda: ann.space.inbox.talks[talk.id].last[-1].kind is TextKind.PHONE)
        now = ann.space.inbox.talks[talk.id]
        assert (now.last[-1].text, now.unread, now.state, now.waits) == (
            "I will call her",
            0,
            Handling.TOUCHED,
            True,
        )
        assert rows(server, "SELECT count(*) FROM line_sends") == [(0,)]
        assert rows(server, "SELECT count(*) FROM cases WHERE ended_at IS NULL") == [(0,)]


async def test_what_an_earlier_cell_phone_answers_is_a_note_of_what_went_to_it_for_a_day(
    line: LineId, server: Server, clock: FakeClock
) -> None:
    await forwarding(server, line)
    earlier, later = "+818012345678", "+818087654321"
    await server.lines.receive(text("Where is it?", "SM1"))
    clock.epoch += 301.0
    await comes_out(server, "Support …678: Where is it?")
    async with await Caller.enter(server.url, "bob") as bob:
        assert await bob.ask(SetLineEscalation(line, True, 5, later)) == Done()
        await server.lines.receive(text("Hello?", "SM2", "+819099999111"))
        clock.epoch += 301.0
        await comes_out(server, "Support …678: Where is it?", "Support …111: Hello?")
        assert await server.lines.receive(text("I will call her", "SM3", earlier)) is Taken.STORED
        assert await server.lines.receive(text("I am on it", "SM4", later)) is Taken.STORED
        await bob.until(lambda: sum(talk.unread == 0 for talk in bob.space.inbox.talks.values()) == 2)
        said = {talk.shown: talk.last[-1] for talk in bob.space.inbox.talks.values()}
        assert {who: (last.kind, last.text) for who, last in said.items()} == {
            "…678": (TextKind.PHONE, "I will call her"),
            "…111": (TextKind.PHONE, "I am on it"),
        }
        clock.epoch += 86_401.0
        await server.lines.receive(text("Do you deliver on Sunday?", "SM5", earlier))
        await bob.until(lambda: len(bob.space.inbox.talks) == 3)
    assert earlier[1:] not in repr(rows(server, "SELECT * FROM line_forward_cells"))
    await server.store.contacts.prune(server.clock.now())
    assert rows(server, "SELECT * FROM line_forward_cells") == []


async def test_what_waits_for_somebody_is_never_old(line: LineId, server: Server, clock: FakeClock) -> None:
    """Its text was forgotten after a year, and then nothing ended its case any more."""
    await server.lines.receive(text("Where is it?"))
    clock.epoch += 400 * DAY
    await server.retention.enforce()
    async with await Caller.enter(server.url, "ann") as ann:
        talk = await only(ann)
        page = await ann.ask(GetTalk(talk.id))
        assert isinstance(page, TalkPage)
        assert [one.text for one in page.texts] == ["Where is it?"]
        assert rows(server, "SELECT text FROM alerts") == [("Support …678: Where is it?",)]
        assert await ann.do(TouchTalk(talk.id)) is None
    assert rows(server, "SELECT 1 FROM cases WHERE ended_at IS NULL") == []
    await server.retention.enforce()
    assert rows(server, "SELECT 1 FROM line_texts") == []


async def test_when_a_line_is_removed_nothing_of_it_is_left_to_do(
    line: LineId, data: Path, server: Server, clock: FakeClock
) -> None:
    await forwarding(server, line)
    await server.lines.receive(text("Where is it?"))
    with Admin(data, hasher=HASHER) as admin:
        admin.remove_line(LINE)
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.until(lambda: not ann.space.inbox.lines)
    clock.epoch += 301.0
    await server.engine.look()
    assert going_out(server) == []
    assert rows(server, "SELECT count(*) FROM cases WHERE ended_at IS NULL") == [(0,)]


async def test_who_lost_the_lease_of_a_reply_undoes_nothing_of_who_has_it_now(
    data: Path, line: LineId, clock: FakeClock
) -> None:
    """Another server hung before it began; by now this one means to try again."""
    store, at = SqliteStore(data / FILE), clock.now()
    outbox, nothing = LineOutbox(store, mock.Mock(), mock.Mock()), Receipt(SendState.WAITING)
    with closing(sqlite3.connect(data / FILE)) as db, db:
        sql = "INSERT INTO line_sends (id, talk, line, text, next_try, until) VALUES (?, ?, ?, ?, ?, ?)"
        db.execute(sql, ("reply", "talk", line, "On its way", at, at + 600.0))
    (kept,) = await outbox.claim("one", at, LEASE_S, 5)
    assert await outbox.claim("other", at + LEASE_S, LEASE_S, 5) == [kept]
    for _ in range(2):
        for said in (nothing, Receipt(SendState.FAILED, reason=Code.CAP_TARGET, over=True)):
            assert not await outbox.settle(kept.send.id, said, at + LEASE_S, owner="one")
            assert await outbox.next_try() is not None, "nobody would ever send it"
        await outbox.settle(kept.send.id, nothing, at + LEASE_S, at + LEASE_S + 5.0, owner="other")
    assert await outbox.claim("one", at + LEASE_S + 5.0, LEASE_S, 5) == [kept]
    await store.close()


async def test_a_clock_that_was_set_back_stalls_no_reply(data: Path, line: LineId, clock: FakeClock) -> None:
    store, at = SqliteStore(data / FILE), clock.now()
    with closing(sqlite3.connect(data / FILE)) as db, db:
        sql = "INSERT INTO line_sends (id, talk, line, text, next_try, until) VALUES (?, ?, ?, ?, ?, ?)"
        db.execute(sql, ("reply", "talk", line, "On its way", at + 60.0, at + 600.0))
    assert await store.lines.sends.claim("one", at, LEASE_S, 5) == []
    (kept,) = await store.lines.sends.claim("one", at - DAY, LEASE_S, 5)
    assert kept.send.text == "On its way"
    await store.close()
