"""The tables of one DynamoDB endpoint with their items."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from harness.held import Table
from harness.stores.dynamodb_errors import translated

if TYPE_CHECKING:
    from harness.endpoint import DynamoDBEndpoint
    from harness.stores.dynamodb_wire import Wire

#: More are counted, and not read.
_MOST_ITEMS = 20_000


def survey_tables(wire: Wire, endpoint: DynamoDBEndpoint) -> dict[str, Table]:
    """Return every table of the endpoint's account and region, by name."""
    with translated(endpoint):
        names = [name for page in wire.pages("ListTables", {}) for name in page["TableNames"]]
        return {name: _table(wire, name) for name in sorted(names)}


def _table(wire: Wire, name: str) -> Table:
    description = wire.call("DescribeTable", {"TableName": name})["Table"]
    scan = {"TableName": name, "ConsistentRead": True}
    items = tuple(islice((item for page in wire.pages("Scan", scan) for item in page["Items"]), _MOST_ITEMS))
    count = len(items)
    if count == _MOST_ITEMS:
        count = sum(page["Count"] for page in wire.pages("Scan", {**scan, "Select": "COUNT"}))
    return Table(name=name, description=description, items=items, count=count)
