"""Each parser takes what it should, and spoilt input ends in a listed error; the same inputs each time."""

from __future__ import annotations

import random
import tracemalloc
import zlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.core.errors import Refused
from tests.fuzz.spoil import nasty, spoilt
from tests.fuzz.targets import Target, target, targets

EACH = pytest.mark.parametrize("each", targets(), ids=lambda each: each.name)
MEMORY = 48 * 1024 * 1024
"""Bytes that Python may allocate for one input; the largest frame of a client has 64 KiB."""


@EACH
def test_what_it_is_made_for_is_taken(each: Target) -> None:
    """So that the other tests get past the first byte."""
    taken = 0
    for seed in each.seeds:
        try:
            each.run(seed)
        except each.errors:
            continue
        taken += 1
    assert taken


@EACH
def test_spoilt_input_is_taken_or_refused(each: Target) -> None:
    chance = random.Random(zlib.crc32(each.name.encode()))
    for _ in range(each.examples):
        each(spoilt(chance.choice(each.seeds), chance)[: each.longest])


@settings(derandomize=True, max_examples=400, deadline=None, database=None)
@given(st.sampled_from([each for each in targets() if each.examples >= 100]), st.binary(max_size=300))
@example(target("wire-client"), b"\xdd\xff\xff\xff\xff")
def test_any_bytes_are_taken_or_refused(each: Target, data: bytes) -> None:
    each(data)


@EACH
def test_the_nastiest_take_little_memory(each: Target) -> None:
    tracemalloc.start()
    try:
        for data in nasty():
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            each(data)
            assert tracemalloc.get_traced_memory()[1] - before < MEMORY, data[:40]
    finally:
        tracemalloc.stop()


def test_an_error_that_is_not_listed_is_seen() -> None:
    broken = Target("broken", lambda data: data[9], (b"",), (Refused,))
    with pytest.raises(IndexError):
        broken(b"")
