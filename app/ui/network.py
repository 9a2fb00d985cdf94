"""Hears from the system when this machine's network comes, goes, or becomes another one."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QNetworkInformation

from app.net.network import NetworkNews

log = logging.getLogger(__name__)

ONLINE = (QNetworkInformation.Reachability.Online, QNetworkInformation.Reachability.Site)


class NetworkWatch(QObject):
    """Where the system tells nothing (no NetworkManager, say), the beats find out, a few seconds later.

    Signals:
        changed: it is worth trying the server now.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._news = NetworkNews()

    def start(self) -> bool:
        """Whether the system tells."""
        if not QNetworkInformation.loadBackendByFeatures(QNetworkInformation.Feature.Reachability):
            log.info("changes of the network cannot be heard here")
            return False
        info = QNetworkInformation.instance()
        info.reachabilityChanged.connect(self.look)
        info.transportMediumChanged.connect(self.look)
        self.look()
        return True

    def look(self, *_: object) -> None:
        info = QNetworkInformation.instance()
        self.hear(info.reachability(), info.transportMedium().name)

    def hear(self, reachability: QNetworkInformation.Reachability, medium: str) -> None:
        """``Local`` reaches no server but perhaps one at home, and ``Unknown`` says nothing."""
        if self._news.heard(reachability in ONLINE, medium):
            log.info("the network changed: %s, %s", reachability.name, medium)
            self.changed.emit()
