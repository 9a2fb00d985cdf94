"""A whole support floor for pictures: the office that ships, its people in one language, hands and chats."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from app.core.commands import AnswerEscalation, RaiseEscalation, SendMessage, SetStatus
from app.core.errors import Refusal
from app.core.geometry import WalkMap
from app.core.model import (
    AnswerKind,
    EscalationId,
    Group,
    GroupId,
    Level,
    Person,
    PersonId,
    Recipients,
    Role,
    Space,
    Status,
)
from app.core.person import PersonSnapshot, PersonState
from app.core.space import SpaceSnapshot, SpaceState
from app.server.maps import import_map
from tests.helpers.floor import Floor
from tests.helpers.office import SPACE, SUPERVISORS

OFFICE = Path(__file__).resolve().parents[2] / "resources" / "maps" / "office" / "office.tmj"
BILLING = GroupId("billing")
ME, RAISER, QUIET_RAISER, COMING = (PersonId(h) for h in ("mia", "finn", "ines", "quentin"))
RED, YELLOW = EscalationId("red-hand"), EscalationId("yellow-hand")

NAMES = {
    "en": (
        "mia Mia Young,aiko Aiko Tanaka,ben Ben Okafor,carla Carla Diaz,dev Dev Patel,emi Emi Sato,"
        "finn Finn Olsen,grace Grace Lee,hugo Hugo Martin,ines Ines Costa,jun Jun Mori,kofi Kofi Mensah,"
        "lena Lena Vogt,marco Marco Bruno,nora Nora Quinn,omar Omar Said,priya Priya Nair,"
        "quentin Quentin Roy,tara Tara Whitfield-Longmore"
    ),
    "ja": (
        "mia 山本 美和,aiko 田中 愛子,ben 岡田 勉,carla 加藤 千夏,dev 出口 翔,emi 佐藤 恵美,"
        "finn 藤本 大輔,grace 李 恵,hugo 平野 悟,ines 石川 奈々,jun 森 純,kofi 小林 浩二,"
        "lena 蓮見 玲奈,marco 丸山 健,nora 野口 直子,omar 大森 茂,priya 林 里奈,"
        "quentin 久保 健太郎,tara 長谷川 多恵子"
    ),
}
SPACES = {"en": "Osaka Support Floor", "ja": "大阪サポートフロア"}
WORDS = {
    "en": (
        "Customer asks for a manager, line 3",
        "coming over, keep them on the line",
        "thanks. Contract 4471",
    ),
    "ja": (
        "お客様が責任者との通話をご希望です（3番）",
        "すぐ行きます。そのままお待ちいただいて",
        "ありがとうございます。契約番号4471です",
    ),
}


def run_now(coro: Coroutine[Any, Any, None], name: str) -> None:
    """Runs a coroutine that never waits for anything, as those of the fake client."""
    try:
        coro.send(None)
    except StopIteration:
        return
    raise AssertionError(f"{name} waits for something")


class SupportFloor(Floor):
    """Everybody at a seat of their own, on calls or free, as on a Tuesday afternoon.

    Args:
        language: ``en`` or ``ja``: names and messages.
        now: s since the epoch.
    """

    def __init__(self, language: str, now: float) -> None:
        super().__init__(present=(), now=now)
        self._words = WORDS[language]
        people = [_person(*entry.split(" ", 1)) for entry in NAMES[language].split(",")]
        groups = (
            Group(
                SUPERVISORS,
                "supervisors",
                "スーパーバイザー" if language == "ja" else "Supervisors",
                (ME, COMING),
            ),
            Group(BILLING, "billing", "請求チーム" if language == "ja" else "Billing", (PersonId("tara"),)),
        )
        self.map = import_map(OFFICE).map
        self.walk = WalkMap(self.map)
        self.space = SpaceState(
            SpaceSnapshot(Space(SPACE, SPACES[language], self.map.id), tuple(people), groups)
        )
        self.persons = {person.id: PersonState(PersonSnapshot(person.id)) for person in people}
        for number, person in enumerate(people[:-1]):
            self.enter(person.id, self.map.seats[number * 2 % len(self.map.seats)].id)
            self.do(person.id, SetStatus(_status(number)))

    def raise_hands(self) -> None:
        """A red one that somebody comes for, and a yellow one without a message."""
        to = Recipients(groups=(SUPERVISORS,), people=(PersonId("tara"),))
        self.ask(RAISER, RaiseEscalation(Level.RED, self._words[0], to), RED)
        self.now += 123
        self.ask(QUIET_RAISER, RaiseEscalation(Level.YELLOW), YELLOW)
        self.ask(COMING, AnswerEscalation(RED, AnswerKind.APPROACH))
        self.now += 36

    def chat(self) -> None:
        """Two people write to me."""
        self.ask(COMING, SendMessage(f"@mia {self._words[1]}"))
        self.ask(RAISER, SendMessage(f"@mia @quentin {self._words[2]}"))

    def ask(self, actor: PersonId, command: Any, command_id: str = "") -> None:
        outcome = self.do(actor, command, command_id)
        assert not isinstance(outcome, Refusal), outcome


def _person(handle: str, name: str) -> Person:
    role = Role.SUPERVISOR if handle in ("mia", "quentin") else Role.AGENT
    return Person(PersonId(handle), handle, name, role)


def _status(number: int) -> Status:
    statuses = (Status.AVAILABLE, Status.ON_CALL, Status.ON_CALL, Status.BUSY, Status.ON_CALL, Status.AWAY)
    return statuses[number % len(statuses)]
