"""Which questions, commands and requests of other programs stand in the audit log, and which do not and why.

Every one there is, so that a new one cannot be forgotten. The command line's verbs: ``test_admin_audit.py``.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import pytest

from app.core import hook_questions as hooks
from app.core import phone_questions as phones
from app.core import policy_questions as policies
from app.core import privacy_questions as privacy
from app.core import questions
from app.core.audit import Act, Deed, Subject
from app.core.case_questions import GetTimeline
from app.core.cases import CaseId, SendState
from app.core.commands import Command, RaiseEscalation, SendMessage
from app.core.errors import Code
from app.core.hooks import ApiAction, HookEvent
from app.core.line_questions import GetCustomer, GetLineSettings, GetTalk, ListTalks, SetLineEscalation
from app.core.lines import CustomerId, LineId
from app.core.model import AssetId, Level, MessageId, PersonId, Recipients, Role
from app.core.permission_questions import (
    GetOutreach,
    GetPermissions,
    GetRights,
    SetOwnRight,
    SetPermission,
)
from app.core.permissions import Least, Right
from app.core.policy import Assignment, CaseKind, ContactKind, Policy, PolicyId
from app.core.privacy import Kept, Where
from app.core.report_questions import ExportAlerts, GetBoard, GetCharts, ListAlerts
from app.server.admin import Admin
from app.server.delivery.base import Parcel, Receipt
from app.server.line_inbound import InboundText
from app.server.main import Server
from app.server.phones_config import PhonesConfig, TwilioConfig
from app.server.pictures import Picture
from app.server.store.audit import Wanted
from tests.helpers.caller import Caller, eventually
from tests.helpers.clock import FakeClock
from tests.helpers.receiver import Receiver, receiving
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, Ids, rows, running

DELIVERED = "SELECT 1 FROM hook_posts WHERE state = 'delivered'"
LINE, CUSTOMER, OWN = "+815031234567", "+819012345678", "+81 90 5555 1234"
HAND, URGENT = "hand-of-bob", MessageId("message-of-eva")
FACE = AssetId("f" * 64)
NIGHT = Policy(PolicyId("night"), "Night", CaseKind.ESCALATION, version=0)
QUIET = phones.QuietHours(1320, 420, "Asia/Tokyo")


class Pocket:
    """Carries everything, and keeps it."""

    def __init__(self) -> None:
        self.words: list[str] = []

    async def send(self, parcel: Parcel) -> Receipt:
        self.words.append(parcel.text)
        return Receipt(SendState.SENT, f"ref-{len(self.words)}")

    def code(self) -> str:
        found = re.search(r"\d{6}", self.words[-1])
        assert found
        return found[0]

    async def look_up(self, parcel: Parcel, reference: str) -> Sequence[Receipt]:
        return ()

    async def close(self) -> None:
        return


@dataclass
class World:
    """Osaka with a hand, a chat and a customer; ``said``: the last answer of each type."""

    server: Server
    ids: Ids
    eva: Caller
    gil: PersonId
    talk: CustomerId
    line: LineId
    pocket: Pocket
    crm: Receiver
    said: dict[type, object] = field(default_factory=dict)

    @property
    def contact(self) -> phones.Saved:
        saved = self.said[phones.SaveContact]
        assert isinstance(saved, phones.Saved)
        return saved

    @property
    def webhook(self) -> hooks.WebhookSaved:
        saved = self.said[hooks.SaveWebhook]
        assert isinstance(saved, hooks.WebhookSaved)
        return saved

    @property
    def integration(self) -> hooks.IntegrationAdded:
        added = self.said[hooks.AddIntegration]
        assert isinstance(added, hooks.IntegrationAdded)
        return added

    @property
    def trial(self) -> policies.Trial:
        trial = self.said[policies.StartTrial]
        assert isinstance(trial, policies.Trial)
        return trial

    def device(self) -> str:
        """Of Eva's other machine."""
        devices = self.said[questions.ListDevices]
        assert isinstance(devices, questions.Devices)
        return next(device.id for device in devices.devices if not device.here)

    async def lines(self) -> list[Deed]:
        """The log, oldest first."""
        return [deed for _, deed in reversed((await self.server.store.audit.read(Wanted())).deeds)]


@pytest.fixture
async def world(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[World]:
    with Admin(data, hasher=HASHER) as admin:
        line = admin.add_line("Support", LINE, SPACE_NAME)
        gil = admin.add_user("gil", "Gil", PASSWORD, Role.AGENT)
        admin.set_picture("ann", Picture(FACE, b"face", 1, 1))
    async with (
        receiving() as crm,
        running(data, clock, inside=True) as server,
        await Caller.enter(server.url, "eva", device="another"),
        await Caller.enter(server.url, "eva") as eva,
        await Caller.enter(server.url, "bob") as bob,
    ):
        pocket = Pocket()
        for way in ("sms", "call"):
            server.phones.carriers.add(way, pocket)
        red = RaiseEscalation(Level.RED, "help", Recipients(people=(ids.eva,)))
        assert await bob.do(red, HAND) is None
        words = SendMessage("Which contract?", Recipients(people=(ids.bob,)), priority=True)
        assert await eva.do(words, URGENT) is None
        await server.lines.receive(InboundText("SM1", LINE, CUSTOMER, "Where is it?"))
        await eva.until(lambda: bool(eva.space.inbox.talks))
        yield World(server, ids, eva, gil, next(iter(eva.space.inbox.talks)), line, pocket, crm)


OWN_ACCOUNT = "only one's own, and nothing is changed"
AT_WORK = "what everybody sees who works there; nothing leaves the program"
SETTINGS_SEEN = "settings, with numbers, addresses and secrets covered"
OWN_CALL = "one's own, and it stands in the timeline with who asked for it"
NOTHING_YET = "nothing counts before the code came back, which is noted"
OWN_SIGN_INS = "one's own sign-ins, which are shown in the list of devices"

Ask = Callable[[World], questions.Query]
TABLE: tuple[tuple[Ask, tuple[Act, Subject] | str], ...] = (
    # One's own
    (lambda w: questions.ListDevices(), OWN_ACCOUNT),
    (lambda w: questions.EndDevice(w.device()), OWN_SIGN_INS),
    (lambda w: questions.ChangePassword(PASSWORD, "another good one"), (Act.CHANGED, Subject.PERSON)),
    (lambda w: GetRights(), OWN_ACCOUNT),
    (lambda w: phones.GetMyPhone(), OWN_ACCOUNT),
    (lambda w: phones.SetMyPhone(OWN), NOTHING_YET),
    (lambda w: phones.VerifyMyPhone(w.pocket.code()), (Act.CHANGED, Subject.PHONE)),
    (lambda w: phones.TryMyPhone(), OWN_ACCOUNT),
    (
        lambda w: phones.SetQuietHours(QUIET),
        (Act.CHANGED, Subject.PHONE),
    ),
    (lambda w: phones.RemoveMyPhone(), (Act.REMOVED, Subject.PHONE)),
    # At work
    (lambda w: questions.GetMap(w.eva.space.space.map), AT_WORK),
    (lambda w: questions.GetAsset(FACE), AT_WORK),
    (lambda w: questions.History(next(iter(w.eva.me.conversations))), AT_WORK),
    (lambda w: questions.Search("contract"), AT_WORK),
    (lambda w: GetTimeline(CaseId(HAND)), AT_WORK),
    (lambda w: GetOutreach(URGENT), OWN_CALL),
    (lambda w: ListTalks(), AT_WORK),
    (lambda w: GetTalk(w.talk), AT_WORK),
    (lambda w: GetCustomer(w.talk), (Act.READ, Subject.CUSTOMER)),
    (lambda w: ListAlerts(w.ids.space), AT_WORK),
    (lambda w: GetBoard(w.ids.space, 0.0), AT_WORK),
    (lambda w: GetCharts(w.ids.space, 0.0, 1e10, ((0.0, 0),)), AT_WORK),
    (lambda w: ExportAlerts(w.ids.space), (Act.EXPORTED, Subject.HISTORY)),
    # Lines, contacts, policies
    (lambda w: GetLineSettings(w.ids.space), SETTINGS_SEEN),
    (lambda w: SetLineEscalation(w.line, True, 5, "+819011112222"), (Act.CHANGED, Subject.LINE)),
    (lambda w: phones.ListContacts(w.ids.space), SETTINGS_SEEN),
    (
        lambda w: phones.SaveContact(w.ids.space, "Duty", ContactKind.PHONE, "+81 90 1234 5678"),
        (Act.ADDED, Subject.CONTACT),
    ),
    (lambda w: phones.TryContact(w.ids.space, w.contact.contact.id), (Act.TESTED, Subject.CONTACT)),
    (lambda w: phones.DeleteContact(w.ids.space, w.contact.contact.id), (Act.REMOVED, Subject.CONTACT)),
    (lambda w: policies.ListPolicies(w.ids.space), SETTINGS_SEEN),
    (lambda w: policies.SavePolicy(w.ids.space, NIGHT), (Act.ADDED, Subject.POLICY)),
    (
        lambda w: policies.AssignPolicy(Assignment(w.ids.space, NIGHT.kind, NIGHT.id)),
        (Act.ADDED, Subject.ASSIGNMENT),
    ),
    (
        lambda w: policies.UnassignPolicy(w.ids.space, NIGHT.kind, NIGHT.id),
        (Act.REMOVED, Subject.ASSIGNMENT),
    ),
    (lambda w: policies.StartTrial(w.ids.space, NIGHT), (Act.TESTED, Subject.POLICY)),
    (lambda w: policies.GetTrial(w.trial.case), OWN_CALL),
    (lambda w: policies.EndTrial(w.trial.case), OWN_CALL),
    (lambda w: policies.DeletePolicy(w.ids.space, NIGHT.id, 1), (Act.REMOVED, Subject.POLICY)),
    # Other programs
    (lambda w: hooks.ListIntegrations(), SETTINGS_SEEN),
    (
        lambda w: hooks.AddIntegration("CRM", (ApiAction.READ,), w.ids.space),
        (Act.ADDED, Subject.INTEGRATION),
    ),
    (lambda w: hooks.RevokeIntegration(w.integration.integration.id), (Act.REMOVED, Subject.INTEGRATION)),
    (lambda w: hooks.ListWebhooks(), SETTINGS_SEEN),
    (
        lambda w: hooks.SaveWebhook("CRM", (HookEvent.RAISED,), w.crm.url, w.ids.space),
        (Act.ADDED, Subject.HOOK),
    ),
    (lambda w: hooks.TryWebhook(w.webhook.webhook.id), (Act.TESTED, Subject.HOOK)),
    (lambda w: hooks.ReadPosts(w.webhook.webhook.id), (Act.READ, Subject.HOOK)),
    (lambda w: hooks.ResendPosts(w.webhook.webhook.id, 1), (Act.RESENT, Subject.HOOK)),
    (lambda w: hooks.RenewSecret(w.webhook.webhook.id), (Act.CHANGED, Subject.HOOK)),
    (lambda w: hooks.SwitchWebhook(w.webhook.webhook.id, False), (Act.CHANGED, Subject.HOOK)),
    (lambda w: hooks.RemoveWebhook(w.webhook.webhook.id), (Act.REMOVED, Subject.HOOK)),
    # People and customers
    (lambda w: GetPermissions(), SETTINGS_SEEN),
    (lambda w: SetPermission(Right.PHONES, Least.ADMINS), (Act.CHANGED, Subject.PERMISSION)),
    (lambda w: SetOwnRight(w.ids.ann, Right.PHONES, True), (Act.CHANGED, Subject.PERMISSION)),
    (lambda w: privacy.GetRetention(), SETTINGS_SEEN),
    (lambda w: privacy.SetRetention(Kept.SENDS, 40), (Act.CHANGED, Subject.RETENTION)),
    (lambda w: privacy.GetAudit(), (Act.READ, Subject.AUDIT)),
    (lambda w: privacy.RenameThing(Where.LINE, w.line, "Help"), (Act.CHANGED, Subject.LINE)),
    (lambda w: privacy.GetTraces(w.gil), (Act.READ, Subject.PERSON)),
    (lambda w: privacy.ExportPerson(w.gil), (Act.EXPORTED, Subject.PERSON)),
    (lambda w: privacy.ErasePerson(w.gil, "gil"), (Act.ERASED, Subject.PERSON)),
    (lambda w: privacy.FindCustomer(CUSTOMER), (Act.READ, Subject.CUSTOMER)),
    (lambda w: privacy.ExportCustomer(CUSTOMER), (Act.EXPORTED, Subject.CUSTOMER)),
    (lambda w: privacy.EraseCustomer(CUSTOMER), (Act.ERASED, Subject.CUSTOMER)),
)
"""What an admin asks, in this order, and how it stands in the log; or why it does not."""


async def test_every_question_stands_in_the_log_or_is_known_not_to(world: World) -> None:
    asked = set()
    for make, told in TABLE:
        query = make(world)
        if isinstance(query, hooks.ResendPosts):
            await eventually(lambda: rows(world.server, DELIVERED) != [])
        asked.add(type(query))
        before = len(await world.lines())
        answer = world.said[type(query)] = await world.eva.ask(query)
        assert not isinstance(answer, Code), query
        fresh = (await world.lines())[before:]
        if isinstance(told, str):
            assert fresh == [], (query, told)
        else:
            assert [(deed.by, deed.act, deed.subject) for deed in fresh] == [(world.ids.eva, *told)], query
    assert asked == set(get_args(questions.Query))


ALERTS = "an alert: history has it, with who did what when"
TALKS = "the conversation itself says who did it and when"
CHAT = "between the people of that chat alone"
PRESENCE = "what everybody in the space sees of one, while it lasts"
COMMANDS = {
    ALERTS: {"RaiseEscalation", "EndEscalation", "AnswerEscalation", "EscalateMessage"},
    TALKS: {
        "ReplyOnLine",
        "NoteOnLine",
        "TouchTalk",
        "AssignTalk",
        "ResolveTalk",
        "ReopenTalk",
        "AnsweringTalk",
    },
    CHAT: {"SendMessage", "MarkRead"},
    PRESENCE: {
        "SetStatus",
        "SetAutoAway",
        "TakeSeat",
        "LeaveSpace",
        "ReportRung",
        "ReportCall",
        "ReportChannels",
    },
}
"""Why no command stands in the log: none changes a setting, and each is told of where it belongs."""


def test_every_command_is_known_not_to_stand_in_the_log() -> None:
    listed = [name for names in COMMANDS.values() for name in names]
    assert sorted(listed) == sorted(command.__name__ for command in get_args(Command))


NOBODYS = "nothing about anybody"
ROUTES = {
    ("GET", "/healthz"): NOBODYS,
    ("GET", "/metrics"): NOBODYS,
    ("GET", "/api/openapi.json"): NOBODYS,
    ("GET", "/api/v1/escalations"): AT_WORK,
    ("GET", "/api/v1/escalations/{escalation}"): AT_WORK,
    ("POST", "/api/v1/escalations"): ALERTS,
    ("POST", "/api/v1/escalations/{escalation}/answers"): ALERTS,
    ("POST", "/api/v1/escalations/{escalation}/end"): ALERTS,
    ("POST", "/twilio/sms"): TALKS,
    ("POST", "/twilio/sms/{send}"): ALERTS,
    ("POST", "/twilio/call/{send}"): ALERTS,
    ("POST", "/twilio/call/{send}/machine"): ALERTS,
    ("POST", "/twilio/call/{send}/key"): ALERTS,
}
"""Why no request of another program stands in the log. That the program may ask does: somebody added it."""


@pytest.mark.usefixtures("ids")
async def test_every_request_of_other_programs_is_known_not_to_stand_in_the_log(data: Path) -> None:
    twilio = TwilioConfig("AC" + "0" * 32, "+15005550006", "", "", "http://127.0.0.1:1", "secret")
    async with running(data, http_port=0, phones=PhonesConfig(twilio=twilio)) as server:
        routes = [(route.method, route.resource) for route in server.web._app.router.routes()]
        found = {(method, made.canonical) for method, made in routes if made is not None}
        assert {(method, path) for method, path in found if method != "HEAD"} == ROUTES.keys()
