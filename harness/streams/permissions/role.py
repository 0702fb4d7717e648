"""The policies that a function's role has, by a CloudFormation or SAM template.

Source: CloudFormation user guide on AWS::IAM::Role, Policy and ManagedPolicy; SAM developer guide on
AWS::Serverless::Function, and what the SAM translator adds to the role that it makes for a function.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.permissions.managed import managed_policy
from harness.streams.permissions.policy import CURRENT, Policy, parse_policy
from harness.streams.permissions.sam_templates import sam_policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.streams.permissions.resolve import Template

#: Added for an event of a type, for a function in a VPC, for active tracing.
_FOR_EVENTS = {
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleReader:
    """Collects policies from one template; `file` names it in errors."""

    template: Template
    file: str

    def of_function(self, logical_id: str) -> Iterator[Policy]:
        """Yield the policies of a function: of the role that it names, or of the one that SAM makes for it."""
        properties = self._merged(logical_id)
        if "Role" in properties:
            yield from self._of_named_role(properties["Role"])
        elif self._is_sam(logical_id):
            yield from self._made_by_sam(logical_id, properties)

    def of_role(self, logical_id: str) -> Iterator[Policy]:
        """Yield the policies of an AWS::IAM::Role: its own, its managed ones, and those attached to it from elsewhere."""
        properties = self.template.properties(logical_id)
        for number, entry in enumerate(_listed(properties.get("Policies")), 1):
            resolved = self.template.resolve(entry)
            if isinstance(resolved, dict):
                name = str(resolved.get("PolicyName") or f"{logical_id} policy {number}")
                yield self._parsed(resolved.get("PolicyDocument"), name)
        for entry in _listed(properties.get("ManagedPolicyArns")):
            yield self._managed(entry)
        for other, resource in _object(self.template.data.get("Resources")).items():
            if isinstance(resource, dict) and self._attached(other, resource.get("Type"), logical_id):
                document = self.template.resolve(self.template.properties(other).get("PolicyDocument"))
                yield self._parsed(document, str(other))
        if "PermissionsBoundary" in properties:
            yield Policy(name=f"{logical_id}'s PermissionsBoundary", unexamined="boundaries are not looked at")

    def _attached(self, policy: str, kind: Any, role: str) -> bool:
        if kind not in {"AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"}:
            return False
        properties = self.template.properties(policy)
        return any(_role_of(entry) == role for entry in [*_listed(properties.get("Roles")), properties.get("RoleName")])

    def _of_named_role(self, role: Any) -> Iterator[Policy]:
        logical_id = _role_of(role)
        if logical_id and self.template.resource(logical_id).get("Type") == "AWS::IAM::Role":
            yield from self.of_role(logical_id)
        else:
            yield Policy(
                name=f"role {self.template.resolve(role)}", unexamined="the role is made outside of this template"
            )

    def _made_by_sam(self, logical_id: str, properties: Mapping[str, Any]) -> Iterator[Policy]:
        yield managed_policy("AWSLambdaBasicExecutionRole")
        events = [event for event in _object(properties.get("Events")).values() if isinstance(event, dict)]
        for kind in sorted({str(event.get("Type")) for event in events} & _FOR_EVENTS.keys()):
            yield managed_policy(_FOR_EVENTS[kind])
        if properties.get("VpcConfig"):
            yield managed_policy("AWSLambdaVPCAccessExecutionRole")
        if properties.get("Tracing") == "Active":
            yield managed_policy("AWSXRayDaemonWriteAccess")
        yield from self._destinations(logical_id, properties, events)
        for number, entry in enumerate(_listed(properties.get("Policies")), 1):
            yield self._sam_entry(entry, f"{logical_id} policy {number}")
        yield from self._connectors(logical_id)

    def _sam_entry(self, entry: Any, name: str) -> Policy:
        """Read a managed policy by name or ARN, a document of its own, or a policy template with parameters."""
        if isinstance(entry, dict) and "Statement" not in entry and not _is_function(entry):
            template, parameters = next(iter(self.template.resolve(entry).items()), ("", {}))
            where = f"{self.file}: {name}"
            return sam_policy(str(template), _object(parameters), self.template.identity, where=where)
        if isinstance(entry, dict) and "Statement" in entry:
            return self._parsed(self.template.resolve(entry), name)
        return self._managed(entry)

    def _destinations(
        self, logical_id: str, properties: Mapping[str, Any], events: list[dict[str, Any]]
    ) -> Iterator[Policy]:
        """Yield what SAM adds for queues and topics of which it was told the Type."""
        told = [(properties.get("DeadLetterQueue"), "TargetArn")]
        for event in events:
            config = _object(_object(event.get("Properties")).get("DestinationConfig"))
            told.append((config.get("OnFailure"), "Destination"))
        for target, key in ((_object(target), key) for target, key in told):
            action = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}.get(str(target.get("Type")).upper())
            if action:
                statement = {"Effect": "Allow", "Action": action, "Resource": self.template.resolve(target.get(key))}
                name = f"{logical_id} {key}"
                yield self._parsed({"Version": CURRENT, "Statement": [statement]}, name, own=False)

    def _connectors(self, logical_id: str) -> Iterator[Policy]:
        found = list(_object(self.template.resource(logical_id).get("Connectors")))
        for name, resource in _object(self.template.data.get("Resources")).items():
            if isinstance(resource, dict) and resource.get("Type") == "AWS::Serverless::Connector":
                source = self.template.properties(name).get("Source")
                found += [name] if isinstance(source, dict) and source.get("Id") == logical_id else []
        for name in found:
            yield Policy(name=str(name), unexamined="what a connector of SAM grants isn't known to this program")

    def _managed(self, entry: Any) -> Policy:
        """Return a managed policy by name or ARN, or one that this template makes."""
        logical_id = entry.get("Ref") if isinstance(entry, dict) else None
        if isinstance(logical_id, str) and self.template.resource(logical_id).get("Type") == "AWS::IAM::ManagedPolicy":
            return self._parsed(
                self.template.resolve(self.template.properties(logical_id).get("PolicyDocument")), logical_id
            )
        return managed_policy(str(self.template.resolve(entry)))

    def _parsed(self, document: Any, name: str, *, own: bool = True) -> Policy:
        return parse_policy(document, name=name, where=f"{self.file}: {name}", own=own)

    def _merged(self, logical_id: str) -> dict[str, Any]:
        shared = _object(_object(self.template.data.get("Globals")).get("Function")) if self._is_sam(logical_id) else {}
        return {**shared, **self.template.properties(logical_id)}

    def _is_sam(self, logical_id: str) -> bool:
        return self.template.resource(logical_id).get("Type") == "AWS::Serverless::Function"


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _is_function(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _role_of(value: Any) -> str | None:
    """Return the logical id of the role that `!Ref Role` or `!GetAtt Role.Arn` means."""
    match value:
        case {"Ref": str(logical_id)} | {"Fn::GetAtt": [str(logical_id), *_]}:
            return logical_id
        case {"Fn::GetAtt": str(dotted)}:
            return dotted.partition(".")[0]
        case {"Fn::Sub": str(text)} if text.startswith("${") and text.endswith(".Arn}"):
            return text[2:-5]
    return None
