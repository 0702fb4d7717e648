"""What PostgreSQL's refusals mean to the reader."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

from harness.errors import EnvironmentFailure, HarnessError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import PostgresEndpoint


#: (what psycopg raises, our error, what it means, what to do)
_MEANINGS: tuple[tuple[tuple[type[psycopg.Error], ...], type[HarnessError], str, str], ...] = (
    ((errors.DiskFull,), EnvironmentFailure, "has no space left on its disk", "free some, then `harness seed`"),
    (
        (errors.UndefinedTable, errors.UndefinedColumn),
        EnvironmentFailure,
        "lacks what the seed goes into",
        "`harness schema diff`, then `harness schema load`",
    ),
    (
        (errors.LockNotAvailable,),
        EnvironmentFailure,
        "has another session that holds a lock on the tables",
        "end the transaction that an application left open (SELECT * FROM pg_stat_activity)",
    ),
    ((errors.InsufficientPrivilege,), EnvironmentFailure, "forbids it to this user", "use the database's owner"),
    ((errors.IntegrityError, errors.DataError), UsageError, "refused a row of the seed", "harness schema diff"),
)


@contextmanager
def translated(endpoint: PostgresEndpoint) -> Iterator[None]:
    """Turn what psycopg raises into errors that say how to put it right."""
    try:
        yield
    except psycopg.Error as exc:
        raise explain(exc, endpoint) from exc


def explain(exc: psycopg.Error, endpoint: PostgresEndpoint) -> HarnessError:
    """Return the error to raise instead."""
    said, at = _said(exc), f"Postgres at {endpoint.shown}"
    if isinstance(exc, (errors.InvalidPassword, errors.InvalidAuthorizationSpecification)):
        return _wrong_credentials(endpoint, said)
    for kinds, outcome, meaning, hint in _MEANINGS:
        if isinstance(exc, kinds):
            return outcome(f"{at} {meaning}: {said}", hint=hint)
    if isinstance(exc, psycopg.OperationalError) and (exc.sqlstate or "08").startswith(("08", "57P")):
        return _no_connection(endpoint, said)
    return EnvironmentFailure(f"{at}: {said}", hint="harness logs postgres")


def _no_connection(endpoint: PostgresEndpoint, said: str) -> HarnessError:
    """Say why there is no connection. libpq gives no SQLSTATE for a failed log-in, only the server's words."""
    if "authentication failed" in said or "no password supplied" in said or "pg_hba.conf" in said:
        return _wrong_credentials(endpoint, said)
    if f'database "{endpoint.database}" does not exist' in said:
        return EnvironmentFailure(
            f"there is no database {endpoint.database!r} at {endpoint.shown}",
            hint=f"CREATE DATABASE {endpoint.database}, or name another one in the DSN",
        )
    if f'role "{endpoint.user}" does not exist' in said:
        return _wrong_credentials(endpoint, said)
    return EnvironmentFailure(
        f"Postgres does not answer at {endpoint.shown}: {said}", hint="`harness status`, then `harness up`"
    )


def _wrong_credentials(endpoint: PostgresEndpoint, said: str) -> HarnessError:
    return EnvironmentFailure(
        f"Postgres at {endpoint.shown} refused user {endpoint.user!r}: {said}",
        hint="check user and password in HARNESS_POSTGRES_DSN",
    )


def _said(exc: psycopg.Error) -> str:
    """Return the server's words on one line, with its detail."""
    primary = exc.diag.message_primary or " ".join(str(exc).split()) or type(exc).__name__
    return f"{primary} ({exc.diag.message_detail})" if exc.diag.message_detail else primary
