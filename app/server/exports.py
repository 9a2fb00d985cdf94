"""Exports as a zip of JSON, and what there is of one person: rows of the database, and their own stream."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from app.core.model import PersonId
from app.core.person import PersonState
from app.server.erasure import folded
from app.server.store.base import Store
from app.server.store.keys import person_stream


async def export_person(store: Store, person: PersonId) -> bytes:
    """Raises StoreError."""
    key = person_stream(person)
    state = folded(key, await store.load(key))
    assert isinstance(state, PersonState)
    return zipped({**await store.privacy.exported(person), "recent_words": list(state.phrases)})


def zipped(files: Mapping[str, Any]) -> bytes:
    """A zip with one JSON file for each."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in files.items():
            text = json.dumps(value, ensure_ascii=False, indent=2, default=_bytes)
            archive.writestr(f"{name}.json", text)
    return packed.getvalue()


def _bytes(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
