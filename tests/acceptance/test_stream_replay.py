"""`harness stream replay`: the same records a second time, to a handler that works on the stack."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import new_project, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.conftest import Project

TABLE = "cruddur-messages"
COUNTS = """
import boto3

def handler(event, context):
    for record in event["Records"]:
        boto3.client("dynamodb").update_item(
            TableName="cruddur-messages",
            Key={"pk": {"S": "COUNT"}, "sk": {"S": "1"}},
            UpdateExpression="ADD calls :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("replay")
    require("embedded", folder)
    made = new_project(folder / "app", "embedded")
    made.ok("up", "--messages", "60")
    yield made
    made.ok("down")


def test_replayed_records_reach_a_handler_that_writes_to_the_stack(stack: Project) -> None:
    (stack.folder / "counts.py").write_text(COUNTS)
    config = stack.folder / "harness.toml"
    config.write_text(config.read_text().replace("[handlers]\n", '[handlers]\ncounts = "counts.py:handler"\n'))
    dynamodb = stack.dynamodb()
    for number in range(3):
        dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "NOTE"}, "sk": {"S": str(number)}})
    stack.ok("stream", "events", "--save", "records.json", "--limit", "3")

    report = stack.ok("stream", "replay", "records.json", "counts", "--set", "BatchSize=2", "--json").json

    assert (report["records"], report["invokes"], report["stopped"]) == (3, 2, None)
    counted = dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": "COUNT"}, "sk": {"S": "1"}})["Item"]
    assert counted["calls"] == {"N": "3"}
    assert (
        "3 records handled in 3 calls"
        in stack.ok("stream", "replay", "records.json", "counts", "--set", "BatchSize=1").out
    )


def test_records_that_are_none_are_refused_whole(stack: Project) -> None:
    (stack.folder / "bad.json").write_text(json.dumps({"Records": [{"eventName": "INSERT"}]}))
    said = stack.refused(2, "stream", "replay", "bad.json", "message_group_stream")
    assert "Records[0]: eventID is missing" in said
