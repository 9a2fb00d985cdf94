"""Tiled's XML (.tmx, .tsx, .tx) as the JSON that Tiled would have written (.tmj, .tsj, .tj).

So one checker and one parser serve both. The parser library would open XML files by itself and follow
what they refer to; here the text is turned into plain data first, without document types (no entities, so
no entity bombs) and with a bounded depth.

https://doc.mapeditor.org/en/stable/reference/tmx-map-format/
https://doc.mapeditor.org/en/stable/reference/json-map-format/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_DEPTH = 64
Raw = dict[str, Any]

_LAYERS = {"layer": "tilelayer", "objectgroup": "objectgroup", "imagelayer": "imagelayer", "group": "group"}
_FLAGS = frozenset({"visible", "infinite"})
_WORDS = frozenset(
    {
        *("name", "class", "type", "source", "template", "image"),
        *("orientation", "backgroundcolor", "encoding", "compression"),
    }
)


def parse_xml(text: bytes) -> Element:
    """The root of an XML document.

    Raises:
        ValueError: broken, with a document type, or nested deeper than ``MAX_DEPTH``.
    """
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError("it is nested too deeply")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def doctype(*_: object) -> None:
        raise ValueError("it has a document type, which a Tiled file never has")

    parser = expat.ParserCreate("utf-8")  # what Tiled writes, whatever the file says of itself
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ValueError(f"line {error.lineno}, column {error.offset + 1}") from error
    return builder.close()


def as_json(root: Element) -> Raw:
    """A map, tileset or template element as Tiled's JSON.

    Raises:
        ValueError: a number is none.
    """
    if root.tag == "map":
        return _map(root)
    if root.tag == "tileset":
        return {"type": "tileset", **_tileset(root)}
    if root.tag == "template":
        element = root.find("object")
        return {"type": "template", "object": {} if element is None else _object(element)}
    return {"type": root.tag}


def _attributes(attributes: Mapping[str, str]) -> Raw:
    values: Raw = {}
    for key, text in attributes.items():
        if key in _WORDS:
            values[key] = text
        elif key in _FLAGS:
            values[key] = text not in ("0", "false")
        else:
            values[key] = _number(text)
    return values


def _number(text: str) -> int | float | str:
    """A number, or the text itself; whoever needs a number looks at its type."""
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


def _properties(element: Element) -> list[Raw]:
    found = []
    for item in element.findall("./properties/property"):
        kind = item.get("type", "string")
        text = item.get("value", item.text or "")
        value: object = text
        if kind == "bool":
            value = text == "true"
        elif kind in ("int", "float"):
            value = _number(text)
        found.append({"name": item.get("name", ""), "type": kind, "value": value})
    return found


def _map(root: Element) -> Raw:
    return {
        **_attributes(root.attrib),
        "type": "map",
        "properties": _properties(root),
        "tilesets": [_tileset(item) for item in root.findall("tileset")],
        "layers": _layers(root),
    }


def _layers(parent: Element) -> list[Raw]:
    return [_layer(element) for element in parent if element.tag in _LAYERS]


def _layer(element: Element) -> Raw:
    raw = {**_attributes(element.attrib), "type": _LAYERS[element.tag], "properties": _properties(element)}
    if element.tag == "layer":
        raw |= _data(element.find("data"))
    elif element.tag == "objectgroup":
        raw["objects"] = [_object(item) for item in element.findall("object")]
    elif element.tag == "group":
        raw["layers"] = _layers(element)
    else:
        raw["image"] = _source(element)
    return raw


def _data(data: Element | None) -> Raw:
    if data is None:
        return {}
    raw: Raw = {key: data.get(key, "") for key in ("encoding", "compression")}
    chunks = data.findall("chunk")
    if chunks:
        raw["chunks"] = [{**_attributes(chunk.attrib), "data": _cells(chunk)} for chunk in chunks]
    else:
        raw["data"] = _cells(data)
    return raw


def _cells(element: Element) -> str | list[Any]:
    """The encoded text, or the numbers where each tile is an element of its own."""
    tiles = element.findall("tile")
    return [_number(tile.get("gid", "0")) for tile in tiles] if tiles else element.text or ""


def _object(element: Element) -> Raw:
    raw = {**_attributes(element.attrib), "properties": _properties(element)}
    for kind in ("ellipse", "point"):
        if element.find(kind) is not None:
            raw[kind] = True
    for kind in ("polygon", "polyline"):
        shape = element.find(kind)
        if shape is not None:
            pairs = (pair.partition(",") for pair in shape.get("points", "").split())
            raw[kind] = [{"x": _number(x), "y": _number(y)} for x, _, y in pairs]
    if element.find("text") is not None:
        raw["text"] = {"text": element.findtext("text", "")}
    return raw


def _tileset(element: Element) -> Raw:
    raw = {**_attributes(element.attrib), "properties": _properties(element)}
    if element.find("image") is not None:
        raw["image"] = _source(element)
    raw["tiles"] = [_tile(item) for item in element.findall("tile")]
    return raw


def _tile(element: Element) -> Raw:
    raw = {**_attributes(element.attrib), "properties": _properties(element)}
    if element.find("image") is not None:
        raw["image"] = _source(element)
    return raw


def _source(element: Element) -> str:
    image = element.find("image")
    return "" if image is None else image.get("source", "")
