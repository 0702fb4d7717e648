"""Figures and requests in words, the same in every renderer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.report import Loaded, Report
    from harness.scenario import Call, ScenarioResult


def counts(loaded: Mapping[str, int]) -> str:
    """`14 users, 40 message groups, …`."""
    return ", ".join(f"{number:,} {kind.replace('_', ' ')}" for kind, number in loaded.items())


def counted(number: int, noun: str) -> str:
    """`1 step`, `2 steps`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def loading(loaded: Loaded) -> str:
    """Whether the databases had to be written."""
    return f"loaded in {loaded.seconds:.1f} s" if loaded.changed else "already there, nothing written"


def stack_rows(
    engine: str, passed_over: Iterable[tuple[str, str]], endpoints: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Return what runs, and why not otherwise, as names and values."""
    return [("engine", engine), *((f"not {name}", reason) for name, reason in passed_over), *endpoints.items()]


def seed_rows(loaded: Loaded) -> list[tuple[str, str]]:
    """Return what the databases hold, as names and values."""
    return [
        ("seed", f"{loaded.seed} as of {loaded.as_of}"),
        ("holds", f"{counts(loaded.counts)} ({loading(loaded)})"),
        ("digest", loaded.digest),
    ]


def row(name: str, value: str) -> str:
    """Return a line for the eye: names in one column, values in the next."""
    return f"{name:<12}  {value}"


def capacity(units: float) -> str:
    """`14.5 CU`: capacity units come in halves."""
    return f"{units:,.1f} CU"


def verdict(result: ScenarioResult) -> str:
    """One word."""
    return "passed" if result.passed else "FAILED"


def steps(result: ScenarioResult) -> str:
    """`12 steps`, or how many of them held."""
    held = sum(step.passed for step in result.steps)
    everything = len(result.steps)
    return counted(everything, "step") if held == everything else f"{held} of {counted(everything, 'step')}"


def summary(report: Report) -> str:
    """Return the last line: what the run came to."""
    total = len(report.scenarios)
    failed = [result.pattern for result in report.scenarios if not result.passed]
    used = capacity(sum(result.capacity for result in report.scenarios))
    if not total:
        return "FAILED: no scenario ran"
    if failed:
        return f"FAILED: {', '.join(failed)} ({len(failed)} of {counted(total, 'scenario')}), {used}, {report.seconds:.1f} s"
    names = " ".join(result.pattern for result in report.scenarios)
    return f"{names} passed: {counted(total, 'scenario')}, {used}, {report.seconds:.1f} s"


def request(call: Call) -> str:
    """Return the request as AWS names it, with its parameters and what it consumed."""
    parameters = json.dumps(call.request, indent=2, ensure_ascii=False, default=str)
    used = "" if call.capacity is None else f"  # {capacity(call.capacity)}"
    return f"{call.operation} {parameters}{used}"


def printable(text: str) -> str:
    """Replace control characters that neither terminal nor XML reader should be handed."""
    return re.sub(
        r"[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\N{REPLACEMENT CHARACTER}", text
    )
