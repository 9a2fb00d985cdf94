"""Single sign-on against a real provider process: who comes in, as what, and every way to be kept out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from app.core import wire
from app.core.audit import Act, Change, Subject
from app.core.errors import Code, Refusal
from app.core.model import PersonId, Role
from app.server.admin import Admin
from app.server.config import Config
from app.server.main import Server
from app.server.oidc_config import OidcConfig, load_oidc
from app.server.settings_file import ConfigError
from app.server.store.audit import Wanted
from app.server.store.sqlite.store import FILE, SqliteStore
from app.server.ways import TICKET_S
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.oidc.provider import CLIENT_ID, Pkce, Provider, provider, query
from tests.helpers.running import FAST, HASHER, SPACE_NAME, Ids, rows

REDIRECT = "http://127.0.0.1:49152/signed-in"
PKCE = Pkce()
NAME = "Example Corp"
ROLES = {"supervisors": Role.SUPERVISOR, "staff": Role.AGENT}


class Office:
    """A server that knows a provider; ``configure`` starts it with other settings."""

    def __init__(self, data: Path, provider: Provider) -> None:
        self.data, self.provider = data, provider
        self.clock = FakeClock(epoch=time.time())  # the provider's tokens bear the real time
        self._servers: list[Server] = []

    async def configure(self, **changed: object) -> Server:
        known: dict[str, object] = {
            "name": NAME,
            "issuer": self.provider.issuer,
            "client_id": CLIENT_ID,
            "role_claim": "groups",
            "roles": ROLES,
            "create": True,
        }
        oidc = OidcConfig(**(known | changed))  # type: ignore[arg-type]  # named by the tests
        store = SqliteStore(self.data / FILE)
        config = Config(self.data, port=0, tuning=FAST, oidc=oidc)
        server = Server(config, store, clock=self.clock, hasher=HASHER)
        self._servers.append(server)
        await server.start()
        return server

    async def close(self) -> None:
        for server in self._servers:
            await server.stop()


@pytest.fixture(scope="module")
def running_provider() -> Iterator[Provider]:
    with provider() as running:
        yield running


@pytest.fixture
async def office(data: Path, ids: Ids, running_provider: Provider) -> AsyncIterator[Office]:
    await running_provider.fault("")
    made = Office(data, running_provider)
    yield made
    await made.close()


async def begin(server: Server, pkce: Pkce = PKCE, redirect: str = REDIRECT) -> wire.SignInAt | Refusal:
    async with await Caller.dial(server.url) as caller:
        caller.session.send(wire.BeginSignIn("oidc", redirect, pkce.challenge, "my state"))
        answer = await caller.either(wire.SignInAt, wire.Denied)
        return Refusal(answer.code, answer.fields) if isinstance(answer, wire.Denied) else answer


async def finish(
    server: Server, ticket: str, code: str, verifier: str = PKCE.verifier
) -> wire.SignedIn | Refusal:
    """On another connection than the one it began on."""
    async with await Caller.dial(server.url) as caller:
        caller.session.send(wire.FinishSignIn(ticket, code, verifier, "laptop"))
        answer = await caller.either(wire.SignedIn, wire.Denied)
        return Refusal(answer.code, answer.fields) if isinstance(answer, wire.Denied) else answer


async def come_in(office: Office, server: Server, user: str = "mia") -> wire.SignedIn | Refusal:
    begun = await begin(server)
    assert isinstance(begun, wire.SignInAt)
    back = query(await office.provider.sign_in(begun.url, user))
    assert back["state"] == "my state"
    return await finish(server, begun.ticket, back["code"])


async def test_the_server_says_which_ways_there_are(office: Office, server: Server) -> None:
    configured = await office.configure()
    for running, ways in ((configured, (wire.Way("oidc", NAME),)), (server, ())):
        async with await Caller.dial(running.url) as caller:
            (welcome,) = caller.heard
            assert isinstance(welcome, wire.Welcome)
            assert welcome.ways == ways
    assert await begin(server) == Refusal(Code.NOT_FOUND)


async def test_who_signs_in_at_the_provider_gets_an_account_with_the_roles_of_the_claims(
    office: Office, ids: Ids
) -> None:
    server = await office.configure()
    mia = await come_in(office, server)
    assert isinstance(mia, wire.SignedIn)
    assert (mia.me.handle, mia.me.name, mia.me.role) == ("mia.jansen", "Mia Jansen", Role.SUPERVISOR)
    assert [space.id for space in mia.spaces] == [ids.space]
    again = await come_in(office, server)
    assert isinstance(again, wire.SignedIn)
    assert again.me == mia.me
    kenji = await come_in(office, server, "kenji")
    assert isinstance(kenji, wire.SignedIn)
    assert (kenji.me.handle, kenji.me.name, kenji.me.role) == ("kenji", "森 健二", Role.AGENT)
    async with await Caller.dial(server.url) as caller:
        assert await caller.sign_in("mia.jansen", "") == Refusal(Code.WRONG_CREDENTIALS)
        assert await caller.resume(mia.token) is None


async def test_what_single_sign_on_makes_of_somebody_is_in_the_audit_log(office: Office, ids: Ids) -> None:
    """Whom it made, with which role and where; whom it linked; and every other role, but nothing twice."""
    issuer = office.provider.issuer.rstrip("/")
    through = Change("through", after=issuer)
    server = await office.configure()
    mia = await come_in(office, server)
    assert isinstance(mia, wire.SignedIn)
    made = (
        Act.ADDED,
        mia.me.id,
        (Change("role", "", "supervisor"), Change("space", "", SPACE_NAME), through),
    )
    assert await told(server) == [made]
    await come_in(office, server)
    assert await told(server) == [made]
    admins = await office.configure(roles={"supervisors": Role.ADMIN})
    await come_in(office, admins)
    promoted = (Act.CHANGED, mia.me.id, (Change("role", "supervisor", "admin"), through))
    assert await told(server) == [made, promoted]
    with Admin(office.data, hasher=HASHER) as admin:
        kenji = admin.add_user("kenji", "Kenji", None, Role.AGENT)
    linking = await office.configure(link_by_handle=True)
    await come_in(office, linking, "kenji")
    linked = (Act.CHANGED, kenji, (Change("sign_on", "", issuer), through))
    assert await told(server) == [made, promoted, linked]


async def told(server: Server) -> list[tuple[Act, PersonId | None, tuple[Change, ...]]]:
    """What people did to people, themselves in every case; oldest first."""
    page = await server.store.audit.read(Wanted(subject=Subject.PERSON))
    deeds = [deed for _, deed in reversed(page.deeds) if deed.by is not None]
    assert all(deed.by == deed.person for deed in deeds)
    return [(deed.act, deed.person, deed.changes) for deed in deeds]


async def test_the_page_carries_what_the_standard_asks_for(office: Office) -> None:
    server = await office.configure()
    begun = await begin(server)
    assert isinstance(begun, wire.SignInAt)
    asked = query(begun.url)
    assert asked["code_challenge"] == PKCE.challenge
    assert asked["code_challenge_method"] == "S256"
    assert (asked["response_type"], asked["client_id"], asked["state"]) == ("code", CLIENT_ID, "my state")
    assert asked["redirect_uri"] == REDIRECT
    assert asked["scope"].split() == ["openid", "profile", "email"]
    other = await begin(server)
    assert isinstance(other, wire.SignInAt)
    assert query(other.url)["nonce"] != asked["nonce"]


async def test_a_provider_that_wants_a_secret_gets_it(data: Path, ids: Ids) -> None:
    with provider(secret="between us") as running:
        office = Office(data, running)
        server = await office.configure(client_secret="between us")
        assert isinstance(await come_in(office, server), wire.SignedIn)
        wrong = await office.configure(client_secret="wrong")
        assert await come_in(office, wrong) == Refusal(Code.PROVIDER_DENIED, {"name": NAME})
        await office.close()


@pytest.mark.parametrize(
    "fault",
    ["nonce", "expired", "audience", "party", "issuer", "nobody", "unsigned", "shared secret", "other key"],
)
async def test_an_id_token_that_is_wrong_lets_nobody_in(office: Office, fault: str) -> None:
    server = await office.configure()
    await office.provider.fault(fault)
    assert await come_in(office, server) == Refusal(Code.PROVIDER_WRONG, {"name": NAME})
    assert rows(server, "SELECT count(*) FROM identities") == [(0,)]
    await office.provider.fault("")
    assert isinstance(await come_in(office, server), wire.SignedIn)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("huge", Code.PROVIDER_DOWN),
        ("other issuer", Code.PROVIDER_WRONG),
        ("plain", Code.PROVIDER_WRONG),
    ],
)
async def test_a_provider_that_describes_itself_wrong_is_not_trusted(
    office: Office, fault: str, code: Code
) -> None:
    server = await office.configure()
    await office.provider.fault(fault)
    assert await begin(server) == Refusal(code, {"name": NAME})
    await office.provider.fault("")
    assert isinstance(await begin(server), wire.SignInAt)


async def test_an_answer_that_cannot_be_read(office: Office) -> None:
    server = await office.configure()
    begun = await begin(server)
    assert isinstance(begun, wire.SignInAt)
    await office.provider.fault("garbage")
    assert await finish(server, begun.ticket, "code") == Refusal(Code.PROVIDER_WRONG, {"name": NAME})


async def test_a_provider_that_is_away_is_said(office: Office) -> None:
    server = await office.configure(issuer="http://127.0.0.1:9")
    assert await begin(server) == Refusal(Code.PROVIDER_DOWN, {"name": NAME})


async def test_a_code_counts_once_and_only_for_who_began(office: Office) -> None:
    server = await office.configure()
    begun = await begin(server)
    assert isinstance(begun, wire.SignInAt)
    code = query(await office.provider.sign_in(begun.url, "mia"))["code"]
    over, denied = Refusal(Code.SIGN_IN_OVER), Refusal(Code.PROVIDER_DENIED, {"name": NAME})
    assert await finish(server, begun.ticket, code, "w" * 43) == over
    assert await finish(server, begun.ticket, "another code") == denied
    assert await finish(server, begun.ticket[:-4] + "AAAA", code) == over
    assert await finish(server, "", code) == over
    assert isinstance(await finish(server, begun.ticket, code), wire.SignedIn)
    assert await finish(server, begun.ticket, code) == denied


async def test_who_takes_too_long_begins_again(office: Office) -> None:
    server = await office.configure()
    begun = await begin(server)
    assert isinstance(begun, wire.SignInAt)
    code = query(await office.provider.sign_in(begun.url, "mia"))["code"]
    office.clock.at += TICKET_S + 1
    assert await finish(server, begun.ticket, code) == Refusal(Code.SIGN_IN_OVER)


@pytest.mark.parametrize(
    "redirect",
    [
        "http://example.com/x",
        "http://127.0.0.1.example.com:80/x",
        "http://user@127.0.0.1:80/x",
        "https://127.0.0.1:80/",
        "http://127.0.0.1:99999/",
        "javascript:alert(1)",
    ],
)
async def test_the_browser_is_sent_to_the_persons_own_machine_alone(office: Office, redirect: str) -> None:
    server = await office.configure()
    assert await begin(server, redirect=redirect) == Refusal(Code.BAD_FRAME)


NOT_ADMITTED = Refusal(Code.NOT_ADMITTED, {"name": NAME})


async def test_claims_that_mean_no_role_let_nobody_in_unless_there_is_a_default(office: Office) -> None:
    server = await office.configure()
    assert await come_in(office, server, "guest") == NOT_ADMITTED
    lenient = await office.configure(default_role=Role.AGENT)
    guest = await come_in(office, lenient, "guest")
    assert isinstance(guest, wire.SignedIn)
    assert guest.me.role is Role.AGENT


async def test_without_create_only_linked_people_come_in(office: Office, ids: Ids) -> None:
    server = await office.configure(create=False)
    assert await come_in(office, server) == NOT_ADMITTED
    with Admin(office.data, hasher=HASHER) as admin:
        admin.link("bob", office.provider.issuer, "subject of mia")
    bob = await come_in(office, server)
    assert isinstance(bob, wire.SignedIn)
    assert bob.me.id == ids.bob


async def test_a_disabled_person_and_a_stranger_get_the_same_answer(office: Office) -> None:
    server = await office.configure()
    assert isinstance(await come_in(office, server), wire.SignedIn)
    with Admin(office.data, hasher=HASHER) as admin:
        admin.set_disabled("mia.jansen", True)
    assert await come_in(office, server) == NOT_ADMITTED


async def test_an_existing_handle_is_not_taken_over_unless_that_is_configured(office: Office) -> None:
    with Admin(office.data, hasher=HASHER) as admin:
        kenji = admin.add_user("kenji", "Kenji", "correct horse", Role.ADMIN)
    careful = await office.configure()
    assert await come_in(office, careful, "kenji") == NOT_ADMITTED
    linking = await office.configure(link_by_handle=True)
    linked = await come_in(office, linking, "kenji")
    assert isinstance(linked, wire.SignedIn)
    assert linked.me.id == kenji
    assert linked.me.role is Role.AGENT  # as the claims say


async def test_who_is_linked_stays_who_they_are_whatever_the_handle_becomes(office: Office) -> None:
    server = await office.configure(link_by_handle=True, handle_claim="email")
    first = await come_in(office, server)
    assert isinstance(first, wire.SignedIn)
    assert first.me.handle == "mia"
    assert await come_in(office, server, "kenji") == NOT_ADMITTED  # no verified address, no handle
    with Admin(office.data, hasher=HASHER) as admin:
        admin.add_user("someone", "Someone", "correct horse")
    renamed = await office.configure(link_by_handle=True, handle_claim="sub")
    again = await come_in(office, renamed)
    assert isinstance(again, wire.SignedIn)
    assert again.me.id == first.me.id


async def test_only_verified_addresses_of_the_allowed_domains(office: Office) -> None:
    other = await office.configure(email_domains=("example.org",))
    assert await come_in(office, other) == NOT_ADMITTED
    ours = await office.configure(email_domains=("Example.com",))
    assert isinstance(await come_in(office, ours), wire.SignedIn)
    assert await come_in(office, ours, "kenji") == NOT_ADMITTED


async def test_new_people_belong_where_it_is_configured(office: Office, ids: Ids) -> None:
    nowhere = await office.configure(spaces=("Somewhere else",))
    mia = await come_in(office, nowhere)
    assert isinstance(mia, wire.SignedIn)
    assert mia.spaces == ()
    osaka = await office.configure(spaces=(SPACE_NAME,))
    kenji = await come_in(office, osaka, "kenji")
    assert isinstance(kenji, wire.SignedIn)
    assert [space.id for space in kenji.spaces] == [ids.space]


# The file

GOOD = """
name = "Example Corp"
issuer = "https://login.example.com"
client_id = "handraise"
client_secret_file = "secret.txt"
role_claim = "realm_access.roles"
[roles]
boss = "supervisor"
"""


def test_a_config_file(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s3cret\n")
    (tmp_path / "oidc.toml").write_text(GOOD)
    config = load_oidc(tmp_path / "oidc.toml")
    assert (config.client_secret, config.create) == ("s3cret", False)
    assert config.role_of({"realm_access": {"roles": ["x", "boss"]}}) is Role.SUPERVISOR
    for claims in ({}, {"realm_access": "boss"}, {"realm_access": {"roles": [1, None]}}):
        assert config.role_of(dict(claims)) is None
    assert msgspec.structs.replace(config, default_role=Role.AGENT).role_of({}) is Role.AGENT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("https://login", "http://login"), "must begin with https://"),
        (('boss = "supervisor"', 'boss = "king"'), "king"),
        (('name = "Example Corp"', "name = 1"), "name: expected `str`"),
        (("client_id", "cleint_id"), "there is no setting called cleint_id"),
        (('role_claim = "realm_access.roles"', ""), "role_claim must say"),
        (('client_secret_file = "secret.txt"', 'client_secret = "x"'), "a file of its own"),
        (('client_secret_file = "secret.txt"', 'client_secret_file = "gone"'), "cannot be read"),
        (("[roles]", "[roles"), "cannot be used"),
        (('boss = "supervisor"', ""), "nobody could come in"),
        (("name =", 'scopes = ["profile"]\nname ='), '"openid"'),
    ],
)
def test_a_config_file_with_a_mistake_says_what_and_where(
    tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    (tmp_path / "secret.txt").write_text("s3cret\n")
    file = tmp_path / "oidc.toml"
    file.write_text(GOOD.replace(*change))
    with pytest.raises(ConfigError, match=r"oidc\.toml|gone") as problem:
        load_oidc(file)
    assert words in str(problem.value)
