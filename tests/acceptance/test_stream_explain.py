"""`harness stream explain` on a stack that is up: what is wrong is named, and what is right too."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import interrupt, new_project, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.conftest import Project

TABLE = "cruddur-messages"
PLAIN = '[handlers]\nplain = "plain.py:handler"\n'
HANDLER = """
def handler(event, context):
    return [record["dynamodb"]["NewImage"] for record in event["Records"]]
"""

COUNTS = """
def handler(event, context):
    assert event["window"]["start"] < event["window"]["end"]
    return {"state": {"n": event["state"].get("n", 0) + len(event["Records"])}}
"""
TEMPLATE = """
Resources:
  Counter:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: src/
      Handler: counts.handler
      Events:
        Changes: {Type: DynamoDB, Properties: {StartingPosition: TRIM_HORIZON, TumblingWindowInSeconds: 60}}
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A small stack of our own with a handler that writes nothing, and one record in its stream."""
    folder = tmp_path_factory.mktemp("explain")
    require("embedded", folder)
    made = new_project(folder / "app", "embedded")
    made.write("plain.py", HANDLER)
    made.edit("harness.toml", "[handlers]\n", PLAIN)
    made.ok("up", "--messages", "60")
    yield made
    made.ok("down")


def write(project: Project) -> None:
    project.dynamodb().put_item(TableName=TABLE, Item={"pk": {"S": "X#1"}, "sk": {"S": "1"}})


def causes(project: Project, *words: str) -> list[str]:
    told = project("stream", "explain", "plain", "--json", *words)
    assert told.code == (0 if told.json["fires"] else 1), told
    return [reason["code"] for reason in told.json["reasons"] if reason["stops"]]


def test_from_nothing_written_to_all_handled_to_stream_off(stack: Project) -> None:
    assert causes(stack) == ["nothing-written"]
    write(stack)
    assert "1 of 1 records in the stream wait for plain" in stack.ok("stream", "explain", "plain").out
    assert causes(stack, "--set", "StartingPosition=LATEST") == ["latest-after-write"]
    assert causes(stack, "--set", "Enabled=false") == ["mapping-disabled"]
    pattern = json.dumps({"eventName": ["REMOVE"]})
    criteria = json.dumps({"Filters": [{"Pattern": pattern}]})
    assert causes(stack, "--set", f"FilterCriteria={criteria}") == ["filter-drops-all"]
    assert causes(stack, "--set", "BatchSize=0") == ["mapping-refused"]

    for broken in ("import nowhere\n", "import os\nos.environ['NOWHERE']\n", "def other(event, context): ...\n"):
        stack.write("plain.py", broken)
        assert causes(stack) == ["handler-not-loaded"]
    (stack.folder / "plain.py").unlink()
    assert causes(stack) == ["handler-not-loaded"]
    # Of another length: Python takes a file of the same second and size for the one that it compiled.
    stack.write("plain.py", "# Old.\n" + HANDLER.replace("NewImage", "OldImage"))
    assert causes(stack) == ["view-type"]
    stack.write("plain.py", HANDLER)

    arn = "arn:aws:dynamodb:us-east-1:123456789012:table/users/stream/2026-03-02T00:00:00.000"
    stack.write("other.json", json.dumps({"EventSourceArn": arn}))
    with_mapping = 'plain = {handler = "plain.py:handler", mapping = "other.json"}\n'
    stack.edit("harness.toml", 'plain = "plain.py:handler"\n', with_mapping)
    assert causes(stack) == ["other-table"]
    stack.edit("harness.toml", with_mapping, 'plain = "plain.py:handler"\n')

    # In a tumbling window a handler may rely on what goes with one, and a template alone names its code.
    stack.write("src/counts.py", COUNTS)
    stack.write("template.yaml", TEMPLATE)
    stack.edit("harness.toml", 'plain = "plain.py:handler"\n', 'plain = {mapping = "template.yaml#Counter"}\n')
    assert causes(stack) == []
    assert "handler-fails-when-empty" not in stack.ok("stream", "explain", "plain").out
    stack.edit("harness.toml", 'plain = {mapping = "template.yaml#Counter"}\n', 'plain = "plain.py:handler"\n')

    # Looking changed nothing: the record is still there to be handed over.
    assert stack.ok("stream", "drain", "plain", "--json").json["records"] == 1
    assert causes(stack) == ["all-handled"]

    process = stack.start("stream", "run", "plain")
    try:
        assert process.stdout is not None
        assert any(line.startswith("Ctrl-C") for line in iter(process.stdout.readline, ""))
        assert f"by process {process.pid}" in stack.ok("stream", "explain", "plain").out
    finally:
        interrupt(process, signal.SIGINT)

    stack.dynamodb().update_table(TableName=TABLE, StreamSpecification={"StreamEnabled": False})
    told = stack("stream", "explain", "plain")
    assert told.code == 1
    assert told.out.startswith(f"NO   {TABLE} has no stream, or it is switched off")
