"""Data protection, for eyes: how long things are kept, one person, one customer, the audit log."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId, Role
from app.core.permissions import Right
from app.core.privacy import DEFAULT_DAYS, Trace, Where
from app.core.privacy_questions import (
    AuditLine,
    AuditPage,
    CustomerFound,
    CustomerTalk,
    Erased,
    ErasePerson,
    FindCustomer,
    GetAudit,
    GetRetention,
    GetTraces,
    RetentionNow,
    Traces,
)
from app.ui.controllers.privacy_controller import PrivacyController
from app.ui.panels.look import Look
from app.ui.theme import Theme
from tests.helpers.support_floor import ME, SupportFloor, run_now

Save = Callable[[str, QWidget], None]
NOW = 1_700_000_000.0
DEEDS = (
    Deed(NOW, Act.CHANGED, Subject.RETENTION, ME, name="messages", changes=(Change("days", "730", "365"),)),
    Deed(NOW - 300, Act.EXPORTED, Subject.PERSON, ME, person=PersonId("finn")),
    Deed(
        NOW - 600,
        Act.EXPORTED,
        Subject.HISTORY,
        ME,
        changes=(
            Change("outcome", "", "nobody"),
            Change("rows", after="500"),
            Change("complete", after="false"),
        ),
    ),
    Deed(
        NOW - 700,
        Act.ADDED,
        Subject.PERSON,
        PersonId("finn"),
        person=PersonId("finn"),
        changes=(Change("role", "", "agent"), Change("through", after="https://login.example")),
    ),
    Deed(NOW - 900, Act.ERASED, Subject.CUSTOMER, ME, name="…678"),
    Deed(NOW - 4000, Act.ADDED, Subject.GROUP, None, name="billing"),
    Deed(
        NOW - 9000,
        Act.CHANGED,
        Subject.PERMISSION,
        PersonId("quentin"),
        name=Right.PHONES,
        changes=(Change("least", "everybody", "supervisors"),),
    ),
)
TRACES = (
    Trace(Where.GROUP, "Aiko Tanaka’s team (@aiko-team)", "g1"),
    Trace(Where.LINE, "Aiko’s line", "l1"),
    Trace(Where.CONTACT, "Aiko at home", "c1"),
    Trace(Where.MESSAGE, count=12),
)
TALKS = (
    CustomerTalk("Support", 12, NOW - 9e6, NOW - 4e5),
    CustomerTalk("Sales", 1, NOW - 9e4, NOW - 9e4, True),
)


class PrivacyScenes:
    def __init__(self, theme: Theme, language: str, save: Save) -> None:
        self._save = save
        self.floor = SupportFloor(language, NOW)
        people = self.floor.space.people
        people[ME] = msgspec.structs.replace(people[ME], role=Role.ADMIN)
        self.client = self.floor.client(ME)
        lines = tuple(AuditLine(len(DEEDS) - at, deed) for at, deed in enumerate(DEEDS))
        self.client.answers |= {
            GetRetention: lambda _q: RetentionNow(tuple(DEFAULT_DAYS.items())),
            GetAudit: lambda _q: AuditPage(lines, True),
            GetTraces: lambda _q: Traces(TRACES),
            ErasePerson: lambda _q: Erased(TRACES[1:], False),
            FindCustomer: lambda _q: CustomerFound("…678", TALKS),
        }
        self.host = QWidget()
        locale = QLocale("ja_JP" if language == "ja" else "en_GB")
        look = Look(theme, lambda _asset: None)
        self.controller = PrivacyController(self.client, look, run_now, locale, self.host)

    def show(self) -> None:
        self.controller.open(self.host)
        dialog = self.controller.dialog
        assert dialog is not None
        self._save("privacy", dialog)
        dialog.tabs.setCurrentIndex(1)
        dialog.person.traces.click()
        self._save("privacy-person", dialog)
        self.controller._do(self.controller._erase(PersonId("aiko"), "aiko"))
        self._save("privacy-erased", dialog)
        dialog.tabs.setCurrentIndex(2)
        self._save("privacy-customer", dialog)
        dialog.customer.number.setText("+81 90-1234-5678")
        dialog.customer._typed()
        dialog.customer.seek.click()
        self._save("privacy-customer-found", dialog)
        dialog.tabs.setCurrentIndex(3)
        self._save("privacy-log", dialog)
        dialog.close()
