"""How AWS words a refusal, service by service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.streams.permissions.permission import Identity, Permission

#: Error code and HTTP status; as seen in refusals of these services. The others answer as DynamoDB does.
_ANSWERS = {"s3": ("AccessDenied", 403), "sqs": ("AccessDenied", 403), "sns": ("AuthorizationError", 403)} | {
    "sts": ("AccessDenied", 403),
    "cloudwatch": ("AccessDenied", 403),
    "lambda": ("AccessDeniedException", 403),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A call that production would refuse."""

    permission: Permission
    #: AWS's error code and HTTP status.
    code: str
    status: int
    message: str
    #: The statement that denies it; "" where there is just none that allows it.
    denied_by: str = ""


def refusal(permission: Permission, identity: Identity, *, denied_by: str = "") -> Refusal:
    """Return the refusal of a call in AWS's words: AccessDenied in one of its spellings, and the reason at its end."""
    code, status = _ANSWERS.get(permission.service, ("AccessDeniedException", 400))
    action = _spelled(permission.action)
    resource = f'"{permission.resource}"' if permission.service == "s3" else permission.resource
    why = (
        "with an explicit deny in an identity-based policy"
        if denied_by
        else f"because no identity-based policy allows the {action} action"
    )
    return Refusal(
        permission=permission,
        code=code,
        status=status,
        message=f"User: {identity.arn} is not authorized to perform: {action} on resource: {resource} {why}",
        denied_by=denied_by,
    )


def cannot_access_stream(stream_arn: str) -> str:
    """Return what CreateEventSourceMapping answers (400, InvalidParameterValueException) to a role without stream rights."""
    return (
        f"Cannot access stream {stream_arn}. Please ensure the role can perform the GetRecords, GetShardIterator, "
        "DescribeStream, and ListStreams Actions on your stream in IAM."
    )


def _spelled(action: str) -> str:
    """SQS writes actions in small letters, SNS itself in capitals."""
    service, _, name = action.partition(":")
    return {"sqs": action.lower(), "sns": f"SNS:{name}"}.get(service, action)
