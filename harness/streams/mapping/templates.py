"""Event source mappings of DynamoDB streams in a SAM or CloudFormation template.

Sources: the SAM developer guide's page on the DynamoDB event of AWS::Serverless::Function, and the CloudFormation page on
AWS::Lambda::EventSourceMapping.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.mapping.constraints import FLAGS, NUMBERS
from harness.streams.mapping.intrinsics import Unresolved, unknown
from harness.streams.mapping.parameters import FOREIGN, KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.streams.mapping.intrinsics import Template

_SERVERLESS, _FUNCTION, _MAPPING = (
    "AWS::Serverless::Function",
    "AWS::Lambda::Function",
    "AWS::Lambda::EventSourceMapping",
)
#: What a mapping's properties are called in templates.
_PROPERTIES = (KNOWN | FOREIGN.keys() | {"KmsKeyArn"}) - {"KMSKeyArn"}
_EVENT = (_PROPERTIES | {"Stream"}) - {"EventSourceArn", "FunctionName", "Tags"}
#: What may stay open: the caller knows the local stream and function.
_OPEN = ("EventSourceArn", "FunctionName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A mapping in a template, as it is written there."""

    #: `LogicalId`, or `Function.Event`.
    reference: str
    properties: Mapping[str, Any]
    #: The function's logical id, where it is in the template.
    function: str | None
    #: None for a resource of its own.
    event: str | None = None


def mappings_of(template: Template) -> list[Found]:
    """Return the mappings of DynamoDB streams in the order in which they stand there."""
    return [found for logical_id in template.section("Resources") for found in _of_resource(template, logical_id)]


def other_events(template: Template) -> dict[str, str]:
    """Return the functions' events of other types, by `Function.Event`."""
    return {
        f"{logical_id}.{name}": str(event.get("Type"))
        for logical_id in template.section("Resources")
        for name, event in _events(template, logical_id)
        if event.get("Type") != "DynamoDB"
    }


def request_of(template: Template, found: Found, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping in the shape of CreateEventSourceMapping's request.

    A value that only the deployed stack knows is the caller's default; without one it is left out where it is the
    stream or the function, and refused anywhere else. Numbers and booleans may be texts, as for CloudFormation.
    """
    document = template.document
    what = f"{found.reference} in {document.path.name}"
    document.refuse_unknown(found.properties, _EVENT if found.event else _PROPERTIES, what)
    request = dict(defaults)
    if found.event and found.function:
        request["FunctionName"] = _function_name(template, found.function)
    for name, value in template.resolve(dict(found.properties)).items():
        key = {"Stream": "EventSourceArn", "KmsKeyArn": "KMSKeyArn"}.get(name, name)
        open_ = unknown(value)
        if open_ is None:
            request[key] = _as_asked(key, value)
        elif key not in defaults and key not in _OPEN:
            message = f"{name} of {what} needs {open_.text}, which is only known once the stack is deployed"
            raise document.wrong(message, near=name, hint="write the value itself, or give the parameter a Default")
    return request


def table_of(template: Template, found: Found) -> str | None:
    """Return the name of the template's table whose stream a mapping reads, where it says `!GetAtt Table.StreamArn`."""
    said = template.resolve(found.properties.get("Stream" if found.event else "EventSourceArn"))
    named = (
        re.fullmatch(r"!(?:GetAtt|Sub) (?:\$\{)?(\w+)\.StreamArn\}?", said.text)
        if isinstance(said, Unresolved)
        else None
    )
    return template.name(named[1]) if named else None


def _of_resource(template: Template, logical_id: str) -> Iterator[Found]:
    kind, properties = template.resource(logical_id)
    if kind == _MAPPING and _may_be_dynamodb(template, properties.get("EventSourceArn")):
        function = _function_of(template, properties.get("FunctionName"))
        yield Found(reference=logical_id, properties=properties, function=function)
    for name, event in _events(template, logical_id):
        if event.get("Type") == "DynamoDB":
            inner = event.get("Properties")
            yield Found(
                reference=f"{logical_id}.{name}",
                properties=inner if isinstance(inner, dict) else {},
                function=logical_id,
                event=name,
            )


def _events(template: Template, logical_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    kind, properties = template.resource(logical_id)
    events = properties.get("Events") if kind == _SERVERLESS else None
    for name, event in events.items() if isinstance(events, dict) else ():
        if isinstance(event, dict):
            yield name, event


def _may_be_dynamodb(template: Template, source: Any) -> bool:
    """Tell whether a mapping's source can be a table's stream; what is not known may be one."""
    resolved = template.resolve(source)
    return not isinstance(resolved, str) or ":dynamodb:" in resolved


def _function_of(template: Template, function_name: Any) -> str | None:
    named = template.resolve(function_name)
    if not isinstance(named, str):
        return None
    plain = named.partition(":function:")[2] or named
    for logical_id in template.section("Resources"):
        kind, _ = template.resource(logical_id)
        if kind in (_SERVERLESS, _FUNCTION) and template.name(logical_id) == plain.partition(":")[0]:
            return logical_id
    return None


def _function_name(template: Template, logical_id: str) -> str:
    """Return the name that SAM's mapping has: with an alias where the function publishes one."""
    _, properties = template.resource(logical_id)
    shared = template.section("Globals").get("Function")
    published = {**(shared if isinstance(shared, dict) else {}), **properties}.get("AutoPublishAlias")
    alias = template.resolve(published)
    return f"{template.name(logical_id)}:{alias}" if isinstance(alias, str) else template.name(logical_id)


def _as_asked(key: str, value: Any) -> Any:
    """Return a property in the type and shape that the API takes."""
    if key in NUMBERS and isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value, re.ASCII):
        return int(value)
    if key in FLAGS and isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if key == "Tags" and isinstance(value, list):
        return {str(tag.get("Key")): tag.get("Value") for tag in value if isinstance(tag, dict)}
    if key == "DestinationConfig" and isinstance(value, dict):
        # SAM reads `Type` to give the role its permission; the API has not got it.
        return {side: _without_type(target) for side, target in value.items()}
    return value


def _without_type(target: Any) -> Any:
    return {key: part for key, part in target.items() if key != "Type"} if isinstance(target, dict) else target
