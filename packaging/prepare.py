#!/usr/bin/env python3
"""Prepare this checkout: system packages, the virtual environment, the locked dependencies.

    python3 packaging/prepare.py [--with GROUP]... [--quiet]

Standard library only, since nothing is there yet when it runs. What has not changed since the last time is
skipped without touching the network. On Debian and Ubuntu missing system packages are installed when root,
and otherwise named in one line to paste. GROUP is a group of system-packages.txt ("client" is always meant);
"run" adds "desktop" where there is no display.
"""

import argparse
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "prepared"
OLDEST_PYTHON = (3, 11)


class PrepareError(Exception):
    """What is in the way, as a sentence for the person who typed `make`."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--with", dest="groups", action="append", default=[], metavar="GROUP")
    parser.add_argument("--quiet", action="store_true", help="say nothing when there is nothing to do")
    options = parser.parse_args()
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise PrepareError(
                f"Handraise needs Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer; this one is "
                f"{platform.python_version()}. With another one: make PYTHON=/path/to/python3"
            )
        system_packages(wanted_groups(options.groups))
        done = virtual_environment()
    except PrepareError as error:
        print(f"\nprepare: {error}\n", file=sys.stderr)
        return 1
    if done or not options.quiet:
        print(f"prepare: {VENV.relative_to(ROOT)} is ready", flush=True)
    return 0


def wanted_groups(asked: list[str]) -> set[str]:
    """The groups of the list that are needed here."""
    groups = {"client", *asked}
    if "run" in groups:
        groups.remove("run")
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            groups.add("desktop")
    return groups


# --- system packages ---------------------------------------------------------------------------------------


def system_packages(groups: set[str]) -> None:
    """Install what is missing, or name it."""
    if sys.platform != "linux":
        return  # Windows and macOS bring what Qt needs
    if not (shutil.which("dpkg-query") and shutil.which("apt-get")):
        return  # another distribution: README.md names the list
    missing = [name for name in listed_packages(groups) if name not in installed_packages()]
    if importlib.util.find_spec("ensurepip") is None:
        missing.append("python3-venv")  # Debian keeps it apart from its Python
    if not missing:
        return
    line = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        raise PrepareError(
            f"some system packages are missing. This line installs them:\n\n  sudo {' '.join(line)}"
        )
    print(f"prepare: installing {len(missing)} system packages: {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = [line[0], "-qq", "-o", "Dpkg::Use-Pty=0", *line[1:]]
    first = subprocess.run(quiet, env=environment, capture_output=True, check=False)
    if first.returncode != 0:  # no package lists yet, or old ones
        subprocess.run(["apt-get", "-qq", "update"], env=environment, check=False)
        again = subprocess.run(quiet, env=environment, capture_output=True, text=True, check=False)
        if again.returncode != 0:
            print(again.stderr, file=sys.stderr)
            raise PrepareError(f"the packages could not be installed. The line was:\n\n  {' '.join(line)}")


def listed_packages(groups: set[str]) -> list[str]:
    """The packages of these groups, in the list's order."""
    rows = (
        line.split(maxsplit=2) for line in (ROOT / "packaging/system-packages.txt").read_text().splitlines()
    )
    return [row[1] for row in rows if row and row[0] in groups]


def installed_packages() -> set[str]:
    """Names of the installed packages, and of what they provide (Ubuntu renamed some: `…t64`)."""
    shown = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${db:Status-Status}\t${Package}\t${Provides}\n"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names: set[str] = set()
    for line in shown.splitlines():
        status, package, provides = line.split("\t")
        if status == "installed":
            names.add(package)
            names.update(entry.split()[0] for entry in provides.split(",") if entry.strip())
    return names


# --- the virtual environment -------------------------------------------------------------------------------


def virtual_environment() -> bool:
    """Make `.venv` agree with the lock file. Whether there was anything to do."""
    python = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    key = fingerprint()
    if python.exists() and STAMP.exists() and STAMP.read_text() == key:
        return False
    if not python.exists():
        print("prepare: making .venv", flush=True)
        # Not this interpreter's own path if it is itself in a virtual environment: that one may go away.
        base = getattr(sys, "_base_executable", None) or sys.executable
        run([base, "-m", "venv", "--clear", str(VENV)], "the virtual environment could not be made")
    print("prepare: installing what requirements.lock names", flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(
        [*pip, "--require-hashes", "--only-binary=:all:", "-r", str(LOCK)],
        "the dependencies could not be installed (is the package registry within reach?)",
    )
    # The lock brought setuptools: nothing more is fetched.
    run(
        [*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)],
        "Handraise itself could not be installed",
    )
    STAMP.write_text(key)
    return True


def fingerprint() -> str:
    """Changes when the environment has to be looked at again."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), platform.python_version().encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest() + "\n"


def run(command: list[str], otherwise: str) -> None:
    """Run it with its output shown, without a pip that somebody's settings point elsewhere."""
    environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_USER": "0"}
    environment.pop("PYTHONPATH", None)
    if subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode != 0:
        raise PrepareError(otherwise)


if __name__ == "__main__":
    raise SystemExit(main())
