"""The list of policies: by kind, each with whom it is run for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from app.core.policy import BUILT_IN, Assignment, CaseKind, Policy, PolicyId
from app.core.text import search_key
from app.ui.i18n import tr, tr_template
from app.ui.panels.rows_view import MARGIN, RowDelegate
from app.ui.policies.draft import edit_of
from app.ui.policies.sentences import Names, kind_words, run_for_words
from app.ui.words import in_a_row

ROW_PX = 54


@dataclass(frozen=True)
class KindRow:
    """A heading."""

    divides: str

    @property
    def key(self) -> str:
        return f"kind:{self.divides}"

    @property
    def spoken(self) -> str:
        return self.divides


@dataclass(frozen=True)
class PolicyRow:
    """Attributes:
    run_for: whom it is run for, in words.
    used: it is run for somebody; ``flawed``: although some step of it cannot do what it should.
    changed: it is being edited and not saved.
    chosen: it is the one that is shown.
    """

    key: str
    name: str
    run_for: str
    used: bool
    flawed: bool = False
    changed: bool = False
    chosen: bool = False

    @property
    def spoken(self) -> str:
        flawed = tr("needs attention") if self.flawed else ""
        return in_a_row((self.name, self.run_for, flawed, tr("not saved") if self.changed else ""))


def policy_name(policy: Policy) -> str:
    """The built-in ones are called differently in each language."""
    built_in = any(policy.id == one.id for one in BUILT_IN.values())
    return tr_template(policy.name, {}) if built_in else policy.name or tr("New policy")


def policy_rows(
    policies: Iterable[Policy],
    assignments: Sequence[Assignment],
    names: Names,
    chosen: str,
    changed: str,
    flawed: Collection[PolicyId],
) -> tuple[KindRow | PolicyRow, ...]:
    """Everything of the list: what is run for everybody first, then by name; the built-in one last.

    Args:
        chosen: the key of the one that is shown; changed: of the one with changes that are not saved.
        flawed: those with a step that cannot do what it should.
    """
    every = tuple(policies)
    rows: list[KindRow | PolicyRow] = []
    for kind in CaseKind:
        of_kind = [policy for policy in every if policy.kind is kind]
        taken = any(a.kind is kind and a.person is None for a in assignments)
        made = [_row(policy, assignments, names, chosen, changed, flawed) for policy in of_kind]
        made.sort(key=lambda pair: (not pair[0], search_key(pair[1].name)))
        standard = BUILT_IN[kind]
        words = tr("Standard, not used") if taken else run_for_words(names, (), everybody=True)
        built_in = PolicyRow(
            standard.id, policy_name(standard), words, not taken, chosen=standard.id == chosen
        )
        rows += [KindRow(kind_words(kind)), *(row for _, row in made), built_in]
    return tuple(rows)


def _row(
    policy: Policy,
    assignments: Sequence[Assignment],
    names: Names,
    chosen: str,
    changed: str,
    flawed: Collection[PolicyId],
) -> tuple[bool, PolicyRow]:
    edit = edit_of(policy, assignments)
    used = edit.everybody or bool(edit.people)
    return edit.everybody, PolicyRow(
        policy.id,
        policy_name(policy),
        run_for_words(names, edit.people, edit.everybody),
        used,
        used and policy.id in flawed,
        policy.id == changed,
        policy.id == chosen,
    )


class PolicyDelegate(RowDelegate):
    def height(self, row: object, width: int) -> int:
        return ROW_PX

    def paint_row(self, painter: QPainter, rect: QRect, row: object, right: int) -> None:
        if not isinstance(row, PolicyRow):
            return
        look = self.look
        if row.chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent_soft"))
            painter.drawRoundedRect(QRectF(rect).adjusted(6, 1, -6, -1), 8, 8)
        end = rect.right() - MARGIN
        if row.changed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent"))
            painter.drawEllipse(QRectF(end - 8, rect.center().y() - 4, 8, 8))
            end -= 16
        if row.flawed:
            painter.drawPixmap(end - 16, rect.center().y() - 8, look.pixmap("warning", "text", 16))
            end -= 24
        room = QRect(rect.left() + MARGIN, rect.top() + 9, end - rect.left() - MARGIN, 19)
        painter.setFont(look.font(13, bold=True))
        painter.setPen(look.colour("text" if row.used or row.changed else "muted"))
        self._write(painter, room, row.name)
        painter.setFont(look.font(12))
        painter.setPen(look.colour("muted"))
        self._write(painter, room.translated(0, 19), row.run_for)

    @staticmethod
    def _write(painter: QPainter, room: QRect, words: str) -> None:
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
