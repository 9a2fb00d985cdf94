"""The inbox: the list of conversations with customers, and one of them at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.limits import LINE_CHARS
from app.ui.i18n import tr
from app.ui.models.inbox import TalksModel, TextsModel
from app.ui.panels.composer import Composer
from app.ui.panels.inbox_rows import TalksDelegate, TextsDelegate
from app.ui.panels.look import Look
from app.ui.panels.message_view import ListAndOne, ListWidget, MessageView
from app.ui.panels.parts import EmptyOr, picture_button, small_button
from app.ui.panels.rows_view import RowsView
from app.ui.widgets import Notice, Tone, label, menu_text, tooltip
from app.ui.widgets.buttons import set_kind


class TalkList(ListWidget):
    """Signals:
    opened: the key of a conversation.
    acted: its key, and ``resolve`` or ``reopen``.
    older_wanted: conversations that the space does not hold.
    settings_wanted: what is done about messages that nobody touches.
    """

    opened = Signal(str)
    acted = Signal(str, str)
    older_wanted = Signal()
    settings_wanted = Signal()

    def __init__(self, talks: TalksModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label(size="small", rank="muted", elide=True, parent=self)
        self.settings = picture_button("settings", tr("Escalation of lines"), look, self)
        self.settings.clicked.connect(self.settings_wanted)
        self.view = RowsView(look, self)
        self.view.setAccessibleName(tr("Conversations with customers"))
        self.view.use(TalksDelegate(look, self.view))
        self.view.setModel(talks)
        self.view.opened.connect(self.opened)
        self.view.acted.connect(self.acted)
        self.older = small_button(tr("Older conversations"), look, self)
        self.older.clicked.connect(self.older_wanted)
        teach = tr("Texts that customers send to a line of this space stand here until they are handled.")
        self._pages = EmptyOr(self.view, talks, look, ("chat", tr("Nothing has come yet"), teach), self)
        top = QHBoxLayout()
        top.setContentsMargins(16, 0, 12, 0)
        top.addWidget(self.title, 1)
        top.addWidget(self.settings)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 8, 0, 8)
        box.setSpacing(4)
        box.addLayout(top)
        box.addWidget(self._pages, 1)
        box.addWidget(self.older, 0, Qt.AlignmentFlag.AlignHCenter)
        self.setFocusProxy(self.view)

    def focus(self) -> None:
        some = self.view.model().rowCount() > 0
        (self.view if some else self.settings if self.settings.isVisible() else self.view).setFocus(
            Qt.FocusReason.ShortcutFocusReason
        )


class TalkView(MessageView):
    """One conversation.

    Signals:
        replied, noted: what was written.
        typing: what is being written to the customer.
        resolved: resolve, or reopen.
        assigned: to whom; empty for nobody.
        number_wanted: the customer's number is to be shown.
    """

    replied = Signal(str)
    noted = Signal(str)
    typing = Signal(str)
    resolved = Signal()
    assigned = Signal(str)
    number_wanted = Signal()

    def __init__(self, texts: TextsModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(texts, look, parent)
        self._look = look
        self._people: Callable[[], Sequence[tuple[str, str]]] = tuple
        self.about = label(size="tiny", rank="muted", elide=True, parent=self)
        self.number = picture_button("phone", tr("Show the number"), look, self)
        self.number.clicked.connect(self.number_wanted)
        self.assign = picture_button("user", tr("Assign"), look, self)
        self.assign.clicked.connect(self._offer_people)
        self.resolve = picture_button("check", tr("Resolve"), look, self)
        self.resolve.clicked.connect(self.resolved)
        self.use(TextsDelegate(look, self.view))
        self.live = label(size="small", rank="accent", elide=True, parent=self)
        self.notice = Notice(look.theme.tokens, self)
        look.changed.connect(self._recolour)
        self._make_composer()
        self._arrange()
        self.setFocusProxy(self.composer)

    def _make_composer(self) -> None:
        self.reply_mode = small_button(tr("Reply"), self._look, self)
        self.note_mode = small_button(tr("Note"), self._look, self)
        tooltip(self.note_mode, tr("Only colleagues see a note."))
        self._modes = QButtonGroup(self)
        for mode in (self.reply_mode, self.note_mode):
            mode.setCheckable(True)
            self._modes.addButton(mode)
        self.reply_mode.setChecked(True)
        self._modes.buttonToggled.connect(self._mode_changed)
        self.composer = Composer(self._look, lambda: None, self, LINE_CHARS)
        self.composer.toggle.hide()  # nobody calls a customer aloud
        self.composer.left.connect(self.back)
        self.composer.sent.connect(self._send)
        self.composer.edited.connect(lambda text: None if self.notes else self.typing.emit(text))
        self.composer.set_reach("")
        self.composer.toggle.setEnabled(False)  # a customer is not called
        self.composer.toggle.hide()

    def _arrange(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.about)
        top = QHBoxLayout()
        top.setContentsMargins(4, 8, 8, 4)
        top.setSpacing(0)
        top.addWidget(self.back_button)
        top.addLayout(names, 1)
        for made in (self.number, self.assign, self.resolve):
            top.addWidget(made)
        modes = QHBoxLayout()
        modes.setContentsMargins(12, 6, 12, 0)
        modes.setSpacing(4)
        modes.addWidget(self.reply_mode)
        modes.addWidget(self.note_mode)
        modes.addWidget(self.live, 1)
        notices = QVBoxLayout()
        notices.setContentsMargins(12, 4, 12, 0)
        notices.addWidget(self.notice)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(top)
        box.addWidget(self.view, 1)
        box.addLayout(notices)
        box.addLayout(modes)
        box.addWidget(self.composer)

    # What is shown

    @property
    def notes(self) -> bool:
        """What is written is a note."""
        return self.note_mode.isChecked()

    def offer(self, people: Callable[[], Sequence[tuple[str, str]]]) -> None:
        """Whom it can be assigned to, when that is asked for: keys and names."""
        self._people = people

    def show_head(self, title: str, about: str, *, done: bool) -> None:
        self.show_title(title)
        self.about.setText(about)
        words = tr("Reopen") if done else tr("Resolve")
        self.resolve.setProperty("icon_name", "retry" if done else "check")
        self.resolve.setAccessibleName(words)
        tooltip(self.resolve, words)
        set_kind(self.resolve, "bare", self._look.theme.tokens)

    def _recolour(self) -> None:
        self.notice.set_tokens(self._look.theme.tokens)
        self._mode_changed()

    def show_answering(self, words: str) -> None:
        if self.live.text() != words:
            self.live.setText(words)

    def say(self, words: str, *, problem: bool = False) -> None:
        """What has to be known before one writes; an empty text hides it."""
        if self.notice.text != words:
            self.notice.say(words, Tone.PROBLEM if problem else Tone.INFO)

    def allow_replies(self, allowed: bool) -> None:
        self.reply_mode.setEnabled(allowed)
        if not allowed:
            self.note_mode.setChecked(True)

    def open(self) -> None:
        """Another conversation is shown from now on, at its end, to be replied to."""
        self.reply_mode.setChecked(True)
        self._mode_changed()
        self.to_end()

    def _mode_changed(self) -> None:
        for mode in (self.reply_mode, self.note_mode):
            set_kind(mode, "primary" if mode.isChecked() else "quiet", self._look.theme.tokens)
        words = tr("A note for colleagues") if self.notes else tr("Text the customer")
        self.composer.set_placeholder(words)
        self.composer.field.setAccessibleName(words)

    def _send(self, text: str) -> None:
        (self.noted if self.notes else self.replied).emit(text)

    def _offer_people(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for key, name in self._people():
            menu.addAction(menu_text(name)).triggered.connect(lambda _=False, k=key: self.assigned.emit(k))
        menu.popup(self.assign.mapToGlobal(QPoint(0, self.assign.height())))


class InboxPanel(ListAndOne[TalkList, TalkView]):
    """Attributes:
    talk: the conversation that was opened.
    """

    def __init__(
        self, talks: TalksModel, texts: TextsModel, look: Look, parent: QWidget | None = None
    ) -> None:
        super().__init__(TalkList(talks, look), TalkView(texts, look), parent)
        self.talk = self.one
