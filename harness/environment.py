"""What an application and the AWS SDKs must find in their environment to work with a stack."""

from __future__ import annotations

import json
import os
import re
import shlex
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.endpoint import Endpoints, UserPool

#: libpq's variable for each DSN parameter that has one (PostgreSQL manual, 32.15).
_PARAMETER_VARIABLES = {
    "application_name": "PGAPPNAME",
    "channel_binding": "PGCHANNELBINDING",
    "client_encoding": "PGCLIENTENCODING",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "gssencmode": "PGGSSENCMODE",
    "options": "PGOPTIONS",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
}
#: Would lead an SDK or libpq past the stack: a profile that isn't there, a token of the cloud, another host address.
_LEFTOVERS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "PGHOSTADDR",
    "PGSERVICE",
)


def variables(endpoints: Endpoints, table: str, identity: UserPool | None = None) -> dict[str, str]:
    """Return the variables by name. The endpoint of DynamoDB does not redirect DynamoDB Streams: both are there."""
    dynamodb, postgres = endpoints.dynamodb, endpoints.postgres
    found = {
        "AWS_ENDPOINT_URL": dynamodb.url,
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
        "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": dynamodb.url,
        "AWS_REGION": dynamodb.region,
        "AWS_DEFAULT_REGION": dynamodb.region,
        "AWS_ACCESS_KEY_ID": dynamodb.access_key_id,
        "AWS_SECRET_ACCESS_KEY": dynamodb.secret_access_key,
        # Newer SDKs would put the account id into the host name.
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "DDB_MESSAGE_TABLE": table,
        "CONNECTION_URL": postgres.dsn,
        "DATABASE_URL": postgres.dsn,
        "PGHOST": postgres.host,
        "PGPORT": str(postgres.port),
        "PGUSER": postgres.user,
        "PGPASSWORD": postgres.password,
        "PGDATABASE": postgres.database,
    }
    if dynamodb.session_token:
        found["AWS_SESSION_TOKEN"] = dynamodb.session_token
    if identity is not None:
        found |= identity_variables(identity)
    for name, value in postgres.parameters:
        if name in _PARAMETER_VARIABLES:
            found[_PARAMETER_VARIABLES[name]] = value
    return found


def identity_variables(pool: UserPool) -> dict[str, str]:
    """Return what whoever verifies the pool's tokens, or asks for them, must know."""
    return {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": pool.endpoint.url,
        "AWS_COGNITO_USER_POOL_ID": pool.pool_id,
        "AWS_COGNITO_USER_POOL_CLIENT_ID": pool.client_id,
        # Not derived from each other, as at AWS: the tokens name AWS's address, the keys are here.
        "AWS_COGNITO_ISSUER": pool.issuer,
        "AWS_COGNITO_JWKS_URL": pool.jwks_url,
    }


def merged(environ: Mapping[str, str], found: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a command that is to work with the stack."""
    kept = {name: value for name, value in environ.items() if name not in _LEFTOVERS}
    return kept | dict(found)


def as_export(found: Mapping[str, str]) -> str:
    """Lines for `eval "$(harness env)"` in sh, bash and zsh."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
    gone = [name for name in _LEFTOVERS if name not in found]
    return "\n".join([*lines, f"unset {' '.join(gone)}"]) + "\n"


def as_dotenv(found: Mapping[str, str]) -> str:
    """Lines of a `.env` file; bare where that is the same to every reader, quoted where it must be."""
    return "".join(f"{name}={_dotenv_value(value)}\n" for name, value in found.items())


def as_json(found: Mapping[str, str]) -> str:
    """One JSON object."""
    return json.dumps(dict(found), indent=2) + "\n"


@contextmanager
def applied(environment: Mapping[str, str]) -> Iterator[None]:
    """Set the environment of this process until the block ends."""
    before = dict(os.environ)
    os.environ.update(environment)
    for name in _LEFTOVERS:
        if name not in environment:
            os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _dotenv_value(value: str) -> str:
    # Docker's --env-file takes quotes as part of the value, so there are none without need.
    if re.fullmatch(r"[\w@%+=:,./?-]*", value, re.ASCII):
        return value
    if "'" not in value:
        return f"'{value}'"
    escaped = re.sub(r'([\\"$`])', r"\\\1", value)
    return f'"{escaped}"'
