"""Who may read and write a message group."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.diagnosis.wording import that_do
from harness.project.place import Place
from harness.project.table.functions import called_names, functions_in, table_functions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.diagnosis.facts import Facts
    from harness.project.table.functions import TableFunction

#: Whatever is called like this may be the check; so is any look at the user's own groups.
_CHECKS = re.compile(
    r"member|particip|belong|allowed|forbid|permi|authori[sz]e|(list|get|find)_\w*groups?", re.IGNORECASE
)


@check(
    "ACC113",
    severity="warning",
    example="""
    my_user_uuid = db.query_value(sql, …)
    data = Ddb.list_messages(ddb, message_group_uuid)      # whoever asks
    """,
)
def only_members_read_and_write(facts: Facts) -> Iterator[Problem]:
    """Messages of a group are read and written by its members only.

    Before reading or writing, query the rows `GRP#<my uuid>` for one with this message_group_uuid; answer 403 without it.
    """
    open_to_all = [each for each in _of_one_group(facts) if not _checked(each.node)]
    found = [(path, node) for path, node in _callers(facts, {each.name for each in open_to_all}) if not _checked(node)]
    if found:
        reads = that_do((f"{path}:{call.lineno}" for path, call in found), "reads")
        writes = "writes" if len(found) == 1 else "write"
        first = Place(path=found[0][0], line=found[0][1].lineno)
        yield Problem(
            cause=f"{reads} or {writes} the messages of any group that the request names, and nothing asks whether the "
            "user is one of its members",
            place=first,
            evidence=tuple(_evidence(facts, path, call) for path, call in found),
        )


def _of_one_group(facts: Facts) -> list[TableFunction]:
    """Return the library's functions that read or write the messages of a group, and nothing else."""
    sources = facts.project.with_role("table-library") if facts.project else ()
    functions = [function for source in sources for function in table_functions(source)]
    return [each for each in functions if each.reads == {"MSG#"} or each.writes == {"MSG#"}]


def _callers(facts: Facts, names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of these functions in the application, where the function around them checks nothing."""
    for source in facts.project.with_role("application") if facts.project else ():
        if "table-library" in source.roles:
            continue
        for function in functions_in(source):
            if not called_names(function) & names:
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _own_name(node) & names and not _checked(function):
                    yield source.path, node


def _own_name(call: ast.Call) -> set[str]:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return {name}
    return set()


def _checked(node: ast.AST) -> bool:
    return any(_CHECKS.search(word) for each in ast.walk(node) for word in _words(each))


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=str(word)):
            yield word
        case ast.Constant(value=403):
            yield "forbidden"


def _evidence(facts: Facts, path: str, call: ast.Call) -> Evidence:
    source = facts.project.find(path) if facts.project else None
    text = code_line(source, call.lineno) if source else ""
    return Evidence(text=text, place=Place(path=path, line=call.lineno))
