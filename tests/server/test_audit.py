"""Who changed which setting, and who read what: written down with the change, without secrets."""

from __future__ import annotations

from pathlib import Path

from app.core.audit import SET, Act, Change, Deed, Subject, changes
from app.core.model import PersonId, SpaceId
from app.server.store.audit import Wanted
from app.server.store.sqlite import audit
from app.server.store.sqlite.store import FILE, SqliteStore, connect

ANN, BOB = PersonId("ann"), PersonId("bob")
MINUTES = changes(
    {"minutes": 5, "key": "abc", "name": "Duty"}, {"minutes": 10, "key": "xyz", "name": "Duty"}, {"key"}
)


def deed(at: float, by: PersonId | None = ANN, subject: Subject = Subject.LINE) -> Deed:
    return Deed(at, Act.CHANGED, subject, by, SpaceId("hall"), "line-1", "Front desk", BOB, MINUTES)


def test_only_what_differs_is_kept_and_of_secrets_that_there_is_one() -> None:
    assert (Change("minutes", "5", "10"), Change("key", SET, SET)) == MINUTES
    assert changes({"key": ""}, {"key": "abc"}, {"key"}) == (Change("key", "", SET),)
    assert changes({}, {"to": ("ann", "bob"), "off": None}) == (Change("to", "", '["ann","bob"]'),)
    (long,) = changes({"text": ""}, {"text": "x" * 5_000})
    assert len(long.after) <= 400


async def test_deeds_are_read_newest_first_page_by_page(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / FILE)
    try:
        for number in range(5):
            await store.audit.note(deed(float(number), ANN if number % 2 else None))
        await store.audit.note(deed(9.0, BOB, Subject.HISTORY))
        page = await store.audit.read(Wanted(limit=4))
        assert [entry.at for _, entry in page.deeds] == [9.0, 4.0, 3.0, 2.0]
        assert page.more
        assert page.deeds[1] == (5, deed(4.0, None))
        rest = await store.audit.read(Wanted(before=page.deeds[-1][0], limit=4))
        assert [entry.at for _, entry in rest.deeds] == [1.0, 0.0]
        assert not rest.more
        mine = await store.audit.read(Wanted(by=ANN))
        assert [entry.at for _, entry in mine.deeds] == [3.0, 1.0]
        some = await store.audit.read(Wanted(since=2.0, until=9.0, subject=Subject.LINE))
        assert [entry.at for _, entry in some.deeds] == [4.0, 3.0, 2.0]
    finally:
        await store.close()


def test_a_change_that_is_taken_back_leaves_no_line(tmp_path: Path) -> None:
    db = connect(tmp_path / FILE)
    try:
        db.execute("BEGIN IMMEDIATE")
        audit.note(db, deed(1.0))
        db.execute("ROLLBACK")
        assert audit.read(db, Wanted()).deeds == []
        db.execute("BEGIN IMMEDIATE")
        audit.note(db, deed(2.0))
        db.execute("COMMIT")
        assert [entry.at for _, entry in audit.read(db, Wanted()).deeds] == [2.0]
    finally:
        db.close()
