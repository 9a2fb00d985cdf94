"""What the store keeps for other programs: integrations with what they were answered, and webhooks with their
logs.

A message to a webhook is written in the transaction of the event it tells of (*outbox*). Whoever sends it
holds a lease on its webhook, so that messages go out in order whichever server sends them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.audit import Deed
from app.core.hooks import (
    HookEvent,
    HookPost,
    HookTrouble,
    Integration,
    IntegrationId,
    PostState,
    Webhook,
    WebhookId,
)
from app.core.model import EscalationId, SpaceId
from app.server.api.documents import EscalationDocument

LEASE_S = 30.0
"""s that a webhook belongs to who sends to it; longer than one message may take."""
LATEST_S = 3_600.0
"""s until the next attempt at most."""
KEPT_POSTS = 10_000
"""Messages of one webhook that are kept at most."""
ANSWERS_KEPT_S = 2 * 86_400.0
"""s in which a request with the same key gets the same answer."""


@dataclass(frozen=True)
class KeptAnswer:
    """What a request was answered; ``fingerprint`` is the hash of the request."""

    fingerprint: bytes
    status: int
    body: bytes


class IntegrationStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def all(self) -> Sequence[Integration]:
        """By name."""
        ...

    async def add(self, integration: Integration, token_hash: bytes, deed: Deed) -> None: ...

    async def revoke(self, integration: IntegrationId, deed: Deed) -> bool:
        """Whether it was still there."""
        ...

    async def of_token(self, token_hash: bytes) -> Integration | None: ...

    async def used(self, integration: IntegrationId, now: float) -> None: ...

    async def answer(self, integration: IntegrationId, key: str) -> KeptAnswer | None:
        """What the request with this key was answered."""
        ...

    async def keep_answer(
        self, integration: IntegrationId, key: str, answer: KeptAnswer, now: float
    ) -> KeptAnswer:
        """Keep an answer, unless there is one for this key already; returns the one that counts."""
        ...

    async def prune(self, now: float) -> None: ...

    async def escalation(self, escalation: EscalationId) -> EscalationDocument | None: ...

    async def open_escalations(self, space: SpaceId) -> Sequence[EscalationDocument]:
        """The longest waiting first."""
        ...


@dataclass(frozen=True)
class KeptWebhook:
    """A webhook with what the server alone knows; ``secret`` signs what is sent from now on."""

    webhook: Webhook
    url: str
    secret: bytes


@dataclass(frozen=True)
class Claimed:
    """A message that is to be sent now, to a webhook that ``owner`` holds.

    Attributes:
        secrets: all that sign it, the newest first.
        tries: attempts at this message so far.
        failures: attempts in a row that failed, at whatever message.
        failing: since when, s.
    """

    owner: str
    webhook: WebhookId
    url: str
    secrets: tuple[bytes, ...]
    number: int
    id: str
    body: bytes
    tries: int
    failures: int
    failing: float | None


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to.

    Attributes:
        state: of the message from now on.
        again_at: when it is tried again, s, if it waits.
        off: nothing is sent to this webhook any more.
    """

    at: float
    state: PostState
    trouble: HookTrouble | None = None
    status: int | None = None
    again_at: float = 0.0
    off: bool = False


class HookStore(Protocol):
    """Every method may raise :class:`app.server.store.base.StoreError`; nothing of it has happened then."""

    async def all(self) -> Sequence[KeptWebhook]:
        """By name."""
        ...

    async def find(self, webhook: WebhookId) -> KeptWebhook | None: ...

    async def save(self, kept: KeptWebhook, deed: Deed) -> None:
        """Make it, or change its name, events, address."""
        ...

    async def renew(self, webhook: WebhookId, secret: bytes, until: float, deed: Deed) -> None:
        """Another secret; those before it sign as well until then (s), or no more, if that is now."""
        ...

    async def switch(self, webhook: WebhookId, on: bool, deed: Deed) -> None: ...

    async def remove(self, webhook: WebhookId, deed: Deed) -> None: ...

    async def posts(self, webhook: WebhookId, before: int | None, limit: int) -> Sequence[HookPost]:
        """Newest first."""
        ...

    async def resend(self, webhook: WebhookId, number: int | None, since: float | None, deed: Deed) -> int:
        """Let one message, or all since a time, wait to be sent again; how many."""
        ...

    async def queue(self, webhook: WebhookId, event: HookEvent, body: bytes, deed: Deed) -> None:
        """One more message, for this webhook alone."""
        ...

    async def claim(self, owner: str, now: float, limit: int) -> Sequence[Claimed]:
        """The next message of each webhook that is due and that nobody holds."""
        ...

    async def settle(self, claimed: Claimed, outcome: Outcome) -> Claimed | None:
        """Write down what came of it; the next one, if it can be sent at once. Otherwise nobody holds the
        webhook any more."""
        ...

    async def release(self, owner: str) -> None:
        """Whoever it is sends nothing any more."""
        ...

    async def waiting(self) -> Mapping[WebhookId, int]:
        """Messages that wait, for each webhook that has some."""
        ...

    async def prune(self, now: float) -> None: ...
