"""The Postgres half of a snapshot: a database copied while others use it, and put in its place in one move."""

from __future__ import annotations

from contextlib import closing, contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

from harness.errors import HarnessError, UsageError
from harness.stores.postgres_databases import Databases, require_right

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import PostgresEndpoint
    from harness.stores.postgres_databases import Settings

#: Seconds between two looks at who is connected.
_LOOK = 0.05


def copy_database(server: PostgresEndpoint, copy: str) -> tuple[Settings, int]:
    """Copy a database to a sealed one; return its settings, and how many connections had to be ended.

    PostgreSQL copies a database only while nobody is connected to it. Who connects meanwhile waits.
    """
    with closing(Databases(server, besides=server.database)) as databases:
        require_right(databases, "a snapshot")
        if not databases.is_elsewhere():
            raise UsageError(
                f"a snapshot copies {server.database!r} while nobody is connected to it, and user {server.user!r} may "
                f"connect to no other database at {server.shown}",
                hint=f"GRANT CONNECT ON DATABASE postgres TO {server.user}, as a superuser there",
            )
        databases.unseal_and_drop(copy)
        ended = databases.end_connections(server.database)
        with _kept_free(server):
            databases.clone(copy, server.database)
        databases.seal(copy)
        return databases.settings(server.database), ended


def prepare_database(server: PostgresEndpoint, copy: str, settings: Settings) -> str:
    """Make a database as the copy is, aside; return its name. The one that is in use is as it was."""
    successor = f"{copy}_new"
    with closing(Databases(server, besides=server.database)) as databases:
        require_right(databases, "a snapshot")
        databases.clone(successor, copy, settings)
    return successor


def replace_database(server: PostgresEndpoint, successor: str) -> int:
    """Let the prepared database take its place in one move; return how many connections were ended."""
    aside = f"{successor}_old"
    with closing(Databases(server, besides=server.database)) as databases:
        databases.drop(aside)
        ended = databases.end_connections(server.database)
        with _kept_free(server):
            databases.swap(server.database, successor, aside)
        databases.drop(aside)
    return ended


def has_database(server: PostgresEndpoint, copy: str) -> bool:
    """Whether a copy is there, and whole."""
    with closing(Databases(server, besides=server.database)) as databases:
        return databases.sealed(copy)


def drop_databases(server: PostgresEndpoint, prefix: str, *, besides: set[str]) -> None:
    """Drop every copy whose name begins so, besides some: what a killed command left, or a removed snapshot."""
    with closing(Databases(server, besides=server.database)) as databases:
        for name, _ in databases.named(prefix):
            if name not in besides:
                databases.unseal_and_drop(name)


@contextmanager
def _kept_free(server: PostgresEndpoint) -> Iterator[None]:
    """End whatever is connected to a database, again and again, while the block waits to have it alone.

    An application's pool connects again at once; from the moment that the block's statement has its lock, it can't.
    """
    done = Event()

    def end() -> None:
        with closing(Databases(server, besides=server.database)) as databases:
            while not done.wait(_LOOK):
                try:
                    databases.end_connections(server.database)
                except HarnessError:
                    return  # the block's own statement tells what is wrong

    ending = Thread(target=end, name="end connections", daemon=True)
    ending.start()
    try:
        yield
    finally:
        done.set()
        ending.join()
