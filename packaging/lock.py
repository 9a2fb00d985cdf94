#!/usr/bin/env python3
"""Write requirements.lock: every dependency of every platform and Python, with hashes.

    .venv/bin/python packaging/lock.py [--upgrade]

uv resolves for all platforms at once (markers choose when pip installs). It asks the index that pip is
configured to ask; the file names no index, since a lock is about what, not about where from.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        print("lock: uv is missing; `make setup` installs it", file=sys.stderr)
        return 1
    command = [uv, "pip", "compile", "pyproject.toml", "--group", "dev", "--output-file", "requirements.lock"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--quiet"]
    command += ["--custom-compile-command", "make lock"]
    index = configured_index()
    if index:
        command += ["--default-index", index]
    return subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=False).returncode


def configured_index() -> str | None:
    """The index that pip uses here, if somebody set one."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if key.endswith(".index-url"):
            return str(json.loads(value.replace("'", '"')))
    return None


if __name__ == "__main__":
    raise SystemExit(main())
