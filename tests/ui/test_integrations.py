"""Integrations and webhooks, for admins: made, shown once, changed, read, sent again, removed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.core import hook_questions as hooks
from app.core.errors import Code, Refusal, refuse
from app.core.hooks import (
    CHOSEN,
    GRACE_S,
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
from app.core.model import PersonId, SpaceId
from app.core.questions import Done, Query, Result
from app.ui.controllers.integrations_controller import IntegrationsController
from app.ui.integrations.forms import AddIntegrationDialog, RenewDialog, WebhookDialog
from app.ui.integrations.log import LogDialog
from app.ui.integrations.page import IntegrationsDialog
from tests.helpers.desk import run_now, theme_of
from tests.helpers.floor import Floor
from tests.helpers.office import BOB, EVA, SPACE

PBX = Integration(IntegrationId("pbx"), "<b>PBX</b>", "x7Qk", (ApiAction.RAISE, ApiAction.END), SPACE, 0.0)
CRM = Webhook(WebhookId("crm"), "CRM", "crm.example", (HookEvent.RAISED,), SPACE, 0.0)
ELSEWHERE = Webhook(WebhookId("else"), "Elsewhere", "e.example", CHOSEN, SpaceId("kyoto"), 0.0)
POSTS = tuple(
    HookPost(number, f"m{number}", HookEvent.RAISED, 100.0, state, f'{{"number": {number}}}', 1)
    for number, state in ((3, PostState.WAITING), (2, PostState.FAILED), (1, PostState.DELIVERED))
)


class Office:
    """A server with an integration and a webhook, and the dialog that somebody has opened."""

    def __init__(
        self, qtbot: QtBot, qapp: QApplication, person: PersonId = EVA, everywhere: bool = False
    ) -> None:
        self.client = Floor().client(person)
        self.asked: list[object] = []
        self.webhook = CRM
        self.everywhere = everywhere
        self.broken: Code | None = None
        self.client.answers |= {
            hooks.ListIntegrations: lambda _q: hooks.Integrations((PBX,)),
            hooks.ListWebhooks: lambda _q: hooks.Webhooks(
                (self.webhook, ELSEWHERE), everywhere=self.everywhere
            ),
            hooks.AddIntegration: self._answer(hooks.IntegrationAdded(PBX, "hr_token")),
            hooks.RevokeIntegration: self._answer(Done()),
            hooks.SaveWebhook: self._save,
            hooks.RenewSecret: self._answer(hooks.WebhookSaved(CRM, "whsec_new")),
            hooks.SwitchWebhook: self._answer(Done()),
            hooks.RemoveWebhook: self._answer(Done()),
            hooks.TryWebhook: self._answer(Done()),
            hooks.ReadPosts: self._read,
            hooks.ResendPosts: self._answer(hooks.Resent(1)),
        }
        self.host = QWidget()
        qtbot.addWidget(self.host)
        self.host.show()
        self.controller = IntegrationsController(
            self.client, theme_of(qapp), run_now, QLocale("en"), self.host
        )
        self.controller.open(self.host)

    def _answer(self, result: Result) -> Callable[[Query], Result | Refusal]:
        def answer(query: Query) -> Result | Refusal:
            self.asked.append(query)
            return result if self.broken is None else refuse(self.broken)

        return answer

    def _read(self, query: hooks.ReadPosts) -> hooks.PostLog:
        return hooks.PostLog(POSTS[:2], True) if query.before is None else hooks.PostLog(POSTS[2:])

    def _save(self, query: hooks.SaveWebhook) -> hooks.WebhookSaved | Refusal:
        self.asked.append(query)
        if self.broken is not None:
            return refuse(self.broken)
        return hooks.WebhookSaved(CRM, "" if query.webhook else "whsec_x")

    @property
    def dialog(self) -> IntegrationsDialog:
        assert self.controller.dialog is not None
        return self.controller.dialog

    @property
    def log(self) -> LogDialog:
        assert self.controller.log is not None
        return self.controller.log

    def texts(self, within: QWidget | None = None) -> list[str]:
        return [made.text() for made in (within or self.dialog).findChildren(QLabel) if made.isVisible()]

    def agree(self, words: str) -> None:
        asked = next(d for d in self.dialog.findChildren(QDialog) if d.isVisible())
        next(b for b in asked.findChildren(QPushButton) if b.text() == words).click()


@pytest.fixture
def office(qtbot: QtBot, qapp: QApplication) -> Office:
    return Office(qtbot, qapp)


def test_only_admins_see_it(qtbot: QtBot, qapp: QApplication) -> None:
    assert Office(qtbot, qapp, BOB).controller.dialog is None


def test_those_of_this_space_are_listed_as_they_were_written(office: Office) -> None:
    texts = office.texts()
    assert {"<b>PBX</b>", "Raise hands for people · Lower hands", "Token …x7Qk, never used", "CRM"} <= set(
        texts
    )
    assert "crm.example · A hand is raised" in texts
    assert "Elsewhere" not in texts
    shown = next(made for made in office.dialog.findChildren(QLabel) if made.text() == PBX.name)
    assert shown.textFormat() is Qt.TextFormat.PlainText
    names = [b.accessibleName() for row in office.dialog.buttons.values() for b in row]
    assert names == ["Revoke the token of <b>PBX</b>"] + [
        f"{words} CRM" for words in ("Send a test to", "Log of", "Change", "Remove")
    ]


def test_a_token_is_shown_once_and_can_be_copied(office: Office) -> None:
    office.dialog.add_button.click()
    form = office.controller.form
    assert isinstance(form, AddIntegrationDialog)
    form.may[ApiAction.END].setChecked(False)
    QTest.keyClicks(form.name, "Phone system")
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    asked = (ApiAction.READ, ApiAction.RAISE, ApiAction.ANSWER)
    assert office.asked == [hooks.AddIntegration("Phone system", asked, SPACE)]
    secret = office.controller.secret
    assert secret is not None
    assert secret.field.text() == "hr_token"
    assert secret.field.isReadOnly()
    secret.copy.click()
    assert QGuiApplication.clipboard().text() == "hr_token"
    secret.accept()
    assert "hr_token" not in str(office.texts())


def test_a_monitor_is_of_no_space_and_may_do_nothing_else(office: Office) -> None:
    office.dialog.add_button.click()
    form = office.controller.form
    assert isinstance(form, AddIntegrationDialog)
    form.kind.setCurrentIndex(1)
    form.kind.activated.emit(1)
    assert not form.may[ApiAction.RAISE].isEnabled()
    form.agree.click()
    assert office.asked == [], "it has no name yet"
    form.name.setText("Prometheus")
    form.agree.click()
    assert office.asked == [hooks.AddIntegration("Prometheus", (ApiAction.METRICS,), None)]


def test_a_token_is_revoked_when_that_was_meant(office: Office) -> None:
    [revoke] = office.dialog.buttons[PBX.id]
    revoke.click()
    assert office.asked == []
    office.agree("Revoke")
    assert office.asked == [hooks.RevokeIntegration(PBX.id)]
    assert office.dialog.notice.text == "The token of <b>PBX</b> is revoked."


def test_what_was_typed_stays_when_a_webhook_is_refused(office: Office) -> None:
    office.dialog.hook_button.click()
    form = office.controller.form
    assert isinstance(form, WebhookDialog)
    QTest.keyClicks(form.name, "CRM")
    QTest.keyClicks(form.url, "http://crm.example/")
    office.broken = Code.ADDRESS_INVALID
    QTest.keyClick(form.url, Qt.Key.Key_Return)
    assert form.notice.text == "This address is not understood."
    assert (form.name.text(), form.url.text(), form.agree.isEnabled()) == ("CRM", "http://crm.example/", True)
    office.broken = None
    form.url.setText("https://crm.example/")
    form.agree.click()
    assert office.asked[-1] == hooks.SaveWebhook("CRM", CHOSEN, "https://crm.example/", SPACE)
    assert office.controller.form is None
    assert office.controller.secret is not None
    assert office.controller.secret.field.text() == "whsec_x"


def test_a_webhook_is_changed_without_its_address_being_known(office: Office) -> None:
    office.dialog.buttons[CRM.id][2].click()
    form = office.controller.form
    assert isinstance(form, WebhookDialog)
    assert "crm.example" in form.url.placeholderText()
    assert [event for event, box in form.events.items() if box.isChecked()] == [HookEvent.RAISED]
    form.events[HookEvent.ENDED].setChecked(True)
    form.agree.click()
    events = (HookEvent.RAISED, HookEvent.ENDED)
    assert office.asked == [hooks.SaveWebhook("CRM", events, "", webhook=CRM.id)]
    assert office.dialog.notice.text == "CRM is saved."


def test_one_that_hears_of_every_space_is_for_who_belongs_to_them_all(
    office: Office, qtbot: QtBot, qapp: QApplication
) -> None:
    office.dialog.hook_button.click()
    form = office.controller.form
    assert isinstance(form, WebhookDialog)
    assert form.scope is not None
    assert (form.scope.count(), form.scope.isEnabled()) == (1, False)
    assert any("belongs to every space" in text for text in office.texts(form))
    form.reject()
    office = Office(qtbot, qapp, everywhere=True)
    office.dialog.hook_button.click()
    form = office.controller.form
    assert isinstance(form, WebhookDialog)
    assert form.scope is not None
    form.name.setText("CRM")
    form.url.setText("https://crm.example/")
    form.scope.setCurrentIndex(1)
    form.texts.setChecked(True)
    form.agree.click()
    assert office.asked[-1] == hooks.SaveWebhook("CRM", CHOSEN, "https://crm.example/", None, texts=True)


def test_texts_are_sent_along_only_where_that_is_chosen(office: Office) -> None:
    office.webhook = replace(CRM, texts=True)
    office.dialog.buttons[CRM.id][0].click()
    office.dialog.buttons[CRM.id][2].click()
    form = office.controller.form
    assert isinstance(form, WebhookDialog)
    assert form.texts.isChecked()
    assert form.scope is None, "it stays where it was made"
    form.texts.setChecked(False)
    form.agree.click()
    assert office.asked[-1] == hooks.SaveWebhook("CRM", CRM.events, "", webhook=CRM.id)


@pytest.mark.parametrize(("choice", "grace"), [(0, GRACE_S), (1, 7 * GRACE_S), (2, 0.0)])
def test_another_secret_is_made_and_shown_once(office: Office, choice: int, grace: float) -> None:
    office.dialog.buttons[CRM.id][2].click()
    form = office.controller.form
    assert isinstance(form, WebhookDialog)
    form.renew.click()
    renewing = office.controller.form
    assert isinstance(renewing, RenewDialog)
    assert not form.isVisible()
    renewing.grace.setCurrentIndex(choice)
    office.webhook = replace(CRM, renewing=office.client.server_now() + GRACE_S)
    renewing.agree.click()
    assert office.asked == [hooks.RenewSecret(CRM.id, grace)]
    assert office.controller.secret is not None
    assert office.controller.secret.field.text() == "whsec_new"
    assert any("both sign until" in text for text in office.texts())
    office.webhook = replace(CRM, renewing=office.client.server_now() - 1)
    office.dialog.buttons[CRM.id][0].click()
    assert not any("both sign until" in text for text in office.texts())


def test_how_a_webhook_fails_is_said_and_it_is_turned_on_again(qtbot: QtBot, qapp: QApplication) -> None:
    office = Office(qtbot, qapp)
    office.webhook = Webhook(
        *(CRM.id, "CRM", "crm.example", CRM.events, SPACE, 0.0, None),
        waiting=12,
        failing=60.0,
        trouble=HookTrouble.STATUS,
        status=503,
    )
    office.dialog.buttons[CRM.id][0].click()
    assert office.asked == [hooks.TryWebhook(CRM.id)]
    assert any("It answers 503; 12 messages wait." in text for text in office.texts())
    office.webhook = Webhook(
        *(CRM.id, "CRM", "crm.example", CRM.events, SPACE, 0.0, None),
        trouble=HookTrouble.GONE,
        status=410,
        off=60.0,
    )
    office.dialog.buttons[CRM.id][0].click()
    assert any("It wants no more messages (410)." in text for text in office.texts())
    turn_on = office.dialog.buttons[CRM.id][0]
    assert turn_on.text() == "Turn on"
    turn_on.click()
    assert office.asked[-1] == hooks.SwitchWebhook(CRM.id, True)


def test_a_webhook_is_removed_when_that_was_meant(office: Office) -> None:
    office.dialog.buttons[CRM.id][3].click()
    assert office.asked == []
    office.agree("Remove")
    assert office.asked == [hooks.RemoveWebhook(CRM.id)]


def test_the_log_is_read_and_messages_are_sent_again(office: Office) -> None:
    office.dialog.buttons[CRM.id][1].click()
    log = office.log
    assert list(log.buttons) == [3, 2]
    assert len(log.buttons[3]) == 1, "it waits anyway"
    log.more.click()
    assert list(log.buttons) == [3, 2, 1]
    assert log.more.isHidden()
    log.buttons[2][0].click()
    assert '{"number": 2}' in office.texts(log)
    log.buttons[2][0].click()
    assert '{"number": 2}' not in office.texts(log)
    log.buttons[2][1].click()
    assert office.asked == [hooks.ResendPosts(CRM.id, 2, None)]
    assert log.notice.text == "1 message is sent again."
    log.since.setCurrentIndex(1)
    log.all_button.click()
    last = office.asked[-1]
    assert isinstance(last, hooks.ResendPosts)
    assert last.number is None
    assert last.since == pytest.approx(office.client.server_now() - 86_400)


def test_why_not_is_said_where_one_looks(office: Office) -> None:
    office.dialog.buttons[CRM.id][1].click()
    office.broken = Code.WEBHOOK_OFF
    office.log.buttons[2][1].click()
    assert office.log.notice.text == "This webhook is off. Turn it on first."
    office.log.accept()
    office.dialog.buttons[CRM.id][0].click()
    assert office.dialog.notice.text == "This webhook is off. Turn it on first."
