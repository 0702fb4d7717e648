"""CloudFormation's functions, as far as a template alone tells what they come to.

Names that CloudFormation would make up are the logical ids, as for the tables that the harness makes of a template.
Sources: the CloudFormation user guide's "Intrinsic function reference" and the return values of each resource type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.schema_files.documents import Document

#: By type: which property names it, and its ARN.
_KINDS = {
    "AWS::DynamoDB::Table": ("TableName", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "AWS::Serverless::SimpleTable": ("TableName", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "AWS::Lambda::Function": ("FunctionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
    "AWS::Serverless::Function": ("FunctionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
    "AWS::SQS::Queue": ("QueueName", "arn:aws:sqs:{region}:{account}:{name}"),
    "AWS::SNS::Topic": ("TopicName", "arn:aws:sns:{region}:{account}:{name}"),
    "AWS::S3::Bucket": ("BucketName", "arn:aws:s3:::{name}"),
}
_FIFO = {"AWS::SQS::Queue": "FifoQueue", "AWS::SNS::Topic": "FifoTopic"}
_ALIAS = "AWS::Lambda::Alias"
#: What `!Ref AWS::NoValue` leaves of a property.
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Stands where only the deployed stack would know the value."""

    #: As it may be written in YAML: `!GetAtt Table.StreamArn`.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A SAM or CloudFormation template, and where its stack is imagined to be."""

    document: Document
    region: str
    account: str

    def section(self, name: str) -> dict[str, Any]:
        """Return a section: Resources, Parameters, Globals, …; empty where it has none."""
        found = self.document.data.get(name)
        return found if isinstance(found, dict) else {}

    def resource(self, logical_id: str) -> tuple[str, dict[str, Any]]:
        """Return the type and the raw properties of a resource; ("", {}) where there is none."""
        resource = self.section("Resources").get(logical_id)
        if not isinstance(resource, dict):
            return "", {}
        properties = resource.get("Properties")
        return str(resource.get("Type", "")), properties if isinstance(properties, dict) else {}

    def name(self, logical_id: str) -> str:
        """Return the name that a resource has, or will have here."""
        kind, properties = self.resource(logical_id)
        named = self.resolve(properties.get(_KINDS.get(kind, ("",))[0]))
        if isinstance(named, str) and named:
            return named
        fifo = self.resolve(properties.get(_FIFO.get(kind, ""))) in (True, "true")
        return (logical_id.lower() if kind == "AWS::S3::Bucket" else logical_id) + (".fifo" if fifo else "")

    def resolve(self, value: Any) -> Any:
        """Return the value with all its functions worked out, or `Unresolved` in their place."""
        resolved = self._resolve(value)
        return None if resolved is _NOTHING else resolved

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [part for part in map(self._resolve, value) if part is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(function, argument)] = value.items()
            if function == "Ref" or function.startswith("Fn::"):
                return self._call(function, argument)
        parts = {key: self._resolve(part) for key, part in value.items()}
        return {key: part for key, part in parts.items() if part is not _NOTHING}

    def _call(self, function: str, argument: Any) -> Any:
        unresolved = Unresolved(f"!{function.removeprefix('Fn::')} {_written(argument)}")
        resolved: Any = None
        match function, argument:
            case "Ref", str():
                resolved = self._ref(argument)
            case "Fn::GetAtt", str() | [str(), str()]:
                dotted = argument if isinstance(argument, str) else ".".join(argument)
                resolved = self._attribute(*dotted.partition(".")[::2])
            case "Fn::Sub", str():
                resolved = self._sub(argument, {})
            case "Fn::Sub", [str() as text, dict() as own]:
                resolved = self._sub(text, own)
            case "Fn::Join", [str() as blank, list() as parts]:
                texts = self._resolve(parts)
                resolved = blank.join(map(str, texts)) if not unknown(texts) else None
            case "Fn::FindInMap", [_, _, _]:
                resolved = self._in_map(self._resolve(argument))
        return unresolved if resolved is None else resolved

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NOTHING
        parameter = self.section("Parameters").get(name)
        if isinstance(parameter, dict):
            kind, default = str(parameter.get("Type", "")), parameter.get("Default")
            if kind.startswith("AWS::SSM::"):
                return None  # the default is the name of an entry in Parameter Store
            return str(default).split(",") if kind == "CommaDelimitedList" and default is not None else default
        stack = {"AWS::Partition": "aws", "AWS::StackName": "harness", "AWS::URLSuffix": "amazonaws.com"}
        return {**stack, "AWS::Region": self.region, "AWS::AccountId": self.account}.get(name) or self._ref_resource(
            name
        )

    def _ref_resource(self, logical_id: str) -> Any:
        kind, properties = self.resource(logical_id)
        if kind == "AWS::SNS::Topic":
            return self._attribute(logical_id, "Arn")
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{self.region}.amazonaws.com/{self.account}/{self.name(logical_id)}"
        if kind == _ALIAS:
            function, alias = self.resolve(properties.get("FunctionName")), self.resolve(properties.get("Name"))
            known = isinstance(function, str) and isinstance(alias, str)
            arn = function if str(function).startswith("arn:") else self._arn("AWS::Lambda::Function", str(function))
            return f"{arn}:{alias}" if known else None
        return self.name(logical_id) if kind in _KINDS else None

    def _attribute(self, logical_id: str, attribute: str) -> str | None:
        kind, _ = self.resource(logical_id)
        arn = self._arn(kind, self.name(logical_id)) if kind in _KINDS else None
        if attribute in {"Arn", "TopicArn"}:
            return arn
        return self.name(logical_id) if arn and attribute in {"QueueName", "TopicName"} else None

    def _arn(self, kind: str, name: str) -> str:
        return _KINDS[kind][1].format(region=self.region, account=self.account, name=name)

    def _sub(self, text: str, own: dict[str, Any]) -> str | None:
        missing = False

        def value(found: re.Match[str]) -> str:
            nonlocal missing
            name = found[1].strip()
            if name in own:
                known = self._resolve(own[name])
            else:
                known = self._attribute(*name.partition(".")[::2]) if "." in name else self._ref(name)
            missing = missing or known is None or unknown(known) is not None
            return str(known)

        written = re.sub(r"\$\{([^!}][^}]*)\}", value, text)
        return None if missing else written.replace("${!", "${")

    def _in_map(self, path: list[Any]) -> Any:
        found: Any = self.section("Mappings")
        for key in path:
            found = found.get(str(key)) if isinstance(found, dict) else None
        return found


def unknown(value: Any) -> Unresolved | None:
    """Return the first thing in a resolved value that is not known."""
    if isinstance(value, Unresolved):
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for found in map(unknown, parts) if found), None)


def _written(argument: Any) -> str:
    if isinstance(argument, list) and all(isinstance(part, str) for part in argument):
        return ".".join(argument)
    return argument if isinstance(argument, str) else "…"
