"""What entering a full space costs as the person's history grows: ``python -m tests.bench.snapshot_bench``.

1,000 people, and the conversations of one of them. CPU time of one process; what counts for others is the
longest time for which an event loop does not turn.
"""

from __future__ import annotations

import gc
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import TypeVar

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication
from websockets.frames import Frame, Opcode

from app.core import slices, wire
from app.core.limits import CONVERSATION_TAIL
from app.core.model import (
    Conversation,
    ConversationId,
    MapId,
    Message,
    MessageId,
    Occupant,
    Person,
    PersonId,
    Place,
    Recipients,
    Role,
    Space,
)
from app.core.person import PersonSnapshot, PersonState
from app.core.space import SpaceSnapshot, SpaceState
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.theme import Theme
from tests.helpers.desk import run_now
from tests.helpers.floor import FakeClient, Floor
from tests.helpers.office import ANN, SPACE

PEOPLE = 1_000
SIZES = ((200, 100), (1_000, 200), (1_000, 600))
"""Conversations of 50 messages, and characters in each message."""
AT = wire.Position("epoch", 1)
T = TypeVar("T")


def snapshots(conversations: int, chars: int) -> tuple[SpaceSnapshot, PersonSnapshot]:
    people = tuple(Person(_person(i), f"p{i}", f"Person Number {i}", Role.AGENT) for i in range(PEOPLE))
    space = SpaceSnapshot(
        Space(SPACE, "Osaka", MapId("map")),
        people=people,
        occupants=tuple(Occupant(person.id) for person in people),
        places=tuple((_person(i), Place(100 + i % 40 * 20, 100 + i // 40 * 16)) for i in range(PEOPLE)),
    )
    talks = tuple(_conversation(i, chars) for i in range(conversations))
    return space, PersonSnapshot(ANN, conversations=talks)


def _person(number: int) -> PersonId:
    return PersonId(ANN if number == 0 else f"{number:016x}")


def _conversation(number: int, chars: int) -> Conversation:
    key, with_ = ConversationId(f"{number:032x}"), Recipients(people=(_person(number % PEOPLE),))
    text = "What was said about the contract, again. "
    last = tuple(
        Message(
            MessageId(f"{number:016x}{i:016x}"),
            SPACE,
            key,
            _person((number + i) % PEOPLE),
            (text * (chars // len(text) + 1))[:chars],
            1.7e9 + i,
            with_,
        )
        for i in range(CONVERSATION_TAIL)
    )
    return Conversation(key, SPACE, with_, last=last)


def timed(act: Callable[[], T]) -> tuple[T, float]:
    """What it gives, and ms."""
    gc.collect()
    began = time.process_time()
    result = act()
    return result, (time.process_time() - began) * 1e3


def made_in_pieces(space: SpaceState, me: PersonState) -> Iterator[float]:
    """ms of each stretch for which the server's loop does not turn: made, put together, framed."""
    gc.collect()
    began, maker = time.process_time(), slices.Maker()
    for _ in maker.prepare(me.conversations.values()):
        yield (time.process_time() - began) * 1e3
        began = time.process_time()
    frame = maker.frame(wire.Attached(SPACE, AT, AT, space.snapshot(), me.snapshot()))
    assert frame is not None
    yield (time.process_time() - began) * 1e3
    began = time.process_time()
    for piece in frame:
        Frame(Opcode.CONT, piece, fin=False).serialize(mask=False)
        yield (time.process_time() - began) * 1e3
        began = time.process_time()


def sliced(data: bytes) -> Iterator[float]:
    """ms of each piece."""
    gc.collect()
    began = time.process_time()
    for _ in slices.decode_server(data):
        yield (time.process_time() - began) * 1e3
        began = time.process_time()


def _weight(data: bytes) -> float:
    """MB of what is read."""
    tracemalloc.start()
    message = wire.decode_server(data)
    traced, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(message, wire.Attached)
    return traced / 1e6


def measure(desk: Desk, client: FakeClient, conversations: int, chars: int) -> None:
    in_space, own = snapshots(conversations, chars)
    space, me = SpaceState(in_space), PersonState(own)
    data, server = timed(lambda: wire.encode(wire.Attached(SPACE, AT, AT, space.snapshot(), me.snapshot())))
    stretches = list(made_in_pieces(space, me))
    message, whole = timed(lambda: wire.decode_server(data))
    weight = _weight(data)
    longest = max(sliced(data))
    assert isinstance(message, wire.Attached)
    assert message.space is not None
    assert message.personal is not None
    client.space, client.me = SpaceState(message.space), PersonState(message.personal)
    _, shown = timed(desk.refresh)
    print(
        f"{PEOPLE:,} people, {conversations * CONVERSATION_TAIL:,} messages of {chars} characters: "
        f"{len(data) / 1e6:.1f} MB; made in one go in {server:.0f} ms, in pieces in {sum(stretches):.0f} ms, "
        f"{max(stretches):.1f} ms at most ({server / max(stretches):.0f} times less); "
        f"read in one go in {whole:.0f} ms, in pieces {longest:.0f} ms at most; "
        f"kept in {weight:.0f} MB; shown in {shown:.0f} ms"
    )


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    client = Floor().client(ANN)
    desk = Desk(client, Theme(app, "light"), IdleWatch(lambda: 0.0), run_now, QLocale("en_GB"))
    for conversations, chars in SIZES:
        measure(desk, client, conversations, chars)
    desk.close()


if __name__ == "__main__":
    main()
