"""The file of the history: what a spreadsheet reads is what was written, and nothing in it is computed."""

from __future__ import annotations

import csv
import io
from datetime import datetime

import pytest

from app.core.case_questions import AlertOutcome, AlertRecord
from app.core.cases import CaseId
from app.core.model import EndReason, GroupId, Level, PersonId, SpaceId
from app.core.policy import AnswerWay, CaseKind
from app.ui.reports.csv_file import beginning, csv_bytes, csv_text, guarded, headings, moment

ANN, BOB = PersonId("ann"), PersonId("bob")
CALL = AlertRecord(
    id=CaseId("c1"),
    kind=CaseKind.ESCALATION,
    space=SpaceId("hall"),
    opened_at=1_700_000_000.0,
    outcome=AlertOutcome.ANSWERED,
    asked_by=ANN,
    level=Level.RED,
    text='He said "now", line 3',
    groups=(GroupId("leads"), GroupId("gone")),
    answered_at=1_700_000_040.5,
    answered_by=BOB,
    way=AnswerWay.APPROACH,
    ended_at=1_700_000_100.0,
    reason=EndReason.BUTTON,
)
NAMES = {ANN: "森 千恵", BOB: "Bob; Stone"}


def test_a_reader_finds_every_cell_as_it_was() -> None:
    data = beginning() + csv_bytes([CALL], NAMES, {GroupId("leads"): "leads"})
    assert data.startswith(b"\xef\xbb\xbf"), "Excel reads the system's own encoding without it"
    assert "森 千恵".encode() in data
    assert data.count(b"\r\n") == 2
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert read[0] == headings()
    told = dict(zip(read[0], read[1], strict=True))
    assert told["Message"] == 'He said "now", line 3'
    assert told["Asked for help"] == "森 千恵"
    assert told["Groups called"] == "'@leads (former group)"
    assert told["Seconds until the first answer"] == "40.5"
    assert (told["Outcome"], told["Way of the answer"]) == ("Answered", "came over")
    assert told["Reason"] == "lowered"
    assert told["Nobody available since"] == ""
    assert datetime.fromisoformat(told["Began"]).timestamp() == 1_700_000_000
    assert datetime.fromisoformat(told["Began"]).utcoffset() is not None


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+81 90",
        "-2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "\u3000=1",
        "\u00a0=1",
        "\n=1",
        "\nx",
        "＝1+1",
        "＋81",
        "－2",
        "＠SUM",
        '=HYPERLINK("x")',
    ],
)
def test_a_formula_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    (line,) = csv.reader(io.StringIO(csv_text([[cell]]), newline=""))
    assert line == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["", "12.5", "a=b", "line - two", "3-1", "~=1"])
def test_what_is_no_formula_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell


def test_cells_with_breaks_and_quotes_are_quoted() -> None:
    assert csv_text([['a"b', "c\nd", "e,f", "g"]]) == '"a""b","c\nd","e,f",g\r\n'


def test_no_moment_is_an_empty_cell() -> None:
    assert moment(None) == ""
