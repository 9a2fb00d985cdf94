"""Answers of other servers that are read only so far: whoever is asked may send without end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2

UNCOMPRESSED = {"Accept-Encoding": "identity"}
"""Asked for with :func:`bounded`: a little that was compressed may be very much."""


def bounded(most: int) -> Callable[[httpx2.Response], Awaitable[None]]:
    """An event hook for responses; reading one with more bytes than ``most`` raises ``httpx2.HTTPError``."""

    async def bound(response: httpx2.Response) -> None:
        """Called before the body is read."""
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.DecodingError("compressed, although that was not asked for")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = _Bounded(response.stream, most)

    return bound


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream, most: int) -> None:
        self._inner, self._most = inner, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._inner:
            size += len(part)
            if size > self._most:
                raise httpx2.ReadError("the answer is too large")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()
