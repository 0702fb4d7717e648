"""A stream function as resources: its role, the function itself, an alias if the mapping names one, and the mapping.

The mapping is a resource of its own in SAM's format too: the event of a function has no Tags there, and with a role that is
named it would add nothing. Sources: the CloudFormation pages on AWS::Lambda::Function, EventSourceMapping, Alias and Version,
and AWS::IAM::Role; the SAM developer guide on AWS::Serverless::Function.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from harness.streams.permissions.policy import CURRENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harness.deployment.arns import Translator
    from harness.deployment.model import StreamFunction

Format = Literal["sam", "cloudformation"]
#: The request's names that templates spell otherwise.
_SPELLED = {"KMSKeyArn": "KmsKeyArn"}
_MAPPING = "AWS::Lambda::EventSourceMapping"
_ASSUMED_BY_LAMBDA = {
    "Version": CURRENT,
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionWriter:
    """Writes one function's resources."""

    function: StreamFunction
    format: Format
    #: What all its resources' names begin with.
    base: str
    #: Logical ids of the tables, by name.
    tables: Mapping[str, str]
    translator: Translator
    #: The folder that the template will lie in: paths count from there.
    beside: Path
    #: The parameter that holds the on-failure destination's ARN.
    destination: str | None

    def resources(self) -> dict[str, Any]:
        """Return them by logical id, each after what it needs."""
        made = {f"{self.base}Role": self._role(), f"{self.base}Function": self._function()}
        if self.function.alias and self.format == "cloudformation":
            made |= self._published(self.function.alias)
        return made | {f"{self.base}Mapping": self._mapping()}

    def _role(self) -> dict[str, Any]:
        policy = {
            "PolicyName": "least-privilege",
            "PolicyDocument": self.translator.policy(self.function.policy.document),
        }
        properties = {"AssumeRolePolicyDocument": _ASSUMED_BY_LAMBDA, "Policies": [policy]}
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    def _function(self) -> dict[str, Any]:
        function = self.function
        sam = self.format == "sam"
        code = os.path.relpath(function.code, self.beside).replace(os.sep, "/")
        properties = {
            "FunctionName": {"Fn::Sub": f"{function.name}{self.translator.suffix}"},
            # A path is for `sam build` or `aws cloudformation package`, which put a bucket's key in its place.
            "CodeUri" if sam else "Code": code,
            "Handler": function.handler,
            "Runtime": function.runtime,
            "Timeout": function.timeout,
            "MemorySize": function.memory,
            "Role": {"Fn::GetAtt": f"{self.base}Role.Arn"},
            "Environment": {"Variables": {key: self._variable(text) for key, text in function.environment.items()}},
        }
        if sam and function.alias:
            properties["AutoPublishAlias"] = function.alias
        return {"Type": "AWS::Serverless::Function" if sam else "AWS::Lambda::Function", "Properties": properties}

    def _variable(self, text: str) -> Any:
        """Let a variable that names one of the tables name it in every stage."""
        return {"Ref": self.tables[text]} if text in self.tables else text

    def _published(self, alias: str) -> dict[str, Any]:
        function = {"Ref": f"{self.base}Function"}
        version = {"FunctionVersion": {"Fn::GetAtt": f"{self.base}Version.Version"}}
        return {
            f"{self.base}Version": {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": function}},
            f"{self.base}Alias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionName": function, "Name": alias, **version},
            },
        }

    def _mapping(self) -> dict[str, Any]:
        function, name = self.function, f"{self.base}Function"
        properties = {
            "EventSourceArn": {"Fn::GetAtt": f"{self.tables[function.table]}.StreamArn"},
            "FunctionName": {"Fn::Sub": f"${{{name}}}:{function.qualifier}"} if function.qualifier else {"Ref": name},
        }
        properties |= {_SPELLED.get(key, key): self._parameter(key, value) for key, value in function.stated.items()}
        if not function.alias:
            return {"Type": _MAPPING, "Properties": properties}
        # The alias that AutoPublishAlias makes is called so by SAM's translator.
        by_sam = f"{name}Alias{function.alias.replace('-', 'D').replace('_', 'U')}"
        alias = by_sam if self.format == "sam" else f"{self.base}Alias"
        return {"Type": _MAPPING, "DependsOn": alias, "Properties": properties}

    def _parameter(self, key: str, value: Any) -> Any:
        if key == "DestinationConfig" and self.destination:
            return {"OnFailure": {"Destination": {"Ref": self.destination}}}
        if key == "Tags":
            return [{"Key": name, "Value": text} for name, text in sorted(value.items())]
        return value
