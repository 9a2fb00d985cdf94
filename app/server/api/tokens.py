"""The tokens of integrations: made once, shown once, kept as a hash."""

from __future__ import annotations

import base64
import hashlib

from app.core.audit import Act, Deed, Subject, changes
from app.core.errors import Code, Refused
from app.core.hook_questions import AddIntegration
from app.core.hooks import ApiAction, Integration, IntegrationId
from app.core.model import PersonId
from app.server.clock import Entropy

PREFIX = "hr_"
"""By which those who look for leaked secrets know it."""
TOKEN_BYTES = 32
"""Nobody guesses these, so a plain hash keeps them safe."""
SHOWN = 4


def fresh_integration(
    asked: AddIntegration, now: float, by: PersonId | None, entropy: Entropy
) -> tuple[Integration, str]:
    """An integration and its token.

    Raises:
        Refused: ``name_missing``, ``nothing_allowed``, ``metrics_alone``.
    """
    name = asked.name.strip()
    if not name:
        raise Refused.of(Code.NAME_MISSING)
    actions = tuple(action for action in ApiAction if action in asked.actions)
    if not actions:
        raise Refused.of(Code.NOTHING_ALLOWED)
    figures = ApiAction.METRICS in actions
    if figures != (asked.space is None) or (figures and len(actions) > 1):
        raise Refused.of(Code.METRICS_ALONE)
    token = PREFIX + base64.urlsafe_b64encode(entropy(TOKEN_BYTES)).decode().rstrip("=")
    number = IntegrationId(entropy(6).hex())
    return Integration(number, name, token[-SHOWN:], actions, asked.space, now, by), token


def hashed(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def integration_deed(now: float, act: Act, by: PersonId | None, integration: Integration) -> Deed:
    fields = {"name": integration.name, "actions": " ".join(integration.actions), "token": integration.id}
    before, after = ({}, fields) if act is Act.ADDED else (fields, {})
    return Deed(
        now,
        act,
        Subject.INTEGRATION,
        by,
        integration.space,
        integration.id,
        integration.name,
        changes=changes(before, after, secret={"token"}),
    )
