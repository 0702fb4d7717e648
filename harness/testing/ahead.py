"""Clients and connections of namespaces that nobody has taken yet: made in the background, of the kinds that tests ask for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from harness.stores.connections import connect

if TYPE_CHECKING:
    from concurrent.futures import Future

    from harness.endpoint import Endpoints
    from harness.namespaces.namespace import Namespace
    from harness.stores.clients import Clients

    Kind = Literal["dynamodb", "table", "postgres"]

#: Idle connections to Postgres: all workers of a run share one server, which takes 100.
_CONNECTIONS = 3


class Ahead:
    """What is ready, by namespace. Safe to share between threads; making is done by one of its own."""

    def __init__(self, clients: Clients, *, table: str) -> None:
        self._clients, self._table = clients, table
        self._wanted: set[Kind] = set()
        self._ready: dict[str, dict[Kind, Future[Any]]] = {}
        self._guard = Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ahead")

    def prepare(self, namespace: Namespace) -> None:
        """Begin what the next test will most likely ask for: what any has asked for until now."""
        with self._guard:
            idle = sum("postgres" in each for each in self._ready.values())
            self._ready[namespace.name] = {
                kind: self._thread.submit(self._make, namespace.endpoints, kind)
                for kind in sorted(self._wanted)
                if kind != "postgres" or idle < _CONNECTIONS
            }

    def take(self, namespace: Namespace, kind: Kind) -> Any:
        """Return a client, a table or a connection, which is the caller's to close."""
        with self._guard:
            self._wanted.add(kind)
            begun = self._ready.get(namespace.name, {}).pop(kind, None)
        if begun is None or begun.cancel():
            return self._make(namespace.endpoints, kind)
        return begun.result()

    def forget(self, namespace: Namespace) -> None:
        """Close what nobody took."""
        with self._guard:
            left = self._ready.pop(namespace.name, {})
        for begun in left.values():
            _close(begun)

    def close(self) -> None:
        """Close all that nobody took."""
        with self._guard:
            left = [begun for each in self._ready.values() for begun in each.values()]
            self._ready.clear()
        for begun in left:
            _close(begun)
        self._thread.shutdown()

    def _make(self, endpoints: Endpoints, kind: Kind) -> Any:
        if kind == "postgres":
            return connect(endpoints.postgres)
        if kind == "table":
            return self._clients.table(endpoints.dynamodb, self._table)
        return self._clients.client(endpoints.dynamodb)


def _close(begun: Future[Any]) -> None:
    if begun.cancel() or begun.exception() is not None:
        return
    made = begun.result()
    getattr(getattr(made, "meta", None), "client", made).close()  # a table has a client
