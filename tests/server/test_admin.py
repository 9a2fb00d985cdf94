"""``handraise admin``: changes reach a running server; mistakes are answered with a sentence."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from app.cli import main
from app.core import questions, wire
from app.core.commands import RaiseEscalation, SendMessage
from app.core.errors import Code, Refusal
from app.core.model import AssetId, Level, MapId, Recipients, Role
from app.server.admin import Admin, AdminError
from app.server.main import Server
from app.server.map_files import ImportedMap, finished
from app.server.spaces import decode_map
from tests.helpers.caller import Caller, eventually
from tests.helpers.office import IN_KITA, KITA, office_map
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, Ids, rows, running


@pytest.fixture
def admin(data: Path, ids: Ids) -> Admin:
    return Admin(data, hasher=HASHER)


async def test_a_new_user_can_sign_in_at_once_and_is_seen_by_all(
    server: Server, ids: Ids, admin: Admin
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        fay = admin.add_user("fay", "Fay New", PASSWORD, Role.SUPERVISOR)
        await ann.until(lambda: fay in ann.space.people)
        assert ann.space.people[fay].role is Role.SUPERVISOR
        admin.add_user("gil", "Gil", PASSWORD)
        async with await Caller.enter(server.url, "gil") as gil:
            assert gil.signed_in is not None
            assert gil.signed_in.me.handle == "gil"


async def test_roles_names_and_groups_change_while_people_are_there(
    server: Server, ids: Ids, admin: Admin
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        admin.set_role("dev", Role.SUPERVISOR)
        admin.rename_user("dev", "Dev Shah")
        admin.remove_member("supervisors", "chie")
        night = admin.add_group("night", "Night shift")
        admin.add_member("night", "dev")
        await ann.until(lambda: night in ann.space.groups)
        assert ann.space.people[ids.dev].name == "Dev Shah"
        assert ann.space.people[ids.dev].role is Role.SUPERVISOR
        assert ann.space.groups[ids.supervisors].members == (ids.bob,)
        assert ann.space.groups[night].members == (ids.dev,)
        admin.remove_group("night")
        await ann.until(lambda: night not in ann.space.groups)


async def test_a_face_is_seen_by_all_and_what_is_no_picture_is_refused(
    server: Server, ids: Ids, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    face, text = tmp_path / "face.png", tmp_path / "notes.png"
    Image.new("RGB", (64, 64), "teal").save(face)
    text.write_text("not a picture")
    command = ["admin", "--data", str(data), "user", "set-picture", "bob"]
    async with await Caller.enter(server.url, "ann") as ann:
        assert main([*command, str(face)]) == 0
        await ann.until(lambda: ann.space.people[ids.bob].picture is not None)
        picture = ann.space.people[ids.bob].picture
        assert picture is not None
        found = await ann.ask(questions.GetAsset(picture))
        assert found == questions.Blob(face.read_bytes())
        for wrong, words in (
            (text, "is not a PNG, JPEG or WebP picture"),
            (tmp_path / "no", "cannot be read"),
        ):
            assert main([*command, str(wrong)]) == 1
            assert f"{wrong.name} {words}" in capsys.readouterr().err
        assert ann.space.people[ids.bob].picture == picture


async def test_a_disabled_person_is_signed_out_and_their_hand_goes_down(
    server: Server, ids: Ids, admin: Admin
) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        assert await ann.do(RaiseEscalation(Level.YELLOW), "hand") is None
        await bob.until(lambda: "hand" in bob.space.escalations)
        admin.set_disabled("ann", True)
        bye = await ann.hear(wire.Bye)
        assert (bye.code, bye.retry) == (Code.SIGNED_OUT, False)
        await bob.until(lambda: ids.ann not in bob.space.people)
        assert ids.ann not in bob.space.occupants
        assert bob.space.escalations == {}
        assert rows(server, "SELECT reason FROM alerts") == [("removed",)]
        async with await Caller.dial(server.url) as again:
            assert await again.resume(ann.token) == Refusal(Code.SIGNED_OUT)
        admin.set_disabled("ann", False)
        async with await Caller.enter(server.url, "ann") as back:
            await bob.until(lambda: ids.ann in bob.space.occupants)
            assert ids.ann in back.space.people


async def test_a_new_password_signs_all_machines_out(server: Server, ids: Ids, admin: Admin) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        admin.set_password("ann", "another horse")
        assert (await ann.hear(wire.Bye)).code is Code.SIGNED_OUT
        async with await Caller.dial(server.url) as again:
            assert await again.resume(ann.token) == Refusal(Code.SIGNED_OUT)
            assert await again.sign_in("ann", "another horse") is None
        assert await bob.do(SendMessage("still here", Recipients(people=(ids.ann,)))) is None


async def test_who_is_shown_out_of_a_space_is_gone_from_it(server: Server, ids: Ids, admin: Admin) -> None:
    async with await Caller.enter(server.url, "ann") as ann, await Caller.enter(server.url, "bob") as bob:
        admin.remove_from_space(SPACE_NAME, "ann")
        assert (await ann.hear(wire.Bye)).code is Code.NOT_FOUND
        await bob.until(lambda: ids.ann not in bob.space.people)
        async with await Caller.dial(server.url) as again:
            assert await again.resume(ann.token) is None
            again.session.attach(None)
            bye = await again.hear(wire.Bye)
            assert (bye.code, bye.retry) == (Code.NO_SPACE, False)


async def test_changes_made_while_the_server_was_away_are_known_when_it_starts(
    data: Path, ids: Ids, admin: Admin
) -> None:
    async with running(data):
        pass
    admin.set_disabled("dev", True)
    admin.rename_user("bob", "Robert Stone")
    async with running(data) as server, await Caller.enter(server.url, "ann") as ann:
        assert ids.dev not in ann.space.people
        assert ann.space.people[ids.bob].name == "Robert Stone"


async def test_another_map_moves_people_to_where_they_can_stand(
    server: Server, ids: Ids, admin: Admin
) -> None:
    plain = office_map()
    # The lower half becomes a meeting room; where ann stands there is a wall now.
    async with await Caller.enter(server.url, "ann"), await Caller.enter(server.url, "bob") as bob:
        await bob.until(lambda: ids.ann in bob.space.occupants)
        stood = bob.space.places[ids.ann]
        blocked = bytearray(plain.blocked)
        blocked[(stood.y // 32) * plain.columns + stood.x // 32] = 1
        zone = msgspec.structs.replace(plain.zones[1], kind=plain.zones[0].kind)
        other = msgspec.structs.replace(plain, blocked=bytes(blocked), zones=(plain.zones[0], zone), name="B")
        imported = finished(other, {})
        admin.set_map(SPACE_NAME, imported)
        await bob.until(lambda: bob.space.space.map == imported.map.id)
        moved = await bob.hear(wire.Places, lambda p: any(person == ids.ann for person, _, _ in p.places))
        room = server.spaces.rooms[0]
        assert room.walk.walkable(room.places()[ids.ann])
        assert (ids.ann, room.places()[ids.ann].x, room.places()[ids.ann].y) in moved.places
        document = await bob.ask(questions.GetMap(imported.map.id))
        assert isinstance(document, questions.Blob)
        assert decode_map(document.data) == imported.map
        assert await bob.ask(questions.GetMap(plain.id)) is Code.NOT_FOUND


async def test_a_map_that_becomes_a_meeting_room_under_a_hand_ends_it(
    server: Server, ids: Ids, admin: Admin
) -> None:
    async with await Caller.enter(server.url, "ann") as ann:
        await ann.walk(1 * 32 + 16, 5 * 32 + 16)
        await ann.until(lambda: ann.space.occupants[ids.ann].zone == "quiet")
        assert await ann.do(RaiseEscalation(Level.YELLOW), "hand") is None
        plain = office_map()
        room = msgspec.structs.replace(plain.zones[1], id=KITA, kind=plain.zones[0].kind)
        admin.set_map(SPACE_NAME, finished(msgspec.structs.replace(plain, zones=(room,)), {}))
        await ann.until(lambda: not ann.space.escalations)
        assert rows(server, "SELECT reason FROM alerts") == [("meeting_room",)]


async def test_maps_and_pictures_are_for_those_who_may_enter(server: Server, ids: Ids, admin: Admin) -> None:
    secret = AssetId("ab" * 32)
    boardroom = msgspec.structs.replace(office_map(), id=MapId("b"))
    admin.add_space("Boardroom", ImportedMap(boardroom, {secret: b"x"}))
    async with await Caller.enter(server.url, "ann") as ann:
        await eventually(lambda: len(server.spaces.rooms) == 2)
        document = await ann.ask(questions.GetMap(MapId("office")))
        assert isinstance(document, questions.Blob)
        assert decode_map(document.data) == office_map()
        assert await ann.ask(questions.GetMap(MapId("b"))) is Code.NOT_FOUND
        assert await ann.ask(questions.GetAsset(secret)) is Code.NOT_FOUND
        assert await ann.ask(questions.GetMap(MapId("no such map"))) is Code.NOT_FOUND


async def test_a_home_seat_given_by_an_admin_is_where_the_person_appears(
    server: Server, ids: Ids, admin: Admin
) -> None:
    admin.set_seat(SPACE_NAME, "ann", "2")
    async with await Caller.enter(server.url, "ann") as ann:
        assert ann.space.occupants[ids.ann].seat == "s2"
        assert ann.space.places[ids.ann] == office_map().seats[1].place
        assert ann.space.places[ids.ann] != IN_KITA


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        ("all", "a meaning of its own"),
        ("HERE", "a meaning of its own"),
        ("ANN", "already the handle of a person"),
        ("Supervisors", "already the handle of a group"),
        ("", "cannot be a handle"),
        ("has space", "cannot be a handle"),
        ("x" * 33, "cannot be a handle"),
        ("_x", "cannot be a handle"),
    ],
)
def test_handles_are_checked_for_people_and_groups(admin: Admin, handle: str, words: str) -> None:
    with pytest.raises(AdminError, match=words):
        admin.add_user(handle, "Name", PASSWORD)
    with pytest.raises(AdminError, match=words):
        admin.add_group(handle, "Name")


def test_what_does_not_exist_is_said(admin: Admin) -> None:
    for change, words in (
        (lambda: admin.set_role("zoe", Role.ADMIN), "no user @zoe"),
        (lambda: admin.add_member("x", "ann"), "no group @x"),
        (lambda: admin.remove_member("supervisors", "ann"), "@ann is not a member"),
        (lambda: admin.add_to_space("Nowhere", "ann"), "no space called Nowhere"),
        (lambda: admin.set_seat(SPACE_NAME, "ann", "s99"), "no seat called s99"),
        (lambda: admin.add_user("zoe", "Zoe", "short"), "at least 10 characters"),
        (lambda: admin.add_user("zoe", " ", PASSWORD), "A name has"),
        (lambda: admin.add_user("zoe", "Zoe", PASSWORD, spaces=("Nowhere",)), "no space called Nowhere"),
    ):
        with pytest.raises(AdminError, match=words):
            change()
    assert "zoe" not in {user.handle for user in admin.users()}


# The command line


def run(data: Path, *words: str) -> int:
    return main(["admin", "--data", str(data), *words])


def test_the_command_line_makes_lists_and_refuses(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Path(__file__).parent / "office.png"
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    assert run(data, "user", "add", "Mia", "--name", "Mia Sato", "--role", "admin", "--password-stdin") == 0
    assert run(data, "group", "add", "leads", "--name", "Leads") == 0
    assert run(data, "group", "member", "add", "leads", "@mia") == 0
    assert run(data, "user", "list") == 0
    assert run(data, "group", "list") == 0
    out = capsys.readouterr().out
    assert "@Mia" in out
    assert "admin" in out
    assert "@leads" in out
    assert run(data, "space", "add", "Office", "--map", str(tiny)) == 1
    assert run(data, "user", "disable", "nobody") == 1
    error = capsys.readouterr().err
    assert "There is no user @nobody." in error
    assert "Traceback" not in error


def test_a_password_is_never_taken_from_the_command_line(data: Path) -> None:
    with pytest.raises(SystemExit) as usage:
        run(data, "user", "add", "mia", "--name", "Mia", "--password", "secret")
    assert usage.value.code == 2


def test_two_different_passwords_change_nothing(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(("one password", "another password"))
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    assert run(data, "user", "add", "mia", "--name", "Mia") == 1
    assert "not the same" in capsys.readouterr().err
    with Admin(data) as admin:
        assert admin.users() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--host", "0.0.0.0"], "--insecure"),
        (["--tls-key", "key.pem"], "--tls-key needs --tls-cert"),
        (["--port", "99999"], "between 0 and 65535"),
        (["--grace", "-1"], "--grace"),
        (["--tls-cert", "nowhere.pem"], "nowhere.pem cannot be read: No such file or directory."),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["serve", "--data", str(tmp_path), *arguments]) == 1
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_what_was_done_to_people_and_groups_is_in_the_audit_log_without_names(
    data: Path, ids: Ids, admin: Admin, capsys: pytest.CaptureFixture[str]
) -> None:
    admin.add_user("fay", "Fay Unheard", PASSWORD, Role.SUPERVISOR)
    admin.rename_user("fay", "Fay Renamed")
    admin.set_password("fay", "another good one")
    admin.remove_member("supervisors", "chie")
    with pytest.raises(AdminError):
        admin.remove_member("supervisors", "chie")
    admin.set_disabled("fay", True)
    assert main(["admin", "--data", str(data), "audit", "--limit", "5"]) == 0
    said = capsys.readouterr().out
    assert [line.partition("(command line)  ")[2] for line in said.splitlines()] == [
        "added person @fay  [role: – → supervisor]",
        "changed person @fay  [name: ••• → •••]",
        "changed person @fay  [password: ••• → •••]",
        "removed group supervisors @chie",
        "changed person @fay  [disabled: – → true]",
    ]
    assert "Fay" not in said
