"""A hundred and fifty seeds; and what makes a seed worth something: the same one is always the same run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sim import __main__ as program
from tests.sim import planted
from tests.sim.runner import Stage

SEEDS, CHUNK = 150, 30


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_seeds_hold(here: Stage, first: int) -> None:
    for seed in range(first, first + CHUNK):
        result = here.run(seed)
        transcript = "\n".join(list(here.readable(result))[-40:])
        assert result.violation is None, f"make simulate SEED={seed}\n{transcript}\n{result.violation.words}"


def digest(here: Stage, seed: int) -> str:
    return hashlib.sha256("\n".join(here.run(seed, frames=True).transcript).encode()).hexdigest()


def test_the_same_seed_is_the_same_run_byte_for_byte(here: Stage) -> None:
    seeds = range(6)
    first = [digest(here, seed) for seed in seeds]
    assert [digest(here, seed) for seed in reversed(seeds)] == first[::-1]
    assert len(set(first)) == len(first)
    code = (
        "from tests.sim.runner import stage\n"
        "from tests.sim.test_simulator import digest\n"
        f"with stage() as here: print(*(digest(here, seed) for seed in {list(seeds)}))"
    )
    # Another process, in which sets of names have another order.
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.split() == first


def test_frames_in_the_transcript_change_nothing_else(here: Stage) -> None:
    frames = list(here.run(3, frames=True).transcript)
    assert [line for line in frames if not program.is_frame(line)] == list(here.run(3).transcript)


def test_a_failing_seed_is_told_so_that_a_person_can_follow(
    here: Stage, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with planted.stale_snapshot():
        assert program.show(0) == 1
    told = capsys.readouterr().out
    assert "CHECK    a snapshot is the state at its number: " in told
    assert "+++ told" in told
    assert "make simulate SEED=0 runs it again" in told
    assert "/1    signs in" in told
    assert program.show(0) == 0
    assert "Seed 0 holds" in capsys.readouterr().out
