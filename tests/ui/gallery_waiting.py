"""Pictures of a hand that waits: for the connection, for a lost answer, for a word of the person."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.commands import EndEscalation, RaiseEscalation
from app.core.model import GroupId, Level, PersonId, Recipients
from app.net.changes import ConnectionState, Link
from app.net.outbox import CALL_SECONDS, Entry
from app.net.problems import Problem, Trouble
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.panels.side_panel import Tab
from app.ui.theme import Theme
from tests.helpers.office import SPACE
from tests.helpers.support_floor import ME, WORDS, SupportFloor, run_now


def waiting(theme: Theme, language: str, save: Callable[[str, QWidget], None]) -> None:
    now = time.time()
    floor = SupportFloor(language, now)
    own = floor.space.escalation_of(ME)
    if own is not None:
        floor.do(ME, EndEscalation(own.id))
    client = floor.client(ME)
    desk = Desk(
        client, theme, IdleWatch(lambda: None), run_now, QLocale("ja_JP" if language == "ja" else "en")
    )
    desk.window.resize(1280, 800)
    desk.window.show()
    desk.window.show_tab(Tab.HANDS)
    client.link(ConnectionState(Link.NOT_PROTECTED, now - 40, now + 5.4, None, "", Problem(Trouble.SILENT)))
    to = Recipients(people=(PersonId("quentin"),), groups=(GroupId("billing"),))
    hand = Entry("waits", RaiseEscalation(Level.RED, WORDS[language][0], to), now - 21, space=SPACE)
    client.wait(hand)
    save("waiting", desk.window)
    client.wait(Entry("waits", RaiseEscalation(Level.YELLOW), now - 9, tries=1, space=SPACE))
    desk.window.resize(800, 560)
    save("waiting-unsure", desk.window)
    desk.window.resize(1280, 800)
    why = Problem(Trouble.EXPIRED, {"seconds": int(CALL_SECONDS)})
    client.wait(Entry("waits", hand.command, now - 90, space=SPACE, problem=why))
    save("waiting-asked", desk.window)
    desk.close()
