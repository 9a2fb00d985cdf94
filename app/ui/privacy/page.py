"""Data protection: how long things are kept, one person's or customer's data, and the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.model import Person
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.panels.look import Look
from app.ui.panels.parts import Tabs
from app.ui.privacy.customer_part import CustomerPart
from app.ui.privacy.log_part import LogPart
from app.ui.privacy.person_part import PersonPart
from app.ui.privacy.retention_part import RetentionPart
from app.ui.theme.tokens import LIGHT
from app.ui.widgets import Notice, Tone, button, label

WIDTH = 640
"""px"""


class PrivacyDialog(ListSheet):
    """Shown with ``open()``; nothing waits for it.

    Attributes:
        kept, person, customer, log: the pages of its tabs.
    """

    def __init__(self, people: Sequence[Person], look: Look, locale: QLocale, parent: QWidget) -> None:
        tokens = look.theme.tokens
        super().__init__(WIDTH, tokens, parent)
        self.setWindowTitle(tr("Data protection"))
        self.notice = Notice(tokens, self)
        self.kept = RetentionPart(self, tokens)
        self.person = PersonPart(self, people, tokens)
        self.customer = CustomerPart(self, tokens, locale)
        self.log = LogPart(self, tokens, locale)
        self.tabs = Tabs(look, self)
        self.tabs.setAccessibleName(tr("Data protection"))
        self._pages = (self.kept, self.person, self.customer, self.log)
        for words in (tr("How long"), tr("One person"), tr("One customer"), tr("Audit log")):
            self.tabs.add(words)
        self.done_button = button(tr("Done"), kind="primary", tokens=tokens, parent=self)
        self.done_button.clicked.connect(self.accept)
        self.press_by_enter(self.done_button)
        self._lay_out()
        self.tabs.currentChanged.connect(self._turn)
        self._turn(0)

    def _lay_out(self) -> None:
        column = self.column
        title = label(tr("Data protection"), size="title", weight=LIGHT.type.bold, wrap=True, parent=self)
        column.addWidget(title)
        column.addWidget(self.tabs)
        column.addWidget(self.notice)
        for page in self._pages:
            column.addWidget(page)
        column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)

    def _turn(self, index: int) -> None:
        for number, page in enumerate(self._pages):
            page.setVisible(number == index)
        self.notice.say("")
        self.fit()

    def say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        self.notice.say(words, tone)
        self.fit(self.notice)
