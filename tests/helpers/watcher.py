"""Somebody else in the space, who writes down what everybody can see: an ordinary client without a window.

``python -m tests.helpers.watcher SERVER HANDLE FILE`` with the password on standard input appends a JSON line
to FILE at each change. :class:`Watched` reads them: what a story observed, never what it intended.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from app.core.model import Escalation, PersonId, Place
from app.core.person import ConversationTouched
from app.core.space import EscalationGone
from app.net.assets import MemoryCache
from app.net.client import Client, ClientChange
from app.net.clock import SystemClock
from app.net.websocket import WebSocketConnector
from app.tasks import Tasks
from tests.helpers.desktop.waiting import eventually


@dataclass(frozen=True)
class SeenHand:
    """A raised hand as others see it; people by handle."""

    id: str
    raiser: str
    level: str
    message: str
    coming: tuple[str, ...]
    chatting: tuple[str, ...]
    declined: tuple[str, ...]
    unreached: tuple[str, ...]


@dataclass(frozen=True)
class SeenPerson:
    """Somebody in the space: place in px, the zone's name, which alert channels are lost and unknown."""

    place: tuple[int, int]
    status: str
    auto_away: bool
    zone: str
    connected: bool
    lost: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Watched:
    """What the watcher has written so far."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        if not self._log.exists():
            return []
        lines = (line for line in self._log.read_text("utf-8").splitlines() if line.endswith("}"))
        return [entry for entry in map(json.loads, lines) if entry["kind"] == kind]

    def people(self) -> dict[str, SeenPerson]:
        """Who is in the space now, by handle."""
        states = self._lines("state")
        if not states:
            return {}
        return {handle: _person(seen) for handle, seen in states[-1]["people"].items()}

    def hands(self) -> dict[str, SeenHand]:
        """The raised hands by their raisers' handles."""
        states = self._lines("state")
        if not states:
            return {}
        return {hand["raiser"]: _hand(hand) for hand in states[-1]["hands"]}

    def ladder(self, recipient: str) -> dict[str, str]:
        """How far the watcher's own alert came at somebody: rungs by the names of their machines."""
        states = self._lines("state")
        rungs: dict[str, str] = states[-1]["ladder"].get(recipient, {}) if states else {}
        return rungs

    def ended(self) -> list[tuple[str, str]]:
        """Raiser and reason of each hand that was lowered."""
        return [(entry["raiser"], entry["reason"]) for entry in self._lines("ended")]

    def messages(self) -> list[tuple[str, str]]:
        """Author and text of each chat message that reached the watcher."""
        return [(entry["author"], entry["text"]) for entry in self._lines("message")]

    def way(self, handle: str) -> list[tuple[int, int]]:
        """Every place at which somebody was seen, in order, in px."""
        way: list[tuple[int, int]] = []
        for state in self._lines("state"):
            seen = state["people"].get(handle)
            if seen and (not way or way[-1] != tuple(seen["place"])):
                way.append((seen["place"][0], seen["place"][1]))
        return way

    def wait_hand(self, raiser: str, within: float = 15.0) -> SeenHand:
        eventually(lambda: raiser in self.hands(), within=within, what=f"{raiser}'s hand is seen by others")
        return self.hands()[raiser]

    def wait_ended(self, raiser: str, reason: str, within: float = 15.0) -> None:
        what = f"{raiser}'s hand ended as {reason}"
        eventually(lambda: self.ended()[-1:] == [(raiser, reason)], within=within, what=what)


def _person(entry: dict[str, Any]) -> SeenPerson:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return SeenPerson(**fields)


def _hand(entry: dict[str, Any]) -> SeenHand:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return SeenHand(**fields)


class _Writer:
    def __init__(self, client: Client, output: IO[str]) -> None:
        self._client, self._output = client, output
        self._read: set[str] = set()

    def hear(self, changes: tuple[ClientChange, ...]) -> None:
        for change in changes:
            if isinstance(change, EscalationGone):
                raiser = self._handle(change.escalation.raiser)
                self._write(kind="ended", raiser=raiser, reason=change.reason.value)
            if isinstance(change, ConversationTouched) and change.arrived:
                self._messages(change)
        self._state()

    def _messages(self, change: ConversationTouched) -> None:
        me = self._client.me
        assert me is not None
        for message in me.conversations[change.conversation].last:
            if message.id not in self._read:
                self._read.add(message.id)
                self._write(kind="message", author=self._handle(message.author), text=message.text)

    def _state(self) -> None:
        space, space_map = self._client.space, self._client.map
        if space is None or space_map is None:
            return
        zones = {zone.id: zone.name for zone in space_map.zones}
        nowhere = Place(-1, -1)
        people = {
            self._handle(person): {
                "place": list(_pair(space.places.get(person, nowhere))),
                "status": occupant.status.value,
                "auto_away": occupant.auto_away,
                "zone": zones.get(occupant.zone, "") if occupant.zone else "",
                "connected": occupant.connected,
                "lost": list(occupant.reach.lost),
                "unknown": list(occupant.reach.unknown),
            }
            for person, occupant in space.occupants.items()
        }
        hands = [self._seen(escalation) for escalation in space.escalations.values()]
        self._write(kind="state", people=people, hands=hands, ladder=self._ladder())

    def _ladder(self) -> dict[str, dict[str, str]]:
        ladders = self._client.me.ladders.values() if self._client.me else ()
        return {
            self._handle(line.person): {d.device.name: d.rung.name for d in line.devices}
            for ladder in ladders
            for line in ladder.lines
        }

    def _seen(self, escalation: Escalation) -> dict[str, object]:
        return {
            "id": escalation.id,
            "raiser": self._handle(escalation.raiser),
            "level": escalation.level.value,
            "message": escalation.message,
            "coming": [self._handle(p) for p in escalation.coming],
            "chatting": [self._handle(p) for p in escalation.chatting],
            "declined": [self._handle(p) for p in escalation.declined],
            "unreached": [self._handle(p) for p in escalation.unreached],
        }

    def _handle(self, person: PersonId) -> str:
        space = self._client.space
        return space.people[person].handle if space and person in space.people else person

    def _write(self, **entry: object) -> None:
        self._output.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._output.flush()


def _pair(place: Place) -> tuple[int, int]:
    return place.x, place.y


async def watch(server: str, handle: str, password: str, file: Path) -> None:
    """Sign in and write until the process is ended."""
    with file.open("a", encoding="utf-8") as output:
        client = Client(
            connect=WebSocketConnector(),
            clock=SystemClock(),
            rng=random.SystemRandom(),
            tasks=Tasks("watcher"),
            cache=MemoryCache(),
            app="watcher",
        )
        writer = _Writer(client, output)
        client.listen(writer.hear)
        await client.sign_in(server, handle, password)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(watch(sys.argv[1], sys.argv[2], sys.stdin.readline().rstrip("\n"), Path(sys.argv[3])))
