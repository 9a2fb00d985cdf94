"""The checks: some at any time, the others when everything is quiet and everybody is back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Protocol

from app.core import commands as cmd
from app.core import events as ev
from app.core import line_commands as lines
from app.core.cases import CaseId, SendId, SendState
from app.core.errors import Code
from app.core.limits import DEAD_AFTER
from app.core.model import AnswerKind, EndReason, Escalation, PersonId, Rung, SpaceId, Status
from app.core.person import PersonState
from app.net.client import Link
from app.server.ledger import Room
from app.server.main import Server
from app.server.store.base import Batch
from app.server.store.keys import StreamKey, person_stream, space_stream
from app.server.store.sqlite import streams
from tests.sim.device import Device
from tests.sim.host import Host
from tests.sim.network import Network
from tests.sim.outside import Outside
from tests.sim.policies import PolicyChecks, unsettled
from tests.sim.truth import State, Truth, fold, frozen
from tests.sim.watch import Asked, Check, Outcome, brief, said

NOTICED = DEAD_AFTER + 3.0
"""s within which a dead connection is noticed on both sides (promise P5)."""
SLACK = 5.0
"""s more than the grace time, or less, that a busy disk may make of it."""
_MAY_CHANGE_NOTHING = (
    cmd.SetStatus,
    cmd.SetAutoAway,
    cmd.TakeSeat,
    cmd.MarkRead,
    cmd.ReportRung,
    cmd.ReportCall,
    lines.TouchTalk,
    lines.AssignTalk,
    lines.ResolveTalk,
    lines.ReopenTalk,
    lines.AnsweringTalk,
    cmd.LeaveSpace,
)


class Surroundings(Protocol):
    """What is checked."""

    host: Host
    outside: Outside
    network: Network
    devices: list[Device]
    commands: dict[str, Asked]

    def now(self) -> float: ...

    def violated(self, check: Check, words: str) -> None: ...


class Checks:
    """Attributes:
    policies: those about what nobody answers.
    """

    def __init__(self, world: Surroundings, policies: PolicyChecks) -> None:
        self._world, self.policies = world, policies
        self._well_since = 0.0
        self._fine_at: dict[Device, float] = {}
        self._linked_at: dict[PersonId, float] = {}
        self._lost: dict[tuple[SpaceId, PersonId], float] = {}

    # At any time

    def look(self) -> None:
        self._note_health()
        for device in self._world.devices:
            device.look()
        self._protected()
        self._ghosts()
        self._grace_is_over()
        server = self._world.host.server
        if server is not None:
            self._rules(server)
            self._alerts_go_on()

    def _alerts_go_on(self) -> None:
        host = self._world.host
        well_since = max(self._well_since, host.started_at)
        file = str(host.disk.file)
        words = self.policies.look(file, self._world.now(), host.clock.now(), well_since)
        if words:
            self._world.violated(Check.FORGOTTEN, words)

    def committed(self, batch: Batch) -> None:
        """A lost connection holds its hand for the grace time, whatever the clocks say."""
        now, host = self._world.now(), self._world.host
        words = self.policies.committed(batch)
        if words:
            self._world.violated(Check.STEPS, words)
        for entry in batch.entries:
            event = entry.event
            if isinstance(event, ev.LinkLost):
                self._lost[batch.space, event.person] = now
            elif isinstance(event, ev.LinkRestored | ev.Left):
                self._lost.pop((batch.space, event.person), None)
            elif isinstance(event, ev.EscalationEnded) and event.reason is EndReason.CONNECTION_LOST:
                raiser = host.truth.hands[event.escalation].raiser
                lost = self._lost.get((batch.space, raiser), now)
                held = now - max(lost, host.started_at)
                if held < host.grace - SLACK:
                    words = f"{event.escalation} ended {held:.1f} s after its connection, not {host.grace:g}"
                    self._world.violated(Check.GRACE, words)

    def begun(self, case: CaseId, send: SendId) -> None:
        words = self.policies.begun(case, send)
        if words:
            self._world.violated(Check.STEPS, words)

    def renewed(self) -> None:
        """There is another database."""
        self._lost.clear()
        self.policies.renewed()

    def _note_health(self) -> None:
        host, now = self._world.host, self._world.now()
        if host.server is None or host.disk.full or host.disk.slow >= 1.0:
            self._well_since = now
        for device in self._world.devices:
            links = self._world.network.links_of(device.name)
            sound = any(link.sound and link.client is device.process for link in links)
            made_at = self._world.network.made_at.get(device.name, 0.0)
            linked_at = self._linked_at.get(device.person, 0.0)
            self._linked_at[device.person] = now if sound else max(linked_at, made_at)
            client = device.client
            reading = any(link.unread for link in links)
            if sound or reading or client is None or client.connection.link is not Link.PROTECTED:
                self._fine_at[device] = now
            else:
                self._fine_at[device] = max(self._fine_at.get(device, now), made_at)

    def _protected(self) -> None:
        for device in self._world.devices:
            seconds = self._world.now() - self._fine_at[device]
            if seconds > NOTICED:
                self._world.violated(Check.PROTECTED, f"{device.name} says so for {seconds:.1f} s")

    def _ghosts(self) -> None:
        server = self._world.host.server
        if server is None:
            return
        for person in dict.fromkeys(device.person for device in self._world.devices):
            since = max(self._linked_at.get(person, 0.0), self._well_since)
            here = any(room.state.is_here(person) for room in server.spaces.rooms)
            if here and self._world.now() - since > NOTICED:
                self._world.violated(Check.GHOST, f"{person} has had no connection since {since:.1f}")

    def _grace_is_over(self) -> None:
        host, now = self._world.host, self._world.now()
        for (space, person), lost in self._lost.items():
            late = now - max(lost, self._well_since, host.started_at) - host.grace
            if late > SLACK:
                words = f"{person} is still in {space}, {late:.1f} s after the grace time"
                self._world.violated(Check.GRACE, words)

    def _rules(self, server: Server) -> None:
        for room in server.spaces.rooms:
            for words in broken_rules(room):
                self._world.violated(Check.RULES, f"{room.id}: {words}")

    # When everything is quiet

    def settled(self) -> bool:
        """Nothing is still to come."""
        server, truth = self._world.host.server, self._world.host.truth
        if (
            server is None
            or self._world.outside.bringing
            or any(asked.outcome is Outcome.OPEN for asked in self._world.commands.values())
        ):
            return False
        return all(self._up_to_date(device, server, truth) for device in self._world.devices)

    def _up_to_date(self, device: Device, server: Server, truth: Truth) -> bool:
        client = device.client
        if client is None or client.connection.link is not Link.PROTECTED or client.space is None:
            return False
        if not all(entry.aside for entry in client.outbox):
            return False
        space, me = space_stream(client.space.space.id), person_stream(device.person)
        here = server.spaces.room(client.space.space.id)
        return (
            device.known.epoch == truth.epoch
            and device.known.at == {space: truth.stream(space).at, me: truth.stream(me).at}
            and here is not None
            and client.space.places == here.state.places
        )

    def at_the_end(self) -> None:
        """Everybody is back, and agrees."""
        self.look()
        host = self._world.host
        server, truth = host.server, host.truth
        if server is None:
            self._world.violated(Check.CAME_BACK, "the server is not there")
            return
        for device in self._world.devices:
            self._compare(device, server, truth)
        self._server_knows(server, truth)
        self._calls(server, truth)
        for command_id, asked in self._world.commands.items():
            self._judge(command_id, asked)
        self._rungs(server, truth)
        with closing(sqlite3.connect(host.disk.file)) as db:
            self._restart_knows(db, truth)
            self._tables(db, truth)
            self._outside(db, truth)

    def _compare(self, device: Device, server: Server, truth: Truth) -> None:
        client = device.client
        if client is None or client.connection.link is not Link.PROTECTED or client.space is None:
            state = client.connection if client is not None else "not running"
            self._world.violated(Check.CAME_BACK, f"{device.name} is {state}")
            return
        device.compare(truth)
        here = server.spaces.room(client.space.space.id)
        if here is not None and client.space.places != here.state.places:
            words = f"{sorted(client.space.places.items())}, and {sorted(here.state.places.items())} is right"
            self._world.violated(Check.PLACES, f"{device.name} sees {words}")

    def _server_knows(self, server: Server, truth: Truth) -> None:
        """What the server has in its memory is what it wrote down."""
        states: dict[StreamKey, State] = {space_stream(room.id): room.state for room in server.spaces.rooms}
        for device in self._world.devices:
            mine = server.spaces.feeds.state_of(device.person)
            if mine is not None:
                states[person_stream(device.person)] = mine
        for key, state in states.items():
            right = truth.stream(key).states[-1]
            if frozen(state) != right:
                words = said("in the store", right, "on the server", frozen(state))
                self._world.violated(Check.DIFFERENT, f"{key}\n{words}")

    def _restart_knows(self, db: sqlite3.Connection, truth: Truth) -> None:
        for key, right in truth.streams.items():
            state = fold(key, streams.load(db, key))
            if frozen(state) != right.states[-1]:
                words = said("was committed", right.states[-1], "is loaded", frozen(state))
                self._world.violated(Check.RESTART, f"{key}\n{words}")

    def _tables(self, db: sqlite3.Connection, truth: Truth) -> None:
        """What lists and searches read was written together with the events."""
        hands = {
            row[0]: row[1] for row in db.execute("SELECT id, reason FROM alerts WHERE kind = 'escalation'")
        }
        right = {hand: str(truth.ended[hand].reason) if hand in truth.ended else None for hand in truth.hands}
        messages = {row[0] for row in db.execute("SELECT id FROM messages")}
        done = {(row[0], row[1]) for row in db.execute("SELECT person, id FROM commands")}
        for name, here, there in (
            ("alerts", hands, right),
            ("messages", messages, truth.messages),
            ("commands", done, set(truth.commands)),
        ):
            if here != there:
                self._world.violated(Check.RESTART, f"{name}: {here} in the table, {there} committed")

    def _outside(self, db: sqlite3.Connection, truth: Truth) -> None:
        outside = self._world.outside
        mine = [taken for taken in outside.taken if taken.epoch == truth.epoch]
        fine = {taken.parcel.id: taken.receipt.state is not SendState.FAILED for taken in mine}
        told = {t.parcel.id for t in mine if t.told is not None and t.told.state is SendState.DELIVERED}
        wrong = unsettled(db, fine, told, {(t.parcel.channel, t.parcel.text) for t in mine})
        if wrong:
            self._world.violated(Check.SENDS, wrong)
        stored = [row[0] for row in db.execute("SELECT id FROM line_texts")]
        missing = outside.texts.get(truth.epoch, set()).difference(stored)
        if missing:
            self._world.violated(Check.TEXTS, f"{sorted(missing)} were taken, and are not in the store")

    def _calls(self, server: Server, truth: Truth) -> None:
        """Alerts call exactly those whom an open red hand notifies, and say what matters of it."""
        hands = [hand for room in server.spaces.rooms for hand in room.state.escalations.values()]
        for device in self._world.devices:
            who, me = device.person, truth.person(device.person).state
            assert isinstance(me, PersonState)
            calls = {call.escalation.id: _matters(call.escalation, who) for call in me.alerts.values()}
            right = {hand.id: _matters(hand, who) for hand in hands if who in hand.notified}
            if calls != right:
                self._world.violated(Check.RULES, f"{who} is called by {calls}, and {right} is right")

    def _judge(self, command_id: str, asked: Asked) -> None:
        truths, words = self._world.host.truths, f"{command_id} of {asked.device}: {brief(asked.command)}"
        answering = truths.get(asked.epoch)
        done = answering is not None and answering.has(asked.person, command_id, asked.command)
        match asked.outcome:
            case Outcome.OPEN:
                self._world.violated(Check.ANSWERED, words)
            case Outcome.ACCEPTED if not done and not self._leaves_no_trace(asked):
                self._world.violated(Check.ACCEPTED, words)
            case Outcome.REFUSED if done and asked.code is not Code.ID_REUSED:
                self._world.violated(Check.REFUSED, f"{words}: {asked.code}")
            case Outcome.NOT_SENT:
                if any(truth.has(asked.person, command_id, asked.command) for truth in truths.values()):
                    self._world.violated(Check.REFUSED, f"{words}: not sent")
            case _:
                pass

    def _leaves_no_trace(self, asked: Asked) -> bool:
        """Nothing had to be changed; or what was asked for offline gave way to something newer like it."""
        truth = self._world.host.truths[asked.epoch]
        return _may_change_nothing(asked.command) or any(
            other.device == asked.device
            and _replaces(other.command, asked.command)
            and (truth.has(other.person, name, other.command) or _changed_nothing(other))
            for name, other in self._world.commands.items()
        )

    def _rungs(self, server: Server, truth: Truth) -> None:
        """Said to be shown: it was on that screen. Said to be answered: by that person."""
        shown = {(device.name, hand) for device in self._world.devices for hand in device.ever_shown}
        for room in server.spaces.rooms:
            for hand in room.state.escalations.values():
                raiser = truth.person(hand.raiser).state
                assert isinstance(raiser, PersonState)
                ladder = raiser.ladders.get(hand.id)
                for line in ladder.lines if ladder else ():
                    if line.rung is Rung.ANSWERED and hand.answer_of(line.person) is None:
                        self._world.violated(Check.RUNGS, f"{hand.id} is answered by {line.person}")
                    for there in line.devices:
                        if there.rung is Rung.SHOWN and (there.device.name, hand.id) not in shown:
                            words = f"{hand.id} is shown at {there.device.name}"
                            self._world.violated(Check.RUNGS, words)


def _matters(hand: Escalation, to: PersonId) -> tuple[object, ...]:
    """What the screen of who is called makes of a hand."""
    return hand.raiser, hand.message, set(hand.coming), set(hand.chatting), hand.answer_of(to)


def _replaces(newer: cmd.Command, older: cmd.Command) -> bool:
    """:mod:`app.net.outbox`: without a connection only the newest of these is sent."""
    match newer, older:
        case cmd.RaiseEscalation(), cmd.RaiseEscalation():
            return True
        case cmd.AnswerEscalation(escalation=hand), cmd.AnswerEscalation(escalation=same):
            return hand == same
    return False


def _changed_nothing(asked: Asked) -> bool:
    return asked.outcome is Outcome.ACCEPTED and _may_change_nothing(asked.command)


def _may_change_nothing(command: cmd.Command) -> bool:
    if isinstance(command, cmd.AnswerEscalation):
        # Who talks while walking is still coming, and who does either need not promise it.
        return command.kind in (AnswerKind.CHAT, AnswerKind.COMING)
    return isinstance(command, _MAY_CHANGE_NOTHING)


def broken_rules(room: Room) -> list[str]:
    """What tests/core/test_invariants.py asks of every state."""
    state, walk, broken = room.state, room.walk, []
    raisers = [hand.raiser for hand in state.escalations.values()]
    if len(raisers) != len(set(raisers)):
        broken.append(f"somebody raised two hands: {raisers}")
    for raiser in raisers:
        occupant = state.occupants.get(raiser)
        if occupant is None:
            broken.append(f"{raiser} has a hand raised and is not there")
        elif occupant.status is Status.AWAY or occupant.zone in walk.meeting_rooms:
            broken.append(f"{raiser} has a hand raised and is {occupant}")
    if state.places.keys() != state.occupants.keys():
        broken.append(f"{sorted(state.occupants)} are there, {sorted(state.places)} stand somewhere")
    for person, place in state.places.items():
        zone = walk.zone_at(place)
        if not walk.walkable(place):
            broken.append(f"{person} stands in a wall at {place}")
        elif person in state.occupants and state.occupants[person].zone != (zone.id if zone else None):
            broken.append(f"{person} at {place} is said to be in {state.occupants[person].zone}")
    seats = [occupant.seat for occupant in state.occupants.values() if occupant.seat]
    if len(seats) != len(set(seats)):
        broken.append(f"somebody sits on somebody: {seats}")
    return broken
