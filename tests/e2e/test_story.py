"""The main job from outside: two machines and a server, real processes and real parts, chapter by chapter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.story.chapters import CHAPTERS
from tests.e2e.story.stage import Stage, stage

KEPT = Path(__file__).resolve().parents[2] / "build" / "e2e" / "story"


@pytest.fixture(scope="module")
def scene() -> Iterator[Stage]:
    """Everybody in place; the chapters are played on it in order."""
    with stage(KEPT) as made:
        yield made


@pytest.mark.parametrize("number", range(len(CHAPTERS)), ids=[chapter.__name__ for chapter in CHAPTERS])
def test_chapter(scene: Stage, number: int) -> None:
    chapter = CHAPTERS[number]
    try:
        chapter(scene)
    except AssertionError:
        for desk in (scene.agent, scene.supervisor):
            scene.report.picture(desk, f"{desk.handle} when {chapter.__name__} went wrong")
        raise
