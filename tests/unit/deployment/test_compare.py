"""Somebody's template beside our schema files: what differs, in words, and what can't be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli import main
from harness.deployment.compare import against, compare_tables
from harness.deployment.declared import declared_tables
from harness.errors import UsageError
from harness.schema_files.documents import read_document
from harness.schema_files.tables import tables_of
from tests.unit.deployment.projects import index, project, table, template_of
from tests.unit.deployment.test_laws import FORMATS, LAW, NAMES, definitions

if TYPE_CHECKING:
    from pathlib import Path

    from harness.deployment.compare import Compared

OURS = table(
    GlobalSecondaryIndexes=[index("by-group", "group", "sk")],
    TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True},
)
TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: ''}
  Units: {Type: Number}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Mappings: {Keys: {message: {hash: pk}}}
Resources:
  Messages:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Join ['', [messages, !Ref Stage]]
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: !FindInMap [Keys, message, hash], AttributeType: S}
        - {AttributeName: sk, AttributeType: S}
        - {AttributeName: group, AttributeType: S}
      KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]
      GlobalSecondaryIndexes:
        - IndexName: by-group
          KeySchema: [{AttributeName: group, KeyType: HASH}, {AttributeName: sk, KeyType: RANGE}]
          Projection: {ProjectionType: ALL}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
      SSESpecification: {SSEEnabled: true, KMSMasterKeyId: !ImportValue key}
      Tags: !If [IsProd, [{Key: a, Value: b}], !Ref AWS::NoValue]
"""


def compared(folder: Path, text: str, *ours: dict[str, Any], **parameters: str) -> list[Compared]:
    config = project(folder, *(ours or (OURS,)))
    (folder / "template.yaml").write_text(text)
    files = {
        each.name: each for path in (config.project / "schema").iterdir() for each in tables_of(read_document(path))
    }
    declared = declared_tables(folder / "template.yaml", region="us-east-1", parameters=parameters)
    return compare_tables(declared, files, lambda each: against(files[each.name])(each))


def lines(found: list[Compared]) -> list[str]:
    return [line.strip() for each in found for line in each.lines("template.yaml", "the schema file")]


def test_equal_tables_are_equal_however_the_template_says_it(tmp_path: Path) -> None:
    found = compared(tmp_path, TEMPLATE)
    assert lines(found) == ["messages (Messages in template.yaml)"]
    assert found[0].differences == ()
    assert found[0].untold == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{AttributeName: sk, AttributeType: S}", "{AttributeName: sk, AttributeType: N}",
         ["key: the template says pk HASH (S), sk RANGE (N); the schema file has pk HASH (S), sk RANGE (S)",
          "index by-group, key: the template says group HASH (S), sk RANGE (N); the schema file has group HASH (S), sk RANGE (S)"]),
        ("Projection: {ProjectionType: ALL}", "Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [b, a]}",
         ["index by-group, projection: the template says INCLUDE a, b; the schema file has ALL"]),
        ("IndexName: by-group", "IndexName: by-pair",
         ["index by-group: the template says none; the schema file has group HASH (S), sk RANGE (S); ALL",
          "index by-pair: the template says group HASH (S), sk RANGE (S); ALL; the schema file has none"]),
        ("GlobalSecondaryIndexes", "LocalSecondaryIndexes",
         ["local index by-group: the template says group HASH (S), sk RANGE (S); ALL; the schema file has none",
          "index by-group: the template says none; the schema file has group HASH (S), sk RANGE (S); ALL"]),
        ("      StreamSpecification: {StreamViewType: NEW_IMAGE}\n", "",
         ["stream: the template says off; the schema file has NEW_IMAGE"]),
        ("StreamViewType: NEW_IMAGE", "StreamViewType: KEYS_ONLY",
         ["stream: the template says KEYS_ONLY; the schema file has NEW_IMAGE"]),
        ("AttributeName: expires, Enabled: true", "AttributeName: gone, Enabled: true",
         ["time to live: the template says gone; the schema file has expires"]),
        ("BillingMode: PAY_PER_REQUEST", "ProvisionedThroughput: {ReadCapacityUnits: '2', WriteCapacityUnits: 1}",
         ["billing: the template says PROVISIONED; the schema file has PAY_PER_REQUEST"]),
    ],
)  # fmt: skip
def test_each_difference_is_told_in_words(tmp_path: Path, old: str, new: str, said: list[str]) -> None:
    assert old in TEMPLATE
    assert lines(compared(tmp_path, TEMPLATE.replace(old, new)))[1:] == said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("BillingMode: PAY_PER_REQUEST", "BillingMode: !If [IsProd, PROVISIONED, PAY_PER_REQUEST]",
         "can't tell billing: it is !If IsProd.PROVISIONED.PAY_PER_REQUEST"),
        ("BillingMode: PAY_PER_REQUEST",
         "BillingMode: !ImportValue mode\n      ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}",
         "can't tell billing: it is !ImportValue mode"),
        ("{StreamViewType: NEW_IMAGE}", "{StreamViewType: !Ref Units}", "can't tell stream: it is !Ref Units"),
        ("IndexName: by-group", "IndexName: !ImportValue index",
         "can't tell GlobalSecondaryIndexes: it is !ImportValue index"),
        ("{AttributeName: expires, Enabled: true}", "!If [IsProd, {AttributeName: a, Enabled: true}, !Ref AWS::NoValue]",
         "can't tell time to live: it is !If …"),
        ("KeySchema: [{AttributeName: pk,", "KeySchema: [{AttributeName: !ImportValue pk,",
         "can't tell key: it is !ImportValue pk"),
        ("Type: AWS::DynamoDB::Table\n", "Type: AWS::DynamoDB::Table\n    Condition: IsProd\n",
         "can't tell table: it is only made where IsProd is true"),
    ],
)  # fmt: skip
def test_what_only_the_deployed_stack_knows_is_said_and_is_no_difference(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in TEMPLATE
    found = compared(tmp_path, TEMPLATE.replace(old, new, 1))
    assert lines(found)[1:] == [said]


def test_capacity_that_is_not_told_is_no_difference(tmp_path: Path) -> None:
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    ours = OURS | {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units}
    open_ = "{ReadCapacityUnits: !Ref Units, WriteCapacityUnits: !Ref Units}"
    text = TEMPLATE.replace("BillingMode: PAY_PER_REQUEST", f"ProvisionedThroughput: {open_}")
    text = text.replace("Projection: {", f"ProvisionedThroughput: {open_}\n          Projection: {{", 1)
    assert lines(compared(tmp_path, text, ours))[1:] == [
        "can't tell capacity of index by-group: it is !Ref Units",
        "can't tell capacity: it is !Ref Units",
    ]
    assert lines(compared(tmp_path, text, ours, Units="5"))[1:] == []
    assert lines(compared(tmp_path, text, ours, Units="6"))[1:] == [
        "capacity: the template says 6 read, 6 write; the schema file has 5 read, 5 write",
        "capacity of index by-group: the template says 6 read, 6 write; the schema file has 5 read, 5 write",
    ]


def test_table_of_another_name_is_held_against_the_only_one_left(tmp_path: Path) -> None:
    found = compared(tmp_path, TEMPLATE, Stage="-prod")
    assert lines(found) == ["messages (Messages in template.yaml), called messages-prod there"]
    assert found[0].differences == ()


def test_name_that_is_not_told_is_said(tmp_path: Path) -> None:
    text = TEMPLATE.replace("!Join ['', [messages, !Ref Stage]]", "!ImportValue name")
    assert lines(compared(tmp_path, text)) == [
        "messages (Messages in template.yaml)",
        "can't tell TableName: it is !ImportValue name",
    ]


def test_tables_that_only_one_side_has(tmp_path: Path) -> None:
    found = compared(tmp_path, TEMPLATE, OURS, table("audit"), table("archive"))
    assert sorted(lines(found)[1:]) == [
        "archive (not in template.yaml)",
        "audit (not in template.yaml)",
        "the template has no such table",
        "the template has no such table",
    ]
    extra = TEMPLATE + "  More: {Type: AWS::Serverless::SimpleTable}\n  Far: {Type: AWS::DynamoDB::GlobalTable}\n"
    assert lines(compared(tmp_path / "sub", extra))[1:] == [
        "More (More in template.yaml)",
        "there is no such table here",
        "Far (Far in template.yaml)",
        "can't tell table: it is AWS::DynamoDB::GlobalTable, which is described in another way",
    ]


@pytest.mark.parametrize(
    ("text", "parameters", "said", "hint"),
    [
        ("Resources: {}", {}, "the template has no resource of type AWS::DynamoDB::Table", "harness template"),
        (TEMPLATE, {"Stagr": "x"}, "the template has no parameter 'Stagr'", "Stage"),
        (TEMPLATE.replace("KeySchema", "KeySchemas"), {}, "has no key 'KeySchemas'", "KeySchema"),
    ],
)
def test_what_is_no_such_template_is_refused(
    tmp_path: Path, text: str, parameters: dict[str, str], said: str, hint: str
) -> None:
    with pytest.raises(UsageError, match=said) as error:
        compared(tmp_path, text, **parameters)
    assert hint in error.value.hint


@LAW
@given(data=st.data(), name=NAMES, format=FORMATS)
def test_what_harness_template_writes_is_equal_and_what_is_changed_is_not(
    tmp_path: Path,
    data: st.DataObject,
    name: str,
    format: Any,  # noqa: A002
) -> None:
    for old in (tmp_path / "schema").glob("*"):
        old.unlink()
    ours = data.draw(definitions(name))
    text = template_of(project(tmp_path, ours), format)
    assert [each.differences for each in compared(tmp_path, text, ours)] == [()]
    other = data.draw(definitions(name))
    (tmp_path / "schema" / f"of-{name}.json").unlink()
    found = compared(tmp_path, text, other)
    path = tmp_path / "schema" / f"of-{name}.json"
    [there], [here] = tables_of(read_document(tmp_path / "template.yaml")), tables_of(read_document(path))
    assert [bool(each.differences) for each in found] == [bool(against(here)(there))]


def test_verb_prints_and_exits_as_schema_diff_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(tmp_path, OURS, handlers="")
    (tmp_path / "seeds/schema/postgres").mkdir(parents=True)
    (tmp_path / "seeds/schema/postgres/1.sql").write_text("SELECT 1;")
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    verb = ("schema", "diff", "--project", str(tmp_path), "--template", str(template))
    assert main(list(verb)) == 0
    assert "no difference to the schema files (no stack is up)" in capsys.readouterr().out
    template.write_text(
        TEMPLATE.replace("NEW_IMAGE", "KEYS_ONLY").replace("BillingMode: ", "BillingMode: !ImportValue ")
    )
    assert main([*verb, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "against": "files",
        "differences": [
            {"where": "messages", "what": "StreamSpecification", "wanted": "KEYS_ONLY", "found": "NEW_IMAGE",
             "remedy": "in place"}
        ],
        "untold": [{"where": "messages", "what": "BillingMode", "text": "!ImportValue PAY_PER_REQUEST"}],
        "called": {},
    }  # fmt: skip
    assert main([*verb, "--parameter", "Stage"]) == 2
    assert main(["schema", "diff", "--project", str(tmp_path), "--parameter", "Stage=x"]) == 2
