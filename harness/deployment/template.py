"""A deployment as a template: parameters, resources, outputs, and the words around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.deployment.arns import Translator
from harness.deployment.functions import FunctionWriter
from harness.deployment.names import logical_ids
from harness.deployment.tables import table_resource
from harness.deployment.yaml_text import template_text
from harness.stores.dynamodb_diff import view_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.deployment.functions import Format
    from harness.deployment.model import Deployment, StreamFunction

#: How a file of ours begins.
MARK = "Written by `harness template`"
_SUFFIX = "StageSuffix"
_WRITTEN_SUFFIX = f"${{{_SUFFIX}}}"
_DEPLOYED_BY: dict[Format, str] = {
    "sam": "Deploy it: sam build --template-file FILE && sam deploy --guided",
    "cloudformation": (
        "Deploy it: aws cloudformation package --template-file FILE --s3-bucket BUCKET --output-template-file packaged.yaml\n"
        "      then: aws cloudformation deploy --template-file packaged.yaml --stack-name NAME --capabilities CAPABILITY_IAM"
    ),
}


def template(deployment: Deployment, *, format: Format, beside: Path) -> dict[str, Any]:  # noqa: A002 - the flag's name
    """Return the template as plain data; the paths in it count from the folder `beside`."""
    tables = {name: f"{each}Table" for name, each in logical_ids(table.name for table in deployment.tables).items()}
    bases = logical_ids(function.handler_name for function in deployment.functions)
    resources: dict[str, Any] = {
        tables[table.name]: table_resource(table, name={"Fn::Sub": f"${{{tables[table.name]}Name}}{_WRITTEN_SUFFIX}"})
        for table in deployment.tables
    }
    for function in deployment.functions:
        destination = _destination(function, bases[function.handler_name])
        resources |= FunctionWriter(
            function=function,
            format=format,
            base=bases[function.handler_name],
            tables=tables,
            translator=Translator(
                identity=function.identity,
                tables=tables,
                suffix=_WRITTEN_SUFFIX,
                parameters={str(function.mapping.on_failure): destination} if destination else {},
            ),
            beside=beside,
            destination=destination,
        ).resources()
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        **({"Transform": "AWS::Serverless-2016-10-31"} if format == "sam" else {}),
        "Description": _described(deployment),
        "Parameters": dict(_parameters(deployment, tables, bases)),
        "Resources": resources,
        "Outputs": dict(_outputs(deployment, tables)),
    }


def written(deployment: Deployment, *, format: Format, beside: Path) -> str:  # noqa: A002 - the flag's name
    """Return the template as YAML, the same bytes for the same deployment."""
    heading = [
        f"{MARK} from the project's schema files and [handlers]: change those and write it anew.",
        *_DEPLOYED_BY[format].splitlines(),
        *(f"Note: {note}" for note in deployment.notes),
    ]
    data = template(deployment, format=format, beside=beside)
    return template_text(data, heading=heading, comments=dict(_comments(deployment, data)))


def without_calls(function: StreamFunction) -> str:
    """Say in two lines that the role knows nothing of the handler, and what would change that."""
    return (
        f"No calls of {function.handler_name} were recorded, so its role allows exactly what the trigger itself needs.\n"
        f"`harness run` or `harness stream policy {function.handler_name}` records them; then write the template anew."
    )


def _described(deployment: Deployment) -> str:
    def counted(number: int, noun: str) -> str:
        return f"{number} {noun}{'' if number == 1 else 's'}"

    tables = counted(len(deployment.tables), "table")
    functions = len(deployment.functions)
    return f"{tables} and {counted(functions, 'stream function')}" if functions else tables


def _parameters(deployment: Deployment, tables: dict[str, str], bases: dict[str, str]) -> Iterator[tuple[str, Any]]:
    yield (
        _SUFFIX,
        {
            "Type": "String",
            "Default": "",
            "AllowedPattern": "[A-Za-z0-9_-]{0,32}",
            "Description": "Put behind every name, such as -staging, so that several stages live in one account",
        },
    )
    for name, table in tables.items():
        yield f"{table}Name", {"Type": "String", "Default": name, "AllowedPattern": "[A-Za-z0-9_.-]{3,255}"}
    for function in deployment.functions:
        if (destination := _destination(function, bases[function.handler_name])) is not None:
            described = f"Where {function.handler_name} sends what is discarded: ARN of a queue, topic or bucket"
            yield destination, {"Type": "String", "Default": function.mapping.on_failure, "Description": described}


def _destination(function: StreamFunction, base: str) -> str | None:
    return f"{base}OnFailureArn" if function.mapping.on_failure else None


def _outputs(deployment: Deployment, tables: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for table in deployment.tables:
        logical_id = tables[table.name]
        yield f"{logical_id}Name", {"Value": {"Ref": logical_id}, "Description": f"DDB_MESSAGE_TABLE of {table.name}"}
        if view_type(table.definition) != "off":
            yield f"{logical_id}StreamArn", {"Value": {"Fn::GetAtt": f"{logical_id}.StreamArn"}}


def _comments(deployment: Deployment, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for logical_id, resource in data["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            yield logical_id, "Neither deleting the stack nor replacing the table takes the table and its items away."
    bases = logical_ids(function.handler_name for function in deployment.functions)
    for function in deployment.functions:
        seen = "What the trigger needs, and what the handler was seen to call. Nothing else is allowed."
        yield f"{bases[function.handler_name]}Role", seen if function.recorded else without_calls(function)
