"""What streams of events are called in the store."""

from __future__ import annotations

from typing import NewType

from app.core.model import PersonId, SpaceId

StreamKey = NewType("StreamKey", str)


def space_stream(space: SpaceId) -> StreamKey:
    return StreamKey(f"space:{space}")


def person_stream(person: PersonId) -> StreamKey:
    return StreamKey(f"person:{person}")
