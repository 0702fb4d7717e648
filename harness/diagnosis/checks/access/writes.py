"""How the application writes messages and message groups."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.project.place import Place
from harness.project.table.functions import called_names, functions_in, table_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.source import Source
    from harness.project.table.functions import TableFunction

_BOTH = frozenset({"MSG#", "GRP#"})
_LOOK_UP = re.compile(
    r"exist|find|look_?up|between|already|get_.*(group|conversation)|list_.*(group|conversation)", re.IGNORECASE
)


@check(
    "ACC114",
    severity="warning",
    example="""client.batch_write_item(RequestItems={table: [my_group, other_group, message]})""",
)
def new_group_is_written_at_once(facts: Facts) -> Iterator[Problem]:
    """The two rows of a new message group and its first message are written as one transaction.

    Use `transact_write_items` with three Put: all are written or none. batch_write_item may leave some of them in
    UnprocessedItems without an error.
    """
    for function in _new_group_functions(facts):
        if "TransactWriteItems" in function.operations:
            continue
        request = next(r for r in function.requests if r.operation in {"BatchWriteItem", "PutItem"})
        how = "batch_write_item" if request.operation == "BatchWriteItem" else "one put_item after the other"
        yield Problem(
            cause=f"{function.name} writes two group rows and a message by {how}: a part of them can be missing afterwards",
            place=request.place,
            evidence=(Evidence(text=code_line(function.source, request.place.line), place=request.place),),
        )


@check(
    "ACC116",
    severity="note",
    example="""message_group_uuid = str(uuid.uuid4())      # for each new message to the same person""",
)
def one_group_for_two_people(facts: Facts) -> Iterator[Problem]:
    """A new message group is made only where the two people have none.

    Query the rows `GRP#<my uuid>` for one whose user_uuid is the other person, and write into that group.
    """
    for function in _new_group_functions(facts):
        around = [function.node, *_callers(facts, function.name)]
        looked = any(_LOOK_UP.search(name) for node in around for name in called_names(node)) or function.reads
        if not looked and not _has_conditions(function):
            yield Problem(
                cause=f"{function.name} makes a new message group each time, whether the two people have one or not",
                place=function.place,
                evidence=(Evidence(text=code_line(function.source, function.place.line), place=function.place),),
            )


@check(
    "ACC119",
    severity="note",
    example="""return {'uuid': my_user_uuid, …}      # message_uuid is meant""",
)
def message_is_returned_with_its_uuid(facts: Facts) -> Iterator[Problem]:
    """What is returned for a new message carries the message's uuid.

    Return `'uuid': message_uuid`.
    """
    for function in _functions(facts):
        user = _value_of(function.node, "user_uuid")
        message = _value_of(function.node, "message_uuid")
        for node in ast.walk(function.node):
            returned = node.value if isinstance(node, ast.Return) else None
            value = _value_of(returned, "uuid") if isinstance(returned, ast.Dict) else None
            if value is None or user is None or message is None or function.writes != {"MSG#"}:
                continue
            if ast.dump(value) == ast.dump(user) != ast.dump(message):
                place = Place(path=function.source.path, line=value.lineno)
                yield Problem(
                    cause=f"{function.name} returns the sender's {ast.unparse(user)} as the uuid of the message",
                    place=place,
                    evidence=(Evidence(text=code_line(function.source, place.line), place=place),),
                    advice=f"return 'uuid': {ast.unparse(message)}",
                )


def _functions(facts: Facts) -> list[TableFunction]:
    sources = facts.project.with_role("table-library", "application") if facts.project else ()
    return [function for source in sources for function in table_functions(source)]


def _new_group_functions(facts: Facts) -> list[TableFunction]:
    return [
        function
        for function in _functions(facts)
        if function.writes == _BOTH and function.operations & {"BatchWriteItem", "PutItem", "TransactWriteItems"}
    ]


def _callers(facts: Facts, name: str) -> list[ast.AST]:
    sources: tuple[Source, ...] = facts.project.with_role("table-library", "application") if facts.project else ()
    return [
        node for source in sources for node in functions_in(source) if name in called_names(node) and node.name != name
    ]


def _has_conditions(function: TableFunction) -> bool:
    return "ConditionExpression" in ast.unparse(function.node)


def _value_of(node: ast.AST | None, name: str) -> ast.expr | None:
    """Return what stands under a key in the first dictionary that has it, without the type of DynamoDB JSON."""
    for each in ast.walk(node) if node is not None else ():
        for key, value in zip(each.keys, each.values, strict=True) if isinstance(each, ast.Dict) else ():
            if isinstance(key, ast.Constant) and key.value == name:
                return value.values[0] if isinstance(value, ast.Dict) and len(value.values) == 1 else value
    return None
