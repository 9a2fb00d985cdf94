"""The least that a client of these parts can weigh: an empty window, everything imported, nothing of ours."""

from __future__ import annotations

from app.ui.imports import import_qt_lightly

import_qt_lightly()

# What the client is made of, by the order of its work; none of it is used here.
import asyncio  # noqa: E402, F401
import sys  # noqa: E402

import desktop_notifier  # noqa: E402, F401
import msgspec  # noqa: E402, F401
import numpy  # noqa: E402, F401
import qasync  # type: ignore[import-untyped]  # noqa: E402, F401  # it ships no types
import websockets.asyncio.client  # noqa: E402, F401
from PySide6 import QtNetwork, QtSvg  # noqa: E402, F401
from PySide6.QtWidgets import QApplication, QLabel, QWidget  # noqa: E402

if __name__ == "__main__":
    app = QApplication([])
    window = QWidget()
    window.setWindowTitle("Empty")
    window.resize(1280, 800)
    QLabel("山本 Mia", window)
    window.show()
    sys.exit(app.exec())
