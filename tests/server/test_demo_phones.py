"""The demo's telephones on a real server: the duty phone is reached and comes, customers text and answer."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from app.core.commands import RaiseEscalation
from app.core.line_commands import ReplyOnLine
from app.core.lines import LineText, TextKind
from app.core.model import AnswerKind, EscalationId, Level, Recipients
from app.core.sends import SendState
from app.demo.phones import WAIT_S, Phones, set_up
from app.demo.telephones import ACCOUNT, CUSTOMERS, DUTY, LINE, SERVER, Telephones
from app.server.admin import Admin
from app.server.phones_config import PhonesConfig, TwilioConfig, load_phones
from tests.helpers.caller import Caller
from tests.helpers.clock import FakeClock
from tests.helpers.desktop import eventually
from tests.helpers.phone_world import free_port
from tests.helpers.running import HASHER, SPACE_NAME, Ids, running

HAND = EscalationId("hand")
TOKEN = "f00d" * 8


@dataclass
class Place:
    url: str
    telephones: Telephones
    said: list[str]


@pytest.fixture
async def place(data: Path, ids: Ids, clock: FakeClock) -> AsyncIterator[Place]:
    with Admin(data, hasher=HASHER) as admin:
        line = admin.add_line("Orders", LINE, SPACE_NAME)
    await set_up(data, ids.space, line)
    said: list[str] = []
    port = free_port()
    callbacks = f"http://127.0.0.1:{port}"
    telephones = Telephones(callbacks, TOKEN, random.Random(1), said.append, pace=0.0)
    twilio = TwilioConfig(ACCOUNT, SERVER, callbacks, "", await telephones.start(), TOKEN)
    async with running(data, clock, http_port=port, phones=PhonesConfig(twilio=twilio)) as server:
        yield Place(server.url, telephones, said)
        await telephones.idle()
        await telephones.close()


async def test_a_hand_that_nobody_answers_reaches_the_duty_phone_which_comes(
    place: Place, ids: Ids, clock: FakeClock
) -> None:
    async with await Caller.enter(place.url, "ann") as ann, await Caller.enter(place.url, "bob"):
        red = RaiseEscalation(Level.RED, "System down", Recipients(people=(ids.bob,)))
        assert await ann.do(red, HAND) is None
        for steps in (1, 2, 3):
            clock.epoch += WAIT_S + 1.0
            await ann.until(lambda n=steps: len(ann.space.escalations[HAND].steps) == n)  # type: ignore[misc]  # of this turn
        clock.epoch += 1.0
        await ann.until(lambda: bool(ann.space.escalations[HAND].outside))
        (answer,) = ann.space.escalations[HAND].outside
        assert (answer.name, answer.kind) == ("Duty phone", AnswerKind.KEY)
    await place.telephones.idle()
    assert any(
        line.startswith("Text message to the duty phone: Ann Field: System down") for line in place.said
    )
    assert "the duty phone hears: Ann Field: System down Press 1 if you are coming." in place.said[-2]


async def test_a_customer_texts_and_thanks_for_the_reply(place: Place, clock: FakeClock) -> None:
    async with await Caller.enter(place.url, "ann") as ann:
        await place.telephones.text(CUSTOMERS[0], "Where is my order?")
        await ann.until(lambda: bool(ann.space.inbox.talks))
        (talk,) = ann.space.inbox.talks.values()
        assert await ann.do(ReplyOnLine(talk.id, "It comes at 5")) is None

        def texts() -> tuple[LineText, ...]:
            return ann.space.inbox.talks[talk.id].last

        clock.epoch += 1.0
        await ann.until(lambda: [text.kind for text in texts()] == [TextKind.IN, TextKind.OUT, TextKind.IN])
        assert texts()[1].state is SendState.DELIVERED


async def test_what_nobody_opens_goes_to_the_duty_phone_whose_answer_is_a_note(
    place: Place, clock: FakeClock
) -> None:
    async with await Caller.enter(place.url, "ann") as ann:
        await place.telephones.text(CUSTOMERS[0], "Where is my order?")
        await ann.until(lambda: bool(ann.space.inbox.talks))
        clock.epoch += 61.0
        await ann.until(lambda: any(talk.forward for talk in ann.space.inbox.talks.values()))
        clock.epoch += 1.0
        await ann.until(
            lambda: any(t.last[-1].kind is TextKind.PHONE for t in ann.space.inbox.talks.values())
        )
        assert DUTY not in repr(ann.space.inbox.talks)


def test_what_a_phone_hears_is_told_to_whoever_started_the_process() -> None:
    with Phones(1, calm=True) as phones:
        settings = load_phones(Path(phones.options[1]))
        assert settings.twilio is not None
        texted = f"{settings.twilio.api}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        form = {"To": DUTY, "From": SERVER, "Body": "Ann Field:\nSystem down"}
        assert httpx2.post(texted, data=form, trust_env=False).status_code == 201
        heard: list[str] = []

        def told() -> list[str]:
            heard.extend(phones.heard())
            return heard

        eventually(told, within=20, what="the phone hears it")
        assert heard == ["Text message to the duty phone: Ann Field: System down"]
        assert phones.heard() == []
    assert not Path(phones.options[1]).exists()
