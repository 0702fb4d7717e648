"""Telling a function's own writes from those of others, and how deep they go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.streams.generations import Generations
from harness.streams.invocation import AwsCall
from harness.streams.writes import Write, table_name, writes_of

STREAM = "arn:aws:dynamodb:eu-west-1:123456789012:table/T/stream/2026-01-02T03:04:05.678"
X = {"pk": {"S": "x"}}
Y = {"pk": {"S": "y"}}


def call(operation: str, error: str | None = None, service: str = "dynamodb", **parameters: Any) -> AwsCall:
    return AwsCall(service=service, operation=operation, parameters=parameters, region="eu-west-1", error=error)


def put(key: dict[str, Any], table: str = "T") -> AwsCall:
    return call("PutItem", TableName=table, Item=key | {"n": {"N": "1"}})


def keys_of(a_call: AwsCall, table: str = "T") -> list[dict[str, Any]]:
    return [dict(write.attributes) for write in writes_of(a_call, table)]


@pytest.mark.parametrize(
    ("a_call", "keys"),
    [
        (call("PutItem", TableName="T", Item=X), [X]),
        (call("UpdateItem", TableName="T", Key=X, UpdateExpression="SET a = :a"), [X]),
        (call("DeleteItem", TableName="arn:aws:dynamodb:eu-west-1:123456789012:table/T", Key=X), [X]),
        (call("PutItem", TableName="Other", Item=X), []),
        (call("PutItem", TableName="T", Item=X, error="ConditionalCheckFailedException"), []),
        (call("GetItem", TableName="T", Key=X), []),
        (call("PutItem", service="other", TableName="T", Item=X), []),
        (
            call(
                "BatchWriteItem",
                RequestItems={
                    "T": [{"PutRequest": {"Item": X}}, {"DeleteRequest": {"Key": Y}}],
                    "Other": [{"PutRequest": {"Item": X}}],
                },
            ),
            [X, Y],
        ),
        (
            call(
                "TransactWriteItems",
                TransactItems=[
                    {"Put": {"TableName": "T", "Item": X}},
                    {"Update": {"TableName": "T", "Key": Y}},
                    {"Delete": {"TableName": "T", "Key": X}},
                    {"ConditionCheck": {"TableName": "T", "Key": X}},
                    {"Put": {"TableName": "Other", "Item": X}},
                ],
            ),
            [X, Y, X],
        ),
        (call("ExecuteStatement", Statement="UPDATE \"T\" SET a=1 WHERE pk='x'"), [{}]),
        (call("ExecuteStatement", Statement=" delete  from T where pk=?"), [{}]),
        (call("ExecuteStatement", Statement="SELECT * FROM T"), []),
        (call("ExecuteStatement", Statement='INSERT INTO "Other" VALUE {}'), []),
        (
            call(
                "BatchExecuteStatement", Statements=[{"Statement": "INSERT INTO T VALUE {'pk': ?}"}, {"Statement": ""}]
            ),
            [{}],
        ),
        (call("ExecuteTransaction", TransactStatements=[{"Statement": "UPDATE T SET a=1 WHERE pk=?"}] * 2), [{}, {}]),
    ],
)
def test_writes_are_read_from_requests(a_call: AwsCall, keys: list[dict[str, Any]]) -> None:
    assert keys_of(a_call) == keys
    assert all(write.operation == a_call.operation for write in writes_of(a_call, "T"))


@pytest.mark.parametrize("table", ["T", STREAM, STREAM.partition("/stream")[0]])
def test_table_goes_by_name_or_arn(table: str) -> None:
    assert table_name(table) == "T"
    assert list(writes_of(put(X), table)) == [Write(operation="PutItem", attributes=X | {"n": {"N": "1"}})]


def test_write_from_outside_is_generation_nought() -> None:
    assert Generations().of(X) == 0


def test_own_write_is_one_more_than_its_invocation() -> None:
    generations = Generations()
    generations.wrote(STREAM, [put(X)], 4)
    assert generations.of(Y) == 0
    assert generations.of(X) == 5


def test_each_write_accounts_for_one_record() -> None:
    generations = Generations()
    generations.wrote("T", [put(X), put(X)], 0)
    assert [generations.of(X) for _ in range(3)] == [1, 1, 0]


def test_several_calls_may_write_an_item_before_its_records_come() -> None:
    generations = Generations()
    generations.wrote("T", [put(X)], 3)
    generations.wrote("T", [put(X)], 0)
    assert [generations.of(X) for _ in range(3)] == [4, 4, 0]


def test_write_without_effect_marks_one_record_and_no_more() -> None:
    generations = Generations()
    generations.wrote("T", [put(X)], 0)
    # That made no record. Then somebody else writes the item again and again.
    assert [generations.of(X) for _ in range(3)] == [1, 0, 0]


def test_write_without_effect_is_forgotten_when_all_is_read() -> None:
    generations = Generations()
    generations.wrote("T", [put(X)], 0)
    generations.caught_up()
    assert generations.of(X) == 0
    generations.wrote("T", [put(X)], 0)
    generations.of(Y)
    generations.caught_up()
    assert generations.of(X) == 0


def test_statement_that_does_not_tell_its_items_marks_any_one() -> None:
    generations = Generations()
    generations.wrote("T", [call("ExecuteStatement", Statement="UPDATE T SET a=1 WHERE pk=?"), put(Y)], 1)
    assert [generations.of(Y), generations.of(X), generations.of(X)] == [2, 2, 0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"N": "1.0"}, {"N": "1"}),
        ({"N": "1e2"}, {"N": "100"}),
        ({"B": "Zm9vYmFy"}, {"B": "Zm9vYmFy"}),
        ({"S": "é"}, {"S": "é"}),
    ],
)
def test_keys_are_compared_as_values(written: dict[str, str], read: dict[str, str]) -> None:
    generations = Generations()
    generations.wrote("T", [put({"sk": written, "pk": {"S": "x"}})], 0)
    assert generations.of({"pk": {"S": "x"}, "sk": read}) == 1


def test_text_and_number_are_different_keys() -> None:
    generations = Generations()
    generations.wrote("T", [put({"pk": {"N": "1"}})], 0)
    assert generations.of({"pk": {"S": "1"}}) == 0


def test_memory_is_bounded_and_keeps_the_newest() -> None:
    generations = Generations(limit=3)
    for number in range(10):
        generations.wrote("T", [put({"pk": {"S": str(number)}})], 0)
        generations.of({"pk": {"S": "nobody"}})
    assert [generations.of({"pk": {"S": str(number)}}) for number in range(10)] == [0] * 7 + [1] * 3
    generations.wrote("T", [put({"pk": {"S": str(number)}}) for number in range(10)], 0)
    assert [generations.of({"pk": {"S": str(number)}}) for number in range(10)] == [0] * 7 + [1] * 3


def test_loop_shows_as_a_chain() -> None:
    generations = Generations()
    item, other = X, Y
    for _ in range(3):
        generation = generations.of(item)
        generations.wrote("T", [put(other), call("GetItem", TableName="T", Key=item)], generation)
        item, other = other, item
    assert generations.chain() == (
        'generation 0: 1 record, last {"pk":{"S":"x"}} (not written by the function)',
        'generation 1: 1 record, last {"pk":{"S":"y"}} (PutItem)',
        'generation 2: 1 record, last {"pk":{"S":"x"}} (PutItem)',
    )
    generations.of(Y)
    generations.of(Y)
    assert generations.chain()[0].startswith('generation 0: 2 records, last {"pk":{"S":"y"}}')
    assert len(generations.chain()) == 4


@settings(max_examples=100, deadline=None)
@given(idle=st.integers(0, 3), rounds=st.integers(1, 20))
def test_every_round_of_a_loop_is_one_generation(idle: int, rounds: int) -> None:
    """Also where the function writes the item several times and only one of the writes makes a record."""
    generations = Generations()
    seen = []
    for _ in range(rounds):
        seen.append(generations.of(X))
        generations.wrote("T", [put(X)] * (1 + idle), seen[-1])
    assert seen == list(range(rounds))


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["write", "read"]), st.sampled_from("abc"), st.integers(0, 5)), max_size=40
    )
)
def test_no_more_records_are_taken_for_own_than_were_written(steps: list[tuple[str, str, int]]) -> None:
    generations = Generations()
    open_writes: dict[str, list[int]] = {}
    for step, name, generation in steps:
        if step == "write":
            generations.wrote("T", [put({"pk": {"S": name}})], generation)
            open_writes.setdefault(name, []).append(generation)
        else:
            told = generations.of({"pk": {"S": name}})
            written = open_writes.get(name, [])
            # Until all of an item's writes are accounted for, the highest of them is what its records are.
            assert bool(told) == bool(written)
            highest = max((one + 1 for one in written), default=0)
            assert told >= highest
            if written:
                written.remove(min(written))
