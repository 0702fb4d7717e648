"""Random slips in projects of random layouts, others in each run: at least 95 % are found by the right name.

MUTATIONS=200 makes more of them, MUTATIONS_SEED=… makes those of an earlier run again.
"""

from __future__ import annotations

import os
import secrets

import pytest

from tests.gallery.mutations import judged, summary

pytestmark = pytest.mark.embedded
ENOUGH = 0.95


def test_slips_are_found_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("MUTATIONS", "40"))
    seed = int(os.environ.get("MUTATIONS_SEED") or secrets.randbelow(10**6))
    verdicts = [*judged(seed, count)]
    with capsys.disabled():
        print(f"\n{summary(verdicts, seed)}")
    missed = [verdict for verdict in verdicts if not verdict.right]
    assert len(missed) <= count * (1 - ENOUGH), "\n\n".join(map(str, missed))
