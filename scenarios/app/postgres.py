"""One pool of connections to Postgres, which nobody waits for longer than they were told."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg_pool import ConnectionPool

from .unavailable import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a statement returned, read to its end."""

    rows: list[tuple[Any, ...]]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all of them."""
        return self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """Does what a psycopg connection does with one statement, on any connection of the pool."""

    pool: ConnectionPool
    #: Seconds for a free connection, and again for an answer.
    patience: float

    def execute(self, query: str, parameters: tuple[object, ...] = ()) -> Rows:
        """Return the rows, or raise Unavailable."""
        try:
            with self.pool.connection() as connection, deadline(connection, self.patience):
                return Rows(rows=connection.execute(query.encode(), parameters).fetchall())
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            raise Unavailable("postgres", f"{type(error).__name__}: {error}") from error


@contextmanager
def open_postgres(url: str, *, connections: int, patience: float) -> Iterator[Postgres]:
    """Make the pool; it connects, and connects again, in the background."""

    def alive(connection: psycopg.Connection[Any]) -> None:
        """Raise if a pooled connection was dropped meanwhile: the pool then hands out another one."""
        with deadline(connection, patience / 2):
            connection.execute("")

    pool = ConnectionPool(
        url,
        min_size=1,
        max_size=connections,
        open=False,
        timeout=patience,
        # After that a request makes it try again; before, attempts come ever more seldom.
        reconnect_timeout=2 * patience,
        check=alive,
        kwargs={"autocommit": True, "connect_timeout": max(2, round(patience)), "application_name": "messages"},
    )
    pool.open(wait=False)
    try:
        yield Postgres(pool=pool, patience=patience)
    finally:
        pool.close()


@contextmanager
def deadline(connection: psycopg.Connection[Any], seconds: float) -> Iterator[None]:
    """Cut a connection off whose server goes on listening without answering; psycopg then raises OperationalError.

    `statement_timeout` is for servers that are alive: one that hangs doesn't look at its clock either.
    """
    timer = Timer(seconds, _cut, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: psycopg.Connection[Any]) -> None:
    if not connection.closed:
        with socket.socket(fileno=os.dup(connection.fileno())) as wire:
            wire.shutdown(socket.SHUT_RDWR)
