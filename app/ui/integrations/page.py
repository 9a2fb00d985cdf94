"""Other programs: which may ask this one, and which are told what happens."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.hooks import Integration, Webhook
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.integrations.words import integration_words, secret_words, state_words, webhook_words
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, icon_button, label, line

WIDTH = 600
"""px"""


class IntegrationsDialog(ListSheet):
    """Shown with ``open()``; nothing waits for it.

    Signals:
        add_wanted, hook_wanted: a new integration; a new webhook.
        revoke_wanted, change_wanted, remove_wanted, log_wanted, test_wanted: an id.
        switch_wanted: the id of a webhook, and whether it is to be on.
    """

    add_wanted = Signal()
    hook_wanted = Signal()
    revoke_wanted = Signal(str)
    change_wanted = Signal(str)
    remove_wanted = Signal(str)
    log_wanted = Signal(str)
    test_wanted = Signal(str)
    switch_wanted = Signal(str, bool)

    def __init__(self, space: str, tokens: Tokens, locale: QLocale, parent: QWidget) -> None:
        super().__init__(WIDTH, tokens, parent)
        self._locale = locale
        self.setWindowTitle(tr("Integrations"))
        self.notice = Notice(tokens, self)
        self.buttons: dict[str, list[QPushButton]] = {}
        self._programs, self._hooks = QWidget(self), QWidget(self)
        self.add_button = button(
            tr("Add a program…"), kind="quiet", icon_name="plus", tokens=tokens, parent=self
        )
        self.hook_button = button(
            tr("Add a webhook…"), kind="quiet", icon_name="plus", tokens=tokens, parent=self
        )
        self.done_button = button(tr("Done"), kind="primary", tokens=tokens, parent=self)
        self.add_button.clicked.connect(self.add_wanted)
        self.hook_button.clicked.connect(self.hook_wanted)
        self.done_button.clicked.connect(self.accept)
        self.press_by_enter(self.add_button, self.hook_button, self.done_button)
        self._lay_out(space)

    def _plus(self, words: str) -> QPushButton:
        return button(words, kind="quiet", icon_name="plus", tokens=self._tokens, parent=self)

    def _lay_out(self, space: str) -> None:
        column = self.column
        title = tr("Integrations of {space}", space=space)
        column.addWidget(label(title, size="title", weight=LIGHT.type.bold, wrap=True, parent=self))
        column.addWidget(self.notice)
        column.addWidget(self.heading(tr("Programs that may ask")))
        words = tr("A phone system or a CRM raises, answers and ends escalations with a token of its own.")
        column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        column.addWidget(self._programs)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(LIGHT.spacing.s)
        column.addWidget(line(self))
        column.addSpacing(LIGHT.spacing.s)
        column.addWidget(self.heading(tr("Webhooks")))
        words = tr("Addresses that are told what happens, signed and in order. What they miss is kept.")
        column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        column.addWidget(self._hooks)
        column.addWidget(self.hook_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)

    def say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        self.notice.say(words, tone)
        self.fit(self.notice)

    def show_integrations(self, integrations: Sequence[Integration]) -> None:
        new = QWidget(self)
        rows = [self._integration(one, new) for one in integrations]
        self._programs = self.replace_rows(self._programs, tr("There are none yet."), rows, new)

    def _integration(self, one: Integration, parent: QWidget) -> QHBoxLayout:
        revoke = button(tr("Revoke"), kind="bare", tokens=self._tokens, parent=parent)
        revoke.setAccessibleName(tr("Revoke the token of {name}", name=one.name))
        revoke.clicked.connect(lambda: self.revoke_wanted.emit(one.id))
        self.buttons[one.id] = [revoke]
        return self.row(
            one.name, [(words, False) for words in integration_words(one, self._locale)], [revoke], parent
        )

    def show_webhooks(self, webhooks: Sequence[Webhook], now: float) -> None:
        """``now``: server time, s."""
        new = QWidget(self)
        rows = [self._webhook(one, now, new) for one in webhooks]
        self._hooks = self.replace_rows(self._hooks, tr("There are none yet."), rows, new)

    def _webhook(self, one: Webhook, now: float, parent: QWidget) -> QHBoxLayout:
        name, tokens = one.name, self._tokens
        log = button(tr("Log"), kind="quiet", tokens=tokens, parent=parent)
        log.setAccessibleName(tr("Log of {name}", name=name))
        log.clicked.connect(lambda: self.log_wanted.emit(one.id))
        if one.off is None:
            act = button(tr("Test"), kind="quiet", tokens=tokens, parent=parent)
            act.setAccessibleName(tr("Send a test to {name}", name=name))
            act.clicked.connect(lambda: self.test_wanted.emit(one.id))
        else:
            act = button(tr("Turn on"), kind="quiet", tokens=tokens, parent=parent)
            act.setAccessibleName(tr("Turn {name} on", name=name))
            act.clicked.connect(lambda: self.switch_wanted.emit(one.id, True))
        change = button(tr("Change"), kind="bare", tokens=tokens, parent=parent)
        change.setAccessibleName(tr("Change {name}", name=name))
        change.clicked.connect(lambda: self.change_wanted.emit(one.id))
        remove = icon_button("trash", tr("Remove {name}", name=name), tokens=tokens, parent=parent)
        remove.clicked.connect(lambda: self.remove_wanted.emit(one.id))
        said = [(webhook_words(one), False), (secret_words(one, now, self._locale), False)]
        words = [line for line in (*said, state_words(one, self._locale)) if line[0]]
        self.buttons[one.id] = [act, log, change, remove]
        return self.row(name, words, self.buttons[one.id], parent)
