"""All connections: who is connected here, who is no longer there, and who has to go."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection

from app.core.errors import Code
from app.core.model import PersonId, Place
from app.core.session import Phase
from app.server.audience import AT_ONCE, LOOKS
from app.server.capacity import Door
from app.server.link import Link, Peer
from app.server.talk import Services, Talk
from app.server.wire_out import WebSocketPeer

log = logging.getLogger(__name__)


class Gateway:
    """All connections of this process."""

    def __init__(self, services: Services, door: Door) -> None:
        self.services, self.stopping = services, False
        self._door = door
        self._talks: dict[Link, Talk] = {}
        self._looked_at = deque([float("inf")] * LOOKS, maxlen=LOOKS)
        self._nobody = asyncio.Event()
        self._nobody.set()
        services.hub.on_step(self._step)

    async def handle(self, connection: ServerConnection) -> None:
        """One connection from its first frame to its end."""
        await self.serve(WebSocketPeer(connection))

    async def serve(self, peer: Peer) -> None:
        talk = Talk(self.services, self, peer)
        self._talks[talk.link] = talk
        self._nobody.clear()
        peer.listen_early(talk.hear)
        address = peer.address
        refusal = self._door.enter(address)
        if refusal is not None:
            talk.link.bye(refusal.code, retry=True, **refusal.fields)
        try:
            await talk.listen()
        finally:
            if talk.link.session.phase is not Phase.CLOSED:
                talk.link.abort()
            del self._talks[talk.link]
            self._door.leave(address)
            talk.over()
            if not self.stopping:
                await self.services.attendance.detach(talk.link)
            await talk.link.written()
            if not self._talks:
                self._nobody.set()

    def look(self, late: float = 0.0) -> None:
        """Break connections that are dead, late with their first frames, or no longer reading.

        Call about once a second. Many are looked at in turns, between which the loop may do something else.

        Args:
            late: s by which this call came too late, as the loop did not get round to anything.
        """
        since, now = self._looked_at[0], self.services.clock.monotonic()
        if late > 0.0:
            self.services.hub.excuse(late, now)
            for talk in self._talks.values():
                talk.link.session.excuse(late, now)
        self.services.hub.begin_look()
        self._looked_at.append(now)
        self._look_at_some([talk for talk in self._talks.values() if not talk.link.follows(since, now)], now)

    def _look_at_some(self, talks: list[Talk], now: float) -> None:
        """``now``: of the whole look; should all stand still between two turns, nobody is late for that."""
        for talk in talks[:AT_ONCE]:
            if talk.link in self._talks:
                self._look_at(talk, now)
        if len(talks) > AT_ONCE:
            asyncio.get_running_loop().call_soon(self._look_at_some, talks[AT_ONCE:], now)

    def _look_at(self, talk: Talk, now: float) -> None:
        link, session = talk.link, talk.link.session
        self.services.hub.look_at(link, now)
        link.look(now)
        if session.is_dead(now) and not talk.busy:
            log.info("%s is silent; the connection is broken", link.person or "a client")
            link.abort()
        elif session.phase is Phase.LIVE and link.stalled(now, self.services.tuning.behind):
            log.info("%s makes no progress; the connection is broken", link.person)
            link.abort()
        elif session.phase is Phase.CLOSED:
            # Goodbye was said; a peer that does not take it is not waited for.
            if now - talk.said_bye_at(now) > self.services.tuning.drain:
                link.abort()
        elif now - talk.began > self.services.tuning.first_frames and link.person is None and not talk.busy:
            link.bye(Code.TOO_SLOW)

    def show_out(self) -> None:
        """Close the connections of whoever was removed, disabled or signed out meanwhile."""
        roster = self.services.spaces.roster
        for link in list(self._talks):
            person = link.person
            if person is None or link.session.phase is Phase.CLOSED:
                continue
            if roster.credentials.get(person, link.credentials + 1) > link.credentials:
                link.bye(Code.SIGNED_OUT, retry=False)
            elif link.space is not None and person not in roster.members.get(link.space, ()):
                link.bye(Code.NOT_FOUND)

    def families_of(self, person: PersonId) -> set[str]:
        """The sign-ins of a person that are connected."""
        return {link.family for link in self._talks if link.person == person}

    def sign_out(self, ended: Callable[[Link], bool], code: Code = Code.SIGNED_OUT) -> None:
        """Close the connections whose sign-in has ended."""
        for link in list(self._talks):
            if link.family and ended(link) and link.session.phase is not Phase.CLOSED:
                link.bye(code, retry=False)

    def _step(self, link: Link, to: Place) -> None:
        """Once a tick: where a client says its avatar is."""
        talk = self._talks.get(link)
        if talk is not None and not self.services.service.step(link, to):
            talk.cross(to)

    async def stop(self) -> None:
        """Say goodbye to everybody; who does not take it in time is cut off."""
        self.stopping = True
        for link in list(self._talks):
            if link.session.phase is not Phase.CLOSED:
                link.bye(Code.SERVER_STOPPING)
        try:
            async with asyncio.timeout(self.services.tuning.drain):
                await self._nobody.wait()
        except TimeoutError:
            log.info("%d clients did not take the goodbye", len(self._talks))
        for link in list(self._talks):
            link.abort()
