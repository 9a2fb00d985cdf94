"""What admins ask about what is kept of people, and about who changed or read what."""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.audit import Deed, Subject
from app.core.model import Frozen, PersonId
from app.core.privacy import MOST_DAYS, Kept

Days = Annotated[int, msgspec.Meta(ge=1, le=MOST_DAYS)]


class GetAudit(Frozen, tag="get_audit"):
    """A page of the audit log, newest first; ``before`` is the number that the last page ended with."""

    before: int | None = None
    subject: Subject | None = None
    by: PersonId | None = None


class AuditLine(Frozen):
    number: int
    deed: Deed


class AuditPage(Frozen, tag="audit"):
    lines: tuple[AuditLine, ...] = ()
    more: bool = False


class GetRetention(Frozen, tag="get_retention"):
    """For how long things are kept."""


class SetRetention(Frozen, tag="set_retention"):
    """``days``: ``None`` for ever."""

    kind: Kept
    days: Days | None = None


class RetentionNow(Frozen, tag="retention"):
    days: tuple[tuple[Kept, int | None], ...] = ()


class ExportPerson(Frozen, tag="export_person"):
    """Everything there is of somebody, as a zip of JSON; answered with ``Blob``."""

    person: PersonId


class ErasePerson(Frozen, tag="erase_person"):
    """Take somebody out of everything that is kept. It cannot be undone, so their handle is said again."""

    person: PersonId
    handle: Annotated[str, msgspec.Meta(max_length=256)]


PrivacyQuery = GetAudit | GetRetention | SetRetention | ExportPerson | ErasePerson
PrivacyResult = AuditPage | RetentionNow
