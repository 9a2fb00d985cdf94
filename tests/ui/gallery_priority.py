"""Priority messages for the gallery: calling, being written, on their way, being escalated."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.calls import PhoneWay
from app.core.commands import EscalateMessage, ReportCall, SendMessage
from app.core.events import PriorityHeard
from app.core.model import Heard, MessageId, PersonId, Recipients, Rung, Status, Taken
from app.core.permission_questions import GetOutreach, Outreach, Outreached, PermissionsNow, PhoneState
from app.core.permissions import Least, OwnRight, Right
from app.core.phone_questions import MyPhone, QuietHours
from app.core.policy import Contact, ContactId, ContactKind
from app.core.scene import Decision
from app.core.sends import SendState
from app.ui.alerts.card import AlertCard
from app.ui.alerts.popup_window import WIDTH
from app.ui.alerts.views import AlertView, Phase, Raiser
from app.ui.desk import Desk
from app.ui.idle import IdleWatch
from app.ui.permissions_dialog import PermissionsDialog
from app.ui.phone_dialog import PhoneDialog
from app.ui.theme import Theme
from tests.helpers.support_floor import ME, SupportFloor, run_now

Save = Callable[[str, QWidget], None]
URGENT = MessageId("urgent")
QUENTIN, TARA, OMAR = PersonId("quentin"), PersonId("tara"), PersonId("omar")
WORDS = {
    "en": (
        "Contract 4471: may I waive the fee? The customer hangs up in two minutes.",
        "Can you look at my screen when you are free?",
        "now please, line 3 is burning",
    ),
    "ja": (
        "契約4471の手数料を免除してもよいですか？お客様はあと2分で切られます。",
        "手が空いたら画面を見てもらえますか？",
        "至急お願いします。3番が大変です",
    ),
}

CONTACTS = {
    language: (
        Contact(ContactId("duty"), duty, ContactKind.PHONE, "…677"),
        Contact(ContactId("team"), team, ContactKind.APPRISE, "slack://…"),
    )
    for language, duty, team in (
        ("en", "Duty phone", "Team channel"),
        ("ja", "当番の電話", "チームのチャンネル"),
    )
}


def card(theme: Theme, language: str) -> QWidget:
    """As it calls a recipient."""
    people = SupportFloor(language, 0.0).space.people
    raiser = Raiser(QUENTIN, people[QUENTIN].name, "Desk row 1", Status.ON_CALL)
    view = AlertView(URGENT, raiser, WORDS[language][0], -161.0, Phase.CALLING)
    host = QWidget()
    host.setAutoFillBackground(True)
    made = AlertCard(theme.tokens, lambda _asset: None, host)
    made.set_view(view, can_approach=True, now=0.0)
    made.resize(WIDTH, made.heightForWidth(WIDTH))
    made.move(24, 24)
    host.resize(made.width() + 48, made.height() + 48)
    return host


def chat(theme: Theme, language: str, save: Save) -> None:
    """The conversation of two priority messages of one's own, and the dialog."""
    floor = SupportFloor(language, time.time())
    floor.phones = {QUENTIN}
    locale = QLocale("ja_JP" if language == "ja" else "en_GB")
    client = floor.client(ME)
    quiet = time.time() + 7_200
    client.answers[GetOutreach] = lambda _: Outreach(
        (
            Outreached(QUENTIN, PhoneState.READY),
            Outreached(TARA, PhoneState.NONE),
            Outreached(OMAR, PhoneState.QUIET, quiet),
        ),
        tuple(Right),
        tuple(PhoneWay),
        contacts=CONTACTS[language],
    )
    desk = Desk(client, theme, IdleWatch(lambda: None), run_now, locale)
    desk.window.resize(1280, 800)
    desk.window.show()
    to = Recipients(people=(QUENTIN, TARA, OMAR))
    floor.ask(ME, SendMessage(WORDS[language][1], to))
    floor.ask(ME, SendMessage(WORDS[language][2], to, priority=True), MessageId("answered"))
    floor.ask(OMAR, SendMessage("OK", Recipients(people=(ME, QUENTIN, TARA))))
    floor.ask(ME, SendMessage(WORDS[language][0], to, priority=True), URGENT)
    floor.do(QUENTIN, ReportCall(URGENT, Rung.SHOWN))
    floor.do(OMAR, ReportCall(URGENT, Rung.RECEIVED))
    floor.ask(ME, EscalateMessage(URGENT, (PhoneWay.TEXT, PhoneWay.CALL)))
    came = (Heard(Taken.TEXT, SendState.DELIVERED, 1), Heard(Taken.CALL, SendState.FAILED, 2, "phone_busy"))
    floor.fold(Decision((), tuple((ME, PriorityHeard(URGENT, heard)) for heard in came)))
    conversation = floor.persons[ME].priorities[URGENT].message.conversation
    desk.chat.open_conversation(conversation)
    composer = desk.panels.chat.conversation.composer
    composer.set_text(WORDS[language][0])
    composer.toggle.click()
    save("priority-chat", desk.window)
    desk.priority.escalate(URGENT, desk.window)
    dialog = desk.priority.dialog
    assert dialog is not None
    for box in dialog.ways.values():
        box.setChecked(True)
    for box in dialog.contacts.values():
        box.setChecked(True)
    dialog.forward.setCurrentIndex(2)
    save("priority-dialog", dialog)
    dialog.reject()
    desk.close()


def settings(theme: Theme, language: str, save: Save) -> None:
    """One's own phone, and permissions."""
    phone = PhoneDialog(theme.tokens)
    night = QuietHours(22 * 60, 7 * 60, "Asia/Tokyo")
    phone.show()
    phone.show_phone(MyPhone("…678", "…321", time.time() + 600, night, available=True))
    save("priority-phone", phone)
    phone.close()
    people = SupportFloor(language, 0.0).space.people
    permissions = PermissionsDialog(list(people.values()), theme.tokens)
    permissions.show()
    own = (OwnRight(TARA, Right.PHONES, True), OwnRight(OMAR, Right.PRIORITY, False))
    permissions.show_permissions(PermissionsNow(Least.EVERYBODY, Least.SUPERVISORS, own))
    save("priority-permissions", permissions)
    permissions.close()
