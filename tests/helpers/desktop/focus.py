"""A foreign program with a text field, to prove that nothing takes the keyboard focus from it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.helpers.desktop.parts import Part
from tests.helpers.desktop.waiting import eventually
from tests.helpers.desktop.windows import Window

if TYPE_CHECKING:
    from tests.helpers.desktop.virtual import VirtualDesktop

PROGRAM = Path(__file__).with_name("foreign_text_field.py")
SYSTEM_PYTHON = "/usr/bin/python3"  # the one that Debian's GTK and AT-SPI packages belong to
TITLE = "A foreign text field"


@dataclass(frozen=True)
class FieldState:
    """What the foreign program says of itself.

    Attributes:
        text: what its field holds. focused: it has the keyboard focus.
        losses: how often it lost the focus since it first had it.
    """

    text: str
    focused: bool
    losses: int


class FocusProbe:
    """The text field of a GTK program, focused when this returns.

    Attributes:
        window: its window. program: its process.
    """

    def __init__(self, desktop: "VirtualDesktop") -> None:
        self._file = desktop.folder / "foreign-text-field.json"
        self._windows = desktop.windows
        self.program: Part = desktop.start(
            [SYSTEM_PYTHON, str(PROGRAM), TITLE, str(self._file)], name="foreign-text-field"
        )
        self.window: Window = self._windows.wait(title=TITLE, pid=None)
        eventually(self._focused, within=15, what="the foreign text field has the focus")

    def _focused(self) -> bool:
        self.program.check_alive()
        if not self._file.exists():
            return False
        if not self.state().focused:
            self.window.focus()
            return False
        return True

    def state(self) -> FieldState:
        told = json.loads(self._file.read_text())
        return FieldState(text=told["text"], focused=told["focused"], losses=told["losses"])

    def type(self, text: str) -> None:
        """Type to whatever has the focus, slowly enough that something can get in between."""
        self._windows.type(text, pause=30)

    def wait_for(self, text: str, *, within: float = 10.0) -> FieldState:
        """Its state, once its field holds exactly this."""
        eventually(lambda: self.state().text == text, within=within, what=f"the foreign field holds {text!r}")
        return self.state()
