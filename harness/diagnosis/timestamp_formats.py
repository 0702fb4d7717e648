"""Formats by which pattern scripts read timestamps, against the timestamps that are stored."""

from __future__ import annotations

import ast
import re
from datetime import datetime
from typing import TYPE_CHECKING

from harness.diagnosis.finding import Edit, Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.diagnosis.line_edits import line_at, replace_line
from harness.diagnosis.stored_items import GROUP, MESSAGE, instants
from harness.project.place import Place
from harness.project.python.expressions import HOLE, evaluate
from harness.project.python.scopes import scopes_of

if TYPE_CHECKING:
    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.rehearsal.results import ScriptRun

_COMPLAINT = re.compile(
    r"time data '(?P<value>[^']*)' does not match format '(?P<format>[^']*)'|unconverted data remains"
)
_TIMESTAMPS = frozenset({"sk", "created_at", "last_message_at"})


def format_problem(source: Source, facts: Facts, run: ScriptRun | None) -> Problem | None:
    """Return what is wrong with a `strptime` of the script: by its crash, or by what is stored; None where it fits."""
    crash = run.traceback if run else None
    complaint = _COMPLAINT.search(crash.message) if crash else None
    line = crash.at.place.line if crash and complaint and crash.at and crash.at.place.path == source.path else 0
    stored = instants(facts.held, MESSAGE if "pattern-messages" in source.roles else GROUP)
    for call, pattern in _formats(source):
        unfit = [value for value in stored if not _fits(value, pattern)]
        if line and not call.lineno <= line <= (call.end_lineno or line):
            continue
        if not line and (not unfit or not _reads_a_timestamp(call)):
            continue
        if complaint and complaint["value"]:
            unfit = [complaint["value"]]
        return _problem(source, call, pattern, unfit, run if line else None)
    return None


def _formats(source: Source) -> list[tuple[ast.Call, str]]:
    """Return each `strptime(text, format)` whose format can be told."""
    scopes = scopes_of(source)
    found = []
    for node in ast.walk(scopes.tree) if scopes else ():
        match node:
            case ast.Call(func=ast.Attribute(attr="strptime"), args=[_, pattern]):
                known = evaluate(pattern, scopes) if scopes else None
                found += [(node, known)] if isinstance(known, str) and HOLE not in known else []
    return sorted(found, key=lambda each: each[0].lineno)


def _fits(value: str, pattern: str) -> bool:
    try:
        datetime.strptime(value, pattern)  # noqa: DTZ007 - only whether it can be read
    except (ValueError, re.error):
        return False
    return True


def _reads_a_timestamp(call: ast.Call) -> bool:
    return any(isinstance(node, ast.Constant) and node.value in _TIMESTAMPS for node in ast.walk(call.args[0]))


def _problem(source: Source, call: ast.Call, pattern: str, unfit: list[str], run: ScriptRun | None) -> Problem:
    place = Place(path=source.path, line=call.lineno)
    example = unfit[0] if unfit else ""
    many = f" (and {len(unfit) - 1} more like it)" if len(unfit) > 1 else ""
    evidence = [Evidence(text=code_line(source, call.lineno), place=place)]
    if run is not None and run.traceback is not None:
        evidence.append(Evidence(text=f"$ {run.command}\n{run.traceback.kind}: {run.traceback.message}"))
    elif example:
        evidence.append(Evidence(text=f"stored: {example}"))
    return Problem(
        cause=f"{place} reads timestamps as {pattern}, and {f'{example} is stored' if example else 'others are stored'}"
        f"{many}{_difference(example, pattern)}",
        place=place,
        evidence=tuple(evidence),
        advice=f"write `datetime.fromisoformat({ast.unparse(call.args[0])})` in place of strptime",
        edits=_edit(source, call),
    )


def _difference(value: str, pattern: str) -> str:
    offset = re.search(r"([+-]\d\d:?\d\d|Z)$", value)
    if "%z" in pattern and value and not offset:
        return ": it has no offset, which %z wants"
    if offset and "%z" not in pattern and not pattern.endswith("Z"):
        return f": its offset {offset[1]} has no part in the format"
    if "%f" in pattern and value and "." not in value:
        return ": it has no fraction, which %f wants"
    return ""


def _edit(source: Source, call: ast.Call) -> tuple[Edit, ...]:
    """Replace the call where it stands on one line as `datetime.strptime` or `datetime.datetime.strptime`."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if owner is None or call.lineno != call.end_lineno or "datetime" not in ast.unparse(owner):
        return ()
    old = line_at(source, call.lineno).encode()
    new = f"{ast.unparse(owner)}.fromisoformat({ast.unparse(call.args[0])})"
    text = old[: call.col_offset] + new.encode() + old[call.end_col_offset :]
    return (replace_line(source, call.lineno, text.decode()),)
