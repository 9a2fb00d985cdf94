"""People in front of the devices: they do what one may do, and now and then what one may not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from app.core import commands as cmd
from app.core import line_commands as line
from app.core.calls import Call, PhoneWay
from app.core.errors import Refused
from app.core.limits import MESSAGE_CHARS
from app.core.model import (
    AnswerKind,
    Channel,
    EscalationId,
    GroupId,
    Level,
    PersonId,
    Place,
    Reach,
    Recipients,
    Rung,
    SeatId,
    Status,
)
from app.net.client import Client
from app.net.problems import ConnectionProblem
from tests.helpers.office import IN_KITA, TILE, at
from tests.sim.device import Device
from tests.sim.disk import Furniture

PHRASES = (
    "",
    "A refund",
    "angry customer",
    "返金について",
    "x" * MESSAGE_CHARS,
    "x" * (MESSAGE_CHARS + 1),
    "\x07",
)
STEP_SECONDS = 0.1
"""s between two steps of an avatar."""


class Places(Protocol):
    """Where people may go beyond the space: out of the program, and back."""

    def quit(self, device: Device, back_after: float) -> None:
        """The program has ended; it is started again after so many seconds."""
        ...

    def crash_device(self, device: Device, back_after: float) -> None: ...


class Habits(Protocol):
    """Attributes:
    pause: s between two things that they do, on average.
    help: how eager they are to answer what calls them.
    """

    @property
    def pause(self) -> float: ...

    @property
    def help(self) -> float: ...


class Person:
    def __init__(
        self, device: Device, places: Places, furniture: Furniture, dice: random.Random, habits: Habits
    ) -> None:
        self._device, self._places, self._furniture = device, places, furniture
        self._dice, self._pause = dice, habits.pause
        self._actions: dict[Callable[[Client], None], float] = {
            self._raise: 5,
            self._answer: 8 * habits.help,
            self._lower: 2,
            self._lower_somebody_elses: 0.5,
            self._walk: 4,
            self._set_status: 2,
            self._be_idle: 1,
            self._lose_a_channel: 1,
            self._take_seat: 1,
            self._write: 4,
            self._read: 2 * habits.help,
            self._write_priority: 2,
            self._read_what_calls: 2 * habits.help,
            self._reply_to_what_calls: 2 * habits.help,
            self._see_what_calls: 1,
            self._reach_further: 2,
            self._handle_talk: 3 * habits.help,
            self._look_back: 1,
            self._open_space: 0.7,
            self._repeat: 1.5,
            self._mean_something_else: 0.3,
            self._tidy_up: 1,
            self._retry: 0.5,
            self._sign_out: 0.3,
            self._quit: 0.4,
            self._crash: 0.5,
        }

    async def live(self) -> None:
        while True:
            await asyncio.sleep(self._dice.expovariate(1.0 / self._pause))
            client = self._device.client
            if client is not None and client.space is not None and client.me is not None:
                (action,) = self._dice.choices(list(self._actions), list(self._actions.values()))
                action(client)

    # Hands

    def _raise(self, client: Client) -> None:
        level = Level.RED if self._dice.random() < 0.75 else Level.YELLOW
        self._do(cmd.RaiseEscalation(level, self._dice.choice(PHRASES), self._recipients()))

    def _answer(self, client: Client) -> None:
        assert client.space is not None
        assert client.me is not None
        hands = [*client.me.alerts, *client.space.escalations]
        if hands:
            hand, kind = self._dice.choice(hands), self._dice.choice(list(AnswerKind))
            self._start(self._answer_and_go(client, hand, kind))

    async def _answer_and_go(self, client: Client, hand: EscalationId, kind: AnswerKind) -> None:
        await self._device.do(cmd.AnswerEscalation(hand, kind))
        present = client.space.escalations.get(hand) if client.space else None
        answer = present.answer_of(self._device.person) if present else None
        if answer is None or present is None:
            return
        if answer.target is not None:
            await self._go(client, answer.target)
        elif answer.kind is AnswerKind.CHAT:
            await self._device.do(cmd.SendMessage("coming", Recipients(people=(present.raiser,)), hand))

    def _lower(self, client: Client) -> None:
        assert client.space is not None
        own = client.space.escalation_of(self._device.person)
        if own is not None:
            self._do(cmd.EndEscalation(own.id))

    def _lower_somebody_elses(self, client: Client) -> None:
        assert client.space is not None
        hands = [*client.space.escalations, EscalationId("no-such-hand")]
        self._do(cmd.EndEscalation(self._dice.choice(hands)))

    def _recipients(self) -> Recipients:
        people = [*self._furniture.people.values(), PersonId("nobody")]
        groups = [*self._furniture.groups.values(), GroupId("no-such-group")]
        wrong = self._dice.random() < 0.1
        people, groups = (people, groups) if wrong else (people[:-1], groups[:-1])
        return Recipients(
            people=tuple(self._dice.sample(people, self._dice.randint(0, 3))),
            groups=tuple(self._dice.sample(groups, self._dice.choice((0, 0, 1, 2)))),
            here=wrong,
        )

    # Being there

    def _walk(self, client: Client) -> None:
        chance = self._dice.random()
        to = at(self._dice.randint(0, 13), self._dice.randint(0, 7))
        if chance < 0.2:
            to = IN_KITA
        elif chance < 0.3:
            to = Place(self._dice.randint(0, 15 * TILE), self._dice.randint(0, 9 * TILE))
        if chance < 0.7:
            self._start(self._go(client, to))
        else:
            client.walk_to(to)  # in one step, perhaps into a wall

    async def _go(self, client: Client, to: Place) -> None:
        space, walk = client.space, client.walk
        here = space.places.get(self._device.person) if space else None
        for corner in (walk.path(here, to) or ()) if walk and here else ():
            await asyncio.sleep(STEP_SECONDS)
            client.walk_to(corner)

    def _set_status(self, client: Client) -> None:
        self._do(cmd.SetStatus(self._dice.choice(list(Status))))

    def _be_idle(self, client: Client) -> None:
        self._do(cmd.SetAutoAway(self._dice.random() < 0.5))

    def _lose_a_channel(self, client: Client) -> None:
        """The sound stops working there, say."""
        lost = tuple(channel for channel in Channel if self._dice.random() < 0.3)
        client.set_reach(Reach(lost))

    def _take_seat(self, client: Client) -> None:
        self._do(cmd.TakeSeat(self._dice.choice((None, SeatId("s1"), SeatId("s2"), SeatId("s9")))))

    def _open_space(self, client: Client) -> None:
        self._start(self._enter(client))

    async def _enter(self, client: Client) -> None:
        try:
            await client.open_space(self._dice.choice(list(self._furniture.spaces.values())))
        except (Refused, ConnectionProblem):
            return

    # Chats

    def _write(self, client: Client) -> None:
        text = self._dice.choice(("hello", "@bob please", "@night @ann", "返事をください", ""))
        hands = list(client.space.escalations) if client.space else []
        hand = self._dice.choice(hands) if hands and self._dice.random() < 0.3 else None
        self._do(cmd.SendMessage(text, self._recipients(), hand))

    def _read(self, client: Client) -> None:
        assert client.me is not None
        conversations = list(client.me.conversations.values())
        if conversations:
            chosen = self._dice.choice(conversations)
            self._do(cmd.MarkRead(chosen.id, chosen.last[-1].sent_at if chosen.last else 0.0))

    def _look_back(self, client: Client) -> None:
        self._start(self._search(client))

    async def _search(self, client: Client) -> None:
        try:
            found = await client.search("hello", None)
            if found.messages:
                await client.history(found.messages[0].conversation, None)
        except (Refused, ConnectionProblem):
            return

    # Priority messages and lines

    def _write_priority(self, client: Client) -> None:
        self._do(cmd.SendMessage(self._dice.choice(("now!", "至急")), self._recipients(), priority=True))

    def _call(self, client: Client) -> Call | None:
        calls = list(client.me.calls.values()) if client.me is not None else []
        return self._dice.choice(calls) if calls else None

    def _read_what_calls(self, client: Client) -> None:
        call = self._call(client)
        if call is not None:
            self._do(cmd.MarkRead(call.message.conversation, call.message.sent_at))

    def _reply_to_what_calls(self, client: Client) -> None:
        call = self._call(client)
        known = client.me.conversations.get(call.message.conversation) if call and client.me else None
        if known is not None:
            self._do(cmd.SendMessage("on it", known.with_))

    def _see_what_calls(self, client: Client) -> None:
        call = self._call(client)
        if call is not None:
            self._do(cmd.ReportCall(call.id, Rung.SHOWN))

    def _reach_further(self, client: Client) -> None:
        sent = list(client.me.priorities.values()) if client.me is not None else []
        if sent:
            ways = tuple(way for way in PhoneWay if self._dice.random() < 0.5)
            people = [None, *self._furniture.people.values()]
            self._do(cmd.EscalateMessage(self._dice.choice(sent).id, ways, self._dice.choice(people)))

    def _handle_talk(self, client: Client) -> None:
        talks = list(client.space.inbox.talks) if client.space is not None else []
        if not talks:
            return
        talk, person = self._dice.choice(talks), self._dice.choice(list(self._furniture.people.values()))
        self._do(
            self._dice.choice(
                (
                    line.ReplyOnLine(talk, "We are on it"),
                    line.NoteOnLine(talk, "called back"),
                    line.TouchTalk(talk),
                    line.AssignTalk(talk, person),
                    line.ResolveTalk(talk),
                    line.ReopenTalk(talk),
                    line.AnsweringTalk(talk),
                )
            )
        )

    # The same again, and out of the program

    def _repeat(self, client: Client) -> None:
        """What was asked before, with the same id: it must count once."""
        if self._device.used:
            command_id, command = self._dice.choice(self._device.used[-5:])
            self._start(self._device.again(command, command_id))

    def _mean_something_else(self, client: Client) -> None:
        """An id that was used before, with another content: it must be refused."""
        waiting = {entry.id for entry in client.outbox}  # the outbox takes its own word for it
        used = [command_id for command_id, _ in self._device.used[-5:] if command_id not in waiting]
        if used:
            command_id = self._dice.choice(used)
            self._start(self._device.again(cmd.SetAutoAway(False), command_id))

    def _tidy_up(self, client: Client) -> None:
        """What was not sent is tried again, or given up."""
        aside = [entry for entry in client.outbox if entry.aside]
        if aside:
            entry = self._dice.choice(aside)
            if self._dice.random() < 0.5:
                client.drop(entry.id)
            else:
                self._start(self._device.again(entry.command, entry.id))

    def _retry(self, client: Client) -> None:
        client.retry_now()

    def _sign_out(self, client: Client) -> None:
        self._device.log("signs out")
        self._device.out_for(self._dice.uniform(0.0, 10.0))
        self._start(client.sign_out())

    def _quit(self, client: Client) -> None:
        self._device.log("quits")
        self._start(self._leave(client))

    async def _leave(self, client: Client) -> None:
        await client.close(leave=True)
        self._places.quit(self._device, self._dice.uniform(0.0, 15.0))

    def _crash(self, client: Client) -> None:
        self._places.crash_device(self._device, self._dice.uniform(0.0, 15.0))

    # How

    def _do(self, command: cmd.Command) -> None:
        self._start(self._device.do(command))

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        process = self._device.process
        assert process is not None
        process.start(doing, name="person")
