"""What is disturbed, and what stays true all the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.streams.emulation import Emulation
from harness.streams.record import Record
from harness.streams.simulation.disturbance import delay, disturb, redeliver, repeat, scatter

Versions = dict[str, list[int]]


def record(number: int, item: str) -> Record:
    keys = {"pk": {"S": item}}
    data = {"Keys": keys, "SequenceNumber": f"{number:021d}", "ApproximateCreationDateTime": 0.0}
    return Record.of("shard", {"eventID": f"{number}", "dynamodb": data})


def by_item(records: tuple[Record, ...]) -> Versions:
    found: Versions = defaultdict(list)
    for each in records:
        found[each.item].append(each.position)
    return found


STREAMS = st.lists(st.sampled_from("abcd"), max_size=40).map(
    lambda items: tuple(record(number, item) for number, item in enumerate(items, 1))
)
SEEDS = st.integers(0, 10_000).map(Random)
RATES = st.integers(0, 1000)


@given(STREAMS, SEEDS)
def test_scattering_keeps_every_record_once_and_each_items_order(stream: tuple[Record, ...], random: Random) -> None:
    scattered = scatter(stream, random)
    assert Counter(each.position for each in scattered) == Counter(each.position for each in stream)
    assert by_item(scattered) == by_item(stream)


@given(STREAMS, SEEDS, RATES)
def test_repeated_records_come_before_the_items_next_change(
    stream: tuple[Record, ...], random: Random, rate: int
) -> None:
    repeated = repeat(stream, random, rate=rate)
    assert tuple(dict.fromkeys(each.position for each in repeated)) == tuple(each.position for each in stream)
    assert all(positions == sorted(positions) for positions in by_item(repeated).values())
    assert max(Counter(each.position for each in repeated).values(), default=0) <= 2


@given(STREAMS, SEEDS, RATES)
def test_late_records_keep_each_items_order(stream: tuple[Record, ...], random: Random, rate: int) -> None:
    delayed = delay(stream, random, rate=rate)
    assert Counter(each.position for each in delayed) == Counter(each.position for each in stream)
    assert by_item(delayed) == by_item(stream)


@given(STREAMS, SEEDS, RATES)
def test_late_records_without_order_are_all_there(stream: tuple[Record, ...], random: Random, rate: int) -> None:
    delayed = delay(stream, random, rate=rate, keep_item_order=False)
    assert sorted(each.position for each in delayed) == [each.position for each in stream]


@given(STREAMS, st.booleans(), RATES, st.integers(0, 1000))
def test_a_seed_gives_the_same_disturbance(stream: tuple[Record, ...], scattered: bool, rate: int, seed: int) -> None:  # noqa: FBT001
    emulation = Emulation(scatter_transactions=scattered, duplicate_rate=rate)
    one, two = (disturb(stream, emulation, Random(seed)) for _ in range(2))
    assert one == two
    assert {each.position for each in one} == {each.position for each in stream}
    assert all(positions == sorted(positions) for positions in by_item(one).values())


def test_nothing_asked_nothing_done_and_no_chance_used() -> None:
    stream = tuple(record(number, "a") for number in range(9))
    random = Random(5)
    assert disturb(stream, Emulation(), random) == stream
    assert disturb((), Emulation(scatter_transactions=True, duplicate_rate=500), random) == ()
    assert random.random() == Random(5).random()


STREAM = tuple(record(number, str(number % 20)) for number in range(2_000))


def test_scattering_does_scatter_but_not_far() -> None:
    scattered = scatter(STREAM, Random(1))
    assert scattered != STREAM
    # A record may wait long, but none comes more than 7 places early.
    assert max(each.position - place for place, each in enumerate(scattered)) == 7
    assert scatter(STREAM, Random(2)) != scattered


@pytest.mark.parametrize(("rate", "low", "high"), [(0, 0, 0), (50, 60, 140), (1000, 2_000, 2_000)])
def test_rate_is_per_thousand(rate: int, low: int, high: int) -> None:
    repeated = repeat(STREAM, Random(1), rate=rate)
    assert low <= len(repeated) - len(STREAM) <= high


def test_a_repeated_record_comes_at_once_or_a_little_later() -> None:
    numbers = [each.position for each in repeat(STREAM, Random(1), rate=100)]
    behind = {len(numbers) - 1 - numbers[::-1].index(number) - numbers.index(number) for number in set(numbers)}
    assert {0, 1, 2, 3} <= behind
    assert max(behind) <= 20


def test_a_repeated_record_is_the_same_one() -> None:
    repeated = repeat(STREAM[:3], Random(1), rate=1000)
    assert [each.data["eventID"] for each in repeated].count("1") == 2
    assert all(any(each is original for original in STREAM) for each in repeated)


def test_a_redelivered_run_comes_twice() -> None:
    numbers = [each.position for each in redeliver(tuple(record(number, "a") for number in range(1, 6)), every=3)]
    assert numbers == [1, 2, 3, 1, 2, 3, 4, 5, 4, 5]


def test_only_without_order_does_an_old_change_come_after_a_newer_one() -> None:
    stream = tuple(record(number, "a") for number in range(50))
    assert delay(stream, Random(1), rate=1000) == stream
    assert delay(stream, Random(1), rate=500, keep_item_order=False) != stream


def test_records_in_boto3_shape_are_disturbed_as_well() -> None:
    raw: list[dict[str, Any]] = [{"dynamodb": {"Keys": {"pk": {"B": bytes([number])}}}} for number in range(20)]
    assert scatter(raw, Random(1)) != tuple(raw)
    assert len(repeat(raw, Random(1), rate=1000)) == 40
