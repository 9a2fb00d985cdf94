"""A row of the table of alerts as a record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.cases import CaseId
from app.core.model import EndReason, GroupId, Level, PersonId, SpaceId
from app.core.policy import AnswerWay, CaseKind

RECORD = (
    "id, kind, space, opened_at, outcome, asked_by, level, text, answered_at, answered_by, way, nobody_at, "
    "ended_at, reason, (SELECT group_concat(group_id, ' ') FROM alert_groups WHERE alert = alerts.id)"
)


def to_record(row: Sequence[Any]) -> AlertRecord:
    """A row of the columns ``RECORD``."""
    case, kind, space, opened, outcome, asked_by, level, text, *rest = row
    answered, answered_by, way, nobody, ended, reason, groups = rest
    return AlertRecord(
        id=CaseId(case),
        kind=CaseKind(kind),
        space=SpaceId(space),
        opened_at=opened,
        outcome=AlertOutcome(outcome),
        asked_by=PersonId(asked_by) if asked_by else None,
        level=Level(level) if level else None,
        text=text,
        groups=tuple(GroupId(group) for group in sorted(groups.split())) if groups else (),
        answered_at=answered,
        answered_by=PersonId(answered_by) if answered_by else None,
        way=AnswerWay(way) if way else None,
        nobody_at=nobody,
        ended_at=ended,
        reason=EndReason(reason) if reason else None,
    )
