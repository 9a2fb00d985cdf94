"""Escalating one's own priority message: what is to be done, and who gets what, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.calls import PhoneWay
from app.core.model import PersonId
from app.core.permission_questions import Outreach, Outreached, PhoneState
from app.core.permissions import Right
from app.core.policy import Contact, ContactId, ContactKind
from app.ui.i18n import tr, trn
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, label, line, menu_text
from app.ui.widgets.fields import call, searchable
from app.ui.words import clock_time

WIDTH, NAMES_PX = 460, 150
"""px; of the column of names."""
CONTACTS_SHOWN = 5
"""Contacts that stand there without scrolling."""
NOBODY = ""
"""The choice to hand it on to nobody."""
QUOTED_CHARS = 120


@dataclass(frozen=True)
class Colleague:
    """Somebody whom the message can be handed on to."""

    id: PersonId
    name: str
    here: bool


class EscalateDialog(Sheet):
    """Shown with ``open()``; nothing waits for it.

    Args:
        text: of the message.
        names: of those whom it calls.
        colleagues: to whom it could be handed on, by name.

    Signals:
        chosen: the ways (tuple of PhoneWay), to whom it is handed on ("" for nobody), and the contacts (tuple
            of ContactId); answered with :meth:`say` or by closing.
    """

    chosen = Signal(object, str, object)

    def __init__(
        self,
        text: str,
        names: Mapping[PersonId, str],
        colleagues: Sequence[Colleague],
        tokens: Tokens,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(WIDTH, parent)
        self._names, self._tokens = names, tokens
        self._colleagues = {colleague.id: colleague for colleague in colleagues}
        self._outreach: Outreach | None = None
        self._over = self._busy = False
        self.setWindowTitle(tr("Escalate"))
        self.ways = {
            PhoneWay.TEXT: QCheckBox(tr("Send a text message"), self),
            PhoneWay.CALL: QCheckBox(tr("Call: the message is spoken, a key press confirms it"), self),
        }
        self.contacts: dict[ContactId, QCheckBox] = {}
        self._contacts_box = _ContactsBox(self)
        self.forward = self._people_box()
        self.why_not = label(size="small", rank="muted", wrap=True, parent=self)
        self.happens: list[QLabel] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(LIGHT.spacing.xs)
        self.notice = Notice(tokens, self)
        self.go = button(tr("Escalate now"), kind="priority", tokens=tokens, parent=self)
        self.go.clicked.connect(self._choose)
        for box in self.ways.values():
            box.toggled.connect(self._show)
        self.forward.currentIndexChanged.connect(self._show)
        self._lay_out(text)
        self._show()

    def _people_box(self) -> QComboBox:
        box = QComboBox(self)
        call(box, tr("Hand it on to"))
        searchable(box)
        box.addItem(tr("Nobody"), NOBODY)
        for colleague in self._colleagues.values():
            here = colleague.name if colleague.here else tr("{name} (not here now)", name=colleague.name)
            box.addItem(here, colleague.id)
        return box

    def _lay_out(self, text: str) -> None:
        column, space = self.column, LIGHT.spacing
        column.setSpacing(space.s)
        column.addWidget(label(tr("Escalate"), size="title", weight=LIGHT.type.bold, parent=self))
        quoted = " ".join(text.split())
        quoted = quoted if len(quoted) <= QUOTED_CHARS else f"{quoted[: QUOTED_CHARS - 1].rstrip()}…"
        column.addWidget(label(f"“{quoted}”", rank="muted", wrap=True, parent=self))
        for box in self.ways.values():
            column.addWidget(box)
        column.addWidget(self.why_not)
        column.addWidget(self._contacts_box)
        column.addSpacing(space.xs)
        words = label(tr("Hand it on to"), size="small", parent=self)
        words.setBuddy(self.forward)
        column.addWidget(words)
        column.addWidget(self.forward)
        column.addWidget(line(self))
        heading = label(tr("What happens"), size="small", weight=LIGHT.type.bold, rank="muted", parent=self)
        column.addWidget(heading)
        column.addLayout(self._lines)
        column.addWidget(self.notice)
        cancel = button(tr("Cancel"), tokens=self._tokens, parent=self)
        cancel.clicked.connect(self.reject)
        cancel.setAutoDefault(False)
        self.foot.addStretch(1)
        self.foot.addWidget(cancel)
        self.foot.addWidget(self.go)

    # What is known

    def set_outreach(self, outreach: Outreach) -> None:
        """Who could be reached, as the server says."""
        self._outreach = outreach
        kept = self.chosen_contacts
        self.contacts = self._contacts_box.offer(outreach.contacts)
        for contact, box in self.contacts.items():
            box.setChecked(contact in kept)
            box.toggled.connect(self._show)
        self._show()

    def set_over(self) -> None:
        """Somebody answered meanwhile: nothing is left to do."""
        self._over = True
        self.say(tr("This message has been answered meanwhile."), problem=False)
        self._show()

    def say(self, words: str, *, problem: bool = True) -> None:
        """Why it was not done."""
        self._busy = False
        self.notice.say(words, Tone.PROBLEM if problem else Tone.INFO)
        self._show()
        self.fit(self.notice)

    # What is shown

    @property
    def chosen_ways(self) -> tuple[PhoneWay, ...]:
        return tuple(way for way, box in self.ways.items() if box.isChecked() and box.isEnabled())

    @property
    def chosen_contacts(self) -> tuple[ContactId, ...]:
        return tuple(contact for contact, box in self.contacts.items() if box.isChecked() and box.isEnabled())

    @property
    def forward_to(self) -> PersonId:
        return PersonId(str(self.forward.currentData() or NOBODY))

    def _show(self, *_: object) -> None:
        outreach = self._outreach
        why_not = phones_words(outreach) if outreach is not None else tr("Asking the server…")
        self.why_not.setText(why_not)
        self.why_not.setVisible(bool(why_not))
        for way, box in self.ways.items():
            box.setEnabled(not why_not and outreach is not None and way in outreach.ways)
        for contact in outreach.contacts if outreach is not None else ():
            phone = contact.kind is ContactKind.PHONE
            self.contacts[contact.id].setEnabled(not (why_not if phone else denied_words(outreach)))
        may_forward = outreach is not None and Right.PRIORITY in outreach.allowed
        self.forward.setEnabled(may_forward)
        lines = self._what_happens()
        self._write(lines)
        reached = any(reached for _, _, reached in lines)
        self.go.setEnabled(reached and not self._over and not self._busy)
        self.go.setText(tr("Sending…") if self._busy else tr("Escalate now"))
        self.fit()

    def _what_happens(self) -> list[tuple[str, str, bool]]:
        """For each person: the name, what they get or why nothing, and whether they get something."""
        people = self._outreach.people if self._outreach is not None else ()
        ways = self.chosen_ways
        lines = [
            (self._names.get(one.person, "?"), phone_words(one, ways), one.phone is PhoneState.READY)
            for one in people
            if ways
        ]
        chosen = self.chosen_contacts
        for contact in self._outreach.contacts if self._outreach is not None else ():
            if contact.id in chosen:
                reached = bool(ways) or contact.kind is not ContactKind.PHONE
                lines.append((contact.name, contact_words(contact, ways), reached))
        colleague = self._colleagues.get(self.forward_to)
        if colleague is not None and self.forward.isEnabled():
            words = tr("is called here, with sound") if colleague.here else tr("is called on coming in")
            lines.append((colleague.name, words, True))
        return lines

    def _write(self, lines: Sequence[tuple[str, str, bool]]) -> None:
        for old in self.happens:
            old.hide()
            old.deleteLater()
        while self._lines.takeAt(0) is not None:
            pass
        self.happens = [label(tr("Nothing yet."), rank="muted", parent=self)] if not lines else []
        for nothing in self.happens:
            self._lines.addWidget(nothing)
        for name, words, reached in lines:
            said = label(words, rank="" if reached else "muted", wrap=True, parent=self)
            said.setAccessibleName(f"{name}: {words}")
            who = label(name, weight=LIGHT.type.semibold, elide=True, parent=self)
            who.setFixedWidth(NAMES_PX)
            row = QHBoxLayout()
            row.setSpacing(LIGHT.spacing.m)
            row.addWidget(who, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(said, 1)
            self._lines.addLayout(row)
            self.happens += [who, said]
        for made in self.happens:
            made.show()  # or it does not count when the dialog is fitted

    def _choose(self) -> None:
        self._busy = True
        self.notice.say("", Tone.INFO)
        self._show()
        self.chosen.emit(self.chosen_ways, self.forward_to, self.chosen_contacts)


class _ContactsBox(QWidget):
    """The contacts that can be chosen; hidden where there are none, scrolled where they are many."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, LIGHT.spacing.xs, 0, 0)
        column.setSpacing(LIGHT.spacing.s)
        column.addWidget(label(tr("Also reach"), size="small", parent=self))
        column.addWidget(self._area)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()

    def offer(self, contacts: Sequence[Contact]) -> dict[ContactId, QCheckBox]:
        """A box for each, unchecked."""
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(LIGHT.spacing.s)
        boxes = {}
        for contact in contacts:
            words = f"{contact.name} ({contact.shown})" if contact.shown else contact.name
            boxes[contact.id] = QCheckBox(menu_text(words), inner)
            boxes[contact.id].setAccessibleName(tr("Also reach: {name}", name=words))
            boxes[contact.id].installEventFilter(self)
            column.addWidget(boxes[contact.id])
        self._area.setWidget(inner)
        shown = list(boxes.values())[:CONTACTS_SHOWN]
        rows = sum(box.sizeHint().height() for box in shown) + LIGHT.spacing.s * max(0, len(shown) - 1)
        self._area.setFixedHeight(rows)
        self.setVisible(bool(contacts))
        return boxes

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What has the keyboard is in view, also when it came from outside."""
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._area.ensureWidgetVisible(watched)
        return super().eventFilter(watched, event)


def denied_words(outreach: Outreach | None) -> str:
    """Why nobody outside the program can be reached; empty when that can be tried."""
    if outreach is None or Right.PHONES not in outreach.allowed:
        return tr("You may not have messages sent to phones. Ask your admin.")
    if outreach.wait:
        return trn(
            "This was done just now. You can do it again in {n} s.",
            "This was done just now. You can do it again in {n} s.",
            outreach.wait,
        )
    return ""


def phones_words(outreach: Outreach) -> str:
    """Why nobody can be reached by phone; empty when that can be tried."""
    neither = "" if outreach.ways else tr("This server can neither send text messages nor call.")
    return denied_words(outreach) or neither


def phone_words(one: Outreached, ways: Sequence[PhoneWay]) -> str:
    """What somebody gets by phone, or why nothing."""
    match one.phone:
        case PhoneState.NONE:
            return tr("no phone number: is not reached")
        case PhoneState.QUIET:
            return tr("wants quiet until {time}: is not reached", time=clock_time(one.quiet_until or 0.0))
        case PhoneState.READY:
            return ways_words(ways)


def contact_words(contact: Contact, ways: Sequence[PhoneWay]) -> str:
    """What a contact gets, or what is still missing."""
    if contact.kind is not ContactKind.PHONE:
        return tr("gets the message")
    return ways_words(ways) if ways else tr("choose above: a text message, a call, or both")


def ways_words(ways: Sequence[PhoneWay]) -> str:
    if len(ways) == len(PhoneWay):
        return tr("gets a text message and a call")
    return tr("gets a text message") if PhoneWay.TEXT in ways else tr("gets a call")
