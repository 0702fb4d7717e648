"""T8 to T12 on simulated records: which writes the stream tells of, and in which order."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from harness.errors import UsageError
from harness.streams.emulation import Emulation
from harness.streams.event import Source, to_lambda_record
from harness.streams.record import Record
from harness.streams.simulation.disturbance import disturb, scatter
from harness.streams.simulation.records import renumber
from harness.streams.simulation.table import TableSimulation

SOURCE = Source(arn="arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-11-22T01:51:58.702")


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}}


def names_of(records: Any) -> list[str]:
    return [record["dynamodb"]["Keys"]["pk"]["S"] for record in records]


def delivered(raw: dict[str, Any]) -> Record:
    seen_at = raw["dynamodb"]["ApproximateCreationDateTime"]
    return Record.of("shard", to_lambda_record(raw, SOURCE, seen_at=seen_at))


def test_t08_the_same_item_twice_is_one_record() -> None:
    table = TableSimulation(keys=("pk",))
    item = key("a") | {"n": {"N": "1"}, "m": {"M": {"n": {"N": "1e3"}}}, "ss": {"SS": ["x", "y"]}}
    again = key("a") | {"n": {"N": "1.0"}, "m": {"M": {"n": {"N": "1000"}}}, "ss": {"SS": ["y", "x"]}}
    assert table.put_item(item) is not None
    assert table.put_item(item) is None
    assert table.put_item(again) is None
    assert len(table.records) == 1


def test_t09_writes_that_change_nothing_make_no_record() -> None:
    table = TableSimulation(keys=("pk",))
    table.put_item(key("a") | {"n": {"N": "1"}, "ss": {"SS": ["x"]}})
    assert table.update_item(key("a"), {"n": {"N": "1.0"}}) is None
    assert table.update_item(key("a"), remove=("nowhere",)) is None
    assert table.update_item(key("a"), {"ss": {"SS": ["x"]}}) is None
    assert table.update_item(key("a")) is None
    assert table.delete_item(key("nobody")) is None
    assert table.transact(("Put", table.items[0]), ("Delete", key("nobody"))) == ()
    with pytest.raises(UsageError):
        table.transact(("Put", key("b")), ("Put", {"no": {"S": "key"}}))
    assert len(table.records) == 1


def test_t10_an_update_of_a_missing_item_is_an_insert() -> None:
    table = TableSimulation(keys=("pk",))
    table.update_item(key("a"), {"n": {"N": "1"}})
    table.update_item(key("b"))
    assert [(record["eventName"], record["dynamodb"].get("NewImage")) for record in table.records] == [
        ("INSERT", key("a") | {"n": {"N": "1"}}),
        ("INSERT", key("b")),
    ]


def transaction_between_writes() -> TableSimulation:
    table = TableSimulation(keys=("pk",))
    table.put_item(key("p1") | {"n": {"N": "1"}})
    table.transact(("Put", key("p5")), ("Put", key("p1")), ("Put", key("p9")))
    table.put_item(key("p5") | {"n": {"N": "1"}})
    return table


def test_t11_a_transaction_in_the_order_of_its_request() -> None:
    table = transaction_between_writes()
    assert names_of(table.records) == ["p1", "p5", "p1", "p9", "p5"]


def test_t11_a_scattered_transaction_in_any_order_but_that_of_an_item() -> None:
    """Every order is met that keeps each item's own, and no other; a seed brings its order again."""
    records = tuple(delivered(raw) for raw in transaction_between_writes().records)
    emulation = Emulation(scatter_transactions=True)
    met = {tuple(map(records.index, disturb(records, emulation, Random(seed)))) for seed in range(2_000)}
    # Two changes of p1 (places 0 and 2), two of p5 (1 and 4), one of p9: 5! / (2! · 2!) orders.
    assert len(met) == 30
    assert all(order.index(0) < order.index(2) and order.index(1) < order.index(4) for order in met)
    assert disturb(records, emulation, Random(7)) == disturb(records, emulation, Random(7))


def test_t11_a_scattered_stream_has_rising_numbers_as_every_stream() -> None:
    table = transaction_between_writes()
    scattered = renumber(scatter(table.records, Random(3)))
    assert names_of(scattered) != names_of(table.records)
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in scattered]
    assert numbers == sorted(set(numbers))
    assert {record["eventID"] for record in scattered} == {record["eventID"] for record in table.records}


def test_t12_counters_incremented_by_many() -> None:
    """Eight writers take turns by lot, 60 increments each, over four items."""
    table = TableSimulation(keys=("pk",))
    turns = [writer for writer in range(8) for _ in range(60)]
    Random(12).shuffle(turns)
    counts: dict[str, int] = defaultdict(int)
    for turn, writer in enumerate(turns):
        name = f"item{(turn + writer) % 4}"
        counts[name] += 1
        table.update_item(key(name), {"n": {"N": str(counts[name])}})
    changes: dict[str, list[Any]] = defaultdict(list)
    for record in table.records:
        changes[record["dynamodb"]["Keys"]["pk"]["S"]].append(record["dynamodb"])
    assert len(table.records) == 480
    for name, found in changes.items():
        assert [change["NewImage"]["n"]["N"] for change in found] == [str(n) for n in range(1, counts[name] + 1)]
        assert all(later["OldImage"] == earlier["NewImage"] for earlier, later in pairwise(found))
        assert "OldImage" not in found[0]
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in table.records]
    assert numbers == sorted(set(numbers))
