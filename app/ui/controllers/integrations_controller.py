"""Lists and changes what other programs may do, and what they are told."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import QLocale, QObject
from PySide6.QtWidgets import QWidget

from app.core import hook_questions as hooks
from app.core.hooks import ApiAction, HookPost, Integration, IntegrationId, Webhook, WebhookId
from app.core.model import SpaceId
from app.core.questions import Done, Query, Result
from app.ui.controllers.asking import Failed, Spawn, admin_here, failure_words
from app.ui.i18n import tr, trn
from app.ui.integrations.forms import (
    AddIntegrationDialog,
    Form,
    RenewDialog,
    SecretDialog,
    WebhookDialog,
    WebhookWish,
)
from app.ui.integrations.log import LogDialog
from app.ui.integrations.page import IntegrationsDialog
from app.ui.port import ClientPort
from app.ui.question import ask
from app.ui.theme import Theme
from app.ui.widgets import Tone

R = TypeVar("R", bound=Result)


class IntegrationsController(QObject):
    """Attributes:
    dialog: the one that is open; ``log`` and ``form`` stand over it.
    """

    def __init__(
        self, client: ClientPort, theme: Theme, spawn: Spawn, locale: QLocale, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._client, self._theme, self._spawn, self._locale = client, theme, spawn, locale
        self._integrations: tuple[Integration, ...] = ()
        self._webhooks: tuple[Webhook, ...] = ()
        self._everywhere = False
        self.dialog: IntegrationsDialog | None = None
        self.form: Form | None = None
        self.log: LogDialog | None = None
        self.secret: SecretDialog | None = None

    def open(self, parent: QWidget) -> None:
        """For admins; for others it does nothing."""
        admin = admin_here(self._client)
        if admin is None:
            return
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        _, space = admin
        dialog = self.dialog = IntegrationsDialog(space.space.name, self._theme.tokens, self._locale, parent)
        dialog.finished.connect(self._closed)
        dialog.add_wanted.connect(self._add)
        dialog.revoke_wanted.connect(self._ask_to_revoke)
        dialog.hook_wanted.connect(lambda: self._change(None))
        dialog.change_wanted.connect(lambda number: self._change(self._webhook(number)))
        dialog.remove_wanted.connect(self._ask_to_remove)
        dialog.switch_wanted.connect(lambda number, on: self._do(self._switch(WebhookId(number), on)))
        dialog.test_wanted.connect(lambda number: self._do(self._test(WebhookId(number))))
        dialog.log_wanted.connect(self._open_log)
        dialog.open()
        self._do(self._list())

    def _closed(self) -> None:
        self.dialog = self.form = self.log = self.secret = None

    def _do(self, doing: Coroutine[Any, Any, None]) -> None:
        self._spawn(doing, "integrations")

    def _webhook(self, number: str) -> Webhook | None:
        return next((one for one in self._webhooks if one.id == number), None)

    async def _ask(self, question: Query, answer: type[R]) -> R | None:
        """``None``: it was said why not."""
        try:
            return await self._client.ask(question, answer)
        except Failed as error:
            words = failure_words(error)
            if self.form is not None:
                self.form.refuse(words)
            elif self.log is not None:
                self.log.say(words)
            elif self.dialog is not None:
                self.dialog.say(words)
            return None

    async def _list(self) -> None:
        programs = await self._ask(hooks.ListIntegrations(), hooks.Integrations)
        webhooks = await self._ask(hooks.ListWebhooks(), hooks.Webhooks)
        if self.dialog is None or programs is None or webhooks is None:
            return
        here = self._client.space.space.id if self._client.space is not None else None
        self._integrations = tuple(one for one in programs.integrations if one.space in (here, None))
        self._webhooks = tuple(one for one in webhooks.webhooks if one.space in (here, None))
        self.dialog.show_integrations(self._integrations)
        self._everywhere = webhooks.everywhere
        self.dialog.show_webhooks(self._webhooks, self._client.server_now())

    # Programs that ask

    def _add(self) -> None:
        space = self._client.space
        if self.dialog is None or space is None:
            return
        form = AddIntegrationDialog(space.space.name, self._theme.tokens, self.dialog)
        form.add_wanted.connect(lambda name, actions, acts: self._do(self._added(name, actions, acts)))
        self._open_form(form)

    def _open_form(self, form: Form) -> None:
        self.form = form
        form.finished.connect(self._form_closed)
        form.open()

    def _form_closed(self) -> None:
        self.form = None

    async def _added(self, name: str, actions: tuple[ApiAction, ...], acts: bool) -> None:
        space = self._client.space
        where = space.space.id if acts and space is not None else None
        added = await self._ask(hooks.AddIntegration(name, actions, where), hooks.IntegrationAdded)
        if added is None:
            return
        words = tr("Enter this token where {name} is set up. It is shown only now.", name=name)
        self._show_secret(tr("Token of {name}", name=name), words, added.token)
        await self._list()

    def _show_secret(self, title: str, words: str, secret: str) -> None:
        if self.form is not None:
            self.form.accept()
        if self.dialog is not None:
            self.secret = SecretDialog(title, words, secret, self._theme.tokens, self.dialog)
            self.secret.open()

    def _ask_to_revoke(self, number: str) -> None:
        known = next((one for one in self._integrations if one.id == number), None)
        if known is not None and self.dialog is not None:
            title = tr("Revoke the token of {name}?", name=known.name)
            words = tr("From then on it can do nothing here.")

            def revoke() -> None:
                self._do(self._revoke(known))

            ask(self.dialog, title, words, tr("Revoke"), revoke, self._theme.tokens)

    async def _revoke(self, known: Integration) -> None:
        if await self._ask(hooks.RevokeIntegration(IntegrationId(known.id)), Done) is not None:
            self._say_good(tr("The token of {name} is revoked.", name=known.name))
        await self._list()

    def _say_good(self, words: str) -> None:
        if self.dialog is not None:
            self.dialog.say(words, Tone.GOOD)

    # Webhooks

    def _change(self, webhook: Webhook | None) -> None:
        space = self._client.space
        if self.dialog is None or space is None:
            return
        where, tokens = space.space, self._theme.tokens
        form = WebhookDialog(webhook, where.name, self._everywhere, tokens, self.dialog)
        form.save_wanted.connect(lambda wish: self._do(self._save(webhook, wish, where.id)))
        if webhook is not None:
            form.renew_wanted.connect(lambda: self._ask_how_to_renew(webhook))
        self._open_form(form)

    async def _save(self, webhook: Webhook | None, wish: WebhookWish, here: SpaceId) -> None:
        question = hooks.SaveWebhook(
            wish.name,
            wish.events,
            wish.url,
            None if webhook is not None or wish.everywhere else here,
            webhook.id if webhook is not None else WebhookId(""),
            wish.texts,
        )
        saved = await self._ask(question, hooks.WebhookSaved)
        if saved is None:
            return
        name = wish.name
        if saved.secret:
            words = tr("{name} checks the signature of messages with it. It is shown only now.", name=name)
            self._show_secret(tr("Secret of {name}", name=name), words, saved.secret)
        elif self.form is not None:
            self.form.accept()
            self._say_good(tr("{name} is saved.", name=name))
        await self._list()

    def _ask_how_to_renew(self, webhook: Webhook) -> None:
        if self.dialog is None or self.form is None:
            return
        self.form.reject()
        form = RenewDialog(webhook.name, self._theme.tokens, self.dialog)
        form.renew_wanted.connect(lambda grace: self._do(self._renew(webhook, grace)))
        self._open_form(form)

    async def _renew(self, webhook: Webhook, grace: float) -> None:
        saved = await self._ask(hooks.RenewSecret(webhook.id, grace), hooks.WebhookSaved)
        if saved is None:
            return
        words = tr("Enter it where {name} checks signatures. It is shown only now.", name=webhook.name)
        self._show_secret(tr("Secret of {name}", name=webhook.name), words, saved.secret)
        await self._list()

    def _ask_to_remove(self, number: str) -> None:
        known = self._webhook(number)
        if known is not None and self.dialog is not None:
            title = tr("Remove {name}?", name=known.name)
            words = tr("It is told nothing more, and its log is gone.")

            def remove() -> None:
                self._do(self._remove(known))

            ask(self.dialog, title, words, tr("Remove"), remove, self._theme.tokens)

    async def _remove(self, known: Webhook) -> None:
        if await self._ask(hooks.RemoveWebhook(known.id), Done) is not None:
            self._say_good(tr("{name} is removed.", name=known.name))
        await self._list()

    async def _switch(self, number: WebhookId, on: bool) -> None:
        await self._ask(hooks.SwitchWebhook(number, on), Done)
        await self._list()

    async def _test(self, number: WebhookId) -> None:
        if await self._ask(hooks.TryWebhook(number), Done) is not None:
            self._say_good(tr("A test is on its way. The log says whether it arrived."))
        await self._list()

    # The log

    def _open_log(self, number: str) -> None:
        known = self._webhook(number)
        if known is None or self.dialog is None:
            return
        log = self.log = LogDialog(known.name, self._theme.tokens, self._locale, self.dialog)
        log.finished.connect(self._log_closed)
        log.resend_wanted.connect(lambda post: self._do(self._resend(known.id, post, None)))
        log.all_wanted.connect(lambda span: self._do(self._resend(known.id, None, span)))
        log.more_wanted.connect(lambda: self._do(self._read(known.id, log.posts)))
        log.open()
        self._do(self._read(known.id, []))

    def _log_closed(self) -> None:
        self.log = None
        self._do(self._list())

    async def _read(self, number: WebhookId, known: list[HookPost]) -> None:
        before = known[-1].number if known else None
        page = await self._ask(hooks.ReadPosts(number, before), hooks.PostLog)
        if page is not None and self.log is not None:
            self.log.show_posts([*known, *page.posts], page.more)

    async def _resend(self, number: WebhookId, post: int | None, span: float | None) -> None:
        since = self._client.server_now() - span if span is not None else None
        sent = await self._ask(hooks.ResendPosts(number, post, since), hooks.Resent)
        if sent is None or self.log is None:
            return
        words = trn("{n} message is sent again.", "{n} messages are sent again.", sent.count)
        self.log.say(words if sent.count else tr("There is nothing to send again."), Tone.GOOD)
        await self._read(number, [])
