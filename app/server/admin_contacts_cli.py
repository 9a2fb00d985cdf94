"""``handraise admin contact …``."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from app.core.policy import ContactKind
from app.server.admin import Admin, AdminError
from app.server.admin_contacts import ContactAdmin
from app.server.contact_book import Reachable
from app.server.delivery.numbers import Numbers
from app.server.phones_config import load_phones
from app.server.settings_file import ConfigError

Say = Callable[[str], None]
Do = Callable[[ContactAdmin, argparse.Namespace, Say], None]
Verbs = argparse._SubParsersAction  # what add_subparsers() returns has no public name


def contact_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "add a phone or an address that policies' steps can reach", _add)
    add.add_argument("name", metavar="NAME")
    _kind_arguments(add, required=True)
    _verb(verbs, "list", "list the contacts of a space", _list)
    change = _verb(verbs, "change", "change the name, the phone or the address of a contact", _change)
    change.add_argument("contact", metavar="CONTACT", help="its name or id")
    change.add_argument("--name", help="another name")
    _kind_arguments(change, required=False)
    remove = _verb(verbs, "remove", "remove a contact; steps that reach it are passed over", _remove)
    remove.add_argument("contact", metavar="CONTACT", help="its name or id")


def _kind_arguments(parser: argparse.ArgumentParser, *, required: bool) -> None:
    kinds = parser.add_mutually_exclusive_group(required=required)
    kinds.add_argument("--phone", metavar="NUMBER", help="a phone, with its country code")
    kinds.add_argument("--apprise", action="store_true", help="a service; its Apprise address is asked for")
    kinds.add_argument(
        "--webhook", action="store_true", help="an https address; it is asked for, #whsec_… at its end signs"
    )
    parser.add_argument(
        "--address-stdin",
        action="store_true",
        help="read the address from standard input instead of asking for it",
    )
    parser.add_argument(
        "--phones",
        type=Path,
        metavar="FILE",
        help="as for serve: its region and countries count",
    )
    parser.add_argument(
        "--inside", action="store_true", help="it is in the server's own network (see --webhooks-inside)"
    )


def _verb(verbs: Verbs[argparse.ArgumentParser], name: str, summary: str, do: Do) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    parser.add_argument("--space", required=True, help="whose contact it is")
    parser.set_defaults(phones=None, inside=False)

    def run(admin: Admin, options: argparse.Namespace, say: Say) -> None:
        do(ContactAdmin(admin, _reachable(options)), options, say)

    parser.set_defaults(do=run)
    return parser


def _reachable(options: argparse.Namespace) -> Reachable:
    try:
        numbers = load_phones(options.phones).numbers if options.phones is not None else Numbers()
    except ConfigError as error:
        raise AdminError(str(error)) from error
    return Reachable(numbers, options.inside)


def _what(options: argparse.Namespace) -> tuple[ContactKind | None, str | None]:
    """Its kind and address, where either is said. Addresses hold passwords and secrets, so they are never on
    the command line: other users of the machine could read them there."""
    if options.phone is not None:
        return ContactKind.PHONE, options.phone
    if options.apprise or options.webhook:
        return (ContactKind.APPRISE if options.apprise else ContactKind.WEBHOOK), _address(options)
    return None, None


def _address(options: argparse.Namespace) -> str:
    if options.address_stdin:
        return sys.stdin.readline().strip()
    try:
        return getpass.getpass("Address: ").strip()
    except (EOFError, KeyboardInterrupt) as error:
        raise AdminError("No address was given; nothing was changed.") from error


def _add(admin: ContactAdmin, options: argparse.Namespace, say: Say) -> None:
    kind, address = _what(options)
    assert kind is not None
    made = admin.add(options.space, options.name, kind, address or "")
    say(f"Added {made.name} ({made.id}): {made.kind} {made.shown}.")


def _list(admin: ContactAdmin, options: argparse.Namespace, say: Say) -> None:
    for one in admin.contacts(options.space):
        say(f"{one.id}  {one.kind:<8} {one.name}  {one.shown}")


def _change(admin: ContactAdmin, options: argparse.Namespace, say: Say) -> None:
    kind, address = _what(options)
    if kind is None and options.name is None:
        raise AdminError("Say what is to be changed: --name, --phone, --apprise or --webhook.")
    changed = admin.change(options.space, options.contact, name=options.name, kind=kind, address=address)
    say(f"{changed.name} is {changed.kind} {changed.shown} now.")


def _remove(admin: ContactAdmin, options: argparse.Namespace, say: Say) -> None:
    name, users = admin.remove(options.space, options.contact)
    reached = "" if not users else f" Passed over from now on: its step in {', '.join(users)}."
    say(f"Removed {name}.{reached}")
