"""`harness stream deliver`: recorded records for a handler, with no engine at all."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.clock import SimulatedClock
from harness.streams.event import Source, to_lambda_event
from harness.streams.simulation.table import TableSimulation

if TYPE_CHECKING:
    from pathlib import Path

    from tests.acceptance.conftest import Project

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/messages/stream/2026-03-02T00:00:00.000"
HANDLER = """
def handler(event, context):
    print("called with", len(event["Records"]))
    for record in event["Records"]:
        if record["dynamodb"]["Keys"]["pk"]["S"] == "P5":
            raise ValueError("poison")
"""
WORDS = ("stream", "deliver", "--handler", "handler.py:handler", "--records", "records.json")
#: What a handler raises stands in its log with a traceback, which `-q` leaves out.
GIVEN_UP = ("-q", "--set", "MaximumRetryAttempts=1", "--set", "BisectBatchOnFunctionError=true")


def recorded(number: int = 8) -> list[dict[str, Any]]:
    table = TableSimulation(clock=SimulatedClock(at=AT.timestamp()))
    for each in range(number):
        table.put_item({"pk": {"S": f"P{each}"}, "sk": {"S": "x"}})
    records: list[dict[str, Any]] = to_lambda_event(table.records, Source(arn=ARN), seen_at=AT)["Records"]
    return records


@pytest.fixture
def numbers(project: Project) -> list[str]:
    """A project with a handler and eight records; their sequence numbers. The sixth one is poison."""
    records = recorded()
    project.write("handler.py", HANDLER)
    project.write("records.json", json.dumps({"Records": records}))
    return [record["dynamodb"]["SequenceNumber"] for record in records]


def test_poison_record_is_cut_out_and_the_rest_is_handled(project: Project, numbers: list[str]) -> None:
    told = project.ok(*WORDS, *GIVEN_UP, "--json")
    sizes = [len(call["records"]) for call in told.json["invocations"]]
    assert sizes == [8, 4, 4, 2, 1, 1, 1, 2]
    (discard,) = told.json["discards"]
    assert discard["records"] == [numbers[5]]
    assert discard["failure_record"]["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert discard["failure_record"]["DDBStreamBatchInfo"]["startSequenceNumber"] == numbers[5]
    assert [each["sequence_number"] for each in told.json["checkpoints"].values()] == [numbers[-1]]
    assert (told.json["records"], told.json["metrics"]["DroppedEventCount"], told.json["stopped"]) == (7, 1, None)
    assert told.json["mapping"]["EventSourceArn"] == ARN
    assert told.err == ""


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("more", [(), ("--inline",), ("--emulate", "duplicate_rate=300", "--emulate", "seed=7")])
def test_same_json_twice(project: Project, more: tuple[str, ...]) -> None:
    first, second = (project.ok(*WORDS, *GIVEN_UP, "--json", *more).out for _ in range(2))
    assert first == second


@pytest.mark.usefixtures("numbers")
def test_neither_driver_nor_project_nor_writable_folder_is_needed(project: Project, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("handler.py", "records.json"):
        (bare / name).write_bytes((project.folder / name).read_bytes())
    bare.chmod(0o555)
    without = "import sys; sys.modules.update(dict.fromkeys(('boto3', 'botocore', 'psycopg', 'docker')))"
    code = f"{without}; from harness.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *WORDS, *GIVEN_UP, "--json"],
        cwd=bare,
        env=project.environment({"PYTHONDONTWRITEBYTECODE": "1", "PATH": "/nowhere"}),
        capture_output=True,
        text=True,
        check=False,
    )
    bare.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["records"] == 7
    assert not (bare / ".harness").exists()


def test_stuck_batch_is_told_with_all_that_happened(project: Project, numbers: list[str]) -> None:
    stuck = project(*WORDS, "-q", "--set", "BatchSize=3", "--emulate", "retry_cap=4", "--json")
    assert stuck.code == 1
    assert stuck.json["records"] == 3
    assert [call["attempt"] for call in stuck.json["invocations"]] == [1, 1, 2, 3, 4]
    assert stuck.json["stopped"].startswith("handler failed on each of 4 calls")
    assert numbers[5] in stuck.json["stopped"]
    assert "poison-blocks-shard" in [caution["code"] for caution in stuck.json["cautions"]]
    assert "hint: mend the handler" in stuck.err


def test_mapping_of_a_file_filters(project: Project, numbers: list[str]) -> None:
    pattern = json.dumps({"dynamodb": {"Keys": {"pk": {"S": ["P1", "P2"]}}}})
    mapping = {"FilterCriteria": {"Filters": [{"Pattern": pattern}]}, "StartingPosition": "LATEST", "BatchSize": 1}
    project.write("mapping.json", json.dumps(mapping))
    told = project.ok(*WORDS, "--mapping", "mapping.json", "--json").json
    assert [call["records"] for call in told["invocations"]] == [[numbers[1]], [numbers[2]]]
    assert told["filtered"] == [numbers[0], *numbers[3:]]


@pytest.mark.usefixtures("numbers")
def test_what_the_handler_prints_goes_to_stderr(project: Project) -> None:
    told = project.ok(
        *WORDS,
        "--set",
        "BatchSize=5",
        "--set",
        'FilterCriteria={"Filters": [{"Pattern": "{\\"dynamodb\\":'
        ' {\\"Keys\\": {\\"pk\\": {\\"S\\": [\\"P1\\"]}}}}"}]}',
    )
    assert "called with 1" in told.err
    assert "1 record handled in 1 call" in told.out


@pytest.mark.usefixtures("numbers")
def test_record_age_goes_by_the_simulated_clock(project: Project) -> None:
    told = project.ok(*WORDS, "--set", "MaximumRecordAgeInSeconds=60", "--at", "2026-03-02T12:02:00Z", "--json").json
    assert told["invokes"] == 0
    assert {discard["condition"] for discard in told["discards"]} == {"RecordAgeExceeded"}
    assert "7 records handled" in project.ok(*WORDS, *GIVEN_UP).out


@pytest.mark.usefixtures("numbers")
def test_mapping_that_is_off_delivers_nothing(project: Project) -> None:
    told = project.ok(*WORDS, "--set", "Enabled=false", "--json").json
    assert told["invocations"] == []
    assert [caution["code"] for caution in told["cautions"]] == ["mapping-disabled"]


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--records", "nowhere.json"), "there is no file nowhere.json"),
        (("--records", "handler.py"), "not JSON"),
        (("--handler", "nowhere.py:handler"), "there is no file"),
        (("--handler", "handler"), "FILE:FUNCTION"),
        (("--mapping", "unknown.json"), "BatchSise"),
        (("--set", "BatchSise=1"), "BatchSise"),
        (("--set", "BatchSize=0"), "batchSize"),
        (("--set", "BatchSize"), "NAME=VALUE"),
        (("--emulate", "retry_cup=1"), "retry_cap"),
        (("--at", "yesterday"), "yesterday"),
        (("--timeout", "0"), "timeout"),
    ],
)
def test_bad_input_is_refused_in_words(project: Project, words: tuple[str, ...], told: str) -> None:
    project.write("unknown.json", json.dumps({"BatchSise": 1}))
    assert told in project.refused(2, *WORDS, *words)


TEMPLATE = """
Resources:
  Mover:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: src/
      Handler: app.handler
      Events:
        Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST, BatchSize: 5}}
"""


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("more", [(), ("--inline",)])
def test_template_alone_names_the_code(project: Project, more: tuple[str, ...]) -> None:
    project.write("template.yaml", TEMPLATE)
    words = ("stream", "deliver", "--mapping", "template.yaml#Mover", "--records", "records.json", "--json", *more)
    assert "no file for it" in project.refused(2, *words)
    project.write("src/rows.py", "def count(event): return len(event['Records'])\n")
    project.write("src/app.py", "from rows import count\n\ndef handler(event, context):\n    return count(event)\n")
    told = project.ok(*words).json
    assert [len(call["records"]) for call in told["invocations"]] == [5, 3]
    assert (told["records"], told["mapping"]["FunctionName"]) == (8, "Mover")


@pytest.mark.usefixtures("numbers")
def test_without_a_template_the_command_line_names_the_code(project: Project) -> None:
    words = ("stream", "deliver", "--records", "records.json")
    assert "neither --handler nor --mapping" in project.refused(2, *words)
    project.write("mapping.json", json.dumps({"BatchSize": 1}))
    told = project.refused(2, *words, "--mapping", "mapping.json")
    assert "defines no function" in told
    assert "--handler FILE:FUNCTION" in told


@pytest.mark.usefixtures("numbers")
def test_mapping_file_must_be_there(project: Project) -> None:
    assert "nowhere.json" in project.refused(3, *WORDS, "--mapping", "nowhere.json")
