"""Map files that are broken, too big or reach for what is not theirs: each is refused with a sentence."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from app.core import maps
from app.core.maps import ImageLayer
from app.server import pictures
from app.server.maps import CELL, MapError, import_map
from app.server.pictures import PictureError, check_picture
from tests.helpers.tiled_files import FLOOR, Raw, document, object_layer, properties, thing, tile_layer, write


def refusal(path: Path, root: Path | None = None) -> str:
    with pytest.raises(MapError) as caught:
        import_map(path, root)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert len(sentence) < 250
    return sentence


def refused(folder: Path, raw: Raw) -> str:
    return refusal(write(folder, raw))


# No map at all


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.tmj", '{"type": "map", \n "width": }', "a.tmj is broken or no JSON that could be .*line 2, col"),
        ("a.tmx", "<map><layer></map>", "a.tmx is broken or no XML .*line 1"),
        ("a.tmj", "", "a.tmj is broken"),
        ("a.tmj", "[1, 2]", "a.tmj is not a Tiled map"),
        ("a.json", '{"type": "tileset"}', "a.json is not a Tiled map"),
        ("a.tmx", "<tileset/>", "a.tmx is not a Tiled map"),
        ("a.tmj", '{"type": "map"}', "'width' should be a whole number"),
        ("a.tmj", '{"width": NaN}', "NaN is not a number"),
        ("a.tmj", '{"a":' * 200 + "1" + "}" * 200, "nested too deeply"),
        ("a.tmj", "[" * 100_000, "nested too deeply"),
        ("a.tmx", "<a>" * 100 + "</a>" * 100, "nested too deeply"),
        ("a.exe", "MZ", "a.exe is neither a Tiled map"),
        ("a.png", "<svg/>", "a.png is not a PNG, JPEG or WebP picture, or is damaged"),
    ],
)
def test_what_is_no_map_is_called_so(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    found = refusal(path)
    assert re.search(sentence, found), found
    assert name in found


def test_text_in_no_known_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tmj"
    path.write_bytes(b'{"name": "\xff\xfe\x80"}')
    assert "not UTF-8" in refusal(path)


def test_the_encoding_that_a_file_claims_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path, {}, "a.tmx")
    size = 'orientation="orthogonal" width="1" height="1" tilewidth="32" tileheight="32"'
    for claim in ("UTF-8", "inf", "utf-7"):
        text = f'<?xml version="1.0" encoding="{claim}"?><map {size}><properties>'
        text += '<property name="mapName" value="東京"/></properties></map>'
        path.write_text("\ufeff" + text if claim == "UTF-8" else text, encoding="utf-8")
        assert import_map(path).map.name == "東京"


def test_entities_are_refused_before_they_are_read(tmp_path: Path) -> None:
    lines = ['<!ENTITY a0 "ha">'] + [f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 12)]
    path = tmp_path / "bomb.tmx"
    path.write_text(f"<!DOCTYPE map [{''.join(lines)}]><map>&a11;</map>")
    assert "document type" in refusal(path)
    path.write_text('<!DOCTYPE map [<!ENTITY f SYSTEM "file:///etc/passwd">]><map>&f;</map>')
    assert "document type" in refusal(path)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    assert "gone.tmj cannot be read" in refusal(tmp_path / "gone.tmj")
    (tmp_path / "dir.tmj").mkdir()
    assert "dir.tmj is not a file" in refusal(tmp_path / "dir.tmj")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_does_not_hang_the_import(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tmj")
    assert "is not a file" in refusal(tmp_path / "pipe.tmj")


@pytest.mark.parametrize("orientation", ["isometric", "hexagonal", "staggered"])
def test_only_orthogonal_maps(tmp_path: Path, orientation: str) -> None:
    assert f"map.tmj is {orientation}; only orthogonal" in refused(
        tmp_path, document(tile_layer("a", FLOOR), orientation=orientation)
    )


# Too big


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"columns": 1001, "rows": 1}, "1001 × 1 cells; 1000 × 1000 is the limit"),
        ({"columns": 10**8, "rows": 10**8}, "is the limit"),
        ({"columns": 0, "rows": 3}, "has no size"),
        ({"columns": -4, "rows": 3}, "'width' should be a whole number"),
        ({"tilewidth": 0}, "'tilewidth' should be"),
        ({"tilewidth": 1000, "columns": 1000}, "wider or higher than 32768 px"),
        ({"width": "4"}, "'width' should be a whole number"),
        ({"width": True}, "'width' should be a whole number"),
    ],
)
def test_sizes_are_bounded(tmp_path: Path, more: Raw, sentence: str) -> None:
    assert sentence in refused(tmp_path, document(**more))


def test_an_infinite_map_is_bounded_too(tmp_path: Path) -> None:
    chunks = [{"x": x, "y": 0, "width": 1, "height": 1, "data": [1]} for x in (0, 5000)]
    layer = {"type": "tilelayer", "name": "a", "chunks": chunks}
    assert "5001 × 1 cells" in refused(tmp_path, document(layer, infinite=True))
    assert "has no tiles" in refused(tmp_path, document(infinite=True))


def test_many_large_layers_are_too_much(tmp_path: Path) -> None:
    data = base64.b64encode(zlib.compress(bytes(4_000_000))).decode()
    size = {"width": 1000, "height": 1000, "encoding": "base64", "compression": "zlib", "data": data}
    layers = [{"type": "tilelayer", "name": f"l{i}"} | size for i in range(5)]
    assert "'l4', is too much" in refused(tmp_path, document(*layers, columns=1000, rows=1000))


def test_groups_in_groups_end_somewhere(tmp_path: Path) -> None:
    layer = tile_layer("a", FLOOR)
    for _ in range(20):
        layer = {"type": "group", "name": "g", "layers": [layer]}
    assert "more than 16 groups" in refused(tmp_path, document(layer))


def test_a_large_document_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tmj"
    with path.open("wb") as file:
        file.truncate(33 * 1024 * 1024)
    assert "a.tmj is larger than 32 MB" in refusal(path)


def test_a_small_file_that_unpacks_to_gigabytes_is_stopped(tmp_path: Path) -> None:
    bomb = zlib.compressobj(9)
    packed = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(64)) + bomb.flush()
    layer = tile_layer("a", FLOOR, encoding="base64", compression="zlib")
    layer["data"] = base64.b64encode(packed).decode()
    assert "more or fewer tiles" in refused(tmp_path, document(layer))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"data": [1, 2, 3]}, "has 3 tiles where its size needs 12"),
        ({"data": [-1] * 12}, "damaged tile data"),
        ({"data": [2**32] * 12}, "damaged tile data"),
        ({"data": ["a"] * 12}, "damaged tile data"),
        ({"data": [1.5] * 12}, "damaged tile data"),
        ({"data": "1,x", "encoding": "csv"}, "damaged tile data"),
        ({"data": "!!!!", "encoding": "base64"}, "damaged tile data"),
        ({"data": "AAAA", "encoding": "base64", "compression": "zlib"}, "damaged tile data"),
        ({"data": "AAAA", "encoding": "base64", "compression": "zstd"}, "zstd; save it in Tiled as"),
        ({"type": "hologram"}, "of a kind that Tiled does not have"),
        ({"opacity": "half"}, "'opacity' should be a number"),
        ({"visible": 1}, "'visible' should be true or false"),
        ({"name": 7}, "'name' should be a text"),
        ({"offsetx": 1e300}, "'offsetx' should be at most"),
    ],
)
def test_damaged_layers_are_named(tmp_path: Path, more: Raw, sentence: str) -> None:
    found = refused(tmp_path, document(tile_layer("hall", FLOOR) | more))
    assert sentence in found
    assert "map.tmj" in found


def test_objects_with_nonsense_numbers_are_refused(tmp_path: Path) -> None:
    assert "'x' should be" in refused(tmp_path, document(object_layer("o", thing(1, "seat", 1e9, 0))))
    assert "'x' should be" in refused(tmp_path, document(object_layer("o", {"id": 1, "x": "0"})))


# Out of the folder


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """A folder with a secret, a good picture and a good tileset beside it."""
    Image.new("RGB", (64, 64)).save(tmp_path / "secret.png")
    (tmp_path / "secret.tsj").write_text('{"type": "tileset", "name": "s", "image": "secret.png"}')
    (tmp_path / "secret.tj").write_text('{"type": "template", "object": {"id": 1, "type": "seat"}}')
    folder = tmp_path / "maps"
    folder.mkdir()
    return folder


def references(reference: str) -> dict[str, Raw]:
    """One map for each way to refer to a file."""
    image = {"type": "imagelayer", "name": "i", "image": reference}
    by_picture, by_source, by_tile = document(), document(), document()
    by_picture["tilesets"][0]["image"] = reference
    by_source["tilesets"] = [{"firstgid": 1, "source": reference}]
    by_tile["tilesets"][0]["tiles"] = [{"id": 0, "image": reference}]
    return {
        "tileset's picture": by_picture,
        "tileset": by_source,
        "tile's picture": by_tile,
        "image layer": document(image),
        "template": document(object_layer("o", {"id": 1, "x": 0, "y": 0, "template": reference})),
    }


@pytest.mark.parametrize("way", list(references("")))
@pytest.mark.parametrize(
    "reference",
    [
        "../secret.png",
        "a/../../secret.tsj",
        "..\\secret.tsj",
        "/etc/passwd",
        "C:\\secret.png",
        "\\\\host\\share\\a.png",
        "https://example.com/a.png",
        "link.png",
        "deep/secret.png",
        "a\0b",
        "x" * 5000,
    ],
)
def test_nothing_outside_of_the_folder_is_read(inside: Path, way: str, reference: str) -> None:
    (inside / "link.png").symlink_to(inside.parent / "secret.png")
    (inside / "deep").symlink_to(inside.parent)
    found = refused(inside, references(reference)[way])
    assert "refers to" in found
    assert "map.tmj" in found


def test_a_tileset_may_not_reach_out_either(inside: Path) -> None:
    (inside / "t.tsj").write_text(json.dumps({"type": "tileset", "name": "t", "image": "../secret.png"}))
    raw = document() | {"tilesets": [{"firstgid": 1, "source": "t.tsj"}]}
    assert "t.tsj refers to '../secret.png', which lies outside" in refused(inside, raw)


def test_a_wider_folder_can_be_allowed(inside: Path) -> None:
    raw = document({"type": "imagelayer", "name": "i", "image": "../secret.png"})
    found = import_map(write(inside, raw), root=inside.parent)
    assert len(found.assets) == 1
    elsewhere = inside / "elsewhere"
    elsewhere.mkdir()
    assert "outside of the folder of maps" in refusal(inside / "map.tmj", root=elsewhere)


@pytest.mark.parametrize("way", list(references("")))
def test_what_is_missing_is_named(inside: Path, way: str) -> None:
    assert "refers to 'gone.png', which is missing" in refused(inside, references("gone.png")[way])


def test_a_tileset_that_is_a_map_is_refused(inside: Path) -> None:
    (inside / "t.tsj").write_text(json.dumps(document()))
    raw = document() | {"tilesets": [{"firstgid": 1, "source": "t.tsj"}]}
    assert "t.tsj is not a tileset" in refused(inside, raw)


# Pictures


def test_a_picture_is_a_map_with_a_floor_and_no_walls(tmp_path: Path) -> None:
    for suffix in ("png", "jpg", "webp"):
        path = tmp_path / f"Third floor.{suffix}"
        Image.new("RGB", (330, 200), "#abcdef").save(path)
        found = import_map(path)
        (layer,) = found.map.layers
        assert isinstance(layer, ImageLayer)
        assert found.assets == {layer.image: path.read_bytes()}
        assert (found.map.columns, found.map.rows, found.map.tile_width) == (11, 7, CELL)
        assert found.map.name == "Third floor"
        assert not any(found.map.blocked)
        assert len(found.map.start) == 9
        maps.check(found.map)
        assert import_map(path).map.id == found.map.id


def test_the_smallest_picture_works(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "a.png")
    found = import_map(tmp_path / "a.png").map
    assert (found.columns, found.rows, len(found.start)) == (1, 1, 1)


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that only says how large it is."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (header, b"IDAT")
    parts = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("size", [(8001, 8001), (20_000, 20_000), (2**31 - 1, 2**31 - 1)])
def test_huge_pictures_are_refused_before_they_are_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PngImagePlugin.PngImageFile, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(PictureError, match="more than 64 million pixels"):
        check_picture(png_of_size(*size))


def test_long_pictures_are_refused(tmp_path: Path) -> None:
    Image.new("1", (40_000, 2)).save(tmp_path / "a.png")
    assert "wider or higher than 32000 px" in refusal(tmp_path / "a.png")


def test_damaged_and_foreign_pictures_are_refused(tmp_path: Path) -> None:
    good = tmp_path / "a.png"
    Image.effect_noise((64, 64), 50).save(good)
    for damaged in (good.read_bytes()[:-1500], b"", b"GIF89a" + bytes(20), png_of_size(4, 4)):
        with pytest.raises(PictureError, match="is not a PNG"):
            check_picture(damaged)
    Image.new("RGB", (9, 9)).save(tmp_path / "b.gif")
    with pytest.raises(PictureError, match="is not a PNG"):
        check_picture((tmp_path / "b.gif").read_bytes())
    with pytest.raises(PictureError, match="larger than 32 MB"):
        check_picture(bytes(pictures.MAX_BYTES + 1))


def test_a_tileset_with_a_wrong_picture_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, document(tile_layer("a", FLOOR)))
    (tmp_path / "t.png").write_text("<script>")
    assert "t.png is not a PNG" in refusal(path)
    Image.new("RGB", (8, 8)).save(tmp_path / "t.png")
    assert "picture of tileset 't' is smaller than one tile" in refusal(path)


# Anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def spots(value: object) -> list[tuple[Any, Any]]:
    """Every place in a document that holds something."""
    found: list[tuple[Any, Any]] = []
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        found.append((value, key))
        found += spots(inner)
    return found


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_map_with_anything_in_it_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    raw = document(
        tile_layer("a", FLOOR, properties=properties(jitsiRoom="r")),
        {"type": "group", "name": "g", "layers": [tile_layer("start", FLOOR)]},
        {"type": "imagelayer", "name": "i", "image": "t.png"},
        object_layer(
            *("o", thing(1, "seat", 9, 9), thing(2, "quiet", 0, 0, 40, 40, ellipse=True)),
            thing(3, "area", 1, 1, polygon=[{"x": 0, "y": 0}, {"x": 9, "y": 0}, {"x": 0, "y": 9}]),
            thing(4, "desk", 1, 1, 20, 20, properties=properties(radius=3)),
        ),
    )
    raw = json.loads(json.dumps(raw))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(spots(raw)))
        with contextlib.suppress(KeyError, IndexError):
            holder[key] = data.draw(json_values)
    path = write(tmp_path, raw)
    with contextlib.suppress(MapError):
        found = import_map(path)
        maps.check(found.map)
        assert found.map.assets <= set(found.assets)
