from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError, UsageError
from harness.schema_files.documents import read_document
from harness.streams.mapping.errors import ApiError
from harness.streams.mapping.files import MappingFile, read_mapping
from harness.streams.mapping.rules import create
from tests.unit.streams.mapping.requests import STREAM, UUID, filters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULTS = {"EventSourceArn": STREAM, "FunctionName": "from_harness_toml"}
SAM = """
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Parameters:
  Batch: {Type: Number, Default: "25"}
  Stage: {Type: String, Default: dev}
  Secret: {Type: AWS::SSM::Parameter::Value<String>, Default: /chat/secret}
Globals:
  Function:
    Timeout: 20
    Runtime: python3.11
    Environment: {Variables: {STAGE: !Ref Stage, LEVEL: INFO}}
Resources:
  Messages:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub messages-${Stage}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
  Failed:
    Type: AWS::SQS::Queue
  Resender:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/resender/
      Handler: app.handler
      MemorySize: 256
      Environment:
        Variables:
          LEVEL: DEBUG
          TABLE_NAME: !Ref Messages
          RETRIES: 3
          VERBOSE: true
          SECRET: !Ref Secret
          ELSEWHERE: !ImportValue other-stack
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Messages.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: !Ref Batch
            Enabled: true
            BisectBatchOnFunctionError: true
            MaximumBatchingWindowInSeconds: 2
            MaximumRecordAgeInSeconds: 3600
            MaximumRetryAttempts: 3
            ParallelizationFactor: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria:
              Filters:
                - Pattern: '{"eventName": ["INSERT"]}'
            DestinationConfig:
              OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}
        Api:
          Type: Api
          Properties: {Path: /, Method: get}
"""
CLOUDFORMATION = """
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Resend:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: resender
      Handler: app.handler
      Runtime: python3.11
      Code: ./src
      Role: !GetAtt Role.Arn
  Trigger:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Resend
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: LATEST
      Enabled: "false"
      MaximumRetryAttempts: "0"
      KmsKeyArn: arn:aws:kms:us-east-1:123456789012:key/1
      Tags: [{Key: team, Value: chat}]
  FromQueue:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Resend
      EventSourceArn: !GetAtt Queue.Arn
  Queue: {Type: AWS::SQS::Queue}
"""


def read(folder: Path, text: str, part: str = "", **more: Any) -> MappingFile:
    path = folder / "template.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(f"{path}{part}", defaults=more.pop("defaults", DEFAULTS), **more)


def refusal(folder: Path, text: str, part: str = "", **more: Any) -> HarnessError:
    with pytest.raises(HarnessError) as caught:
        create(read(folder, text, part, **more).request, uuid=UUID)
    return caught.value


def with_property(text: str) -> str:
    return SAM.replace("            BatchSize: !Ref Batch\n", f"            {text}\n")


def small(*resources: str) -> str:
    return "Resources:\n" + "".join(resources)


def function(name: str, *events: str) -> str:
    return (
        f"  {name}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n"
        + "".join(
            f"        {event}: {{Type: DynamoDB, Properties: {{StartingPosition: LATEST}}}}\n" for event in events
        )
        + "        Timer: {Type: Schedule, Properties: {Schedule: rate(1 day)}}\n"
    )


def test_a_sam_event_is_a_request(tmp_path: Path) -> None:
    found = read(tmp_path, SAM, region="eu-west-1", account="111111111111")
    assert found.request == {
        "EventSourceArn": STREAM,
        "FunctionName": "Resender",
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 25,
        "Enabled": True,
        "BisectBatchOnFunctionError": True,
        "MaximumBatchingWindowInSeconds": 2,
        "MaximumRecordAgeInSeconds": 3600,
        "MaximumRetryAttempts": 3,
        "ParallelizationFactor": 2,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": filters('{"eventName": ["INSERT"]}'),
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:eu-west-1:111111111111:Failed"}},
    }
    assert found.table == "messages-dev"
    assert found.source == f"{tmp_path / 'template.yaml'}#Resender.Changes"
    assert create(found.request, uuid=UUID).batch_size == 25


def test_a_sam_function_says_how_it_runs(tmp_path: Path) -> None:
    found = read(tmp_path, SAM)
    settings = found.function
    assert settings is not None
    assert (settings.logical_id, settings.name, settings.code.handler) == ("Resender", "Resender", "app.handler")
    assert (settings.template, settings.code.folder) == (tmp_path / "template.yaml", tmp_path / "src/resender")
    assert (settings.timeout, settings.memory_size, settings.runtime) == (20, 256, "python3.11")
    assert settings.environment == {
        "STAGE": "dev",
        "LEVEL": "DEBUG",
        "TABLE_NAME": "messages-dev",
        "RETRIES": "3",
        "VERBOSE": "true",
    }
    texts = [caution.text for caution in found.cautions]
    assert [caution.code for caution in found.cautions] == ["variable-unknown"] * 2
    assert "SECRET of Resender is !Ref Secret" in texts[0]
    assert "ELSEWHERE of Resender is !ImportValue other-stack" in texts[1]


def test_a_cloudformation_mapping_is_a_request(tmp_path: Path) -> None:
    found = read(tmp_path, CLOUDFORMATION)
    assert found.request == {
        "EventSourceArn": STREAM,
        "FunctionName": "resender",
        "StartingPosition": "LATEST",
        "Enabled": False,
        "MaximumRetryAttempts": 0,
        "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
        "Tags": {"team": "chat"},
    }
    create(found.request, uuid=UUID)
    assert (found.table, found.source) == ("Table", f"{tmp_path / 'template.yaml'}#Trigger")
    settings = found.function
    assert settings is not None
    assert (settings.logical_id, settings.name) == ("Resend", "resender")
    assert (settings.timeout, settings.memory_size, settings.environment) == (3, 128, {})
    assert settings.code.folder == tmp_path / "src"


def test_json_says_the_same_as_yaml(tmp_path: Path) -> None:
    written = {
        "Resources": {
            "Trigger": {
                "Type": "AWS::Lambda::EventSourceMapping",
                "Properties": {
                    "FunctionName": {"Fn::GetAtt": ["Resend", "Arn"]},
                    "EventSourceArn": {"Fn::GetAtt": ["Table", "StreamArn"]},
                    "StartingPosition": "LATEST",
                },
            },
            "Resend": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "pass"}}},
            "Table": {"Type": "AWS::DynamoDB::Table"},
        }
    }
    found = read(tmp_path, json.dumps(written))
    assert found.request["FunctionName"] == "arn:aws:lambda:us-east-1:123456789012:function:Resend"
    assert (found.function and found.function.logical_id, found.table) == ("Resend", "Table")
    assert found.function is not None
    assert found.function.code.folder is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("!Ref Resend", "resender"),
        ("!GetAtt Resend.Arn", "arn:aws:lambda:us-east-1:123456789012:function:resender"),
        ("!Sub '${Resend.Arn}:live'", "arn:aws:lambda:us-east-1:123456789012:function:resender:live"),
        ("!Sub '${Resend}:live'", "resender:live"),
        ("!Join [':', [!Ref Resend, live]]", "resender:live"),
        ("!Ref Live", "arn:aws:lambda:us-east-1:123456789012:function:resender:live"),
        ("resender", "resender"),
    ],
)
def test_a_function_is_found_however_it_is_named(tmp_path: Path, said: str, name: str) -> None:
    alias = "  Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Resend, Name: live}}\n"
    text = CLOUDFORMATION.replace(
        "FunctionName: !Ref Resend\n      EventSourceArn: !GetAtt T",
        f"FunctionName: {said}\n      EventSourceArn: !GetAtt T",
    )
    found = read(tmp_path, text + alias)
    assert found.request["FunctionName"] == name
    assert found.function is not None
    assert found.function.logical_id == "Resend"


def test_an_alias_that_sam_publishes_is_what_is_called(tmp_path: Path) -> None:
    text = SAM.replace("    Timeout: 20\n", "    Timeout: 20\n    AutoPublishAlias: live\n")
    assert read(tmp_path, text).request["FunctionName"] == "Resender:live"


def test_what_only_a_deployed_stack_knows_is_the_callers(tmp_path: Path) -> None:
    text = CLOUDFORMATION.replace("FunctionName: !Ref Resend", "FunctionName: !ImportValue x")
    found = read(tmp_path, text, "#Trigger")
    assert found.request["FunctionName"] == "from_harness_toml"
    assert found.request["EventSourceArn"] == STREAM
    assert found.function is None
    alone = read(tmp_path, CLOUDFORMATION, defaults={})
    assert "EventSourceArn" not in alone.request
    assert alone.table == "Table"
    error = refusal(tmp_path, CLOUDFORMATION, defaults={})
    assert (type(error), error.message) == (ApiError, "Unrecognized event source.")


def test_an_option_that_is_not_known_is_refused_and_not_left_out(tmp_path: Path) -> None:
    text = with_property("MaximumRetryAttempts: !ImportValue retries").replace(
        "            MaximumRetryAttempts: 3\n", ""
    )
    error = refusal(tmp_path, text)
    assert "MaximumRetryAttempts of Resender.Changes in template.yaml needs !ImportValue retries" in error.message
    assert f"{tmp_path / 'template.yaml'}:" in error.message
    found = read(tmp_path, text, defaults=DEFAULTS | {"MaximumRetryAttempts": 4})
    assert found.request["MaximumRetryAttempts"] == 4


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("!Ref Batch", 25),
        ("'7'", 7),
        ("!FindInMap [Sizes, !Ref Stage, batch]", 9),
        ("!If [Prod, 1, 2]", "!If …"),
        ("!Ref Nobody", "!Ref Nobody"),
        ("!FindInMap [Sizes, prod, batch]", "!FindInMap Sizes.prod.batch"),
        ("!Sub '${Nobody}'", "!Sub ${Nobody}"),
        ("!Join ['', [!Ref Nobody]]", "!Join …"),
    ],
)
def test_functions_are_worked_out(tmp_path: Path, said: str, value: Any) -> None:
    text = with_property(f"BatchSize: {said}") + "Mappings: {Sizes: {dev: {batch: 9}}}\n"
    if isinstance(value, int):
        assert read(tmp_path, text).request["BatchSize"] == value
    else:
        assert f"BatchSize of Resender.Changes in template.yaml needs {value}," in refusal(tmp_path, text).message


def test_no_value_takes_the_property_away(tmp_path: Path) -> None:
    assert "BatchSize" not in read(tmp_path, with_property("BatchSize: !Ref AWS::NoValue")).request


@pytest.mark.parametrize(
    ("said", "arn"),
    [
        ("!GetAtt Failed.Arn", "arn:aws:sqs:us-east-1:123456789012:Failed"),
        (
            "!Sub 'arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:${Failed.QueueName}'",
            "arn:aws:sqs:us-east-1:123456789012:Failed",
        ),
        ("!Ref Topic", "arn:aws:sns:us-east-1:123456789012:failed-messages"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::bucket"),
    ],
)
def test_a_destination_of_the_template_is_named_as_it_will_be(tmp_path: Path, said: str, arn: str) -> None:
    more = "  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: failed-messages}}\n  Bucket: {Type: AWS::S3::Bucket}\n"
    found = read(tmp_path, SAM.replace("!GetAtt Failed.Arn", said) + more)
    assert create(found.request, uuid=UUID).on_failure == arn


def test_a_queues_url_and_a_fifo_queue_are_refused_as_on_aws(tmp_path: Path) -> None:
    url = refusal(tmp_path, SAM.replace("!GetAtt Failed.Arn", "!Ref Failed"))
    assert "Value 'https://sqs.us-east-1.amazonaws.com/123456789012/Failed' at 'destinationConfig" in url.message
    fifo = refusal(
        tmp_path,
        SAM.replace("    Type: AWS::SQS::Queue\n", "    Type: AWS::SQS::Queue\n    Properties: {FifoQueue: true}\n"),
    )
    assert fifo.message == "The destination ARN arn:aws:sqs:us-east-1:123456789012:Failed.fifo is invalid."


def test_one_of_several_is_named_by_its_place(tmp_path: Path) -> None:
    text = small(function("One", "Changes"), function("Two", "Changes", "Again"))
    path = tmp_path / "template.yaml"
    assert read(tmp_path, text, "#Two.Again").source == f"{path}#Two.Again"
    assert read(tmp_path, text, "#One").source == f"{path}#One.Changes"
    error = refusal(tmp_path, text)
    assert error.message == f"{path}: has 3 mappings of DynamoDB streams: One.Changes, Two.Changes, Two.Again"
    assert error.hint == "name one of them: template.yaml#One.Changes"
    assert refusal(tmp_path, text, "#Two").message.endswith(
        "has 2 mappings of DynamoDB streams: Two.Changes, Two.Again"
    )
    missing = refusal(tmp_path, text, "#One.Chnges")
    assert missing.message == f"{path}: has no mapping 'One.Chnges' of a DynamoDB stream"
    assert missing.hint == "did you mean `One.Changes`?"
    other = refusal(tmp_path, text, "#One.Timer")
    assert other.message == f"{path}: One.Timer is an event of type Schedule, not DynamoDB"


def test_a_mapping_of_its_own_and_the_functions_id_name_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, CLOUDFORMATION, "#Trigger").request == read(tmp_path, CLOUDFORMATION, "#Resend").request
    assert "no mapping 'FromQueue'" in refusal(tmp_path, CLOUDFORMATION, "#FromQueue").message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Resources: {}\n", "has no mapping of a DynamoDB stream"),
        ("Resources:\n", "has no mapping of a DynamoDB stream"),
        ("Resources: [1]\n", "has no mapping of a DynamoDB stream"),
        ("Resources: {A: 1, B: {Type: AWS::Serverless::Function}}\n", "has no mapping of a DynamoDB stream"),
        (small(function("One")), "has no mapping of a DynamoDB stream: One.Timer is of type Schedule"),
        (with_property("Batchsize: 5"), "has no key 'Batchsize'"),
        (with_property("EventSourceArn: x"), "has no key 'EventSourceArn'"),
        (with_property("Topics: [x]"), "Topics has no meaning for a DynamoDB stream"),
        (with_property("TumblingWindowInSeconds: 5"), "Parallelization factor must be equal to 1"),
        (with_property("BatchSize: many"), "Value 'many' at 'batchSize'"),
        (SAM.replace("""'{"eventName": ["INSERT"]}'""", """{"eventName": ["INSERT"]}"""), "Member must be a string"),
        (SAM.replace("MemorySize: 256", "MemorySize: 64"), "MemorySize of Resender is 64"),
        (SAM.replace("Timeout: 20", "Timeout: !ImportValue x"), "Timeout of Resender is !ImportValue x"),
        (SAM.replace("Timeout: 20", "Timeout: 901"), "Timeout of Resender is 901"),
        (
            SAM.replace(
                "      Environment:\n        Variables:", "      Environment:\n        Variables: []\n        X:"
            ),
            "Environment of Resender is",
        ),
        (SAM.replace("TableName: !Sub messages-${Stage}", "TableName: !Ref Messages"), "a resource refers to itself"),
    ],
)
def test_a_template_that_can_not_be_used_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    error = refusal(tmp_path, text)
    assert reason in error.message
    assert error.hint


def test_every_part_of_a_template_may_be_missing_or_odd(tmp_path: Path) -> None:
    """Whatever value stands where, the answer is a mapping or a refusal, never a traceback."""
    read(tmp_path, SAM)
    original = read_document(tmp_path / "template.yaml").data
    odd_values: list[Any] = [None, 7, "text", [], {}, [{}], {"Ref": []}, {"Fn::GetAtt": "x"}]
    outcomes = set()
    for *path, last in places(original):
        for odd in odd_values:
            changed = deepcopy(original)
            spot: Any = changed
            for key in path:
                spot = spot[key]
            spot[last] = odd
            try:
                create(read(tmp_path, json.dumps(changed, default=str)).request, uuid=UUID)
                outcomes.add("accepted")
            except (UsageError, ApiError):
                outcomes.add("refused")
    assert outcomes == {"accepted", "refused"}


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))
