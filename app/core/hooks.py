"""What other programs have to do with this one: integrations that ask, and webhooks that are told."""

from __future__ import annotations

import enum
from typing import NewType

from app.core.characters import LABEL_CHARS, line
from app.core.model import Frozen, PersonId, SpaceId, shown_as

IntegrationId = NewType("IntegrationId", str)
WebhookId = NewType("WebhookId", str)

INTEGRATIONS, WEBHOOKS = 50, 50
"""That a server has at most."""
URL_CHARS = 2_048
GRACE_S = 24 * 3_600.0
"""s for which the secret before a new one signs as well, unless somebody says otherwise."""
LONGEST_GRACE_S = 30 * 24 * 3_600.0


class ApiAction(enum.StrEnum):
    """What an integration may do over the HTTP API."""

    READ = "read"
    RAISE = "raise"
    ANSWER = "answer"
    END = "end"
    METRICS = "metrics"
    """Figures of the whole server, so it goes with no space, and with nothing else."""


class Integration(Frozen):
    """A program that may use the HTTP API; its token is known to it alone.

    Attributes:
        shown: the last characters of the token, by which it is recognised.
        space: where it may act; ``None``: nowhere, it reads figures of the server.
        since, used: when it was made and when it was last used, s.
    """

    id: IntegrationId
    name: str
    shown: str
    actions: tuple[ApiAction, ...]
    space: SpaceId | None
    since: float
    by: PersonId | None = None
    used: float | None = None

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS), shown=line(self.shown, LABEL_CHARS))


class HookEvent(enum.StrEnum):
    """What a webhook can be told of."""

    RAISED = "escalation.raised"
    ANSWERED = "escalation.answered"
    """Also that somebody cannot."""
    STEP = "escalation.step"
    NOBODY = "escalation.nobody"
    ENDED = "escalation.ended"
    PRIORITY_SENT = "priority.sent"
    PRIORITY_ANSWERED = "priority.answered"
    """Also that somebody has read it."""
    PRIORITY_ESCALATED = "priority.escalated"
    PRIORITY_NOBODY = "priority.nobody"
    LINE = "line.message"
    LINE_REPLIED = "line.replied"
    LINE_FORWARDED = "line.forwarded"
    """Again when more is known of it."""
    LINE_RESOLVED = "line.resolved"
    TEST = "webhook.test"
    """Asked for by an admin; each webhook gets it."""


CHOSEN = tuple(event for event in HookEvent if event is not HookEvent.TEST)


class HookTrouble(enum.StrEnum):
    """Why an endpoint did not take what it was told."""

    NO_HOST = "no_host"
    FORBIDDEN = "forbidden"
    """Its address is inside a network where this server sends nothing."""
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    STATUS = "status"
    """It answered, and not with success."""
    GONE = "gone"
    """It said that it wants to hear no more."""


class Webhook(Frozen):
    """An endpoint that is told what happens. Its address and its secret stay on the server.

    Attributes:
        shown: the host of its address.
        space: whose events; ``None``: those of every space.
        since: when it was made, s.
        waiting: messages that it has not taken yet.
        failing: since when it takes none, s.
        trouble, status: what the last attempt came to, if it failed; the HTTP status where there was one.
        off: since when nothing is sent to it, s: by hand, or because it failed for too long.
        texts: it is told what people and customers wrote, too.
        renewing: until when the secret before this one signs as well, s.
    """

    id: WebhookId
    name: str
    shown: str
    events: tuple[HookEvent, ...]
    space: SpaceId | None
    since: float
    by: PersonId | None = None
    waiting: int = 0
    failing: float | None = None
    trouble: HookTrouble | None = None
    status: int | None = None
    off: float | None = None
    texts: bool = False
    renewing: float | None = None

    def __post_init__(self) -> None:
        shown_as(self, name=line(self.name, LABEL_CHARS), shown=line(self.shown, LABEL_CHARS))


class PostState(enum.StrEnum):
    """What became of one message to a webhook."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """The endpoint refused it each time it was tried."""
    HELD = "held"
    """It came while the webhook was off."""


class HookPost(Frozen):
    """One message to a webhook, as its log has it.

    Attributes:
        number: its place in the log; messages are sent in this order.
        id: what the endpoint knows it by, the same each time it is sent.
        at, done: when it happened, and when it was delivered or given up, s.
        attempts: so far.
        body: JSON.
    """

    number: int
    id: str
    event: HookEvent
    at: float
    state: PostState
    body: str
    attempts: int = 0
    done: float | None = None
    trouble: HookTrouble | None = None
    status: int | None = None
