"""The dialogs of integrations and webhooks, for eyes: the list and its states, forms, a secret, the log."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core import hook_questions as hooks
from app.core.hooks import (
    CHOSEN,
    ApiAction,
    HookEvent,
    HookPost,
    HookTrouble,
    Integration,
    IntegrationId,
    PostState,
    Webhook,
    WebhookId,
)
from app.core.model import Role
from app.ui.controllers.integrations_controller import IntegrationsController
from app.ui.integrations.forms import WebhookDialog
from app.ui.theme import Theme
from tests.helpers.support_floor import ME, SupportFloor, run_now

NOW = 1_700_000_000.0
HOUR = 3_600.0
BODY = b'{"type":"escalation.raised","data":{"escalation":{"level":"red","message":"Contract question"}}}'
NAMES = {"en": ("Phone system", "CRM", "Wallboard"), "ja": ("電話システム", "CRM", "大型モニター")}


class IntegrationScenes:
    def __init__(self, theme: Theme, language: str, save: Callable[[str, QWidget], None]) -> None:
        self._save = save
        floor = SupportFloor(language, NOW)
        people = floor.space.people
        people[ME] = msgspec.structs.replace(people[ME], role=Role.ADMIN)
        self.client = floor.client(ME)
        here, names = floor.space.space.id, NAMES[language]
        pbx = Integration(
            IntegrationId("pbx"), names[0], "x7Qk", (ApiAction.RAISE, ApiAction.END), here, 0.0, used=NOW
        )
        crm = Webhook(
            *(WebhookId("crm"), names[1], "crm.example.com", CHOSEN, here, NOW),
            renewing=self.client.server_now() + 20 * HOUR,
        )
        board = Webhook(
            *(WebhookId("board"), names[2], "board.example.com", (HookEvent.RAISED,), None, NOW),
            waiting=12,
            failing=NOW,
            trouble=HookTrouble.STATUS,
            status=503,
        )
        self.client.answers |= {
            hooks.ListIntegrations: lambda _q: hooks.Integrations((pbx,)),
            hooks.ListWebhooks: lambda _q: hooks.Webhooks((crm, board), everywhere=True),
            hooks.RenewSecret: lambda _q: hooks.WebhookSaved(
                crm, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwY2k0q1bX0sE="
            ),
            hooks.ReadPosts: lambda _q: hooks.PostLog(_posts()),
        }
        self.host = QWidget()
        self.controller = IntegrationsController(self.client, theme, run_now, QLocale(language), self.host)

    def show(self) -> None:
        controller = self.controller
        controller.open(self.host)
        dialog = controller.dialog
        assert dialog is not None
        self._save("integrations", dialog)
        dialog.hook_button.click()
        self._form("integrations-add")
        dialog.change_wanted.emit("crm")
        form = controller.form
        assert isinstance(form, WebhookDialog)
        self._save("integrations-change", form)
        form.renew.click()
        renewing = controller.form
        assert renewing is not None
        self._save("integrations-renew", renewing)
        renewing.agree.click()
        assert controller.secret is not None
        self._save("integrations-secret", controller.secret)
        controller.secret.accept()
        dialog.log_wanted.emit("crm")
        assert controller.log is not None
        self._save("integrations-log", controller.log)
        controller.log.reject()
        dialog.reject()

    def _form(self, name: str) -> None:
        form = self.controller.form
        assert form is not None
        self._save(name, form)
        form.reject()


def _posts() -> tuple[HookPost, ...]:
    events = (HookEvent.LINE_FORWARDED, HookEvent.PRIORITY_ESCALATED, HookEvent.ANSWERED, HookEvent.RAISED)
    states = (PostState.WAITING, PostState.FAILED, PostState.DELIVERED, PostState.DELIVERED)
    return tuple(
        HookPost(4 - at, f"m{at}", event, NOW - 60 * at, state, BODY.decode(), 1 + at)
        for at, (event, state) in enumerate(zip(events, states, strict=True))
    )
