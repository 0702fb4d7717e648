"""What the role of a template's function may do, as policy documents and names of managed policies.

Source: the SAM developer guide's pages on AWS::Serverless::Function and on policy templates; for roles of one's own, the
CloudFormation pages on AWS::IAM::Role, Policy and ManagedPolicy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from harness.streams.mapping.intrinsics import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.streams.mapping.intrinsics import Template

_ROLE, _POLICIES = "AWS::IAM::Role", ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
#: What SAM gives every role that it makes, and to that of a function with a DynamoDB event.
_BY_SAM = ("service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaDynamoDBExecutionRole")
_SENDING = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """A role's policies. Streams of the template's tables have `*` for their label: only a deployed stack knows it."""

    #: Logical id or ARN of the role; None for the one that SAM makes.
    role: str | None = None
    #: Policy documents with every function worked out.
    policies: tuple[dict[str, Any], ...] = ()
    #: Names or ARNs of managed policies, as they are written.
    policy_names: tuple[str, ...] = ()
    #: SAM's policy templates with their parameters, one `{name: parameters}` each.
    policy_templates: tuple[dict[str, Any], ...] = ()
    #: Statements and policies that only a deployed stack could read, and roles from elsewhere; raw.
    unread: tuple[Any, ...] = ()


def grants_of(template: Template, properties: Mapping[str, Any], *, serverless: bool) -> Grants:
    """Return what a function's own properties, or the role that they name, grant."""
    template = replace(template, stream_label="*")
    raw = properties.get("Role")
    if raw is None:
        return _by_sam(template, properties) if serverless else Grants()
    logical_id = _role_id(template, raw)
    if logical_id is None:
        resolved = template.resolve(raw)
        return Grants(role=resolved if isinstance(resolved, str) else None, unread=(raw,))
    _, role = template.resource(logical_id)
    documents = [part.get("PolicyDocument") for part in _listed(role.get("Policies")) if isinstance(part, dict)]
    written = [*documents, *_listed(role.get("ManagedPolicyArns"))]
    return replace(_sorted(template, [*written, *_attached(template, logical_id)]), role=logical_id)


def _by_sam(template: Template, properties: Mapping[str, Any]) -> Grants:
    events = [event for event in _values(properties.get("Events")) if event.get("Type") == "DynamoDB"]
    names = _BY_SAM if events else _BY_SAM[:1]
    sending = (_sending(template, event.get("Properties")) for event in events)
    own = _sorted(template, [*_listed(properties.get("Policies")), *(document for document in sending if document)])
    return replace(own, policy_names=(*(f"arn:aws:iam::aws:policy/{name}" for name in names), *own.policy_names))


def _sending(template: Template, event: Any) -> dict[str, Any] | None:
    """Return the policy that SAM makes of an on-failure destination whose `Type` is given."""
    config = template.resolve(event).get("DestinationConfig") if isinstance(event, dict) else None
    target = config.get("OnFailure") if isinstance(config, dict) else None
    action = _SENDING.get(str(target.get("Type"))) if isinstance(target, dict) else None
    if action is None or not isinstance(target, dict):
        return None
    statement = {"Effect": "Allow", "Action": [action], "Resource": target.get("Destination")}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _role_id(template: Template, raw: Any) -> str | None:
    """Return the logical id of a role of this template."""
    if not isinstance(raw, dict) or len(raw) != 1:
        return None
    argument = next(iter(raw.values()))
    named = argument[0] if isinstance(argument, list) and argument else argument
    logical_id = str(named).removesuffix("}").removeprefix("${").partition(".")[0]
    return logical_id if template.resource(logical_id)[0] == _ROLE else None


def _attached(template: Template, role: str) -> Iterable[Any]:
    """Yield the documents of policies that name the role themselves."""
    for logical_id in template.section("Resources"):
        kind, policy = template.resource(logical_id)
        if kind in _POLICIES and any(_role_id(template, named) == role for named in _listed(policy.get("Roles"))):
            yield policy.get("PolicyDocument")


def _sorted(template: Template, policies: Iterable[Any]) -> Grants:
    """Sort policies, as they are written, by what they are."""
    documents, names, templates, unread = [], [], [], []
    for raw in policies:
        policy = template.resolve(_managed(template, raw))
        if isinstance(policy, str):
            names.append(policy)
        elif isinstance(policy, dict) and "Statement" in policy:
            statements = _listed(policy["Statement"])
            unread += [statement for statement in statements if unknown(statement)]
            documents.append({**policy, "Statement": [part for part in statements if not unknown(part)]})
        elif isinstance(policy, dict) and len(policy) == 1 and not unknown(policy):
            templates.append(policy)
        elif policy is not None:
            unread.append(raw)
    kept = tuple(document for document in documents if document["Statement"])
    return Grants(policies=kept, policy_names=tuple(names), policy_templates=tuple(templates), unread=tuple(unread))


def _managed(template: Template, raw: Any) -> Any:
    """Return the document of a managed policy that the template itself defines."""
    kind, policy = template.resource(str(raw.get("Ref"))) if isinstance(raw, dict) and "Ref" in raw else ("", {})
    return policy.get("PolicyDocument") if kind in _POLICIES else raw


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _values(value: Any) -> list[dict[str, Any]]:
    return [part for part in value.values() if isinstance(part, dict)] if isinstance(value, dict) else []
