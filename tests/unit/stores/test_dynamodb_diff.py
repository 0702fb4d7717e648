"""Comparing a file with a description, without either database."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.schema import TableSchema
from harness.stores.dynamodb_diff import compare

NAMES = st.text(alphabet="abcxyz_", min_size=3, max_size=6)
UNITS = st.fixed_dictionaries({"ReadCapacityUnits": st.integers(1, 9), "WriteCapacityUnits": st.integers(1, 9)})


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """Any definition that CreateTable takes, as far as comparing goes."""
    attributes = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    pk, *others = attributes

    def keys(hash_key: str) -> list[dict[str, str]]:
        return [{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": others[0], "KeyType": "RANGE"}]

    definition: dict[str, Any] = {
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": draw(st.sampled_from("SNB"))} for name in attributes
        ],
        "KeySchema": keys(pk),
        "BillingMode": draw(st.sampled_from(["PROVISIONED", "PAY_PER_REQUEST"])),
    }
    if definition["BillingMode"] == "PROVISIONED":
        definition["ProvisionedThroughput"] = draw(UNITS)
    definition["GlobalSecondaryIndexes"] = [
        {
            "IndexName": name,
            "KeySchema": keys(draw(st.sampled_from(attributes))),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": draw(st.lists(NAMES, min_size=1))},
        }
        for name in draw(st.lists(NAMES, max_size=3, unique=True))
    ]
    if draw(st.booleans()):
        definition["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": draw(st.sampled_from("KNO"))}
    return definition


def table(definition: dict[str, Any], ttl: str | None = None) -> TableSchema:
    return TableSchema(name="t", definition=definition, ttl_attribute=ttl, source=Path("t.json"))


def described(definition: dict[str, Any]) -> dict[str, Any]:
    """As DescribeTable would tell of a table just made from a definition, in an order of its own."""
    live: dict[str, Any] = json.loads(json.dumps(definition))
    live["BillingModeSummary"] = {"BillingMode": live.pop("BillingMode")}
    units = live.setdefault("ProvisionedThroughput", {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0})
    for index in live["GlobalSecondaryIndexes"]:
        index |= {"IndexStatus": "ACTIVE", "ProvisionedThroughput": units}
        index["Projection"]["NonKeyAttributes"].reverse()
    live["AttributeDefinitions"].reverse()
    live["GlobalSecondaryIndexes"].reverse()
    return live


@given(definition=definitions(), ttl=st.none() | NAMES)
def test_table_made_from_its_file_differs_in_nothing(definition: dict[str, Any], ttl: str | None) -> None:
    assert compare(table(definition, ttl), described(definition), ttl) == ()


@given(ours=definitions(), theirs=definitions())
def test_only_what_needs_it_is_recreated(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    differences = compare(table(ours), described(theirs), None)

    recreated = {difference.what for difference in differences if difference.remedy == "recreate"}
    assert recreated <= {"KeySchema"}
    assert all(difference.wanted != difference.found for difference in differences)


@given(definition=definitions())
def test_missing_table_is_one_difference(definition: dict[str, Any]) -> None:
    [difference] = compare(table(definition), None, None)

    assert (difference.what, difference.remedy) == ("table", "in place")


@given(definition=definitions())
def test_index_on_its_way_out_is_not_there(definition: dict[str, Any]) -> None:
    live = described(definition)
    leaving = copy.deepcopy(definition)
    leaving["GlobalSecondaryIndexes"] = []
    for index in live["GlobalSecondaryIndexes"]:
        index["IndexStatus"] = "DELETING"

    assert compare(table(leaving), live, None) == ()
