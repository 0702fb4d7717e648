"""Assertions about what was heard, on calls that nobody made."""

from __future__ import annotations

import pytest

from harness.stores.recorder import Call, Recorder
from harness.testing.watching import Seen
from harness.testing.written import Lookup


def seen(*calls: Call) -> Seen:
    recorder = Recorder()
    heard = Seen(recorder=recorder, lookup=Lookup(key_of=lambda _: ["pk"], item=lambda _table, _key: None))
    for call in calls:
        recorder.add(call)
    return heard


def query(
    pk: str = "a", *, index: str | None = None, table: str = "t", capacity: float | None = 0.5, error: str | None = None
) -> Call:
    request = {"TableName": table, "ExpressionAttributeValues": {":pk": {"S": pk}}} | (
        {"IndexName": index} if index else {}
    )
    return Call(operation="Query", request=request, capacity=capacity, error=error)


def other(operation: str, **request: object) -> Call:
    return Call(operation=operation, request=request, capacity=1.0)


def test_a_query_by_index_key_table_and_budget() -> None:
    heard = seen(query("a"), query("b", index="gsi", capacity=2.0), other("Scan"))
    heard.assert_query()
    heard.assert_query(key="a", table="t", max_rcu=0.5)
    heard.assert_query(table="arn:aws:dynamodb:us-east-1:1:table/t")
    heard.assert_query(index="gsi", key="b", max_rcu=2)
    assert heard.capacity == 3.5


def test_old_key_conditions_are_understood() -> None:
    condition = {"pk": {"AttributeValueList": [{"S": "a"}], "ComparisonOperator": "EQ"}}
    seen(other("Query", TableName="t", KeyConditions=condition)).assert_query(key="a")


@pytest.mark.parametrize(
    ("calls", "wanted", "said"),
    [
        ((), {}, "expected  a Query of the table\nactual    none of the requests is one\nrequests\n  (none)"),
        ((query(index="gsi"),), {}, "expected  a Query of the table\n"),
        ((query(),), {"index": "gsi"}, "a Query of the table, index gsi\n"),
        ((query("a"),), {"key": "b"}, "that names 'b'"),
        ((query(table="t"),), {"table": "u"}, "a Query of u\n"),
        ((query(error="ValidationException"),), {}, "-> ValidationException"),
        ((query(), query()), {"max_rcu": 0.5}, "at most 0.5 read capacity units\nactual    1 in 2 requests"),
        ((query(capacity=None),), {"max_rcu": 9}, "the service did not tell what it consumed"),
    ],
)
def test_a_query_that_is_not_there(calls: tuple[Call, ...], wanted: dict[str, object], said: str) -> None:
    with pytest.raises(AssertionError) as caught:
        seen(*calls).assert_query(**wanted)  # type: ignore[arg-type]
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        other("Scan", TableName="t"),
        other("ExecuteStatement", Statement="select * from t"),
        other("BatchExecuteStatement", Statements=[{"Statement": "SELECT * FROM t"}]),
    ],
)
def test_scans_by_any_name(call: Call) -> None:
    with pytest.raises(AssertionError, match=call.operation):
        seen(query(), call).assert_no_scan()


def test_no_scan() -> None:
    seen(query(), other("GetItem"), other("ExecuteStatement", Statement="DELETE FROM t WHERE pk='a'")).assert_no_scan()


def test_partiql_that_writes_does_not_tell_what() -> None:
    with pytest.raises(AssertionError, match="PartiQL, which does not"):
        seen(other("ExecuteStatement", Statement="DELETE FROM t WHERE pk='a'")).assert_wrote()


def test_a_block_hears_its_own_calls_only() -> None:
    heard = seen(query())
    later = Seen(recorder=heard.recorder, lookup=heard.lookup)
    heard.end()
    heard.recorder.add(other("Scan"))
    assert [call.operation for call in heard.calls] == ["Query"]
    assert [call.operation for call in later.calls] == ["Scan"]
