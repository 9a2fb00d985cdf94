"""The cache on disk: undamaged or not at all, and never too big."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.net.assets import AssetCache, Cache, MemoryCache, content_id


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_what_is_kept_is_found_again(folder: Path) -> None:
    await AssetCache(folder).keep(b"picture")
    assert await AssetCache(folder).load(content_id(b"picture")) == b"picture"
    assert await AssetCache(folder).load(content_id(b"other")) is None
    assert names(folder) == {content_id(b"picture")}


async def test_a_damaged_file_is_removed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache, name = AssetCache(folder), content_id(b"picture")
    await cache.keep(b"picture")
    (folder / name).write_bytes(b"pict")
    assert await cache.load(name) is None
    assert not (folder / name).exists()
    assert "damaged" in caplog.text


@pytest.mark.parametrize("name", ["../secret", "", "a" * 63, "A" * 64, "/etc/passwd", "a" * 64 + "/x"])
async def test_a_name_cannot_lead_out_of_the_folder(folder: Path, name: str) -> None:
    (folder.parent / "secret").write_bytes(b"secret")
    assert await AssetCache(folder).load(name) is None


async def test_the_files_used_longest_ago_go_first(folder: Path) -> None:
    cache = AssetCache(folder, max_bytes=30)
    files = [bytes([n]) * 10 for n in range(3)]
    for age, data in enumerate(files):
        await cache.keep(data)
        os.utime(folder / content_id(data), (1000 + age, 1000 + age))
    assert await cache.load(content_id(files[0])) == files[0]  # used just now
    await cache.keep(b"z" * 10)
    assert names(folder) == {content_id(files[0]), content_id(files[2]), content_id(b"z" * 10)}
    await cache.keep(b"y" * 31)
    assert len(names(folder)) == 3


async def test_a_disk_that_fails_costs_nothing_but_a_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    cache = AssetCache(blocked)
    await cache.keep(b"picture")
    assert await cache.load(content_id(b"picture")) is None
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize("memory", [False, True])
async def test_a_picture_that_nobody_has_any_more_goes_and_others_stay(folder: Path, memory: bool) -> None:
    cache: Cache = MemoryCache() if memory else AssetCache(folder)
    ann, bob, tiles = (content_id(data) for data in (b"ann", b"bob", b"tiles"))
    for data in (b"ann", b"bob", b"tiles"):
        await cache.keep(data)
    await cache.faces("office", {ann, bob})
    await cache.faces("elsewhere", {bob})
    # The next time that the program runs, Ann is not there any more.
    later: Cache = cache if memory else AssetCache(folder)
    await later.faces("office", {bob})
    assert [await later.load(name) for name in (ann, bob, tiles)] == [None, b"bob", b"tiles"]
    await later.faces("elsewhere", {"../office", "../../secret"})
    assert [await later.load(name) for name in (bob, tiles)] == [None, b"tiles"]


async def test_what_cannot_be_removed_costs_a_line_in_the_log(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache, name = AssetCache(folder), content_id(b"ann")
    await cache.faces("office", {name})
    (folder / name).mkdir()
    await cache.faces("office", set())
    assert "could not be removed" in caplog.text
