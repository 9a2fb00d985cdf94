"""Looks for inputs that a parser trips over, for as long as wanted.

``python -m tests.fuzz --seconds 60 [TARGET…]``

With atheris (Linux) the inputs follow what the code does with them; without it they are spoilt at random.
Each target runs in a process of its own with bounded memory. What is interesting is kept in
``build/fuzz/TARGET``, what fails in ``build/fuzz/failures``; the exit code is 1 if anything does.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "fuzz"
MEMORY_MB = 1_500
"""Of a whole process; what it imports takes some 300."""
FOLLOWED = (
    "app.core", "app.net", "app.server", "app.logs", "app.ui.addresses", "app.ui.deep_links",
    "app.ui.instance", "app.ui.preferences", "pytiled_parser",
)  # fmt: skip
"""Modules whose branches are counted."""
SLOW_SECONDS = 10
"""s that one input may take."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="for each target (default: 30)")
    parser.add_argument("--list", action="store_true", help="name the targets")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", help="those whose name begins so (default: all)")
    options = parser.parse_args()
    if options.one:
        return _one(options.targets[0], options.seconds)
    from tests.fuzz.targets import targets

    chosen = [t.name for t in targets() if t.name.startswith(tuple(options.targets) or ("",))]
    if options.list:
        print("\n".join(chosen))
        return 0
    how = "atheris" if guided() else "random changes (atheris is not installed)"
    print(f"{len(chosen)} targets, {options.seconds} s each, with {how}", flush=True)
    failed = [name for name in chosen if not _run(name, options.seconds)]
    print(f"failed: {', '.join(failed)}; see {KEPT / 'failures'}" if failed else "nothing found")
    return 1 if failed else 0


def guided() -> bool:
    return importlib.util.find_spec("atheris") is not None


def _run(name: str, seconds: int) -> bool:
    (KEPT / name).mkdir(parents=True, exist_ok=True)
    (KEPT / "failures").mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz", "--one", "--seconds", str(seconds), name]
    log = KEPT / f"{name}.log"
    with log.open("w") as said:
        began = time.monotonic()
        code = subprocess.run(
            command, stdout=said, stderr=subprocess.STDOUT, cwd=ROOT, check=False
        ).returncode
    words = log.read_text(errors="replace").splitlines()
    runs = next(
        (line for line in reversed(words) if "number_of_executed_units" in line or "inputs" in line), ""
    )
    count = "".join(c for c in runs if c.isdigit()) or "?"
    print(f"{name:22} {count:>9} inputs in {time.monotonic() - began:4.0f} s", end="", flush=True)
    print("" if code == 0 else f"  FAILED, see {log}", flush=True)
    return code == 0


def _one(name: str, seconds: int) -> int:
    if not guided():
        return _random(name, seconds)
    import atheris  # type: ignore[import-untyped]  # it ships no types

    with atheris.instrument_imports(include=list(FOLLOWED)):
        from tests.fuzz.targets import target
    found = target(name)
    for i, seed in enumerate(found.seeds):
        (KEPT / name / f"seed-{i}").write_bytes(seed)
    arguments = [
        sys.argv[0], str(KEPT / name), f"-max_total_time={seconds}", f"-max_len={found.longest}",
        f"-timeout={SLOW_SECONDS}", f"-rss_limit_mb={MEMORY_MB}",
        f"-artifact_prefix={KEPT / 'failures' / name}-",
        "-print_final_stats=1", "-verbosity=1",
    ]  # fmt: skip
    atheris.Setup(arguments, found)
    atheris.Fuzz()
    return 0


def _random(name: str, seconds: int) -> int:
    from tests.fuzz.spoil import nasty, spoilt
    from tests.fuzz.targets import target

    _bound_memory()
    found, number = target(name), random.SystemRandom().randrange(1 << 32)
    chance, end, inputs = random.Random(number), time.monotonic() + seconds, 0
    print(f"seed {number}")
    while time.monotonic() < end:
        data = spoilt(chance.choice(found.seeds + nasty()), chance)[: found.longest]
        inputs += 1
        try:
            found(data)
        except BaseException:
            (KEPT / "failures" / f"{name}-{number}-{inputs}").write_bytes(data)
            raise
    print(f"{inputs} inputs")
    return 0


def _bound_memory() -> None:
    if sys.platform != "win32":
        import resource

        most = 2 * MEMORY_MB * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    sys.exit(main())
