"""Figures and requests in words, the same in every renderer."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.capacity.account import Priced, Units
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


def units(priced: Priced) -> str:
    """`1.50 read, 10.00 write units`."""
    return f"{priced.read:,.2f} read, {priced.write:,.2f} write units"


def prices(report: Report) -> list[tuple[str, str, str, str]]:
    """Return scenario, call, units and dollars for each call that a scenario has priced."""
    return [
        (result.pattern, each.what, units(each), f"${report.a_million(result)[each.what]:,.2f}")
        for result in report.scenarios
        for each in (result.units.priced if result.units else ())
    ]


def prices_title(report: Report) -> str:
    """Say which prices they are."""
    table = report.prices
    return f"a million of each on demand ({table.region} since {table.as_of}, {table.source})"


def counted_units(units: Units | None) -> list[str]:
    """Say what a scenario's requests cost by AWS's rules, and which of them could not be counted."""
    if units is None:
        return []
    counted = f"{units.read:,.1f} read, {units.write:,.1f} write units; the engine reported {units.reported:,.1f}"
    return [counted, *(f"not counted: {reason} (x {times:,})" for reason, times in units.unknown)]


def differences(units: Units | None, *, explained: bool) -> list[str]:
    """Say where the engine reported other units than AWS's rules give; `explained`: also where that is known."""
    found = () if units is None else units.differences if explained else units.unexplained
    return [
        f"{each.operation} x {each.times:,}: AWS's rules give {each.computed:,.1f} units, the engine reported {each.reported:,.1f}"
        + (f" ({each.explanation})" if each.explanation else "")
        for each in found
    ]


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
