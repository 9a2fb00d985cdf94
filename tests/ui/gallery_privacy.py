"""Data protection, for eyes: how long things are kept, one person, one customer, the audit log."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.audit import Act, Change, Deed, Subject
from app.core.model import PersonId, Role
from app.core.permissions import Right
from app.core.privacy import DEFAULT_DAYS
from app.core.privacy_questions import AuditLine, AuditPage, GetAudit, GetRetention, RetentionNow
from app.ui.controllers.privacy_controller import PrivacyController
from app.ui.theme import Theme
from tests.helpers.support_floor import ME, SupportFloor, run_now

Save = Callable[[str, QWidget], None]
NOW = 1_700_000_000.0
DEEDS = (
    Deed(NOW, Act.CHANGED, Subject.RETENTION, ME, name="messages", changes=(Change("days", "730", "365"),)),
    Deed(NOW - 300, Act.EXPORTED, Subject.PERSON, ME, person=PersonId("finn")),
    Deed(NOW - 900, Act.ERASED, Subject.CUSTOMER, ME, name="…678"),
    Deed(NOW - 4000, Act.ADDED, Subject.GROUP, None, name="billing"),
    Deed(
        NOW - 9000,
        Act.CHANGED,
        Subject.PERMISSION,
        PersonId("quentin"),
        name=Right.PHONES,
        changes=(Change("least", "agent", "supervisor"),),
    ),
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
        }
        self.host = QWidget()
        locale = QLocale("ja_JP" if language == "ja" else "en_GB")
        self.controller = PrivacyController(self.client, theme, run_now, locale, self.host)

    def show(self) -> None:
        self.controller.open(self.host)
        dialog = self.controller.dialog
        assert dialog is not None
        self._save("privacy", dialog)
        dialog.close()
