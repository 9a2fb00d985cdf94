#!/usr/bin/env python3
"""Bring the message catalogues up to date with the code, and compile them (`make messages`).

    .venv/bin/python packaging/messages.py [--new CODE]

The texts are those that `app.ui.i18n` is called with, and the core's sentences. `--new de` starts a language.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = Path("resources/translations")
DOMAIN = "handraise"
TEMPLATE = Path("build") / f"{DOMAIN}.pot"  # made anew each time
KEYWORDS = ("tr", "trn:1,2", "trc:1c,2", "N_")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--new", metavar="CODE", help="start a language, for example: de")
    new = parser.parse_args().new
    keywords = [part for keyword in KEYWORDS for part in ("--keyword", keyword)]
    layout = ["--sort-by-file", "--no-wrap", "--no-location", "--add-comments", "i18n:"]
    layout += ["--project", "Handraise", "--header-comment", "# Handraise: the texts that people see."]
    (ROOT / TEMPLATE).parent.mkdir(exist_ok=True)
    babel("extract", "--no-default-keywords", *keywords, *layout, "--output", str(TEMPLATE), "app")
    catalogue = ["--domain", DOMAIN, "--input-file", str(TEMPLATE), "--output-dir", str(TRANSLATIONS)]
    if new:
        babel("init", *catalogue, "--locale", new, "--no-wrap")
        started = ROOT / TRANSLATIONS / new / "LC_MESSAGES" / f"{DOMAIN}.po"
        started.write_text(started.read_text().replace("#, fuzzy\n", "", 1))  # or it is never compiled
    quiet = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date", "--no-wrap"]
    babel("update", *catalogue, *quiet)
    babel("compile", "--domain", DOMAIN, "--directory", str(TRANSLATIONS), "--statistics")


def babel(*arguments: str) -> None:
    """Run babel from the folder that the catalogues' paths are relative to."""
    command = [sys.executable, "-m", "babel.messages.frontend", *arguments]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
