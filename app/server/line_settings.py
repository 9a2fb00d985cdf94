"""*Settings → Escalation* of a line: where messages go that nobody touches, for supervisors and admins alone.

The number of the cell phone stays on the server and is shown by its last digits. Cases that are open keep the
setting that they began with.
"""

from __future__ import annotations

from app.core.audit import Act, Deed, Subject, changes
from app.core.errors import Code, Refused
from app.core.line_questions import GetLineSettings, LineSetting, LineSettings, SetLineEscalation
from app.core.lines import Line
from app.core.model import PersonId
from app.core.questions import Done
from app.server.clock import Clock
from app.server.delivery.numbers import Numbers, masked
from app.server.link import Link
from app.server.rights import supervisor_of
from app.server.service import Service
from app.server.spaces import Spaces
from app.server.store.base import Store
from app.server.store.lines import KeptSetting


class LineOffice:
    """Answers supervisors and admins of the space of a line."""

    def __init__(self, store: Store, spaces: Spaces, clock: Clock, numbers: Numbers) -> None:
        self._lines, self._spaces, self._clock, self._numbers = store.lines, spaces, clock, numbers

    def register(self, service: Service) -> None:
        service.answers(GetLineSettings, self._get)
        service.answers(SetLineEscalation, self._set)

    async def _get(self, link: Link, query: GetLineSettings) -> LineSettings:
        supervisor_of(self._spaces.roster, link, query.space)
        lines = [line for line in self._spaces.roster.lines.values() if line.space == query.space]
        lines.sort(key=lambda line: (line.name, line.id))
        return LineSettings(tuple([_shown(line, await self._lines.setting(line.id)) for line in lines]))

    async def _set(self, link: Link, query: SetLineEscalation) -> Done:
        roster = self._spaces.roster
        line = roster.lines.get(query.line)
        if line is None:
            raise Refused.of(Code.NOT_FOUND)
        by = supervisor_of(roster, link, line.space)
        before = await self._lines.setting(line.id)
        cell = self._numbers.read(query.cell) if query.cell.strip() else before.cell
        if query.enabled and not cell:
            raise Refused.of(Code.NUMBER_NEEDED)
        if any(cell == other.number for other in roster.lines.values()):
            raise Refused.of(Code.OWN_LINE)
        after = KeptSetting(query.enabled, cell, query.minutes)
        await self._lines.set_setting(line.id, after, self._deed(by, line, before, after))
        return Done()

    def _deed(self, by: PersonId, line: Line, before: KeptSetting, after: KeptSetting) -> Deed:
        now = self._clock.now()
        told = changes(_fields(before), _fields(after), secret={"cell"})
        return Deed(now, Act.CHANGED, Subject.LINE, by, line.space, line.id, line.name, changes=told)


def _shown(line: Line, setting: KeptSetting) -> LineSetting:
    return LineSetting(line, setting.enabled, setting.minutes, masked(setting.cell))


def _fields(setting: KeptSetting) -> dict[str, object]:
    return {"enabled": setting.enabled, "cell": setting.cell, "minutes": setting.minutes}
