"""``handraise admin audit | retention | export-person | erase-customer`` and so on; beside a server, too."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId
from app.core.privacy import MOST_DAYS, Kept
from app.core.privacy_questions import Erased
from app.server.admin import Admin, AdminError
from app.server.clock import SystemClock
from app.server.delivery.numbers import Numbers, masked
from app.server.erasure import erase, erase_customer
from app.server.exports import export_person, zipped
from app.server.privacy import FOREVER
from app.server.store.audit import DeedPage, Wanted
from app.server.store.base import Store, StoreError
from app.server.store.privacy import KnownTalk
from app.server.store.sqlite.store import FILE, SqliteStore

Say = Callable[[str], None]
_now = SystemClock().now
Do = Callable[[Admin, argparse.Namespace, Say], None]
T = TypeVar("T")


def add_arguments(subjects: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    log = _subject(subjects, "audit", "who changed which setting, and who read or exported what", _audit)
    log.add_argument("--limit", type=int, default=50, help="so many lines, the newest ones (50)")
    log.add_argument("--of", type=Subject, choices=list(Subject), default=None, help="of one kind only")
    keep = _subject(subjects, "retention", "show for how long things are kept, or change it", _retention)
    keep.add_argument("kind", nargs="?", type=Kept, choices=list(Kept), help="what is kept")
    keep.add_argument("days", nargs="?", help="for so many days, or: forever")
    export = _subject(subjects, "export-person", "everything there is of one user, as a zip", _export)
    export.add_argument("handle", metavar="HANDLE")
    export.add_argument("file", type=Path, metavar="FILE")
    gone = _subject(subjects, "erase-person", "take a user out of everything that is kept", _erase)
    gone.add_argument("handle", metavar="HANDLE")
    _really(gone)
    find = _subject(subjects, "find-customer", "what there is of the customer with a number", _find)
    find.add_argument("number", metavar="NUMBER", help="with its country code, as in +81 90 1234 5678")
    export = _subject(subjects, "export-customer", "everything there is of them, as a zip", _export_customer)
    export.add_argument("number", metavar="NUMBER")
    export.add_argument("file", type=Path, metavar="FILE")
    gone = _subject(subjects, "erase-customer", "forget all about them, on every line", _erase_customer)
    gone.add_argument("number", metavar="NUMBER")
    _really(gone)


def _really(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="really: it cannot be undone")


def _subject(
    subjects: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str, do: Do
) -> argparse.ArgumentParser:
    parser = subjects.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    parser.set_defaults(do=do)
    return parser


def _with_store(admin: Admin, do: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        store = SqliteStore(admin.data / FILE)
        try:
            return await do(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreError as error:
        raise AdminError(f"{error.reason[:1].upper()}{error.reason[1:]}.") from error


def _audit(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    wanted = Wanted(subject=options.of, limit=max(1, options.limit))

    async def read(store: Store) -> DeedPage:
        page = await store.audit.read(wanted)
        await store.audit.note(Deed(_now(), Act.READ, Subject.AUDIT))
        return page

    page = _with_store(admin, read)
    handles = admin.handles()
    for _, deed in reversed(page.deeds):
        say(audit_line(deed, handles.get))


def audit_line(deed: Deed, handle: Callable[[PersonId], str | None]) -> str:
    """One line: when, who, what, from what to what."""
    when = datetime.fromtimestamp(deed.at).strftime("%Y-%m-%d %H:%M:%S")
    who = f"@{handle(deed.by) or deed.by}" if deed.by else "(command line)"
    about = [deed.name or deed.thing] if deed.name or deed.thing else []
    if deed.person:
        about.append(f"@{handle(deed.person) or deed.person}")
    what = f"{deed.act} {deed.subject}" + "".join(f" {part}" for part in about)
    changes = "; ".join(f"{c.field}: {c.before or '–'} → {c.after or '–'}" for c in deed.changes)
    return f"{when}  {who}  {what}" + (f"  [{changes}]" if changes else "")


def _retention(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    if options.kind is not None and options.days is not None:
        days = _days(options.days)

        async def change(store: Store) -> None:
            before = (await store.privacy.days())[options.kind]
            what = Change("days", _shown(before), _shown(days))
            deed = Deed(_now(), Act.CHANGED, Subject.RETENTION, thing=options.kind, changes=(what,))
            await store.privacy.set_days(options.kind, days, deed)

        _with_store(admin, change)
    kept = _with_store(admin, lambda store: store.privacy.days())
    for kind, days in kept.items():
        if options.kind in (None, kind):
            say(f"{kind:<10} {_shown(days)}" + (" days" if days is not None else ""))


def _days(text: str) -> int | None:
    if text == "forever":
        return None
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_DAYS:
        raise AdminError(f"Days are a number from 1 to {MOST_DAYS}, or: forever.")
    return int(text)


def _shown(days: int | None) -> str:
    return FOREVER if days is None else str(days)


def _export(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    person = admin.person(options.handle)

    async def export(store: Store) -> bytes:
        await store.audit.note(Deed(_now(), Act.EXPORTED, Subject.PERSON, person=person))
        return await export_person(store, person)

    _keep(options.file, _with_store(admin, export))
    say(f"Wrote {options.file}: everything there is of @{options.handle.removeprefix('@')}.")


def _keep(target: Path, data: bytes) -> None:
    """Nothing that is there is written over, and nobody else can read it."""
    try:
        with open(target, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(data)
    except OSError as error:
        raise AdminError(f"{target} cannot be written: {error.strerror}.") from error


def _erase(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    person = admin.person(options.handle)
    _check(options)
    erased = _with_store(admin, lambda store: erase(store, person, None, _now))
    say(f"@{options.handle.removeprefix('@')} is in nothing that is kept any more; counts and times stay.")
    _tell_rest(erased, say)


def _tell_rest(erased: Erased | None, say: Say) -> None:
    """What an erasure leaves for people to do, or for the server."""
    if erased is None:
        return
    for trace in erased.traces:
        what = f"{trace.where} {trace.name}" if trace.name else f"{trace.where}s, in {trace.count} of them"
        say(f"A part of the name still stands in: {what}")
    if not erased.overwritten:
        say("Another program reads the database: a running server overwrites the last traces in its file.")


def _check(options: argparse.Namespace) -> None:
    if not options.yes:
        raise AdminError("This cannot be undone, so say --yes. Nothing was changed.")


# Customers


def _known(admin: Admin, options: argparse.Namespace, act: Act | None) -> tuple[str, Sequence[KnownTalk]]:
    """The number (E.164) and the conversations; that they were read is noted as ``act``."""
    number = Numbers().sought(options.number)

    async def find(store: Store) -> Sequence[KnownTalk]:
        talks = await store.privacy.customer(number)
        if talks and act is not None:
            await store.audit.note(Deed(_now(), act, Subject.CUSTOMER, name=masked(number)))
        return talks

    talks = _with_store(admin, find)
    if not talks:
        raise AdminError(f"No customer has the number {number}. It needs its country code.")
    return number, talks


def _find(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    _, talks = _known(admin, options, Act.READ)
    for talk in talks:
        state = "open" if talk.open else "resolved"
        dates = " to ".join(datetime.fromtimestamp(at).strftime("%Y-%m-%d") for at in talk.between)
        parts = [f"{talk.texts} messages", *([dates] if dates else []), state]
        say(f"{talk.name:<20} {', '.join(parts)}")


def _export_customer(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    number, _ = _known(admin, options, Act.EXPORTED)
    _keep(options.file, zipped(_with_store(admin, lambda store: store.privacy.exported_customer(number))))
    say(f"Wrote {options.file}: everything there is of {masked(number)}.")


def _erase_customer(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    number, talks = _known(admin, options, None)
    _check(options)
    erased = _with_store(admin, lambda store: erase_customer(store, number, None, _now))
    say(f"{len(talks)} conversations with {masked(number)} are forgotten; counts and times of alerts stay.")
    _tell_rest(erased, say)
