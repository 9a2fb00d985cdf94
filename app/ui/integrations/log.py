"""What a webhook was told: the newest first, each to be read and sent again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from app.core.hooks import HookPost, PostState
from app.ui.i18n import tr
from app.ui.integrations.parts import ListSheet
from app.ui.integrations.words import event_words, post_words
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Tone, button, label
from app.ui.widgets.fields import call

WIDTH = 600
"""px"""
HOUR_S = 3_600.0


class LogDialog(ListSheet):
    """Signals:
    resend_wanted: the number of a message.
    all_wanted: all since so many s ago are to be sent again.
    more_wanted: older ones are to be shown as well.
    """

    resend_wanted = Signal(int)
    all_wanted = Signal(float)
    more_wanted = Signal()

    def __init__(self, name: str, tokens: Tokens, locale: QLocale, parent: QWidget) -> None:
        super().__init__(WIDTH, tokens, parent)
        self._locale = locale
        self._open: set[int] = set()
        self.posts: list[HookPost] = []
        self.setWindowTitle(tr("Log of {name}", name=name))
        self.notice = Notice(tokens, self)
        self.buttons: dict[int, list[QPushButton]] = {}
        self._rows = QWidget(self)
        self.since = QComboBox(self)
        call(self.since, tr("Since when"))
        for words, hours in ((tr("the last hour"), 1), (tr("the last day"), 24), (tr("the last week"), 168)):
            self.since.addItem(words, hours * HOUR_S)
        self.all_button = button(
            tr("Send again"), kind="quiet", icon_name="retry", tokens=tokens, parent=self
        )
        self.more = button(tr("Show older ones"), kind="bare", tokens=tokens, parent=self)
        self.done_button = button(tr("Done"), kind="primary", tokens=tokens, parent=self)
        self.all_button.clicked.connect(lambda: self.all_wanted.emit(float(self.since.currentData())))
        self.more.clicked.connect(self.more_wanted)
        self.done_button.clicked.connect(self.accept)
        self.press_by_enter(self.all_button, self.more, self.done_button)
        self._lay_out(name)

    def _lay_out(self, name: str) -> None:
        column = self.column
        title = tr("Log of {name}", name=name)
        column.addWidget(label(title, size="title", weight=LIGHT.type.bold, wrap=True, parent=self))
        column.addWidget(self.notice)
        again = QHBoxLayout()
        again.setSpacing(LIGHT.spacing.s)
        again.addWidget(label(tr("Everything of"), parent=self))
        again.addWidget(self.since)
        again.addWidget(self.all_button)
        again.addStretch(1)
        column.addLayout(again)
        column.addWidget(self._rows)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.foot.addStretch(1)
        self.foot.addWidget(self.done_button)
        self.more.hide()

    def say(self, words: str, tone: Tone = Tone.PROBLEM) -> None:
        self.notice.say(words, tone)
        self.fit(self.notice)

    def show_posts(self, posts: Sequence[HookPost], more: bool) -> None:
        """All that are known so far, newest first."""
        self.posts = list(posts)
        self.more.setVisible(more)
        self._make_rows()

    def _make_rows(self) -> None:
        new, self.buttons = QWidget(self), {}
        rows = [self._post(post, new) for post in self.posts]
        self._rows = self.replace_rows(self._rows, tr("Nothing has been sent yet."), rows, new)

    def _post(self, post: HookPost, parent: QWidget) -> QHBoxLayout:
        event, tokens = event_words(post.event), self._tokens
        opened = post.number in self._open
        read = button(tr("Hide") if opened else tr("Read"), kind="bare", tokens=tokens, parent=parent)
        read.setAccessibleName(tr("Read message {number}", number=post.number))
        read.clicked.connect(lambda: self._toggle(post.number))
        made = [read]
        if post.state is not PostState.WAITING:
            again = button(tr("Resend"), kind="quiet", tokens=tokens, parent=parent)
            again.setAccessibleName(tr("Send message {number} again", number=post.number))
            again.clicked.connect(lambda: self.resend_wanted.emit(post.number))
            made.append(again)
        bad = post.state is PostState.FAILED
        words = [(post_words(post, self._locale), bad)]
        self.buttons[post.number] = made
        row = self.row(f"{post.number}  {event}", words, made, parent)
        if opened:
            body: QLabel = label(post.body, size="small", wrap=True, selectable=True, parent=parent)
            first = row.itemAt(0)
            text = first.layout() if first is not None else None
            assert text is not None
            text.addWidget(body)
        return row

    def _toggle(self, number: int) -> None:
        self._open ^= {number}
        self._make_rows()
        self.buttons[number][0].setFocus()
