"""Escalating one's own priority message: what is to be done, and who gets what, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.core.calls import PhoneWay
from app.core.model import PersonId
from app.core.permission_questions import Outreach, Outreached, PhoneState
from app.core.permissions import Right
from app.ui.i18n import tr, trn
from app.ui.theme.tokens import LIGHT, Tokens
from app.ui.widgets import Notice, Sheet, Tone, button, label, line
from app.ui.widgets.fields import searchable
from app.ui.words import clock_time

WIDTH, NAMES_PX = 460, 150
"""px; of the column of names."""
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
        chosen: the ways (tuple of PhoneWay) and to whom it is handed on ("" for nobody); answered with
            :meth:`say` or by closing.
    """

    chosen = Signal(object, str)

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
        box.setAccessibleName(tr("Hand it on to"))
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
    def forward_to(self) -> PersonId:
        return PersonId(str(self.forward.currentData() or NOBODY))

    def _show(self, *_: object) -> None:
        outreach = self._outreach
        why_not = phones_words(outreach) if outreach is not None else tr("Asking the server…")
        self.why_not.setText(why_not)
        self.why_not.setVisible(bool(why_not))
        for way, box in self.ways.items():
            box.setEnabled(not why_not and outreach is not None and way in outreach.ways)
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
        self.chosen.emit(self.chosen_ways, self.forward_to)


def phones_words(outreach: Outreach) -> str:
    """Why nobody can be reached by phone; empty when that can be tried."""
    if Right.PHONES not in outreach.allowed:
        return tr("You may not have messages sent to phones. Ask your admin.")
    if not outreach.ways:
        return tr("This server can neither send text messages nor call.")
    if outreach.wait:
        return trn(
            "This was done just now. You can do it again in {n} s.",
            "This was done just now. You can do it again in {n} s.",
            outreach.wait,
        )
    return ""


def phone_words(one: Outreached, ways: Sequence[PhoneWay]) -> str:
    """What somebody gets by phone, or why nothing."""
    match one.phone:
        case PhoneState.NONE:
            return tr("no phone number: is not reached")
        case PhoneState.QUIET:
            return tr("wants quiet until {time}: is not reached", time=clock_time(one.quiet_until or 0.0))
        case PhoneState.READY:
            if len(ways) == len(PhoneWay):
                return tr("gets a text message and a call")
            return tr("gets a text message") if PhoneWay.TEXT in ways else tr("gets a call")
