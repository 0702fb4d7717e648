"""A table in memory, and the stream that it writes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from harness.errors import UsageError
from harness.streams.clock import SimulatedClock
from harness.streams.simulation.table import TableSimulation


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": name}, "sk": {"S": "1"}}


def names(table: TableSimulation) -> list[str]:
    return [record["eventName"] for record in table.records]


def test_puts_updates_and_deletions() -> None:
    table = TableSimulation()
    inserted = table.put_item(key("a") | {"x": {"N": "1"}, "y": {"S": "s"}})
    table.update_item(key("a"), {"x": {"N": "2"}}, remove=("y", "nowhere"))
    table.put_item(key("a"))
    table.delete_item(key("a"))
    assert inserted == table.records[0]
    assert names(table) == ["INSERT", "MODIFY", "MODIFY", "REMOVE"]
    assert [record["dynamodb"].get("NewImage") for record in table.records] == [
        key("a") | {"x": {"N": "1"}, "y": {"S": "s"}},
        key("a") | {"x": {"N": "2"}},
        key("a"),
        None,
    ]
    assert [record["dynamodb"].get("OldImage") for record in table.records[1:]] == [
        record["dynamodb"]["NewImage"] for record in table.records[:3]
    ]
    assert table.items == ()


def test_records_tell_the_clock_and_rise() -> None:
    clock = SimulatedClock(at=1_000.9)
    table = TableSimulation(clock=clock, region="eu-west-1", first_number=10**21 - 1)
    table.put_item(key("a"))
    clock.wait(60)
    table.put_item(key("b"))
    table.put_item(key("b"))
    table.put_item(key("c"))
    changes = [record["dynamodb"] for record in table.records]
    assert [each["ApproximateCreationDateTime"] for each in changes] == [
        datetime.fromtimestamp(at, UTC) for at in (1_000, 1_060, 1_060)
    ]
    assert [int(each["SequenceNumber"]) for each in changes] == [10**21 - 1, 10**21 + 1_008, 10**21 + 2_017]
    assert {record["awsRegion"] for record in table.records} == {"eu-west-1"}


def test_two_tables_written_alike_have_the_same_stream() -> None:
    one, two = TableSimulation(), TableSimulation()
    for table in (one, two):
        table.put_item(key("a"))
        table.delete_item(key("a"))
    assert one.records == two.records


def test_the_table_is_not_changed_through_what_was_put_or_given() -> None:
    table = TableSimulation()
    item = key("a") | {"l": {"L": []}}
    table.put_item(item)
    item["l"]["L"].append({"S": "x"})
    table.records[0]["dynamodb"]["NewImage"]["l"]["L"].append({"S": "y"})
    assert table.items == (key("a") | {"l": {"L": []}},)


def test_keys_are_equal_as_values() -> None:
    table = TableSimulation(keys=("n",))
    table.put_item({"n": {"N": "1.0"}})
    table.delete_item({"n": {"N": "1"}})
    assert names(table) == ["INSERT", "REMOVE"]


def test_a_transaction_is_whole() -> None:
    table = TableSimulation()
    table.put_item(key("old"))
    made = table.transact(("Put", key("b")), ("Delete", key("old")), ("Delete", key("none")), ("Put", key("a")))
    assert made == tuple(table.records[1:])
    assert [(each["eventName"], each["dynamodb"]["Keys"]["pk"]["S"]) for each in made] == [
        ("INSERT", "b"),
        ("REMOVE", "old"),
        ("INSERT", "a"),
    ]


@pytest.mark.parametrize(
    "writes",
    [
        [("Put", key("a")), ("Put", {"pk": {"S": "no sort key"}})],
        [("Put", key("a")), ("Delete", key("a"))],
        [("Put", key(str(number))) for number in range(101)],
    ],
)
def test_a_refused_transaction_writes_nothing(writes: list[Any]) -> None:
    table = TableSimulation()
    with pytest.raises(UsageError):
        table.transact(*writes)
    assert (table.items, table.records) == ((), [])


def test_an_update_cannot_move_an_item() -> None:
    table = TableSimulation()
    with pytest.raises(UsageError, match="can't change the key"):
        table.update_item(key("a"), key("b"))
    assert (table.items, table.records) == ((), [])


def test_what_expires_and_what_does_not() -> None:
    now = 1_700_000_000
    table = TableSimulation(clock=SimulatedClock(at=now))
    for name, value in {
        "second": {"N": str(now)},
        "first": {"N": str(now - 10)},
        "later": {"N": str(now + 1)},
        "text": {"S": str(now - 10)},
        "ancient": {"N": str(now - 6 * 365 * 86_400)},
    }.items():
        table.put_item(key(name) | {"exp": value})
    table.put_item(key("without"))
    gone = table.expire("exp")
    assert [(each["eventName"], each["dynamodb"]["Keys"]["pk"]["S"]) for each in gone] == [
        ("REMOVE", "first"),
        ("REMOVE", "second"),
    ]
    assert all("userIdentity" in each for each in gone)
    assert table.expire("exp") == ()
    assert len(table.items) == 4
