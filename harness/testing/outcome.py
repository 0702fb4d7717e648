"""What a test's report is told after each of its phases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.errors import HarnessError
from harness.testing.pair import Pair
from harness.testing.reports import how_to_connect, sections
from harness.testing.shared import SharedPair

if TYPE_CHECKING:
    from harness.testing.attached import Streams

#: What a test has in hand.
PAIR = pytest.StashKey[Pair]()
STREAMS: pytest.StashKey[Streams] = pytest.StashKey()
#: Of the session: the pair that no test may write to.
SHARED = pytest.StashKey[SharedPair]()
#: Whether the test's namespace is to stay up.
KEEP = pytest.StashKey[bool]()


def explain(exc: BaseException) -> None:
    """Let an error of ours that a test did not catch show its hint too."""
    if isinstance(exc, HarnessError) and not getattr(exc, "__notes__", ()):
        exc.add_note(f"hint: {exc.hint}")


def refuse_unheard_wish(item: pytest.Item, report: pytest.TestReport) -> None:
    """Fail a test whose marker asks for another seed, and which has none but the shared pair, that can't have it."""
    names: list[str] = getattr(item, "fixturenames", [])
    if report.when != "setup" or not report.passed or "harness_shared" not in names or "harness_namespace" in names:
        return
    if item.get_closest_marker("harness") or item.get_closest_marker("harness_empty"):
        report.outcome = "failed"
        report.longrepr = (
            "harness_shared is one pair for all tests, and no test's marker changes what it holds\n"
            "hint: take harness_namespace, or set the ini keys harness_seed, harness_users, …"
        )


def refuse_shared_writes(item: pytest.Item, report: pytest.TestReport) -> None:
    """Fail a test that passed although it wrote to the shared pair."""
    shared = item.config.stash.get(SHARED, None)
    refused = None if shared is None else shared.take_refused()
    if refused is not None and report.passed:
        report.outcome = "failed"
        report.longrepr = refused


def describe(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what happened in a failed test's namespace, while it is still there; keep it, if that is asked for."""
    pair = item.stash.get(PAIR, None)
    if pair is None or not report.failed:
        return
    report.sections += sections(pair, item.stash.get(STREAMS, None))
    if item.config.getoption("harness_keep"):
        item.stash[KEEP] = True
        report.sections.append((f"harness: kept {pair.name}", how_to_connect(pair)))
