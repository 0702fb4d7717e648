"""How the application calls the functions of the table's library."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from harness.diagnosis.check import check
from harness.diagnosis.finding import Evidence, Problem
from harness.diagnosis.known_tables import code_line
from harness.project.place import Place
from harness.project.python.binding import bind, first_is_given
from harness.project.python.scopes import scopes_of
from harness.project.table.library_calls import library_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.diagnosis.facts import Facts
    from harness.project.roles import Role
    from harness.project.source import Source

_CALLERS: tuple[Role, ...] = ("application", "table-library")
#: What such a parameter is called that takes the client of DynamoDB.
_CLIENTS = frozenset({"client", "ddb", "dynamodb", "ddb_client", "dynamodb_client"})
#: Words that tell two people apart: both may be meant, the one for the other.
_PERSONS = frozenset(
    {"my", "me", "mine", "our", "own", "user", "users", "other", "others", "their", "theirs", "sender", "receiver"}
    | {"reciever", "recipient", "owner", "from", "to", "first", "second", "one", "two", "a", "b"}
)


@check(
    "ACC123",
    example="""
    def create_message(client, message_group_uuid, message, my_user_uuid):         # lib/ddb.py
    Ddb.create_message(client, message, message_group_uuid, my_user_uuid)          # the text as the group
    """,
)
def library_is_called_as_defined(facts: Facts) -> Iterator[Problem]:
    """The application hands the functions of the table's library what they take, in their order.

    Let the call fit the definition; arguments that are handed over by their names can't change places.
    """
    libraries = facts.project.with_role("table-library") if facts.project is not None else ()
    for source in facts.project.with_role(*_CALLERS) if facts.project is not None else ():
        for call in library_calls(source, libraries):
            first_given = first_is_given(call.function, on_instance=False)
            bound = bind(call.function, call.node, first_given=first_given) if first_given is not None else None
            if bound is None:
                continue
            by_place = {name: value for name, value in bound.values.items() if value in call.node.args}
            moved = _moved(_spoken(by_place, source))
            if not bound.refusal and not moved:
                continue
            name, place = ast.unparse(call.node.func), Place(path=source.path, line=call.node.lineno)
            defined = Place(path=call.library.path, line=call.function.lineno)
            wrong = bound.refusal or " and ".join(
                f"is given {said} as its {parameter}" for parameter, said in moved.items()
            )
            yield Problem(
                cause=f"{name} {wrong} in {place}",
                place=place,
                evidence=(
                    Evidence(text=code_line(source, place.line), place=place),
                    Evidence(text=code_line(call.library, defined.line), place=defined),
                ),
                advice=f"Let the call fit {defined}, which defines {call.function.name}({ast.unparse(call.function.args)}).",
            )


def _moved(spoken: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters that are given what is called as another one of them, and that one in turn."""
    moved = {parameter: said for parameter, said in spoken.items() if said != parameter}
    while ring := {each: said for each, said in moved.items() if said not in moved or each not in moved.values()}:
        moved = {each: said for each, said in moved.items() if each not in ring}
    return moved if len({_without_person(each) for each in moved}) > 1 else {}


def _without_person(name: str) -> str:
    return "_".join(word for word in name.rstrip("0123456789").split("_") if word not in _PERSONS)


def _spoken(by_place: Mapping[str, ast.expr], source: Source) -> dict[str, str]:
    """Return what the arguments are called where they come from, by parameter."""
    clients = [name for name in by_place if name in _CLIENTS]
    found = {}
    for parameter, value in by_place.items():
        said = clients[0] if len(clients) == 1 and _is_client(value, source) else _name(value)
        if said:
            found[parameter] = said
    return found


def _name(value: ast.expr) -> str:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(attr="get"), args=[ast.Constant(value=str(name)), *_]):
            return name
    return ""


def _is_client(value: ast.expr, source: Source) -> bool:
    scopes = scopes_of(source)
    if isinstance(value, ast.Name) and scopes is not None:
        value = scopes.assigned_to(value) or value
    return isinstance(value, ast.Call) and _called(value.func) in {"client", "resource"}


def _called(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
