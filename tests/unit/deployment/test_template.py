"""What a template says, for projects of many kinds; each passes cfn-lint in both formats."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
import yaml

from harness.config import load_config
from harness.deployment.functions import Format
from harness.deployment.plan import plan_deployment
from harness.deployment.template import written
from harness.errors import UsageError
from harness.schema_files.documents import parse_yaml
from harness.streams.permissions.check import check
from harness.streams.permissions.needs import function_identity, trigger_needs
from harness.streams.permissions.permission import Identity, Permission
from harness.streams.permissions.recorded import Recorded, code_digest, recorded_path, remember
from harness.streams.permissions.sources import read_policies
from tests.unit.deployment.projects import QUEUE, faults, index, project, table, template_of

if TYPE_CHECKING:
    from harness.config import Config

ROOT = Path(__file__).parents[3]
HANDLER = 'rows = "functions/rows.py:handler"'
EVERYTHING: dict[str, Any] = {
    "FunctionName": "rows:live",
    "StartingPosition": "LATEST",
    "Enabled": False,
    "BatchSize": 7,
    "MaximumBatchingWindowInSeconds": 3,
    "ParallelizationFactor": 2,
    "MaximumRetryAttempts": 4,
    "MaximumRecordAgeInSeconds": 61,
    "BisectBatchOnFunctionError": True,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
    "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    "MetricsConfig": {"Metrics": ["EventCount"]},
    "KMSKeyArn": "arn:aws:kms:us-east-1:123456789012:key/0e8ba1a7-3f0e-4d2b-9f57-9f4a1a0d5f10",
    "Tags": {"team": "chat"},
}
THROUGHPUT = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
TABLES: dict[str, dict[str, Any]] = {
    "plain": table(),
    "no stream": table(stream=None),
    "several indexes": table(GlobalSecondaryIndexes=[index("by-a", "a", "sk"), index("by-b", "b")]),
    "local index": table(LocalSecondaryIndexes=[index("by-day", "pk", "day")]),
    "provisioned": table(
        BillingMode="PROVISIONED", ProvisionedThroughput=THROUGHPUT, GlobalSecondaryIndexes=[index("by-a", "a")]
    ),
    "expiring": table(TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}),
    "tagged": table(Tags=[{"Key": "team", "Value": "chat"}], TableClass="STANDARD_INFREQUENT_ACCESS"),
}
MAPPINGS: dict[str, dict[str, Any]] = {
    "everything": EVERYTHING,
    "window": {"StartingPosition": "LATEST", "TumblingWindowInSeconds": 60},
    "bucket": {"StartingPosition": "LATEST", "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::lost"}}},
    "latest": {"StartingPosition": "LATEST", "FunctionName": "rows:$LATEST"},
}
_TRIGGERS = {f"dynamodb:{each}" for each in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")} | {
    f"logs:{each}" for each in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")
}
FORMATS: tuple[Format, ...] = get_args(Format)


def data(text: str) -> Any:
    return parse_yaml(Path("template.yaml"), text)


def ours(tmp_path: Path) -> Config:
    """This repository's own project, where nothing was recorded yet."""
    for part in ("harness.toml", "seeds", "scenarios", "compose.local.yml"):
        source = ROOT / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / part)
    return load_config(tmp_path, {}, {})


@pytest.mark.parametrize("format", FORMATS)
def test_our_own_project_passes_cfn_lint(tmp_path: Path, format: Format) -> None:  # noqa: A002
    assert faults(template_of(ours(tmp_path), format)) == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_every_kind_pass_cfn_lint(tmp_path: Path, kind: str, format: Format) -> None:  # noqa: A002
    assert faults(template_of(project(tmp_path, TABLES[kind], handlers=HANDLER), format)) == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", MAPPINGS)
def test_mappings_of_every_kind_pass_cfn_lint(tmp_path: Path, kind: str, format: Format) -> None:  # noqa: A002
    handlers = f'{HANDLER}\nother = {{ handler = "functions/rows.py:handler", mapping = "m.json" }}'
    request = {**MAPPINGS[kind]}
    if "FunctionName" in request:
        request["FunctionName"] = request["FunctionName"].replace("rows", "other")
    config = project(tmp_path, table(), table("audit", None), handlers=handlers, mappings={"m.json": request})
    assert faults(template_of(config, format)) == []


def test_linter_would_tell(tmp_path: Path) -> None:
    text = template_of(project(tmp_path, table(), handlers=HANDLER))
    assert faults(text.replace("StartingPosition: TRIM_HORIZON", "StartingPosition: SOMEWHERE"))
    assert faults(text.replace("!Ref MessagesTable", "!Ref MessageTable"))


def test_production_keeps_its_table(tmp_path: Path) -> None:
    found = data(template_of(project(tmp_path, table())))["Resources"]["MessagesTable"]
    assert (found["DeletionPolicy"], found["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert found["Properties"]["DeletionProtectionEnabled"] is True
    assert found["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_same_project_gives_the_same_bytes_wherever_it_lies(tmp_path: Path) -> None:
    texts = set()
    for place in ("here", "there/below"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        handlers = 'rows = { handler = "functions/rows.py:handler", environment = { B = "2", A = "1" } }'
        texts.add(template_of(project(folder, table(), table("audit"), handlers=handlers)))
    assert len(texts) == 1


def test_variable_that_names_a_table_follows_it_into_every_stage(tmp_path: Path) -> None:
    handlers = """
[handlers.rows]
handler = "functions/rows.py:handler"
environment = { TABLE = "audit", LEVEL = "arn:aws:iam::123456789012:role/x", SINK = "http://localhost:9000/x" }
"""
    config = project(tmp_path, table(), table("audit"), handlers=handlers)
    function = data(template_of(config))["Resources"]["RowsFunction"]["Properties"]
    assert function["Environment"]["Variables"] == {
        "DDB_MESSAGE_TABLE": {"Ref": "MessagesTable"},
        "TABLE": {"Ref": "AuditTable"},
        "LEVEL": "arn:aws:iam::123456789012:role/x",
    }
    assert plan_deployment(config).notes == ("rows: SINK names this machine (http://localhost:9000/x) and is left out",)


def test_without_recorded_calls_the_role_has_the_triggers_rights_and_says_so(tmp_path: Path) -> None:
    text = template_of(project(tmp_path, table(), handlers=HANDLER))
    assert "# No calls of rows were recorded, so its role allows exactly what the trigger itself needs.\n" in text
    assert "`harness run` or `harness stream policy rows` records them" in text
    [policy] = data(text)["Resources"]["RowsRole"]["Properties"]["Policies"]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": [
                f"dynamodb:{each}" for each in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
            ],
            "Resource": [{"Fn::Sub": "${MessagesTable.Arn}/stream/*"}],
        },
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [
                {
                    "Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
                    ":log-group:/aws/lambda/rows${StageSuffix}:*"
                }
            ],
        },
    ]


def recorded(config: Config, *pairs: tuple[str, str]) -> None:
    """Let it be known that handler `rows` was seen to need these, in an account of its own."""
    permissions = tuple(Permission(action=action, resource=arn, reason="the handler calls it") for action, arn in pairs)
    code = code_digest(config.project / "functions/rows.py")
    found = Recorded(partition="aws", region="eu-west-1", account="111122223333", permissions=permissions, code=code)
    remember(recorded_path(config.state_folder, "rows"), found)


def test_recorded_calls_are_in_the_role_and_in_the_stacks_own_words(tmp_path: Path) -> None:
    config = project(tmp_path, table(), handlers=HANDLER)
    here = "arn:aws:{}:eu-west-1:111122223333:{}"
    recorded(
        config,
        ("dynamodb:PutItem", here.format("dynamodb", "table/messages")),
        ("dynamodb:Query", here.format("dynamodb", "table/messages/index/by-a")),
        ("dynamodb:GetItem", here.format("dynamodb", "table/elsewhere")),
        ("dynamodb:GetItem", "arn:aws:dynamodb:ca-central-1:111122223333:table/messages"),
        ("sqs:SendMessage", here.format("sqs", "jobs")),
        ("s3:PutObject", "arn:aws:s3:::bucket/${odd}"),
        ("dynamodb:ListTables", "*"),
    )
    text = template_of(config)
    assert "No calls of" not in text
    assert faults(text) == []
    [policy] = data(text)["Resources"]["RowsRole"]["Properties"]["Policies"]
    granted = {(action, str(each)) for one in policy["PolicyDocument"]["Statement"]
               for action in one["Action"] for each in one["Resource"]}  # fmt: skip
    place = "arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}:%s"
    assert {
        ("dynamodb:PutItem", str({"Fn::GetAtt": "MessagesTable.Arn"})),
        ("dynamodb:Query", str({"Fn::Sub": "${MessagesTable.Arn}/index/by-a"})),
        ("dynamodb:GetItem", str({"Fn::Sub": place % ("dynamodb", "table/elsewhere")})),
        (
            "dynamodb:GetItem",
            str({"Fn::Sub": "arn:${AWS::Partition}:dynamodb:ca-central-1:${AWS::AccountId}:table/messages"}),
        ),
        ("sqs:SendMessage", str({"Fn::Sub": place % ("sqs", "jobs")})),
        ("s3:PutObject", str({"Fn::Sub": "arn:${AWS::Partition}:s3:::bucket/${!odd}"})),
        ("dynamodb:ListTables", "*"),
    } <= granted


def test_runs_add_up_until_the_code_changes(tmp_path: Path) -> None:
    config = project(tmp_path, table(), handlers=HANDLER)

    def allowed() -> set[str]:
        statements = plan_deployment(config).functions[0].policy.document["Statement"]
        return {action for statement in statements for action in statement["Action"]} - _TRIGGERS

    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/messages"
    recorded(config, ("dynamodb:Query", arn))
    recorded(config, ("dynamodb:PutItem", arn))
    assert allowed() == {"dynamodb:Query", "dynamodb:PutItem"}
    assert plan_deployment(config).notes == ()
    (tmp_path / "functions/rows.py").write_text("def handler(event, context): return 1\n")
    assert plan_deployment(config).notes == (
        "rows: its code has changed since its calls were recorded: `harness stream policy rows` records them anew",
    )
    recorded(config, ("dynamodb:DeleteItem", arn))
    assert allowed() == {"dynamodb:DeleteItem"}
    assert plan_deployment(config).notes == ()


@pytest.mark.parametrize("format", FORMATS)
def test_role_of_the_template_has_what_it_takes(tmp_path: Path, format: Format) -> None:  # noqa: A002
    config = project(
        tmp_path,
        table(),
        handlers='rows = { handler = "functions/rows.py:handler", mapping = "m.json" }',
        mappings={"m.json": EVERYTHING},
    )
    recorded(config, ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:111122223333:table/messages/index/by-a"))
    (tmp_path / "t.yaml").write_text(template_of(config, format))
    [function] = plan_deployment(config).functions
    identity = function_identity(function.mapping)
    policies = read_policies(tmp_path / "t.yaml", identity=identity, function="RowsFunction")
    needs = trigger_needs(function.mapping, function.mapping.event_source_arn, "rows")
    query = Permission(
        action="dynamodb:Query", resource=identity.name("dynamodb", "table/messages/index/by-a"), reason="a call"
    )
    report = check([], [*needs, query], policies, identity=identity)
    assert report.refused == ()
    assert report.unneeded == ()


def test_handlers_without_a_stream_are_told_and_not_in_it(tmp_path: Path) -> None:
    config = project(tmp_path, table(stream=None), handlers=HANDLER)
    text = template_of(config)
    assert "# Note: table messages has no StreamSpecification: no function for rows\n" in text
    assert list(data(text)["Resources"]) == ["MessagesTable"]
    elsewhere = replace(config, table="other")
    assert plan_deployment(elsewhere).notes == ("no schema file describes other: no function for rows",)


def test_what_can_not_be_carried_is_told(tmp_path: Path) -> None:
    config = project(tmp_path, table(SSESpecification={"SSEEnabled": True}))
    assert plan_deployment(config).notes == (
        "table messages: SSESpecification of of-messages.json is left out: write it into the template by hand",
    )


@pytest.mark.parametrize(
    ("handlers", "mapping", "said"),
    [
        ('rows = "functions/nowhere.py:handler"', {}, r"handler rows: there is no file .+nowhere\.py"),
        (
            'rows = { handler = "functions/rows.py:handler", mapping = "m.json" }',
            {"FunctionName": "rows:7"},
            "handler rows: its mapping names version 7 of the function",
        ),
        (
            'a = "functions/rows.py:handler"\nb = { handler = "functions/rows.py:handler", mapping = "m.json" }',
            {"FunctionName": "a"},
            "handlers a and b are both the function a",
        ),
    ],
)
def test_what_can_not_be_deployed_is_refused(tmp_path: Path, handlers: str, mapping: dict[str, Any], said: str) -> None:
    config = project(tmp_path, table(), handlers=handlers, mappings={"m.json": mapping})
    with pytest.raises(UsageError, match=said) as error:
        template_of(config)
    assert error.value.hint


def test_paths_count_from_where_the_template_lies(tmp_path: Path) -> None:
    deployment = plan_deployment(project(tmp_path, table(), handlers=HANDLER))
    text = written(deployment, format="sam", beside=tmp_path / "infrastructure")
    assert data(text)["Resources"]["RowsFunction"]["Properties"]["CodeUri"] == "../functions"


def test_it_is_yaml_that_people_read(tmp_path: Path) -> None:
    text = template_of(project(tmp_path, table(), handlers=HANDLER))
    assert "      FunctionName: !Ref RowsFunction\n" in text
    assert "                  - !Sub ${MessagesTable.Arn}/stream/*\n" in text
    assert "\n\n\n" not in text
    assert not any(token for token in yaml.scan(text) if isinstance(token, yaml.AliasToken | yaml.AnchorToken))


def test_permissions_move_to_another_account(tmp_path: Path) -> None:
    config = project(tmp_path, table(), handlers=HANDLER)
    recorded(config, ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:111122223333:table/messages"))
    (path,) = (config.state_folder / "permissions").iterdir()
    assert path == recorded_path(config.state_folder, "rows")
    path.write_text("{}")
    with pytest.raises(UsageError, match="is no record of permissions") as error:
        template_of(config)
    assert "harness stream policy" in error.value.hint
    assert Identity(region="r", account="a", role="", function="").partition == "aws"
