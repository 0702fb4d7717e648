"""What DynamoDB's refusals mean to the reader."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, HarnessError, UsageError
from harness.stores.dynamodb_wire import ServiceError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import AwsEndpoint

_CREDENTIALS = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)


@contextmanager
def translated(endpoint: AwsEndpoint) -> Iterator[None]:
    """Turn what the wire raises into errors that say how to put it right."""
    try:
        yield
    except (ServiceError, Unreachable) as exc:
        raise explain(exc, endpoint) from exc


def explain(exc: ServiceError | Unreachable, endpoint: AwsEndpoint) -> HarnessError:
    """Return the error to raise instead."""
    if isinstance(exc, Unreachable):
        return EnvironmentFailure(
            f"DynamoDB does not answer at {endpoint.url}: {exc}", hint="`harness status`, then `harness up`"
        )
    if exc.code in _CREDENTIALS:
        return EnvironmentFailure(
            f"DynamoDB at {endpoint.url} refused access key {endpoint.access_key_id!r} (region {endpoint.region}): "
            f"{exc}",
            hint="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_DEFAULT_REGION",
        )
    if exc.code == "ResourceNotFoundException":
        return EnvironmentFailure(
            f"a table that should be there is not, at {endpoint.url}: {exc}", hint="harness schema load"
        )
    if exc.passing:
        return EnvironmentFailure(
            f"DynamoDB at {endpoint.url} still fails after several tries: {exc}",
            hint="`harness logs dynamodb`; is there space left on its disk?",
        )
    return UsageError(f"DynamoDB at {endpoint.url} refused a request: {exc}", hint="harness schema diff")
