"""Capacity units by AWS's rules, from requests and items."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.capacity.account import Account, Difference, Priced
from harness.capacity.cost import Cost, Ledger
from harness.capacity.deviations import explanation
from harness.capacity.expressions import Unknown
from harness.capacity.image import TableImage
from harness.stores.recorder import Call

DEFINITION: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "sk", "KeyType": "RANGE"}, {"AttributeName": "pk", "KeyType": "HASH"}],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "all",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
#: Attribute names and keys of an item that `item` makes with `size`.
OVERHEAD = len("pk") + len("sk") + len("x") + 2


def item(pk: str, sk: str, *, size: int = 0, **more: str) -> dict[str, dict[str, str]]:
    made = {"pk": {"S": pk}, "sk": {"S": sk}} | {name: {"S": value} for name, value in more.items()}
    return made | ({"x": {"S": "x" * (size - OVERHEAD)}} if size else {})


def call(operation: str, *, capacity: float | None = None, error: str | None = None, **request: Any) -> Call:
    return Call(operation=operation, request={"TableName": "t"} | request, capacity=capacity, error=error)


def ledger(*items: dict[str, Any], definition: dict[str, Any] | None = None) -> Ledger:
    return Ledger({"t": TableImage.of(definition or DEFINITION, items)})


def query(condition: str, *, values: dict[str, Any], **more: Any) -> Call:
    return call("Query", KeyConditionExpression=condition, ExpressionAttributeValues=values, **more)


def units(found: Cost | None) -> tuple[float, float]:
    assert found is not None
    return found.read, found.write


@pytest.mark.parametrize(
    ("size", "consistent", "expected"), [(4096, True, 1.0), (4097, True, 2.0), (4096, False, 0.5), (8193, False, 1.5)]
)
def test_get_rounds_up_to_4_kb(size: int, consistent: bool, expected: float) -> None:  # noqa: FBT001
    book = ledger(item("a", "1", size=size))
    assert units(book.cost(call("GetItem", Key=item("a", "1"), ConsistentRead=consistent))) == (expected, 0.0)


def test_what_is_not_there_costs_a_unit_too() -> None:
    book = ledger()
    assert units(book.cost(call("GetItem", Key=item("a", "1")))) == (0.5, 0.0)
    assert units(book.cost(query("pk = :p", values={":p": {"S": "a"}}, ConsistentRead=True))) == (1.0, 0.0)
    assert units(book.cost(call("DeleteItem", Key=item("a", "1")))) == (0.0, 1.0)


def test_query_adds_sizes_before_it_rounds() -> None:
    book = ledger(*[item("a", str(number), size=1000) for number in range(10)], item("b", "1", size=9000))
    asked = {":p": {"S": "a"}, ":s": {"S": "7"}, ":t": {"S": "8"}}
    for condition, more, expected in (
        ("pk = :p", {}, 1.5),
        ("pk = :p", {"ConsistentRead": True}, 3.0),
        ("pk = :p", {"FilterExpression": "x = :s", "ProjectionExpression": "sk", "Select": "COUNT"}, 1.5),
        ("pk = :p", {"Limit": 4}, 0.5),
        ("pk = :p", {"Limit": 5}, 1.0),
        ("(pk = :p) AND (sk >= :s)", {}, 0.5),
        ("#k = :p and sk BETWEEN :s AND :t", {"ExpressionAttributeNames": {"#k": "pk"}}, 0.5),
        ("pk = :p AND begins_with(sk, :s)", {}, 0.5),
        ("(pk = :p AND begins_with (sk, :s))", {"ScanIndexForward": False}, 0.5),
        ("pk = :p", {"ExclusiveStartKey": item("a", "4")}, 1.0),
        ("pk = :p", {"ExclusiveStartKey": item("a", "4"), "ScanIndexForward": False}, 0.5),
        ("pk = :p", {"ExclusiveStartKey": item("a", "41")}, 1.0),
        ("pk = :p", {"ExclusiveStartKey": item("a", "41"), "ScanIndexForward": False}, 1.0),
    ):
        assert units(book.cost(query(condition, values=asked, **more))) == (expected, 0.0), (condition, more)


def test_scan_reads_everything_up_to_1_mb() -> None:
    assert units(ledger(item("a", "1", size=9000), item("b", "1")).cost(call("Scan"))) == (1.5, 0.0)
    many = ledger(*[item("a", str(number), size=300_000) for number in range(5)])
    assert units(many.cost(call("Scan"))) == (0.5 * -(-3 * 300_000 // 4096), 0.0)


def test_batches_and_transactions_round_each_item() -> None:
    book = ledger(item("a", "1", size=1536), item("a", "2", size=6656))
    keys = [item("a", "1"), item("a", "2")]
    assert units(book.cost(call("BatchGetItem", RequestItems={"t": {"Keys": keys}}))) == (1.5, 0.0)
    gets = [{"Get": {"TableName": "t", "Key": key}} for key in keys]
    assert units(book.cost(call("TransactGetItems", TransactItems=gets))) == (6.0, 0.0)
    puts = [{"PutRequest": {"Item": item("b", "1", size=500)}}, {"PutRequest": {"Item": item("b", "2", size=3584)}}]
    assert units(book.cost(call("BatchWriteItem", RequestItems={"t": puts}))) == (0.0, 5.0)


def test_put_costs_the_larger_of_both_and_what_the_index_takes() -> None:
    book = ledger()
    for what, written, expected in (
        ("not in the index", item("a", "1"), 1.0),
        ("into the index", item("b", "1", g="G"), 2.0),
        ("the same again", item("b", "1", g="G"), 1.0),
        ("another attribute", item("b", "1", g="G", y="2"), 2.0),
        ("another key of the index", item("b", "1", g="H", y="2"), 3.0),
        ("out of the index", item("b", "1", y="2"), 2.0),
        ("large", item("c", "1", g="G", size=2500), 6.0),
        ("and small again", item("c", "1", g="G"), 6.0),
    ):
        assert units(book.cost(call("PutItem", Item=written))) == (0.0, expected), what
    assert units(book.cost(call("DeleteItem", Key=item("c", "1")))) == (0.0, 2.0)


def test_index_costs_what_is_projected() -> None:
    keys_only = {**DEFINITION["GlobalSecondaryIndexes"][0], "Projection": {"ProjectionType": "KEYS_ONLY"}}
    book = ledger(definition={**DEFINITION, "GlobalSecondaryIndexes": [keys_only]})
    assert units(book.cost(call("PutItem", Item=item("a", "1", g="G", size=2500)))) == (0.0, 4.0)
    assert units(book.cost(call("PutItem", Item=item("a", "1", g="G", size=2600)))) == (0.0, 3.0)
    read = query("g = :g", values={":g": {"S": "G"}}, IndexName="all")
    assert units(book.cost(read)) == (0.5, 0.0)


def test_transaction_doubles_the_table_and_not_the_index() -> None:
    book = ledger(item("old", "1", g="G"))
    actions = [
        {"Delete": {"TableName": "t", "Key": item("old", "1")}},
        {"Put": {"TableName": "t", "Item": item("new", "1", g="G")}},
        {"ConditionCheck": {"TableName": "t", "Key": item("other", "1"), "ConditionExpression": "…"}},
    ]
    found = book.cost(call("TransactWriteItems", TransactItems=actions))
    assert units(found) == (0.0, 2.0 * 3 + 2)
    assert units(book.cost(query("g = :g", values={":g": {"S": "G"}}, IndexName="all"))) == (0.5, 0.0)


def test_update_is_followed_where_it_is_plain() -> None:
    book = ledger(item("a", "1", size=1500))
    values = {":small": {"S": ""}, ":y": {"S": "y" * 2000}}
    change: dict[str, Any] = {
        "UpdateExpression": "SET #x = :small, y = if_not_exists(y, :y) REMOVE z",
        "Key": item("a", "1"),
    }
    names: dict[str, Any] = {"ExpressionAttributeNames": {"#x": "x"}, "ExpressionAttributeValues": values}
    assert units(book.cost(call("UpdateItem", **change, **names))) == (0.0, 2.0)
    assert units(book.cost(call("UpdateItem", Key=item("a", "1"), UpdateExpression="REMOVE y"))) == (0.0, 2.0)
    assert units(book.cost(call("DeleteItem", Key=item("a", "1")))) == (0.0, 1.0)


@pytest.mark.parametrize(
    "request_",
    [
        call("UpdateItem", Key=item("a", "1"), UpdateExpression="ADD n :n", ExpressionAttributeValues={}),
        call("UpdateItem", Key=item("a", "1"), UpdateExpression="SET m.n = :n", ExpressionAttributeValues={":n": {}}),
        call("Query", KeyConditions={}),
        query("pk = :p OR sk = :p", values={":p": {"S": "a"}}),
        query("g = :g", values={":g": {"S": "G"}}, IndexName="elsewhere"),
        call("Scan", Segment=0, TotalSegments=2),
        call("ExecuteStatement", Statement="SELECT * FROM t"),
        Call(operation="GetItem", request={"TableName": "elsewhere", "Key": item("a", "1")}, capacity=1.0),
    ],
    ids=["ADD", "nested", "conditions", "OR", "index", "segment", "PartiQL", "table"],
)
def test_what_can_not_be_told_is_said_to_be_unknown(request_: Call) -> None:
    with pytest.raises(Unknown):
        ledger().cost(request_)


def test_refused_requests_change_nothing_and_tables_come_and_go() -> None:
    book = ledger()
    assert book.cost(call("PutItem", Item=item("a", "1", size=9000), error="ConditionalCheckFailedException")) is None
    assert units(book.cost(call("Scan"))) == (0.5, 0.0)
    assert book.cost(Call(operation="CreateTable", request={"TableName": "new", **DEFINITION}, capacity=None)) is None
    scan = Call(operation="Scan", request={"TableName": "new"}, capacity=0.5)
    assert units(book.cost(scan)) == (0.5, 0.0)
    book.cost(Call(operation="DeleteTable", request={"TableName": "new"}, capacity=None))
    with pytest.raises(Unknown):
        book.cost(scan)


@pytest.mark.parametrize(
    "write",
    [
        call("UpdateItem", Key=item("a", "1"), UpdateExpression="ADD n :n", ExpressionAttributeValues={}),
        call("ExecuteStatement", Statement="UPDATE t …"),
    ],
    ids=["ADD", "PartiQL"],
)
def test_after_a_write_that_nobody_can_follow_the_table_is_unknown(write: Call) -> None:
    book = ledger(item("a", "1"))
    with pytest.raises(Unknown):
        book.cost(write)
    with pytest.raises(Unknown, match="what table t holds"):
        book.cost(call("GetItem", Key=item("a", "1")))


def test_account_tells_differences_and_prices() -> None:
    account = Account(ledger=ledger(item("a", "1", size=9000)))
    calls = [
        call("GetItem", Key=item("a", "1"), capacity=0.5),
        call("GetItem", Key=item("a", "1"), capacity=7.0),
        call("PutItem", Item=item("b", "1"), capacity=1.0),
        call("ExecuteStatement", capacity=1.0),
    ]
    for each in calls:
        account.add(each)
    account.price("both", calls, times=2)
    found = account.units()
    assert (found.read, found.write, found.reported) == (3.0, 1.0, 8.5)
    assert found.unknown == (("PartiQL", 1),)
    assert found.priced == (Priced(what="both", read=1.5, write=0.5),)
    assert found.unexplained == (
        Difference(operation="GetItem", computed=1.5, reported=7.0, times=1, explanation=None),
    )
    assert "MiniStack" in str(found.differences[0].explanation)


def test_what_is_known_of_the_engines() -> None:
    assert explanation(Cost(read=3.0, read_factor=1.0, size=9000), 1.0) is not None
    assert explanation(Cost(read=0.5, read_factor=0.5), 0.0) is not None
    pair = ((1.0, 1.0), (1.0, 1.0))
    assert explanation(Cost(write=6.0, actions=pair), 8.0) is not None
    assert explanation(Cost(write=6.0, actions=pair), 6.5) is None
    assert explanation(Cost(write=6.0), 0.0) is None


sizes = st.integers(OVERHEAD + 1, 20_000)


@given(st.lists(sizes, min_size=1, max_size=6))
def test_a_consistent_read_costs_twice_one_that_may_be_old(found: list[int]) -> None:
    book = ledger(*[item("a", str(number), size=size) for number, size in enumerate(found)])
    asked = {":p": {"S": "a"}}
    once, twice = (book.cost(query("pk = :p", values=asked, ConsistentRead=flag)) for flag in (False, True))
    assert 2 * units(once)[0] == units(twice)[0] == float(-(-sum(found) // 4096))
