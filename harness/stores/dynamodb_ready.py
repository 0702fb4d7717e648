"""A table with its items as requests that are written once and sent many times."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.stores.dynamodb_diff import view_type
from harness.stores.dynamodb_load import WORKERS, batches, write_batch
from harness.stores.dynamodb_schema import Tables, create_request
from harness.stores.dynamodb_wire import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.dataset import Item
    from harness.schema import TableSchema
    from harness.stores.dynamodb_wire import Wire

#: So many requests are sent one after another; threads pay only for more.
_FEW = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyTable:
    """Everything that is sent to make a table, in this order; its stream is switched on when the items are in."""

    name: str
    #: The attributes of its primary key.
    key: tuple[str, ...]
    create: bytes
    #: UpdateTimeToLive, where there is one.
    expiry: bytes | None
    #: BatchWriteItem.
    fills: tuple[bytes, ...]
    #: UpdateTable, where the table has a stream.
    stream: bytes | None

    @classmethod
    def of(cls, table: TableSchema, items: Iterable[Item]) -> ReadyTable:
        """Write the requests of a table and what is to be in it."""
        expiry = {"Enabled": True, "AttributeName": table.ttl_attribute}
        view = view_type(table.definition)
        stream = {"StreamEnabled": True, "StreamViewType": view}
        return cls(
            name=table.name,
            key=tuple(each["AttributeName"] for each in table.definition["KeySchema"]),
            create=_body(create_request(table, stream=False)),
            expiry=_request(table, TimeToLiveSpecification=expiry) if table.ttl_attribute else None,
            fills=tuple(_fill(table.name, batch) for batch in batches(items)),
            stream=None if view == "off" else _request(table, StreamSpecification=stream),
        )

    def requests(self) -> Iterator[tuple[str, bytes]]:
        """Yield all of it, each with its operation."""
        yield "CreateTable", self.create
        if self.expiry is not None:
            yield "UpdateTimeToLive", self.expiry
        for fill in self.fills:
            yield "BatchWriteItem", fill
        if self.stream is not None:
            yield "UpdateTable", self.stream

    def items(self) -> Iterator[Item]:
        """Yield what is in the table when it is ready."""
        for fill in self.fills:
            for request in json.loads(fill)["RequestItems"][self.name]:
                yield request["PutRequest"]["Item"]


def make_table(wire: Wire, table: ReadyTable) -> str:
    """Make a table whose name is free, and return its ARN."""
    made = wire.call_once("CreateTable", table.create)["TableDescription"]
    _settled(wire, table.name, made)
    if table.expiry is not None:
        wire.call_once("UpdateTimeToLive", table.expiry)
    _fill_table(wire, table)
    if table.stream is not None:
        _settled(wire, table.name, wire.call_once("UpdateTable", table.stream)["TableDescription"])
    return str(made["TableArn"])


def _fill_table(wire: Wire, table: ReadyTable) -> None:
    def send(fill: bytes) -> None:
        left = wire.call_once("BatchWriteItem", fill).get("UnprocessedItems", {}).get(table.name)
        if left:
            write_batch(wire, table.name, [each["PutRequest"]["Item"] for each in left])

    if len(table.fills) <= _FEW:
        for fill in table.fills:
            send(fill)
        return
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="fill") as pool:
        for _ in pool.map(send, table.fills):
            pass


def table_names(wire: Wire) -> Iterator[str]:
    """Yield the name of every table that this access key sees."""
    parameters: dict[str, Any] = {}
    while True:
        page = wire.call("ListTables", parameters)
        yield from page["TableNames"]
        if not (last := page.get("LastEvaluatedTableName")):
            return
        parameters = {"ExclusiveStartTableName": last}


def delete_tables(wire: Wire) -> None:
    """Delete every table that this access key sees."""
    for name in list(table_names(wire)):
        delete_table(wire, name)


def delete_table(wire: Wire, name: str) -> None:
    """Delete a table, protected or not; one that is gone is gone."""
    try:
        wire.call("DeleteTable", {"TableName": name})
    except ServiceError as exc:
        if exc.code == "ResourceNotFoundException":
            return
        if exc.code != "ValidationException":
            raise
        wire.call("UpdateTable", {"TableName": name, "DeletionProtectionEnabled": False})
        wire.call("DeleteTable", {"TableName": name})


def _settled(wire: Wire, name: str, described: dict[str, Any]) -> None:
    """Wait until the table is ACTIVE; local engines say so at once."""
    states = [described, *(described.get("GlobalSecondaryIndexes") or ())]
    if any((each.get("TableStatus") or each.get("IndexStatus")) != "ACTIVE" for each in states):
        Tables(wire=wire).settle(name)


def _fill(name: str, batch: list[Item]) -> bytes:
    return _body({"RequestItems": {name: [{"PutRequest": {"Item": item}} for item in batch]}})


def _request(table: TableSchema, **parameters: Any) -> bytes:
    return _body({"TableName": table.name, **parameters})


def _body(parameters: dict[str, Any]) -> bytes:
    return json.dumps(parameters, separators=(",", ":"), ensure_ascii=False).encode()
