"""A seed as a stream."""

from __future__ import annotations

import json

from harness.instant import from_text
from harness.seeding.generate import generate
from harness.streams.simulation.from_dataset import insertions
from tests.unit.seeding.plans import make_plan

DATASET = generate(make_plan())


def test_every_item_is_inserted_once_in_the_order_of_time() -> None:
    records = list(insertions(DATASET))
    changes = [record["dynamodb"] for record in records]
    assert {record["eventName"] for record in records} == {"INSERT"}
    inserted = [json.dumps(change["NewImage"], sort_keys=True) for change in changes]
    assert sorted(inserted) == sorted(json.dumps(item, sort_keys=True) for item in DATASET.items())
    instants = [from_text(change["Keys"]["sk"]["S"]) for change in changes]
    assert instants == sorted(instants)
    assert [change["ApproximateCreationDateTime"] for change in changes] == [
        instant.replace(microsecond=0) for instant in instants
    ]
    numbers = [int(change["SequenceNumber"]) for change in changes]
    assert numbers == sorted(set(numbers))


def test_messages_alone() -> None:
    records = list(insertions(DATASET, messages_only=True, view_type="KEYS_ONLY", region="eu-west-1"))
    assert len(records) == DATASET.counts()["messages"]
    assert all(record["dynamodb"]["Keys"]["pk"]["S"].startswith("MSG#") for record in records)
    assert {(record["awsRegion"], "NewImage" in record["dynamodb"]) for record in records} == {("eu-west-1", False)}


def test_group_rows_follow_their_last_message() -> None:
    seen = set()
    for record in insertions(DATASET):
        image = record["dynamodb"]["NewImage"]
        if image["pk"]["S"].startswith("MSG#"):
            seen.add((image["pk"]["S"], image["sk"]["S"]))
        else:
            assert (f"MSG#{image['message_group_uuid']['S']}", image["sk"]["S"]) in seen


def test_the_same_each_time() -> None:
    assert list(insertions(DATASET)) == list(insertions(DATASET))
