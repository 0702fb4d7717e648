"""The index that the stream handler and other code query."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.checks.access.names import grouped_by_index, index_meant, table_without
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import tables_deployed, tables_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.diagnosis.known_tables import Use
    from harness.project.table.declarations import Index, TableShape

#: What group rows hold besides their text, which a handler takes from the event; only these can be missed in an index.
_ATTRIBUTES = frozenset({"message_group_uuid", "user_uuid", "user_display_name", "user_handle"})


@check(
    "ACC201",
    requires={"ACC204"},
    example="""
    aws/lambdas/stream.py:   IndexName='message-group-sk-index'
    schema-load:             no GlobalSecondaryIndexes
    """,
)
def index_is_there(facts: Facts) -> Iterator[Problem]:
    """Every index that code queries exists.

    Add it to GlobalSecondaryIndexes of the schema script. A table that is there already gets it by update_table, or is
    dropped and loaded anew.
    """
    for name, its_uses in grouped_by_index(facts).items():
        shape = table_without(name, its_uses, facts)
        if shape is None or index_meant(name, shape, its_uses) is not None:
            continue
        where = ", ".join(dict.fromkeys(str(use.request.place) for use in its_uses))
        has = f"has only {', '.join(each.name for each in shape.indexes)}" if shape.indexes else "has no index at all"
        keys = " and ".join(dict.fromkeys(c.attribute for use in its_uses for c in use.request.conditions))
        yield Problem(
            cause=f"{where} queries the index {name}, and the table {shape.name} {has}",
            place=shape.place or its_uses[0].request.place,
            evidence=_lines(its_uses),
            advice=f"add the index {name}{f' with the HASH key {keys}' if keys else ''} to GlobalSecondaryIndexes, its key to "
            "AttributeDefinitions, then drop the table and load it anew",
        )


@check(
    "ACC202",
    requires={"ACC204"},
    example="""
    index:   KeySchema user_uuid HASH
    query:   message_group_uuid = :message_group_uuid
    """,
)
def index_has_the_keys(facts: Facts) -> Iterator[Problem]:
    """An index has the keys that it is queried by.

    The attribute that a query compares by `=` is the index's HASH key. Keys can't be changed: make the index anew.
    """
    for shape, index, its_uses in _indexes(facts):
        asked = {c.attribute: c.operator for use in its_uses for c in use.request.conditions}
        equal = {attribute for attribute, operator in asked.items() if operator == "="}
        strange = [attribute for attribute in asked if attribute not in index.keys]
        if asked and (strange or index.keys[0] not in equal):
            wrong = ", ".join(strange) or " and ".join(asked)
            yield Problem(
                cause=f"the index {index.name} of {shape.name} has the key{'s' if len(index.keys) > 1 else ''} "
                f"{' and '.join(index.keys)}, and it is queried by {wrong}",
                place=shape.place or its_uses[0].request.place,
                evidence=_lines(its_uses),
                advice=f"give the index the HASH key {next(iter(equal), wrong)}, define it in AttributeDefinitions, then drop "
                "the table and load it anew",
            )


@check(
    "ACC203",
    requires={"ACC202", "ACC204"},
    example="""
    index:    'Projection': {'ProjectionType': 'KEYS_ONLY'}
    handler:  puts the index's row back, with its message_group_uuid, user_uuid, …
    """,
)
def index_carries_what_is_read(facts: Facts) -> Iterator[Problem]:
    """An index carries the attributes that are read from it.

    Set `'Projection': {'ProjectionType': 'ALL'}`. A projection can't be changed: make the index anew.
    """
    for shape, index, its_uses in _indexes(facts):
        if index.projected is None:
            continue
        read = {name for use in its_uses for name in _read_names(use)} | _lost(
            facts, {use.source.path for use in its_uses}
        )
        missing = sorted((read & _ATTRIBUTES) - index.projected - {*index.keys, *shape.keys})
        if missing:
            yield Problem(
                cause=f"the index {index.name} of {shape.name} leaves out {', '.join(missing)}, which "
                f"{', '.join(dict.fromkeys(use.source.path for use in its_uses))} reads from it",
                place=shape.place or its_uses[0].request.place,
                evidence=_lines(its_uses),
            )


def _indexes(facts: Facts) -> Iterator[tuple[TableShape, Index, tuple[Use, ...]]]:
    """Yield each index that is queried and exists, once for the local table; the deployed one where there is no other."""
    tables = tables_here(facts) or tables_deployed(facts)
    for name, its_uses in grouped_by_index(facts).items():
        for shape in tables.values():
            index = shape.index(name)
            fitting = tuple(use for use in its_uses if use.request.table in (None, shape.name))
            if index is not None and fitting:
                yield shape, index, fitting


def _read_names(use: Use) -> Iterator[str]:
    """Yield the keys by which the function that queries reads what came back."""
    for node in ast.walk(use.request.function or use.source.tree or ast.Module(body=[], type_ignores=[])):
        match node:
            case ast.Subscript(slice=ast.Constant(value=str(name)), ctx=ast.Load()):
                yield name
            case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
                yield name


def _lost(facts: Facts, paths: set[str]) -> set[str]:
    """Return the attributes that group rows no longer have after a handler moved them."""
    trials = [trial for trial in facts.rehearsal.trials if trial.path in paths] if facts.rehearsal else []
    moved = [trial for trial in trials if trial.after and trial.traceback is None and not trial.stopped]
    return {
        name
        for trial in moved
        for name in {name for row in trial.before for name in row} - {name for row in trial.after for name in row}
    }


def _lines(its_uses: tuple[Use, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence(text=use.line, place=use.request.place) for use in its_uses[:5])
