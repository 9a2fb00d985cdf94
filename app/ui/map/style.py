"""How things look at one zoom: the painters and their atlases. Made anew when the zoom settles."""

from __future__ import annotations

from dataclasses import dataclass

from app.ui.map.atlas import Atlas
from app.ui.map.bubbles import BubblePainter
from app.ui.map.colours import MapColours
from app.ui.map.edges import PointerPainter
from app.ui.map.faces import FacePainter, FaceSize
from app.ui.map.labels import LabelPainter, LabelSize


@dataclass(slots=True)
class Style:
    """Attributes:
    zoom: logical px per map px the faces are drawn for.
    """

    zoom: float
    dpr: float
    colours: MapColours
    face_painter: FacePainter
    label_painter: LabelPainter
    bubble_painter: BubblePainter
    pointer_painter: PointerPainter
    faces: Atlas
    labels: Atlas

    @classmethod
    def make(cls, zoom: float, dpr: float, colours: MapColours) -> Style:
        face_size, label_size = FaceSize.at(zoom, dpr), LabelSize.at(zoom, dpr)
        return cls(
            zoom=zoom,
            dpr=dpr,
            colours=colours,
            face_painter=FacePainter(face_size, colours),
            label_painter=LabelPainter(label_size, colours),
            bubble_painter=BubblePainter(dpr, colours),
            pointer_painter=PointerPainter(dpr, colours),
            faces=Atlas(face_size.side, face_size.side),
            labels=Atlas(label_size.width, label_size.height),
        )

    def at(self, zoom: float, dpr: float) -> Style:
        """The same look at another zoom; what stays the same size is kept."""
        fresh = Style.make(zoom, dpr, self.colours)
        if fresh.face_painter.size == self.face_painter.size:
            fresh.face_painter, fresh.faces = self.face_painter, self.faces
        if fresh.label_painter.size == self.label_painter.size:
            fresh.label_painter, fresh.labels = self.label_painter, self.labels
        if dpr == self.dpr:
            fresh.bubble_painter, fresh.pointer_painter = self.bubble_painter, self.pointer_painter
        return fresh
