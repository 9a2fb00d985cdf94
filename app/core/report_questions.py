"""What may be asked about all alerts of a space together: history, board and charts.

Supervisors and admins of the space are answered; agents about what they asked for themselves alone, and
about board and charts not at all. To everybody else the space does not exist.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.cases import CaseId
from app.core.errors import Code
from app.core.local_time import Offsets
from app.core.model import Frozen, GroupId, Level, PersonId, SpaceId
from app.core.policy import CaseKind

PAGE = 50
"""Alerts that a page of the history holds."""
EXPORT_PAGE = 500
"""Alerts that are handed over together for a file."""
COUNTED = 10_000
"""Alerts that are counted at most, so that the count of a long history costs no more than that of a short
one."""
OPEN_SHOWN = 50
"""Open priority messages and lines' messages that the board is told of, oldest first; the rest is counted."""
DAYS = 800
"""Days that charts may be asked for at most."""

Seconds = Annotated[float, msgspec.Meta(ge=0.0, le=1e11)]
"""s since the epoch"""


class AlertFilter(Frozen):
    """Which alerts; what is left out does not matter.

    Attributes:
        since, until: when they began: from the first on, before the second, s.
        person: who asked for help, answered or declined.
        group: one that they called.
        unanswered: those that nobody answered, or all that was to be tried was tried in vain.
        text: part of the message; width, case and accents do not matter.
    """

    since: Seconds | None = None
    until: Seconds | None = None
    person: PersonId | None = None
    group: GroupId | None = None
    kind: CaseKind | None = None
    level: Level | None = None
    outcome: AlertOutcome | None = None
    unanswered: bool = False
    text: Annotated[str, msgspec.Meta(max_length=256)] = ""


class Cursor(Frozen, array_like=True):
    """The alert that a page ended with."""

    opened_at: float
    id: CaseId


class ListAlerts(Frozen, tag="list_alerts"):
    """Newest first, those after ``after``."""

    space: SpaceId
    only: AlertFilter = AlertFilter()
    after: Cursor | None = None


class ExportAlerts(Frozen, tag="export_alerts"):
    """The same for a file that is kept elsewhere: written down in the audit log."""

    space: SpaceId
    only: AlertFilter = AlertFilter()
    after: Cursor | None = None


class Alerts(Frozen, tag="alerts"):
    """Attributes:
    names: of the people who are named, also of those who have left.
    total: how many there are in all; told with the first page. Above ``COUNTED`` it says no more than
        that there are more.
    more: where the next page begins; ``None`` at the end.
    """

    records: tuple[AlertRecord, ...] = ()
    names: tuple[tuple[PersonId, str], ...] = ()
    total: int | None = None
    more: Cursor | None = None


class GetCharts(Frozen, tag="get_charts"):
    """Alerts that call somebody (a yellow hand does not), from ``since`` on and before ``until`` (s).

    Attributes:
        offsets: the local time of whoever asks, by which hours and days are counted.
    """

    space: SpaceId
    since: Seconds
    until: Seconds
    offsets: Offsets
    kind: CaseKind | None = None


class Speed(Frozen):
    """How fast the first answer came, s.

    Attributes:
        median, p90: half, and nine of ten of those that were answered, had an answer by then; ``None``
            where none was answered.
    """

    answered: int = 0
    unanswered: int = 0
    median: float | None = None
    p90: float | None = None


class Day(Frozen, array_like=True):
    """Attributes:
    number: days since 1970-01-01, local time.
    unanswered: of ``total``; ``nobody``: of these, all that was to be tried was tried.
    """

    number: int
    total: int
    unanswered: int
    nobody: int


class Charts(Frozen, tag="charts"):
    """Attributes:
    hours: 24, from midnight on.
    groups: by how many alerts they had, most first.
    days: each that had an alert, in order.
    """

    hours: tuple[Speed, ...] = ()
    groups: tuple[tuple[GroupId, Speed], ...] = ()
    days: tuple[Day, ...] = ()


class GetBoard(Frozen, tag="get_board"):
    """``since``: when today began where it is asked, s."""

    space: SpaceId
    since: Seconds


class Capped(Frozen):
    """Texts and calls that were not sent, since a limit of them per hour was reached.

    Attributes:
        at: when that was for the last time, s.
        limit: which one it was then.
    """

    count: int
    at: float
    limit: Code


class Board(Frozen, tag="board"):
    """Attributes:
    today: of the alerts that call somebody.
    raised: hands, yellow ones too.
    nobody: how many of today's alerts found nobody.
    open: priority messages and lines' messages that wait, oldest first; hands are in the space's stream.
    waiting: how many these are in all.
    alone: hands whose last step has passed without an answer.
    capped: within the last hour; ``None``: no limit was reached.
    """

    today: Speed = Speed()
    raised: int = 0
    nobody: int = 0
    open: tuple[AlertRecord, ...] = ()
    waiting: int = 0
    alone: tuple[AlertRecord, ...] = ()
    capped: Capped | None = None
    names: tuple[tuple[PersonId, str], ...] = ()


ReportQuery = ListAlerts | ExportAlerts | GetCharts | GetBoard
ReportResult = Alerts | Charts | Board
