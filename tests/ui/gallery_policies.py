"""The window of policies, for eyes: read, written, wrong, tried, in conflict, narrow; and its contacts."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtWidgets import QWidget

from app.core.calls import PhoneWay
from app.core.cases import SMS, CaseId, Mark, Note
from app.core.model import PersonId, Recipients, Role
from app.core.phone_questions import Contacts, ListContacts
from app.core.policy import (
    Assignment,
    Call,
    CaseKind,
    Contact,
    ContactId,
    ContactKind,
    Forward,
    Notify,
    Policy,
    PolicyId,
    PolicyStep,
    Post,
    Reached,
    Repeat,
    Text,
)
from app.core.policy_questions import EndTrial, StartTrial, Trial
from app.ui.bridge import Bridge
from app.ui.controllers.policies_controller import PoliciesController
from app.ui.panels.look import Look
from app.ui.policies.contacts import ContactsDialog
from app.ui.theme import Theme
from tests.helpers.policy_office import PolicyOffice
from tests.helpers.support_floor import ME, SupportFloor, run_now

Save = Callable[[str, QWidget], None]
AIKO, BEN, FINN, INES, LENA, QUENTIN = (
    PersonId(name) for name in ("aiko", "ben", "finn", "ines", "lena", "quentin")
)
WORDS = {
    "en": ("Daytime", "Night and weekends", "Contract questions", "Duty phone"),
    "ja": ("日中", "夜間・週末", "契約に関する質問", "当直電話"),
}


class PolicyScenes:
    def __init__(self, theme: Theme, language: str, save: Save) -> None:
        self._save = save
        self.floor = SupportFloor(language, 1_700_000_000.0)
        people = self.floor.space.people
        people[ME] = msgspec.structs.replace(people[ME], role=Role.SUPERVISOR)
        self.client = self.floor.client(ME)
        self.office = self._office(WORDS[language])
        self.host = QWidget()
        look = Look(theme, lambda _asset: None)
        bridge = Bridge(self.client)
        self.controller = PoliciesController(self.client, bridge, look, run_now, self.host)

    def _office(self, words: tuple[str, str, str, str]) -> PolicyOffice:
        duty = Contact(ContactId("duty"), words[3], ContactKind.PHONE, "…789")
        hook = Contact(ContactId("hook"), "PagerDuty", ContactKind.APPRISE, "pagerduty://…")
        group = next(iter(self.floor.space.groups))
        by_phone = Reached(Recipients(people=(AIKO, QUENTIN)), (duty.id,), called=True)
        steps = (
            PolicyStep(60.0, Notify(Recipients(groups=(group,)))),
            PolicyStep(0.0, Repeat(60.0, 3)),
            PolicyStep(120.0, Text(by_phone)),
            PolicyStep(150.0, Call(Reached(contacts=(duty.id,)))),
            PolicyStep(600.0, Forward(LENA)),
        )
        day = Policy(PolicyId("day"), words[0], CaseKind.ESCALATION, steps, again=1)
        at_night = (PolicyStep(30.0, Call(Reached(contacts=(duty.id,)))), PolicyStep(300.0, Post(hook.id)))
        night = Policy(PolicyId("night"), words[1], CaseKind.ESCALATION, at_night)
        gone = Reached(Recipients(people=(PersonId("gone"), BEN)))
        odd = (PolicyStep(0.0, Notify(Recipients())), PolicyStep(7200.0, Call(gone)))
        wrong = Policy(PolicyId("wrong"), words[2], CaseKind.PRIORITY, odd)
        office = PolicyOffice(self.client, (day, night, wrong), (duty, hook), (AIKO, QUENTIN))
        space, kind = self.floor.space.space.id, CaseKind.ESCALATION
        office.assignments = [
            Assignment(space, kind, day.id),
            *(Assignment(space, kind, night.id, person) for person in (FINN, INES)),
        ]
        notes = (Note(0.0, Mark.CALLED, (ME,)), Note(180.0, Mark.SENT, (ME,), channel=SMS))
        trial = Trial(CaseId("test"), notes)
        self.client.answers |= {
            ListContacts: lambda _q: Contacts(office.contacts),
            StartTrial: lambda _q: trial,
            EndTrial: lambda _q: trial,
        }
        return office

    def show(self) -> None:
        controller = self.controller
        controller.open(self.host)
        window = controller.window
        assert window is not None
        window.resize(1120, 760)
        window.chosen.emit("day")
        window.editor.steps.rows[2].head.click()
        self._save("policies", window)
        controller.test._begin(self.floor.space.space.id, self.office.now(PolicyId("night")))
        window.editor.steps.open_step(None)
        window.chosen.emit("night")
        self._save("policies-tried", window)
        controller.test.end()
        window.chosen.emit("wrong")
        window.editor.steps.moved.emit(0, 1)
        self._save("policies-wrong", window)
        window.discard_button.click()
        self._without_gateway()
        self._clash()
        window.resize(620, 700)
        window.conflict.take.click()
        self._save("policies-narrow", window)
        self._contacts()
        controller.close()

    def _without_gateway(self) -> None:
        window = self.controller.window
        assert window is not None
        self.office.ways = ()
        window.looked_at.emit()
        window.chosen.emit("night")
        window.editor.steps.removed.emit(1)
        self.controller.save()
        self._save("policies-no-gateway", window)
        self.office.ways = tuple(PhoneWay)
        window.looked_at.emit()

    def _clash(self) -> None:
        window, day = self.controller.window, self.office.now(PolicyId("day"))
        assert window is not None
        window.chosen.emit("day")
        window.editor.steps.removed.emit(4)
        self.office.change(msgspec.structs.replace(day, again=3, steps=day.steps[:3]), AIKO)
        self.controller.save()
        self._save("policies-conflict", window)

    def _contacts(self) -> None:
        window = self.controller.window
        assert window is not None
        window.contacts_button.click()
        dialog = window.findChild(ContactsDialog)
        assert dialog is not None
        self._save("contacts", dialog)
        dialog.kind.setCurrentIndex(dialog.kind.findData(ContactKind.WEBHOOK))
        dialog.kind.activated.emit(dialog.kind.currentIndex())
        dialog.address.setText("https://crm.example.com/handraise")
        self._save("contacts-webhook", dialog)
        dialog.sign_button.click()
        self._save("contacts-signed", dialog)
        dialog.close()
