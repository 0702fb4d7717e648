"""Schema files: what is read, and each thing that is refused, with its place."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.config import Config
from harness.errors import UsageError
from harness.schema_files import read_schema

if TYPE_CHECKING:
    from harness.schema import Schema

ROOT = Path(__file__).parents[3]

TABLE: dict[str, Any] = {
    "TableName": "music",
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "BillingMode": "PAY_PER_REQUEST",
}
TEMPLATE = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket', DeletionPolicy: !If [IsProd, Retain, Delete]}
  Music:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "music-${Stage}"
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: gk, AttributeType: N}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-gk
          KeySchema: [{AttributeName: gk, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
          ProvisionedThroughput: {ReadCapacityUnits: "5", WriteCapacityUnits: 5}
      ProvisionedThroughput: {ReadCapacityUnits: "5", WriteCapacityUnits: 5}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
      SSESpecification: {KMSMasterKeyId: !GetAtt Key.Arn}
  Simple:
    Type: AWS::Serverless::SimpleTable
    Properties: {PrimaryKey: {Name: id, Type: Number}}
"""


def read(folder: Path, *, dynamodb: tuple[str, ...] = (), postgres: tuple[str, ...] = ()) -> Schema:
    return read_schema(
        Config(
            project=folder,
            compose=folder / "compose.yml",
            dynamodb_schema=dynamodb,
            postgres_schema=postgres,
            plan=folder / "plan.toml",
            scenarios=(),
            target="",
        )
    )


def read_table(folder: Path, definition: dict[str, Any]) -> Schema:
    (folder / "t.json").write_text(json.dumps(definition, indent=2))
    return read(folder, dynamodb=("*.json",))


def test_shipped_schema_is_as_the_reference_application_wants_it() -> None:
    schema = read(ROOT, dynamodb=("seeds/schema/dynamodb/*.json",), postgres=("seeds/schema/postgres/*.sql",))

    [table] = schema.tables
    assert table.name == "cruddur-messages"
    assert [key["AttributeName"] for key in table.definition["KeySchema"]] == ["pk", "sk"]
    assert table.definition["GlobalSecondaryIndexes"][0]["IndexName"] == "message-group-sk-index"
    assert table.definition["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert [migration.name for migration in schema.migrations] == ["0001_users_and_activities.sql"]


def test_json_is_read_in_the_shape_of_create_table(tmp_path: Path) -> None:
    [table] = read_table(
        tmp_path, TABLE | {"TimeToLiveSpecification": {"AttributeName": "ends", "Enabled": True}, "Tags": []}
    ).tables

    assert table.name == "music"
    assert table.ttl_attribute == "ends"
    assert table.definition == {key: value for key, value in TABLE.items() if key != "TableName"}
    assert table.source == tmp_path / "t.json"


def test_template_is_read_with_short_tags(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    with caplog.at_level(logging.INFO):
        music, simple = read(tmp_path, dynamodb=("template.yaml",)).tables

    assert music.name == "music-dev"
    assert music.ttl_attribute == "expires"
    assert music.definition["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert music.definition["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    assert "SSESpecification" not in music.definition
    assert "PointInTimeRecoverySpecification, SSESpecification of table music-dev: without effect" in caplog.text
    assert simple.name == "Simple"
    assert simple.definition["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "N"}]
    assert simple.definition["BillingMode"] == "PAY_PER_REQUEST"


def test_template_in_json_is_read_too(tmp_path: Path) -> None:
    properties = TABLE | {"TableName": {"Ref": "Name"}}
    template = {
        "Parameters": {"Name": {"Type": "String", "Default": "from-json"}},
        "Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}},
    }

    assert read_table(tmp_path, template).tables[0].name == "from-json"


@pytest.mark.parametrize(
    ("name", "text", "said", "hint"),
    [
        ("t.json", '{\n  "TableName": "music",,\n}', r"t.json:2:24: broken JSON", "json.tool"),
        ("t.yaml", "Resources:\n  A: [1,\n  B: 2", r"t.yaml:3:\d+: broken YAML", "t.yaml"),
        ("t.json", "[]", "holds list, not an object", ""),
        ("t.json", '{"Name": "x"}', "neither a CreateTable call .* nor a template", ""),
        ("t.yaml", "Resources: {A: {Type: 'AWS::S3::Bucket'}}", "no resource of type AWS::DynamoDB::Table", ""),
        ("t.yaml", TEMPLATE.replace("!Sub", "!ImportValue"), r"t.yaml:6:3: Music uses Fn::ImportValue", "!Ref/!Sub"),
        ("t.yaml", TEMPLATE.replace("${Stage}", "${Stag}"), r"t.yaml:\d+:\d+: Music refers to 'Stag'", "Default"),
        ("t.yaml", TEMPLATE.replace("KeySchema: [{", "KeySchma: [{", 1), r":11:7: .* no key 'KeySchma'", "KeySchema"),
    ],
)
def test_broken_document_names_the_place(tmp_path: Path, name: str, text: str, said: str, hint: str) -> None:
    (tmp_path / name).write_text(text)

    with pytest.raises(UsageError, match=said) as caught:
        read(tmp_path, dynamodb=("t.*",))
    assert hint in caught.value.hint
    assert str(tmp_path / name) in caught.value.message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"BilingMode": "X"}, "has no key 'BilingMode'"),
        ({"TableName": "a b"}, "TableName 'a b'"),
        ({"TableName": 7}, "TableName 7"),
        ({"BillingMode": "FREE"}, "BillingMode 'FREE'"),
        ({"BillingMode": "PROVISIONED"}, "neither ProvisionedThroughput nor"),
        (
            {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]},
            "key attribute 'id' of table 'music' is not among",
        ),
        ({"KeySchema": TABLE["KeySchema"][:1]}, "attribute 'sk' is defined but is the key of neither"),
        ({"KeySchema": TABLE["KeySchema"][::-1]}, "is RANGE, HASH; it starts with a HASH key"),
        ({"KeySchema": "pk"}, "key schema of table 'music' is 'p', not an object"),
        ({"KeySchema": 7}, "table 'music' is not shaped as CreateTable wants it"),
        ({"TimeToLiveSpecification": "on"}, "TimeToLiveSpecification is 'on', not an object"),
        ({"AttributeDefinitions": [{"AttributeName": "pk"}]}, "has no 'AttributeType'"),
        ({"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "SS"}]}, "has type 'SS'"),
        ({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW"}}, "StreamViewType 'NEW'"),
        ({"StreamSpecification": {"StreamEnable": True}}, "StreamSpecification has no key 'StreamEnable'"),
        ({"TimeToLiveSpecification": {"Enabled": True}}, "enabled without AttributeName"),
        (
            {"GlobalSecondaryIndexes": [{"IndexName": "i", "KeySchema": [], "Projecton": {}}]},
            "index 'i' is no key|has no key 'Projecton'|key schema of index 'i' is no key",
        ),
    ],
)
def test_definition_that_create_table_would_refuse_is_refused(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read_table(tmp_path, TABLE | changes)
    assert caught.value.hint


def test_missing_part_of_a_definition_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"t.json:2:17: table 'music' has no 'KeySchema'"):
        read_table(tmp_path, {key: value for key, value in TABLE.items() if key != "KeySchema"})


def test_no_matching_file_names_the_globs(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no DynamoDB schema file found; looked at .*/a/\*.json, .*/b/\*.yaml"):
        read(tmp_path, dynamodb=("a/*.json", "b/*.yaml"))


def test_table_in_two_files_is_refused_and_one_file_by_two_globs_is_not(tmp_path: Path) -> None:
    read_table(tmp_path, TABLE)
    assert len(read(tmp_path, dynamodb=("*.json", "t.*")).tables) == 1
    (tmp_path / "u.json").write_text(json.dumps(TABLE))
    with pytest.raises(UsageError, match=r"table 'music' is described twice: in .*t.json and in .*u.json"):
        read(tmp_path, dynamodb=("*.json",))


def test_migrations_come_in_name_order_with_their_checksum(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "0002_second.sql").write_text("SELECT 2")
    (tmp_path / "0001_first.sql").write_text("SELECT 1")
    migrations = read(tmp_path, postgres=("a/*.sql", "*.sql")).migrations

    assert [migration.name for migration in migrations] == ["0001_first.sql", "0002_second.sql"]
    assert migrations[0].checksum == "e004ebd5b5532a4b85984a62f8ad48a81aa3460c1ca07701f386135d72cdecf5"
    (tmp_path / "a" / "0001_first.sql").write_text("SELECT 3")
    with pytest.raises(UsageError, match=r"migration '0001_first.sql' is described twice"):
        read(tmp_path, postgres=("a/*.sql", "*.sql"))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1;\nBEGIN;\nSELECT 2;", r"0001_x.sql:2:1: BEGIN: each file already runs in a transaction"),
        ("SELECT 1; commit", r"0001_x.sql:1:11: commit: each file"),
        ("start transaction; SELECT 1", "start transaction: each file"),
        ("ROLLBACK;", "ROLLBACK: each file"),
        ("SELECT 1;\n  \\i other.sql", r"0001_x.sql:2:3: \\i: that is a command of psql"),
        ("COPY t FROM STDIN;\n1\n\\.", r"0001_x.sql:1:8: FROM STDIN: only psql"),
    ],
)
def test_sql_that_cannot_run_in_our_transaction_is_refused(tmp_path: Path, sql: str, said: str) -> None:
    (tmp_path / "0001_x.sql").write_text(sql)
    with pytest.raises(UsageError, match=said):
        read(tmp_path, postgres=("*.sql",))


@pytest.mark.parametrize(
    "sql",
    [
        "DO $$ BEGIN; COMMIT; END $$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; END;",
        "SELECT '; COMMIT'; -- ; COMMIT\n/* ; BEGIN */ SELECT \"; BEGIN\", E'\\'; COMMIT'",
        "SAVEPOINT a; ROLLBACK TO SAVEPOINT a; ROLLBACK WORK TO a; SELECT 1",
        "CREATE FUNCTION f() RETURNS trigger AS $body$\nBEGIN\n  RETURN NEW;\nEND;\n$body$ LANGUAGE plpgsql;",
    ],
)
def test_sql_that_only_looks_like_a_transaction_is_taken(tmp_path: Path, sql: str) -> None:
    (tmp_path / "0001_x.sql").write_text(sql)
    assert read(tmp_path, postgres=("*.sql",)).migrations[0].sql == sql


def test_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001_x.sql").write_bytes(b"SELECT '\xff'")
    with pytest.raises(UsageError, match=r"not UTF-8 text \(byte 8\)"):
        read(tmp_path, postgres=("*.sql",))
