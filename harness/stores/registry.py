"""Both stores of a stack, opened together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from harness.dataset import silent
from harness.errors import EnvironmentFailure, UsageError
from harness.stores.dynamodb import DynamoDBStore
from harness.stores.postgres import PostgresStore

if TYPE_CHECKING:
    from types import TracebackType

    from harness.dataset import Dataset, Progress
    from harness.digest import TableDigest
    from harness.endpoint import Endpoints
    from harness.schema import Difference, Schema
    from harness.stores.base import Store


def open_stores(endpoints: Endpoints, *, read_only: bool = False) -> Stores:
    """Return both stores; a connection is made when it is first needed."""
    return Stores(endpoints, read_only=read_only)


class Stores:
    """The pair of databases of a stack. A remote pair is never emptied."""

    def __init__(self, endpoints: Endpoints, *, read_only: bool = False) -> None:
        self.endpoints = endpoints
        self.dynamodb = DynamoDBStore(endpoints.dynamodb)
        self.postgres = PostgresStore(endpoints.postgres)
        self._read_only = read_only
        self._both: tuple[Store, Store] = (self.postgres, self.dynamodb)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back all connections."""
        for store in self._both:
            store.close()

    def diff(self, schema: Schema) -> tuple[Difference, ...]:
        """Return each thing in which the files and the live databases differ."""
        return tuple(difference for store in self._both for difference in store.diff(schema))

    def apply_schema(self, schema: Schema, *, recreate: bool = False) -> tuple[str, ...]:
        """Bring both databases to the schema; return what was done, a line each. Refuses before it changes anything."""
        self._refuse_read_only("change the schema")
        if recreate:
            self._refuse_remote("`schema load --recreate`")
        else:
            self.postgres.check_applicable(schema)
            self.dynamodb.check_applicable(schema)
        return tuple(line for store in self._both for line in store.apply(schema, recreate=recreate))

    def load(self, dataset: Dataset, schema: Schema, progress: Progress = silent) -> bool:
        """Make the seeded tables hold exactly the dataset; return whether anything had to be written.

        What was written is read again and compared.
        """
        expected = dataset.table_digests()
        stale = [store for store in self._both if not _equal(expected, store.digests(dataset))]
        if not stale and self.dynamodb.streaming(schema):
            return False
        self._refuse_read_only("load the seed")
        if not stale:
            self.dynamodb.apply(schema)
            return True
        if self.postgres in stale and not self.endpoints.postgres.is_local:
            self._refuse_to_empty(dataset)
        for store in stale:
            store.load(dataset, schema, progress=progress)
            verify(expected, store.digests(dataset))
        return True

    def reset(self, dataset: Dataset, schema: Schema, progress: Progress = silent) -> None:
        """Make both databases anew with exactly the dataset, in one go: no table is made twice. Never if remote."""
        self._refuse_read_only("reset the databases")
        self._refuse_remote("`reset`")
        self.postgres.apply(schema, recreate=True)  # first: a file with a mistake stops here, and nothing was changed
        self.dynamodb.apply(schema, recreate=True, besides=dataset.table)
        expected = dataset.table_digests()
        for store in self._both:
            store.load(dataset, schema, progress=progress)
            verify(expected, store.digests(dataset))

    def digests(self, dataset: Dataset) -> dict[str, TableDigest]:
        """Digest what the seeded tables hold now."""
        return {name: digest for store in self._both for name, digest in store.digests(dataset).items()}

    def _refuse_read_only(self, doing: str) -> None:
        if self._read_only:
            raise UsageError(
                f"{self.endpoints.dynamodb.url} and {self.endpoints.postgres.shown} are remote and read-only: "
                f"can't {doing}",
                hint="--allow-remote-writes, if you are sure whose data that is",
            )

    def _refuse_remote(self, doing: str) -> None:
        if not self.endpoints.dynamodb.is_local or not self.endpoints.postgres.is_local:
            raise UsageError(
                f"{doing} never runs on a remote target ({self.endpoints.dynamodb.url}, {self.endpoints.postgres.shown})",
                hint="run it on a local stack: `harness up`",
            )

    def _refuse_to_empty(self, dataset: Dataset) -> None:
        """Rows of a remote database are never deleted: its tables have to be empty."""
        for name, digest in self.postgres.digests(dataset).items():
            if digest.count:
                raise UsageError(
                    f"{name} at {self.endpoints.postgres.shown} holds {digest.count} rows that are not this seed's",
                    hint="a remote table is only ever filled when it is empty; empty it yourself",
                )


def _equal(expected: dict[str, TableDigest], found: dict[str, TableDigest]) -> bool:
    return all(expected[name] == digest for name, digest in found.items())


def verify(expected: dict[str, TableDigest], found: dict[str, TableDigest]) -> None:
    """Raise EnvironmentFailure where a table holds something else than was loaded into it."""
    for name, digest in found.items():
        if digest != expected[name]:
            raise EnvironmentFailure(
                f"{name} does not hold what was loaded: {digest.count} rows or items, {expected[name].count} wanted"
                + ("" if digest.count != expected[name].count else ", but not the same ones"),
                hint="stop whatever else writes to it, then `harness seed`",
            )
