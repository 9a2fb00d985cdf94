"""Contacts of spaces by the server's command line: the same checks as in the window, also while it runs."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from app.core.audit import Act, Subject
from app.core.model import Recipients
from app.core.phone_questions import Contacts, ListContacts
from app.core.policy import CaseKind, ContactKind, Policy, PolicyId, PolicyStep, Post, Reached, Text
from app.core.policy_questions import SavePolicy
from app.server.admin import Admin, AdminError
from app.server.admin_contacts import ContactAdmin
from app.server.contact_book import CONTACTS, Reachable
from app.server.delivery.numbers import Numbers
from app.server.store.audit import Wanted
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.running import HASHER, SPACE_NAME, Ids, running
from tests.server.test_admin_hooks import told

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK = f"https://crm.example/hook#{SECRET}"
MAIL = "mailto://ann:word@example.com?to=team@example.com"


def test_they_are_added_listed_changed_and_removed(
    data: Path, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = ("--space", SPACE_NAME)
    [made] = told(data, "contact", "add", "Duty phone", *of, "--phone", "+81 3-1234-5678")
    assert made.endswith("phone …678.")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{WEBHOOK}\n{MAIL}\n"))
    told(data, "contact", "add", "CRM", *of, "--webhook", "--address-stdin")
    listed = told(data, "contact", "list", *of)
    assert [line.split("  ", 1)[1] for line in listed] == [
        "webhook  CRM  crm.example",
        "phone    Duty phone  …678",
    ]
    changed = told(data, "contact", "change", "CRM", *of, "--name", "Team", "--apprise", "--address-stdin")
    assert changed == ["Team is apprise mailto://… now."]
    assert told(data, "contact", "remove", "Team", *of) == ["Removed Team."]
    assert told(data, "contact", "remove", "Team", *of, code=1) == []


async def test_the_running_server_knows_them_at_once_and_the_log_holds_no_address(
    data: Path, ids: Ids, clock: FakeClock
) -> None:
    async with running(data, clock) as server, await Caller.enter(server.url, "bob") as bob:
        with Admin(data, hasher=HASHER) as admin:
            contacts = ContactAdmin(admin, Reachable(Numbers("JP")), clock)
            duty = contacts.add(SPACE_NAME, " Duty ", ContactKind.PHONE, "03-1234-5678")
            assert await bob.ask(ListContacts(ids.space)) == Contacts((duty,))
            night = contacts.change(SPACE_NAME, duty.id, name="Night duty")
            crm = contacts.add(SPACE_NAME, "CRM", ContactKind.WEBHOOK, WEBHOOK)
            assert await bob.ask(ListContacts(ids.space)) == Contacts((crm, night))
            texting = PolicyStep(30.0, Text(Reached(Recipients(), (duty.id,))))
            posting = PolicyStep(30.0, Post(crm.id))
            policy = Policy(PolicyId("day"), "By day", CaseKind.ESCALATION, (texting, posting), 0)
            await bob.ask(SavePolicy(ids.space, policy))
            assert contacts.remove(SPACE_NAME, "Night duty") == ("Night duty", ["By day"])
        kept = await server.store.contacts.of_space(ids.space)
        assert [(one.contact.name, one.address) for one in kept] == [("CRM", WEBHOOK)]
        deeds = (await server.store.audit.read(Wanted(subject=Subject.CONTACT))).deeds
    assert [deed.act for _, deed in deeds] == [Act.REMOVED, Act.ADDED, Act.CHANGED, Act.ADDED]
    assert all(deed.by is None for _, deed in deeds), "the command line did it"
    assert "5678" not in repr(deeds)
    assert SECRET not in repr(deeds)


def test_what_cannot_be_is_said_and_changes_nothing(data: Path, ids: Ids) -> None:
    with Admin(data, hasher=HASHER) as admin:
        contacts = ContactAdmin(admin, Reachable(Numbers(countries=("JP",))))
        for kind, address, why in (
            (ContactKind.PHONE, "03-1234-5678", "with its country code"),
            (ContactKind.PHONE, "+1 212 555 2368", "does not call or text numbers of this kind"),
            (ContactKind.APPRISE, "nonsense://x", "not understood"),
            (ContactKind.WEBHOOK, "http://crm.example/hook", "must begin with https://"),
            (ContactKind.WEBHOOK, "https://crm.example/hook#secret", "not a secret"),
        ):
            with pytest.raises(AdminError, match=why):
                contacts.add(SPACE_NAME, "Duty", kind, address)
        with pytest.raises(AdminError, match="A name is needed"):
            contacts.add(SPACE_NAME, " ", ContactKind.PHONE, "+81 3-1234-5678")
        with pytest.raises(AdminError, match="between 1 and"):
            contacts.add(SPACE_NAME, "x" * 200, ContactKind.PHONE, "+81 3-1234-5678")
        with pytest.raises(AdminError, match="no space called Nowhere"):
            contacts.contacts("Nowhere")
        assert contacts.contacts(SPACE_NAME) == []
        first = contacts.add(SPACE_NAME, "Duty", ContactKind.PHONE, "+81 3-1234-5678")
        with pytest.raises(AdminError, match="needs another address"):
            contacts.change(SPACE_NAME, "Duty", kind=ContactKind.WEBHOOK)
        contacts.add(SPACE_NAME, "Duty", ContactKind.WEBHOOK, WEBHOOK)
        with pytest.raises(AdminError, match="More than one contact"):
            contacts.remove(SPACE_NAME, "Duty")
        assert contacts.remove(SPACE_NAME, first.id) == ("Duty", [])
        with pytest.raises(AdminError, match="no contact called"):
            contacts.change(SPACE_NAME, first.id, name="Night")


def test_there_are_not_too_many(data: Path, ids: Ids, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.admin_contacts.CONTACTS", 1)
    with Admin(data, hasher=HASHER) as admin:
        contacts = ContactAdmin(admin, Reachable(Numbers()))
        contacts.add(SPACE_NAME, "Duty", ContactKind.PHONE, "+81 3-1234-5678")
        with pytest.raises(AdminError, match="at most 1"):
            contacts.add(SPACE_NAME, "Night", ContactKind.PHONE, "+81 3-1234-5678")
    assert CONTACTS > 1


def test_the_region_and_countries_of_the_server_count(data: Path, ids: Ids, tmp_path: Path) -> None:
    file = tmp_path / "phones.toml"
    file.write_text('region = "JP"\ncountries = ["JP"]\n')
    of = ("--space", SPACE_NAME, "--phones", str(file))
    assert told(data, "contact", "add", "Duty", *of, "--phone", "03-1234-5678")[0].endswith("…678.")
    assert told(data, "contact", "change", "Duty", *of, "--phone", "+1 212 555 2368", code=1) == []
    assert told(data, "contact", "change", "Duty", *of, code=1) == []
    file.write_text("region = 1\n")
    assert told(data, "contact", "change", "Duty", *of, "--phone", "+81 3-1234-5678", code=1) == []
