"""The cheapest question that proves service, for each of the two.

Both raise OSError while there is no answer yet, and EnvironmentFailure when asking again is of no use.
"""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from harness.endpoint import DynamoDBEndpoint, PostgresEndpoint

_PATIENCE = 5.0
#: What a server says to a client that it will say to its every later try too.
_FINAL = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "no password supplied",
    "not permitted to log in",
    "SSL",
)


def probe_dynamodb(endpoint: DynamoDBEndpoint) -> None:
    """Ask for the list of tables, without boto3, whose import takes longer than the engine's start."""
    parts = urlsplit(endpoint.url)
    if parts.scheme == "https":
        _probe_signed(endpoint)
        return
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_PATIENCE)
    try:
        connection.request("POST", parts.path or "/", body=b"{}", headers=_headers(endpoint))
        response = connection.getresponse()
        body = response.read()
        tables = json.loads(body).get("TableNames") if response.status == http.HTTPStatus.OK else None
    except (http.client.HTTPException, ValueError, AttributeError) as exc:
        raise ConnectionError(f"ListTables at {endpoint.url}: no answer that DynamoDB would give ({exc!r})") from exc
    finally:
        connection.close()
    if tables is None:
        raise ConnectionError(
            f"ListTables at {endpoint.url}: HTTP {response.status} {body[:200].decode(errors='replace')}"
        )


def _headers(endpoint: DynamoDBEndpoint) -> dict[str, str]:
    """Return headers with the shape of a signature: local engines read key and region from it, and check nothing."""
    scope = f"{endpoint.access_key_id}/20200101/{endpoint.region}/dynamodb/aws4_request"
    return {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
        "X-Amz-Date": "20200101T000000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}",
    }


def _probe_signed(endpoint: DynamoDBEndpoint) -> None:
    import boto3  # noqa: PLC0415 - 0.5 s, only for an endpoint that checks signatures
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        boto3.client(
            "dynamodb",
            endpoint_url=endpoint.url,
            region_name=endpoint.region,
            aws_access_key_id=endpoint.access_key_id,
            aws_secret_access_key=endpoint.secret_access_key,
            aws_session_token=endpoint.session_token,
            config=Config(connect_timeout=_PATIENCE, read_timeout=_PATIENCE, retries={"total_max_attempts": 1}),
        ).list_tables(Limit=1)
    except ClientError as exc:
        raise EnvironmentFailure(
            f"DynamoDB at {endpoint.url} refuses: {exc}",
            hint="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and the region",
        ) from exc
    except BotoCoreError as exc:
        raise ConnectionError(f"ListTables at {endpoint.url}: {exc}") from exc


def probe_postgres(endpoint: PostgresEndpoint) -> None:
    """Ask `SELECT 1`."""
    import psycopg  # noqa: PLC0415 - 0.3 s

    try:
        with psycopg.connect(endpoint.dsn, connect_timeout=int(_PATIENCE)) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError as exc:
        said = str(exc).strip()
        if any(words in said for words in _FINAL):
            raise EnvironmentFailure(
                f"PostgreSQL at {endpoint.shown} refuses: {said}",
                hint="check user, password and database of the DSN (--postgres-dsn or HARNESS_POSTGRES_DSN)",
            ) from exc
        raise ConnectionError(said) from exc
