"""One request → its capacity units by AWS's rules.

Rules: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html (sizes, rounding,
transactions), …/GSI.html#GSI.ThroughputConsiderations (indexes) and …/transaction-apis.html: a transaction's changes
reach the indexes after it is complete, so that an index write costs there what it costs elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.capacity.expressions import Unknown, key_condition, partition, updated
from harness.capacity.image import TABLE, TableImage, order, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.dataset import Item
    from harness.stores.recorder import Call

_READ_UNIT, _WRITE_UNIT = 4096, 1024
#: A Query or Scan reads no more at once, in bytes.
_MOST_AT_ONCE = 1024 * 1024
_TRANSACTION = 2.0
_PARTIQL = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Capacity units, and what they were counted from."""

    read: float = 0.0
    write: float = 0.0
    #: What one unit of a read counts: 1, a half where it may be a moment old.
    read_factor: float = 0.0
    #: Bytes read.
    size: int = 0
    #: Units in the table and in its indexes for each action of a transaction, not doubled.
    actions: tuple[tuple[float, float], ...] = ()

    @property
    def total(self) -> float:
        """Units of both kinds, as engines report them."""
        return self.read + self.write


class Ledger:
    """Tables as the requests that it is told of left them; oldest first."""

    def __init__(self, tables: dict[str, TableImage]) -> None:
        self._tables = tables

    def cost(self, call: Call) -> Cost | None:
        """Return what a request cost, and apply it; None where it has no cost, or was refused. Raises Unknown."""
        operation, request = call.operation, call.request
        if call.error is not None:
            return None
        match operation:
            case "Query" | "Scan" | "GetItem":
                return self._read(operation, request)
            case "BatchGetItem" | "TransactGetItems":
                return self._gets(operation, request)
            case "TransactWriteItems":
                actions = [action for each in request["TransactItems"] for action in each.items()]
                units = tuple(self._write(kind, action) for kind, action in actions)
                return Cost(write=sum(_TRANSACTION * own + indexes for own, indexes in units), actions=units)
            case "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem":
                return Cost(write=sum(sum(self._write(kind, action)) for kind, action in _writes(operation, request)))
        self._administer(operation, request)
        return None

    def _administer(self, operation: str, request: Mapping[str, Any]) -> None:
        if operation == "CreateTable":
            self._tables[request["TableName"]] = TableImage.of(request)
        elif operation == "DeleteTable":
            self._tables.pop(request["TableName"], None)
        elif operation in _PARTIQL:
            self._tables.clear()  # whatever it wrote
            raise Unknown("PartiQL")

    def _read(self, operation: str, request: Mapping[str, Any]) -> Cost:
        factor, table = 1.0 if request.get("ConsistentRead") else 0.5, self._table(request)
        if operation == "GetItem":
            read = size([table.get(request["Key"])])
        else:
            read = size(_selected(table, operation, request))
        return Cost(read=factor * _units(read, _READ_UNIT), read_factor=factor, size=read)

    def _gets(self, operation: str, request: Mapping[str, Any]) -> Cost:
        if operation == "TransactGetItems":
            gets = [(each["Get"], _TRANSACTION) for each in request["TransactItems"]]
        else:
            gets = [
                ({"TableName": name, "Key": key}, 1.0 if asked.get("ConsistentRead") else 0.5)
                for name, asked in request["RequestItems"].items()
                for key in asked["Keys"]
            ]
        sizes = [(size([self._table(get).get(get["Key"])]), factor) for get, factor in gets]
        return Cost(
            read=sum(factor * _units(read, _READ_UNIT) for read, factor in sizes), size=sum(read for read, _ in sizes)
        )

    def _write(self, kind: str, request: Mapping[str, Any]) -> tuple[float, float]:
        """Return the units in the table and in its indexes, and apply the write."""
        table = self._table(request)
        key: Item = request["Item"] if kind == "Put" else request["Key"]
        before = table.get(key)
        if kind == "ConditionCheck":
            return _units(size([before]), _WRITE_UNIT), 0.0
        try:
            after = None if kind == "Delete" else request["Item"] if kind == "Put" else updated(before, request)
        except Unknown:
            self._tables.pop(_name(request))  # from now on it holds something else than the image
            raise
        table.write(key, after)
        indexes = sum(_index_units(table, name, before, after) for name in table.shapes if name != TABLE)
        return _units(max(size([before]), size([after])), _WRITE_UNIT), indexes

    def _table(self, request: Mapping[str, Any]) -> TableImage:
        name = _name(request)
        if name not in self._tables:
            raise Unknown(f"what table {name} holds")
        return self._tables[name]


def _name(request: Mapping[str, Any]) -> str:
    """Return the table's name, which may be given as an ARN."""
    return str(request["TableName"]).rpartition("/")[2]


def _index_units(table: TableImage, name: str, before: Item | None, after: Item | None) -> float:
    """Count what a write costs an index: nothing, one write, or a deletion and a write where its key changed."""
    shape = table.shapes[name]
    old, new = shape.entry(before), shape.entry(after)
    if old == new:
        return 0.0
    if old is not None and new is not None and all(old[key] == new[key] for key in shape.keys):
        return _units(max(size([old]), size([new])), _WRITE_UNIT)
    return sum(_units(size([entry]), _WRITE_UNIT) for entry in (old, new) if entry is not None)


def _selected(table: TableImage, operation: str, request: Mapping[str, Any]) -> list[Item]:
    """Return the entries that a page of a Query or Scan reads, whatever it shows of them."""
    shape_name = request.get("IndexName", TABLE)
    if shape_name not in table.shapes:
        raise Unknown(f"index {shape_name}")
    if operation == "Scan":
        if request.get("ExclusiveStartKey") or request.get("TotalSegments"):
            raise Unknown("a Scan in parts")
        return _page(table.everything(shape_name), request)
    keys = table.shapes[shape_name].keys
    tests = key_condition(request)
    found = [
        entry
        for entry in table.collection(shape_name, partition(request, keys[0]))
        if all(test(entry[name]) for name, test in tests.items())
    ]
    if not request.get("ScanIndexForward", True):
        found.reverse()
    start = request.get("ExclusiveStartKey")
    return _page(_after(table, found, start, keys) if start else found, request)


def _after(table: TableImage, found: list[Item], start: Item, keys: tuple[str, ...]) -> list[Item]:
    for number, entry in enumerate(found):
        if table.same(entry, start):
            return found[number + 1 :]
    backwards = len(found) > 1 and order(found[0][keys[-1]]) > order(found[-1][keys[-1]])
    return [entry for entry in found if (order(entry[keys[-1]]) < order(start[keys[-1]])) == backwards]


def _page(found: list[Item], request: Mapping[str, Any]) -> list[Item]:
    page, total = [], 0
    for entry in found[: request.get("Limit")]:
        total += size([entry])
        if total > _MOST_AT_ONCE:
            break
        page.append(entry)
    return page


def _writes(operation: str, request: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if operation != "BatchWriteItem":
        yield operation.removesuffix("Item"), request
        return
    for name, actions in request["RequestItems"].items():
        for action in actions:
            for kind, content in action.items():
                yield kind.removesuffix("Request"), {"TableName": name, **content}


def _units(bytes_: int, unit: int) -> float:
    """Round up; what isn't there costs one unit, too."""
    return float(max(1, -(-bytes_ // unit)))
