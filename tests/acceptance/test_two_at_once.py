"""Two commands on one project: they take turns, and both get what they asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.acceptance.conftest import Project


def test_two_ups_load_one_stack(project: Project) -> None:
    both = [project.start("up", "--json", "--messages", "5000") for _ in range(2)]
    outputs = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    first, second = (json.loads(out) for out, _ in outputs)
    assert first["endpoints"] == second["endpoints"]
    changed = [found["loaded"]["changed"] for found in (first, second) if found["loaded"]]
    assert changed.count(True) == 1
    assert not project.ok("seed", "--messages", "5000", "--json").json["changed"]


def test_two_seeds_leave_one_of_both(project: Project) -> None:
    project.ok("up")
    both = {seed: project.start("seed", "--json", "--seed", seed) for seed in ("1", "2")}
    digests = {seed: json.loads(process.communicate()[0])["digest"] for seed, process in both.items()}
    held = project.ok("reset", "--json").json["digest"]
    assert held in digests.values()
    assert digests["1"] != digests["2"]
