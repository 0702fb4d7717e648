"""What a call needs: an action on a resource, and who asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.invocation import AwsCall

ANY = "*"
#: What stands in ARNs of local engines where AWS has a region and an account.
_LOCAL_REGION, _LOCAL_ACCOUNT = "ddblocal", "000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who calls, and where: the function's role in an account and a region."""

    region: str
    account: str
    role: str
    function: str
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """The caller as AWS names it in its refusals: the role, assumed by the function."""
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/{self.role}/{self.function}"

    def name(self, service: str, rest: str) -> str:
        """Return the ARN of something in this region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{rest}"

    def placed(self, arn: str) -> str:
        """Return an ARN with this region and account where a local engine wrote its placeholders."""
        parts = arn.split(":", 5)
        if len(parts) == 6:  # noqa: PLR2004 - arn:partition:service:region:account:resource
            parts[3] = self.region if parts[3] == _LOCAL_REGION else parts[3]
            parts[4] = self.account if parts[4] == _LOCAL_ACCOUNT else parts[4]
        return ":".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One action on one resource, without which something fails in production."""

    #: `dynamodb:PutItem`
    action: str
    #: ARN, or `*` for an action that is not bound to a resource. A `*` or `?` inside stands for what isn't known here.
    resource: str
    #: Who needs it, in words.
    reason: str
    #: What a policy should name, where that is wider than the resource: all labels of a stream, all keys of a bucket.
    grant: str = ""
    #: Whether action and resource were found in AWS's own material; False: derived by analogy.
    verified: bool = True

    @property
    def granted(self) -> str:
        """What a policy should name as resource."""
        return self.grant or self.resource

    @property
    def service(self) -> str:
        """The prefix of the action: `dynamodb`."""
        return self.action.split(":", 1)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call as the tables of actions look at it."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    #: In the region that the caller asked for.
    identity: Identity

    @classmethod
    def of(cls, call: AwsCall, identity: Identity) -> Request:
        """Take a recorded call; what it asks for lies in its own region, which may differ from the function's."""
        where = replace(identity, region=call.region) if call.region else identity
        return cls(service=call.service, operation=call.operation, parameters=call.parameters, identity=where)

    def text(self, name: str) -> str:
        """Return a parameter that is text; "" where it is absent or something else."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""

    def entries(self, name: str) -> list[Any]:
        """Return a parameter that is a list; [] where it is absent or something else."""
        value = self.parameters.get(name)
        return list(value) if isinstance(value, list | tuple) else []

    def need(self, action: str, resource: str, *, grant: str = "", verified: bool = True) -> Permission:
        """Return the permission that this call needs."""
        return Permission(
            action=action,
            resource=resource,
            grant=grant,
            verified=verified,
            reason=f"the handler calls {self.service}.{self.operation}",
        )
