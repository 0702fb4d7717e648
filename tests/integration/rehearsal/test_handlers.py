"""Stream handlers that are hard to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.rehearsal.projects import rehearsed

if TYPE_CHECKING:
    from harness.rehearsal.results import HandlerTrial, Rehearsal
    from tests.integration.rehearsal.projects import Files

SAYS_WHO = (
    "def handler(event, context):\n    print(context.function_name, context.get_remaining_time_in_millis() > 0)\n"
)
ELSEWHERE = """\
import os, boto3

client = boto3.client("dynamodb")


def handler(event, context):
    client.query(TableName=os.getenv("THEIRS", "their-chats"), IndexName="message-group-sk-index",
                 KeyConditionExpression="message_group_uuid = :g", ExpressionAttributeValues={":g": {"S": "x"}})
"""
FILES: Files = {
    "aws/hangs.py": (
        "stream-handler",
        "def handler(event, context):\n    while event['Records'][0]['eventName'] == 'REMOVE': pass\n",
    ),
    "aws/broken.py": ("stream-handler", "import nothing.of_the_kind\nx = nothing.call()\n\ndef handler(event, context):\n    pass\n"),
    "aws/leaves.py": (
        "stream-handler",
        "import os\n\ndef handler(event, context):\n    if event['Records'][0]['eventName'] == 'REMOVE': os._exit(3)\n",
    ),
    "aws/elsewhere.py": ("stream-handler", ELSEWHERE),
    "aws/plain.py": ("stream-handler", SAYS_WHO),
    "aws/none.py": ("stream-handler", "def helper(a, b, c):\n    pass\n"),
}  # fmt: skip


@pytest.fixture(scope="module")
def found(needs_embedded: None, tmp_path_factory: pytest.TempPathFactory) -> Rehearsal:  # noqa: ARG001 - skips
    return rehearsed(tmp_path_factory.mktemp("handlers"), FILES, timeout=4)


def trials(found: Rehearsal, name: str) -> dict[str, HandlerTrial]:
    return {trial.name: trial for trial in found.trials if trial.path == f"aws/{name}.py"}


def test_one_that_never_ends_is_stopped_and_the_others_are_told(found: Rehearsal) -> None:
    tried = trials(found, "hangs")
    assert [(name, trial.stopped) for name, trial in tried.items()] == [
        ("insert", None),
        ("batch-of-two", None),
        ("late-record", None),
        ("remove", "time"),
    ]


def test_one_that_can_not_be_imported_is_tried_once(found: Rehearsal) -> None:
    (trial,) = trials(found, "broken").values()
    assert trial.stopped == "it can't be imported"
    assert trial.traceback is not None
    assert trial.traceback.at is not None
    assert (trial.traceback.kind, str(trial.traceback.at.place)) == ("ModuleNotFoundError", "aws/broken.py:2")


def test_one_that_takes_the_process_with_it_loses_only_that_trial(found: Rehearsal) -> None:
    tried = trials(found, "leaves")
    assert len(tried) == 6
    assert tried["remove"].stopped == "its process ended with exit code 3"
    assert [trial.stopped for name, trial in tried.items() if name != "remove"] == [None] * 5


def test_one_with_a_table_of_another_name_finds_it(found: Rehearsal) -> None:
    tried = trials(found, "elsewhere")
    assert len(tried) == 6
    assert {(call.error, call.parameters["TableName"]) for trial in tried.values() for call in trial.calls} == {
        (None, "their-chats")
    }


def test_the_context_is_of_lambda(found: Rehearsal) -> None:
    assert {trial.stdout for name, trial in trials(found, "plain").items() if name != "redelivery"} == {
        "rehearsal True\n"
    }


def test_a_file_without_a_handler_is_told(found: Rehearsal) -> None:
    assert trials(found, "none") == {}
    assert "no function" in next(each.why for each in found.not_done if each.what == "aws/none.py")
