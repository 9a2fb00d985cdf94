"""Messages of customers as cases: opened when they come, ended when somebody touches the conversation.

In the transaction of the events, so that nothing is forwarded after a touch was stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial

from app.core import case_answers
from app.core import line_events as ev
from app.core.case_answers import Followed
from app.core.case_steps import next_look
from app.core.cases import Case, CaseAnswer, CaseId
from app.core.limits import LINE_CHARS
from app.core.lines import CustomerId, Line, LineId, LineText, Talk, TextKind, line_contact
from app.core.model import PersonId, SpaceId
from app.core.policy import AnswerWay, CaseKind, Policy, PolicyId, PolicyStep, Reached, Text
from app.server.store.sqlite import cases, line_rows
from app.server.store.sqlite.policies import run_for

_WAYS = {TextKind.OUT: AnswerWay.REPLY, TextKind.NOTE: AnswerWay.READ, TextKind.PHONE: AnswerWay.SMS}


def project(db: sqlite3.Connection, space: SpaceId, event: ev.LineEvent, at: float) -> None:
    """After :func:`app.server.store.sqlite.lines.project`."""
    match event:
        case ev.LineWritten(talk=talk, text=text) if text.kind is TextKind.IN:
            _open(db, space, talk, text)
        case ev.LineWritten(talk=talk, text=text):
            _answer(db, talk, text.author, _WAYS[text.kind], at)
        case ev.TalkTouched(talk=talk, by=by) | ev.TalkAssigned(talk=talk, by=by):
            _answer(db, talk, by, AnswerWay.READ, at)
        case ev.TalkResolved(talk=talk, by=by):
            _answer(db, talk, by, AnswerWay.RESOLVE, at)
        case ev.TalkOptedOut(talk=talk, out=True):
            _each(db, talk, at, lambda case: case_answers.ended(case, at))
        case ev.LineRemoved() | ev.TalkForgotten():
            _end_forgotten(db, space, at)
        case _:
            pass


def _end_forgotten(db: sqlite3.Connection, space: SpaceId, at: float) -> None:
    """The conversations of these are no more."""
    sql = "SELECT id FROM cases WHERE kind = ? AND space = ? AND ended_at IS NULL"
    for (number,) in db.execute(sql, (CaseKind.LINE, space)).fetchall():
        case = cases.find(db, CaseId(number))
        if case is not None and line_rows.find(db, CustomerId(case.topic)) is None:
            cases.follow(db, case.id, at, lambda known: case_answers.ended(known, at))


def _open(db: sqlite3.Connection, space: SpaceId, talk_id: CustomerId, text: LineText) -> None:
    talk = line_rows.find(db, talk_id)
    line = line_rows.all_lines(db).get(talk.line) if talk is not None else None
    if talk is None or line is None:
        return  # the line was removed meanwhile
    case = Case(
        id=CaseId(text.id),
        kind=CaseKind.LINE,
        space=space,
        policy=policy_of(db, space, line.id),
        opened_at=text.at,
        topic=talk.id,
        text=_words(line, talk, text),
    )
    opened = case_answers.opened(case)
    cases.open_case(db, opened, next_look(opened[0]))


def policy_of(db: sqlite3.Connection, space: SpaceId, line: LineId) -> Policy:
    """The line's setting as a policy; where it is off, what the space does about lines."""
    setting = line_rows.setting_of(db, line)
    if not setting.enabled:
        return run_for(db, space, CaseKind.LINE, None)
    forward = Text(Reached(contacts=(line_contact(line),)))
    step = PolicyStep(setting.minutes * 60.0, forward)
    number = PolicyId(f"line-{line}")
    return Policy(number, "", CaseKind.LINE, (step,), setting.version, come_within=None)


def _words(line: Line, talk: Talk, text: LineText) -> str:
    """What the cell phone is texted: which line, which customer, what they wrote."""
    files = "\n".join(media.url for media in text.media)
    words = f"{line.name} {talk.shown}: {text.text or files}"
    return words if len(words) <= LINE_CHARS else words[: LINE_CHARS - 1] + "…"


def _answer(db: sqlite3.Connection, talk: CustomerId, by: PersonId | None, way: AnswerWay, at: float) -> None:
    """Somebody has touched it: all that came so far is theirs to look after."""

    def happens(answer: CaseAnswer, case: Case) -> Followed:
        case, notes = case_answers.answered(case, answer)
        case, more = case_answers.ended(case, at)
        return case, (*notes, *more)

    known = line_rows.find(db, talk)
    phone = line_contact(known.line) if by is None and known is not None else None
    _each(db, talk, at, partial(happens, CaseAnswer(way, at, by, phone)))


def _each(db: sqlite3.Connection, talk: CustomerId, at: float, happens: Callable[[Case], Followed]) -> None:
    sql = (
        "SELECT c.id FROM line_texts t JOIN cases c ON c.id = t.id "
        "WHERE t.talk = ? AND c.ended_at IS NULL ORDER BY t.at"
    )
    for (case,) in db.execute(sql, (talk,)).fetchall():
        cases.follow(db, CaseId(case), at, happens)
