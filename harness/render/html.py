"""Report → one HTML page that needs nothing else: no script, no font, no picture, no network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from harness.render import words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.report import Report
    from harness.scenario import ScenarioResult, Step

_STYLE = Path(__file__).with_name("report.css")
# The page shows data of others: even an escaping mistake must not run or fetch anything.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render_html(report: Report) -> str:
    """Return the page; scenarios and steps that failed are open."""
    title = _text(words.summary(report))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>harness: {title}</title>
<style>
{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
<h1 class="{_class(passed=report.passed)}">{title}</h1>
<dl>
{_head(report)}
</dl>
{"".join(_scenario(result) for result in report.scenarios)}{_prices(report)}</body>
</html>
"""


def _prices(report: Report) -> str:
    rows = words.prices(report)
    if not rows:
        return ""
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<h2>{_text(words.prices_title(report))}</h2>\n<table>\n{body}</table>\n"


def _figures(result: ScenarioResult) -> str:
    facts = "".join(
        _fact(name, "\n".join(lines))
        for name, lines in (
            ("measured", result.notes),
            ("capacity by AWS's rules", words.counted_units(result.units)),
            ("where the engine counts otherwise", words.differences(result.units, explained=True)),
        )
        if lines
    )
    return f'<div class="facts">{facts}</div>' if facts else ""


def _head(report: Report) -> str:
    rows = [
        *words.stack_rows(report.engine, report.passed_over, report.endpoints),
        *words.seed_rows(report.loaded),
        ("started", report.started_at),
    ]
    return "\n".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in rows)


def _scenario(result: ScenarioResult) -> str:
    figures = (words.steps(result), words.capacity(result.capacity), f"{result.seconds:.2f} s")
    body = "".join(_step(step) for step in result.steps)
    if result.error:
        body += f'<div class="facts">{_fact("broke off", result.error)}</div>'
    body += _figures(result)
    if not result.steps and not result.error:
        body += '<div class="facts">It has no step, so it proves nothing.</div>'
    return _details(
        passed=result.passed,
        title=f"{result.pattern} {result.title}",
        figures=figures,
        mark=words.verdict(result),
        body=body,
    )


def _step(step: Step) -> str:
    calls = "\n".join(words.request(call) for call in step.calls)
    pair = _fact("expected", step.expected) + _fact("actual", step.actual)
    body = f'<div class="pair">{pair}</div>' if pair else ""
    body += _fact("requests", calls or None) + _fact("item collection", step.collection)
    figures = (words.counted(len(step.calls), "request"),)
    return _details(
        passed=step.passed,
        title=step.name,
        figures=figures,
        mark="held" if step.passed else "FAILED",
        body=f'<div class="facts">{body or "No request was made."}</div>',
    )


def _details(*, passed: bool, title: str, figures: Iterable[str], mark: str, body: str) -> str:
    spans = "".join(f'<span class="figure">{_text(figure)}</span>' for figure in figures)
    return (
        f'<details class="{_class(passed=passed)}"{"" if passed else " open"}>'
        f'<summary><span class="title">{_text(title)}</span>{spans}<span class="mark">{mark}</span></summary>'
        f"{body}</details>\n"
    )


def _fact(name: str, value: str | None) -> str:
    return "" if value is None else f"<div><h3>{name}</h3><pre>{_text(value)}</pre></div>"


def _class(*, passed: bool) -> str:
    return "good" if passed else "bad"


def _text(value: str) -> str:
    return escape(words.printable(value))
