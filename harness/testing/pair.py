"""A seeded pair of databases as tests work with it: clients, connection, environment, and what was asked and changed."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from harness.environment import applied, variables
from harness.errors import UsageError
from harness.namespaces.changes import find_changes
from harness.stores.dynamodb import DynamoDBStore
from harness.stores.dynamodb_wire import Wire
from harness.stores.recorder import Recorder
from harness.stores.sessions import Listener, recorded_sessions
from harness.testing.watching import Seen
from harness.testing.written import wire_lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.config import Config
    from harness.dataset import Dataset
    from harness.endpoint import Endpoints
    from harness.namespaces.changes import TableChanges
    from harness.testing.taken import Taken


class Pair:
    """What `harness_namespace` is. Clients and the connection are made when they are first asked for."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        self.recorder = Recorder()
        #: Is attached to every client.
        self.listener: Listener = self.recorder
        self._open = ExitStack()

    def __repr__(self) -> str:
        return f"<seeded pair {self.name}>"

    @property
    def name(self) -> str:
        """The namespace's, which is also the database's."""
        return self.taken.namespace.name

    @property
    def endpoints(self) -> Endpoints:
        """Where both answer; `endpoints.postgres.dsn` is for connections of your own, also asynchronous ones."""
        return self.taken.namespace.endpoints

    @property
    def config(self) -> Config:
        """What the project says, under what the test asks for."""
        return self.taken.content.config

    @property
    def dataset(self) -> Dataset:
        """What is in it at the beginning of the test."""
        return self.taken.content.dataset

    @cached_property
    def dynamodb(self) -> Any:
        """A boto3 client. What it asks is heard."""
        client = self.taken.ahead.take(self.taken.namespace, "dynamodb")
        self._hear(client)
        return client

    @cached_property
    def table(self) -> Any:
        """The boto3 Table of the project's `table`. What it asks is heard."""
        table = self.taken.ahead.take(self.taken.namespace, "table")
        self._hear(table.meta.client)
        return table

    @cached_property
    def postgres(self) -> Any:
        """A psycopg connection in autocommit mode: what a statement writes, the application sees at once."""
        return self._open.enter_context(closing(self.taken.ahead.take(self.taken.namespace, "postgres")))

    @property
    def environment(self) -> dict[str, str]:
        """What an application, the AWS SDKs and libpq read to work with it."""
        return variables(self.endpoints, self.config.table)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let code in this process that makes its own clients work with it until the block ends, and hear them."""
        with applied(self.environment), recorded_sessions(self.listener):
            yield

    @contextmanager
    def watch(self) -> Iterator[Seen]:
        """Hear what the block asks of DynamoDB: through the fixtures, `applied` code, the target, or a stream's handler."""
        wire = Wire(self.endpoints.dynamodb)
        self._open.callback(wire.close)
        seen = Seen(recorder=self.recorder, lookup=wire_lookup(wire))
        try:
            yield seen
        finally:
            seen.end()

    def stream_arn(self) -> str:
        """Return the ARN of the table's open stream."""
        with closing(DynamoDBStore(self.endpoints.dynamodb)) as store:
            arn = store.stream_arn(self.config.table)
        if arn is None:
            raise UsageError(
                f"table {self.config.table!r} has no stream, or is gone, so nothing can be attached to it",
                hint="give it a StreamSpecification in its schema file",
            )
        return arn

    def changes(self) -> tuple[TableChanges, ...]:
        """Return what differs from the seed by now, table by table."""
        return find_changes(self.taken.namespace, self.taken.template, self.taken.maker)

    def close(self) -> None:
        """Close what was opened."""
        self._open.close()

    def _hear(self, client: Any) -> None:
        self._open.callback(client.close)
        self.listener.attach(client.meta.events)
