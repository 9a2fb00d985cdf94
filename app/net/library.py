"""Maps and pictures: from the cache, else from the server, checked against their names either way."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict

import msgspec

from app.core import maps, questions
from app.core.maps import SpaceMap
from app.core.model import AssetId, MapId, SpaceId
from app.net.asks import Asks
from app.net.assets import Cache, content_id
from app.net.problems import ConnectionProblem, Trouble

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Files asked for at a time, so that alerts never wait behind a hundred pictures."""


class Library:
    """Args:
    server: whose pictures these are.
    """

    def __init__(self, asks: Asks, cache: Cache, server: str) -> None:
        self._asks = asks
        self._server = server
        self._place, self._faces = "", frozenset[AssetId]()
        self._gone: frozenset[AssetId] = frozenset()
        self._order = asyncio.Lock()
        self._cache = cache
        self._places = asyncio.Semaphore(AT_ONCE)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def picture(self, asset: AssetId) -> bytes:
        """Raises Refused; ConnectionProblem ``broken_file``, ``closed``."""
        async with self._locks[asset]:  # who asks for the same meanwhile finds it in the cache
            cached = await self._cache.load(asset)
            if cached is not None:
                return cached
            data = await self._fetch(questions.GetAsset(asset))
            if content_id(data) != asset:
                raise ConnectionProblem(Trouble.BROKEN_FILE)
            if asset not in self._gone:
                await self._cache.keep(data)
            return data

    async def people(self, space: SpaceId, faces: frozenset[AssetId]) -> None:
        """These are the pictures of the people in a space.

        One that was taken away, or whose person was erased, is no longer on the disk; also if that happened
        while the program was off.
        """
        if (space, faces) == (self._place, self._faces):
            return
        self._gone = (self._gone | self._faces) - faces
        self._place, self._faces = space, faces
        async with self._order:
            await self._cache.faces(f"{self._server} {space}", faces)

    async def map(self, map_id: MapId) -> SpaceMap:
        """Raises Refused; ConnectionProblem ``broken_file``, ``closed``."""
        cached = await self._cache.load(map_id)
        try:
            if cached is not None:
                return _named(maps.decode(cached), map_id)
        except ValueError:
            log.info("the cached map was written by another version")
        try:
            space_map = maps.decode(await self._fetch(questions.GetMap(map_id)))
        except ValueError as error:
            raise ConnectionProblem(Trouble.BROKEN_FILE) from error
        nameless = maps.encode(_named(space_map, MapId("")))
        if content_id(nameless) == map_id:
            await self._cache.keep(nameless)
        else:
            # Good enough to show, but nothing that another server's map could be mistaken for.
            log.info("the map of the space is not named by its content and is not kept")
        return _named(space_map, map_id)

    async def _fetch(self, query: questions.Query) -> bytes:
        async with self._places:
            answer = await self._asks.ask_patiently(query)
        if not isinstance(answer, questions.Blob):
            raise ConnectionProblem(Trouble.BROKEN_FILE)
        return answer.data


def _named(space_map: SpaceMap, map_id: MapId) -> SpaceMap:
    """A map is named by its content without a name."""
    return msgspec.structs.replace(space_map, id=map_id)
