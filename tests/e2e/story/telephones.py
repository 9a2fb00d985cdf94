"""Phones for the story: a network of its own that behaves as Twilio does, with people at the other ends."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2

from app.core.model import GroupId, PersonId, Recipients, SpaceId
from app.core.phone_questions import SaveContact, Saved
from app.core.policy import (
    Assignment,
    Call,
    CaseKind,
    ContactId,
    ContactKind,
    Forward,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Reached,
    Repeat,
    Text,
)
from app.core.policy_questions import AssignPolicy, PolicyOutcome, SavePolicy
from app.core.questions import Done
from app.demo.cast import SPACE
from app.demo.center import Center, Process
from app.server.admin import Admin
from tests.helpers.caller import Caller
from tests.helpers.phone_network import NUMBER, SID, TOKEN

DUTY = "+12015550140"
"""The phone of whoever is on duty."""
CELL = "+12015550141"
"""The cell phone that a line's messages are forwarded to."""
CUSTOMER = "+12015550142"
LINE, LINE_NAME = "+12015550150", "Orders"
WIDEN_S, TEXT_S, CALL_S = 8.0, 6.0, 6.0
REPEAT_S, REPEATS, FORWARD_S = 10.0, 2, 22.0


class Telephones:
    """The phone network as a process; ``options`` make a server use it."""

    def __init__(self, folder: Path) -> None:
        self._port = _free_port()
        self._folder = folder
        self._network: Process | None = None
        self._client = httpx2.Client(trust_env=False, timeout=20.0)
        self.url = ""

    def __enter__(self) -> Telephones:
        back = f"http://127.0.0.1:{self._port}"
        arguments = ["-m", "tests.helpers.phone_network", "--callbacks", back]
        self._network = Process(arguments, self._folder / "phone_network.log")
        self.url = self._network.read()
        (self._folder / "token").write_text(TOKEN)
        (self._folder / "phones.toml").write_text(
            f'[twilio]\naccount_sid = "{SID}"\nnumber = "{NUMBER}"\ncallbacks = "{back}"\n'
            f'auth_token_file = "token"\napi = "{self.url}"\n'
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()
        if self._network is not None:
            self._network.stop()

    @property
    def options(self) -> Sequence[str]:
        """More arguments for ``handraise serve``."""
        return ("--phones", str(self._folder / "phones.toml"), "--http-port", str(self._port))

    def teach(self, number: str, **does: str) -> None:
        """What the person at a number does; see :class:`tests.helpers.phone_network.Person`."""
        self._tell("person", {"number": number, **does})

    def text(self, sender: str, words: str, to: str) -> str:
        """Somebody texts one of the server's numbers; returns what the server answers them."""
        return str(self._tell("text", {"from": sender, "text": words, "to": to})["said"])

    def taken(self, kind: str, to: str) -> list[dict[str, Any]]:
        """Texts (``sms``) or calls (``call``) that the network took for a number, in order."""
        log = self._tell("log", {})
        assert not log["problems"], log["problems"]
        return [one for one in log["taken"] if one["kind"] == kind and one["to"] == to]

    def _tell(self, what: str, told: dict[str, str]) -> dict[str, Any]:
        answer = self._client.post(f"{self.url}/control/{what}", json=told)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json()
        return said


def _free_port() -> int:
    """One that nobody listens on; the network is told of it before the server is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def furnish(center: Center) -> None:
    """A line, a duty phone, and short policies for the space: as an admin and a supervisor set them up."""
    with Admin(center.data) as admin:
        admin.add_line(LINE_NAME, LINE, SPACE)
    asyncio.run(_set_policies(center))


async def _set_policies(center: Center) -> None:
    async with await Caller.enter(center.url, "sora", center.password) as supervisor:
        state = supervisor.space
        handles = {person.handle: person.id for person in state.people.values()}
        groups = {group.handle: group.id for group in state.groups.values()}
        duty = await _contact(supervisor, state.space.id, "Duty phone", DUTY)
        hand = _hand_steps(groups["supervisors"], duty)
        await _assign(supervisor, state.space.id, "Nobody is left alone", CaseKind.ESCALATION, hand)
        message = _message_steps(handles["sora"])
        await _assign(supervisor, state.space.id, "Again, then to Sora", CaseKind.PRIORITY, message)


def _hand_steps(supervisors: GroupId, duty: ContactId) -> tuple[PolicyStep, ...]:
    phone = Reached(contacts=(duty,))
    return (
        PolicyStep(WIDEN_S, Notify(Recipients(groups=(supervisors,)))),
        PolicyStep(TEXT_S, Text(phone)),
        PolicyStep(CALL_S, Call(phone)),
    )


def _message_steps(to: PersonId) -> tuple[PolicyStep, ...]:
    return (PolicyStep(REPEAT_S, Repeat(REPEAT_S, REPEATS)), PolicyStep(FORWARD_S, Forward(to)))


async def _contact(caller: Caller, space: SpaceId, name: str, number: str) -> ContactId:
    saved = await caller.ask(SaveContact(space, name, ContactKind.PHONE, number))
    assert isinstance(saved, Saved), saved
    return saved.contact.id


async def _assign(
    caller: Caller, space: SpaceId, name: str, kind: CaseKind, steps: tuple[PolicyStep, ...]
) -> None:
    outcome = await caller.ask(SavePolicy(space, Policy(PolicyId(f"story-{kind}"), name, kind, steps, 0)))
    assert isinstance(outcome, PolicyOutcome), outcome
    assert outcome.stored is not None, outcome
    done = await caller.ask(AssignPolicy(Assignment(space, kind, outcome.stored.policy.id)))
    assert isinstance(done, Done), done
