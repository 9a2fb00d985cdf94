"""The page that says where data lies is right: each table, each kind and its days.

The files of an export: ``test_exported_person.py``.
"""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from app.core.privacy import DEFAULT_DAYS, Kept
from app.server import admin_privacy
from app.server.store.sqlite.store import connect

PAGE = Path(__file__).resolve().parents[2] / "DATA.md"
SHADOWS = re.compile(r"sqlite_.*|.*_(config|data|docsize|idx)")
"""Tables that SQLite makes for itself."""


def cells(section: str) -> list[list[str]]:
    """The rows of the tables of a section."""
    text = PAGE.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_each_table_of_the_database_is_named_once_and_no_other(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "handraise.db")) as db:
        found = db.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    told = [name for row in cells("The server's database") for name in named(row[0])]
    assert sorted(told) == sorted(name for (name,) in found if not SHADOWS.fullmatch(name))


def test_each_kind_has_its_days_and_tables() -> None:
    days = {name: row[2] for row in cells("How long") if len(row) == 3 for name in named(row[0])}
    assert days == {kind.value: f"{number:,}" for kind, number in DEFAULT_DAYS.items()}
    kept = {name for row in cells("The server's database") for name in named(row[2])}
    assert kept == set(Kept)


def test_the_commands_that_it_names_are_there() -> None:
    source = Path(admin_privacy.__file__).read_text(encoding="utf-8")
    verbs = re.findall(r"handraise admin ([a-z-]+)", PAGE.read_text(encoding="utf-8"))
    assert {"export-person", "erase-person", "export-customer", "erase-customer"} <= set(verbs)
    assert [verb for verb in verbs if f'"{verb}"' not in source] == []
