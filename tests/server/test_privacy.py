"""What is kept of people: for how long, what one of them can be given, and how they are taken out of it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.core import questions
from app.core.audit import Act, Change, Deed, Subject
from app.core.commands import EndEscalation, RaiseEscalation, SendMessage
from app.core.erasing import alias_of
from app.core.errors import Code
from app.core.model import AssetId, EscalationId, Level, PersonId, Recipients
from app.core.privacy import DAY, Kept, Where
from app.core.privacy_questions import (
    AuditPage,
    Erased,
    ErasePerson,
    ExportPerson,
    GetAudit,
    GetRetention,
    GetTraces,
    RenameThing,
    RetentionNow,
    SetRetention,
    Traces,
)
from app.server import erasure, retention
from app.server.admin import Admin
from app.server.main import Server
from app.server.pictures import Picture
from app.server.store.keys import person_stream
from app.server.store.sqlite.store import FILE, SqliteStore
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
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, Ids, rows, running

HANDLE, NAME, NUMBER = "quibblewick", "Zebulon Quibblewick", "+15551230987"
HELP, SAID = "flummoxed at line nine 鱻龗", "the vorpal ledger is empty 麤灪"
PICTURE = b"planted-picture-bytes"
PLANTED = (
    "鱻龗",
    "麤灪",
    HANDLE,
    "Quibblewick",
    "Zebulon",
    NUMBER,
    "5551230987",
    "flummoxed",
    "vorpal",
    PICTURE.decode(),
)


@pytest.fixture
async def planted(data: Path, ids: Ids) -> PersonId:
    with Admin(data, hasher=HASHER) as admin:
        person = admin.add_user(HANDLE, NAME, PASSWORD, spaces=(SPACE_NAME,))
        admin.add_member("supervisors", HANDLE)
        admin.set_picture(HANDLE, Picture(AssetId("face"), PICTURE, 1, 1))
        admin.link(HANDLE, "https://login.example", "quibblewick-at-work")
    return person


async def live_a_little(server: Server, ids: Ids, planted: PersonId, ann: Caller) -> None:
    """The person raises a hand, talks, is talked of, has a number, and is in the audit log."""
    async with await Caller.enter(server.url, HANDLE, device=f"{NAME}'s desk") as caller:
        red = RaiseEscalation(Level.RED, HELP, Recipients(people=(ids.ann,)))
        assert await caller.do(red, "planted-hand") is None
        assert await caller.do(SendMessage(SAID, Recipients(people=(ids.ann,)))) is None
        assert await caller.do(SendMessage("and more of it", Recipients(people=(ids.ann,)))) is None
    thanks = f"thanks @{HANDLE}, or {NAME.upper()}, call {NUMBER}"
    assert await ann.do(SendMessage(thanks, Recipients(people=(planted, ids.bob)))) is None
    store = server.store
    assert isinstance(store, SqliteStore)

    def numbers(db: Any) -> None:
        db.execute("INSERT INTO phones VALUES (?, ?, 1.0)", (planted, NUMBER))
        db.execute(
            "INSERT INTO contacts VALUES ('c1', ?, ?, 'phone', ?, '…987')",
            (ids.space, f"{NAME} at home", NUMBER),
        )

    await store._write.run(numbers)
    change = Change("name", "Z. Old", NAME)
    await store.audit.note(Deed(1.0, Act.CHANGED, Subject.PERSON, ids.eva, person=planted, changes=(change,)))


async def test_an_erased_person_is_nowhere_in_the_file_and_counts_stay(
    data: Path, ids: Ids, clock: FakeClock, planted: PersonId
) -> None:
    handle, name = alias_of(planted)
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        await live_a_little(server, ids, planted, ann)
        await ann.until(lambda: any(alert.escalation.raiser == planted for alert in ann.me.alerts.values()))
        count = f"SELECT count(*) FROM alerts WHERE asked_by = '{planted}'"
        async with await Caller.enter(server.url, "eva") as eva, busy(server, ids) as said:
            assert set(found_in(data, PLANTED)) == set(PLANTED)
            assert await eva.ask(ErasePerson(planted, "somebody else")) is Code.NOT_FOUND
            assert isinstance(await eva.ask(ErasePerson(planted, f"@{HANDLE.upper()}")), Erased)
            assert rows(server, count) == [(1,)]
            assert said
            # A running client sees it: nobody who is called so is here, and the words are gone.
            await ann.until(lambda: planted not in ann.space.people)
            await ann.until(lambda: not any(w.encode() in state_of(ann) for w in PLANTED))
            texts = {m.text for c in ann.me.conversations.values() for m in c.last}
            assert f"thanks @{handle}, or {name}, call …" in texts
        assert rows(server, f"SELECT handle, name, disabled FROM people WHERE id = '{planted}'") == [
            (handle, name, 1)
        ]
        page = await server.store.search(ids.ann, "vorpal", None)
        assert page.messages == []
        assert (await server.store.search(ids.ann, f"@{handle}", None)).messages
        await overwritten(server)
        assert found_in(data, PLANTED) == []
    async with running(data, clock) as again, await Caller.enter(again.url, "ann") as ann:
        assert not any(word.encode() in state_of(ann) for word in PLANTED)
        assert rows(again, "SELECT 1 FROM erasures") == []
        for index in ("message_search", "alert_search"):
            assert rows(again, f"INSERT INTO {index} ({index}) VALUES ('integrity-check')") == []
    assert found_in(data, PLANTED) == []


async def test_an_erasure_that_was_broken_off_goes_on_with_the_next_start(
    data: Path, ids: Ids, clock: FakeClock, planted: PersonId, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        await live_a_little(server, ids, planted, ann)
        with monkeypatch.context() as patch:
            patch.setattr(erasure, "finish", broken_off)
            with pytest.raises(RuntimeError):
                await erasure.erase(server.store, planted, None, clock.now)
    await finished_by_the_next_start(data, clock, PLANTED)


async def test_a_person_is_exported_whole_and_nobody_else_with_them(
    data: Path, ids: Ids, clock: FakeClock, planted: PersonId
) -> None:
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        await live_a_little(server, ids, planted, ann)
        assert await ann.do(SendMessage("not for them", Recipients(people=(ids.bob,)))) is None
        assert await ann.ask(ExportPerson(planted)) is Code.NOT_FOUND
        async with await Caller.enter(server.url, "eva") as eva, busy(server, ids):
            blob = await eva.ask(ExportPerson(planted))
            log = await eva.ask(GetAudit())
    files = unzipped(blob)
    assert files["profile"] == [
        {"id": planted, "handle": HANDLE, "name": NAME, "role": "agent", "disabled": 0, "picture": "face"}
    ]
    assert [message["text"] for message in files["messages"]][:2] == [SAID, "and more of it"]
    assert len(files["messages"]) == 3
    assert [alert["text"] for alert in files["alerts"]] == [HELP]
    assert [phone["number"] for phone in files["phone"]] == [NUMBER]
    assert [group["handle"] for group in files["groups"]] == ["supervisors"]
    assert files["single_sign_on"] == [{"issuer": "https://login.example", "subject": "quibblewick-at-work"}]
    assert [line["act"] for line in files["audit"]][-2:] == ["changed", "exported"]
    assert "not for them" not in json.dumps(files)
    assert isinstance(log, AuditPage)
    assert [(line.deed.act, line.deed.by, line.deed.person) for line in log.lines[:2]] == [
        (Act.EXPORTED, ids.eva, planted),
        (Act.CHANGED, ids.eva, planted),
    ]


async def test_what_is_old_is_forgotten_and_what_is_not_over_is_kept(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    to_bob = Recipients(people=(ids.bob,))
    async with running(data, clock) as server:
        async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "eva") as eva:
            for number in range(3):
                assert await ann.do(SendMessage(f"old {number}", to_bob)) is None
            assert await ann.do(RaiseEscalation(Level.RED, "over", to_bob), "over") is None
            assert await ann.do(EndEscalation(EscalationId("over"))) is None
            assert await eva.do(RaiseEscalation(Level.RED, "up", to_bob), "up") is None
            for kind, days in ((Kept.MESSAGES, 10), (Kept.HANDS, 5), (Kept.CASES, None)):
                assert isinstance(await eva.ask(SetRetention(kind, days)), RetentionNow)
            assert await ann.ask(SetRetention(Kept.HANDS, 1)) is Code.NOT_FOUND
        clock.epoch += 8 * DAY  # Eva's hand goes down with her connection, late
        async with await Caller.enter(server.url, "ann") as ann:
            assert await ann.do(SendMessage("new", to_bob)) is None
        clock.epoch += 3 * DAY
        async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "eva") as eva:
            async with busy(server, ids) as said:
                await server.retention.enforce()
                assert said
            assert (await server.store.search(ids.ann, "old", None)).messages == []
            assert (await server.store.search(ids.ann, "new", None)).messages
            await ann.until(
                lambda: [m.text for c in ann.me.conversations.values() for m in c.last] == ["new"]
            )
            log, now = await eva.ask(GetAudit(subject=Subject.RETENTION)), await eva.ask(GetRetention())
        assert {row[0] for row in rows(server, "SELECT id FROM alerts WHERE level = 'red'")} == {"up"}
        assert rows(server, "SELECT 1 FROM alert_terms WHERE term = 'ove'") == []
        assert {row[0] for row in rows(server, "SELECT id FROM cases")} == {"over", "up"}
        assert isinstance(log, AuditPage)
        assert [line.deed.changes for line in log.lines] == [
            (Change("days", "365", "∞"),),
            (Change("days", "730", "5"),),
            (Change("days", "730", "10"),),
        ]
        assert isinstance(now, RetentionNow)
        assert dict(now.days)[Kept.CASES] is None
        # Bob was away all the time: his stream does not grow until he comes back.
        stored = await server.store.load(person_stream(ids.bob))
        assert stored.checkpoint is not None
        assert stored.events == []
        assert b"old 1" not in stored.checkpoint
        mine = f"(SELECT id FROM streams WHERE key = 'person:{ids.bob}')"
        kept = rows(server, f"SELECT payload FROM events WHERE stream = {mine}")
        assert not any(b"old 1" in payload for (payload,) in kept)


async def test_at_the_command_line_beside_a_running_server(
    data: Path, ids: Ids, planted: PersonId, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says = command_line(data, capsys)
    async with running(data, FakeClock()) as server, await Caller.enter(server.url, "ann") as ann:
        await live_a_little(server, ids, planted, ann)
        zip_ = tmp_path / "person.zip"
        assert await says("retention", "audit", "400") == (0, "audit      400 days\n")
        assert (await says("retention", "audit", "-1"))[0] == 1
        assert (await says("export-person", HANDLE, str(zip_)))[0] == 0
        assert zipfile.is_zipfile(zip_)
        assert (await says("export-person", HANDLE, str(zip_)))[0] == 1  # it is there already
        code, log = await says("audit")
        assert code == 0
        assert "(command line)  changed retention audit  [days: 1095 → 400]" in log
        assert f"(command line)  exported person @{HANDLE}" in log
        assert (await says("erase-person", HANDLE))[0] == 1
        assert planted in ann.space.people
        assert (await says("erase-person", HANDLE, "--yes"))[0] == 0
        await ann.until(lambda: not any(word.encode() in state_of(ann) for word in PLANTED))
        assert (await says("erase-person", HANDLE, "--yes"))[0] == 1
        await overwritten(server)
        assert found_in(data, PLANTED) == []


async def test_what_a_person_was_called_before_goes_too(
    data: Path, ids: Ids, clock: FakeClock, planted: PersonId
) -> None:
    """From texts, the audit log and the names of things; where a part of the name stands, admins are told."""
    before = ("Zelda Oldname", "Oldname")
    _, alias = alias_of(planted)
    with Admin(data, hasher=HASHER) as admin:
        admin.rename_user(HANDLE, before[0])
        admin.add_group("oldname-team", "Zelda Oldname’s team")
        admin.add_line("Quibblewick’s line", "+815031234567", SPACE_NAME)
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        assert await ann.do(SendMessage("ask Zelda Oldname", Recipients(people=(ids.bob,)))) is None
        assert await ann.do(SendMessage("or just Zelda", Recipients(people=(ids.bob,)))) is None
        deed = Deed(1.0, Act.CHANGED, Subject.GROUP, ids.eva, name="Zelda Oldname and others")
        await server.store.audit.note(deed)
        with Admin(data, hasher=HASHER) as admin:
            admin.rename_user(HANDLE, NAME)
        async with await Caller.enter(server.url, "eva") as eva:
            await eva.until(lambda: eva.space.people[planted].name == NAME)
            told = await eva.ask(GetTraces(planted))
            assert isinstance(told, Traces)
            assert {(one.where, one.name, one.count) for one in told.traces} == {
                (Where.GROUP, "Zelda Oldname’s team (@oldname-team)", 1),
                (Where.LINE, "Quibblewick’s line", 1),
                (Where.MESSAGE, "", 2),
            }
            async with busy(server, ids):
                erased = await eva.ask(ErasePerson(planted, HANDLE))
            assert isinstance(erased, Erased)
            left = {(one.where, one.name, one.count): one.thing for one in erased.traces}
            assert set(left) == {
                (Where.GROUP, f"{alias}’s team (@oldname-team)", 1),
                (Where.LINE, "Quibblewick’s line", 1),
                (Where.MESSAGE, "", 1),
            }
            line = left[Where.LINE, "Quibblewick’s line", 1]
            assert await ann.ask(RenameThing(Where.LINE, line, "Mine")) is Code.NOT_FOUND
            assert await eva.ask(RenameThing(Where.LINE, line, " ")) is Code.NAME_MISSING
            assert await eva.ask(RenameThing(Where.LINE, line, "Support")) == questions.Done()
            await eva.until(lambda: {known.name for known in eva.space.inbox.lines.values()} == {"Support"})
            await overwritten(server)
            assert rows(server, "SELECT 1 FROM former_names") == []
            assert found_in(data, ["Zelda Oldname"]) == []
            log = await eva.ask(GetAudit())
            assert isinstance(log, AuditPage)
            assert [(one.deed.subject, one.deed.name) for one in log.lines[:1]] == [(Subject.LINE, "Support")]


async def test_what_cannot_be_overwritten_now_is_later(
    data: Path, ids: Ids, clock: FakeClock, planted: PersonId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program reads the database: a backup, or a look at it."""
    async with running(data, clock) as server, await Caller.enter(server.url, "ann") as ann:
        await live_a_little(server, ids, planted, ann)
        with closing(sqlite3.connect(data / FILE, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM people").fetchone()
            async with await Caller.enter(server.url, "eva") as eva:
                erased = await eva.ask(ErasePerson(planted, HANDLE))
            assert isinstance(erased, Erased)
            assert not erased.overwritten
            assert found_in(data, PLANTED)
            await server.retention.overwrite()
            assert await server.store.privacy.owed()
    # Neither does a server that was stopped meanwhile forget it.
    monkeypatch.setattr(retention, "AGAIN_S", 0.01)
    async with running(data, clock) as again:
        await eventually(lambda: rows(again, "SELECT 1 FROM meta WHERE key = 'overwrite'") == [])
        assert found_in(data, PLANTED) == []


def test_a_picture_that_is_replaced_is_gone(data: Path, ids: Ids, planted: PersonId) -> None:
    with Admin(data, hasher=HASHER) as admin:
        admin.set_picture(HANDLE, Picture(AssetId("newer"), b"another face", 1, 1))
    with closing(sqlite3.connect(data / FILE)) as db:
        assert db.execute("SELECT data FROM assets WHERE id = 'face'").fetchone() is None
        assert db.execute("SELECT data FROM assets WHERE id = 'newer'").fetchone() == (b"another face",)


async def test_the_command_line_tells_what_an_erasure_leaves(
    data: Path, ids: Ids, planted: PersonId, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin(data, hasher=HASHER) as admin:
        admin.add_group("zeb", "Zebulon’s team")
    with closing(sqlite3.connect(data / FILE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM people").fetchone()
        code, said = await command_line(data, capsys)("erase-person", HANDLE, "--yes")
    assert (code, said.splitlines()[1:]) == (
        0,
        [
            "A part of the name still stands in: group Zebulon’s team (@zeb)",
            "Another program reads the database: a running server overwrites the last traces in its file.",
        ],
    )
