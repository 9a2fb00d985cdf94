"""Run a command in a virtual desktop, for a look at it: pictures while it runs.

python -m tests.helpers.desktop [--shots DIR] [--every S] [--for S] [--size WxH]... -- COMMAND...
"""

import argparse
import sys
import time
from pathlib import Path

from tests.helpers.desktop.virtual import VirtualDesktop


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shots", type=Path, metavar="DIR", help="where numbered pictures go")
    parser.add_argument("--every", type=float, default=2.0, metavar="S", help="between pictures (2)")
    parser.add_argument(
        "--for", dest="longest", type=float, default=0.0, metavar="S", help="end it after S seconds"
    )
    parser.add_argument(
        "--size", action="append", type=size, metavar="WxH", help="a monitor; repeat for more"
    )
    parser.add_argument("--keyring", choices=("unlocked", "locked", "none"), default="unlocked")
    parser.add_argument("--language", default="en_US.UTF-8")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    monitors = options.size or [(1280, 800)]
    with VirtualDesktop(monitors=monitors, keyring=options.keyring, language=options.language) as desktop:
        program = desktop.start(options.command)
        began = time.monotonic()
        picture = 0
        while program.alive and not 0 < options.longest < time.monotonic() - began:
            time.sleep(min(options.every, 0.2))
            if options.shots and time.monotonic() - began >= picture * options.every:
                desktop.screenshot(options.shots / f"{picture:03}.png")
                picture += 1
        sys.stdout.write(program.text())
        return program.exit_code or 0


def size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    raise SystemExit(main())
