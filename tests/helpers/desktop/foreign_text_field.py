"""A GTK window with a text field that tells a file what it holds. Run by the system's own Python.

/usr/bin/python3 foreign_text_field.py TITLE FILE
"""

import json
import os
import sys
from typing import Any

import gi  # type: ignore[import-not-found]  # Debian's package; not in the virtual environment

gi.require_version("Gtk", "3.0")
from gi.repository import Gtk  # type: ignore[import-not-found]  # noqa: E402  # as above


class Field:
    """The window, and what it has seen."""

    def __init__(self, title: str, file: str) -> None:
        self._file = file
        self._focused = False
        self._losses = 0
        window = Gtk.Window(title=title, default_width=420, default_height=60)
        self._entry = Gtk.Entry(margin=12)
        window.add(self._entry)
        self._entry.connect("changed", self.tell)
        self._entry.connect("focus-in-event", self.gained)
        self._entry.connect("focus-out-event", self.lost)
        window.connect("destroy", Gtk.main_quit)
        window.show_all()
        self.tell()

    def gained(self, *_: Any) -> bool:
        self._focused = True
        self.tell()
        return False

    def lost(self, *_: Any) -> bool:
        self._losses += self._focused
        self._focused = False
        self.tell()
        return False

    def tell(self, *_: Any) -> None:
        state = {"text": self._entry.get_text(), "focused": self._focused, "losses": self._losses}
        with open(self._file + ".new", "w") as file:
            json.dump(state, file)
        os.replace(self._file + ".new", self._file)  # never half written


if __name__ == "__main__":
    field = Field(sys.argv[1], sys.argv[2])
    Gtk.main()
