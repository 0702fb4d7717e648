"""Queries by the beginning of the sort key, which is the year."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import uses
from harness.diagnosis.stored_items import GROUP, MESSAGE, instants
from harness.diagnosis.wording import that_do
from harness.project.python.expressions import HOLE, YEAR, CurrentYear

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.known_tables import Use
    from harness.project.roles import Role

_READERS: tuple[Role, ...] = ("table-library", "application", "stream-handler", "pattern-messages", "pattern-groups")
_YEAR = re.compile(r"(19|20)\d\d(?!\d)")


@check(
    "ACC105",
    requires={"ACC106"},
    example="""
    year = '2023'
    stored:  2026-10-03T12:00:00.000000+00:00
    """,
)
def year_does_not_hide_the_data(facts: Facts) -> Iterator[Problem]:
    """What is stored lies in the year that queries ask for.

    Take `begins_with(sk, :year)` out of the key condition: the partition key alone finds everything, newest first with
    ScanIndexForward False.
    """
    hiding = [(use, year) for use, year in _by_year(facts) if _hides(use, _number(year, facts), facts)]
    for hard_coded in (True, False):
        found = [(use, year) for use, year in hiding if (year != YEAR) is hard_coded]
        if found:
            use, year = found[0]
            stored = instants(facts.held, _prefix(use))
            asked = f"the year {year}" if hard_coded else f"the current year, {facts.now.year}"
            yield Problem(
                cause=f"{_who(found, 'asks')} for {asked}, and all that is stored is from "
                f"{' and '.join(sorted({sk[:4] for sk in stored}))}: nothing is found",
                place=use.request.place,
                evidence=(*_lines(found), Evidence(text=f"stored: {stored[0]} to {stored[-1]}")),
            )


@check(
    "ACC106",
    example="""':year': {'S': datetime.now().year}      # a number where S wants a text""",
)
def year_is_a_text(facts: Facts) -> Iterator[Problem]:
    """A value of type S is a text.

    Write `str(datetime.now().year)`; better, ask without the year.
    """
    found = [(use, shown) for use in uses(facts, *_READERS) for shown in _numbers(use)]
    for use, shown in found[:1]:
        yield Problem(
            cause=f"{_who(found, 'hands')} {shown} as a text: boto3 refuses a number there",
            place=use.request.place,
            evidence=_lines(found),
        )


@check(
    "ACC110",
    severity="warning",
    example="""KeyConditionExpression='pk = :pk AND begins_with(sk, :year)' with str(datetime.now().year)""",
)
def no_query_by_year(facts: Facts) -> Iterator[Problem]:
    """No query asks by the year.

    Take `begins_with(sk, :year)` out of the key condition: the partition key alone finds everything, newest first with
    ScanIndexForward False.
    """
    every = [(use, year) for use, year in _by_year(facts) if not _hides(use, _number(year, facts), facts)]
    fixed = [(use, year) for use, year in every if year != YEAR]
    current = [(use, year) for use, year in every if year == YEAR]
    if fixed:
        yield Problem(
            cause=f"{_who(fixed, 'asks')} for the year {fixed[0][1]} only, whatever year it is",
            place=fixed[0][0].request.place,
            evidence=_lines(fixed),
        )
    if current:
        yield Problem(
            cause=f"{_who(current, 'asks')} for the current year only: on 1 January every older message and group is gone",
            place=current[0][0].request.place,
            evidence=_lines(current),
        )


def _by_year(facts: Facts) -> Iterator[tuple[Use, str]]:
    """Yield the queries by a year: the four digits, or `YEAR` for the current one."""
    for use in uses(facts, *_READERS):
        for condition in use.request.conditions if use.request.operation == "Query" else ():
            value = condition.value
            if condition.operator != "begins_with" or not isinstance(value, str | CurrentYear):
                continue
            if isinstance(value, CurrentYear) or value.startswith(YEAR):
                yield use, YEAR
            elif _YEAR.match(value) and HOLE not in value:
                yield use, value[:4]


def _number(year: str, facts: Facts) -> str:
    return str(facts.now.year) if year == YEAR else year


def _hides(use: Use, year: str, facts: Facts) -> bool:
    """Tell whether there are such items, and none of that year."""
    stored = instants(facts.held, _prefix(use))
    return bool(stored) and not any(sk.startswith(year) for sk in stored)


def _prefix(use: Use) -> str:
    """Return which kind of items the query is about; "" where that isn't told."""
    values = [c.value for c in use.request.conditions if c.operator == "=" and isinstance(c.value, str)]
    found = [prefix for prefix in (MESSAGE, GROUP) for value in values if value.startswith(prefix)]
    return found[0] if len(found) == 1 else ""


def _numbers(use: Use) -> Iterator[str]:
    """Yield the values that are numbers where a text must be, as they would be written."""
    values = use.request.parameters.get("ExpressionAttributeValues")
    for name, value in values.items() if isinstance(values, dict) else ():
        inner = value.get("S") if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(inner, CurrentYear):
            yield f"the number datetime.now().year for {name}"
        elif isinstance(inner, int | float):
            yield f"the number {inner} for {name}"
    for condition in use.request.conditions if not isinstance(values, dict) else ():
        if condition.operator == "begins_with" and isinstance(condition.value, CurrentYear):
            yield f"the number datetime.now().year for {condition.attribute}"


def _who(found: list[tuple[Use, str]], does: str) -> str:
    return that_do((use.request.place for use, _ in found), does)


def _lines(found: list[tuple[Use, str]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(text=use.line, place=use.request.place) for use, _ in found[:6])
