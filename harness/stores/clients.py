"""boto3 clients for scenarios, tests, handlers and pollers. The only import of boto3."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from harness.endpoint import DynamoDBEndpoint

    ClientOf = Literal["dynamodb", "dynamodbstreams"]


def make_client(endpoint: DynamoDBEndpoint, service: ClientOf = "dynamodb", *, connections: int = 10) -> Any:
    """Return a boto3 client that depends on nothing in the environment: neither profiles nor AWS_ variables."""
    return _new_session().client(service, **_terms(endpoint, connections))


class Clients:
    """Makes clients for many endpoints out of one session, which reads AWS's models once: 4 ms for each, not 90.

    Clients share nothing but that. To be made before anybody listens to new sessions (`recorded_sessions`).
    """

    def __init__(self) -> None:
        self._session = _new_session()
        self._table: Any = None
        self._guard = Lock()  # boto3's sessions are not for several threads

    def client(self, endpoint: DynamoDBEndpoint) -> Any:
        """Return a `dynamodb` client."""
        with self._guard:
            return self._session.client("dynamodb", **_terms(endpoint))

    def table(self, endpoint: DynamoDBEndpoint, name: str) -> Any:
        """Return boto3's Table, on a client of its own: resources take and give values of Python."""
        client = self.client(endpoint)
        with self._guard:
            if self._table is None:  # boto3 makes the classes anew for each resource, and for each table
                self._table = type(self._session.resource("dynamodb", **_terms(endpoint)).Table(name))
        return self._table(name, client=client)


def _new_session() -> Any:
    """Return a boto3 session that knows of no profile: one that AWS_PROFILE names, and nobody has, would stop it."""
    import boto3  # noqa: PLC0415 - 0.4 s that only those who need a client pay
    from botocore.session import Session  # noqa: PLC0415

    nowhere = (None, None, os.devnull, None)
    unset = {"profile": (None, None, None, None), "config_file": nowhere, "credentials_file": nowhere}
    return boto3.session.Session(botocore_session=Session(session_vars=unset))


def _terms(endpoint: DynamoDBEndpoint, connections: int = 10) -> dict[str, Any]:
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=5,
        read_timeout=20,
        retries={"mode": "standard", "max_attempts": 3},
        account_id_endpoint_mode="disabled",
        max_pool_connections=connections,
        # Nothing of ours goes through a proxy. botocore would look for one in os.environ from end to end, which fails in a
        # thread beside pytest's, because that sets PYTEST_CURRENT_TEST meanwhile.
        proxies={},
    )
    return {
        "region_name": endpoint.region,
        "endpoint_url": endpoint.url,
        "aws_access_key_id": endpoint.access_key_id,
        "aws_secret_access_key": endpoint.secret_access_key,
        "aws_session_token": endpoint.session_token,
        "config": config,
    }
