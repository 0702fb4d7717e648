"""`harness stream invoke`: one call of a handler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.acceptance.conftest import Project

HANDLER = """
import boto3

def handler(event, context):
    print("called")
    return {"names": [record["eventName"] for record in event["Records"]]}

def asks(event, context):
    client = boto3.client("dynamodb", endpoint_url="http://dynamodb.ca-central-1.amazonaws.com", region_name="ca-central-1")
    return client.list_tables()["TableNames"]
"""


@pytest.fixture(autouse=True)
def _handler(project: Project) -> None:
    project.write("handler.py", HANDLER)


@pytest.mark.parametrize("more", [(), ("--inline",)])
def test_sample_event_needs_no_stack(project: Project, more: tuple[str, ...]) -> None:
    told = project.ok("stream", "invoke", "--handler", "handler.py:handler", "--sample", "all", *more)
    assert told.json == {"names": ["INSERT", "MODIFY", "REMOVE", "REMOVE"]}


def test_event_of_a_file_and_error_of_a_handler(project: Project) -> None:
    project.write("event.json", json.dumps({"Records": []}))
    words = ("stream", "invoke", "--handler", "handler.py:handler", "--event", "event.json")
    told = project.ok(*words, "--json")
    assert told.json == {"outcome": "returned", "response": {"names": []}, "error": None, "calls": []}
    assert "called" in told.err
    project.write("event.json", json.dumps({"Record": []}))
    failed = project("-q", *words)
    assert failed.code == 1
    assert failed.json["errorType"] == "KeyError"


def test_without_a_stack_nothing_leaves(project: Project) -> None:
    failed = project("-q", "stream", "invoke", "--handler", "handler.py:asks", "--sample", "insert")
    assert failed.code == 1
    assert "ListTables" in failed.json["errorMessage"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--handler", "handler.py:handler"), "one event"),
        (("--handler", "handler.py:handler", "--sample", "inset"), "inset"),
        (("--handler", "handler.py:handler", "--event", "nowhere.json"), "nowhere.json"),
        (("--handler", "handler.py:handler", "--event", "handler.py"), "not JSON"),
        (("--handler", "nowhere.py:handler", "--sample", "insert"), "nowhere.py"),
        (("name", "--handler", "handler.py:handler", "--sample", "insert"), "both"),
        (("nobody", "--sample", "insert"), "nobody"),
        (("--inline", "--sample", "insert"), "--inline"),
    ],
)
def test_bad_input_is_refused_in_words(project: Project, words: tuple[str, ...], told: str) -> None:
    assert told in project.refused(2, "stream", "invoke", *words)


@pytest.mark.embedded
def test_a_sample_for_a_mapping_with_windows_has_one(embedded_stack: Project) -> None:
    embedded_stack.write("echo.py", "def handler(event, context):\n    return event\n")
    embedded_stack.write("echo.json", json.dumps({"TumblingWindowInSeconds": 60}))
    echo = '[handlers]\necho = {handler = "echo.py:handler", mapping = "echo.json"}\n'
    embedded_stack.edit("harness.toml", "[handlers]\n", echo)
    event = embedded_stack.ok("stream", "invoke", "echo", "--sample", "insert").json
    embedded_stack.edit("harness.toml", echo, "[handlers]\n")
    assert (event["state"], event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]) == ({}, False, False)
    assert event["window"] == {"start": "2026-03-02T12:00:00Z", "end": "2026-03-02T12:01:00Z"}
    assert event["eventSourceARN"] == event["Records"][0]["eventSourceARN"]


@pytest.mark.embedded
def test_with_a_stack_the_hard_coded_endpoint_is_the_stacks(embedded_stack: Project) -> None:
    embedded_stack.write("asks.py", HANDLER)
    told = embedded_stack.ok("stream", "invoke", "--handler", "asks.py:asks", "--sample", "insert", "--json").json
    assert [(call["service"], call["operation"]) for call in told["calls"]] == [("dynamodb", "ListTables")]
    assert len(told["response"]) == 1
