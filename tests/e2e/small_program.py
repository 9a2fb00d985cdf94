"""A tiny program with a window, a tray icon, a notification with buttons and something to announce.

    python -m tests.e2e.small_program FILE [--pop]

It appends what happens to it to FILE, a line each. With ``--pop``, a second window
opens above the others when another program has the focus.
"""

import asyncio
import sys
from pathlib import Path

import qasync  # type: ignore[import-untyped]  # it ships no types
from desktop_notifier import Button, DesktopNotifier
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMenu,
    QPushButton,
    QSystemTrayIcon,
    QVBoxLayout,
    QWidget,
)


class SmallProgram(QWidget):
    """The window, with everything that it does."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log
        self._was_active = False
        self.setWindowTitle("Small program")
        self.resize(320, 160)
        layout = QVBoxLayout(self)
        self.field = QLineEdit()
        self.field.setAccessibleName("Words")
        self.button = QPushButton("Speak")
        self.button.setAccessibleDescription("Announces something")
        layout.addWidget(self.field)
        layout.addWidget(self.button)
        self.button.clicked.connect(self.speak)
        picture = QPixmap(32, 32)
        picture.fill(QColor("#2f6fed"))
        self.tray = QSystemTrayIcon(QIcon(picture), self, toolTip="Small program")
        menu = QMenu(self)
        menu.addAction("Do it", lambda: self.note("menu: Do it"))
        self.tray.setContextMenu(menu)
        self.tray.activated.connect(lambda reason: self.note(f"tray: {reason.name}"))
        self.tray.show()

    def note(self, line: str) -> None:
        with self._log.open("a") as file:
            file.write(line + "\n")

    def speak(self) -> None:
        self.note(f"spoke: {self.field.text()}")
        QAccessible.updateAccessibility(
            QAccessibleAnnouncementEvent(self.button, f"Said {self.field.text()}")
        )

    def lost_focus(self, state: Qt.ApplicationState) -> None:
        """Open a window on top that takes no focus, and ask for attention."""
        if state is Qt.ApplicationState.ApplicationActive:
            self._was_active = True
        if state is not Qt.ApplicationState.ApplicationInactive or not self._was_active:
            return
        self.popped = QWidget(
            None,
            Qt.WindowType.Tool | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.FramelessWindowHint,
            windowTitle="Popped up",
        )
        self.popped.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.popped.resize(200, 100)
        self.popped.show()
        # Only now: while the focus changes hands the window still counts as active.
        QTimer.singleShot(0, lambda: QApplication.alert(self))


async def notify(program: SmallProgram) -> None:
    """Send a notification with two buttons, then wait for the end."""
    notifier = DesktopNotifier(app_name="Small program")
    await notifier.send(
        title="Ann needs help",
        message="Customer asks for a refund",
        buttons=[
            Button("Approach", on_pressed=lambda: program.note("button: Approach")),
            Button("Chat", on_pressed=lambda: program.note("button: Chat")),
        ],
    )
    program.note("sent")
    await asyncio.Event().wait()


def main() -> None:
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    program = SmallProgram(Path(sys.argv[1]))
    program.show()
    if "--pop" in sys.argv:
        app.applicationStateChanged.connect(program.lost_focus)
    qasync.run(notify(program))


if __name__ == "__main__":
    main()
