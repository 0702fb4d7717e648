"""Differences between a file and a live table, each kind on every engine."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.schema import Schema, TableSchema
    from harness.stores.registry import Stores

INDEX = "message-group-sk-index"
LSI = {
    "IndexName": "by-text",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "message", "KeyType": "RANGE"}],
    "Projection": {"ProjectionType": "KEYS_ONLY"},
}


def changed(schema: Schema, change: Callable[[dict[str, Any]], object], **fields: Any) -> Schema:
    table = schema.tables[0]
    definition = copy.deepcopy(table.definition)
    change(definition)
    return replace(schema, tables=(replace(table, definition=definition, **fields),))


def rename_index(definition: dict[str, Any]) -> None:
    definition["GlobalSecondaryIndexes"][0]["IndexName"] = "another"


def project_keys(definition: dict[str, Any]) -> None:
    definition["GlobalSecondaryIndexes"][0]["Projection"] = {"ProjectionType": "KEYS_ONLY"}


def drop_index(definition: dict[str, Any]) -> None:
    del definition["GlobalSecondaryIndexes"]
    definition["AttributeDefinitions"] = definition["AttributeDefinitions"][1:]


def on_demand(definition: dict[str, Any]) -> None:
    del definition["ProvisionedThroughput"]
    del definition["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]
    definition["BillingMode"] = "PAY_PER_REQUEST"


def more_capacity(definition: dict[str, Any]) -> None:
    definition["ProvisionedThroughput"] = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 8}


def more_index_capacity(definition: dict[str, Any]) -> None:
    definition["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 8}


def other_view(definition: dict[str, Any]) -> None:
    definition["StreamSpecification"]["StreamViewType"] = "NEW_AND_OLD_IMAGES"


def no_stream(definition: dict[str, Any]) -> None:
    del definition["StreamSpecification"]


@pytest.mark.parametrize(
    ("change", "whats"),
    [
        (rename_index, {f"GlobalSecondaryIndexes.{INDEX}", "GlobalSecondaryIndexes.another"}),
        (project_keys, {f"GlobalSecondaryIndexes.{INDEX}"}),
        (drop_index, {f"GlobalSecondaryIndexes.{INDEX}"}),
        (on_demand, {"BillingMode"}),
        (more_capacity, {"ProvisionedThroughput"}),
        (more_index_capacity, {f"ProvisionedThroughput.{INDEX}"}),
        (other_view, {"StreamSpecification"}),
        (no_stream, {"StreamSpecification"}),
    ],
)
def test_change_in_place_there_and_back(
    stores: Stores, schema: Schema, change: Callable[[dict[str, Any]], None], whats: set[str]
) -> None:
    store = stores.dynamodb
    other = changed(schema, change)
    store.apply(schema)
    store.wire.call("PutItem", {"TableName": "cruddur-messages", "Item": {"pk": {"S": "GRP#1"}, "sk": {"S": "2"}}})

    assert {(each.what, each.remedy) for each in store.diff(other)} == {(what, "in place") for what in whats}
    assert len(store.apply(other)) == len(whats)
    assert store.diff(other) == ()
    assert {each.what for each in store.diff(schema)} == whats
    store.apply(schema)

    assert store.diff(schema) == ()
    assert len(list(store.items("cruddur-messages"))) == 1


def test_time_to_live_changes_in_place(stores: Stores, schema: Schema) -> None:
    store = stores.dynamodb
    store.apply(schema)
    for attribute, wanted, found in (("expires", "expires", "off"), ("ends", "ends", "expires"), (None, "off", "ends")):
        other = changed(schema, lambda _: None, ttl_attribute=attribute)

        [difference] = store.diff(other)
        assert (difference.what, difference.wanted, difference.found) == ("TimeToLiveSpecification", wanted, found)
        store.apply(other)
        assert store.diff(other) == ()


def with_lsi(definition: dict[str, Any]) -> None:
    definition["LocalSecondaryIndexes"] = [LSI]
    definition["AttributeDefinitions"].append({"AttributeName": "message", "AttributeType": "S"})


def no_range(definition: dict[str, Any]) -> None:
    definition["KeySchema"] = definition["KeySchema"][:1]


def number_key(definition: dict[str, Any]) -> None:
    definition["AttributeDefinitions"] = [
        each | {"AttributeType": "N"} if each["AttributeName"] == "sk" else each
        for each in definition["AttributeDefinitions"]
    ]


@pytest.mark.parametrize(
    ("change", "what", "said"),
    [
        (no_range, "KeySchema", r"another key schema: pk HASH \(S\), sk RANGE \(S\); .*json wants pk HASH \(S\)"),
        (number_key, "KeySchema", r"another key schema: .*sk RANGE \(S\); .*json wants .*sk RANGE \(N\)"),
        (with_lsi, "LocalSecondaryIndexes.by-text", "only made together with the table"),
    ],
)
def test_change_that_takes_recreating_is_refused_and_done_with_recreate(
    stores: Stores, schema: Schema, change: Callable[[dict[str, Any]], None], what: str, said: str
) -> None:
    store = stores.dynamodb
    store.apply(schema)
    other = changed(schema, change)

    assert (what, "recreate") in {(each.what, each.remedy) for each in store.diff(other)}
    with pytest.raises(UsageError, match=said) as caught:
        store.apply(other)
    assert "schema load --recreate" in caught.value.hint
    assert store.diff(schema) == ()

    store.apply(other, recreate=True)
    assert store.diff(other) == ()


def test_items_and_queries_go_on_over_pages(stores: Stores, schema: Schema) -> None:
    store = stores.dynamodb
    store.apply(schema)
    for number in range(5):
        item = {"pk": {"S": "MSG#1"}, "sk": {"S": f"{number}"}, "message": {"S": "x" * 300_000}}
        store.wire.call("PutItem", {"TableName": "cruddur-messages", "Item": item})

    assert [item["sk"]["S"] for item in store.item_collection("cruddur-messages", "MSG#1")] == list("01234")
    newest = store.item_collection("cruddur-messages", "MSG#1", newest_first=True)
    assert [item["sk"]["S"] for item in newest] == list("43210")
    assert len(list(store.items("cruddur-messages"))) == 5
    assert len(list(store.items("cruddur-messages", limit=4))) == 4
    assert list(store.items("cruddur-messages", limit=0)) == []


def test_table_schema_is_found_by_name(stores: Stores, schema: Schema) -> None:
    table: TableSchema = replace(schema.tables[0], name="second-table")
    both = replace(schema, tables=(*schema.tables, table))

    assert stores.dynamodb.apply(both) == ("table cruddur-messages: created", "table second-table: created")
