"""Adding an integration, adding or changing a webhook, and the secret that is shown once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.core.hooks import CHOSEN, GRACE_S, URL_CHARS, ApiAction, HookEvent, Webhook
from app.core.limits import NAME_CHARS
from app.ui.i18n import tr, tr_template
from app.ui.integrations.parts import ListSheet
from app.ui.integrations.words import EVENT_GROUPS, action_words, event_words
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, label
from app.ui.widgets.fields import call

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
        call(self.kind, tr("What it is"))
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


@dataclass(frozen=True)
class WebhookWish:
    """What somebody wants a webhook to be; ``url``: "" leaves it as it is."""

    name: str
    url: str
    events: tuple[HookEvent, ...]
    texts: bool
    everywhere: bool


class WebhookDialog(Form):
    """Args:
    webhook: the one that is changed; ``None``: a new one.
    space: whose events a new one hears, unless it hears those of all.
    everywhere: whether it may hear those of all.

    Signals:
        save_wanted: a :class:`WebhookWish`.
        renew_wanted: another secret.
    """

    save_wanted = Signal(object)
    renew_wanted = Signal()

    def __init__(
        self, webhook: Webhook | None, space: str, everywhere: bool, tokens: Tokens, parent: QWidget
    ) -> None:
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
        self.scope = self._scope(space, everywhere) if webhook is None else None
        self.events: dict[HookEvent, QCheckBox] = {}
        for words, beginning in EVENT_GROUPS:
            self.column.addSpacing(LIGHT.spacing.xs)
            self.column.addWidget(self.heading(tr_template(words, {})))
            group = [event for event in CHOSEN if event.startswith(beginning)]
            self.events |= self.boxes({event: event_words(event) for event in group})
        self.column.addSpacing(LIGHT.spacing.xs)
        self.column.addWidget(self.heading(tr("What was written")))
        self.texts = QCheckBox(tr("Send the texts of messages along"), self)
        self.column.addWidget(self.texts)
        words = tr("Without it, only who wrote and when is sent. What a raised hand says is always sent.")
        self.column.addWidget(label(words, size="small", rank="muted", wrap=True, parent=self))
        if webhook is not None:
            self.texts.setChecked(webhook.texts)
            for event, box in self.events.items():
                box.setChecked(event in webhook.events)
            self.renew = button(tr("New secret…"), kind="quiet", tokens=tokens, parent=self)
            self.renew.clicked.connect(self.renew_wanted)
            self.press_by_enter(self.renew)
            self.foot.insertWidget(0, self.renew)
        self.column.addStretch(1)
        self.name.setFocus()

    def _scope(self, space: str, everywhere: bool) -> QComboBox:
        scope = QComboBox(self)
        call(scope, tr("What it hears of"))
        scope.addItem(tr("What happens in {space}", space=space), False)
        scope.setEnabled(everywhere)
        self.column.addWidget(scope)
        if everywhere:
            scope.addItem(tr("What happens in every space"), True)
        else:
            words = tr("Who belongs to every space can add one that hears of all of them.")
            self.column.addWidget(label(words, size="small", rank="muted", wrap=True, parent=self))
        return scope

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
            everywhere = self.scope is not None and bool(self.scope.currentData())
            name, url = self.name.text().strip(), self.url.text().strip()
            self.save_wanted.emit(WebhookWish(name, url, chosen, self.texts.isChecked(), everywhere))


class RenewDialog(Form):
    """Signals:
    renew_wanted: for so long (s) the old secret signs as well.
    """

    renew_wanted = Signal(float)

    def __init__(self, name: str, tokens: Tokens, parent: QWidget) -> None:
        super().__init__(tr("New secret for {name}", name=name), tr("Make it"), tokens, parent)
        words = tr(
            "Messages are signed with both secrets for a while, so that the receiver can change over without "
            "missing one."
        )
        self.column.addWidget(label(words, rank="muted", wrap=True, parent=self))
        self.grace = QComboBox(self)
        call(self.grace, tr("How long the old secret signs"))
        self.grace.addItem(tr("The old one signs for another day"), GRACE_S)
        self.grace.addItem(tr("The old one signs for another week"), 7 * GRACE_S)
        self.grace.addItem(tr("The old one signs no more: somebody knows it"), 0.0)
        self.column.addWidget(self.grace)
        self.column.addStretch(1)
        self.grace.setFocus()

    def submit(self) -> None:
        self.agree.setEnabled(False)
        self.renew_wanted.emit(self.grace.currentData())


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
