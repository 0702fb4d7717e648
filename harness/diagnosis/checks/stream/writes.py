"""How a stream handler writes, and where it thinks it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Problem
from harness.diagnosis.handlers import handlers, together
from harness.project.table.stream_handlers import pinned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.handlers import Handler


@check(
    "STR103",
    severity="warning",
    requires={"STR109"},
    example="""
    table.delete_item(Key={'pk': row['pk'], 'sk': row['sk']})
    table.put_item(Item={…})      # never comes, where the function stops in between
    """,
)
def row_moves_in_one_transaction(facts: Facts) -> Iterator[Problem]:
    """A row is deleted and written again in one transaction.

    Use `transact_write_items` with a Delete and a Put. Where the function stops between two calls the row is lost, and the
    index that it would be found by is empty then.
    """
    found = []
    for handler in handlers(facts):
        deletes, puts = handler.lines_of("delete_item"), handler.lines_of("put_item")
        seen = _seen(handler)
        if seen if seen is not None else (deletes and puts and not handler.lines_of("transact_write_items")):
            place = handler.at((deletes or puts or [0])[0])
            cause = f"{place} deletes a row and puts it back by another call: stopped in between, the group is lost for good"
            evidence = tuple(handler.line(n) for n in (*deletes[:1], *puts[:1]))
            found.append((handler, Problem(cause=cause, place=place, evidence=evidence)))
    yield from together(found)


@check(
    "STR106",
    severity="warning",
    example="""boto3.resource('dynamodb', region_name='ca-central-1', endpoint_url='http://dynamodb.ca-central-1.amazonaws.com')""",
)
def handler_runs_anywhere(facts: Facts) -> Iterator[Problem]:
    """A handler names no region and no endpoint.

    Write `boto3.resource('dynamodb')`: Lambda sets the region, and AWS_ENDPOINT_URL_DYNAMODB leads elsewhere where it must. An
    http address sends the data unencrypted.
    """
    found = []
    for handler in handlers(facts):
        values = pinned(handler.source)
        if values:
            told = " and ".join(f"the {each.what} {each.value}" for each in values)
            place = values[0].place
            lines = dict.fromkeys(each.place.line for each in values)
            evidence = tuple(handler.line(line) for line in lines)
            problem = Problem(cause=f"{place} names {told}", place=place, evidence=evidence)
            found.append((handler, problem))
    yield from together(found)


def _seen(handler: Handler) -> bool | None:
    """Tell whether a trial deleted and put by two calls; None where no trial wrote."""
    trial = handler.trials.get("insert")
    operations = [call.operation for call in trial.calls if call.error is None] if trial else []
    if not {"DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem", "BatchWriteItem"} & set(operations):
        return None
    return "DeleteItem" in operations and "PutItem" in operations
