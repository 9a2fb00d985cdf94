"""Adding an integration, adding or changing a webhook, and the secret that is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.core.hooks import CHOSEN, URL_CHARS, ApiAction, Webhook
from app.core.limits import NAME_CHARS
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.integrations.words import action_words, event_words
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, label

WIDTH = 480
"""px"""
ASKING = tuple(action for action in ApiAction if action is not ApiAction.METRICS)
K = TypeVar("K")


class Form(ListSheet):
    """A few fields, Cancel, and what is wanted. ``refuse`` says why not; what was typed stays."""

    def __init__(self, title: str, agree: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(WIDTH, tokens, parent)
        self.setWindowTitle(title)
        self.notice = Notice(tokens, self)
        self.agree = button(agree, kind="primary", tokens=tokens, parent=self)
        self.cancel = button(tr("Cancel"), tokens=tokens, parent=self)
        self.cancel.clicked.connect(self.reject)
        self.agree.clicked.connect(self.submit)
        self.press_by_enter(self.agree, self.cancel)
        self.column.addWidget(label(title, size="title", weight=LIGHT.type.bold, wrap=True, parent=self))
        self.column.addWidget(self.notice)
        self.foot.addStretch(1)
        self.foot.addWidget(self.cancel)
        self.foot.addWidget(self.agree)

    def submit(self) -> None:
        raise NotImplementedError

    def refuse(self, words: str) -> None:
        self.agree.setEnabled(True)
        self.notice.say(words, Tone.PROBLEM)
        self.fit(self.notice)

    def field(self, words: str, most: int, example: str = "") -> QLineEdit:
        made = QLineEdit(self)
        made.setMaxLength(most)
        made.setAccessibleName(words)
        made.setPlaceholderText(example)
        made.returnPressed.connect(self.submit)
        said = label(words, size="small", parent=self)
        said.setBuddy(made)
        self.column.addWidget(said)
        self.column.addWidget(made)
        return made

    def boxes(self, words: Mapping[K, str]) -> dict[K, QCheckBox]:
        made = {}
        for key, text in words.items():
            box = made[key] = QCheckBox(text, self)
            box.setChecked(True)
            self.column.addWidget(box)
        return made


class AddIntegrationDialog(Form):
    """Signals:
    add_wanted: a name, what it may do, and whether it acts in the space.
    """

    add_wanted = Signal(str, tuple, bool)

    def __init__(self, space: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(tr("Add a program"), tr("Add"), tokens, parent)
        self.name = self.field(tr("Name"), NAME_CHARS, tr("Such as “Phone system”"))
        self.kind = QComboBox(self)
        self.kind.setAccessibleName(tr("What it is"))
        self.kind.addItem(tr("It acts in {space}", space=space), True)
        self.kind.addItem(tr("It watches the server (Prometheus)"), False)
        self.kind.activated.connect(self._chosen)
        self.column.addWidget(self.kind)
        self.column.addWidget(label(tr("It may"), size="small", parent=self))
        self.may = self.boxes({action: action_words(action) for action in ASKING})
        self.column.addStretch(1)
        self.name.setFocus()

    def _chosen(self) -> None:
        for box in self.may.values():
            box.setEnabled(bool(self.kind.currentData()))

    def submit(self) -> None:
        if not self.name.text().strip():
            self.refuse(tr("Give it a name."))
            self.name.setFocus()
            return
        acts = bool(self.kind.currentData())
        chosen = tuple(action for action, box in self.may.items() if box.isChecked())
        self.agree.setEnabled(False)
        self.add_wanted.emit(self.name.text().strip(), chosen if acts else (ApiAction.METRICS,), acts)


class WebhookDialog(Form):
    """Args:
    webhook: the one that is changed; ``None``: a new one.

    Signals:
        save_wanted: name, address ("" leaves it as it is), events.
    """

    save_wanted = Signal(str, str, tuple)

    def __init__(self, webhook: Webhook | None, tokens: Tokens, parent: QWidget) -> None:
        title = tr("Add a webhook")
        if webhook is not None:
            title = tr("Change {name}", name=webhook.name)
        super().__init__(title, tr("Add") if webhook is None else tr("Save"), tokens, parent)
        self._webhook = webhook
        self.name = self.field(tr("Name"), NAME_CHARS, tr("Such as “CRM”"))
        example = "https://crm.example.com/handraise"
        if webhook is not None:
            self.name.setText(webhook.name)
            example = tr("{shown} – leave it empty to keep it", shown=webhook.shown)
        self.url = self.field(tr("Address, beginning with https://"), URL_CHARS, example)
        self.column.addWidget(label(tr("It is told when"), size="small", parent=self))
        self.events = self.boxes({event: event_words(event) for event in CHOSEN})
        if webhook is not None:
            for event, box in self.events.items():
                box.setChecked(event in webhook.events)
        self.column.addStretch(1)
        self.name.setFocus()

    def submit(self) -> None:
        if not self.name.text().strip():
            self.refuse(tr("Give it a name."))
            self.name.setFocus()
        elif self._webhook is None and not self.url.text().strip():
            self.refuse(tr("Enter its address."))
            self.url.setFocus()
        else:
            self.agree.setEnabled(False)
            chosen = tuple(event for event, box in self.events.items() if box.isChecked())
            self.save_wanted.emit(self.name.text().strip(), self.url.text().strip(), chosen)


class SecretDialog(ListSheet):
    """A token or secret, to be copied now: it is shown once."""

    def __init__(self, title: str, words: str, secret: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(WIDTH, tokens, parent)
        self.setWindowTitle(title)
        self.notice = Notice(tokens, self)
        self.field = QLineEdit(secret, self)
        self.field.setReadOnly(True)
        self.field.setAccessibleName(title)
        self.field.setCursorPosition(0)
        copy = self.copy = button(tr("Copy"), kind="primary", icon_name="copy", tokens=tokens, parent=self)
        done = button(tr("Done"), tokens=tokens, parent=self)
        copy.clicked.connect(self._copy)
        done.clicked.connect(self.accept)
        self.press_by_enter(copy, done)
        self.column.addWidget(label(title, size="title", weight=LIGHT.type.bold, wrap=True, parent=self))
        self.column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        self.column.addWidget(self.field)
        self.column.addWidget(copy, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.notice)
        self.column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(done)
        self.copy.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.field.text())
        self.notice.say(tr("Copied."), Tone.GOOD)
        self.fit(self.notice)
