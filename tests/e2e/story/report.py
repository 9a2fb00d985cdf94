"""What was observed, as Markdown with pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.desk import Desk


@dataclass
class Report:
    """Observations in the order in which they were made.

    Attributes:
        folder: where the pictures go; ``report.md`` beside them.
    """

    folder: Path
    _lines: list[str] = field(default_factory=list)
    _pictures: int = 0

    def chapter(self, title: str) -> None:
        self._lines += ["", f"## {title}", ""]
        self.write()

    def saw(self, what: str, value: object) -> None:
        """One observation: what was looked at, and what it was."""
        self._lines.append(f"- {what}: **{value}**")
        self.write()

    def picture(self, desk: Desk, title: str) -> Path:
        """A picture of a desk's whole screen."""
        self._pictures += 1
        name = f"{self._pictures:02}-{_file_name(title)}.png"
        path = desk.shot(self.folder / name)
        self._lines += ["", f"![{title}]({name})", f"*{self._pictures:02}: {title}*", ""]
        self.write()
        return path

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "report.md"
        head = "# Handraise: what was observed\n\nTwo machines (virtual desktops), one server, real parts.\n"
        path.write_text(head + "\n".join(self._lines) + "\n", encoding="utf-8")
        return path


def _file_name(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())[:60]
