"""A table in memory that writes a stream: for tests of handlers that need no engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from harness.errors import UsageError
from harness.streams.clock import Clock, SimulatedClock
from harness.streams.simulation.records import FIRST_NUMBER, ViewType, change, check_item, numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.dataset import Item

#: Time to live leaves alone what expired longer ago (developer guide, "Using time to live (TTL)").
_FIVE_YEARS = 5 * 365 * 86_400
_MOST_IN_A_TRANSACTION = 100


@dataclass(kw_only=True)
class TableSimulation:
    """Writes go in, stream records come out: `records`, in boto3's shape, oldest first.

    Items and keys are in boto3's DynamoDB JSON: `{"pk": {"S": "a"}}`, binary values as bytes. Each write returns its
    record, or None where it changed nothing and the stream stays silent.
    """

    keys: tuple[str, ...] = ("pk", "sk")
    view_type: ViewType = "NEW_AND_OLD_IMAGES"
    clock: Clock = field(default_factory=lambda: SimulatedClock(at=1_700_000_000.0))
    region: str = "us-east-1"
    first_number: int = FIRST_NUMBER
    records: list[dict[str, Any]] = field(default_factory=list, init=False)
    _items: dict[str, Item] = field(default_factory=dict, init=False)
    _numbers: Iterator[str] = field(init=False)
    _number: str = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = numbers(self.first_number)
        self._number = next(self._numbers)

    @property
    def items(self) -> tuple[Item, ...]:
        """What the table holds now."""
        return tuple(self._items.values())

    def put_item(self, item: Item) -> dict[str, Any] | None:
        """Put a whole item: INSERT, or MODIFY where it is there and differs."""
        return self._write(item, check_item(item, self.keys))

    def update_item(
        self, key: Item, assign: Item | None = None, *, remove: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        """Set and remove attributes of one item; where it isn't there yet, it is inserted."""
        before = self._items.get(self._name(key), self._key(key))
        kept = {name: value for name, value in before.items() if name not in remove}
        return self._write(key, check_item(kept | (assign or {}), self.keys))

    def delete_item(self, key: Item) -> dict[str, Any] | None:
        """Delete one item: REMOVE, or nothing where it isn't there."""
        return self._write(key, None)

    def transact(self, *writes: tuple[Literal["Put", "Delete"], Item]) -> tuple[dict[str, Any], ...]:
        """Put and delete all, or none and raise UsageError: `transact(("Put", item), ("Delete", key))`.

        The records stand in the order of the writes, without others between them. AWS promises neither:
        `disturbance.scatter` takes such an order apart.
        """
        names = [self._name(item) for _, item in writes]
        if len(set(names)) < len(names) or len(names) > _MOST_IN_A_TRANSACTION:
            raise UsageError(
                f"a transaction of {len(names)} writes to {len(set(names))} items",
                hint=f"write each item once, and {_MOST_IN_A_TRANSACTION} at most",
            )
        after = [check_item(item, self.keys) if kind == "Put" else None for kind, item in writes]
        made = [self._write(item, new) for (_, item), new in zip(writes, after, strict=True)]
        return tuple(record for record in made if record is not None)

    def expire(self, attribute: str) -> tuple[dict[str, Any], ...]:
        """Delete, as time to live does, the items whose `attribute` (epoch seconds, a number) is past."""
        now = self.clock.now()
        due = [item for item in self._items.values() if _is_due(item.get(attribute, {}), now)]
        due.sort(key=lambda item: float(item[attribute]["N"]))
        made = [self._write(item, None, by_ttl=True) for item in due]
        return tuple(record for record in made if record is not None)

    def _write(self, key: Item, after: Item | None, *, by_ttl: bool = False) -> dict[str, Any] | None:
        name = self._name(key)
        if after is not None and self._name(after) != name:
            raise UsageError(f"a write can't change the key {self._key(key)}", hint="delete it and put another item")
        record = change(
            self._items.get(name),
            after,
            keys=self.keys,
            view_type=self.view_type,
            at=datetime.fromtimestamp(self.clock.now(), UTC),
            sequence_number=self._number,
            region=self.region,
            by_ttl=by_ttl,
        )
        if after is None:
            self._items.pop(name, None)
        else:
            self._items[name] = after
        if record is not None:
            self.records.append(record)
            self._number = next(self._numbers)
        return record

    def _key(self, item: Mapping[str, Any]) -> Item:
        checked = check_item(item, self.keys)
        return {name: checked[name] for name in self.keys}

    def _name(self, item: Mapping[str, Any]) -> str:
        return repr(self._key(item))


def _is_due(value: Mapping[str, Any], now: float) -> bool:
    return "N" in value and now - _FIVE_YEARS < float(value["N"]) <= now
