"""Whatever the command line changes is in the audit log: every verb there is, so that a new one cannot be
forgotten."""

from __future__ import annotations

import argparse
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from app.cli import main
from app.server.admin_cli import add_arguments
from app.server.admin_privacy import audit_line
from app.server.first_start import OFFICE
from app.server.store.audit import Wanted
from app.server.store.sqlite import audit
from app.server.store.sqlite.store import FILE
from tests.helpers.running import SPACE_NAME, Ids

LINE, CUSTOMER = "+815031234567", "+819012345678"
READS = {
    ("user", "list"),
    ("group", "list"),
    ("space", "list"),
    ("permission", "list"),
    ("line", "list"),
    ("contact", "list"),
    ("integration", "list"),
    ("webhook", "list"),
}
"""Lists of what there is; they change nothing, and who may run this reads the whole database."""
DEEDS: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("user", "add"), ("fay", "--name", "Fay Unheard", "--no-password"), "added person @fay"),
    (("user", "set-role"), ("fay", "--role", "supervisor"), "changed person @fay"),
    (("user", "rename"), ("fay", "Fay Renamed"), "changed person @fay"),
    (("user", "set-picture"), ("fay", "face.png"), "changed person @fay"),
    (("user", "set-password"), ("fay", "--password-stdin"), "changed person @fay"),
    (("user", "link"), ("fay", "--issuer", "https://i.example", "--subject", "f"), "changed person @fay"),
    (("user", "disable"), ("fay",), "changed person @fay"),
    (("user", "enable"), ("fay",), "changed person @fay"),
    (("group", "add"), ("billing", "--name", "Billing"), "added group billing"),
    (("group", "rename"), ("billing", "--name", "Bills", "--handle", "bills"), "changed group bills"),
    (("group", "member", "add"), ("bills", "fay"), "added group bills @fay"),
    (("group", "member", "remove"), ("bills", "fay"), "removed group bills @fay"),
    (("group", "remove"), ("bills",), "removed group bills"),
    (("space", "add"), ("Kyoto", "--map", str(OFFICE)), "added space Kyoto"),
    (("space", "rename"), ("Kyoto", "Nara"), "changed space Nara"),
    (("space", "add-member"), ("Nara", "fay"), "changed space Nara @fay"),
    (("space", "remove-member"), ("Nara", "fay"), "changed space Nara @fay"),
    (("map", "import"), (str(OFFICE), "--space", "Nara"), "changed space Nara"),
    (("seat", "set"), (SPACE_NAME, "ann", "s1"), f"changed space {SPACE_NAME} @ann"),
    (("seat", "clear"), (SPACE_NAME, "ann"), f"changed space {SPACE_NAME} @ann"),
    (("permission", "set"), ("priority", "admins"), "changed permission priority"),
    (("permission", "allow"), ("ann", "priority"), "changed permission priority @ann"),
    (("permission", "deny"), ("ann", "priority"), "changed permission priority @ann"),
    (("permission", "reset"), ("ann", "priority"), "changed permission priority @ann"),
    (("line", "add"), (LINE, "--name", "Support", "--space", SPACE_NAME), "added line Support"),
    (("line", "rename"), (LINE, "Help"), "changed line Help"),
    (("line", "move"), (LINE, "Nara"), "changed line Help"),
    (("contact", "add"), ("Duty", "--phone", CUSTOMER, "--space", SPACE_NAME), "added contact Duty"),
    (("contact", "change"), ("Duty", "--name", "Night", "--space", SPACE_NAME), "changed contact Night"),
    (("contact", "remove"), ("Night", "--space", SPACE_NAME), "removed contact Night"),
    (("integration", "add"), ("CRM", "--space", SPACE_NAME, "--allow", "read"), "added integration CRM"),
    (("integration", "revoke"), ("CRM",), "removed integration CRM"),
    (("webhook", "add"), ("CRM", "https://crm.example", "--event", "escalation.raised"), "added hook CRM"),
    (("webhook", "renew"), ("CRM",), "changed hook CRM"),
    (("webhook", "off"), ("CRM",), "changed hook CRM"),
    (("webhook", "on"), ("CRM",), "changed hook CRM"),
    (("webhook", "test"), ("CRM",), "tested hook CRM"),
    (("webhook", "log"), ("CRM",), "read hook CRM  [messages: – → 1-1]"),
    (("webhook", "resend"), ("CRM", "--number", "1"), "resent hook CRM"),
    (("webhook", "remove"), ("CRM",), "removed hook CRM"),
    (("retention",), ("sends", "40"), "changed retention sends"),
    (("export-person",), ("fay", "fay.zip"), "exported person @fay"),
    (("find-customer",), (CUSTOMER,), "read customer …678"),
    (("export-customer",), (CUSTOMER, "customer.zip"), "exported customer …678"),
    (("erase-customer",), (CUSTOMER, "--yes"), "erased customer …678"),
    (("line", "remove"), (LINE, "--yes"), "removed line Help"),
    (("erase-person",), ("fay", "--yes"), "erased person @former-"),
    (("audit",), (), "read audit"),
)
"""A verb, what it is given, and how its line of the log begins; each one follows from those before it."""

MEANWHILE = {
    ("find-customer",): f"INSERT INTO customers SELECT 'c1', id, '{CUSTOMER}' FROM lines",
    ("webhook", "resend"): "UPDATE hook_posts SET state = 'delivered'",
}
"""What a running server would have done before."""


def verbs(parser: argparse.ArgumentParser, so_far: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    found = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    for action in found:
        for name, inner in action.choices.items():
            yield from verbs(inner, (*so_far, name))
    if not found:
        yield so_far


def test_the_table_is_whole() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert {verb for verb, _, _ in DEEDS} | READS == set(verbs(parser))


def test_every_verb_that_changes_something_is_in_the_log(
    data: Path,
    ids: Ids,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (8, 8)).save(tmp_path / "face.png")
    log = data / FILE

    def noted() -> tuple[int, str]:
        """The newest line and its number."""
        with closing(sqlite3.connect(log)) as db:
            ((number, deed),) = audit.read(db, Wanted(limit=1)).deeds
            handles = dict(db.execute("SELECT id, handle FROM people").fetchall())
        return number, audit_line(deed, handles.get).partition("(command line)  ")[2]

    for verb, given, begins in DEEDS:
        if verb in MEANWHILE:
            with closing(sqlite3.connect(log)) as db, db:
                db.execute(MEANWHILE[verb])
        monkeypatch.setattr("sys.stdin", io.StringIO("quite a good one\n"))
        before, _ = noted()
        assert main(["admin", "--data", str(data), *verb, *given]) == 0, (verb, capsys.readouterr().err)
        number, line = noted()
        assert number == before + 1, verb
        assert line.startswith(begins), (verb, line)
