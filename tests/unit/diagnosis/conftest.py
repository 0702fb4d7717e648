"""All tests of this folder are watched; the one that asks what was seen comes last."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.diagnosis.registry import all_checks
from tests.unit.diagnosis.seen import Seen

FOLDER = Path(__file__).parent
LAST = FOLDER / "test_fixtures.py"
_SEEN = Seen()
_COLLECTED: set[Path] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path == LAST)  # keeps the order of the others
    if not (config.option.keyword or config.option.markexpr):
        _COLLECTED.update(item.path for item in items)


@pytest.fixture(scope="session", autouse=True)
def _watched() -> None:
    for each in all_checks().values():
        _SEEN.watch(each)


@pytest.fixture
def seen() -> Seen:
    """What the tests of this folder have shown, if all of them ran."""
    left_out = set(FOLDER.rglob("test_*.py")) - _COLLECTED
    if left_out:
        pytest.skip(f"run all of {FOLDER}: {len(left_out)} modules are left out")
    return _SEEN
