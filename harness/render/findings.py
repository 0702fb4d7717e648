"""Diagnosis → text for a terminal."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from harness.render import words
from harness.render.colour import paint
from harness.render.text import words_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.diagnosis import Diagnosis
    from harness.diagnosis.finding import Evidence, Finding

_COLOURS = {"error": "red", "warning": "bold", "note": "dim"}
_WIDTH = 110
#: More of one finding's evidence is in --json.
_MOST_EVIDENCE = 4


def render_findings(diagnosis: Diagnosis, *, colour: bool = False) -> str:
    """Return the whole diagnosis, ending in a newline."""
    lines: list[str] = []
    for finding in diagnosis.findings:
        lines += [*_finding(finding, colour), ""]
    for each in diagnosis.not_done:
        lines += [paint(f"not looked at: {each.what}: {each.why}", "dim", on=colour)]
    lines.append(paint(summary(diagnosis), "green" if diagnosis.healthy else "red", on=colour))
    return words_only("\n".join(lines)) + "\n"


def summary(diagnosis: Diagnosis) -> str:
    """Return the last line: what it came to."""
    counted = ", ".join(
        words.counted(number, noun) for noun in ("error", "warning", "note") if (number := diagnosis.count(noun))
    )
    fixable = sum(finding.fixable for finding in diagnosis.findings)
    mendable = f" (--fix mends {fixable})" if fixable else ""
    return f"{counted or 'nothing is wrong'}{mendable} in {diagnosis.subject}, {diagnosis.seconds:.1f} s"


def _finding(finding: Finding, colour: bool) -> Iterator[str]:  # noqa: FBT001
    severity = paint(f"{finding.severity:<7}", _COLOURS[finding.severity], on=colour)
    where = f"   {finding.place}" if finding.place else ""
    yield f"{paint(f'{finding.code:<8}', 'bold', on=colour)}{severity} {finding.title}{where}"
    yield from _labelled("because", finding.cause)
    for seen in finding.evidence[:_MOST_EVIDENCE]:
        yield from _seen(seen, finding)
    if (more := len(finding.evidence) - _MOST_EVIDENCE) > 0:
        yield from _labelled("", f"… and {more} more, in --json")
    yield from _labelled("mend", finding.advice + ("   [--fix does it]" if finding.fixable else ""))


def _seen(seen: Evidence, finding: Finding) -> Iterator[str]:
    where = f"{seen.place}  " if seen.place and seen.place != finding.place else ""
    first, *rest = seen.text.rstrip().splitlines() or [""]
    yield f"        {'seen':<8}  {where}{first}"
    yield from (f"{'':<18}{line}" for line in rest)


def _labelled(label: str, text: str) -> Iterator[str]:
    first = True
    for paragraph in text.splitlines():
        for line in wrap(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]:
            yield f"        {label if first else '':<8}  {line}".rstrip()
            first = False
