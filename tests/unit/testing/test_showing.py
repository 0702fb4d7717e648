"""Requests, changes and capacity as text."""

from __future__ import annotations

from harness.namespaces.changes import Change, TableChanges
from harness.stores.recorder import Call
from harness.testing.showing import MOST, request_line, shown_capacity, shown_changes, shown_requests


def call(operation: str, capacity: float | None = 1.0, error: str | None = None, **request: object) -> Call:
    return Call(operation=operation, request=request, capacity=capacity, error=error)


def test_a_request_tells_what_it_cost_or_why_it_was_refused() -> None:
    assert (
        request_line(call("Query", 0.5, TableName="t", ReturnConsumedCapacity="INDEXES"))
        == 'Query {"TableName": "t"} (0.5 units)'
    )
    assert request_line(call("PutItem", None, "ValidationException")) == "PutItem {} -> ValidationException"
    assert request_line(call("ListTables", None)) == "ListTables {}"


def test_a_long_request_is_cut() -> None:
    line = request_line(call("PutItem", Item="x" * 1000))
    assert len(line) < 500
    assert "characters)" in line


def test_of_many_requests_the_last_are_shown() -> None:
    shown = shown_requests([call("Query", n=n) for n in range(MOST + 3)]).splitlines()
    assert shown[0] == "  … 3 earlier ones"
    assert shown[-1] == f'  Query {{"n": {MOST + 2}}} (1 units)'
    assert shown_requests([]) == "  (none)"


def test_capacity_by_operation_and_index() -> None:
    calls = [call("Query", 0.5), call("Query", 2.0, IndexName="gsi"), call("Query", 0.5), call("ListTables", None)]
    assert shown_capacity(calls) == "2 units  Query on gsi x1\n1 units  Query x2"


def test_changes_show_what_differs_and_of_what() -> None:
    table = TableChanges(
        name="public.users",
        changes=(
            Change(before=None, after={"id": 1, "name": "new"}),
            Change(before={"id": 2, "name": "old"}, after=None),
            Change(before={"id": 3, "name": "one"}, after={"id": 3, "name": "two"}),
        ),
    )
    assert shown_changes([table, TableChanges(name="t", note="the table was deleted")]) == (
        "public.users: 1 added, 1 removed, 1 changed\n"
        '  + {id: 1, name: "new"}\n'
        '  - {id: 2, name: "old"}\n'
        '  ~ name: "one" -> "two"  of {id: 3}\n'
        "t: the table was deleted"
    )


def test_attributes_are_shown_without_types_where_that_is_plain() -> None:
    changed = Change(before={"pk": {"S": "a"}, "n": {"N": "1"}}, after={"pk": {"S": "a"}, "l": {"L": []}})
    assert shown_changes([TableChanges(name="t", changes=(changed,))]).splitlines()[1] == (
        '  ~ n: "1" -> null, l: null -> {"L": []}  of {pk: "a"}'
    )


def test_of_many_changes_the_first_are_shown() -> None:
    changes = tuple(Change(before=None, after={"id": n}) for n in range(MOST + 2))
    shown = shown_changes([TableChanges(name="t", changes=changes)]).splitlines()
    assert shown[0] == f"t: {MOST + 2} added"
    assert shown[-1] == "  … and 2 more"
