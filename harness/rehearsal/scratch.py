"""The scratch databases, made ready for code that is not trusted and expects what it has at home."""

from __future__ import annotations

import re
import secrets
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg import sql

from harness.rehearsal.surroundings import DEFAULT_LOGIN
from harness.stores.postgres_errors import translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.endpoint import DynamoDBEndpoint, Endpoints, PostgresEndpoint
    from harness.project.source import Project
    from harness.rehearsal.surroundings import Login

    Connection = psycopg.Connection[tuple[object, ...]]

#: Roles that exist on Amazon RDS before anybody makes one; scripts grant them.
_OF_RDS = re.compile(r"\brds_?\w+", re.IGNORECASE)
#: What a superuser may and these users of ours may too. Not among them: running programs and touching files, which the
#: server would do outside of the sandbox (COPY … PROGRAM).
_MAY: LiteralString = "pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend"
_ORDINARY: LiteralString = "LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD {password}"


def prepare_postgres(endpoint: PostgresEndpoint, logins: Iterable[Login], project: Project) -> PostgresEndpoint:
    """Make databases and users that the project names, and return how to open the server as its superuser.

    The server must be nobody else's: its superuser, whose name and password the project's files often have right, is
    renamed and an ordinary user takes the name.
    """
    wanted = [*logins]
    with translated(endpoint):
        admin = _take_over(endpoint)
        with closing(_connect(admin)) as connection:
            _make_roles(connection, wanted, project)
            _make_databases(connection, wanted)
    return admin


def namespace(endpoint: DynamoDBEndpoint) -> DynamoDBEndpoint:
    """Return an empty namespace of the engine: a key of twelve digits is an account to it (design.md, section 4)."""
    return replace(endpoint, access_key_id=f"{secrets.randbelow(9 * 10**11) + 10**11}")


def namespaces(endpoints: Endpoints) -> Endpoints:
    """Return the endpoints with an empty namespace of DynamoDB."""
    return replace(endpoints, dynamodb=namespace(endpoints.dynamodb))


def _take_over(endpoint: PostgresEndpoint) -> PostgresEndpoint:
    name = f"harness_{secrets.token_hex(4)}"
    password = secrets.token_urlsafe(24)
    with closing(_connect(endpoint)) as connection:
        make: LiteralString = "CREATE ROLE {name} LOGIN SUPERUSER PASSWORD {password}"
        connection.execute(sql.SQL(make).format(name=sql.Identifier(name), password=sql.Literal(password)))
    admin = replace(endpoint, user=name, password=password)
    with closing(_connect(admin)) as connection:
        old, new = sql.Identifier(endpoint.user), sql.Identifier(f"{name}_first")
        connection.execute(sql.SQL("ALTER ROLE {old} RENAME TO {new}").format(old=old, new=new))
        _make_role(connection, endpoint.user, endpoint.password)
    return admin


def _make_roles(connection: Connection, logins: list[Login], project: Project) -> None:
    for login in logins:
        _make_role(connection, login.user, login.password)
    told = "\n".join(source.text for source in project.sources.values() if source.language in {"sql", "shell"})
    users = sql.SQL(", ").join(sql.Identifier(user) for user in sorted({login.user for login in logins}))
    for name in sorted({name.lower() for name in _OF_RDS.findall(told)}):
        if not _role_exists(connection, name):
            make: LiteralString = "CREATE ROLE {name} ADMIN {users}"
            connection.execute(sql.SQL(make).format(name=sql.Identifier(name), users=users))


def _make_role(connection: Connection, name: str, password: str) -> None:
    if _role_exists(connection, name):
        return
    role = sql.Identifier(name)
    options = sql.SQL(_ORDINARY).format(password=sql.Literal(password))
    connection.execute(sql.SQL("CREATE ROLE {role} {options}").format(role=role, options=options))
    connection.execute(sql.SQL("GRANT {may} TO {role}").format(may=sql.SQL(_MAY), role=role))


def _role_exists(connection: Connection, name: str) -> bool:
    return connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is not None


def _make_databases(connection: Connection, logins: list[Login]) -> None:
    owners = {"postgres": DEFAULT_LOGIN.user} | {login.database: login.user for login in reversed(logins)}
    for database, owner in owners.items():
        there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).fetchone() is not None
        verb = sql.SQL("ALTER DATABASE {name} OWNER TO {owner}" if there else "CREATE DATABASE {name} OWNER {owner}")
        connection.execute(verb.format(name=sql.Identifier(database), owner=sql.Identifier(owner)))


def _connect(endpoint: PostgresEndpoint) -> Connection:
    return psycopg.connect(endpoint.dsn, autocommit=True, connect_timeout=20, application_name="harness")
