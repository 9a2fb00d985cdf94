"""Where the files lie that come with the program: fonts, icons, sounds, maps, translations, styles."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent
RESOURCES = next((at for at in (_HERE / "resources", _HERE.parent / "resources") if at.is_dir()), _HERE)
"""Inside the package once it is installed (setup.py puts them there), beside it in a checkout."""
