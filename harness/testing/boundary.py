"""Where what went wrong becomes a test's outcome: the same words as on the command line, without a traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError
from harness.testing.supply import NoEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

MISSING = ("fail", "skip")


@contextmanager
def told(config: pytest.Config) -> Iterator[None]:
    """Turn a HarnessError into a failure; one that says that there is no engine into a skip, where the settings say so."""
    try:
        yield
    except HarnessError as exc:
        words = in_words(exc)
        if isinstance(exc, NoEngine) and skips(config):
            raise pytest.skip.Exception(words) from None
        raise pytest.fail.Exception(words, pytrace=False) from None


def in_words(exc: HarnessError) -> str:
    """Return message and hint."""
    return f"{exc.message}\nhint: {exc.hint}"


def skips(config: pytest.Config) -> bool:
    """Whether tests are skipped where there is no engine."""
    missing = config.getini("harness_missing")
    if missing not in MISSING:
        raise pytest.UsageError(f"ini: harness_missing = {missing}: it is one of {', '.join(MISSING)}")
    return bool(missing == "skip") and not config.getoption("harness_require")
