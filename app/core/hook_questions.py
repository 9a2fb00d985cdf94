"""What admins ask about integrations and webhooks, and the answers.

A token or secret is in the answer to the question that made it, and in no other.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from app.core.hooks import (
    GRACE_S,
    LONGEST_GRACE_S,
    URL_CHARS,
    ApiAction,
    HookEvent,
    HookPost,
    Integration,
    IntegrationId,
    Webhook,
    WebhookId,
)
from app.core.model import Frozen, SpaceId

POSTS = 50
"""Messages of a webhook's log that are told at once."""

Label = Annotated[str, msgspec.Meta(max_length=120)]
Url = Annotated[str, msgspec.Meta(max_length=URL_CHARS)]


class ListIntegrations(Frozen, tag="list_integrations"):
    """Those of my spaces."""


class AddIntegration(Frozen, tag="add_integration"):
    name: Label
    actions: Annotated[tuple[ApiAction, ...], msgspec.Meta(max_length=len(ApiAction))]
    space: SpaceId | None = None


class RevokeIntegration(Frozen, tag="revoke_integration"):
    """Its token is worth nothing from now on."""

    integration: IntegrationId


class ListWebhooks(Frozen, tag="list_webhooks"):
    """Those of my spaces."""


class SaveWebhook(Frozen, tag="save_webhook"):
    """Make a webhook, or change one.

    Attributes:
        webhook: "" makes one; the answer says its id.
        url: "" leaves that of a webhook as it is.
        space: of one that is made; it stays there. ``None``: all of them, for admins of all.
        texts: it is told what people and customers wrote, too.
    """

    name: Label
    events: Annotated[tuple[HookEvent, ...], msgspec.Meta(max_length=len(HookEvent))]
    url: Url = ""
    space: SpaceId | None = None
    webhook: WebhookId = WebhookId("")
    texts: bool = False


class RenewSecret(Frozen, tag="renew_secret"):
    """A new secret for a webhook, told in the answer.

    Attributes:
        grace: s for which the ones before it sign as well; 0: no more from now on, since one is known to
            somebody.
    """

    webhook: WebhookId
    grace: Annotated[float, msgspec.Meta(ge=0.0, le=LONGEST_GRACE_S)] = GRACE_S


class SwitchWebhook(Frozen, tag="switch_webhook"):
    """On again, also after it failed for too long; or off: what happens meanwhile is kept, and not sent."""

    webhook: WebhookId
    on: bool


class RemoveWebhook(Frozen, tag="remove_webhook"):
    """With its log."""

    webhook: WebhookId


class ReadPosts(Frozen, tag="read_posts"):
    """The log of a webhook, newest first, before a number of it."""

    webhook: WebhookId
    before: int | None = None


class ResendPosts(Frozen, tag="resend_posts"):
    """Send again: one message, or all since a time (s). Their ids stay the same."""

    webhook: WebhookId
    number: int | None = None
    since: float | None = None


class TryWebhook(Frozen, tag="try_webhook"):
    """Send it a message that says it is a test."""

    webhook: WebhookId


HookQuery = (
    ListIntegrations
    | AddIntegration
    | RevokeIntegration
    | ListWebhooks
    | SaveWebhook
    | RenewSecret
    | SwitchWebhook
    | RemoveWebhook
    | ReadPosts
    | ResendPosts
    | TryWebhook
)


class Integrations(Frozen, tag="integrations"):
    integrations: tuple[Integration, ...] = ()


class IntegrationAdded(Frozen, tag="integration_added"):
    """``token`` is told here, once."""

    integration: Integration
    token: str


class Webhooks(Frozen, tag="webhooks"):
    """Attributes:
    inside: this server sends to addresses inside its own network as well, and without TLS there.
    everywhere: who asks may make some that hear of every space.
    """

    webhooks: tuple[Webhook, ...] = ()
    inside: bool = False
    everywhere: bool = False


class WebhookSaved(Frozen, tag="webhook_saved"):
    """``secret`` is told here, once: what its signatures are checked with. Empty where it stays the same."""

    webhook: Webhook
    secret: str = ""


class PostLog(Frozen, tag="post_log"):
    """Newest first; ``more`` when there are older ones."""

    posts: tuple[HookPost, ...] = ()
    more: bool = False


class Resent(Frozen, tag="resent"):
    """So many messages wait to be sent again."""

    count: int


HookResult = Integrations | IntegrationAdded | Webhooks | WebhookSaved | PostLog | Resent
