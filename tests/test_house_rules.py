"""The house rules hold in the whole tree, and each of them can fail."""

import subprocess
import sys

import pytest

from tests.house_rules import ROOT, RULES, Rule, broken, code_only, files

TREE = list(files())
each_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])


@each_rule
def test_rule_holds(rule: Rule) -> None:
    found = broken(rule, TREE)
    assert not found, f"{rule.reason}\n  " + "\n  ".join(found)


@each_rule
def test_rule_finds_its_bad_example(rule: Rule) -> None:
    path = {"app/core/*.py": "app/core/example.py", "tests/*.py": "tests/example.py"}
    place = path.get(rule.where[0], "app/ui/example.py")
    assert rule.holds_for(place)
    assert broken(rule, [(place, rule.bad)]), rule.name


def test_the_tree_is_seen() -> None:
    paths = {path for path, _ in TREE}
    assert {"app/core/model.py", "packaging/prepare.py", "Makefile", ".ci/run", "pyproject.toml"} <= paths
    assert not any(path.startswith((".venv", "build")) for path in paths)


def test_comments_and_strings_are_not_code() -> None:
    source = 'a = "print(1)"  # print(2)\nb = f"{print(3)} print(4)"\n"""\nprint(5)\n"""\n'
    code = code_only(source)
    assert [len(line) for line in code.splitlines()] == [len(line) for line in source.splitlines()]
    for number in (1, 2, 4, 5):
        assert f"print({number})" not in code


WITHOUT_QT = """
import importlib, importlib.abc, pkgutil, sys

class Blocked(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6", "qasync"}:
            raise ImportError(f"{name} is blocked")
        return None

sys.meta_path.insert(0, Blocked())
count = 0
for package in ("app.core", "app.net", "app.server"):
    root = importlib.import_module(package)
    for module in pkgutil.walk_packages(root.__path__, package + "."):
        importlib.import_module(module.name)
        count += 1
try:
    import PySide6
except ImportError:
    print(count)
"""


def test_core_net_and_server_import_without_qt() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 10
