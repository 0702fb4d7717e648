"""Drivers' errors in words that help."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from harness.endpoint import DynamoDBEndpoint, PostgresEndpoint
from harness.errors import EnvironmentFailure, HarnessError, UsageError
from harness.stores import dynamodb_errors, postgres_errors
from harness.stores.dynamodb_wire import ServiceError, Unreachable

DYNAMODB = DynamoDBEndpoint(url="http://127.0.0.1:8000", access_key_id="AKIA", secret_access_key="hush")
POSTGRES = PostgresEndpoint(host="127.0.0.1", port=5432, user="me", password="hush", database="cruddur")


def service_error(code: str, status: int = 400) -> ServiceError:
    return ServiceError("Scan", code, "words of the server", status)


@pytest.mark.parametrize(
    ("error", "kind", "said", "hint"),
    [
        (Unreachable("Connection refused"), EnvironmentFailure, "does not answer at http://127.0.0.1:8000", "up"),
        (service_error("UnrecognizedClientException"), EnvironmentFailure, "refused access key 'AKIA'", "AWS_SECRET"),
        (service_error("ResourceNotFoundException"), EnvironmentFailure, "table that should be there", "schema load"),
        (service_error("ThrottlingException"), EnvironmentFailure, "still fails after several", "logs dynamodb"),
        (service_error("InternalFailure", 500), EnvironmentFailure, "still fails after several", "disk"),
        (service_error("ValidationException"), UsageError, "refused a request", "schema diff"),
    ],
)
def test_dynamodb_error_is_explained(
    error: ServiceError | Unreachable, kind: type[HarnessError], said: str, hint: str
) -> None:
    with pytest.raises(kind, match=said) as caught, dynamodb_errors.translated(DYNAMODB):
        raise error
    assert hint in caught.value.hint
    assert caught.value.__cause__ is error
    assert "hush" not in caught.value.message


@pytest.mark.parametrize(
    ("error", "kind", "said", "hint"),
    [
        (psycopg.OperationalError("connection refused"), EnvironmentFailure, "does not answer", "harness up"),
        (psycopg.OperationalError('FATAL: password authentication failed for user "me"'), EnvironmentFailure, "refused user 'me'", "DSN"),
        (psycopg.OperationalError('FATAL: database "cruddur" does not exist'), EnvironmentFailure, "no database 'cruddur'", "CREATE DATABASE"),
        (psycopg.OperationalError('FATAL: role "me" does not exist'), EnvironmentFailure, "refused user 'me'", "DSN"),
        (errors.AdminShutdown("terminating connection"), EnvironmentFailure, "does not answer", "harness up"),
        (errors.DiskFull("could not extend file"), EnvironmentFailure, "no space left on its disk", "free some"),
        (errors.UndefinedTable("relation"), EnvironmentFailure, "lacks what the seed goes into", "schema load"),
        (errors.LockNotAvailable("timeout"), EnvironmentFailure, "holds a lock", "pg_stat_activity"),
        (errors.InsufficientPrivilege("denied"), EnvironmentFailure, "forbids", "owner"),
        (errors.UniqueViolation("twice"), UsageError, "refused a row", "schema diff"),
        (errors.InvalidTextRepresentation("not a number"), UsageError, "refused a row", "schema diff"),
        (errors.TooManyConnections("53300"), EnvironmentFailure, "53300", "logs postgres"),
    ],
)  # fmt: skip
def test_postgres_error_is_explained(error: psycopg.Error, kind: type[HarnessError], said: str, hint: str) -> None:
    with pytest.raises(kind, match=said) as caught, postgres_errors.translated(POSTGRES):
        raise error
    assert hint in caught.value.hint
    assert caught.value.__cause__ is error
    assert "hush" not in caught.value.message
