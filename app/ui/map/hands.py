"""The raised hands: where each bubble stands, so that none hides another, and how it pops in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPixmap

from app.core.model import Level, PersonId
from app.ui.map.bubbles import BubblePainter, Shifted
from app.ui.map.camera import Camera
from app.ui.map.crowd import Crowd
from app.ui.map.model import Hand

POP = 0.15
"""s a hand takes to pop in."""
SPARED = 12
"""With more hands than this there is no room to spare the faces and names around."""
FACE_COST, NAME_COST, OUTSIDE_COST, BUBBLE_COST = 16, 6, 40, 1_000
"""How little a bubble likes to cover all of a face or a name, to be cut, to cover another bubble."""
ACROSS = ((0.0, 0), (0.36, 1), (-0.36, 1), (0.45, 2), (-0.45, 2))
"""Shares of its width by which a bubble may stand aside, and what each costs."""
STEPS_UP = tuple((lift, 2 * lift * (lift + 1) + (0 if lift <= 2 else 60)) for lift in range(12))
"""Steps up, and what each costs; a bubble goes further away than two of them for other bubbles alone."""


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
        radius: int,
        label_height: int,
        camera: Camera,
        now: float,
    ) -> list[QRect]:
        """Find all bubbles their places again.

        Args:
            raised: who has a hand up, and their rows in the crowd.
            radius, label_height: device px of a face, of a name.
            camera: where the view's edges are, which are to cut no bubble.

        Returns:
            What to paint again.
        """
        ordered = sorted(raised, key=lambda one: (one[1].level is not Level.RED, one[1].raised_at, one[0]))
        reach = radius + round(painter.dpr)
        few = len(ordered) <= SPARED
        tips = [(person, hand, _tip(crowd, row, reach, over_name=few)) for person, hand, row in ordered]
        around = _around(tips, crowd, radius, label_height, painter.dpr)
        places = _spread(painter, tips, around, _edges(camera, len(tips)))
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


def _edges(camera: Camera, hands: int) -> tuple[int, int]:
    """What bubbles stay between: the view, or with many hands the map, which panning does not change."""
    if hands > SPARED:
        return 0, camera.snap(camera.map_width)
    return camera.left, camera.left + camera.width


def _tip(crowd: Crowd, row: int, reach: int, *, over_name: bool) -> QPoint:
    """Where a tail ends: over the face, or over the name where that stands above the face."""
    up = reach
    if over_name and crowd.labelled[row]:
        up = max(up, -int(crowd.label_top[row]))
    return QPoint(int(crowd.px[row]), int(crowd.py[row]) - up)


def _around(
    tips: Sequence[tuple[PersonId, Hand, QPoint]], crowd: Crowd, radius: int, label_height: int, dpr: float
) -> list[tuple[QRect, int]]:
    """Faces and names that the bubbles of a few hands might cover, and what that costs.

    Who walks is soon elsewhere: bubbles do not jump out of their way.
    """
    if len(tips) > SPARED:
        return []
    reach = round(230 * dpr)
    rows: set[int] = set()
    for _, _, tip in tips:
        rows.update(crowd.within(tip.x() - reach, tip.y() - reach, tip.x() + reach, tip.y()).tolist())
        if len(rows) > 200:
            return []
    found: list[tuple[QRect, int]] = []
    side = 2 * radius
    for row in sorted(rows):
        if crowd.lively[row]:
            continue
        x, y, width = int(crowd.px[row]), int(crowd.py[row]), int(crowd.label_room[row])
        found.append((QRect(x - radius, y - radius, side, side), FACE_COST))
        if crowd.labelled[row]:
            name = QRect(x - width // 2, y + int(crowd.label_top[row]), width, label_height)
            found.append((name, NAME_COST))
    return found


def _covered(box: QRect, body: QRect) -> float:
    """The share of a box that a bubble would cover, 0..1."""
    both = box.intersected(body)
    return max(both.width(), 0) * max(both.height(), 0) / (box.width() * box.height())


def _spread(
    painter: BubblePainter,
    hands: Iterable[tuple[PersonId, Hand, QPoint]],
    around: list[tuple[QRect, int]],
    between: tuple[int, int],
) -> dict[PersonId, Shifted]:
    """Find every bubble a place: over its avatar, else a little aside, else higher.

    Args:
        hands: with the device px (zoomed map) their tails point at; the first keep the best places.
        around: what should rather not be hidden, and how much rather.
        between: edges that would cut a bubble; who is beyond them is not seen anyway.
    """
    low, high = between
    taken: list[QRect] = []
    found: dict[PersonId, Shifted] = {}
    step = painter.body_height + painter.rim
    choices = sorted(
        ((high + wide, Shifted(across, lift * step)) for lift, high in STEPS_UP for across, wide in ACROSS),
        key=lambda choice: choice[0],
    )
    for person, hand, tip in hands:
        best: tuple[float, Shifted, QRect] | None = None
        for price, choice in choices:
            if best is not None and price >= best[0]:
                break
            _, body = painter.place(hand, tip.x(), tip.y(), choice)
            cost: float = price + BUBBLE_COST * sum(body.intersects(other) for other in taken)
            cost += sum(each * _covered(box, body) for box, each in around)
            if low <= tip.x() <= high and (body.left() < low or body.right() > high):
                cost += OUTSIDE_COST
            if best is None or cost < best[0]:
                best = (cost, choice, body)
        if best is not None:
            found[person] = best[1]
            taken.append(best[2].adjusted(-2, -2, 2, 2))
    return found
