"""Answers about alerts that were: timelines, history, board, charts; and who may ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from app.core.ahead import ahead
from app.core.audit import Act, Deed, Subject, changes
from app.core.case_questions import NOTES, Ahead, AlertRecord, GetTimeline, Timeline
from app.core.cases import Note
from app.core.errors import Code, Refused
from app.core.local_time import DAY
from app.core.model import PersonId, SpaceId
from app.core.policy import Contact, Forward, Post
from app.core.report_questions import (
    DAYS,
    EXPORT_PAGE,
    PAGE,
    AlertFilter,
    Alerts,
    Board,
    Charts,
    ExportAlerts,
    GetBoard,
    GetCharts,
    ListAlerts,
)
from app.server.link import Link
from app.server.rights import supervises
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store


class Reports:
    """Answers for those who may know; for others what they ask about does not exist.

    Args:
        now: server time, s.
    """

    def __init__(self, store: Store, spaces: Spaces, now: Callable[[], float]) -> None:
        self._store, self._spaces, self._now = store, spaces, now

    def serve(self, service: Service) -> None:
        service.answers(GetTimeline, self._timeline)
        service.answers(ListAlerts, self._list)
        service.answers(ExportAlerts, self._export)
        service.answers(GetCharts, self._charts)
        service.answers(GetBoard, self._board)

    async def _timeline(self, link: Link, query: GetTimeline) -> Timeline:
        record = await self._store.reports.record(query.case)
        person = link.person
        if record is None or not (person == record.asked_by or self._leads(person, record.space)):
            raise Refused.of(Code.NOT_FOUND)
        case = await self._store.cases.case(query.case)
        if case is None:
            notes = tuple(await self._store.reports.hand_notes(query.case))
            return Timeline(record, notes, names=await self._names(_named([record], notes)))
        notes = tuple(await self._store.cases.timeline(query.case))[-NOTES:]
        policy, next_ = case.policy, ahead(case)
        forwarded = {one.action.to for one in next_ if isinstance(one.action, Forward)}
        return Timeline(
            record,
            notes,
            policy.name,
            next_,
            await self._contacts(notes, next_),
            await self._names(_named([record], notes) | forwarded),
        )

    async def _contacts(self, notes: Sequence[Note], next_: Sequence[Ahead]) -> tuple[Contact, ...]:
        """Those that are named; an address is never part of it."""
        named = {note.contact for note in notes if note.contact is not None}
        named |= {one.action.contact for one in next_ if isinstance(one.action, Post)}
        kept = [await self._store.contacts.contact(contact) for contact in sorted(named)]
        return tuple(known.contact for known in kept if known is not None)

    async def _list(self, link: Link, query: ListAlerts) -> Alerts:
        return await self._page(link, query, PAGE)

    async def _export(self, link: Link, query: ExportAlerts) -> Alerts:
        found = await self._page(link, query, EXPORT_PAGE)
        stopped = found.more.id if found.more is not None else ""
        begun = query.after.id if query.after is not None else ""
        await self._store.audit.note_part(self._deed(link.person, query, stopped), len(found.records), begun)
        return found

    async def _page(self, link: Link, query: ListAlerts | ExportAlerts, limit: int) -> Alerts:
        person = link.person
        if person not in self._spaces.roster.members.get(query.space, frozenset()):
            raise Refused.of(Code.NOT_FOUND)
        of = None if self._leads(person, query.space) else person
        found = await self._store.reports.page(query.space, query.only, of, query.after, limit)
        names = await self._names(_named(found.records))
        return Alerts(tuple(found.records), names, found.total, found.more)

    async def _charts(self, link: Link, query: GetCharts) -> Charts:
        self._need_lead(link.person, query.space)
        if query.until - query.since > DAYS * DAY:
            query = msgspec.structs.replace(query, since=query.until - DAYS * DAY)
        return await self._store.reports.charts(query)

    async def _board(self, link: Link, query: GetBoard) -> Board:
        self._need_lead(link.person, query.space)
        board = await self._store.reports.board(query, self._now())
        names = await self._names(_named([*board.open, *board.alone]))
        return msgspec.structs.replace(board, names=names)

    def _need_lead(self, person: PersonId | None, space: SpaceId) -> None:
        if not self._leads(person, space):
            raise Refused.of(Code.NOT_FOUND)

    def _leads(self, person: PersonId | None, space: SpaceId) -> bool:
        """Whether the person is a supervisor or an admin, and a member of the space."""
        return person is not None and supervises(self._spaces.roster, person, space)

    async def _names(self, people: Iterable[PersonId]) -> tuple[tuple[PersonId, str], ...]:
        return tuple((await self._store.reports.names(frozenset(people))).items())

    def _deed(self, person: PersonId | None, query: ExportAlerts, stopped: str) -> Deed:
        """Who took which part of the history out of the program.

        Args:
            stopped: the alert after which there is more; "" if that was all.
        """
        only = query.only
        asked = {name: value for name, value in msgspec.to_builtins(only).items() if name != "person"}
        asked |= {name: _moment(asked[name]) for name in ("since", "until") if asked.get(name) is not None}
        group = self._spaces.roster.groups.get(only.group) if only.group is not None else None
        if group is not None:
            asked["group"] = f"@{group.handle}"
        return Deed(
            self._now(),
            Act.EXPORTED,
            Subject.HISTORY,
            person,
            query.space,
            stopped,
            person=only.person,
            changes=changes(msgspec.to_builtins(AlertFilter()), asked),
        )


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _named(records: Sequence[AlertRecord], notes: Sequence[Note] = ()) -> set[PersonId]:
    named = {person for record in records for person in (record.asked_by, record.answered_by) if person}
    return named | {person for note in notes for person in note.people}
