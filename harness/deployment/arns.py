"""ARNs of this machine's imagined account, as a template has to write them: for whichever account it is deployed to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.permissions.permission import Identity

_LOG_GROUP = "log-group:/aws/lambda/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translator:
    """Knows what of an ARN is the stack's own."""

    identity: Identity
    #: Logical ids of the template's tables, by name.
    tables: Mapping[str, str]
    #: What follows every name in the stack, as `Fn::Sub` writes it.
    suffix: str
    #: The template's parameters whose defaults are ARNs, by that ARN.
    parameters: Mapping[str, str] = field(default_factory=dict)

    def policy(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return a policy document with each resource translated."""
        statements = [
            {**statement, "Resource": [self.arn(resource) for resource in statement["Resource"]]}
            for statement in document["Statement"]
        ]
        return {**document, "Statement": statements}

    def arn(self, arn: str) -> Any:
        """Return `!Ref`, `!GetAtt` or `!Sub`; or the text itself, where nothing in it is the stack's."""
        for known, parameter in self.parameters.items():
            if arn == known:
                return {"Ref": parameter}
            if arn.startswith(f"{known}/"):
                return {"Fn::Sub": f"${{{parameter}}}{_literal(arn.removeprefix(known))}"}
        parts = arn.split(":", 5)
        return self._placed(parts) if len(parts) == 6 else arn  # noqa: PLR2004 - arn:partition:service:region:account:rest

    def _placed(self, parts: list[str]) -> Any:
        _, partition, service, region, account, resource = parts
        here = self.identity
        if service == "dynamodb" and (region, account) == (here.region, here.account):
            _, _, rest = resource.partition("table/")
            name, slash, below = rest.partition("/")
            if name in self.tables:
                table = self.tables[name]
                return {"Fn::Sub": f"${{{table}.Arn}}/{_literal(below)}"} if slash else {"Fn::GetAtt": f"{table}.Arn"}
        own_log = f"{_LOG_GROUP}{here.function}"
        if service == "logs" and resource.startswith(f"{own_log}:"):
            resource = f"{own_log}{self.suffix}{resource.removeprefix(own_log)}"
        else:
            resource = _literal(resource)
        partition = "${AWS::Partition}" if partition == here.partition else partition
        region = "${AWS::Region}" if region == here.region else region
        account = "${AWS::AccountId}" if account == here.account else account
        return {"Fn::Sub": f"arn:{partition}:{service}:{region}:{account}:{resource}"}


def _literal(text: str) -> str:
    """Return a text that Fn::Sub leaves as it is."""
    return text.replace("${", "${!")
