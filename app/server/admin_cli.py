"""``handraise admin …``: the arguments, and what is done with them."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path

from app.core.model import Role
from app.core.permissions import Least, Right
from app.server import admin_privacy
from app.server.admin import Admin, AdminError
from app.server.admin_contacts_cli import contact_arguments
from app.server.admin_hooks_cli import integration_arguments, webhook_arguments
from app.server.maps import ImportedMap, MapError, import_map
from app.server.permissions import OWN
from app.server.pictures import Picture, PictureError, check_picture
from app.server.store.sqlite.store import FILE

Say = Callable[[str], None]
FACE_BYTES, FACE_PIXELS = 1 << 20, 4_000_000
"""A face is seen at 92 px; every client in the space loads it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The subjects and verbs of ``handraise admin``."""
    subjects = parser.add_subparsers(dest="subject", required=True, metavar="WHAT")
    _user_arguments(subjects.add_parser("user", help="people who can sign in"))
    _group_arguments(subjects.add_parser("group", help="mention groups"))
    _space_arguments(subjects.add_parser("space", help="spaces and who belongs to them"))
    _map_arguments(subjects.add_parser("map", help="maps of spaces"))
    _seat_arguments(subjects.add_parser("seat", help="home seats"))
    permission = "who may send priority messages and have them sent to phones"
    _permission_arguments(subjects.add_parser("permission", help=permission))
    _line_arguments(subjects.add_parser("line", help="numbers that customers text"))
    contact_arguments(subjects.add_parser("contact", help="phones and addresses that policies reach"))
    admin_privacy.add_arguments(subjects)
    integration_arguments(subjects.add_parser("integration", help="programs that use the HTTP API"))
    webhook_arguments(subjects.add_parser("webhook", help="addresses that are told what happens"))


def run(options: argparse.Namespace, data: Path, say: Say) -> int:
    """Do what was asked; returns the exit code: 0, or 1 when it could not be done."""
    fresh = not (data / FILE).exists()
    try:
        with Admin(data) as admin:
            if fresh:  # perhaps it was another folder that was meant
                _complain(f"there was no database in {data}, so a new one was made.")
            options.do(admin, options, say)
    except (AdminError, MapError) as error:
        _complain(str(error))
        return 1
    except UnicodeEncodeError:
        _complain("Something in the command cannot be read as text. Nothing was changed.")
        return 1
    return 0


def _complain(sentence: str) -> None:
    sys.stderr.write(f"handraise admin: {sentence}\n")


def _verb(
    subject: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    do: Callable[[Admin, argparse.Namespace, Say], None],
    *arguments: str,
) -> argparse.ArgumentParser:
    parser = subject.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + ".")
    for argument in arguments:
        parser.add_argument(argument, metavar=argument.upper())
    parser.set_defaults(do=do)
    return parser


# People


def _user_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "make a user", _add_user, "handle")
    add.add_argument("--name", required=True, help="as others see it")
    _role_argument(add, Role.AGENT)
    add.add_argument("--space", action="append", default=[], help="a space to belong to; may be repeated")
    _password_argument(add)
    add.add_argument("--no-password", action="store_true", help="single sign-on only (see `user link`)")
    _verb(verbs, "list", "list the users", _list_users)
    _role_argument(_verb(verbs, "set-role", "change what a user may do", _set_role, "handle"), None)
    _verb(verbs, "rename", "change a user's name", _rename_user, "handle", "name")
    _verb(verbs, "set-picture", "show a user's face: PNG, JPEG or WebP", _set_picture, "handle", "file")
    change = _verb(verbs, "set-password", "change a password; signs the user out", _set_password, "handle")
    _password_argument(change)
    link = _verb(verbs, "link", "let a user in as somebody whom a provider knows", _link, "handle")
    link.add_argument("--issuer", required=True, help="the provider's address, as in the file for --oidc")
    link.add_argument("--subject", required=True, help="the user's own name there (the claim `sub`)")
    _verb(verbs, "disable", "sign a user out and let them in no more", _disable, "handle")
    _verb(verbs, "enable", "let a disabled user in again", _enable, "handle")


def _role_argument(parser: argparse.ArgumentParser, default: Role | None) -> None:
    parser.add_argument(
        "--role", type=Role, choices=list(Role), default=default, required=default is None, help=_ROLES
    )


_ROLES = "agent, supervisor or admin"


def _password_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the password from standard input instead of asking for it",
    )


def _password(options: argparse.Namespace) -> str:
    """Never from the command line: other users of the machine could read it there."""
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("Once more: ")
    except (EOFError, KeyboardInterrupt) as error:
        raise AdminError("No password was given; nothing was changed.") from error
    if password != again:
        raise AdminError("The two passwords are not the same; nothing was changed.")
    return password


def _add_user(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    password = None if options.no_password else _password(options)
    admin.add_user(options.handle, options.name, password, options.role, tuple(options.space))
    say(f"Made @{options.handle.removeprefix('@')}.")


def _list_users(admin: Admin, _: argparse.Namespace, say: Say) -> None:
    for user in admin.users():
        state = "  (disabled)" if user.disabled else ""
        spaces = ", ".join(user.spaces) or "no space"
        say(f"@{user.handle:<20} {user.role.value:<11} {user.name}  [{spaces}]{state}")


def _set_role(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_role(options.handle, options.role)


def _rename_user(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.rename_user(options.handle, options.name)


def _set_picture(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_picture(options.handle, _face(Path(options.file)))


def _face(path: Path) -> Picture:
    try:
        with path.open("rb") as file:
            return check_picture(file.read(FACE_BYTES + 1), max_bytes=FACE_BYTES, max_pixels=FACE_PIXELS)
    except OSError as error:
        raise AdminError(f"{path.name} cannot be read: {error.strerror}.") from error
    except PictureError as error:
        raise AdminError(f"{path.name} {error}.") from error


def _set_password(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_password(options.handle, _password(options))


def _link(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.link(options.handle, options.issuer, options.subject)


def _disable(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_disabled(options.handle, True)


def _enable(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_disabled(options.handle, False)


# Groups


def _group_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "make a mention group", _add_group, "handle")
    add.add_argument("--name", required=True, help="as others see it")
    change = _verb(verbs, "rename", "change a group's name or handle", _rename_group, "handle")
    change.add_argument("--name", help="as others see it")
    change.add_argument("--handle", dest="new_handle", help="by which it is mentioned")
    _verb(verbs, "remove", "remove a mention group", _remove_group, "handle")
    _verb(verbs, "list", "list the groups with their members", _list_groups)
    members = verbs.add_parser("member", help="members of a group").add_subparsers(required=True)
    _verb(members, "add", "put a user into a group", _add_member, "group", "user")
    _verb(members, "remove", "take a user out of a group", _remove_member, "group", "user")


def _add_group(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    admin.add_group(options.handle, options.name)
    say(f"Made @{options.handle.removeprefix('@')}.")


def _rename_group(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    if options.name is None and options.new_handle is None:
        raise AdminError("Say --name or --handle, or both. Nothing was changed.")
    admin.rename_group(options.handle, options.name, options.new_handle)


def _remove_group(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.remove_group(options.handle)


def _list_groups(admin: Admin, _: argparse.Namespace, say: Say) -> None:
    for group in admin.groups():
        members = " ".join(f"@{handle}" for handle in group.members) or "(nobody)"
        say(f"@{group.handle:<20} {group.name}: {members}")


def _add_member(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.add_member(options.group, options.user)


def _remove_member(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.remove_member(options.group, options.user)


# Spaces, maps, seats


def _space_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "make a space", _add_space, "name")
    add.add_argument("--map", type=Path, required=True, help="a Tiled map (.tmj, .tmx) or a picture")
    _verb(verbs, "list", "list the spaces", _list_spaces)
    _verb(verbs, "rename", "change a space's name", _rename_space, "space", "name")
    _verb(verbs, "add-member", "let a user enter a space", _add_to_space, "space", "user")
    _verb(verbs, "remove-member", "show a user out of a space", _remove_from_space, "space", "user")


def _map_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "import", "give a space another map: Tiled (.tmj, .tmx) or a picture", _import_map)
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--space", required=True)


def _seat_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _verb(verbs, "set", "give a user a home seat", _set_seat, "space", "user", "seat")
    _verb(verbs, "clear", "take a user's home seat away", _clear_seat, "space", "user")


def _add_space(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    admin.add_space(options.name, import_map(options.map))
    say(f"Made the space {options.name}.")


def _list_spaces(admin: Admin, _: argparse.Namespace, say: Say) -> None:
    for space in admin.spaces():
        say(f"{space.name}: map {space.map}, {space.members} members")


def _rename_space(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.rename_space(options.space, options.name)


def _add_to_space(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.add_to_space(options.space, options.user)


def _remove_from_space(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.remove_from_space(options.space, options.user)


def _import_map(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    imported: ImportedMap = import_map(options.file)
    admin.set_map(options.space, imported)
    found = imported.map
    zones, seats = len(found.zones), len(found.seats)
    say(
        f"{options.space} has the map {found.name} now: {found.columns} × {found.rows} cells, "
        f"{zones} zones, {seats} seats."
    )


def _set_seat(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_seat(options.space, options.user, options.seat)


def _clear_seat(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_seat(options.space, options.user, None)


# Lines


def _line_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    add = _verb(verbs, "add", "make a line: a number that customers text", _add_line, "number")
    add.add_argument("--name", required=True, help="as colleagues see it")
    add.add_argument("--space", required=True, help="whose inbox its messages stand in")
    _verb(verbs, "list", "list the lines", _list_lines)
    _verb(verbs, "rename", "change a line's name", _rename_line, "number", "name")
    _verb(verbs, "move", "give a line to another space", _move_line, "number", "space")
    remove = _verb(verbs, "remove", "remove a line and all its conversations", _remove_line, "number")
    remove.add_argument("--yes", action="store_true", help="really: its conversations are gone for good")


def _add_line(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    admin.add_line(options.name, options.number, options.space)
    say(f"Made the line {options.name}. Its texts reach the server when the gateway reports them to it.")


def _list_lines(admin: Admin, _: argparse.Namespace, say: Say) -> None:
    for line in admin.lines():
        say(f"{line.number:<16} {line.name}  [{line.space}]  {line.talks} conversations")


def _rename_line(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.change_line(options.number, name=options.name)


def _move_line(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.change_line(options.number, space=options.space)


def _remove_line(admin: Admin, options: argparse.Namespace, say: Say) -> None:
    if not options.yes:
        raise AdminError("A line is removed with all its conversations. Say --yes if you mean it.")
    say(f"Removed the line with {admin.remove_line(options.number)} conversations.")


# Permissions


def _permission_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    _verb(verbs, "list", "list who may what", _list_permissions)
    least = _verb(verbs, "set", "say who has a right, unless their own setting says otherwise", _set_least)
    _right_argument(least)
    least.add_argument("least", type=Least, choices=list(Least), help=", ".join(Least))
    for name, summary, allowed in (
        ("allow", "give a right to a user", True),
        ("deny", "take a right from a user", False),
        ("reset", "let a user have the right that everybody of their role has", None),
    ):
        own = _verb(verbs, name, summary, _set_own_right, "handle")
        own.set_defaults(allowed=allowed)
        _right_argument(own)


def _right_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "right", type=Right, choices=list(Right), help="priority: send such messages; phones: escalate them"
    )


def _list_permissions(admin: Admin, _: argparse.Namespace, say: Say) -> None:
    known, handles = admin.permissions()
    for right in Right:
        say(f"{right.value:<10} {known.least(right).value}")
        for own in known.exceptions:
            if own.right is right:
                say(f"{'':<10} @{handles[own.person]}: {OWN[own.allowed]}")


def _set_least(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_permission(options.right, options.least)


def _set_own_right(admin: Admin, options: argparse.Namespace, _: Say) -> None:
    admin.set_own_right(options.handle, options.right, options.allowed)
