"""The HTTP API: what other programs may do, by the program's own rules, counted once, as described."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from unittest import mock

import msgspec
import pytest
from openapi_spec_validator import validate

from app.core import hook_questions as ask
from app.core.cases import CaseAnswer, CaseId
from app.core.errors import SENTENCES, Code
from app.core.hooks import ApiAction
from app.core.model import AnswerKind, EndReason, EscalationId, Level, PersonId
from app.core.phone_questions import SaveContact, Saved
from app.core.policy import AnswerWay, ContactKind
from app.server.admin import Admin
from app.server.api.access import BURST, NOTED_S
from app.server.api.description import OPENAPI
from app.server.main import Server
from app.server.map_files import ImportedMap
from app.server.problems import OF_SOMEBODY
from app.server.store.base import StoreError
from tests.helpers.api import ESCALATIONS, Program, integrated, program
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.office import office_map
from tests.helpers.running import HASHER, Ids, rows, running

RED = {"person": "ann", "message": "Angry caller", "people": ["@bob"], "groups": ["supervisors"]}


@pytest.fixture
async def server(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Server]:
    async with running(data, clock, http_port=0) as started:
        yield started


@pytest.fixture
async def pbx(server: Server, ids: Ids) -> AsyncIterator[Program]:
    async with program(server, ids.space) as made:
        yield made


@pytest.fixture
async def ann(server: Server) -> AsyncIterator[Caller]:
    async with await Caller.enter(server.url, "ann") as caller:
        yield caller


@pytest.fixture
async def bob(server: Server) -> AsyncIterator[Caller]:
    async with await Caller.enter(server.url, "bob") as caller:
        yield caller


def test_the_description_is_one() -> None:
    validate(msgspec.json.decode(OPENAPI))


async def test_a_phone_system_raises_a_hand_and_everybody_sees_it(
    pbx: Program, ann: Caller, bob: Caller, ids: Ids
) -> None:
    answer = await pbx.post(ESCALATIONS, RED)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["raiser"]["handle"], told["level"], told["message"]) == ("ann", "red", "Angry caller")
    hand = EscalationId(told["id"])
    await ann.until(lambda: hand in ann.space.escalations)
    raised = ann.space.escalations[hand]
    assert (raised.raiser, raised.level) == (ids.ann, Level.RED)
    assert raised.notified == tuple(sorted((ids.bob, ids.chie)))
    await bob.until(lambda: hand in bob.me.alerts)
    assert (await pbx.get(f"{ESCALATIONS}/{hand}")).json() == told
    assert (await pbx.get(ESCALATIONS)).json() == {"escalations": [told]}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (RED | {"person": "dev"}, 409, Code.NOT_IN_SPACE),
        (RED | {"person": "nobody"}, 422, Code.UNKNOWN_PERSON),
        (RED | {"people": ["nobody"]}, 422, Code.UNKNOWN_PERSON),
        (RED | {"groups": ["nothing"]}, 422, Code.UNKNOWN_GROUP),
        ({"person": "ann"}, 422, Code.NO_RECIPIENTS),
        (RED | {"message": "x" * 51}, 422, Code.MESSAGE_TOO_LONG),
        (RED | {"message": "a\x07b"}, 422, Code.CONTROL_CHARACTERS),
    ],
)
async def test_the_rules_are_those_of_the_program(
    pbx: Program, ann: Caller, body: dict[str, object], status: int, code: Code
) -> None:
    answer = await pbx.post(ESCALATIONS, body)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert told["detail"] == OF_SOMEBODY.get(code, SENTENCES[code].format(**told["fields"]))
    assert (await pbx.get(ESCALATIONS)).json() == {"escalations": []}


async def test_a_person_has_one_hand(pbx: Program, ann: Caller) -> None:
    yellow = {"person": "ann", "level": "yellow"}
    assert (await pbx.post(ESCALATIONS, yellow)).status_code == 201
    again = await pbx.post(ESCALATIONS, yellow)
    assert (again.status_code, again.json()["code"]) == (409, Code.ALREADY_RAISED)
    assert again.json()["detail"] == "This person's hand is already raised."


@pytest.mark.parametrize("kind", ["coming", "chat", "decline"])
async def test_somebody_answers_through_it(
    pbx: Program, ann: Caller, bob: Caller, ids: Ids, kind: str
) -> None:
    hand = EscalationId((await pbx.post(ESCALATIONS, RED)).json()["id"])
    answer = await pbx.post(f"{ESCALATIONS}/{hand}/answers", {"kind": kind, "person": "bob"})
    assert answer.status_code == 200
    [told] = answer.json()["answers"]
    assert (told["person"]["handle"], told["kind"]) == ("bob", kind)
    await ann.until(lambda: hand in ann.space.escalations and bool(ann.space.escalations[hand].answers))
    given = ann.space.escalations[hand].answer_of(ids.bob)
    assert given is not None
    assert given.kind is AnswerKind(kind)
    await bob.until(lambda: hand in bob.me.alerts and bool(bob.me.alerts[hand].escalation.answers))


async def test_somebody_outside_takes_care_of_it(pbx: Program, ann: Caller) -> None:
    hand = EscalationId((await pbx.post(ESCALATIONS, RED)).json()["id"])
    for _ in range(2):
        answer = await pbx.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "acknowledge"})
        assert answer.status_code == 200
    await ann.until(lambda: hand in ann.space.escalations and ann.space.escalations[hand].answered)
    [outside] = ann.space.escalations[hand].outside
    assert (outside.name, outside.kind) == ("PBX", AnswerKind.API)
    told = (await pbx.get(f"{ESCALATIONS}/{hand}")).json()
    [answer] = told["answers"]
    assert (answer["person"], answer["name"], answer["kind"]) == (None, "PBX", "api")
    assert told["answered_at"] == answer["at"]


async def test_who_has_left_the_space_meanwhile_is_not_told_that_they_are_awaited(
    server: Server, pbx: Program, ann: Caller
) -> None:
    hand = (await pbx.post(ESCALATIONS, RED)).json()["id"]
    await ann.until(lambda: hand in ann.space.escalations)
    key = CaseAnswer(AnswerWay.KEY, ann.space.escalations[hand].raised_at + 1.0, PersonId("moved-away"))
    assert not await server.cases.answered(CaseId(hand), key)
    bob = CaseAnswer(AnswerWay.KEY, key.at, ann.space.escalations[hand].notified[0])
    assert await server.cases.answered(CaseId(hand), bob)


async def test_who_answered_by_phone_is_listed_with_those_in_the_program(
    server: Server, pbx: Program, ann: Caller, bob: Caller, ids: Ids
) -> None:
    contact = await bob.ask(SaveContact(ids.space, "Duty phone", ContactKind.PHONE, "+81 3-1234-5678"))
    assert isinstance(contact, Saved)
    hand = EscalationId((await pbx.post(ESCALATIONS, RED)).json()["id"])
    now = server.clock.now()
    for by in (
        CaseAnswer(AnswerWay.KEY, now, contact=contact.contact.id),
        CaseAnswer(AnswerWay.SMS, now, ids.bob),
    ):
        assert await server.cases.answered(CaseId(hand), by)
    told = (await pbx.get(f"{ESCALATIONS}/{hand}")).json()
    bobs, duty = told["answers"]
    assert (bobs["person"]["handle"], bobs["name"], bobs["kind"]) == ("bob", "Bob Stone", "sms")
    assert (duty["person"], duty["name"], duty["kind"]) == (None, "Duty phone", "key")
    listed = (await pbx.get(ESCALATIONS)).json()["escalations"]
    assert listed == [told]


async def test_a_phone_that_cannot_is_listed_once_with_what_it_said_last(
    server: Server, pbx: Program, ann: Caller, bob: Caller, ids: Ids
) -> None:
    contact = await bob.ask(SaveContact(ids.space, "Duty phone", ContactKind.PHONE, "+81 3-1234-5678"))
    assert isinstance(contact, Saved)
    hand = EscalationId((await pbx.post(ESCALATIONS, RED)).json()["id"])
    duty = CaseAnswer(AnswerWay.KEY, server.clock.now(), contact=contact.contact.id)
    assert await server.cases.answered(CaseId(hand), duty)
    named = (ids.space, "Night duty", ContactKind.PHONE, "+81 3-1234-5678", contact.contact.id)
    assert isinstance(await bob.ask(SaveContact(*named)), Saved)
    assert await server.cases.declined(CaseId(hand), duty)
    [told] = (await pbx.get(f"{ESCALATIONS}/{hand}")).json()["answers"]
    assert (told["person"], told["name"], told["kind"]) == (None, "Night duty", "decline")
    other = EscalationId(
        (await pbx.post(ESCALATIONS, RED | {"person": "bob", "people": ["ann"]})).json()["id"]
    )
    assert await server.cases.declined(CaseId(other), duty)
    listed = (await pbx.get(f"{ESCALATIONS}/{other}")).json()
    assert [answer["kind"] for answer in listed["answers"]] == ["decline"]
    assert listed["answered_at"] is None


async def test_who_takes_care_of_a_yellow_one_has_answered_it(pbx: Program, ann: Caller) -> None:
    hand = (await pbx.post(ESCALATIONS, {"person": "ann", "level": "yellow"})).json()["id"]
    answer = await pbx.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "acknowledge"})
    assert answer.json()["answered_at"] is not None


async def test_what_is_resolved_has_an_answer_and_is_over(pbx: Program, ann: Caller, ids: Ids) -> None:
    hand = EscalationId((await pbx.post(ESCALATIONS, RED)).json()["id"])
    own = await pbx.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "resolve", "person": "ann"})
    assert own.json()["code"] == Code.OWN_HAND
    answer = await pbx.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "resolve", "person": ids.bob})
    told = answer.json()
    assert (told["reason"], told["answers"][0]["person"]["id"]) == (EndReason.PROGRAM, ids.bob)
    await ann.until(lambda: hand not in ann.space.escalations)
    late = await pbx.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "coming", "person": "bob"})
    assert (late.status_code, late.json()["code"]) == (409, Code.ESCALATION_OVER)


async def test_a_hand_is_taken_down_through_it(pbx: Program, ann: Caller) -> None:
    hand = EscalationId((await pbx.post(ESCALATIONS, RED)).json()["id"])
    answer = await pbx.post(f"{ESCALATIONS}/{hand}/end", {})
    assert (answer.status_code, answer.json()["reason"]) == (200, "program")
    await ann.until(lambda: hand not in ann.space.escalations)
    assert (await pbx.post(f"{ESCALATIONS}/{hand}/end", {})).json()["code"] == Code.ESCALATION_OVER
    assert (await pbx.get(f"{ESCALATIONS}/{hand}")).json()["ended_at"] is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"ann"',
        b'{"person": "ann", "colour": "red"}',
        b'{"person": 1}',
        b'{"person": ""}',
        b'{"person": "ann", "level": "blue"}',
        b'{"person": "ann", "people": "bob"}',
        b'{"person": "\xff"}',
        b"[" * 60_000,
    ],
)
async def test_what_is_no_request_is_said_to_be_none(pbx: Program, body: bytes) -> None:
    answer = await pbx.wrong(ESCALATIONS, body)
    assert (answer.status_code, answer.json()["code"]) == (400, Code.BAD_REQUEST)


async def test_other_wrong_requests_have_their_own_status(pbx: Program, ann: Caller) -> None:
    hand = (await pbx.post(ESCALATIONS, RED)).json()["id"]
    answers = f"{ESCALATIONS}/{hand}/answers"
    form = await pbx.wrong(answers, b"{}", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert form.status_code == 415
    assert form.json()["detail"] == "Send JSON, with the header Content-Type: application/json."
    assert (await pbx.wrong(ESCALATIONS, b"x" * 70_000)).status_code == 413
    assert (await pbx.wrong(answers, b'{"kind": "coming"}')).status_code == 400
    assert (await pbx.wrong(answers, b'{"kind": "acknowledge", "person": "bob"}')).status_code == 400
    assert (await pbx.wrong(answers, b'{"kind": "approach", "person": "bob"}')).status_code == 400
    assert (await pbx.wrong(ESCALATIONS, b"{}", **{"Idempotency-Key": "k" * 256})).status_code == 400
    assert (await pbx.get(f"{ESCALATIONS}/nothing")).status_code == 404


# Counted once


async def test_the_same_request_counts_once_and_another_with_its_key_is_refused(
    pbx: Program, ann: Caller
) -> None:
    first = await pbx.post(ESCALATIONS, RED, key="call-1")
    again = await pbx.post(ESCALATIONS, RED, key="call-1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    other = await pbx.post(ESCALATIONS, RED | {"message": "Other"}, key="call-1")
    assert (other.status_code, other.json()["code"]) == (422, Code.ID_REUSED)
    hand = first.json()["id"]
    moved = await pbx.post(f"{ESCALATIONS}/{hand}/end", {}, key="call-1")
    assert moved.json()["code"] == Code.ID_REUSED
    assert len((await pbx.get(ESCALATIONS)).json()["escalations"]) == 1


async def test_a_refusal_is_remembered_too_but_not_what_may_be_better_the_next_time(
    server: Server, pbx: Program, ids: Ids
) -> None:
    first = await pbx.post(ESCALATIONS, RED, key="call-1")
    assert first.json()["code"] == Code.NOT_IN_SPACE
    async with await Caller.enter(server.url, "ann"):
        again = await pbx.post(ESCALATIONS, RED, key="call-1")
        assert (again.status_code, again.content) == (409, first.content)
        assert again.headers["content-type"] == "application/problem+json"
        assert (await pbx.post(ESCALATIONS, RED, key="call-2")).status_code == 201


async def test_what_was_done_and_not_answered_since_the_server_died_is_not_done_again(
    server: Server, pbx: Program, ann: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(server.store.integrations, "keep_answer", dies)
        broken = await pbx.wrong(ESCALATIONS, msgspec.json.encode(RED), **{"Idempotency-Key": "call-1"})
        assert broken.status_code == 500
    answer = await pbx.post(ESCALATIONS, RED, key="call-1")
    assert answer.status_code == 201
    assert rows(server, "SELECT count(*) FROM alerts") == [(1,)]


async def test_a_key_that_was_used_for_another_hand_does_nothing_although_its_answer_was_lost(
    server: Server, pbx: Program, ann: Caller, bob: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = [
        (await pbx.post(ESCALATIONS, {"person": name, "level": "yellow"})).json()["id"]
        for name in ("ann", "bob")
    ]
    seen, key = {"kind": "acknowledge"}, "call-1"
    lost = mock.AsyncMock(side_effect=StoreError("the disk is full"))
    with monkeypatch.context() as patch:
        patch.setattr(server.store.integrations, "keep_answer", lost)
        assert (await pbx.post(f"{ESCALATIONS}/{first}/answers", seen, key=key)).status_code == 503
    other = await pbx.post(f"{ESCALATIONS}/{second}/answers", seen, key=key)
    assert (other.status_code, other.json()["code"]) == (422, Code.ID_REUSED)
    again = await pbx.post(f"{ESCALATIONS}/{first}/answers", seen, key=key)
    assert again.status_code == 200, "the other one's refusal is not what is kept"
    await ann.until(lambda: {first, second} <= ann.space.escalations.keys())
    await ann.until(lambda: bool(ann.space.escalations[first].outside))
    assert ann.space.escalations[second].outside == ()


async def test_two_integrations_may_use_the_same_key(
    server: Server, pbx: Program, ann: Caller, bob: Caller, ids: Ids
) -> None:
    async with program(server, ids.space) as crm:
        assert (await pbx.post(ESCALATIONS, RED, key="1")).status_code == 201
        yellow = {"person": "bob", "level": "yellow"}
        assert (await crm.post(ESCALATIONS, yellow, key="1")).status_code == 201


# Who may


@pytest.mark.parametrize("token", ["x", "hr_wrong", "hr_" + "A" * 43])
async def test_without_a_good_token_nothing_is_told(pbx: Program, token: str) -> None:
    pbx.token = token
    answer = await pbx.get(ESCALATIONS)
    assert (answer.status_code, answer.json()["code"]) == (401, Code.TOKEN_WRONG)
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_that_was_revoked_is_worth_nothing(server: Server, pbx: Program) -> None:
    async with await Caller.enter(server.url, "eva") as eva:
        listed = await eva.ask(ask.ListIntegrations())
        assert isinstance(listed, ask.Integrations)
        assert pbx.token.endswith(listed.integrations[0].shown)
        await eva.ask(ask.RevokeIntegration(listed.integrations[0].id))
    assert (await pbx.get(ESCALATIONS)).status_code == 401


async def test_the_token_is_in_no_table(server: Server, pbx: Program) -> None:
    await pbx.get(ESCALATIONS)
    for path in server.config.data.glob("handraise.db*"):
        assert pbx.token.encode() not in path.read_bytes()


@pytest.mark.parametrize("action", [ApiAction.READ, ApiAction.RAISE, ApiAction.ANSWER, ApiAction.END])
async def test_an_integration_may_do_what_it_was_allowed_and_nothing_else(
    server: Server, ann: Caller, ids: Ids, action: ApiAction
) -> None:
    async with program(server, ids.space) as pbx:
        hand = (await pbx.post(ESCALATIONS, RED)).json()["id"]
    async with program(server, ids.space, (action,)) as limited:
        asked = {
            ApiAction.READ: await limited.get(f"{ESCALATIONS}/{hand}"),
            ApiAction.RAISE: await limited.post(ESCALATIONS, RED),
            ApiAction.ANSWER: await limited.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "acknowledge"}),
            ApiAction.END: await limited.post(f"{ESCALATIONS}/{hand}/end", {}),
        }
    assert {which for which, answer in asked.items() if answer.status_code != 403} == {action}


async def test_other_spaces_do_not_exist_for_it(data: Path, ids: Ids, clock: FakeClock) -> None:
    with Admin(data, hasher=HASHER) as admin:
        other = msgspec.structs.replace(office_map(), name="Kyoto")
        kyoto = admin.add_space("Kyoto", ImportedMap(other, {}))
        admin.add_to_space("Kyoto", "eva")
    async with (
        running(data, clock, http_port=0) as server,
        await Caller.enter(server.url, "ann"),
        program(server, ids.space) as pbx,
        program(server, kyoto) as crm,
    ):
        hand = (await pbx.post(ESCALATIONS, RED)).json()["id"]
        assert (await crm.get(ESCALATIONS)).json() == {"escalations": []}
        for answer in (
            await crm.get(f"{ESCALATIONS}/{hand}"),
            await crm.post(f"{ESCALATIONS}/{hand}/answers", {"kind": "acknowledge"}),
            await crm.post(f"{ESCALATIONS}/{hand}/end", {}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, Code.NOT_FOUND)
        assert (await crm.post(ESCALATIONS, RED)).json()["code"] == Code.UNKNOWN_PERSON


async def test_who_asks_too_often_waits(pbx: Program, clock: FakeClock) -> None:
    answers = [(await pbx.get(ESCALATIONS)).status_code for _ in range(BURST + 1)]
    assert answers == [200] * BURST + [429]
    clock.at += 1.0
    assert (await pbx.get(ESCALATIONS)).status_code == 200


async def test_when_a_token_was_last_used_is_seen(server: Server, pbx: Program, clock: FakeClock) -> None:
    times = []
    for wait in (0.0, NOTED_S / 2, NOTED_S):
        clock.at += wait
        await pbx.get(ESCALATIONS)
        times.append(rows(server, "SELECT used_at FROM integrations")[0][0] - clock.epoch)
    assert times == [0.0, 0.0, NOTED_S * 1.5]


@pytest.mark.parametrize(
    ("actions", "everywhere", "code"),
    [
        ((), False, Code.NOTHING_ALLOWED),
        ((ApiAction.METRICS,), False, Code.METRICS_ALONE),
        ((ApiAction.METRICS, ApiAction.READ), True, Code.METRICS_ALONE),
        ((ApiAction.READ,), True, Code.METRICS_ALONE),
    ],
)
async def test_an_integration_that_makes_no_sense_is_not_made(
    server: Server, ids: Ids, actions: tuple[ApiAction, ...], everywhere: bool, code: Code
) -> None:
    async with await Caller.enter(server.url, "eva") as eva:
        space = None if everywhere else ids.space
        assert await eva.ask(ask.AddIntegration("PBX", actions, space)) is code
        assert await eva.ask(ask.AddIntegration(" ", (ApiAction.READ,), ids.space)) is Code.NAME_MISSING


async def test_only_admins_make_integrations(server: Server, ids: Ids, bob: Caller, ann: Caller) -> None:
    for caller in (ann, bob):
        for query in (
            ask.AddIntegration("Mine", (ApiAction.READ,), ids.space),
            ask.ListIntegrations(),
            ask.ListWebhooks(),
        ):
            assert await caller.ask(query) is Code.NOT_FOUND
    await integrated(server, ids.space)
    deeds = rows(server, "SELECT act, subject, by, name FROM audit WHERE subject = 'integration'")
    assert deeds == [("added", "integration", ids.eva, "PBX")]
