"""What every store can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harness.dataset import Dataset, Progress
    from harness.digest import TableDigest
    from harness.schema import Difference, Schema


class Store(Protocol):
    """A place where schema and data go."""

    def probe(self) -> None:
        """Ask one real query; raise the driver's own error when it is not answered."""

    def diff(self, schema: Schema) -> tuple[Difference, ...]:
        """Return each thing in which the files and the live database differ."""

    def apply(self, schema: Schema, *, recreate: bool = False) -> tuple[str, ...]:
        """Bring the live database to the schema and return what was done, a line each; nothing twice.

        Raises UsageError when that takes recreating a table and `recreate` is off.
        """

    def load(self, dataset: Dataset, schema: Schema, *, progress: Progress) -> None:
        """Make the seeded tables hold exactly the dataset, without firing a trigger.

        Raises EnvironmentFailure that says how much was loaded when the database goes away in the middle.
        """

    def digests(self, dataset: Dataset) -> dict[str, TableDigest]:
        """Digest what the seeded tables hold now, by table name; a missing table is an empty one."""

    def close(self) -> None:
        """Give back connections."""
