"""Tell the whole story; pictures and report in ``build/demo/``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.e2e.story.chapters import CHAPTERS
from tests.e2e.story.stage import stage

FOLDER = Path(__file__).resolve().parents[3] / "build" / "demo"


def main() -> int:
    """Returns the exit code: 0 when everything that was to be seen was seen."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with stage(FOLDER) as scene:
        for chapter in CHAPTERS:
            print(f"{chapter.__name__.replace('_', ' ')} …", flush=True)
            try:
                chapter(scene)
            except AssertionError:
                for desk in (scene.agent, scene.supervisor):
                    scene.report.picture(desk, f"Where {desk.handle} was when {chapter.__name__} went wrong")
                raise
        path = scene.report.write()
    print(f"\nWhat was observed, with pictures: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
