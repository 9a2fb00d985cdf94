"""Alerts that were, made up by a seed: in the database, and as plain values to count by hand."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.case_questions import AlertOutcome
from app.core.model import GroupId, Level, PersonId, SpaceId
from app.core.policy import CaseKind
from app.core.text import search_key

WORDS = ("Customer asks for a manager", "返金の確認", "Line 3 is down", "ﾍﾙﾌﾟ", "100% refund?", "")


@dataclass(frozen=True)
class Past:
    """One alert. ``took_part``: who answered or declined; ``waited``: s until the first answer."""

    id: str
    space: SpaceId
    kind: CaseKind
    asked_by: PersonId | None
    level: Level | None
    text: str
    opened_at: float
    waited: float | None
    answered_by: PersonId | None
    took_part: frozenset[PersonId]
    groups: frozenset[GroupId]
    nobody_at: float | None
    ended_at: float | None

    @property
    def outcome(self) -> AlertOutcome:
        helped_at = -1.0 if self.waited is None else self.opened_at + self.waited
        if self.nobody_at is not None and helped_at <= self.nobody_at:
            return AlertOutcome.NOBODY
        if self.waited is not None:
            return AlertOutcome.ANSWERED
        return AlertOutcome.WAITING if self.ended_at is None else AlertOutcome.WITHDRAWN


def past(
    rng: random.Random,
    count: int,
    spaces: Sequence[SpaceId],
    people: Sequence[PersonId],
    groups: Sequence[GroupId],
    since: float,
    until: float,
) -> list[Past]:
    """``count`` alerts that began between ``since`` and ``until``, s; many of them at the same moment."""
    return [_one(rng, number, spaces, people, groups, since, until) for number in range(count)]


def _one(
    rng: random.Random,
    number: int,
    spaces: Sequence[SpaceId],
    people: Sequence[PersonId],
    groups: Sequence[GroupId],
    since: float,
    until: float,
) -> Past:
    kind = rng.choices(tuple(CaseKind), (6, 2, 1))[0]
    level = rng.choice((Level.RED, Level.RED, Level.YELLOW)) if kind is CaseKind.ESCALATION else None
    opened_at = float(rng.randrange(int(since), int(until)))
    waited = round(rng.expovariate(1 / 60), 2) if rng.random() < 0.8 else None
    helper = rng.choice(people) if waited is not None else None
    called = frozenset(rng.sample(groups, rng.randrange(0, min(3, len(groups) + 1))))
    nobody_at = opened_at + rng.uniform(20, 400) if level is not Level.YELLOW and rng.random() < 0.2 else None
    return Past(
        id=f"alert-{number:06}",
        space=rng.choice(spaces),
        kind=kind,
        asked_by=None if kind is CaseKind.LINE else rng.choice(people),
        level=level,
        text=rng.choice(WORDS),
        opened_at=opened_at,
        waited=waited,
        answered_by=helper,
        took_part=frozenset([helper] if helper else []) | frozenset(rng.sample(people, rng.randrange(2))),
        groups=called,
        nobody_at=nobody_at,
        ended_at=None if rng.random() < 0.05 else opened_at + 600,
    )


def write(db: sqlite3.Connection, alerts: Sequence[Past]) -> None:
    """Into the tables that reports read."""
    db.execute("BEGIN")
    db.executemany(
        "INSERT INTO alerts (id, kind, space, asked_by, level, text, search_key, opened_at, answered_at, "
        "answered_by, way, helped_at, nobody_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        map(_row, alerts),
    )
    db.executemany(
        "INSERT INTO alert_groups VALUES (?, ?)", ((a.id, group) for a in alerts for group in a.groups)
    )
    db.executemany(
        "INSERT INTO alert_answers VALUES (?, ?, ?, ?, ?)",
        (
            (a.id, number, person, "approach" if person == a.answered_by else "decline", a.opened_at)
            for a in alerts
            for number, person in enumerate(sorted(a.took_part), 1)
        ),
    )
    db.execute("COMMIT")


def _row(alert: Past) -> tuple[object, ...]:
    answered = None if alert.waited is None else alert.opened_at + alert.waited
    head = (alert.id, alert.kind, alert.space, alert.asked_by, alert.level, alert.text)
    way = None if answered is None else "approach"
    times = (alert.opened_at, answered, alert.answered_by, way, answered, alert.nobody_at, alert.ended_at)
    return (*head, search_key(alert.text), *times)
