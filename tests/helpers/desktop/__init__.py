"""A virtual desktop for end-to-end tests and for the demo without a display.

    with VirtualDesktop() as desktop:
        client = desktop.start([sys.executable, "-m", "app"])
        window = desktop.windows.wait(pid=client.pid)

``parts`` are processes; ``virtual`` starts and wires them (``configuration`` holds their settings); the other
modules look at one part each: ``windows``, ``notifications``, ``sound``, ``tray``, ``secrets``,
``accessibility``, ``focus``. ``python -m tests.helpers.desktop -- COMMAND`` runs a program in such a desktop.
"""

from tests.helpers.desktop.accessibility import Accessibility, Heard, Listening, Node
from tests.helpers.desktop.focus import FieldState, FocusProbe
from tests.helpers.desktop.notifications import Notification, Notifications
from tests.helpers.desktop.parts import Part, PartDiedError
from tests.helpers.desktop.secrets import Secrets
from tests.helpers.desktop.sound import Levels, Recording, Sound
from tests.helpers.desktop.tray import Tray, TrayIcon
from tests.helpers.desktop.virtual import KeyringMode, PartName, VirtualDesktop
from tests.helpers.desktop.waiting import TooLateError, eventually, never
from tests.helpers.desktop.windows import Geometry, Window, Windows

__all__ = [
    "Accessibility",
    "FieldState",
    "FocusProbe",
    "Geometry",
    "Heard",
    "KeyringMode",
    "Levels",
    "Listening",
    "Node",
    "Notification",
    "Notifications",
    "Part",
    "PartDiedError",
    "PartName",
    "Recording",
    "Secrets",
    "Sound",
    "TooLateError",
    "Tray",
    "TrayIcon",
    "VirtualDesktop",
    "Window",
    "Windows",
    "eventually",
    "never",
]
