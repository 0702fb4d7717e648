"""All checks on one set of facts: causes before what follows from them."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.diagnosis.check import Check
    from harness.diagnosis.facts import Facts
    from harness.diagnosis.finding import Problem

_ORDER = {"error": 0, "warning": 1, "note": 2}


def diagnose(facts: Facts, checks: Mapping[str, Check]) -> tuple[Finding, ...]:
    """Return every finding, errors first. A check is silent where one that it requires has found something."""
    found: dict[str, tuple[Finding, ...]] = {}
    silent: set[str] = set()
    graph = {code: each.requires & checks.keys() for code, each in checks.items()}
    for code in TopologicalSorter(graph).static_order():
        each = checks[code]
        if any(found[other] or other in silent for other in graph[code]):
            silent.add(code)
            found[code] = ()
            continue
        found[code] = tuple(_finding(each, problem) for problem in each.look(facts))
    return tuple(sorted((finding for some in found.values() for finding in some), key=_rank))


def chosen(checks: Iterable[Check], select: Iterable[str], ignore: Iterable[str]) -> frozenset[str]:
    """Return the codes to be shown: those that begin with a selected prefix, or all, less the ignored ones."""
    wanted, unwanted = tuple(select), tuple(ignore)
    codes = (each.code for each in checks)
    return frozenset(
        code
        for code in codes
        if (not wanted or code.startswith(wanted)) and not (unwanted and code.startswith(unwanted))
    )


def _finding(each: Check, problem: Problem) -> Finding:
    return Finding(
        code=each.code,
        severity=each.severity,
        title=each.title,
        cause=problem.cause,
        evidence=problem.evidence,
        place=problem.place,
        advice=problem.advice or each.advice,
        edits=problem.edits,
    )


def _rank(finding: Finding) -> tuple[int, str, str]:
    return _ORDER[finding.severity], finding.code, str(finding.place or "")
