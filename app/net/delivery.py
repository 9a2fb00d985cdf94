"""Commands on their way to the server: sent once, answered, set aside for the person, kept on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from app import stages
from app.core import wire
from app.core.commands import AnswerEscalation, Command, EndEscalation, RaiseEscalation, SendMessage
from app.core.errors import Code, Refusal, Refused
from app.core.limits import CHAT_CHARS, CLIENT_FRAME_BYTES
from app.core.model import EscalationId, MessageId, SpaceId
from app.core.person import PersonState
from app.core.space import SpaceState
from app.net.clock import Clock
from app.net.outbox import ASKED, KEPT, Entry, Outbox
from app.net.problems import NotSent, Problem, Trouble
from app.net.shelf import Place
from app.tasks import Tasks

AGAIN_SECONDS = 30.0
"""s until a disk that did not take something is tried again."""
MESSAGES_AT_ONCE, MESSAGES_A_LOOK = 30, 15
"""Messages that go out together after a long time offline, and with each look after that: servers take 60
commands at once and 20 a second of a person, and what the person does meanwhile shall have room."""


class Delivery:
    """Args:
    send: gives a message to the connection; lost without a word when there is none.
    changed: called after :attr:`entries` or :attr:`problem` became others.
    live: whether commands can be sent now.

    Attributes:
        problem: why the disk does not keep what waits; ``None`` while it does.
        answers: of commands that somebody waits for, by id.
        undone: what was not done and nobody waits for any more, as an earlier start asked for it; with the
            reason, until it has been said.
    """

    def __init__(
        self,
        clock: Clock,
        new_id: Callable[[], str],
        send: Callable[[wire.ClientMessage], None],
        changed: Callable[[], None],
        live: Callable[[], bool],
    ) -> None:
        self.problem: Problem | None = None
        self.answers: dict[str, asyncio.Future[None]] = {}
        self.undone: list[Entry] = []
        self._clock, self._new_id, self._send, self._changed = clock, new_id, send, changed
        self._is_live = live
        self._outbox = Outbox()
        self._space: SpaceId | None = None
        self._held: dict[str, bool] = {}  # what goes out with one of the next looks; True: once more
        self._place: Place | None = None
        self._loaded = self._closed = False
        self._dirty = asyncio.Event()
        self._own = Tasks("delivery")

    @property
    def _live(self) -> bool:
        return not self._closed and self._is_live()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the person asked for and has no answer to, oldest first."""
        return self._outbox.kept()

    # What is asked for

    async def do(self, command: Command, command_id: str | None) -> None:
        """Returns when the server has stored it. Raises Refused, NotSent."""
        if self._closed:
            raise NotSent(Trouble.CLOSED)
        entry = Entry(command_id or self._new_id(), command, self._clock.time(), space=self._space)
        size = _frame_size(entry)
        answer = self.answers.get(entry.id) or self._put(entry, size)
        # Two who ask for the same thing wait for one answer; one who gives up does not take it back.
        await asyncio.shield(answer)

    def report(self, command: Command) -> None:
        """Ask for something whose answer nobody waits for."""
        if not self._closed:
            entry = Entry(self._new_id(), command, self._clock.time(), space=self._space)
            self._put(entry, _frame_size(entry))

    def drop(self, command_id: str) -> None:
        """The person does not want it any more."""
        self._settle(command_id, NotSent(Trouble.WITHDRAWN))

    def _put(self, entry: Entry, size: int) -> asyncio.Future[None]:
        replaced = self._outbox.add(entry, size, live=self._live)
        answer = self.answers[entry.id] = asyncio.get_running_loop().create_future()
        for older in replaced:
            waiting = self.answers.pop(older, None)
            if waiting is not None:
                answer.add_done_callback(partial(_follow, waiting))
        self._touched(entry)
        if not self._live:
            self._give_up_late()
        elif self._held and isinstance(entry.command, SendMessage):
            self._held[entry.id] = False  # behind the earlier ones
        else:
            self._send_entry(entry)
        return answer

    def _send_entry(self, entry: Entry) -> None:
        self._outbox.went_out(entry.id)
        self._touched(entry)
        if isinstance(entry.command, RaiseEscalation):
            stages.note(stages.SENT, entry.id)
        self._send(wire.Do(entry.id, entry.command))

    # What comes of it

    def accepted(self, command_id: str) -> None:
        self._settle(command_id, None)

    def refused(self, command_id: str, refusal: Refusal) -> None:
        entry = self._outbox.get(command_id)
        if refusal.code is Code.TOO_FAST and entry is not None:
            self._held[command_id] = True  # much came together after a long time offline: a little later
            return
        # A message is kept in any case; the rest where nobody is there any more to hear why.
        kept = entry is not None and isinstance(entry.command, ASKED)
        heard = entry is not None and self._heard(entry)
        if entry is not None and kept and (isinstance(entry.command, SendMessage) or not heard):
            self._outbox.set_aside(command_id, refusal=refusal)
            self._touched(entry)
            self._answer(command_id, Refused(refusal))
            return
        unheard = entry is not None and isinstance(entry.command, KEPT) and not heard
        if entry is not None and unheard and not _as_wanted(entry, refusal):
            self.undone.append(msgspec.structs.replace(entry, refusal=refusal))
        self._settle(command_id, Refused(refusal))

    def _heard(self, entry: Entry) -> bool:
        answer = self.answers.get(entry.id)
        return answer is not None and not answer.done()

    def _settle(self, command_id: str, error: Refused | NotSent | None) -> None:
        entry = self._outbox.settle(command_id)
        if entry is not None:
            self._touched(entry)
        self._answer(command_id, error)

    def _answer(self, command_id: str, error: Refused | NotSent | None) -> None:
        future = self.answers.pop(command_id, None)
        if future is None or future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
            future.exception()  # whoever asked may have given up waiting; that is no fault

    # The connection

    def went_live(self, space: SpaceId | None, state: SpaceState | None, me: PersonState | None) -> None:
        """Commands can be sent in this space: everything that is not too late goes out, in order; of very
        many messages the later ones with the next looks."""
        self._space = space
        self.look_for_effects(state, me)
        self._told(self._outbox.out_of_place(space))
        self._give_up_late()
        self._held = {}
        self._send_in_turn(self._outbox.pending())

    def _send_in_turn(self, entries: Sequence[Entry]) -> None:
        messages = [entry.id for entry in entries if isinstance(entry.command, SendMessage)]
        self._held |= dict.fromkeys(messages[MESSAGES_AT_ONCE:], False)
        for entry in entries:
            if entry.id not in self._held:
                self._send_entry(entry)

    def look_for_effects(self, space: SpaceState | None, me: PersonState | None) -> None:
        """What is too old to be sent again has arrived where its effect can be seen."""
        if space is not None and me is not None and len(self._outbox):
            now = self._clock.time()
            for command_id in self._outbox.arrived(now, lambda entry: has_effect(entry, space, me)):
                self._settle(command_id, None)

    def look(self) -> None:
        """Call about once a second."""
        if not self._live:
            self._give_up_late()
            return
        if not self._held:
            return
        waiting = [entry for entry in self._outbox.pending() if entry.id in self._held]
        waiting.sort(key=lambda entry: isinstance(entry.command, SendMessage))
        for entry in waiting[:MESSAGES_A_LOOK]:
            if self._held[entry.id]:
                self._send(wire.Do(entry.id, entry.command))
            else:
                self._send_entry(entry)
        self._held = {entry.id: self._held[entry.id] for entry in waiting[MESSAGES_A_LOOK:]}

    def _give_up_late(self) -> None:
        self._told(self._outbox.given_up(self._clock.time()))

    def _told(self, given_up: list[tuple[Entry, NotSent]]) -> None:
        for entry, why in given_up:
            asked = isinstance(entry.command, ASKED) or not isinstance(entry.command, KEPT)
            if not asked and not self._heard(entry):
                self.undone.append(msgspec.structs.replace(entry, problem=why.problem))
            self._answer(entry.id, why)
        if given_up:
            self._dirty.set()
            self._changed()

    # The disk

    def belong(self, place: Place) -> None:
        """From now on it is known whose commands these are: they are kept there, with those left there."""
        if self._place is None and not self._closed:
            self._place = place
            self._own.spawn(self._keep(place), name="keep on disk")

    def _touched(self, entry: Entry) -> None:
        if isinstance(entry.command, KEPT):
            self._dirty.set()
            self._changed()

    async def _keep(self, place: Place) -> None:
        while not await self._load(place):
            await self._clock.sleep(AGAIN_SECONDS)
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._note(await place.save(self._outbox.kept()))
            if self.problem is not None:
                await self._clock.sleep(AGAIN_SECONDS)
                self._dirty.set()

    async def _load(self, place: Place) -> bool:
        """Before it is known what lies there, nothing is written over it."""
        loaded = await place.load()
        self._note(loaded.problem)
        if loaded.entries is None:
            return False
        self._loaded = True
        self._outbox.restore(loaded.entries)
        if loaded.entries:
            self._changed()
            self._give_up_late()
        if self._live:
            self._told(self._outbox.out_of_place(self._space))
            earlier = {entry.id for entry in loaded.entries}
            self._send_in_turn([entry for entry in self._outbox.pending() if entry.id in earlier])
        return True

    def _note(self, problem: Problem | None) -> None:
        if problem != self.problem:
            self.problem = problem
            self._changed()

    async def close(self, *, on_purpose: bool) -> None:
        """Nothing is sent any more; what waits is left for the next time.

        Args:
            on_purpose: the person left the space, so only messages wait.
        """
        self._closed = True
        await self._own.close()
        place = self._place
        if place is not None and not self._loaded:
            await self._load(place)
        if on_purpose:
            self._outbox.left_on_purpose()
        entries = self._outbox.kept()
        left = {entry.id for entry in entries} if self._loaded else set()
        for command_id in tuple(self.answers):
            self._answer(command_id, NotSent(Trouble.KEPT if command_id in left else Trouble.CLOSED))
        if place is not None:
            if self._loaded:
                await place.save(entries)
            await place.close()


def has_effect(entry: Entry, space: SpaceState, me: PersonState) -> bool:
    """What the command asks for can be seen in the state, so it has arrived."""
    match entry.command:
        case RaiseEscalation():
            return EscalationId(entry.id) in space.escalations
        case AnswerEscalation(escalation=hand, kind=kind):
            escalation = space.escalations.get(hand)
            answer = escalation.answer_of(me.me) if escalation is not None else None
            return answer is not None and answer.kind is kind
        case SendMessage():
            sent = MessageId(entry.id)
            return any(m.id == sent for c in me.conversations.values() for m in c.last)
        case _:
            return False


def _as_wanted(entry: Entry, refusal: Refusal) -> bool:
    """It is refused since it is so already."""
    return isinstance(entry.command, EndEscalation) and refusal.code is Code.ESCALATION_OVER


def _follow(follower: asyncio.Future[None], leader: asyncio.Future[None]) -> None:
    """Who waited for something older has the answer to what took its place."""
    if follower.done() or leader.cancelled():
        return
    error = leader.exception()
    if error is None:
        follower.set_result(None)
    else:
        follower.set_exception(error)
        follower.exception()


def _frame_size(entry: Entry) -> int:
    """Bytes; refuses here what the server would close the connection for, again and again."""
    if not 1 <= len(entry.id) <= 64:
        raise ValueError("a command's id has 1 to 64 characters")
    try:
        size = len(wire.encode(wire.Do(entry.id, entry.command)))
    except UnicodeEncodeError as error:
        raise Refused.of(Code.CONTROL_CHARACTERS) from error
    if size > CLIENT_FRAME_BYTES:
        raise Refused.of(Code.MESSAGE_TOO_LONG, limit=CHAT_CHARS)
    return size
