"""Values of a CloudFormation template, as far as they can be told before it is deployed.

What can't be told stays in the text as a variable, so that a policy with it is neither allowed nor refused for certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.streams.permissions.evaluation import UNRESOLVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.permissions.permission import Identity

#: `Ref` to it takes away what it stands for.
_NOTHING = object()
_IN_TEXT = re.compile(r"\$\{(!?)([^}]+)\}")
#: By type: the property that names the resource, and what its ARN has after the partition.
_NAMED = {
    "AWS::DynamoDB::Table": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "AWS::DynamoDB::GlobalTable": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "AWS::Serverless::SimpleTable": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "AWS::SQS::Queue": ("QueueName", "sqs:{region}:{account}:{name}"),
    "AWS::SNS::Topic": ("TopicName", "sns:{region}:{account}:{name}"),
    "AWS::S3::Bucket": ("BucketName", "s3:::{name}"),
    "AWS::Lambda::Function": ("FunctionName", "lambda:{region}:{account}:function:{name}"),
    "AWS::Serverless::Function": ("FunctionName", "lambda:{region}:{account}:function:{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs:{region}:{account}:log-group:{name}:*"),
    "AWS::Events::EventBus": ("Name", "events:{region}:{account}:event-bus/{name}"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "states:{region}:{account}:stateMachine:{name}"),
    "AWS::Serverless::StateMachine": ("Name", "states:{region}:{account}:stateMachine:{name}"),
}
#: Types whose `Ref` is the ARN and not the name.
_REF_IS_ARN = ("AWS::SNS::Topic", "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template, and where it will be deployed."""

    data: Mapping[str, Any]
    identity: Identity

    def resource(self, logical_id: str) -> Mapping[str, Any]:
        """Return a resource of the template; {} for one that it hasn't."""
        resources = self.data.get("Resources")
        found = resources.get(logical_id) if isinstance(resources, dict) else None
        return found if isinstance(found, dict) else {}

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        """Return a resource's properties as they are written."""
        found = self.resource(logical_id).get("Properties")
        return found if isinstance(found, dict) else {}

    def resolve(self, value: Any) -> Any:
        """Return a value with its functions (Ref, Sub, GetAtt, Join) worked out as far as that is possible here."""
        if isinstance(value, list):
            return [entry for entry in map(self.resolve, value) if entry is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Ref" or str(function).startswith("Fn::"):
                return self._function(str(function), argument)
        resolved = {key: self.resolve(entry) for key, entry in value.items()}
        return {key: entry for key, entry in resolved.items() if entry is not _NOTHING}

    def _function(self, function: str, argument: Any) -> Any:
        match function, argument:
            case "Ref", str():
                return self._ref(argument)
            case "Fn::GetAtt", str() | [str(), str()]:
                return self._attribute(*(_halves(argument) if isinstance(argument, str) else argument))
            case "Fn::Sub", str() | [str(), dict()]:
                text, given = (argument, {}) if isinstance(argument, str) else argument
                return self._substituted(text, {key: self.resolve(entry) for key, entry in given.items()})
            case "Fn::Join", [str(separator), list(parts)]:
                return separator.join(str(part) for part in self.resolve(parts))
        return _open(f"{function.removeprefix('Fn::')} {argument if isinstance(argument, str) else ''}".strip())

    def _substituted(self, text: str, given: Mapping[str, Any]) -> str:
        def value(found: re.Match[str]) -> str:
            literal, name = found.group(1), found.group(2).strip()
            if literal:
                return f"${{{name}}}"
            if name in given:
                return str(given[name])
            return str(self._attribute(*_halves(name)) if "." in name else self._ref(name))

        return _IN_TEXT.sub(value, text)

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::Region": self.identity.region,
            "AWS::AccountId": self.identity.account,
            "AWS::Partition": self.identity.partition,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": _NOTHING,
        }
        if name in pseudo:
            return pseudo[name]
        parameters = self.data.get("Parameters")
        parameter = parameters.get(name) if isinstance(parameters, dict) else None
        if isinstance(parameter, dict):
            return parameter["Default"] if "Default" in parameter else _open(name)
        kind = self.resource(name).get("Type")
        if kind in _REF_IS_ARN:
            return self._arn(name)
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{self.identity.region}.amazonaws.com/{self.identity.account}/{self.name(name)}"
        return self.name(name) if kind in _NAMED else _open(name)

    def _attribute(self, logical_id: str, attribute: str) -> str:
        kind = self.resource(logical_id).get("Type")
        if kind not in _NAMED:
            return _open(f"{logical_id}.{attribute}")
        if attribute == "StreamArn":
            return f"{self._arn(logical_id)}/stream/*"
        if attribute in {"Arn", "TopicArn"}:
            return self._arn(logical_id)
        return self.name(logical_id) if attribute in {"QueueName", "TopicName"} else _open(f"{logical_id}.{attribute}")

    def name(self, logical_id: str) -> str:
        """Return a resource's name; one without a name of its own is called as in the template, here as for the engines."""
        key, _ = _NAMED[self.resource(logical_id)["Type"]]
        return str(self.resolve(self.properties(logical_id).get(key, logical_id)))

    def _arn(self, logical_id: str) -> str:
        _, rest = _NAMED[self.resource(logical_id)["Type"]]
        where = self.identity
        filled = rest.format(region=where.region, account=where.account, name=self.name(logical_id))
        return f"arn:{where.partition}:{filled}"


def _halves(dotted: str) -> tuple[str, str]:
    logical_id, _, attribute = dotted.partition(".")
    return logical_id, attribute


def _open(name: str) -> str:
    return f"${{{UNRESOLVED}{name}}}"
