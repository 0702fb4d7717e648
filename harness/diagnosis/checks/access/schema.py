"""Keys of the table, and what the schema leaves to be done by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import tables_deployed, tables_here, uses
from harness.project.python.expressions import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.table.declarations import TableShape

_KEYS = ("pk", "sk")


@check(
    "ACC205",
    requires={"ACC204"},
    example="""
    schema-load:  'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]
    seed:         every message of a group is written to the one key MSG#<group>
    """,
)
def table_has_the_items_keys(facts: Facts) -> Iterator[Problem]:
    """The table's keys are those that the items are written with: pk and sk, both texts.

    Give the table the HASH key pk and the RANGE key sk, both of type S. Keys can't be changed: drop the table and load it
    anew.
    """
    written = _written_items(facts)
    for shape in tables_here(facts).values():
        items = [item for table, item in written if table in (None, shape.name)]
        if not items or not all(all(key in item for key in _KEYS) for item in items):
            continue
        wrong = _wrong_keys(shape, items[0])
        if wrong:
            yield Problem(
                cause=f"the items are written with pk and sk, and {wrong}",
                place=shape.place,
                evidence=(Evidence(text=f"KeySchema of {shape.name}: {' and '.join(shape.keys)}", place=shape.place),),
            )


def _wrong_keys(shape: TableShape, item: dict[Any, Any]) -> str:
    strange = [key for key in shape.keys if key not in item]
    if strange:
        return f"the table {shape.name} wants the key {' and '.join(strange)}"
    if shape.keys == ("pk",):
        return f"the table {shape.name} has only the key pk: each message of a group replaces the one before"
    if shape.keys == ("sk", "pk"):
        return f"the table {shape.name} has sk as its HASH key: a Query by pk can't be answered"
    for key in shape.keys:
        kind = next(iter(item[key]), None) if isinstance(item[key], dict) and len(item[key]) == 1 else None
        if kind in {"S", "N", "B"} and shape.types.get(key) in {"S", "N", "B"} and shape.types[key] != kind:
            return f"the table {shape.name} defines {key} as {shape.types[key]} where the items hold {kind}"
    return ""


def _written_items(facts: Facts) -> list[tuple[str | None, dict[Any, Any]]]:
    """Return what PutItem calls of the code write, where all attribute names can be told."""
    return [
        (use.request.table, item)
        for use in uses(facts, "table-seed", "table-library", "application")
        if use.request.operation == "PutItem"
        and isinstance(item := use.request.parameters.get("Item"), dict)
        and not any(isinstance(name, Unknown) for name in item)
    ]


@check(
    "ACC206",
    example="""client.update_table(TableName='cruddur-messages', LocalSecondaryIndexes=[…])""",
)
def local_index_is_made_with_the_table(facts: Facts) -> Iterator[Problem]:
    """A local secondary index is made together with its table.

    It can't be added later. Put it into create_table and load the table anew, or make it a global index.
    """
    for use in uses(facts, "table-schema", "table-tool", "setup"):
        names = [str(name) for name in use.request.parameters if str(name).startswith("LocalSecondaryIndex")]
        if use.request.operation == "UpdateTable" and names:
            yield Problem(
                cause=f"{use.request.place} hands {names[0]} to update_table, which has no such parameter",
                place=use.request.place,
                evidence=(Evidence(text=use.line, place=use.request.place),),
            )


@check(
    "ACC207",
    severity="note",
    requires={"ACC204"},
    example="""a stream handler in aws/lambdas, and no StreamSpecification anywhere""",
)
def stream_is_declared(facts: Facts) -> Iterator[Problem]:
    """The table's stream is part of the schema where a stream handler waits for it.

    Add `StreamSpecification={'StreamEnabled': True, 'StreamViewType': 'NEW_IMAGE'}` to create_table. Until then it must be
    turned on by hand after each load, and a table that is made anew has none.
    """
    project = facts.project
    handlers = project.with_role("stream-handler") if project else ()
    if project is None or not handlers:
        return
    told = ("StreamSpecification", "stream-specification", "StreamEnabled")
    if any(word in source.text for source in project.sources.values() for word in told):
        return
    shapes = [shape for shape in tables_here(facts).values() if shape.place and not shape.stream]
    if len(shapes) == 1 and not tables_deployed(facts):
        yield Problem(
            cause=f"{handlers[0].path} handles the stream of {shapes[0].name}, and nothing in the project turns it on",
            place=shapes[0].place,
        )
