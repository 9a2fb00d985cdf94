"""What admins ask about what is kept of people and customers, and about who changed or read what."""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.audit import Deed, Subject
from app.core.characters import LABEL_CHARS, line
from app.core.model import Frozen, PersonId, shown_as
from app.core.privacy import MOST_DAYS, Kept, Trace, Where

Number = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
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


class GetTraces(Frozen, tag="get_traces"):
    """Where a person's name stands in what others typed."""

    person: PersonId


class RenameThing(Frozen, tag="rename_thing"):
    """Give a group, a space or a line another name; ``thing`` is its id."""

    where: Where
    thing: Annotated[str, msgspec.Meta(max_length=256)]
    name: Annotated[str, msgspec.Meta(max_length=256)]


class FindCustomer(Frozen, tag="find_customer"):
    """What there is of whoever has this phone number, as it was typed."""

    number: Number


class ExportCustomer(Frozen, tag="export_customer"):
    """Everything there is of them, as a zip of JSON; answered with ``Blob``."""

    number: Number


class EraseCustomer(Frozen, tag="erase_customer"):
    """Forget their conversations on every line, and their number wherever somebody wrote it."""

    number: Number


class CustomerTalk(Frozen):
    """Attributes:
    line: its name.
    texts: messages and notes.
    first_at, last_at: s.
    open: it is not resolved.
    """

    line: str
    texts: int
    first_at: float
    last_at: float
    open: bool = False

    def __post_init__(self) -> None:
        shown_as(self, line=line(self.line, LABEL_CHARS))


class CustomerFound(Frozen, tag="customer_found"):
    """Attributes:
    shown: the end of the number.
    talks: on the lines of the spaces in which the admin is.
    """

    shown: str
    talks: tuple[CustomerTalk, ...] = ()


class Traces(Frozen, tag="traces"):
    """In the spaces in which the admin is, and everywhere."""

    traces: tuple[Trace, ...] = ()


class Erased(Frozen, tag="erased"):
    """It was done.

    Attributes:
        traces: where a part of the name, such as the first name alone, still stands; only people can see
            whether it is this person's.
        overwritten: also in the log of changes beside the database; ``False``: that was being read, and is
            tried again every minute.
    """

    traces: tuple[Trace, ...] = ()
    overwritten: bool = True


PrivacyQuery = (
    GetAudit
    | GetRetention
    | SetRetention
    | ExportPerson
    | ErasePerson
    | GetTraces
    | RenameThing
    | FindCustomer
    | ExportCustomer
    | EraseCustomer
)
PrivacyResult = AuditPage | RetentionNow | CustomerFound | Traces | Erased
