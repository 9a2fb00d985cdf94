"""The raised hands: where each bubble stands, so that none hides another, and how it pops in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPixmap

from app.core.model import Level, PersonId
from app.ui.map.bubbles import BubblePainter, Shifted
from app.ui.map.crowd import Crowd
from app.ui.map.model import Hand

POP = 0.15
"""s a hand takes to pop in."""
SPARED = 12
"""With more hands than this there is no room to spare the faces around."""


@dataclass(slots=True)
class Bubble:
    """One bubble as it stands in the zoomed map (device px).

    Attributes:
        box: everything it may paint; body: the clickable part; tip: where its tail ends.
        grown: share of its size it has by now, 0..1.
    """

    person: PersonId
    hand: Hand
    pixmap: QPixmap
    box: QRect
    body: QRect
    tip: QPoint
    popped_at: float
    grown: float = 0.0


class Hands:
    """Attributes:
    bubbles: by person, in the order in which they are painted: red ones last, the longest waiting on top.
    """

    def __init__(self) -> None:
        self.bubbles: dict[PersonId, Bubble] = {}

    def drop(self, person: PersonId) -> list[QRect]:
        """Forget a bubble, so that another one of this person pops in anew; what to paint again."""
        bubble = self.bubbles.pop(person, None)
        return [] if bubble is None else [bubble.box]

    def pop(self, now: float, *, at_once: bool) -> list[QRect]:
        """Let the hands that are coming up grow; what to paint again."""
        boxes: list[QRect] = []
        for bubble in self.bubbles.values():
            if bubble.grown < 1.0:
                share = (now - bubble.popped_at) / POP
                bubble.grown = 1.0 if at_once or share >= 1.0 else max(share, 0.0)
                boxes.append(bubble.box)
        return boxes

    def arrange(
        self,
        painter: BubblePainter,
        raised: Iterable[tuple[PersonId, Hand, int]],
        crowd: Crowd,
        reach: int,
        radius: int,
        now: float,
    ) -> list[QRect]:
        """Find all bubbles their places again.

        Args:
            raised: who has a hand up, and their rows in the crowd.
            reach: device px from a face's centre up to the tail's end; radius: of a face.

        Returns:
            What to paint again.
        """
        ordered = sorted(raised, key=lambda one: (one[1].level is not Level.RED, one[1].raised_at, one[0]))
        tips = [
            (person, hand, QPoint(int(crowd.px[row]), int(crowd.py[row]) - reach))
            for person, hand, row in ordered
        ]
        places = _spread(painter, tips, _faces_near(tips, crowd, radius, painter.dpr))
        old, self.bubbles = self.bubbles, {}
        dirty = [bubble.box for person, bubble in old.items() if person not in places]
        for person, hand, tip in reversed(tips):
            box, body = painter.place(hand, tip.x(), tip.y(), places[person])
            bubble = Bubble(person, hand, painter.pixmap(hand, places[person]), box, body, tip, now)
            known = old.get(person)
            if known is not None:
                bubble.popped_at, bubble.grown = known.popped_at, known.grown
            if known is None or known.box != box or known.pixmap is not bubble.pixmap:
                dirty += [box] if known is None else [box, known.box]
            self.bubbles[person] = bubble
        return dirty

    def paint(self, painter: QPainter, origin: QPoint, clip: QRect) -> None:
        """Paint into a view whose upper left corner is the device px ``origin`` of the zoomed map."""
        for bubble in self.bubbles.values():
            if bubble.grown > 0 and bubble.box.translated(-origin).intersects(clip):
                at, pixmap = bubble.box.topLeft(), bubble.pixmap
                if bubble.grown < 1.0:
                    # Scaled into a picture of its own first: a scaled painter would round differently
                    # in each clip.
                    share = 0.4 + 0.6 * (1 - (1 - bubble.grown) ** 3)
                    pixmap = pixmap.scaled(
                        max(round(pixmap.width() * share), 1),
                        max(round(pixmap.height() * share), 1),
                        Qt.AspectRatioMode.IgnoreAspectRatio,
                        Qt.TransformationMode.SmoothTransformation,
                    )
                    away = bubble.tip - at
                    at = bubble.tip - QPoint(round(away.x() * share), round(away.y() * share))
                painter.drawPixmap(at - origin, pixmap)


def _faces_near(
    tips: Sequence[tuple[PersonId, Hand, QPoint]], crowd: Crowd, radius: int, dpr: float
) -> list[QRect]:
    """Faces that the bubbles of a few hands might cover."""
    if len(tips) > SPARED:
        return []
    reach = round(150 * dpr)
    rows: set[int] = set()
    for _, _, tip in tips:
        rows.update(crowd.within(tip.x() - reach, tip.y() - reach, tip.x() + reach, tip.y()).tolist())
        if len(rows) > 200:
            return []
    side = 2 * radius
    return [
        QRect(int(crowd.px[row]) - radius, int(crowd.py[row]) - radius, side, side) for row in sorted(rows)
    ]


def _spread(
    painter: BubblePainter, hands: Iterable[tuple[PersonId, Hand, QPoint]], faces: list[QRect]
) -> dict[PersonId, Shifted]:
    """Find every bubble a place: over its avatar, else a little aside, else higher.

    Args:
        hands: with the device px (zoomed map) their tails point at; the first keep the best places.
        faces: what should rather not be hidden.
    """
    taken: list[QRect] = []
    found: dict[PersonId, Shifted] = {}
    step = painter.body_height + painter.rim
    choices = [Shifted(across, lift * step) for lift in range(12) for across in (0.0, 0.36, -0.36)]
    for person, hand, tip in hands:
        best: tuple[int, Shifted, QRect] | None = None
        for rank, choice in enumerate(choices):
            _, body = painter.place(hand, tip.x(), tip.y(), choice)
            cost = rank + 100 * sum(body.intersects(other) for other in taken)
            cost += 8 * sum(body.intersects(face) for face in faces)
            if best is None or cost < best[0]:
                best = (cost, choice, body)
            if cost == rank:
                break
        if best is not None:
            found[person] = best[1]
            taken.append(best[2].adjusted(-2, -2, 2, 2))
    return found
