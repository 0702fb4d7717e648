"""boto3 clients for scenarios, handlers and pollers. The only import of boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from harness.endpoint import DynamoDBEndpoint


def make_client(
    endpoint: DynamoDBEndpoint, service: Literal["dynamodb", "dynamodbstreams"] = "dynamodb", *, connections: int = 10
) -> Any:
    """Return a boto3 client that depends on nothing in the environment: neither profiles nor AWS_ variables."""
    import boto3  # noqa: PLC0415 - 0.4 s that only those who need a client pay
    from botocore.config import Config  # noqa: PLC0415

    session = boto3.session.Session(
        aws_access_key_id=endpoint.access_key_id,
        aws_secret_access_key=endpoint.secret_access_key,
        aws_session_token=endpoint.session_token,
        region_name=endpoint.region,
    )
    return session.client(
        service,
        endpoint_url=endpoint.url,
        config=Config(
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "max_attempts": 3},
            account_id_endpoint_mode="disabled",
            max_pool_connections=connections,
        ),
    )
