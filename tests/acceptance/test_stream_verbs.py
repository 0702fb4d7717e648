"""`harness stream …` on a stack that is up: a message is written as an application does, and the handler hears of it."""

from __future__ import annotations

import json
import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from harness.instant import from_text, to_text
from harness.streams.simulation.record_files import read_records
from tests.acceptance.conftest import interrupt, new_project, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.conftest import Project

TABLE = "cruddur-messages"
HANDLER = "message_group_stream"
POISON = """
def handler(event, context):
    raise RuntimeError("never")
"""

WITH_POISON = ("[handlers]\n", '[handlers]\npoison = "poison.py:handler"\n')


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A small stack of our own: these tests write to it."""
    folder = tmp_path_factory.mktemp("stream")
    require("embedded", folder)
    made = new_project(folder / "app", "embedded")
    made.ok("up", "--messages", "60")
    yield made
    made.ok("down")


def write(project: Project, text: str) -> str:
    """Write a message a second after the newest one of the group that comes first, and return the group."""
    dynamodb = project.dynamodb()
    items = dynamodb.scan(TableName=TABLE)["Items"]
    pk = min(item["pk"]["S"] for item in items if item["pk"]["S"].startswith("MSG#"))
    newest = max((item for item in items if item["pk"]["S"] == pk), key=lambda item: item["sk"]["S"])
    at = to_text(from_text(newest["sk"]["S"]) + timedelta(seconds=1))
    dynamodb.put_item(TableName=TABLE, Item=newest | {"sk": {"S": at}, "message": {"S": text}})
    return str(pk.removeprefix("MSG#"))


def shown(project: Project, group: str) -> set[str]:
    """What the rows of a group say."""
    items = project.dynamodb().scan(TableName=TABLE)["Items"]
    return {item["message"]["S"] for item in items if item.get("message_group_uuid") == {"S": group}}


def numbers(report: dict[str, Any]) -> list[str]:
    return [number for invocation in report["invocations"] for number in invocation["records"]]


def test_drain_hands_each_record_over_once(stack: Project) -> None:
    stack.ok("stream", "drain")
    group = write(stack, "drained")
    report = stack.ok("stream", "drain", HANDLER, "--json").json
    # The message, and what the handler wrote for it: two rows taken away and put elsewhere.
    assert report["records"] == report["metrics"]["InvokedEventCount"] == 5
    assert report["stopped"] is None
    assert shown(stack, group) == {"drained"}
    assert stack.ok("stream", "drain", "--json").json["invocations"] == []


def test_drain_from_start_hands_everything_over_again(stack: Project) -> None:
    write(stack, "once more")
    done = stack.ok("stream", "drain")
    assert " handled in " in done.out
    told = stack.ok("stream", "drain", "--from-start", "--set", "BatchSize=2", "--json").json
    everything = [record["dynamodb"]["SequenceNumber"] for record in events(stack)]
    assert numbers(told) == everything
    assert all(len(invocation["records"]) <= 2 for invocation in told["invocations"])
    assert told["mapping"]["BatchSize"] == 2


def test_drain_says_what_is_stuck(stack: Project) -> None:
    stack.write("poison.py", POISON)
    stack.edit("harness.toml", *WITH_POISON)
    try:
        write(stack, "poison")
        told = stack("stream", "drain", "poison", "--emulate", "retry_cap=3", "--json", "-q")
        assert told.code == 1
        assert [invocation["attempt"] for invocation in told.json["invocations"]] == [1, 2, 3]
        assert "never" in told.json["stopped"]
        assert "set MaximumRetryAttempts" in told.err
        # It is where it was: nothing of it counts as done.
        told = stack.ok("stream", "drain", "poison", "--set", "MaximumRetryAttempts=0", "--json", "-q")
        assert [discard["condition"] for discard in told.json["discards"]] == ["RetryAttemptsExhausted"]
        assert "which handler?" in stack.refused(2, "stream", "drain")
    finally:
        stack.edit("harness.toml", *reversed(WITH_POISON))


def events(project: Project) -> list[Any]:
    return list(project.ok("stream", "events", "--json").json["Records"])


@pytest.mark.parametrize("name", ["records.json", "records.jsonl"])
def test_saved_events_are_read_back(stack: Project, name: str) -> None:
    write(stack, "saved")
    path = stack.folder / name
    assert "saved in" in stack.ok("stream", "events", "--save", str(path)).out
    assert list(read_records(path)) == events(stack)
    newest = stack.ok("stream", "events", "--json", "--limit", "1").json["Records"]
    assert newest == events(stack)[-1:]
    assert newest[0]["eventSourceARN"].startswith("arn:aws:dynamodb:us-east-1:")


def test_policy_holds_what_the_transaction_is_made_of(stack: Project) -> None:
    write(stack, "policed")
    least = stack.ok("stream", "policy").out
    actions = {action for statement in json.loads(least)["Statement"] for action in statement["Action"]}
    # IAM knows no action TransactWriteItems: its parts are asked for.
    assert {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query", "dynamodb:GetRecords"} <= actions
    assert "dynamodb:TransactWriteItems" not in actions
    # Rows that are right already are not written again: each delivery needs news.
    write(stack, "policed again")
    good = stack.write("good.json", least)
    assert "0 refused" in stack.ok("stream", "policy", "--check", str(good)).out
    write(stack, "policed poorly")
    assert "no.json" in stack.refused(2, "stream", "policy", "--check", "no.json")
    poor = stack.write("poor.json", least.replace("dynamodb:DeleteItem", "dynamodb:GetItem"))
    told = stack("stream", "policy", "--check", str(poor), "--set", "StartingPosition=LATEST", "--json")
    assert told.code == 1
    assert [entry["permission"]["action"] for entry in told.json["refused"]] == ["dynamodb:DeleteItem"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_delivers_until_it_is_told_to_stop(stack: Project, number: signal.Signals) -> None:
    stack.ok("stream", "drain")
    process = stack.start("stream", "run")
    try:
        assert process.stdout is not None
        attached = iter(process.stdout.readline, "")
        assert f"{HANDLER} on arn:aws:dynamodb:" in next(attached)
        assert any(line.startswith("Ctrl-C") for line in attached)
        group = write(stack, f"live until {number.name}")
        # The fifth record is the last that the handler's own transaction makes.
        handled = 0
        while handled < 5:
            line = next(attached)
            handled += int(line.split()[1]) if line.startswith("  ok") else 0
        assert "is attached already" in stack.refused(3, "stream", "drain")
        code, out, err = interrupt(process, number)
    finally:
        process.kill()
        process.wait()
    assert code == 0, err
    assert out.startswith("5 records handled in ")
    assert shown(stack, group) == {f"live until {number.name}"}
    assert stack.ok("stream", "drain", "--json").json["records"] == 0


def test_without_a_stack_it_says_how_to_start_one(project: Project) -> None:
    for verb in ("drain", "run", "events", "policy"):
        assert "harness up" in project.refused(3, "stream", verb)
