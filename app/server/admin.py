"""What admins do: people, groups, spaces, maps. Works on the database while the server runs.

The running server notices a change within a second or so and tells everybody whom it concerns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from argon2 import PasswordHasher

from app.core import maps
from app.core.audit import SET, Act, Change, Deed, Subject
from app.core.characters import broken, without_unseen
from app.core.errors import Refused, sentence
from app.core.limits import HANDLE_CHARS, NAME_CHARS
from app.core.lines import LineId
from app.core.mentions import HANDLE, RESERVED
from app.core.model import GroupId, PersonId, Role, SeatId, SpaceId
from app.core.passwords import check_password
from app.core.permissions import Least, Permissions, Right
from app.server.admin_lists import GroupInfo, LineInfo, SpaceInfo, User
from app.server.clock import Entropy, SystemClock, system_entropy
from app.server.delivery.numbers import Numbers
from app.server.map_files import ImportedMap
from app.server.permissions import OWN
from app.server.pictures import Picture
from app.server.spaces import decode_map
from app.server.store.base import StoreError
from app.server.store.sqlite.registry import Registry


class AdminError(Exception):
    """It cannot be done; the message is a sentence for the admin."""


class Admin:
    """The database of a data folder, made if it is not there. Close it after use (``with``).

    Every method raises AdminError, and has changed nothing then.
    """

    def __init__(
        self, data: Path, *, hasher: PasswordHasher | None = None, entropy: Entropy = system_entropy
    ) -> None:
        self.data = data
        self._hasher, self.entropy = hasher or PasswordHasher(), entropy
        with _told():
            self.registry = Registry(data)

    def __enter__(self) -> Admin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.registry.close()

    # People

    def add_user(
        self,
        handle: str,
        name: str,
        password: str | None,
        role: Role = Role.AGENT,
        spaces: tuple[str, ...] = (),
    ) -> PersonId:
        """Without ``spaces`` the new person belongs to the only space, if there is only one.

        Without a ``password`` they can sign in through a provider only (:meth:`link`).
        """
        handle, name = _handle(handle), _name(name)
        hashed = "" if password is None else self._hasher.hash(_password(password, handle, name))
        with self.change() as registry:
            self._check_free(handle)
            person = PersonId(self._new_id())
            registry.add_person(person, handle, name, role, hashed)
            everywhere = registry.space_ids()
            chosen = [self.space_called(space) for space in spaces]
            for space in chosen or (everywhere if len(everywhere) == 1 else []):
                registry.add_to_space(space, person)
            self._log(Act.ADDED, Subject.PERSON, person, Change("role", "", role))
            return person

    def set_role(self, handle: str, role: Role) -> None:
        with self.change() as registry:
            person = self._person(handle)
            registry.set_role(person, role)
            self._log(Act.CHANGED, Subject.PERSON, person, Change("role", "", role))

    def rename_user(self, handle: str, name: str) -> None:
        with self.change() as registry:
            person = self._person(handle)
            registry.set_name(person, _name(name))
            self._log(Act.CHANGED, Subject.PERSON, person, Change("name", SET, SET))

    def set_password(self, handle: str, password: str) -> None:
        """All of the person's machines are signed out."""
        handle = handle.removeprefix("@")
        with self.change() as registry:
            name = registry.name_of(self._person(handle))
        hashed = self._hasher.hash(_password(password, handle, name))
        with self.change() as registry:
            person = self._person(handle)
            registry.set_password_hash(person, hashed)
            registry.sign_out(person)
            self._log(Act.CHANGED, Subject.PERSON, person, Change("password", SET, SET))

    def link(self, handle: str, issuer: str, subject: str) -> None:
        """Who a provider says is ``subject`` signs in as this user from now on."""
        if not issuer or not subject:
            raise AdminError("Both the issuer and the subject are needed.")
        with self.change() as registry:
            person = self._person(handle)
            registry.link(person, issuer.rstrip("/"), subject)
            self._log(Act.CHANGED, Subject.PERSON, person, Change("sign_on", "", issuer))

    def set_picture(self, handle: str, picture: Picture) -> None:
        with self.change() as registry:
            person = self._person(handle)
            registry.set_picture(person, picture.id, picture.data)
            self._log(Act.CHANGED, Subject.PERSON, person, Change("picture", "", SET))

    def set_disabled(self, handle: str, disabled: bool) -> None:
        """A disabled person is signed out and is nowhere; their history stays."""
        with self.change() as registry:
            person = self._person(handle)
            registry.set_disabled(person, disabled)
            registry.sign_out(person)
            self._log(Act.CHANGED, Subject.PERSON, person, Change("disabled", "", str(disabled).lower()))

    def users(self) -> list[User]:
        with self.change() as registry:
            return [User(*row) for row in registry.people()]

    def person(self, handle: str) -> PersonId:
        with self.change():
            return self._person(handle)

    def handles(self) -> dict[PersonId, str]:
        with self.change() as registry:
            return registry.handles()

    # Groups

    def add_group(self, handle: str, name: str) -> GroupId:
        handle, name = _handle(handle), _name(name)
        with self.change() as registry:
            self._check_free(handle)
            group = GroupId(self._new_id())
            registry.add_group(group, handle, name)
            self._log(Act.ADDED, Subject.GROUP, name=handle)
            return group

    def rename_group(self, handle: str, name: str | None = None, new_handle: str | None = None) -> None:
        with self.change() as registry:
            group = self._group(handle)
            known = next(row for row in registry.groups() if row[0].casefold() == _bare(handle).casefold())
            fresh = known[0] if new_handle is None else _handle(new_handle)
            if fresh.casefold() != known[0].casefold():
                self._check_free(fresh)
            registry.set_group(group, fresh, known[1] if name is None else _name(name))
            changed = [Change("name", SET, SET)] if name is not None else []
            changed += [Change("handle", SET, SET)] if new_handle is not None else []
            self._log(Act.CHANGED, Subject.GROUP, None, *changed, name=fresh)

    def remove_group(self, handle: str) -> None:
        with self.change() as registry:
            registry.remove_group(self._group(handle))
            self._log(Act.REMOVED, Subject.GROUP, name=handle)

    def add_member(self, group: str, person: str) -> None:
        with self.change() as registry:
            member = self._person(person)
            registry.add_member(self._group(group), member)
            self._log(Act.ADDED, Subject.GROUP, member, name=group)

    def remove_member(self, group: str, person: str) -> None:
        with self.change() as registry:
            member = self._person(person)
            if not registry.remove_member(self._group(group), member):
                raise AdminError(f"@{person} is not a member of @{group}.")
            self._log(Act.REMOVED, Subject.GROUP, member, name=group)

    def groups(self) -> list[GroupInfo]:
        with self.change() as registry:
            return [GroupInfo(*row) for row in registry.groups()]

    # Spaces

    def add_space(self, name: str, imported: ImportedMap) -> SpaceId:
        name = _name(name)
        with self.change() as registry:
            if registry.space(name):
                raise AdminError(f"There is a space called {name} already.")
            self._keep(imported)
            space = SpaceId(self._new_id())
            registry.add_space(space, name, imported.map.id)
            self._log(Act.ADDED, Subject.SPACE, name=name, space=space)
            return space

    def rename_space(self, space: str, name: str) -> None:
        name = _name(name)
        with self.change() as registry:
            found = self.space_called(space)
            if registry.space(name) not in (None, found):
                raise AdminError(f"There is a space called {name} already.")
            registry.set_space_name(found, name)
            self._log(Act.CHANGED, Subject.SPACE, None, Change("name", SET, SET), name=name, space=found)

    def set_map(self, space: str, imported: ImportedMap) -> None:
        """The space gets another map; whoever is in it stands as near as can be to where they stood."""
        with self.change() as registry:
            found = self.space_called(space)
            self._keep(imported)
            registry.set_map(found, imported.map.id)
            drawn = Change("map", "", imported.map.name)
            self._log(Act.CHANGED, Subject.SPACE, None, drawn, name=space, space=found)

    def add_to_space(self, space: str, person: str) -> None:
        with self.change() as registry:
            found, member = self.space_called(space), self._person(person)
            registry.add_to_space(found, member)
            self._log(
                Act.CHANGED, Subject.SPACE, member, Change("member", "no", "yes"), name=space, space=found
            )

    def remove_from_space(self, space: str, person: str) -> None:
        with self.change() as registry:
            found, member = self.space_called(space), self._person(person)
            if not registry.remove_from_space(found, member):
                raise AdminError(f"@{person} is not a member of {space}.")
            self._log(
                Act.CHANGED, Subject.SPACE, member, Change("member", "yes", "no"), name=space, space=found
            )

    def set_seat(self, space: str, person: str, seat: str | None) -> None:
        """The home seat, by its id or its name on the map; it counts when the person enters the next time."""
        with self.change() as registry:
            space_id, person_id = self.space_called(space), self._person(person)
            registry.set_seat(space_id, person_id, None if seat is None else self._seat(space_id, seat))
            told = Change("seat", "", seat or "")
            self._log(Act.CHANGED, Subject.SPACE, person_id, told, name=space, space=space_id)

    def spaces(self) -> list[SpaceInfo]:
        with self.change() as registry:
            return [
                SpaceInfo(name, decode_map(registry.map_of(space)).name, members)
                for space, name, members in registry.spaces()
            ]

    # Lines

    def add_line(self, name: str, number: str, space: str) -> LineId:
        """A number that customers text; it is the gateway that has to be told to report its texts."""
        name, number = _name(name), _line_number(number)
        with self.change() as registry:
            if registry.line(number):
                raise AdminError(f"{number} is already the number of a line.")
            line, found = LineId(self._new_id()), self.space_called(space)
            registry.add_line(line, name, number, found)
            self._log(Act.ADDED, Subject.LINE, None, Change("number", "", number), name=name, space=found)
            return line

    def change_line(self, number: str, name: str | None = None, space: str | None = None) -> None:
        """Another name, or another space; its conversations go with it."""
        with self.change() as registry:
            found = self._line(number)
            new_name = found.name if name is None else _name(name)
            where = self.space_called(found.space if space is None else space)
            registry.set_line(found.id, new_name, where)
            changed = [Change("name", SET, SET)] if new_name != found.name else []
            if space is not None and space != found.space:
                changed.append(Change("space", found.space, space))
            self._log(Act.CHANGED, Subject.LINE, None, *changed, name=new_name, space=where)

    def remove_line(self, number: str) -> int:
        """With all its conversations; returns how many they were."""
        with self.change() as registry:
            found = self._line(number)
            registry.remove_line(found.id)
            lost = Change("conversations", str(found.talks), "0")
            self._log(Act.REMOVED, Subject.LINE, None, lost, name=found.name)
            return found.talks

    def lines(self) -> list[LineInfo]:
        with self.change() as registry:
            return [LineInfo(*row) for row in registry.lines()]

    # Permissions

    def permissions(self) -> tuple[Permissions, dict[PersonId, str]]:
        """The settings, and the handles of those who have their own."""
        with self.change() as registry:
            known = registry.permissions()
            return known, {own.person: registry.handle_of(own.person) for own in known.exceptions}

    def set_permission(self, right: Right, least: Least) -> None:
        with self.change() as registry:
            before = registry.permissions().least(right)
            registry.set_least(right, least)
            self._note(right, Change("least", before, least))

    def set_own_right(self, handle: str, right: Right, allowed: bool | None) -> None:
        """``None``: what the organisation says counts."""
        with self.change() as registry:
            person = self._person(handle)
            before = registry.permissions().own(person, right)
            registry.set_own_right(person, right, allowed)
            self._note(right, Change("own", OWN[before], OWN[allowed]), person)

    def _log(
        self,
        act: Act,
        subject: Subject,
        person: PersonId | None = None,
        *changes: Change,
        name: str = "",
        space: SpaceId | None = None,
    ) -> None:
        """Within the transaction of the change. Names of people stand in no line: they are looked up."""
        now = SystemClock().now()
        self.registry.note(Deed(now, act, subject, None, space, "", name, person, changes))

    def _note(self, right: Right, change: Change, person: PersonId | None = None) -> None:
        now, subject = SystemClock().now(), Subject.PERMISSION
        deed = Deed(now, Act.CHANGED, subject, thing=right, name=right, person=person, changes=(change,))
        if change.before != change.after:
            self.registry.note(deed)

    # Helpers, also of :mod:`.admin_hooks` and :mod:`.admin_contacts`

    @contextmanager
    def change(self) -> Iterator[Registry]:
        """All of what is done within, or nothing."""
        with _told(), self.registry.transaction():
            yield self.registry

    def _new_id(self) -> str:
        return self.entropy(6).hex()

    def _check_free(self, handle: str) -> None:
        if self.registry.person(handle):
            raise AdminError(f"@{handle} is already the handle of a person.")
        if self.registry.group(handle):
            raise AdminError(f"@{handle} is already the handle of a group.")

    def _person(self, handle: str) -> PersonId:
        found = self.registry.person(handle.removeprefix("@"))
        if found is None:
            raise AdminError(f"There is no user @{handle.removeprefix('@')}.")
        return found

    def _group(self, handle: str) -> GroupId:
        found = self.registry.group(handle.removeprefix("@"))
        if found is None:
            raise AdminError(f"There is no group @{handle.removeprefix('@')}.")
        return found

    def space_called(self, name: str) -> SpaceId:
        found = self.registry.space(name)
        if found is None:
            raise AdminError(f"There is no space called {name}.")
        return found

    def _line(self, number: str) -> LineInfo:
        wanted = _line_number(number)
        found = next((row for row in self.registry.lines() if row[2] == wanted), None)
        if found is None:
            raise AdminError(f"There is no line with the number {wanted}.")
        return LineInfo(*found)

    def _keep(self, imported: ImportedMap) -> None:
        self.registry.keep_map(imported.map.id, maps.encode(imported.map), imported.assets)

    def _seat(self, space: SpaceId, wanted: str) -> SeatId:
        seats = decode_map(self.registry.map_of(space)).seats
        found = [seat.id for seat in seats if wanted in (seat.id, seat.name)]
        if len(found) != 1:
            problem = "no seat" if not found else "more than one seat"
            raise AdminError(f"The map of this space has {problem} called {wanted}.")
        return found[0]


@contextmanager
def _told() -> Iterator[None]:
    """What the store says, as a sentence."""
    try:
        yield
    except StoreError as error:
        raise AdminError(f"{error.reason[:1].upper()}{error.reason[1:]}. Nothing was changed.") from error


def _bare(handle: str) -> str:
    return unicodedata.normalize("NFC", handle.removeprefix("@"))


def _handle(handle: str) -> str:
    handle = _bare(handle)
    if not HANDLE.fullmatch(handle):
        raise AdminError(
            f"{handle!r} cannot be a handle: letters, digits, and . - _ after the first character, "
            f"{HANDLE_CHARS} at most."
        )
    if handle.casefold() in RESERVED:
        raise AdminError(f"@{handle} has a meaning of its own and cannot be a handle.")
    return handle


def _name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if not 0 < len(name) <= NAME_CHARS:
        raise AdminError(f"A name has between 1 and {NAME_CHARS} characters.")
    if broken(name) or "\n" in name or "\t" in name:
        raise AdminError("A name must not contain control characters.")
    if without_unseen(name) != name:
        raise AdminError("A name must not contain characters that nobody sees or that reorder others.")
    return name


def _line_number(number: str) -> str:
    try:
        return Numbers().read(number)
    except Refused as refused:
        raise AdminError(str(refused)) from refused


def _password(password: str, handle: str, name: str) -> str:
    problem = check_password(password, handle, name)
    if problem is not None:
        raise AdminError(sentence(problem))
    return password
