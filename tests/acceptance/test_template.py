"""From a project that runs here to a stack: written, compared, and made by the embedded engine's CloudFormation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from harness.schema_files.documents import parse_yaml
from tests.acceptance.test_stream_verbs import write
from tests.integration.scenarios.libraries import PLAIN
from tests.unit.deployment.projects import faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.acceptance.conftest import Project


def client(project: Project, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{project.environ['HARNESS_DYNAMODB_PORT']}",
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


@pytest.fixture
def written_to(stack: Project) -> Iterator[Project]:
    """A stack that others find seeded again."""
    yield stack
    stack.ok("reset")


def test_what_stream_policy_heard_is_in_the_template(written_to: Project) -> None:
    stack = written_to
    record = stack.folder / ".harness/permissions/message_group_stream.json"
    record.unlink(missing_ok=True)
    before = stack.ok("template")
    assert "No calls of message_group_stream were recorded" in before.err
    assert "or `harness stream policy message_group_stream` records them" in before.out
    write(stack, "to be allowed in production")
    stack.ok("stream", "policy")
    after = stack.ok("template")
    assert after.err == ""
    assert faults(after.out) == []
    resources = parse_yaml(stack.folder, after.out)["Resources"]
    [policy] = resources["MessageGroupStreamRole"]["Properties"]["Policies"]
    allowed = {action: statement["Resource"] for statement in policy["PolicyDocument"]["Statement"]
               for action in statement["Action"]}  # fmt: skip
    table = {"Fn::GetAtt": "CruddurMessagesTable.Arn"}
    assert allowed["dynamodb:PutItem"] == [table]
    assert {"Fn::Sub": "${CruddurMessagesTable.Arn}/index/message-group-sk-index"} in allowed["dynamodb:Query"]
    assert stack.ok("template").out == after.out
    # The role in the template allows what the handler calls: the check that production's role goes through.
    write(stack, "to be checked")
    path = stack.write("checked.yaml", after.out)
    assert "0 refused" in stack.ok("stream", "policy", "--check", str(path)).out


def test_own_library_is_proven_and_what_the_run_heard_is_in_the_template(project: Project) -> None:
    library = project.write("backend-flask/lib/ddb.py", PLAIN)
    with (project.folder / "harness.toml").open("a", encoding="utf-8") as file:
        file.write('\n[scenarios]\ntarget = "backend-flask/lib.ddb:Ddb"\n')
    assert project("run", "--json").json["passed"] is True
    written = project.ok("template")
    assert written.err == ""
    assert "- dynamodb:PutItem" in written.out
    library.write_text(PLAIN.replace('"uuid": message_uuid,', '"uuid": my_user_uuid,'))
    faulty = project("run", "C", "--json")
    assert faulty.code == 1
    [scenario] = faulty.json["scenarios"]
    failed = [step["name"] for step in scenario["steps"] if not step["passed"]]
    assert failed == ["all answers: a message has a uuid of its own"]


def test_template_is_compared_with_the_stack_that_is_up(stack: Project) -> None:
    path = stack.folder / "compared.yaml"
    assert stack.ok("template", "-o", str(path)).out == f"wrote {path}\n"
    assert "no difference to the stack that is up" in stack.ok("schema", "diff", "--template", str(path)).out
    path.write_text(path.read_text().replace("ProjectionType: ALL", "ProjectionType: KEYS_ONLY"))
    found = stack("schema", "diff", "--template", str(path))
    assert found.code == 1
    assert (
        "  index message-group-sk-index, projection: the template says KEYS_ONLY; the local table has ALL" in found.out
    )
    told = stack("schema", "diff", "--template", str(path), "--json").json
    assert told["against"] == "stack"
    assert [each["what"] for each in told["differences"]] == ["GlobalSecondaryIndexes.message-group-sk-index"]


def test_file_of_somebody_else_is_not_replaced(embedded_stack: Project) -> None:
    path = embedded_stack.write("theirs.yaml", "Resources: {}\n")
    assert "is there, and not one of ours" in embedded_stack.refused(2, "template", "-o", str(path))
    embedded_stack.ok("template", "-o", str(path), "--force")
    embedded_stack.ok("template", "-o", str(path))
    assert "can't be written" in embedded_stack.refused(3, "template", "-o", "nowhere/template.yaml")


@pytest.mark.embedded
def test_deployed_table_is_equal_to_the_local_one(project: Project) -> None:
    """Done when: the table that CloudFormation makes is, to `schema diff`, the one that the schema files make."""
    project.ok("up")
    text = project.ok("template", "--format", "cloudformation").out
    assert faults(text) == []
    project.dynamodb().delete_table(TableName="cruddur-messages")
    assert project("schema", "diff").code == 1
    s3 = client(project, "s3")
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="handler.zip", Body=b"a zip file")
    packaged = text.replace("Code: scenarios/handlers", "Code: {S3Bucket: code, S3Key: handler.zip}")
    assert packaged != text
    stacks = client(project, "cloudformation")
    stacks.create_stack(StackName="chat", TemplateBody=packaged, Capabilities=["CAPABILITY_IAM"])
    stacks.get_waiter("stack_create_complete").wait(StackName="chat", WaiterConfig={"Delay": 0.1})
    assert project.ok("schema", "diff").out == "no difference\n"
    path = project.write("template.yaml", text)
    assert "no difference to the stack that is up" in project.ok("schema", "diff", "--template", str(path)).out
    stacks.delete_stack(StackName="chat")
