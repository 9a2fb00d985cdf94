"""A small screen reader on libatspi, the library that real ones use. Run by the system's own Python.

/usr/bin/python3 screen_reader.py programs | tree PID | act PID PATH ACTION
                                  | write PID PATH TEXT | listen FILE
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import gi  # type: ignore[import-not-found]  # Debian's package; not in the virtual environment

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found]  # noqa: E402  # as above

MOST_CHILDREN = 2_000  # of one object
EVENTS = (
    "object:announcement",
    "object:notification",
    "object:state-changed:focused",
    "object:state-changed:showing",
    "window:activate",
    "window:create",
)


def programs() -> dict[int, Any]:
    """The programs on the bus by process id."""
    desktop = Atspi.get_desktop(0)
    found = (desktop.get_child_at_index(index) for index in range(desktop.get_child_count()))
    return {program.get_process_id(): program for program in found if program is not None}


def walk(node: Any, path: tuple[int, ...] = ()) -> Iterator[dict[str, object]]:
    """The node and all below it."""
    try:
        yield describe(node, path)
        children = [
            node.get_child_at_index(index) for index in range(min(node.get_child_count(), MOST_CHILDREN))
        ]
    except GLib.Error:
        return  # it went away while we looked
    for index, child in enumerate(children):
        if child is not None:
            yield from walk(child, (*path, index))


def describe(node: Any, path: tuple[int, ...]) -> dict[str, object]:
    """What a screen reader asks about an object."""
    return {
        "role": node.get_role_name(),
        "name": node.get_name() or "",
        "description": node.get_description() or "",
        "text": contents(node),
        "states": [state.value_nick for state in node.get_state_set().get_states()],
        "actions": [name for _, name in actions(node)],
        "path": path,
        "box": box(node),
    }


def contents(node: Any) -> str:
    text = node.get_text_iface()
    return str(Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))) if text else ""


def actions(node: Any) -> list[tuple[int, str]]:
    action = node.get_action_iface()
    if not action:
        return []
    return [(index, Atspi.Action.get_action_name(action, index)) for index in range(action.get_n_actions())]


def box(node: Any) -> list[int]:
    component = node.get_component_iface()
    if not component:
        return [0, 0, 0, 0]
    place = component.get_extents(Atspi.CoordType.SCREEN)
    return [place.x, place.y, place.width, place.height]


def at(pid: int, path: list[int]) -> Any:
    """The object that the child numbers lead to."""
    node = programs()[pid]
    for index in path:
        node = node.get_child_at_index(index)
    return node


def listen(file: str) -> None:
    """Append each event to the file, a JSON object per line."""
    with open(file, "a") as output:

        def write(**entry: object) -> None:
            output.write(json.dumps(entry) + "\n")
            output.flush()

        def hear(event: Any) -> None:
            announced = event.any_data if isinstance(event.any_data, str) else ""
            try:
                name, role = event.source.get_name() or "", event.source.get_role_name()
            except GLib.Error:
                name, role = "", ""
            write(kind=event.type, text=announced or name, role=role)

        listener = Atspi.EventListener.new(hear)
        for kind in EVENTS:
            listener.register(kind)
        write(kind="start")
        Atspi.event_main()


def tell(answer: object) -> None:
    sys.stdout.write(json.dumps(answer))


def main(command: str, *arguments: str) -> None:
    if command == "programs":
        tell({pid: program.get_name() for pid, program in programs().items()})
    elif command == "tree":
        program = programs().get(int(arguments[0]))
        tell(list(walk(program)) if program is not None else [])
    elif command == "act":
        node = at(int(arguments[0]), json.loads(arguments[1]))
        number = next(index for index, name in actions(node) if name == arguments[2])
        Atspi.Action.do_action(node.get_action_iface(), number)
    elif command == "write":
        node = at(int(arguments[0]), json.loads(arguments[1]))
        Atspi.EditableText.set_text_contents(node.get_editable_text_iface(), arguments[2])
    elif command == "listen":
        listen(arguments[0])
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
