"""The house rules: what is not done here, each with its reason, as patterns and small checks.

`tests/test_house_rules.py` applies them to the whole tree and shows that each one finds its bad example.
"""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parent.parent
THIS = "tests/house_rules.py"  # full of bad examples
SEEN = ("*.py", "*.md", "*.toml", "*.txt", "*.lock", "*.json", "*.svg", "*.po", "Makefile", "run", "*.yml")
FOLDERS = ("app", "tests", "packaging", "resources", ".ci")
LONGEST_FILE = 450  # lines; most stay below 400
LONGEST_FUNCTION = 60  # lines; most stay below 40

Part = Literal["code", "all"]


@dataclass(frozen=True)
class Rule:
    """Something that is not done here.

    Attributes:
        name: for the test's id.
        reason: what it led to elsewhere, or would lead to here.
        find: yields the numbers of the lines that break the rule in a source.
        bad: a line or file that breaks it.
        where: globs of paths it holds for.
        except_in: globs of paths that it does not hold for.
    """

    name: str
    reason: str
    find: Callable[[str], Iterator[int]]
    bad: str
    where: tuple[str, ...] = ("app/*.py",)
    except_in: tuple[str, ...] = ()

    def holds_for(self, path: str) -> bool:
        within = any(fnmatch(path, pattern) for pattern in self.where)
        return within and not any(fnmatch(path, pattern) for pattern in (*self.except_in, THIS))


# --- ways to look ------------------------------------------------------------------------------------------


def pattern(expression: str, part: Part = "code") -> Callable[[str], Iterator[int]]:
    """Lines in which the expression is found; ``code`` is the source without comments and strings."""
    compiled = re.compile(expression)

    def find(source: str) -> Iterator[int]:
        text = code_only(source) if part == "code" else source
        for number, line in enumerate(text.splitlines(), start=1):
            if compiled.search(line):
                yield number

    return find


def code_only(source: str) -> str:
    """The source with comments and the contents of strings blanked out, in the same lines and columns."""
    lines = [list(line) for line in source.splitlines(keepends=True)]
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if name not in {"COMMENT", "STRING", "FSTRING_MIDDLE", "TSTRING_MIDDLE"}:
            continue
        (first, left), (last, right) = token.start, token.end
        for row in range(first, last + 1):
            line = lines[row - 1]
            start = left if row == first else 0
            end = right if row == last else len(line)
            line[start:end] = [" " if character != "\n" else character for character in line[start:end]]
    return "".join("".join(line) for line in lines)


def swallowed_errors(source: str) -> Iterator[int]:
    """``except:`` in any form, and ``except Exception`` that does nothing."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ExceptHandler):
            continue
        broad = isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
        nothing = all(
            isinstance(line, ast.Pass | ast.Continue)
            or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
            for line in node.body
        )
        if node.type is None or (broad and nothing):
            yield node.lineno


def long_file(source: str) -> Iterator[int]:
    count = len(source.splitlines())
    if count > LONGEST_FILE:
        yield count


def long_functions(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION:
            yield node.lineno


def no_first_sentence(source: str) -> Iterator[int]:
    """A module with something in it that does not say what it is for."""
    tree = ast.parse(source)
    if tree.body and not ast.get_docstring(tree):
        yield 1


# --- the rules ---------------------------------------------------------------------------------------------

PYTHON = ("app/*.py", "tests/*.py", "packaging/*.py")
PURE = ("app/core/*.py", "app/net/*.py", "app/server/*.py")
EVERYTHING = ("*",)
ROOTS = ("app/server/main.py", "app/*/clock.py")  # where time and chance come in

RULES = (
    Rule(
        "raw-task",
        "a task that nobody refers to is collected while it runs, and its errors are lost: tasks.spawn",
        pattern(r"\b(create_task|ensure_future|run_in_executor|TaskGroup)\("),
        "asyncio.create_task(beat())",
        except_in=("app/tasks.py",),
    ),
    Rule(
        "one-qasync",
        "one event loop, made in one place",
        pattern(r"^\s*(import|from) qasync\b"),
        "import qasync",
        except_in=("app/ui/main.py",),
    ),
    Rule(
        "async-slot",
        "qasync's slots start tasks that can be collected, asyncClose spins the loop: connect to tasks.spawn",
        pattern(r"\b(asyncSlot|asyncClose)\b"),
        "@asyncSlot()",
        where=PYTHON,
    ),
    Rule(
        "nested-loop",
        "a nested event loop freezes other tasks for good: open() and a future",
        pattern(r"\.(exec|exec_|processEvents)\("),
        "dialog.exec()",
    ),
    Rule(
        "second-loop",
        "a second event loop means callbacks across threads everywhere",
        pattern(r"\b(new_event_loop|run_until_complete|QThread|nest_asyncio)\b"),
        "loop = asyncio.new_event_loop()",
        except_in=("app/ui/main.py",),
    ),
    Rule(
        "swallowed-error",
        "an alert that failed in silence costs a customer: name the error, or let it through",
        swallowed_errors,
        "try:\n    ring()\nexcept Exception:\n    pass\n",
        where=PYTHON,
    ),
    Rule(
        "rich-text",
        "these guess rich text, and the text may be another person's: ui/widgets makes plain ones",
        pattern(r"\b(QLabel|QMessageBox|QToolTip)\b[.(]|\.setToolTip\("),
        'label = QLabel("<img src=x>")',
        except_in=(
            "app/ui/widgets/*",
            "app/ui/alerts/tray.py",
        ),  # the tray says its own words and numbers only
    ),
    Rule(
        "clock-or-chance",
        "time and randomness are injected, so that tests and simulations decide them",
        pattern(
            r"\btime\.(time|time_ns|monotonic|perf_counter|sleep)\(|\b(date|datetime)\.(utc)?(now|today)\("
            r"|\brandom\.\w+\("
        ),
        "now = time.time()",
        where=PURE,
        except_in=ROOTS,
    ),
    Rule(
        "core-chance",
        "the core is a function of its arguments; ids are made by who asks",
        pattern(r"\b(uuid\d?|secrets|os\.urandom)\b"),
        "person_id = uuid.uuid4().hex",
        where=("app/core/*.py",),
    ),
    Rule(
        "pure-core",
        "the core knows the standard library's data and msgspec: no loop, socket, file, process, thread",
        pattern(r"^\s*(import|from) (asyncio|socket|ssl|threading|subprocess|time|logging|os|pathlib)\b"),
        "import asyncio",
        where=("app/core/*.py",),
    ),
    Rule(
        "test-sleep",
        "a sleep is too long on a fast machine and too short on a busy one: inject the clock, or wait for a "
        "condition",
        pattern(r"\btime\.sleep\(|\basyncio\.sleep\((?!0\))|\bqWait\(|\bqtbot\.wait\("),
        "await asyncio.sleep(0.1)",
        where=("tests/*.py",),
        except_in=(
            "tests/helpers/desktop/*",
            "tests/bench/*",
            "tests/e2e/story*",
            "tests/sim/*",
        ),  # real processes, real time; virtual time
    ),
    Rule(
        "sql-outside-the-store",
        "dialects stay inside their store",
        pattern(r"^\s*(import|from) (sqlite3|psycopg|asyncpg|aiosqlite)\b"),
        "import sqlite3",
        except_in=("app/server/store/*",),
    ),
    Rule(
        "colour",
        "colours are tokens of the theme, so that both themes come from the same ones",
        pattern(
            r"""["']#[0-9a-fA-F]{3,8}["']|\bQt\.GlobalColor\.(?!transparent)\w""",
            "all",
        ),
        'painter.setPen(QColor("#ff0000"))',
        where=("app/ui/*.py", "app/demo/*.py"),
        except_in=("app/ui/theme/*", "app/ui/map/colours.py"),
    ),
    Rule(
        "global-context",
        "service locators hide who needs what: pass it",
        pattern(r"\b(objreg|QApplication\.instance|QCoreApplication\.instance)\b"),
        "window = QApplication.instance().main_window",
        except_in=("app/ui/main.py", "app/ui/theme/*"),
    ),
    Rule(
        "print",
        "a program without a terminal prints to nobody: log it",
        pattern(r"(?<![\w.])print\("),
        "print(person)",
        except_in=("app/cli.py", "app/demo/*"),
    ),
    Rule(
        "future-work",
        "work is done or in an issue, not promised in the code",
        pattern(r"\b(TODO|FIXME|XXX|HACK)\b", "all"),
        "# TODO: reconnect",
        where=EVERYTHING,
        except_in=("*.lock", "resources/*.po", "resources/*.pot"),
    ),
    Rule(
        "ignore-without-reason",
        "an ignored type error names its code and says why",
        pattern(r"#\s*type:\s*ignore(?!\[[a-z-]+(, ?[a-z-]+)*\]\s+#? *\S)", "all"),
        "x = f()  # type: ignore[arg-type]",
        where=PYTHON,
    ),
    Rule(
        "this-machine",
        "paths and hosts of the machine it was written on mean nothing elsewhere",
        pattern(r"/work/|/root/|/home/\w+/|pythonhosted|\bpypi\.org|registry\.npmjs|deb\.debian", "all"),
        'ROOT = Path("/work/main")',
        where=EVERYTHING,
    ),
    Rule(
        "first-sentence",
        "a module's first sentence says what it is for",
        no_first_sentence,
        "import os\n",
        where=PYTHON,
    ),
    Rule(
        "long-file",
        "a file that no longer fits in the head is split by subject",
        long_file,
        "x = 1\n" * (LONGEST_FILE + 1),
        where=PYTHON,
    ),
    Rule(
        "long-function",
        "a function that no longer fits on a screen is two functions",
        long_functions,
        "def f():\n" + "    x = 1\n" * LONGEST_FUNCTION,
        where=PYTHON,
    ),
)


# --- the tree ----------------------------------------------------------------------------------------------


def files() -> Iterator[tuple[str, str]]:
    """Path (from the checkout's root) and text of every file that is looked at."""
    candidates = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in FOLDERS:
        candidates += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in sorted(candidates):
        if any(fnmatch(path.name, glob) for glob in SEEN) and "__pycache__" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def broken(rule: Rule, tree: list[tuple[str, str]]) -> list[str]:
    """Where the rule is broken, as ``path:line``."""
    return [
        f"{path}:{number}" for path, source in tree if rule.holds_for(path) for number in rule.find(source)
    ]
