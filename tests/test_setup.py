"""What `make` installs is complete and names no host: lock file, system packages, the program itself."""

import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text()


@pytest.fixture
def prepare() -> ModuleType:
    """`packaging/prepare.py` as a module; it is no package, since it runs before anything is installed."""
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "packaging" / "prepare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def locked() -> dict[str, str]:
    """Each requirement of the lock file (name to the rest of its block)."""
    blocks = re.split(r"(?m)^(?=[a-z0-9])", LOCK)
    return {match[1]: block for block in blocks if (match := re.match(r"([a-z0-9._-]+)==", block))}


def test_everything_asked_for_is_locked_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=;\s\[]", line)[0].lower().replace("_", "-") for line in asked}
    assert names <= locked().keys(), "run `make lock`"
    assert all("--hash=sha256:" in block for block in locked().values())


def test_the_lock_serves_every_platform_and_python_and_names_no_host() -> None:
    assert "://" not in LOCK
    for marker in ("sys_platform == 'win32'", "sys_platform == 'darwin'", "python_full_version < '3.12'"):
        assert marker in LOCK
    assert re.search(r"pyside6-essentials==6\.11\.\S+ ; python_full_version < '3.12'", LOCK)


def test_the_list_of_packages(prepare: ModuleType) -> None:
    client, everything = prepare.listed_packages({"client"}), prepare.listed_packages({"client", "desktop"})
    assert "libxcb-cursor0" in client
    assert "xvfb" not in client
    assert {"libxcb-cursor0", "xvfb"} <= set(everything)
    assert len(everything) == len(set(everything))
    for line in (ROOT / "packaging" / "system-packages.txt").read_text().splitlines():
        assert (
            not line
            or line.startswith("#")
            or re.fullmatch(r"(client|desktop|servers|bench) +\S+ +\S.*", line)
        )


def test_a_display_needs_no_virtual_one(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert prepare.wanted_groups(["run"]) == {"client"}
    monkeypatch.delenv("DISPLAY")
    assert prepare.wanted_groups(["run"]) == {"client", "desktop"}


def test_missing_packages_are_named_in_one_line(prepare: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare.sys, "platform", "linux")
    monkeypatch.setattr(prepare.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(prepare.os, "geteuid", lambda: 1000, raising=False)
    installed = set(prepare.listed_packages({"client"})) - {"libegl1"}
    monkeypatch.setattr(prepare, "installed_packages", lambda: installed)
    line = r"sudo apt-get install -y --no-install-recommends libegl1$"
    with pytest.raises(prepare.PrepareError, match=line):
        prepare.system_packages({"client"})


def test_renamed_packages_count_by_what_they_provide(
    prepare: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = "installed\tlibglib2.0-0t64\tlibglib2.0-0 (= 2.80)\nconfig-files\txvfb\t\n"
    finished = subprocess.CompletedProcess([], 0, stdout=shown)
    monkeypatch.setattr(prepare.subprocess, "run", lambda *_, **__: finished)
    assert prepare.installed_packages() == {"libglib2.0-0t64", "libglib2.0-0"}


def test_an_installed_program_has_its_files(tmp_path: Path) -> None:
    for name in ("app", "resources"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / name, tmp_path)
    code = "from setuptools import build_meta; print(build_meta.build_wheel('.'))"
    built = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as wheel:
        packed = wheel.namelist()
    files = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    needed = [path for path in files if path.suffix not in (".py", ".pyc", ".po")]
    assert len(needed) > 50
    assert {f"app/{path.relative_to(ROOT).as_posix()}" for path in needed} <= set(packed)
