"""The plain poller, against streams in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError
from harness.streams.event import Source
from harness.streams.poller import Delivery, NotDelivered, Poller
from tests.unit.streams.fake_streams import ARN, STAMP, FakeStreams, Shard

if TYPE_CHECKING:
    from collections.abc import Callable


class Seen:
    """A handler that keeps what it was given, and raises as often as told."""

    def __init__(self, failures: int = 0, then: Callable[[], object] = lambda: None) -> None:
        self.batches: list[list[int]] = []
        self.failures = failures
        self.then = then

    def __call__(self, event: dict[str, Any], _context: object) -> None:
        self.batches.append([int(record["dynamodb"]["SequenceNumber"]) for record in event["Records"]])
        event["Records"].clear()
        if self.failures:
            self.failures -= 1
            raise KeyError("NewImage")
        self.then()


def poller(streams: FakeStreams, handler: Seen, **options: Any) -> Poller:
    return Poller(client=streams, source=Source(arn=ARN), handler=handler, clock=lambda: STAMP, **options)


def test_records_come_in_order_in_batches() -> None:
    streams, seen = FakeStreams(), Seen()
    streams.write(count=8)
    delivery = poller(streams, seen, batch_size=3).drain()
    assert seen.batches == [[1, 2, 3], [4, 5, 6], [7, 8]]
    assert delivery == Delivery(records=8, batches=3, invokes=3, failures=0)


def test_records_come_once_over_several_drains() -> None:
    streams, seen = FakeStreams(), Seen()
    one = poller(streams, seen)
    assert one.drain() == Delivery()
    streams.write(count=2)
    one.drain()
    streams.write()
    assert one.drain().records == 1
    assert seen.batches == [[1, 2], [3]]


def test_large_batches_ask_for_no_more_than_is_allowed() -> None:
    streams = FakeStreams()
    poller(streams, Seen(), batch_size=10_000).drain()
    assert max(streams.limits) == 1000


def test_failing_batch_is_repeated_whole_until_it_succeeds() -> None:
    streams, seen = FakeStreams(), Seen(failures=2)
    streams.write(count=3)
    delivery = poller(streams, seen, batch_size=2).drain()
    assert seen.batches == [[1, 2], [1, 2], [1, 2], [3]]
    assert delivery == Delivery(records=3, batches=2, invokes=4, failures=2)


def test_batch_that_keeps_failing_ends_with_the_handlers_own_error() -> None:
    streams, seen = FakeStreams(), Seen(failures=99)
    streams.write(count=2)
    one = poller(streams, seen, attempts=3, name="mover")
    with pytest.raises(
        NotDelivered, match=r"(?s)mover raised on each of 3 calls with a batch of 2 .*KeyError: 'NewImage'"
    ):
        one.drain()
    seen.failures = 0
    assert one.drain().records == 2, "the batch is still there"


def test_handler_that_leaves_the_process_fails_like_any_other() -> None:
    def leaves(_event: object, _context: object) -> None:
        raise SystemExit(1)

    streams = FakeStreams()
    streams.write()
    with pytest.raises(NotDelivered, match="SystemExit"):
        Poller(client=streams, source=Source(arn=ARN), handler=leaves).drain()


def test_what_the_handler_writes_is_delivered_before_drain_ends() -> None:
    streams = FakeStreams()
    writes = iter([2, 1])
    seen = Seen(then=lambda: streams.write(count=next(writes, 0)))
    streams.write()
    assert poller(streams, seen).drain().records == 4
    assert seen.batches == [[1], [2, 3], [4]]


def test_handler_that_feeds_itself_is_stopped() -> None:
    streams = FakeStreams()
    streams.write()
    with pytest.raises(HarnessError, match="no end of the stream after 51 records"):
        poller(streams, Seen(then=streams.write)).drain(at_most=50)


def test_children_come_after_their_parents() -> None:
    streams, seen = FakeStreams(), Seen()
    streams.write(count=2)
    streams.shards["s1"].closed = True
    streams.shards["s2"] = Shard(parent="s1")
    streams.write("s2", 2)
    poller(streams, seen, batch_size=1).drain()
    assert seen.batches == [[1], [2], [3], [4]]


def test_shard_that_closes_while_it_is_read_loses_nothing() -> None:
    streams = FakeStreams()

    def roll() -> None:
        if "s2" not in streams.shards:
            streams.shards["s1"].closed = True
            streams.shards["s2"] = Shard(parent="s1", closed=True)
            streams.shards["s3"] = Shard(parent="s2")
            streams.write("s3")

    streams.write()
    seen = Seen(then=roll)
    assert poller(streams, seen).drain().records == 2
    assert seen.batches == [[1], [2]]


def test_child_of_a_parent_that_is_gone_is_read() -> None:
    streams, seen = FakeStreams(shards={"s2": Shard(parent="s1")}), Seen()
    streams.write("s2")
    assert poller(streams, seen).drain().records == 1


def test_failing_parent_holds_back_its_child() -> None:
    streams, seen = FakeStreams(), Seen(failures=99)
    streams.write()
    streams.shards["s1"].closed = True
    streams.shards["s2"] = Shard(parent="s1")
    streams.write("s2")
    with pytest.raises(NotDelivered):
        poller(streams, seen, attempts=2).drain()
    assert seen.batches == [[1], [1]]
