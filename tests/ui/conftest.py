"""Fixtures for tests of the window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.ui import program as program_module
from tests.helpers.machine import Machine


@pytest.fixture
async def machine(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Machine]:
    made = Machine(tmp_path, qapp)
    monkeypatch.setattr(program_module, "Client", made.client)
    monkeypatch.setattr(program_module, "make_alerts", made.alerts)
    monkeypatch.setattr(program_module, "CredentialStore", made.credentials)
    yield made
    if made.ring.hang is not None:
        made.ring.hang.set()
    await made.close()
