"""Namespaces made from a template and dropped again, on one pair of engines."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from harness.errors import EnvironmentFailure, HarnessError
from harness.namespaces.namespace import Place
from harness.namespaces.numbers import FEW, Numbers
from harness.namespaces.owner import KEPT, claim_owner
from harness.namespaces.sweep import drop_place, sweep_owner
from harness.stores import dynamodb_bundle, dynamodb_ready
from harness.stores.dynamodb_errors import translated
from harness.stores.dynamodb_wire import ServiceError, Wire
from harness.stores.postgres_databases import Databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import Endpoints, PostgresEndpoint
    from harness.namespaces.namespace import Namespace
    from harness.namespaces.template import Template

#: The region in every ARN that DynamoDB Local gives, whatever region it is asked in.
_DYNAMODB_LOCAL = ":ddblocal:"


class Maker:
    """Makes the namespaces of this process. Safe to share between threads, not between processes."""

    def __init__(self, base: Endpoints, *, space: str | None = None) -> None:
        """`space`: the tablespace that databases are made in, where it isn't the server's own."""
        self.base = base
        self._space = space
        self._databases = Databases(base.postgres)
        self._dropping = Databases(base.postgres)  # so that one is made while another is dropped
        # The owner's lock has a connection of its own, which no long statement keeps from being looked after.
        self._claim = Databases(base.postgres)
        self._wire = Wire(base.dynamodb)
        self._numbers = Numbers()
        self._guard = Lock()
        self._owner: int | None = None
        self._postgres = ThreadPoolExecutor(1, thread_name_prefix="clone")

    def make(self, template: Template) -> Namespace:
        """Make a namespace that holds exactly what the template does. The database is made first: it is the record."""
        place = self._take()
        with ExitStack() as undo:
            undo.callback(self._discard, place)
            cloning = self._postgres.submit(self._clone, place, template)
            try:
                self._make_tables(place, template)
            finally:
                cloning.result()
            undo.pop_all()
        return place.namespace(self.base)

    def drop(self, namespace: Namespace) -> None:
        """Drop a namespace, whatever became of it: connections are ended, tables deleted, also those made by others."""
        place = Place.of(namespace.name)
        if place is None:
            raise ValueError(f"{namespace.name} is no namespace's name")
        drop_place(place, self._dropping, self._wire, bundled=self._bundled)
        with self._guard:
            self._numbers.give_back(place.number)

    @contextmanager
    def database_of(self, template: Template) -> Iterator[PostgresEndpoint]:
        """Make a database as the template is, without any table in DynamoDB, for this block."""
        place = self._take()
        with ExitStack() as undo:
            undo.callback(self._discard, place)
            self._clone(place, template)
            yield place.namespace(self.base).endpoints.postgres

    def keep(self, namespace: Namespace) -> None:
        """Leave a namespace to its user for as long as the engines run: nobody sweeps it."""
        self._databases.comment(namespace.name, KEPT)

    def close(self) -> None:
        """Close all connections. What was not dropped is swept by whoever comes next."""
        self._postgres.shutdown()
        for databases in (self._databases, self._dropping, self._claim):
            databases.close()
        self._wire.close()

    @cached_property
    def _bundled(self) -> bool:
        """Whether DynamoDB takes all that a namespace needs at once."""
        with translated(self._wire.endpoint):
            return dynamodb_bundle.takes_bundles(self._wire)

    def _take(self) -> Place:
        with self._guard:
            if self._owner is None:
                self._owner = claim_owner(self._claim)
                sweep_owner(self._owner, self._databases, self._wire)  # of a process that died and had its number
            number = self._numbers.take()
            if number is None:
                raise EnvironmentFailure(
                    "this process has 10,000 namespaces at once, and no more have a name",
                    hint="give namespaces back when a test is done with them",
                )
            return Place(owner=self._owner, number=number, token=secrets.token_hex(4))

    def _clone(self, place: Place, template: Template) -> None:
        self._claim.hold_on()
        self._databases.clone(place.name, template.database, template.settings, space=self._space)

    def _make_tables(self, place: Place, template: Template) -> None:
        wire = self._wire.with_key(place.access_key_id)
        tables = dynamodb_bundle if self._bundled else dynamodb_ready
        with translated(wire.endpoint):
            # The key may be a dead process's, and a test that drops its own database takes away the record of its tables.
            tables.delete_tables(wire)
            for table in template.tables:
                try:
                    arn = tables.make_table(wire, table)
                except ServiceError as exc:
                    if exc.code != "ResourceInUseException":
                        raise
                    tables.delete_tables(wire)  # made by what still knows the key of an earlier namespace
                    arn = tables.make_table(wire, table)
                if _DYNAMODB_LOCAL in arn:
                    self._numbers.limit = FEW

    def _discard(self, place: Place) -> None:
        """Take back what was made of a namespace before making it failed; what that fails at is swept later."""
        try:
            drop_place(place, self._databases, self._wire, bundled=self._bundled)
        except HarnessError:
            return
        with self._guard:
            self._numbers.give_back(place.number)
