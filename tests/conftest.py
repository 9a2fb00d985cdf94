"""For all tests."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from app.ui.garbage import collect_due

# How long one example takes says nothing on a machine that does other things as well.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# As in the client: a thread of one test must not destroy the windows that another left (app/ui/garbage.py).
gc.disable()


def pytest_runtest_logfinish() -> None:
    collect_due()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Logging as it was before, afterwards: a program that a test starts here sets up its own."""
    loggers = [logging.getLogger(name) for name in ("", "app", "asyncio")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        for handler in set(logger.handlers) - set(handlers):
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(level)
