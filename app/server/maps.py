"""Map files of people become maps: Tiled documents and plain pictures, checked, with their pictures.

    .tmj .tmx  --tiled_read-->  one checked document  --pytiled-parser, tiled-->  SpaceMap + pictures
    picture    --pictures---------------------------------------------------->  SpaceMap + picture

Whatever is wrong with a file is said as a :class:`MapError`. The same files always give the same map with
the same ids.
"""

from __future__ import annotations

from pathlib import Path

from app.core.maps import ImageLayer, SpaceMap
from app.core.model import MapId, Place
from app.server.map_files import MAX_SIDE, Folder, ImportedMap, MapError, finished
from app.server.pictures import Picture
from app.server.tiled import import_tiled

__all__ = ["ImportedMap", "MapError", "import_map"]

CELL = 32
"""px; the grid that is laid over a plain picture, the usual one of virtual offices."""
TILED_SUFFIXES = frozenset({".tmj", ".tmx", ".json", ".xml"})
PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


def import_map(path: Path, root: Path | None = None) -> ImportedMap:
    """Read a map file: Tiled (.tmj, .tmx; also .json, .xml) or a picture (.png, .jpg, .webp).

    Blocks while it reads and decodes; give it to an executor on a loop.

    Args:
        root: the folder that everything the map refers to must lie in; the map's own unless given.

    Raises:
        MapError: broken, too big, not a map, or refers to what is missing or outside of the folder.
    """
    suffix = path.suffix.lower()
    if suffix not in TILED_SUFFIXES | PICTURE_SUFFIXES:
        raise MapError(f"{path.name} is neither a Tiled map (.tmj, .tmx) nor a PNG, JPEG or WebP picture.")
    folder = Folder(path.parent if root is None else root)
    if suffix in PICTURE_SUFFIXES:
        return _import_picture(folder.picture(path), path.stem)
    return import_tiled(path, folder)


def _import_picture(picture: Picture, name: str) -> ImportedMap:
    """A picture is a floor without walls; people appear round its middle."""
    columns, rows = -(-picture.width // CELL), -(-picture.height // CELL)
    if max(columns, rows) > MAX_SIDE:
        raise MapError(f"The picture of {name} is wider or higher than {MAX_SIDE * CELL} px.")
    cells = {
        (min(max(columns // 2 + dx, 0), columns - 1), min(max(rows // 2 + dy, 0), rows - 1))
        for dx in (-2, 0, 2)
        for dy in (-2, 0, 2)
    }
    space_map = SpaceMap(
        id=MapId(""),
        name=name,
        columns=columns,
        rows=rows,
        tile_width=CELL,
        tile_height=CELL,
        blocked=bytes(columns * rows),
        layers=(ImageLayer(name, picture.id),),
        start=tuple(Place(x * CELL + CELL // 2, y * CELL + CELL // 2) for x, y in sorted(cells)),
    )
    return finished(space_map, {picture.id: picture.data})
