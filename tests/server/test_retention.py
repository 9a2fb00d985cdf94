"""Each kind of data is forgotten when its days are over and not before, by the job of a running server, while
people work."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core import hook_questions as hooks
from app.core import questions
from app.core.commands import AnswerEscalation, EndEscalation, RaiseEscalation, SendMessage
from app.core.errors import Code
from app.core.hooks import HookEvent
from app.core.line_commands import ReplyOnLine, ResolveTalk
from app.core.line_questions import SetLineEscalation
from app.core.model import AnswerKind, EscalationId, Level, Recipients
from app.core.privacy import DAY, Kept
from app.core.privacy_questions import RetentionNow, SetRetention
from app.server import retention
from app.server.admin import Admin
from app.server.line_inbound import InboundText, Taken
from app.server.main import Server
from app.server.store.sqlite.store import SqliteStore
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.kept import busy, found_in, overwritten
from tests.helpers.running import HASHER, SPACE_NAME, Ids, rows, running

LINE, CUSTOMER, OTHER = "+815031234567", "+819012345678", "+819087654321"
HAND, CHAT, TEXT = "vorpal", "grommet", "flummoxed"
"""A word in what somebody raised a hand for, wrote to colleagues, and texted."""

TURNS = (
    (3, (Kept.WEBHOOKS,)),
    (6, (Kept.LINES, Kept.MESSAGES, Kept.HANDS)),
    (9, (Kept.SENDS, Kept.NOTES)),
    (12, (Kept.CASES, Kept.AUDIT)),
)
"""Days, and what goes then; what hangs on something else goes before it."""
TABLES = {
    Kept.WEBHOOKS: ("hook_posts",),
    Kept.LINES: ("talks", "line_texts", "line_sends", "line_forwards", "customers"),
    Kept.MESSAGES: ("messages", "message_audience", "conversations"),
    Kept.HANDS: ("alerts", "alert_answers", "alert_groups", "alert_who"),
    Kept.SENDS: ("sends",),
    Kept.NOTES: ("case_notes",),
    Kept.CASES: ("cases",),
    Kept.AUDIT: ("audit",),
}
OTHERS = ("commands", "charges", "phone_codes", "answer_codes", "api_answers")
"""What is kept for a week at most, however the rest is set."""
LONG = ("families", "tokens", "handled")
"""And for 90 days."""


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The job comes round at once, whatever the time."""
    monkeypatch.setattr(retention, "EVERY_S", 0.02)
    monkeypatch.setattr(retention, "AGAIN_S", 0.01)


async def live_a_little(server: Server, ids: Ids, clock: FakeClock) -> None:
    """Something of each kind; all of it is over."""
    to_bob = Recipients(people=(ids.bob,))
    to_group = Recipients(people=(ids.bob,), groups=(ids.supervisors,))
    async with await Caller.enter(server.url, "eva") as eva, await Caller.enter(server.url, "ann") as ann:
        hook = hooks.SaveWebhook("CRM", (HookEvent.ENDED,), "https://crm.example/hook", ids.space)
        saved = await eva.ask(hook)
        assert isinstance(saved, hooks.WebhookSaved)
        assert not isinstance(await eva.ask(hooks.SwitchWebhook(saved.webhook.id, False)), Code)
        line = next(iter(ann.space.inbox.lines))
        assert await eva.ask(SetLineEscalation(line, True, 1, "+818011112222")) == questions.Done()
        assert await server.lines.receive(InboundText("SM1", LINE, CUSTOMER, TEXT)) is Taken.STORED
        assert await ann.do(RaiseEscalation(Level.RED, HAND, to_group), "hand") is None
        assert await ann.do(SendMessage(f"{CHAT} there", to_bob, priority=True)) is None
    clock.epoch += 61  # the text is forwarded; nobody stays connected so long without a word
    await eventually(lambda: rows(server, "SELECT 1 FROM sends") != [])
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        assert await bob.do(AnswerEscalation(EscalationId("hand"), AnswerKind.DECLINE)) is None
        assert await ann.do(EndEscalation(EscalationId("hand"))) is None
        (talk,) = ann.space.inbox.talks
        assert await ann.do(ReplyOnLine(talk, f"{TEXT} too")) is None
        assert await ann.do(ResolveTalk(talk)) is None
        assert await bob.do(SendMessage(f"yes, {CHAT}", Recipients(people=(ids.ann,)))) is None
        await eventually(lambda: rows(server, "SELECT 1 FROM cases WHERE ended_at IS NULL") == [])


async def nothing_is_repeated(server: Server) -> None:
    """What people wrote goes with its kind, although the alerts that repeat it stay."""
    for word in (TEXT, CHAT, HAND):
        for table, column in (("alerts", "text"), ("cases", "state"), ("sends", "send")):
            sql = f"SELECT 1 FROM {table} WHERE instr(CAST({column} AS BLOB), CAST('{word}' AS BLOB))"
            assert rows(server, sql) == [], (word, table)


def passing(db: sqlite3.Connection) -> None:
    """What the gateways and other programs leave behind for some days."""
    now = 1_700_000_000.0
    for sql in (
        "UPDATE audit SET at = ?1",  # the command line knows no other clock than the machine's
        "INSERT INTO charges (at, channel, target) VALUES (?1, 'sms', 'hash')",
        "INSERT INTO phone_codes SELECT id, '+1555', x'00', ?1, ?1 + 600, 0 FROM people LIMIT 1",
        "INSERT INTO answer_codes VALUES ('hash', '1234', 'send', ?1)",
        "INSERT INTO handled VALUES ('SM9', ?1)",
        "INSERT INTO integrations VALUES ('crm', 'CRM', x'00', '…', 'read', NULL, ?1, NULL, NULL)",
        "INSERT INTO api_answers VALUES ('crm', 'key', ?1, x'00', 200, x'00')",
    ):
        db.execute(sql, (now,))


async def test_each_kind_goes_in_its_time(data: Path, ids: Ids, clock: FakeClock) -> None:
    with Admin(data, hasher=HASHER) as admin:
        admin.add_line("Support", LINE, SPACE_NAME)
    async with running(data, clock) as server:
        await live_a_little(server, ids, clock)
        assert isinstance(server.store, SqliteStore)
        await server.store._write.run(passing)
        async with await Caller.enter(server.url, "eva") as eva:
            for days, kinds in TURNS:
                for kind in kinds:
                    assert isinstance(await eva.ask(SetRetention(kind, days)), RetentionNow)
        begun = clock.at
        old = old_of(server)
        assert [table for tables in TABLES.values() for table in tables if not old(table)] == []
        gone: list[str] = []
        for days, kinds in TURNS:
            mine = [table for kind in kinds for table in TABLES[kind]]
            clock.at = begun + (days - 0.5) * DAY
            await rounds(server, 2)
            assert [table for table in gone if old(table)] == []
            assert [table for table in mine if not old(table)] == []
            clock.at = begun + (days + 0.5) * DAY
            gone += mine
            async with busy(server, ids) as said:
                await rounds(server, 2)
                assert said
            assert [table for table in gone if old(table)] == []
            if Kept.LINES in kinds:
                assert old("cases")
                await nothing_is_repeated(server)
        await no_words(server, data)
        assert [table for table in OTHERS if old(table)] == []
        assert [table for table in LONG if not old(table)] == []
        clock.at = begun + 100 * DAY
        await eventually(lambda: not any(map(old, LONG)))


def old_of(server: Server) -> Callable[[str], bool]:
    """Whether any of the rows that a table has now is still there."""
    keys = {}
    for table in (*(table for tables in TABLES.values() for table in tables), *OTHERS, *LONG):
        columns = rows(server, f"SELECT name FROM pragma_table_info('{table}') WHERE pk")
        keys[table] = f"SELECT {', '.join(name for (name,) in columns)} FROM {table}"
    first = {table: set(rows(server, sql)) for table, sql in keys.items()}
    return lambda table: not first[table].isdisjoint(rows(server, keys[table]))


async def rounds(server: Server, count: int) -> None:
    """The job has looked at everything so often."""
    done = 0
    enforce = server.retention.enforce

    async def counted() -> None:
        nonlocal done
        await enforce()
        done += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server.retention, "enforce", counted)
        await eventually(lambda: done >= count)


async def no_words(server: Server, data: Path) -> None:
    """What people wrote is gone wherever else it was repeated, and in every file."""
    await rounds(server, 2)
    await overwritten(server)
    # Whoever raised a hand is offered their last words again.
    assert found_in(data, [TEXT, CHAT, CUSTOMER, HAND]) == [HAND]
