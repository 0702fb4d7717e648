"""The DynamoDB store: tables, items and their digests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

from harness.digest import TableDigest
from harness.errors import EnvironmentFailure, UsageError
from harness.stores.dynamodb_diff import view_type
from harness.stores.dynamodb_errors import explain, translated
from harness.stores.dynamodb_load import load_items
from harness.stores.dynamodb_schema import Tables, refuse_recreate
from harness.stores.dynamodb_wire import ServiceError, Unreachable, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Dataset, Item, Progress
    from harness.endpoint import DynamoDBEndpoint
    from harness.schema import Difference, Schema, TableSchema

#: Two are as many as two cores serve; each reads its own half of the table.
_SCAN_SEGMENTS = 2


class DynamoDBStore:
    """What lives in DynamoDB at one endpoint."""

    def __init__(self, endpoint: DynamoDBEndpoint, *, wire: Wire | None = None) -> None:
        self.endpoint = endpoint
        self.wire = wire or Wire(endpoint)
        self.tables = Tables(wire=self.wire)

    def probe(self) -> None:
        """Ask for the first table's name."""
        self.wire.call_once("ListTables", b'{"Limit":1}')

    def diff(self, schema: Schema) -> tuple[Difference, ...]:
        """Compare every table of the files with the live one."""
        with translated(self.endpoint):
            return tuple(difference for table in schema.tables for difference in self.tables.diff(table))

    def check_applicable(self, schema: Schema) -> None:
        """Raise UsageError where only making a table anew would bring it to its file."""
        with translated(self.endpoint):
            for table in schema.tables:
                refuse_recreate(table, self.tables.describe(table.name), self.tables.diff(table))

    def apply(self, schema: Schema, *, recreate: bool = False, besides: str | None = None) -> tuple[str, ...]:
        """Create and change tables; `recreate` deletes them with their items first. `load` will make `besides` anew."""
        if not recreate:
            self.check_applicable(schema)
        with translated(self.endpoint):
            tables = [table for table in schema.tables if table.name != besides]
            return tuple(line for table in tables for line in self._bring(table, recreate=recreate))

    def _bring(self, table: TableSchema, *, recreate: bool) -> Iterator[str]:
        if recreate and self.tables.describe(table.name) is not None:
            self.tables.delete(table.name)
            yield f"table {table.name}: deleted"
        yield from self.tables.change(table, self.tables.diff(table))

    def load(self, dataset: Dataset, schema: Schema, *, progress: Progress) -> None:
        """Fill the table with the stream off and switch it on at the very end."""
        table = _named(schema, dataset.table)
        counts = dataset.counts()
        total = 2 * counts["message_groups"] + counts["messages"]
        with translated(self.endpoint):
            self._empty(table)
        done = 0
        try:
            for done in load_items(self.wire, table.name, dataset.items()):
                progress(table.name, done, total)
            self.tables.set_stream(table, view_type(table.definition))
        except (ServiceError, Unreachable) as exc:
            cause = explain(exc, self.endpoint)
            raise EnvironmentFailure(
                f"loading broke off: {done} of {total} items of {table.name} were loaded. {cause.message}",
                hint=f"`harness up` where it is gone, then `harness seed`, which begins anew ({cause.hint})",
            ) from exc

    def digests(self, dataset: Dataset) -> dict[str, TableDigest]:
        """Digest what the table holds, each segment of it in a thread."""
        with translated(self.endpoint):
            if self.tables.describe(dataset.table) is None:
                return {dataset.table: TableDigest()}
            digest, lock = TableDigest(), Lock()
            with ThreadPoolExecutor(_SCAN_SEGMENTS, thread_name_prefix="scan") as pool:
                for part in [pool.submit(self._scan, dataset.table, n, digest, lock) for n in range(_SCAN_SEGMENTS)]:
                    part.result()
        return {dataset.table: digest}

    def streaming(self, schema: Schema) -> bool:
        """Every stream is as its file says; a load that was killed leaves one off."""
        with translated(self.endpoint):
            return all(
                view_type(self.tables.describe(table.name) or {}) == view_type(table.definition)
                for table in schema.tables
            )

    def stream_arn(self, table: str) -> str | None:
        """Return the ARN of the table's open stream; None where there is none, or no table."""
        with translated(self.endpoint):
            described = self.tables.describe(table) or {}
        return str(described["LatestStreamArn"]) if view_type(described) != "off" else None

    def items(self, table: str, *, limit: int | None = None) -> Iterator[Item]:
        """Yield the items of a table, page by page (a Scan: for looking, not for applications)."""
        left = limit
        with translated(self.endpoint):
            for page in self.wire.pages("Scan", {"TableName": table}):
                items = page["Items"] if left is None else page["Items"][:left]
                yield from items
                if left is not None and (left := left - len(items)) <= 0:
                    return

    def query(self, table: str, **parameters: Any) -> Iterator[Item]:
        """Yield what a Query finds, page by page. Parameters as AWS spells them."""
        with translated(self.endpoint):
            for page in self.wire.pages("Query", {"TableName": table, **parameters}):
                yield from page["Items"]

    def item_collection(self, table: str, pk: str, *, newest_first: bool = False) -> Iterator[Item]:
        """Yield every item under one partition key `pk`."""
        return self.query(
            table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ScanIndexForward=not newest_first,
        )

    def close(self) -> None:
        """Close all connections."""
        self.wire.close()

    def _empty(self, table: TableSchema) -> None:
        """Leave the table empty, with its stream off.

        A local table is made anew, which is faster than deleting items. A remote one keeps whatever it holds: what
        is there besides the dataset is found when the digests are compared, and never deleted.
        """
        if not self.endpoint.is_local:
            self.tables.set_stream(table, "off")
            return
        self.tables.delete(table.name)
        self.tables.create(table, stream=False)

    def _scan(self, table: str, segment: int, digest: TableDigest, lock: Lock) -> None:
        parameters = {"TableName": table, "ConsistentRead": True, "Segment": segment, "TotalSegments": _SCAN_SEGMENTS}
        for page in self.wire.pages("Scan", parameters):
            with lock:
                for item in page["Items"]:
                    digest.add_item(item)


def _named(schema: Schema, name: str) -> TableSchema:
    for table in schema.tables:
        if table.name == name:
            return table
    known = ", ".join(table.name for table in schema.tables) or "none"
    raise UsageError(
        f"the seed goes into table {name!r}, which no schema file describes (they describe {known})",
        hint="set `table` in harness.toml to one of them, or add a file for it",
    )
