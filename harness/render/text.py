"""Report → text for a terminal."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from harness.render import words
from harness.render.colour import COLOUR, paint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.report import Report
    from harness.scenario import ScenarioResult, Step

#: More requests of one step are in the JSON and HTML reports.
_MOST_CALLS = 5


def render_text(report: Report, *, colour: bool = False) -> str:
    """Return the whole report, ending in a newline."""
    lines = [*_head(report, colour), ""]
    widths = tuple(
        max((len(getattr(result, name)) for result in report.scenarios), default=0) for name in ("pattern", "title")
    )
    for result in report.scenarios:
        lines.append(_line(result, widths, colour))
        lines += _why(result, colour)
        lines += [f"     {note}" for note in (*result.notes, *words.differences(result.units, explained=False))]
    lines += _prices(report)
    lines += ["", paint(words.summary(report), "green" if report.passed else "red", on=colour)]
    return words_only("\n".join(lines)) + "\n"


def words_only(text: str) -> str:
    """Keep control characters of the data away from the terminal; colours may pass."""
    return "".join(part if COLOUR.fullmatch(part) else words.printable(part) for part in COLOUR.split(text))


def _head(report: Report, colour: bool) -> Iterator[str]:  # noqa: FBT001
    for name, value in words.stack_rows(report.engine, report.passed_over, report.endpoints):
        line = words.row(name, value)
        yield paint(line, "dim", on=colour) if name.startswith("not ") else line
    yield from (words.row(name, value) for name, value in words.seed_rows(report.loaded))


def _prices(report: Report) -> Iterator[str]:
    rows = words.prices(report)
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    if rows:
        yield from ("", words.prices_title(report))
    for pattern, what, units, dollars in rows:
        yield f"  {pattern:<{widths[0]}}  {what:<{widths[1]}}  {units:>{widths[2]}}  {dollars:>{widths[3]}}"


def _line(result: ScenarioResult, widths: tuple[int, ...], colour: bool) -> str:  # noqa: FBT001
    verdict = paint(words.verdict(result), "green" if result.passed else "red", on=colour)
    figures = f"{words.steps(result):>14}  {words.capacity(result.capacity):>11}  {result.seconds:7.2f} s"
    pattern, title = widths
    return f"  {result.pattern:<{max(2, pattern)}} {result.title:<{title}}  {figures}  {verdict}"


def _why(result: ScenarioResult, colour: bool) -> Iterator[str]:  # noqa: FBT001
    for step in result.steps:
        if not step.passed:
            yield f"     {paint('step: ' + step.name, 'red', on=colour)}"
            yield from _evidence(step, colour)
    if result.error:
        yield f"     {paint('broke off:', 'red', on=colour)}"
        yield indent(result.error.rstrip(), " " * 7)
    if not result.steps and not result.error:
        yield "     it has no step, so it proves nothing"


def _evidence(step: Step, colour: bool) -> Iterator[str]:  # noqa: FBT001
    calls = [words.request(call) for call in step.calls[:_MOST_CALLS]]
    more = len(step.calls) - len(calls)
    for name, value in (
        ("expected", step.expected),
        ("actual", step.actual),
        ("request" if len(step.calls) == 1 else "requests", "\n".join(calls) or None),
        ("", f"… and {more} more, in the reports of --json and --html FILE" if more else None),
        ("item collection", step.collection),
    ):
        if value is not None:
            yield from [f"       {paint(name, 'bold', on=colour)}"] if name else []
            yield indent(value.rstrip(), " " * 9)
