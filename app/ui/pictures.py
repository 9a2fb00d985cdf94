"""Pictures of people and maps as images, fetched when they are first needed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.errors import Refused
from app.core.model import AssetId
from app.net.problems import ConnectionProblem
from app.ui.controllers.asking import Spawn
from app.ui.port import ClientPort


class Pictures(QObject):
    """Signals:
    came: the id of a picture that can be had now.
    """

    came = Signal(str)

    def __init__(self, client: ClientPort, spawn: Spawn, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._spawn = client, spawn
        self._images: dict[AssetId, QImage] = {}
        self._asked: set[AssetId] = set()

    def get(self, asset: AssetId | None) -> QImage | None:
        """The picture if it is here; else it is fetched, and ``came`` tells when it is."""
        if asset is None:
            return None
        image = self._images.get(asset)
        if image is None and asset not in self._asked:
            self._asked.add(asset)
            self._spawn(self._fetch(asset), "picture")
        return image

    async def _fetch(self, asset: AssetId) -> None:
        try:
            data = await self._client.picture(asset)
        except (Refused, ConnectionProblem):
            return  # a face without its picture shows initials, a map without a tileset its plan
        image = QImage.fromData(data)
        if not image.isNull():
            self._images[asset] = image
            self.came.emit(asset)
