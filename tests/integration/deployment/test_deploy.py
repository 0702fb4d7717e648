"""Templates deployed to the embedded engine's CloudFormation, and what came of them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
import pytest
import yaml

from harness.deployment.plan import plan_deployment
from harness.deployment.template import template
from harness.schema_files import read_schema
from harness.stores.dynamodb import DynamoDBStore
from harness.streams.mapping.rules import request_of
from tests.unit.deployment.projects import project, table
from tests.unit.deployment.test_template import EVERYTHING, FORMATS, TABLES, ours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.config import Config
    from harness.deployment.functions import Format
    from harness.endpoint import DynamoDBEndpoint, Endpoints

_ACCOUNTS = count(778_000_000_001)


class Cloud:
    """An account of its own in the embedded engine."""

    def __init__(self, endpoint: DynamoDBEndpoint) -> None:
        self.endpoint = replace(endpoint, access_key_id=str(next(_ACCOUNTS)))
        self.bucket = f"code-{self.endpoint.access_key_id}"

    def client(self, service: str) -> Any:
        where = self.endpoint
        return boto3.client(
            service,
            endpoint_url=where.url,
            region_name=where.region,
            aws_access_key_id=where.access_key_id,
            aws_secret_access_key=where.secret_access_key,
        )

    def deploy(self, config: Config, format: Format = "sam") -> None:  # noqa: A002 - the flag's name
        """Package the code as `sam deploy` and `aws cloudformation package` do, and make the stack as those do."""
        data = template(plan_deployment(config), format=format, beside=config.project)
        self.client("s3").create_bucket(Bucket=self.bucket)
        for name, resource in data["Resources"].items():
            self._package(config.project, name, resource["Properties"])
        formation = self.client("cloudformation")
        formation.create_change_set(
            StackName="chat",
            ChangeSetName="first",
            ChangeSetType="CREATE",
            TemplateBody=yaml.safe_dump(data),
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        formation.get_waiter("change_set_create_complete").wait(
            StackName="chat", ChangeSetName="first", WaiterConfig={"Delay": 0.1}
        )
        formation.execute_change_set(StackName="chat", ChangeSetName="first")
        formation.get_waiter("stack_create_complete").wait(StackName="chat", WaiterConfig={"Delay": 0.1})

    def _package(self, beside: Path, name: str, properties: dict[str, Any]) -> None:
        for key in ("CodeUri", "Code"):
            if key not in properties:
                continue
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for path in (beside / properties[key]).glob("*.py"):
                    archive.write(path, path.name)
            self.client("s3").put_object(Bucket=self.bucket, Key=name, Body=packed.getvalue())
            as_object = {"S3Bucket": self.bucket, "S3Key": name}
            properties[key] = f"s3://{self.bucket}/{name}" if key == "CodeUri" else as_object

    def differences(self, config: Config) -> list[str]:
        """In what the deployed tables are not as the project's files say."""
        store = DynamoDBStore(self.endpoint)
        try:
            return [each.what for each in store.diff(read_schema(replace(config, postgres_schema=())))]
        finally:
            store.close()


@pytest.fixture
def cloud(embedded_pair: Endpoints) -> Iterator[Cloud]:
    made = Cloud(embedded_pair.dynamodb)
    yield made
    # Its Lambda would go on reading the stream.
    made.client("cloudformation").delete_stack(StackName="chat")


@pytest.mark.embedded
@pytest.mark.parametrize("format", FORMATS)
def test_our_own_project_is_deployed_and_equal(cloud: Cloud, tmp_path: Path, format: Format) -> None:  # noqa: A002
    config = ours(tmp_path)
    cloud.deploy(config, format)
    assert cloud.differences(config) == []
    [mapping] = cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionArn"].endswith(":function:message_group_stream")
    assert ":table/cruddur-messages/stream/" in mapping["EventSourceArn"]
    function = cloud.client("lambda").get_function_configuration(FunctionName="message_group_stream")
    assert function["Environment"]["Variables"] == {"DDB_MESSAGE_TABLE": "cruddur-messages"}
    assert function["Handler"] == "message_group_stream.handler"


@pytest.mark.embedded
@pytest.mark.parametrize("kind", TABLES)
def test_tables_of_every_kind_are_deployed_and_equal(cloud: Cloud, tmp_path: Path, kind: str) -> None:
    config = project(tmp_path, TABLES[kind])
    cloud.deploy(config)
    # MiniStack 1.5.33 takes a table's TimeToLiveSpecification and does nothing about it.
    assert cloud.differences(config) == (["TimeToLiveSpecification"] if kind == "expiring" else [])


@pytest.mark.embedded
def test_mapping_has_every_parameter(cloud: Cloud, tmp_path: Path) -> None:
    """As far as MiniStack keeps them."""
    said = EVERYTHING | {"FunctionName": "rows"}
    handlers = 'rows = { handler = "functions/rows.py:handler", mapping = "m.json" }'
    config = project(tmp_path, table(), handlers=handlers, mappings={"m.json": said})
    cloud.deploy(config, "cloudformation")
    [mapping] = cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    [function] = plan_deployment(config).functions
    wanted = request_of(function.mapping)
    assert {key: mapping[key] for key in mapping if key in wanted and key != "EventSourceArn"}.items() <= wanted.items()


@pytest.mark.embedded
def test_deleting_the_stack_keeps_the_table(cloud: Cloud, tmp_path: Path) -> None:
    config = project(tmp_path, table())
    cloud.deploy(config)
    formation = cloud.client("cloudformation")
    formation.delete_stack(StackName="chat")
    formation.get_waiter("stack_delete_complete").wait(StackName="chat", WaiterConfig={"Delay": 0.1})
    assert cloud.differences(config) == []


@pytest.mark.embedded
def test_stages_stand_beside_each_other(cloud: Cloud, tmp_path: Path) -> None:
    config = project(tmp_path, table(), handlers='rows = "functions/rows.py:handler"')
    cloud.deploy(config)
    data = template(plan_deployment(config), format="sam", beside=tmp_path)
    data["Resources"] = {"MessagesTable": data["Resources"]["MessagesTable"]}
    data["Outputs"] = {}
    formation = cloud.client("cloudformation")
    formation.create_stack(
        StackName="staging",
        TemplateBody=yaml.safe_dump(data),
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": "StageSuffix", "ParameterValue": "-staging"}],
    )
    formation.get_waiter("stack_create_complete").wait(StackName="staging", WaiterConfig={"Delay": 0.1})
    assert set(cloud.client("dynamodb").list_tables()["TableNames"]) == {"messages", "messages-staging"}
