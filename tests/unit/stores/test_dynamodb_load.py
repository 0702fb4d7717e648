"""The loader against a service that takes some, none, or goes away."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stores.dynamodb_load import load_items, write_batch
from harness.stores.dynamodb_wire import ServiceError, Unreachable
from tests.unit.stores.fake_wire import FakeWire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dataset import Item

Requests = list[dict[str, Any]]


def items(count: int) -> list[Item]:
    return [{"pk": {"S": f"MSG#{number}"}, "sk": {"S": "ü"}} for number in range(count)]


def take_all(_: Requests) -> Requests:
    return []


def numbers(taken: list[dict[str, Any]]) -> list[int]:
    return sorted(int(item["pk"]["S"].removeprefix("MSG#")) for item in taken)


@given(count=st.integers(0, 400), workers=st.integers(1, 4), seed=st.integers())
def test_every_item_arrives_once_however_much_is_left_unprocessed(count: int, workers: int, seed: int) -> None:
    draw = Random(seed)
    # Something is always taken: that is not fruitless, however long it takes.
    wire = FakeWire(lambda requests: [each for each in requests[1:] if draw.random() < 0.5])

    done = list(load_items(wire, "t", items(count), workers=workers))

    assert numbers(wire.taken) == list(range(count))
    assert done == sorted(done)
    assert (done or [0])[-1] == count
    assert wire.largest <= 25


def test_throttling_is_waited_out_with_growing_pauses() -> None:
    answers = iter([400, 400, 503, 200])

    def throttle(_: Requests) -> Requests:
        status = next(answers)
        if status == 400:
            raise ServiceError("BatchWriteItem", "ProvisionedThroughputExceededException", "slow down", status)
        if status == 503:
            raise ServiceError("BatchWriteItem", "Whatever", "", status)
        return []

    wire = FakeWire(throttle)

    assert write_batch(wire, "t", items(3)) == 3
    assert wire.pauses == [2.0, 4.0, 4.0]


def test_endless_throttling_is_given_up_with_its_reason() -> None:
    def throttle(_: Requests) -> Requests:
        raise ServiceError("BatchWriteItem", "ThrottlingException", "slow down", 400)

    wire = FakeWire(throttle)

    with pytest.raises(ServiceError, match="ThrottlingException: slow down"):
        write_batch(wire, "t", items(3))
    assert len(wire.pauses) == 3


def test_progress_starts_the_count_of_fruitless_tries_anew() -> None:
    answers = iter([3, 3, 3, 2, 2, 2, 2, 1, 1, 0])
    wire = FakeWire(lambda requests: requests[len(requests) - next(answers) :])

    assert write_batch(wire, "t", items(3)) == 3


def test_refusal_that_waiting_cannot_help_ends_the_load_at_once() -> None:
    def refuse(_: Requests) -> Requests:
        raise ServiceError("BatchWriteItem", "ValidationException", "no", 400)

    wire = FakeWire(refuse)

    with pytest.raises(ServiceError, match="ValidationException"):
        list(load_items(wire, "t", items(1000)))
    assert wire.pauses == []


def test_server_that_goes_away_tells_what_was_acknowledged() -> None:
    def take_ten_batches(requests: Requests) -> Requests:
        if len(wire.taken) >= 250:
            raise Unreachable("gone")
        return requests[len(requests) :]

    wire = FakeWire(take_ten_batches)
    acknowledged: list[int] = []
    with pytest.raises(Unreachable):
        acknowledged.extend(load_items(wire, "t", items(10_000), workers=1))
    assert 0 < acknowledged[-1] <= 250


def test_load_reads_only_a_few_batches_ahead() -> None:
    read = 0

    def many() -> Iterator[Item]:
        nonlocal read
        for item in items(5000):
            read += 1
            yield item

    for done in load_items(FakeWire(take_all), "t", many()):
        assert read - done <= 16 * 25
    assert read == 5000
