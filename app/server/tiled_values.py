"""Values of a foreign document, each looked at before it is used."""

from __future__ import annotations

import base64
import binascii
import math
import struct
import zlib
from typing import NoReturn

from app.server.map_files import MapError
from app.server.tiled_xml import Raw

MAX_COORDINATE = 1_000_000
"""px; further out nothing can be."""


class Item:
    """One JSON object of a document: values are looked at before they are used."""

    def __init__(self, raw: Raw, where: str) -> None:
        self.raw = raw
        self.where = where

    def _refuse(self, key: str, wanted: str) -> NoReturn:
        found = str(self.raw.get(key, "nothing"))[:40]
        raise MapError(f"{self.where} is damaged: {key!r} should be {wanted}, and is {found}.")

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = self.raw.get(key, default)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self._refuse(key, f"a whole number from {low} to {high}")
        return value

    def number(self, key: str, default: float) -> float:
        value = self.raw.get(key, default)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self._refuse(key, "a number")
        if not -MAX_COORDINATE <= value <= MAX_COORDINATE:  # nor NaN
            self._refuse(key, f"at most {MAX_COORDINATE}")
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        value = self.raw.get(key, default)
        if not isinstance(value, bool):
            self._refuse(key, "true or false")
        return value

    def text(self, key: str) -> str:
        value = self.raw.get(key, "")
        if value is None:
            return ""
        if not isinstance(value, str):
            self._refuse(key, "a text")
        return value

    def item(self, key: str) -> Item:
        value = self.raw.get(key)
        if not isinstance(value, dict):
            self._refuse(key, "an object")
        return Item(value, self.where)

    def items(self, key: str, limit: int) -> list[Item]:
        value = self.raw.get(key, [])
        if isinstance(value, dict):  # tiles, as Tiled wrote them before 1.2: by their number
            value = [
                {**tile, "id": int(n)} for n, tile in value.items() if isinstance(tile, dict) and n.isdigit()
            ]
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            self._refuse(key, "a list of objects")
        if len(value) > limit:
            raise MapError(f"{self.where} has more than {limit} {key}.")
        return [Item(entry, self._name_of(entry, key)) for entry in value]

    def _name_of(self, entry: Raw, key: str) -> str:
        """Where an entry is, for a message: layers and tilesets are named, the rest goes by the file."""
        name = entry.get("name")
        if key in ("layers", "tilesets") and isinstance(name, str) and name:
            return f"{self.where.split(', ')[0]}, {key[:-1]} {name[:40]!r},"
        return self.where

    def properties(self) -> list[Raw]:
        """Custom properties of plain kinds; files, colours, objects and classes mean nothing here."""
        raw = self.raw.get("properties") or []
        if not isinstance(raw, list):
            self._refuse("properties", "a list")
        clean = []
        for entry in raw:
            name, value = (entry.get("name"), entry.get("value")) if isinstance(entry, dict) else (None, None)
            plain = isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value))
            if isinstance(name, str) and plain:
                clean.append({"name": name, "type": "string", "value": value})
        return clean


def unpack(data: object, encoding: str, compression: str, count: int, where: str) -> list[int]:
    """Global tile ids of a layer, exactly ``count``, whatever way they were written."""
    if isinstance(data, list):
        cells = data
    elif not isinstance(data, str):
        raise MapError(f"{where} has no tile data.")
    elif encoding == "base64":
        cells = list(struct.unpack(f"<{count}I", _inflate(data, compression, count * 4, where)))
    else:
        try:
            cells = [int(number) for number in data.split(",")] if data.strip() else []
        except ValueError as error:
            raise MapError(f"{where} has damaged tile data.") from error
    if len(cells) != count:
        raise MapError(f"{where} has {len(cells)} tiles where its size needs {count}.")
    if not all(type(cell) is int and 0 <= cell <= 0xFFFFFFFF for cell in cells):
        raise MapError(f"{where} has damaged tile data.")
    return cells


def _inflate(text: str, compression: str, size: int, where: str) -> bytes:
    """Unpack at most ``size`` bytes: a small file that unpacks to gigabytes is stopped there."""
    try:
        packed = base64.b64decode("".join(text.split()), validate=True)
        if compression in ("zlib", "gzip"):
            unpacker = zlib.decompressobj(wbits=47)  # finds out by itself which of both it is
            data = unpacker.decompress(packed, size + 1)
        elif compression in ("", "none"):
            data = packed
        else:
            raise MapError(
                f"{where} is compressed with {compression[:20]}; save it in Tiled as CSV, zlib or gzip."
            )
    except (binascii.Error, zlib.error, ValueError) as error:
        if isinstance(error, MapError):
            raise
        raise MapError(f"{where} has damaged tile data.") from error
    if len(data) != size:
        raise MapError(f"{where} has more or fewer tiles than its size needs.")
    return data
