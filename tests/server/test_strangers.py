"""Every command and question, from people it is not for: answered as if it did not exist."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from app.core import hook_questions as hooks
from app.core import phone_questions as phones
from app.core import questions, wire
from app.core.calls import PhoneWay
from app.core.case_questions import GetTimeline
from app.core.cases import CaseId
from app.core.commands import (
    AnswerEscalation,
    Command,
    EndEscalation,
    EscalateMessage,
    LeaveSpace,
    MarkRead,
    RaiseEscalation,
    ReportCall,
    ReportChannels,
    ReportRung,
    SendMessage,
    SetAutoAway,
    SetStatus,
    TakeSeat,
)
from app.core.errors import Code, Refusal
from app.core.hooks import ApiAction, HookEvent, IntegrationId, WebhookId
from app.core.line_commands import (
    AnsweringTalk,
    AssignTalk,
    NoteOnLine,
    ReopenTalk,
    ReplyOnLine,
    ResolveTalk,
    TouchTalk,
)
from app.core.line_questions import GetCustomer, GetLineSettings, GetTalk, ListTalks, SetLineEscalation, Talks
from app.core.lines import CustomerId, LineId
from app.core.model import (
    AnswerKind,
    AssetId,
    ConversationId,
    EscalationId,
    GroupId,
    Level,
    MapId,
    MessageId,
    PersonId,
    Recipients,
    Role,
    Rung,
    SeatId,
    SpaceId,
)
from app.core.permission_questions import (
    GetOutreach,
    GetPermissions,
    GetRights,
    SetOwnRight,
    SetPermission,
)
from app.core.permissions import Right
from app.core.policy import Assignment, CaseKind, ContactId, ContactKind, Policy, PolicyId
from app.core.policy_questions import (
    AssignPolicy,
    DeletePolicy,
    EndTrial,
    GetTrial,
    ListPolicies,
    PolicyOutcome,
    SavePolicy,
    StartTrial,
    UnassignPolicy,
)
from app.core.privacy import Where
from app.core.privacy_questions import (
    EraseCustomer,
    ErasePerson,
    ExportCustomer,
    ExportPerson,
    FindCustomer,
    GetAudit,
    GetRetention,
    GetTraces,
    RenameThing,
    SetRetention,
)
from app.core.report_questions import ExportAlerts, GetBoard, GetCharts, ListAlerts
from app.server.admin import Admin
from app.server.line_inbound import InboundText
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.pictures import Picture
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.office import office_map
from tests.helpers.running import HASHER, PASSWORD, SPACE_NAME, Ids, furnish, running

SECRET = "the code is 4711"
FACE = AssetId("f" * 64)
LINE, CUSTOMER = "+815031234567", "+819012345678"
_numbers = count(1)


@dataclass(frozen=True)
class Names:
    """Ids of things in Osaka, or ids that nothing has."""

    hand: EscalationId
    person: PersonId
    group: GroupId
    seat: SeatId
    conversation: ConversationId
    map: MapId
    face: AssetId
    space: SpaceId
    device: str
    message: MessageId
    contact: ContactId
    talk: CustomerId
    policy: PolicyId
    integration: IntegrationId
    webhook: WebhookId
    line: LineId
    customer: str


NOTHING = Names(
    EscalationId("no-hand"),
    PersonId("nobody"),
    GroupId("none"),
    SeatId("no seat"),
    ConversationId("no conversation"),
    MapId("no map"),
    AssetId("0" * 64),
    SpaceId("nowhere"),
    "no device",
    MessageId("no message"),
    ContactId("no contact"),
    CustomerId("no customer"),
    PolicyId("no policy"),
    IntegrationId("no integration"),
    WebhookId("no webhook"),
    LineId("no line"),
    "+819012345999",
)


@dataclass(frozen=True)
class World:
    """Osaka, where Bob's hand is up and Ann and Bob have a chat; Zoe is at home in Kyoto alone."""

    server: Server
    names: Names


@pytest.fixture
async def world(data: Path, clock: FakeClock) -> AsyncIterator[World]:
    ids = furnish(data)
    with Admin(data, hasher=HASHER) as admin:
        other = msgspec.structs.replace(office_map(), id=MapId("kyoto"), name="Kyoto", seats=())
        admin.add_space("Kyoto", ImportedMap(other, {}))
        admin.add_user("zoe", "Zoe", PASSWORD, Role.ADMIN, spaces=("Kyoto",))
        admin.set_picture("ann", Picture(FACE, b"face", 1, 1))
        admin.add_line("Support", LINE, SPACE_NAME)
    async with (
        running(data, clock) as server,
        await Caller.enter(server.url, "bob") as bob,
        await Caller.enter(server.url, "ann") as ann,
    ):
        red = RaiseEscalation(Level.RED, "help", Recipients(people=(ids.ann,)))
        assert await bob.do(red, "hand-of-bob") is None
        secret = SendMessage(SECRET, Recipients(people=(ids.ann,)), priority=True)
        assert await bob.do(secret, "message-of-bob") is None
        await bob.until(lambda: bool(bob.me.conversations))
        devices = await ann.ask(questions.ListDevices())
        assert isinstance(devices, questions.Devices)
        seat = office_map().seats[0].id
        space = ann.space.space
        assert space.name == SPACE_NAME
        hand = EscalationId("hand-of-bob")
        chat = next(iter(bob.me.conversations))
        device = devices.devices[0].id
        message = MessageId("message-of-bob")
        duty = phones.SaveContact(ids.space, "Duty phone", ContactKind.PHONE, "+81 90 1234 5678")
        saved = await bob.ask(duty)
        assert isinstance(saved, phones.Saved)
        contact = saved.contact.id
        talk = await a_customer_writes(server)
        await ann.until(lambda: talk in ann.space.inbox.talks)
        night = Policy(PolicyId("night"), "Night", CaseKind.ESCALATION, version=0)
        kept = await bob.ask(SavePolicy(ids.space, night))
        assert isinstance(kept, PolicyOutcome)
        assert kept.done
        assert await bob.ask(AssignPolicy(Assignment(ids.space, night.kind, night.id))) == questions.Done()
        integration, webhook = await a_crm_is_connected(server, ids)
        names = Names(
            hand,
            ids.ann,
            ids.supervisors,
            seat,
            chat,
            space.map,
            FACE,
            ids.space,
            device,
            message,
            contact,
            talk,
            night.id,
            integration,
            webhook,
            next(iter(ann.space.inbox.lines)),
            CUSTOMER,
        )
        yield World(server, names)


async def a_customer_writes(server: Server) -> CustomerId:
    await server.lines.receive(InboundText("SM1", LINE, CUSTOMER, SECRET))
    found = [await server.store.lines.talks(room.id, None) for room in server.spaces.rooms]
    return next(talk.id for talks, _ in found for talk in talks)


async def a_crm_is_connected(server: Server, ids: Ids) -> tuple[IntegrationId, WebhookId]:
    async with await Caller.enter(server.url, "eva") as eva:
        added = await eva.ask(hooks.AddIntegration("CRM", (ApiAction.READ,), ids.space))
        assert isinstance(added, hooks.IntegrationAdded)
        url = "https://crm.example/hook"
        saved = await eva.ask(hooks.SaveWebhook("CRM", (HookEvent.RAISED,), url, ids.space))
        assert isinstance(saved, hooks.WebhookSaved)
        return added.integration.id, saved.webhook.id


def commands_about(names: Names) -> list[Command]:
    """Every command that names something."""
    return [
        EndEscalation(names.hand),
        *(AnswerEscalation(names.hand, kind) for kind in AnswerKind),
        ReportRung(names.hand, Rung.SHOWN),
        RaiseEscalation(Level.RED, "", Recipients(people=(names.person,))),
        RaiseEscalation(Level.RED, "", Recipients(groups=(names.group,))),
        SendMessage("hello", Recipients(people=(names.person,))),
        SendMessage("hello", Recipients(groups=(names.group,))),
        SendMessage("hello", Recipients(people=(names.person,)), priority=True),
        ReportCall(names.message, Rung.SHOWN),
        EscalateMessage(names.message, (PhoneWay.TEXT,)),
        MarkRead(names.conversation, 1e12),
        TakeSeat(names.seat),
        ReplyOnLine(names.talk, "hello"),
        NoteOnLine(names.talk, "hello"),
        TouchTalk(names.talk),
        AssignTalk(names.talk),
        ResolveTalk(names.talk),
        ReopenTalk(names.talk),
        AnsweringTalk(names.talk),
    ]


def questions_about(names: Names) -> list[questions.Query]:
    """Every question that names something."""
    return [
        questions.GetMap(names.map),
        questions.GetAsset(names.face),
        questions.History(names.conversation),
        questions.Search(SECRET),
        questions.EndDevice(names.device),
        ListTalks(),
        GetTalk(names.talk),
        GetCustomer(names.talk),
        GetLineSettings(names.space),
        SetLineEscalation(names.line, True, 5, "+819011112222"),
        GetTimeline(CaseId(names.hand)),
        phones.ListContacts(names.space),
        phones.SaveContact(names.space, "Mine", ContactKind.PHONE, "+81 90 1234 5678"),
        phones.SaveContact(names.space, "Mine", ContactKind.PHONE, contact=names.contact),
        phones.DeleteContact(names.space, names.contact),
        phones.TryContact(names.space, names.contact),
        ListPolicies(names.space),
        SavePolicy(names.space, Policy(names.policy, "Mine", CaseKind.ESCALATION)),
        DeletePolicy(names.space, names.policy, 1),
        AssignPolicy(Assignment(names.space, CaseKind.ESCALATION, names.policy)),
        UnassignPolicy(names.space, CaseKind.ESCALATION, names.policy),
        StartTrial(names.space, Policy(names.policy, "Mine", CaseKind.ESCALATION)),
        GetTrial(CaseId(names.hand)),
        EndTrial(CaseId(names.hand)),
        ListAlerts(names.space),
        ExportAlerts(names.space),
        GetCharts(names.space, 0.0, 1e10, ((0.0, 0),)),
        GetBoard(names.space, 0.0),
        hooks.AddIntegration("Mine", (ApiAction.READ,), names.space),
        hooks.RevokeIntegration(names.integration),
        hooks.SaveWebhook("Mine", (HookEvent.RAISED,), "https://mine.example", names.space),
        hooks.SaveWebhook("Mine", (HookEvent.RAISED,), "https://mine.example", webhook=names.webhook),
        hooks.RenewSecret(names.webhook),
        hooks.SwitchWebhook(names.webhook, False),
        hooks.RemoveWebhook(names.webhook),
        hooks.ReadPosts(names.webhook),
        hooks.ResendPosts(names.webhook, 1),
        hooks.TryWebhook(names.webhook),
        GetOutreach(names.message),
        SetOwnRight(names.person, Right.PHONES, True),
        ExportPerson(names.person),
        ErasePerson(names.person, "ann"),
        GetTraces(names.person),
        RenameThing(Where.SPACE, names.space, "Mine"),
        RenameThing(Where.LINE, names.line, "Mine"),
        FindCustomer(names.customer),
        ExportCustomer(names.customer),
        EraseCustomer(names.customer),
    ]


NAMELESS = {SetStatus, SetAutoAway, LeaveSpace, ReportChannels}
"""Commands about oneself alone."""
NAMELESS_QUESTIONS = {
    GetRights,
    GetPermissions,
    SetPermission,
    GetAudit,
    GetRetention,
    SetRetention,
    questions.ChangePassword,
    questions.ListDevices,
    phones.GetMyPhone,
    phones.SetMyPhone,
    phones.VerifyMyPhone,
    phones.RemoveMyPhone,
    phones.SetQuietHours,
    phones.TryMyPhone,
    hooks.ListIntegrations,
    hooks.ListWebhooks,
}
"""Questions about oneself alone, one's own spaces, or the whole organisation."""


def test_the_table_is_whole() -> None:
    """A new command or question has to be added to it, or to those that name nothing."""
    assert {type(command) for command in commands_about(NOTHING)} | NAMELESS == set(get_args(Command))
    asked = {type(question) for question in questions_about(NOTHING)}
    assert asked | NAMELESS_QUESTIONS == set(get_args(questions.Query))


async def answer(caller: Caller, asked: Command | questions.Query) -> object:
    """Everything that is said in answer, without its id."""
    number = f"asked-{next(_numbers)}"
    if isinstance(asked, questions.Query):
        caller.session.send(wire.Ask(number, asked))
    else:
        caller.session.send(wire.Do(number, asked))
    while True:
        for message in await caller._read():
            if isinstance(message, wire.RefusedCommand) and message.id == number:
                return Refusal(message.code, message.fields)
            if isinstance(message, wire.Accepted | wire.Reply) and message.id == number:
                return message.result if isinstance(message, wire.Reply) else "accepted"


async def test_who_does_not_belong_to_the_space_learns_nothing(world: World) -> None:
    """Not even an admin of another space."""
    async with await Caller.enter(world.server.url, "zoe") as zoe:
        pairs = zip(
            [*commands_about(world.names), *questions_about(world.names)],
            [*commands_about(NOTHING), *questions_about(NOTHING)],
            strict=True,
        )
        for real, made_up in pairs:
            told = await answer(zoe, real)
            assert told == await answer(zoe, made_up), real
            assert isinstance(told, Refusal) or told in (questions.Found(), Talks()), real
        assert zoe.space.people.keys() == {zoe.signed_in.me.id} if zoe.signed_in else False
        assert zoe.space.escalations == {}
        assert (zoe.space.inbox.lines, zoe.space.inbox.talks) == ({}, {})


async def test_what_is_between_two_people_is_nobody_elses(world: World) -> None:
    """Whatever their role, and although they sit in the same space."""
    for handle in ("dev", "eva", "chie"):
        async with await Caller.enter(world.server.url, handle) as other:
            for real, made_up in (
                (ReportCall(world.names.message, Rung.SHOWN), ReportCall(NOTHING.message, Rung.SHOWN)),
                (EscalateMessage(world.names.message), EscalateMessage(NOTHING.message)),
                (MarkRead(world.names.conversation, 1e12), MarkRead(NOTHING.conversation, 1e12)),
                (questions.History(world.names.conversation), questions.History(NOTHING.conversation)),
                (questions.EndDevice(world.names.device), questions.EndDevice(NOTHING.device)),
            ):
                told = await answer(other, real)
                assert told == await answer(other, made_up), real
            assert await answer(other, questions.Search("4711")) == questions.Found()
            assert await other.do(EndEscalation(world.names.hand)) is Code.NOT_YOURS


async def test_a_space_of_others_cannot_be_told_from_none(world: World) -> None:
    goodbyes = []
    for space in (world.names.space, NOTHING.space):
        async with await Caller.dial(world.server.url) as zoe:
            assert await zoe.sign_in("zoe") is None
            assert zoe.signed_in is not None
            assert [known.name for known in zoe.signed_in.spaces] == ["Kyoto"]
            zoe.session.attach(space)
            goodbyes.append(await zoe.hear(wire.Bye))
    assert goodbyes[0] == goodbyes[1]
    assert goodbyes[0].code is Code.NOT_FOUND


async def test_who_was_disabled_can_do_nothing_any_more(world: World) -> None:
    async with await Caller.enter(world.server.url, "dev") as dev:
        with Admin(world.server.config.data, hasher=HASHER) as admin:
            admin.set_disabled("dev", True)
        assert (await dev.hear(wire.Bye)).code is Code.SIGNED_OUT
        async with await Caller.dial(world.server.url) as again:
            assert await again.resume(dev.token) == Refusal(Code.SIGNED_OUT)
            assert await again.resume(wire.Token("never given")) == Refusal(Code.SIGNED_OUT)
            assert await again.sign_in("dev") == Refusal(Code.WRONG_CREDENTIALS)
