"""The whole story of raised hands and mention chats over real sockets, seen in the raw frames too."""

from __future__ import annotations

import pytest

from app.core import questions, wire
from app.core.commands import (
    AnswerEscalation,
    EndEscalation,
    LeaveSpace,
    MarkRead,
    RaiseEscalation,
    ReportRung,
    SendMessage,
    SetStatus,
)
from app.core.errors import Code
from app.core.limits import PAGE
from app.core.model import (
    AnswerKind,
    ConversationId,
    EscalationId,
    Level,
    Recipients,
    Rung,
    Status,
)
from app.server.admin import Admin
from app.server.main import Server
from tests.helpers.caller import Caller, snapshot_bytes
from tests.helpers.clock import FakeClock
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows

HAND = EscalationId("hand")


def red(ids: Ids, text: str = "Customer asks for a manager") -> RaiseEscalation:
    return RaiseEscalation(Level.RED, text, Recipients(groups=(ids.supervisors,)))


async def test_a_red_hand_from_execute_to_the_end(server: Server, ids: Ids) -> None:
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    dev = await Caller.enter(server.url, "dev")
    async with ann, bob, dev:
        assert await ann.do(red(ids), HAND) is None
        await bob.until(lambda: HAND in bob.me.alerts)
        assert bob.me.alerts[HAND].escalation.message == "Customer asks for a manager"
        assert ann.me.phrases == ("Customer asks for a manager",)
        await ann.until(lambda: ann.me.ladders[HAND].rung_of(ids.bob) is Rung.SENT)
        assert ann.me.ladders[HAND].rung_of(ids.chie) is Rung.STORED
        assert ann.space.escalations[HAND].unreached == (ids.chie,)

        assert await bob.do(ReportRung(HAND, Rung.SHOWN)) is None
        await ann.until(lambda: ann.me.ladders[HAND].rung_of(ids.bob) is Rung.SHOWN)
        assert await dev.do(ReportRung(HAND, Rung.SHOWN)) is Code.NOT_A_RECIPIENT

        assert await dev.do(AnswerEscalation(HAND, AnswerKind.DECLINE)) is Code.NOT_A_RECIPIENT
        assert await bob.do(AnswerEscalation(HAND, AnswerKind.APPROACH)) is None
        await ann.until(lambda: ann.space.escalations[HAND].coming == (ids.bob,))
        await ann.until(lambda: ann.me.ladders[HAND].rung_of(ids.bob) is Rung.ANSWERED)
        await bob.until(lambda: bob.me.alerts[HAND].escalation.answered)

        assert await dev.do(EndEscalation(HAND)) is Code.NOT_YOURS
        assert await ann.do(EndEscalation(HAND)) is None
        await bob.until(lambda: not bob.me.alerts)
        assert ann.me.ladders == {}
        await dev.until(lambda: not dev.space.escalations)
        assert snapshot_bytes(dev.space) == snapshot_bytes(ann.space)
        assert not any(b"alert" in frame for frame in dev.frames)

        sql = "SELECT asked_by, level, text, reason FROM alerts WHERE answered_at < ended_at"
        assert rows(server, sql) == [(ids.ann, "red", "Customer asks for a manager", "button")]
        assert rows(server, "SELECT person, kind FROM alert_answers") == [(ids.bob, "approach")]


async def test_a_recipient_who_went_home_is_named_and_one_who_was_removed_is_refused(
    server: Server, ids: Ids
) -> None:
    """Both were there when they were chosen; the server decides by what is so now."""
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    async with ann, bob:
        assert await bob.do(LeaveSpace()) is None
        with Admin(server.config.data, hasher=HASHER) as admin:
            admin.remove_from_space(SPACE_NAME, "dev")
            night = admin.add_group("night", "Night shift")
            admin.remove_group("night")
        await ann.until(lambda: ids.dev not in ann.space.people and ids.bob not in ann.space.occupants)
        gone = RaiseEscalation(Level.RED, "", Recipients(people=(ids.bob, ids.dev)))
        assert await ann.do(gone, "refused") is Code.UNKNOWN_PERSON
        no_group = RaiseEscalation(Level.RED, "", Recipients(groups=(night,)))
        assert await ann.do(no_group, "refused-too") is Code.UNKNOWN_GROUP
        assert ann.space.escalations == {}
        home = RaiseEscalation(Level.RED, "", Recipients(people=(ids.bob,)))
        assert await ann.do(home, HAND) is None
        assert ann.space.escalations[HAND].unreached == (ids.bob,)


async def test_who_comes_online_later_is_called_and_counted_as_reached(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(red(ids), HAND) is None
        async with await Caller.enter(server.url, "chie") as chie:
            assert HAND in chie.me.alerts
            await ann.until(lambda: ann.me.ladders[HAND].rung_of(ids.chie) is Rung.SENT)
            assert await chie.do(ReportRung(HAND, Rung.RECEIVED)) is None
            await ann.until(lambda: ann.space.escalations[HAND].unreached == (ids.bob,))


async def test_answering_on_one_machine_silences_the_other(server: Server, ids: Ids) -> None:
    ann, desk = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    laptop = await Caller.enter(server.url, "bob")
    async with ann, desk, laptop:
        assert await ann.do(red(ids), HAND) is None
        await desk.until(lambda: HAND in desk.me.alerts)
        await laptop.until(lambda: HAND in laptop.me.alerts)
        assert await desk.do(AnswerEscalation(HAND, AnswerKind.CHAT)) is None
        await laptop.until(lambda: laptop.me.alerts[HAND].escalation.answered)


async def test_many_reports_at_once_are_written_together(server: Server, ids: Ids) -> None:
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    chie = await Caller.enter(server.url, "chie")
    async with ann, bob, chie:
        assert await ann.do(red(ids), HAND) is None
        await ann.until(
            lambda: all(ann.me.ladders[HAND].rung_of(p) is Rung.SENT for p in (ids.bob, ids.chie))
        )
        for caller in (bob, chie):
            for rung in (Rung.RECEIVED, Rung.SHOWN):
                caller.session.send(wire.Do(f"r{rung}", ReportRung(HAND, rung)))
            await caller.flush()
        await ann.until(
            lambda: all(ann.me.ladders[HAND].rung_of(p) is Rung.SHOWN for p in (ids.bob, ids.chie))
        )
        for caller in (bob, chie):
            await caller.hear(wire.Accepted, lambda a: a.id == "r3")


async def test_the_same_command_again_does_nothing_again(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(red(ids), HAND) is None
        seq = server.spaces.rooms[0].feed.at
        assert await ann.do(red(ids), HAND) is None
        assert server.spaces.rooms[0].feed.at == seq
        assert await ann.do(RaiseEscalation(Level.YELLOW), HAND) is Code.ID_REUSED
        assert await ann.do(SetStatus(Status.BUSY), HAND) is Code.ID_REUSED


async def test_a_refusal_is_the_same_again_and_nothing_was_changed_by_it(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(RaiseEscalation(Level.RED), "r") is Code.NO_RECIPIENTS
        assert await ann.do(RaiseEscalation(Level.RED), "r") is Code.NO_RECIPIENTS
        assert await ann.do(RaiseEscalation(Level.YELLOW), "r") is Code.ID_REUSED
        assert await ann.do(RaiseEscalation(Level.YELLOW, "x" * 51)) is Code.MESSAGE_TOO_LONG


async def test_nobody_takes_the_id_of_somebody_elses_hand_or_message(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "dev") as dev:
        assert await ann.do(RaiseEscalation(Level.YELLOW), "same") is None
        assert await ann.do(SendMessage("private", Recipients(people=(ids.bob,))), "m1") is None
        assert await dev.do(RaiseEscalation(Level.YELLOW), "same") is Code.ID_REUSED
        assert await dev.do(SendMessage("mine", Recipients(people=(ids.chie,))), "m1") is Code.ID_REUSED
        await dev.until(lambda: "same" in dev.space.escalations)
        assert dev.space.escalations[EscalationId("same")].raiser == ids.ann


@pytest.mark.parametrize("bad", ["a b", "日本", "a/b"])
async def test_a_command_id_is_plain(server: Server, bad: str) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(SetStatus(Status.BUSY), bad) is Code.BAD_FRAME


SECRET = "the winter bonus is cancelled"


async def test_a_foreign_mention_chat_never_leaves_the_server(server: Server, ids: Ids) -> None:
    ann, bob = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    dev = await Caller.enter(server.url, "dev")
    async with ann, bob, dev:
        assert await ann.do(SendMessage(f"@bob {SECRET}")) is None
        await bob.until(lambda: bob.me.unread == 1)
        (conversation,) = bob.me.conversations.values()
        assert conversation.last[-1].text == f"@bob {SECRET}"
        # dev asks for everything one can ask for
        assert await dev.ask(questions.History(conversation.id)) == questions.Found()
        assert await dev.ask(questions.Search("bonus")) == questions.Found()
        assert await dev.do(MarkRead(conversation.id, 1e12)) is Code.UNKNOWN_CONVERSATION
        async with await Caller.enter(server.url, "dev") as again:
            assert again.me.conversations == {}
            every_frame = dev.frames + again.frames
        assert not any(SECRET.encode() in frame for frame in every_frame)
        assert not any(conversation.id.encode() in frame for frame in every_frame if b"refused" not in frame)
        assert any(SECRET.encode() in frame for frame in bob.frames)


async def test_reading_counts_on_all_machines(server: Server, ids: Ids) -> None:
    ann, desk = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob")
    laptop = await Caller.enter(server.url, "bob")
    async with ann, desk, laptop:
        for text in ("@bob one", "@bob two"):
            assert await ann.do(SendMessage(text)) is None
        await desk.until(lambda: desk.me.unread == 2)
        (conversation,) = desk.me.conversations.values()
        assert await desk.do(MarkRead(conversation.id, conversation.last[-1].sent_at)) is None
        await laptop.until(lambda: laptop.me.unread == 0 and bool(laptop.me.conversations))


async def test_history_comes_in_pages_newest_first(server: Server, ids: Ids, clock: FakeClock) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        for number in range(PAGE + 7):
            code = await ann.do(SendMessage(f"@bob number {number}"))
            assert code is None
            clock.epoch += 0.1
            ann.session.tick(clock.at)
        (conversation,) = ann.me.conversations.values()
        first = await ann.ask(questions.History(conversation.id))
        assert isinstance(first, questions.Found)
        assert [m.text for m in first.messages[:2]] == [f"@bob number {PAGE + 6}", f"@bob number {PAGE + 5}"]
        assert (len(first.messages), first.more) == (PAGE, True)
        assert dict(first.conversations)[conversation.id].people == tuple(sorted((ids.ann, ids.bob)))
        rest = await ann.ask(questions.History(conversation.id, first.messages[-1].sent_at))
        assert isinstance(rest, questions.Found)
        assert [m.text for m in rest.messages] == [f"@bob number {n}" for n in range(6, -1, -1)]
        assert not rest.more


TEXTS = (
    "会議室は空いていますか",
    "カスタマーが待っています",
    "Café at 100% for free",
    'he said "quoted" things',
)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("会議", 1),  # two characters: below what the index holds
        ("会議室", 1),
        ("会議室は", 1),
        ("カスタマ", 1),
        ("かすたま", 1),  # hiragana finds katakana
        ("ｶｽﾀﾏｰ", 1),  # half width
        ("CAFÉ", 1),
        ("cafe", 1),
        ("100%", 1),
        ('"quoted"', 1),
        ("@bob", 4),
        ("見つからない", 0),
        ("OR", 1),  # no operators: "for" is a word of one message
        ("   ", 0),
    ],
)
async def test_search_finds_japanese_and_takes_everything_literally(
    server: Server, ids: Ids, wanted: str, found: int
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        for text in (
            "会議室は空いていますか",
            "カスタマーが待っています",
            "Café at 100% for free",
            'he said "quoted" things',
        ):
            assert await ann.do(SendMessage(f"@bob {text}")) is None
        result = await ann.ask(questions.Search(wanted))
        assert isinstance(result, questions.Found)
        assert len(result.messages) == found


async def test_a_conversation_nobody_has_is_empty(server: Server) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.ask(questions.History(ConversationId("none"))) == questions.Found()
