"""The program as a screen reader meets it, through AT-SPI."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.desktop.tools import Tools
from tests.helpers.desktop.waiting import eventually

SYSTEM_PYTHON = "/usr/bin/python3"  # the one that Debian's AT-SPI packages belong to
READER = Path(__file__).with_name("screen_reader.py")


@dataclass(frozen=True)
class Node:
    """One accessible object.

    Attributes:
        role: AT-SPI's name for it: "push button", "list item", "text" …
        name, description: what is spoken. text: contents, where it has the text interface.
        states: "focused", "showing", "checked" … actions: names of what can be done with it.
        depth: 0 for the program itself. path: child numbers that lead to it.
        box: x, y, width, height on the display in px; zeros where it has no place.
    """

    role: str
    name: str
    description: str
    text: str
    states: frozenset[str]
    actions: tuple[str, ...]
    depth: int
    path: tuple[int, ...]
    box: tuple[int, int, int, int]

    def __str__(self) -> str:
        more = "".join(f" · {part}" for part in (self.description, self.text) if part and part != self.name)
        return f"{'  ' * self.depth}{self.role}: {self.name}{more}"


@dataclass(frozen=True)
class Heard:
    """Something that a screen reader was told unasked.

    Attributes:
        kind: AT-SPI's event: "object:announcement", "window:activate" …
        text: the announced text, or the source's name.
        role: the source's role.
    """

    kind: str
    text: str
    role: str


class Listening:
    """Events heard since it began."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def heard(self) -> list[Heard]:
        lines = [line for line in self._log.read_text().splitlines() if line.endswith("}")]
        return [Heard(**entry) for entry in map(json.loads, lines) if entry["kind"] != "start"]

    def wait(self, text: str, *, kind: str = "object:announcement", within: float = 10.0) -> Heard:
        """The first such event with this in its text, as soon as it has come."""
        found = eventually(
            lambda: [event for event in self.heard() if event.kind.startswith(kind) and text in event.text],
            within=within,
            what=f"{kind} with {text!r}",
        )
        return found[0]


class Accessibility:
    """A small screen reader, in a process of the system's own Python."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._tools = Tools(environment)

    def _read(self, *arguments: str) -> str:
        return self._tools.run(SYSTEM_PYTHON, str(READER), *arguments)

    def programs(self) -> dict[int, str]:
        """Process id and name of every program on the accessibility bus."""
        return {int(pid): name for pid, name in json.loads(self._read("programs")).items()}

    def tree(self, pid: int) -> list[Node]:
        """Everything that the program shows, parents first; empty if it is not on the bus (yet)."""
        nodes = json.loads(self._read("tree", str(pid)))
        return [
            Node(
                role=node["role"],
                name=node["name"],
                description=node["description"],
                text=node["text"],
                states=frozenset(node["states"]),
                actions=tuple(node["actions"]),
                depth=len(node["path"]),
                path=tuple(node["path"]),
                box=(node["box"][0], node["box"][1], node["box"][2], node["box"][3]),
            )
            for node in nodes
        ]

    def find(self, pid: int, *, role: str | None = None, name: str | None = None) -> list[Node]:
        """Nodes of this role with this in their name."""
        return [
            node
            for node in self.tree(pid)
            if (role is None or node.role == role) and (name is None or name in node.name)
        ]

    def wait(
        self, pid: int, *, role: str | None = None, name: str | None = None, within: float = 20.0
    ) -> Node:
        """The first such node, as soon as there is one."""
        found = eventually(
            lambda: self.find(pid, role=role, name=name), within=within, what=f"accessible {role} {name!r}"
        )
        return found[0]

    def act(self, pid: int, node: Node, action: str | None = None) -> None:
        """Do one of its actions; the first one unless named.

        Raises:
            AssertionError: it is gone, or has no such action.
        """
        self._read("act", str(pid), json.dumps(node.path), action or node.actions[0])

    def write(self, pid: int, node: Node, text: str) -> None:
        """Replace what an editable text holds."""
        self._read("write", str(pid), json.dumps(node.path), text)

    @contextmanager
    def listening(self, log: Path) -> Iterator[Listening]:
        """Hear what programs announce while the block runs; has begun when the block is entered."""
        log.write_text("")
        listener = self._tools.start(SYSTEM_PYTHON, str(READER), "listen", str(log))
        try:
            eventually(lambda: log.stat().st_size > 0, within=20, what="the screen reader listens")
            yield Listening(log)
        finally:
            listener.terminate()
            listener.wait(5)
