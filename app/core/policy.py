"""What is done about an alert that nobody answers: ordered steps, as data.

A policy is written by supervisors, kept by the server, and never changes under an alert that is on its way:
a case keeps the version it began with (:mod:`app.core.cases`). Delays and limits follow GoAlert's.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Annotated, NewType

import msgspec

from app.core.characters import LABEL_CHARS, line
from app.core.errors import N_
from app.core.model import Frozen, PersonId, Recipients, SpaceId, shown_as
from app.core.sends import ContactId as ContactId

PolicyId = NewType("PolicyId", str)

Delay = Annotated[float, msgspec.Meta(ge=0.0, le=86_400.0)]
"""s"""
STEPS = 20
"""Steps of a policy at most."""
ROUNDS = 5
"""Times that a whole policy may be run again at most."""


class CaseKind(enum.StrEnum):
    """What alerts: a red hand, a priority message, or a line's message that stays unresolved."""

    ESCALATION = "escalation"
    PRIORITY = "priority"
    LINE = "line"


class ContactKind(enum.StrEnum):
    PHONE = "phone"
    APPRISE = "apprise"
    WEBHOOK = "webhook"


class Contact(Frozen):
    """Something outside the program that a step can reach, such as the duty phone.

    The number or address itself stays on the server; admins who edit it see it masked.

    Attributes:
        shown: a few characters by which it is recognised, such as the last three digits.
    """

    id: ContactId
    name: str
    kind: ContactKind
    shown: str = ""

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS), shown=line(self.shown, LABEL_CHARS))


class Reached(Frozen):
    """Whom a step reaches by phone: people (at their own verified numbers), members of groups, contacts.

    ``called``: everybody whom the alert has called in the program so far.
    """

    to: Recipients = Recipients()
    contacts: tuple[ContactId, ...] = ()
    called: bool = False

    def __bool__(self) -> bool:
        return bool(self.to or self.contacts or self.called)


class Notify(Frozen, tag="notify"):
    """Call these in the program as well."""

    to: Recipients


class Repeat(Frozen, tag="repeat"):
    """Call everybody who was called so far again, every ``every`` s, ``times`` times.

    It goes on while later steps wait for their turn, until an answer or the next ``Repeat``.
    """

    every: Annotated[float, msgspec.Meta(ge=10.0, le=86_400.0)]
    times: Annotated[int, msgspec.Meta(ge=1, le=100)]


class Text(Frozen, tag="text"):
    """Send a text message."""

    to: Reached


class Call(Frozen, tag="call"):
    """Call by phone; the message is spoken, a key press acknowledges or declines."""

    to: Reached


class Forward(Frozen, tag="forward"):
    """Hand the case over to one person, who is called in the program from now on."""

    to: PersonId


class Post(Frozen, tag="post"):
    """Tell an Apprise address or a webhook."""

    contact: ContactId


Action = Notify | Repeat | Text | Call | Forward | Post


class PolicyStep(Frozen):
    """``action`` is done when nobody has answered for ``after`` s since the step before it (or the start)."""

    after: Delay
    action: Action


class AnswerWay(enum.StrEnum):
    """How somebody answered a case."""

    APPROACH = "approach"
    CHAT = "chat"
    READ = "read"
    REPLY = "reply"
    COMING = "coming"
    KEY = "key"
    SMS = "sms"
    RESOLVE = "resolve"
    API = "api"


ARRIVING = frozenset({AnswerWay.APPROACH, AnswerWay.CHAT, AnswerWay.READ, AnswerWay.REPLY, AnswerWay.RESOLVE})
"""Answers that are help already, not only the promise of it."""


class Policy(Frozen):
    """Attributes:
    version: rises with each change.
    again: times that all steps are run again after the last one, unanswered.
    answers: what counts as an answer; by default everything does.
    come_within: s after a promise (``COMING``, ``KEY``, ``SMS``) in which somebody has to approach, chat,
        reply or resolve; else the case comes back once. ``None``: it does not.
    """

    id: PolicyId
    name: str
    kind: CaseKind
    steps: Annotated[tuple[PolicyStep, ...], msgspec.Meta(max_length=STEPS)] = ()
    version: int = 1
    again: Annotated[int, msgspec.Meta(ge=0, le=ROUNDS)] = 0
    answers: tuple[AnswerWay, ...] = tuple(AnswerWay)
    come_within: Annotated[float, msgspec.Meta(ge=30.0, le=86_400.0)] | None = 300.0

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS))


class Assignment(Frozen):
    """Which policy is run for what happens in a space; one for a person goes before that of the space.

    Attributes:
        person: who raised the hand, or wrote the message; ``None``: everybody.
    """

    space: SpaceId
    kind: CaseKind
    policy: PolicyId
    person: PersonId | None = None


BUILT_IN = {
    CaseKind.ESCALATION: Policy(
        PolicyId("built-in-escalation"),
        N_("Standard: call again"),
        CaseKind.ESCALATION,
        (PolicyStep(60.0, Repeat(60.0, 4)),),
    ),
    CaseKind.PRIORITY: Policy(
        PolicyId("built-in-priority"),
        N_("Standard: every 2 minutes for 20 minutes"),
        CaseKind.PRIORITY,
        (PolicyStep(120.0, Repeat(120.0, 9)),),
        come_within=None,
    ),
    CaseKind.LINE: Policy(PolicyId("built-in-line"), N_("Standard: wait in the inbox"), CaseKind.LINE),
}
"""What is run where no policy was chosen. A priority message sounds when it arrives and nine times after."""


def users_of(contact: ContactId, policies: Iterable[Policy]) -> list[str]:
    """The names of the policies that reach it."""
    found = []
    for policy in policies:
        for step in policy.steps:
            match step.action:
                case Text(to=reached) | Call(to=reached) if contact in reached.contacts:
                    found.append(policy.name)
                case Post(contact=posted) if posted == contact:
                    found.append(policy.name)
    return list(dict.fromkeys(found))
