"""Answers about alerts that were: timelines, history, board, charts; and who may ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.case_questions import NOTES, AlertRecord, GetTimeline, Timeline
from app.core.cases import Note
from app.core.errors import Code, Refused
from app.core.model import PersonId, Role, SpaceId
from app.server.link import Link
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.reports import ReportStore


class Reports:
    """Answers for those who may know; for others what they ask about does not exist."""

    def __init__(self, store: ReportStore, spaces: Spaces) -> None:
        self._store, self._spaces = store, spaces

    def serve(self, service: Service) -> None:
        service.answers(GetTimeline, self._timeline)

    async def _timeline(self, link: Link, query: GetTimeline) -> Timeline:
        record = await self._store.record(query.case)
        if record is None or not self._may_see(link.person, record):
            raise Refused.of(Code.NOT_FOUND)
        notes = tuple(await self._store.hand_notes(query.case))[-NOTES:]
        return Timeline(record, notes, names=await self._names(_named(record, notes)))

    def _may_see(self, person: PersonId | None, record: AlertRecord) -> bool:
        """One's own, and everything of a space that one supervises."""
        return person is not None and (person == record.asked_by or self.leads(person, record.space))

    def leads(self, person: PersonId, space: SpaceId) -> bool:
        """Whether the person is a supervisor or an admin, and a member of the space."""
        roster = self._spaces.roster
        known = roster.people.get(person)
        member = person in roster.members.get(space, frozenset())
        return known is not None and member and known.role is not Role.AGENT

    async def _names(self, people: Iterable[PersonId | None]) -> tuple[tuple[PersonId, str], ...]:
        wanted = frozenset(person for person in people if person is not None)
        return tuple((await self._store.names(wanted)).items())


def _named(record: AlertRecord, notes: Sequence[Note]) -> set[PersonId | None]:
    return {record.asked_by, record.answered_by, *(person for note in notes for person in note.people)}
