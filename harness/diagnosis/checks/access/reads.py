"""How the application reads the table: pages, scans, order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import uses
from harness.diagnosis.wording import that_do

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.known_tables import Use

#: A script that turns its answer round means the newest ones; another may want to show the first ones.
_TURNS = re.compile(r"\.reverse\(\)|\breversed\(|\[::-1\]")


@check(
    "ACC111",
    severity="note",
    example="""'Limit': 20, and no ExclusiveStartKey anywhere""",
)
def what_is_beyond_the_limit_can_be_read(facts: Facts) -> Iterator[Problem]:
    """What lies beyond a query's Limit can be read, too.

    Hand `LastEvaluatedKey` of the answer out, and take it back as `ExclusiveStartKey` for the next page.
    """
    found = [
        use
        for use in uses(facts, "table-library", "application")
        if use.request.operation in {"Query", "Scan"} and _limit(use) > 1 and not use.request.paged
    ]
    if found:
        limits = sorted({_limit(use) for use in found})
        yield Problem(
            cause=f"{_who(found, 'reads')} {' or '.join(map(str, limits))} items without ever asking for the next page: "
            "older ones can't be reached",
            place=found[0].request.place,
            evidence=_lines(found),
        )


@check(
    "ACC112",
    severity="warning",
    example="""response = table.scan(FilterExpression=Attr('message_group_uuid').eq(group))""",
)
def application_does_not_scan(facts: Facts) -> Iterator[Problem]:
    """The application reads by Query, never by Scan.

    A Scan reads, and is billed for, the whole table. Query by pk, or by the index message-group-sk-index.
    """
    found = [
        use for use in uses(facts, "table-library", "application", "stream-handler") if use.request.operation == "Scan"
    ]
    if found:
        yield Problem(
            cause=f"{_who(found, 'scans')} the whole table",
            place=found[0].request.place,
            evidence=_lines(found),
        )


@check(
    "ACC117",
    severity="note",
    example="""for item in table.scan()['Items']: print(item)""",
)
def scan_shows_everything(facts: Facts) -> Iterator[Problem]:
    """A script that prints the table prints all of it.

    One answer of Scan ends at 1 MB. Go on with `ExclusiveStartKey=response['LastEvaluatedKey']` while the answer has one.
    """
    every = uses(facts, "table-tool", "pattern-messages", "pattern-groups")
    found = [use for use in every if use.request.operation == "Scan" and not use.request.paged]
    if found:
        yield Problem(
            cause=f"{_who(found, 'reads')} one page of at most 1 MB and ends there",
            place=found[0].request.place,
            evidence=_lines(found),
        )


@check(
    "ACC118",
    severity="warning",
    example="""client.query(KeyConditionExpression='pk = :pk', Limit=20, …)      # ScanIndexForward is True""",
)
def limit_takes_the_newest(facts: Facts) -> Iterator[Problem]:
    """A Limit on messages or groups takes the newest ones.

    Write `'ScanIndexForward': False`; without it the sort key ascends, and the Limit cuts off what is new.
    """
    scripts = (use for use in uses(facts, "pattern-messages", "pattern-groups") if _TURNS.search(use.source.text))
    found = [use for use in (*uses(facts, "table-library", "application"), *scripts) if _takes_the_oldest(use)]
    if found:
        yield Problem(
            cause=f"{_who(found, 'reads')} the {_limit(found[0])} oldest items: its sort key ascends, so what is written "
            "later never shows",
            place=found[0].request.place,
            evidence=_lines(found),
        )


def _takes_the_oldest(use: Use) -> bool:
    request = use.request
    if request.operation != "Query" or not request.complete or request.paged or _limit(use) < 1 or request.index:
        return False
    about = any(
        c.operator == "=" and isinstance(c.value, str) and c.value.startswith(("MSG#", "GRP#"))
        for c in request.conditions
    )
    single = any(c.operator == "=" and c.attribute == "sk" for c in request.conditions)
    return about and not single and request.parameters.get("ScanIndexForward", True) is True


def _limit(use: Use) -> int:
    limit = use.request.parameters.get("Limit")
    return limit if isinstance(limit, int) else 0


def _who(found: Sequence[Use], does: str) -> str:
    return that_do((use.request.place for use in found), does)


def _lines(found: Sequence[Use]) -> tuple[Evidence, ...]:
    return tuple(Evidence(text=use.line, place=use.request.place) for use in found[:6])
