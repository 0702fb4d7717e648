"""Queries for one kind of item whose answers are read as the other kind."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.diagnosis.stored_items import GROUP, MESSAGE, items_of
from harness.project.table.functions import table_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.table.functions import TableFunction

#: What only the one kind of item has.
_OWN = {MESSAGE: "message_uuid", GROUP: "message_group_uuid"}
_NAMES = {MESSAGE: "messages", GROUP: "group rows"}


@check(
    "ACC122",
    example="""
    ':pk': {'S': f"MSG#{my_user_uuid}"}
    …
    results.append({'uuid': item['message_group_uuid']['S'], …})      # which only group rows have: GRP#
    """,
)
def query_asks_for_what_is_read(facts: Facts) -> Iterator[Problem]:
    """A query asks for the kind of items that its answer is read as.

    Messages are under MSG#<message group>, group rows under GRP#<user>.
    """
    sources = facts.project.with_role("table-library", "application") if facts.project is not None else ()
    for function in (function for source in sources for function in table_functions(source)):
        asked = function.reads
        kind = next(iter(asked)) if len(asked) == 1 else ""
        other = GROUP if kind == MESSAGE else MESSAGE
        if (
            kind
            and _reads(function, _OWN[other])
            and not _reads(function, _OWN[kind])
            and not _have(facts, kind, other)
        ):
            request = next(each for each in function.requests if each.operation == "Query")
            yield Problem(
                cause=f"{function.name} asks for {kind} in {request.place}, which is for {_NAMES[kind]}, and reads "
                f"{_OWN[other]} of what comes, which only {_NAMES[other]} have: nothing is found",
                place=request.place,
                evidence=(Evidence(text=code_line(function.source, request.place.line), place=request.place),),
                advice=f"Write {other} in place of {kind} in the key that {function.name} asks for.",
            )


def _reads(function: TableFunction, attribute: str) -> bool:
    """Tell whether an attribute of an item is read: `item["message_uuid"]`."""
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value == attribute
        for node in ast.walk(function.node)
    )


def _have(facts: Facts, kind: str, other: str) -> bool:
    """Tell whether the items that are stored do have the attribute."""
    return any(_OWN[other] in item for item in items_of(facts.held, kind))
