"""Who may send priority messages and reach for phones: set by admins, followed at once, by nobody else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.cli import main
from app.core.audit import Change, Subject
from app.core.commands import SendMessage
from app.core.errors import Code
from app.core.model import Recipients
from app.core.permission_questions import (
    GetPermissions,
    GetRights,
    PermissionsNow,
    Rights,
    SetOwnRight,
    SetPermission,
)
from app.core.permissions import Least, OwnRight, Right
from app.server.main import Server
from app.server.store.audit import Wanted
from app.server.store.sqlite.store import FILE
from tests.helpers.caller import Caller
from tests.helpers.running import Ids

BOTH, NONE = Rights((Right.PRIORITY, Right.PHONES)), Rights()


def urgent(ids: Ids) -> SendMessage:
    return SendMessage("now", Recipients(people=(ids.bob,)), priority=True)


async def test_an_admin_says_who_may_and_it_counts_from_then_on(server: Server, ids: Ids) -> None:
    ann, eva = await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "eva")
    async with ann, eva:
        assert await ann.ask(GetRights()) == Rights((Right.PRIORITY,))
        assert await ann.do(urgent(ids)) is None
        answer = await eva.ask(SetPermission(Right.PRIORITY, Least.SUPERVISORS))
        assert answer == PermissionsNow(Least.SUPERVISORS, Least.SUPERVISORS)
        assert await ann.do(urgent(ids)) is Code.PRIORITY_DENIED
        assert await ann.ask(GetRights()) == NONE
        own = OwnRight(ids.ann, Right.PRIORITY, True)
        answer = await eva.ask(SetOwnRight(ids.ann, Right.PRIORITY, True))
        assert answer == PermissionsNow(Least.SUPERVISORS, Least.SUPERVISORS, (own,))
        assert await ann.do(urgent(ids)) is None
        await eva.ask(SetOwnRight(ids.ann, Right.PRIORITY))
        assert await ann.do(urgent(ids)) is Code.PRIORITY_DENIED


async def test_others_do_not_even_learn_that_there_are_such_settings(server: Server, ids: Ids) -> None:
    for handle in ("ann", "bob"):
        async with await Caller.enter(server.url, handle) as other:
            for query in (
                GetPermissions(),
                SetPermission(Right.PHONES, Least.EVERYBODY),
                SetOwnRight(ids.ann, Right.PHONES, True),
            ):
                assert await other.ask(query) is Code.NOT_FOUND
    assert server.spaces.roster.permissions.phones is Least.SUPERVISORS


async def test_who_changed_what_is_written_down_once(server: Server, ids: Ids) -> None:
    async with await Caller.enter(server.url, "eva") as eva:
        for _ in range(2):
            await eva.ask(SetPermission(Right.PHONES, Least.ADMINS))
            await eva.ask(SetOwnRight(ids.dev, Right.PHONES, False))
    page = await server.store.audit.read(Wanted(subject=Subject.PERMISSION))
    assert [(deed.by, deed.person, deed.changes) for _, deed in page.deeds] == [
        (ids.eva, ids.dev, (Change("own", "organisation", "denied"),)),
        (ids.eva, None, (Change("least", "supervisors", "admins"),)),
    ]


def admin(data: Path, *words: str) -> int:
    return main(["admin", "--data", str(data), "permission", *words])


async def test_the_command_line_does_the_same_while_the_server_runs(
    server: Server, ids: Ids, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert admin(data, "set", "priority", "nobody") == 0
    assert admin(data, "allow", "@ann", "phones") == 0
    assert admin(data, "deny", "bob", "phones") == 0
    assert admin(data, "reset", "bob", "phones") == 0
    assert admin(data, "list") == 0
    assert capsys.readouterr().out.split() == [
        "priority",
        "nobody",
        "phones",
        "supervisors",
        "@ann:",
        "allowed",
    ]
    await server.spaces.refresh()
    async with await Caller.enter(server.url, "ann") as ann:
        assert await ann.ask(GetRights()) == Rights((Right.PHONES,))
        assert await ann.do(urgent(ids)) is Code.PRIORITY_DENIED
    assert admin(data, "allow", "nobody", "phones") == 1
    assert "There is no user @nobody." in capsys.readouterr().err
    page = await server.store.audit.read(Wanted(subject=Subject.PERMISSION))
    assert [deed.by for _, deed in page.deeds] == [None] * 4


async def test_what_a_newer_program_wrote_is_passed_over(server: Server, ids: Ids, data: Path) -> None:
    with closing(sqlite3.connect(data / FILE)) as db, db:
        db.execute("INSERT INTO rights VALUES ('time_travel', 'everybody'), ('phones', 'owls')")
        db.execute("INSERT INTO own_rights VALUES (?, 'time_travel', 1)", (ids.ann,))
    assert await server.spaces.refresh()
    assert server.spaces.roster.permissions.phones is Least.SUPERVISORS
    assert server.spaces.roster.permissions.exceptions == ()


async def test_with_a_person_their_own_setting_goes(server: Server, ids: Ids, data: Path) -> None:
    assert admin(data, "allow", "ann", "phones") == 0
    with closing(sqlite3.connect(data / FILE)) as db, db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("DELETE FROM people WHERE id = ?", (ids.ann,))
    assert await server.spaces.refresh()
    assert server.spaces.roster.permissions.exceptions == ()
