"""Random slips in projects of random layouts, others in each run: at least 95 % are found by the right name.

MUTATIONS=200 makes more of them, MUTATIONS_SEED=… makes those of an earlier run again.
"""

from __future__ import annotations

import os
import secrets
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.gallery.mutations import judged, summary

if TYPE_CHECKING:
    from tests.gallery.mutations import Verdict

pytestmark = pytest.mark.embedded
ENOUGH = 0.95
#: A few dozen are a small sample: where it falls short, up to four times as many decide.
LONGER = (1, 2, 4)


def test_slips_are_found_by_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    count = int(os.environ.get("MUTATIONS", "40"))
    seed = int(os.environ.get("MUTATIONS_SEED") or secrets.randbelow(10**6))
    verdicts: list[Verdict] = []
    for begin, end in pairwise((0, *(times * count for times in LONGER))):
        verdicts += judged(seed, end, begin=begin)
        missed = [verdict for verdict in verdicts if not verdict.right]
        with capsys.disabled():
            print(f"\n{summary(verdicts, seed)}", *missed, sep="\n")
        if len(missed) <= len(verdicts) * (1 - ENOUGH):
            return
    pytest.fail("\n\n".join(str(verdict) for verdict in verdicts if not verdict.right))
