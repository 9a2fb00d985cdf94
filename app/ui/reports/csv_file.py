"""Alerts as a CSV file that spreadsheets open as it is meant: RFC 4180, marked UTF-8, times with offset."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from app.core.case_questions import AlertRecord
from app.core.model import GroupId
from app.ui.i18n import tr
from app.ui.reports.record_words import (
    Names,
    helper_words,
    kind_words,
    name_in,
    outcome_words,
    reason_words,
    way_words,
)

MARK = "\ufeff"
"""By which Excel knows UTF-8."""
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell, which what others wrote must never do."""


def headings() -> list[str]:
    return [
        tr("Began"),
        tr("Kind"),
        tr("Asked for help"),
        tr("Message"),
        tr("Groups called"),
        tr("Outcome"),
        tr("First answer at"),
        tr("First answer"),
        tr("Way of the answer"),
        tr("Seconds until the first answer"),
        tr("Nobody available since"),
        tr("Ended"),
        tr("Reason"),
        "ID",
    ]


def row(record: AlertRecord, names: Names, groups: Mapping[GroupId, str]) -> list[str]:
    """``groups``: their handles."""
    former = tr("(former group)")
    called = " ".join(f"@{groups[group]}" if group in groups else former for group in record.groups)
    return [
        moment(record.opened_at),
        kind_words(record),
        name_in(names, record.asked_by),
        record.text,
        called,
        outcome_words(record),
        moment(record.answered_at),
        helper_words(record, names),
        way_words(record.way),
        "" if record.waited is None else f"{record.waited:.1f}",
        moment(record.nobody_at),
        moment(record.ended_at),
        reason_words(record.reason),
        record.id,
    ]


def moment(at: float | None) -> str:
    """ISO 8601 with the offset that was valid here then; empty where there is none."""
    return "" if at is None else datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")


def guarded(cell: str) -> str:
    """Text is text: a cell that a spreadsheet would compute gets an apostrophe before it."""
    odd = cell[:1] in "\t\r\n" and cell
    return f"'{cell}" if odd or cell.lstrip().startswith(FORMULA) else cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Lines end with CR LF, and cells are quoted where they must be."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in cells] for cells in rows)
    return made.getvalue()


def beginning() -> bytes:
    """Of a file: the mark and the headings."""
    return (MARK + csv_text([headings()])).encode("utf-8")


def csv_bytes(records: Iterable[AlertRecord], names: Names, groups: Mapping[GroupId, str]) -> bytes:
    """Lines of a file."""
    return csv_text(row(record, names, groups) for record in records).encode("utf-8")
