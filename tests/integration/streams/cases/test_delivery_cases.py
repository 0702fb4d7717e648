"""T13 to T67 on real engines: boto3 writes, and a poller delivers to a handler what the stream tells."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from threading import Barrier, BrokenBarrierError, Lock
from typing import TYPE_CHECKING, Any

import pytest

from harness.handler_config import HandlerConfig
from harness.streams.clock import SystemClock
from harness.streams.emulation import Emulation
from harness.streams.faults import FaultyFunction
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.record import compact
from tests.integration.streams.attached import NAME, Handler, Table, create, key, streamed, to_queue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.endpoint import Endpoints

#: What Lambda takes in one synchronous call.
_MOST = 6 * 1024 * 1024
_REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
EIGHT = [f"r{number}" for number in range(1, 9)]
HARD_CODED = """
import boto3
table = boto3.client(
    "dynamodb", endpoint_url="http://dynamodb.ca-central-1.amazonaws.com", region_name="ca-central-1"
)
def handler(event, context):
    for record in event["Records"]:
        name = record["dynamodb"]["Keys"]["pk"]["S"]
        if not name.startswith("copy of "):
            table.update_item(
                TableName="delivery-cases",
                Key={"pk": {"S": "copy of " + name}},
                UpdateExpression="SET seen = :image",
                ExpressionAttributeValues={":image": record["dynamodb"]["NewImage"]["text"]},
            )
"""


@pytest.fixture
def table(engine_pair: Endpoints, tmp_path: Path) -> Iterator[Table]:
    with streamed(engine_pair, tmp_path) as made:
        yield made


def raising(*poison: str, times: int = 1_000_000) -> Handler:
    """Return a handler that raises so many times when a batch has one of these items."""
    left = [times]

    def script(records: list[dict[str, Any]]) -> None:
        if left[0] and {key(record) for record in records} & set(poison):
            left[0] -= 1
            raise ValueError("poison")

    return Handler(script)


def reporting(name: str) -> Handler:
    """Return a handler that reports this item whenever it is in a batch."""

    def script(records: list[dict[str, Any]]) -> dict[str, Any]:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records if key(record) == name]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}

    return Handler(script)


def filtered(*patterns: dict[str, Any]) -> dict[str, Any]:
    """Return the parameter that sets filters."""
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}}


def image(**patterns: Any) -> dict[str, Any]:
    """Return a pattern for the new image."""
    return {"dynamodb": {"NewImage": patterns}}


def test_t13_batches_of_the_size_that_the_mapping_sets(table: Table) -> None:
    table.put(*EIGHT)
    handler = Handler()
    table.deliver(handler, BatchSize=3)
    assert handler.batches == [EIGHT[:3], EIGHT[3:6], EIGHT[6:]]


def test_t14_a_single_record_goes_at_once(table: Table) -> None:
    handler = Handler()
    with table.attach(handler, clock=SystemClock(), BatchSize=100) as attached:
        table.put("r1")
        assert attached.poller.poll_once().invokes == 1
    assert handler.batches == [["r1"]]


def test_t16_a_full_batch_waits_for_no_window(table: Table) -> None:
    handler = Handler()
    with table.attach(handler, clock=SystemClock(), BatchSize=2, MaximumBatchingWindowInSeconds=60) as attached:
        table.put("r1")
        assert attached.poller.poll_once().invokes == 0
        table.put("r2")
        assert attached.poller.poll_once().invokes == 1
    assert handler.batches == [["r1", "r2"]]


def test_t17_no_event_is_larger_than_lambda_takes(table: Table) -> None:
    names = [f"r{number:02}" for number in range(20)]
    table.put(*names, text={"S": "x" * 390_000})
    sizes: list[int] = []
    handler = Handler(lambda records: sizes.append(len(compact({"Records": records}).encode())))
    table.deliver(handler, BatchSize=100)
    assert handler.names == names
    assert len(sizes) > 1
    assert max(sizes) <= _MOST
    # Not one by one either: what fits goes together. MiniStack's pages end at 1 MB.
    assert sizes[0] > (_MOST - 400_000 if ":ddblocal:" in table.arn else 700_000)


def test_t18_a_batch_larger_than_a_page(table: Table) -> None:
    table.put_many(2500)
    handler = Handler()
    attached = table.deliver(handler, BatchSize=2500)
    assert [len(batch) for batch in handler.batches] == [2500]
    assert len(set(handler.names)) == 2500
    assert attached.reads.given == 2500
    assert max(attached.reads.limits) <= 1000


def test_t19_trim_horizon_begins_with_what_is_there(table: Table) -> None:
    table.put("r1", "r2", "r3")
    handler = Handler()
    with table.attach(handler, StartingPosition="TRIM_HORIZON") as attached:
        table.put("r4")
        attached.poller.drain()
    assert handler.names == EIGHT[:4]


def test_t20_latest_begins_with_what_comes(table: Table) -> None:
    table.put("r1", "r2", "r3")
    handler = Handler()
    with table.attach(handler, StartingPosition="LATEST") as attached:
        table.put("r4")
        attached.poller.drain()
    assert handler.names == ["r4"]


@pytest.mark.parametrize("position", ["TRIM_HORIZON", "LATEST"])
def test_t21_what_is_written_while_the_mapping_is_off_is_delivered_later(table: Table, position: str) -> None:
    handler, checkpoints = Handler(), MemoryCheckpoints()
    with table.attach(handler, checkpoints=checkpoints, StartingPosition=position) as attached:
        table.put("r1", "r2")
        attached.poller.drain()
    table.put("r3", "r4")
    table.deliver(handler, checkpoints=checkpoints, StartingPosition=position)
    assert handler.names == EIGHT[:4]


def test_t22_two_mappings_on_one_stream_do_not_know_each_other(table: Table) -> None:
    table.put("r1", "r2")
    fails, works = raising("r1"), Handler()
    checkpoints, patient = MemoryCheckpoints(), Emulation(on_stuck="retry")
    with (
        table.attach(fails, name="fails", checkpoints=checkpoints, emulation=patient, BatchSize=1) as one,
        table.attach(works, name="works", checkpoints=checkpoints, BatchSize=1) as other,
    ):
        for _ in range(4):
            one.poller.poll_once()
            other.poller.poll_once()
    assert fails.batches == [["r1"]] * 4
    assert works.batches == [["r1"], ["r2"]]


def test_t23_a_record_that_is_given_up_is_told_to_the_destination(table: Table) -> None:
    table.put("r1", "r2")
    handler = raising("r1")
    attached = table.deliver(handler, BatchSize=1, MaximumRetryAttempts=1, DestinationConfig=to_queue())
    assert handler.batches == [["r1"], ["r1"], ["r2"]]
    (line,) = (table.folder / ".harness" / "discarded" / "mover.jsonl").read_text().splitlines()
    assert json.loads(line)["record"] == attached.failures[0]
    record = attached.failures[0]
    request, batch = record["requestContext"], record["DDBStreamBatchInfo"]
    assert (request["condition"], request["approximateInvokeCount"]) == ("RetryAttemptsExhausted", 2)
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    change = handler.records[0]["dynamodb"]
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"] == change["SequenceNumber"]
    assert batch["batchSize"] == 1
    assert batch["streamArn"] == handler.records[0]["eventSourceARN"]
    assert batch["approximateArrivalOfFirstRecord"] == batch["approximateArrivalOfLastRecord"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", batch["approximateArrivalOfFirstRecord"])


def test_t24_a_batch_that_fails_too_often_is_discarded_whole(table: Table) -> None:
    table.put(*EIGHT)
    handler = raising("r5")
    attached = table.deliver(handler, BatchSize=4, MaximumRetryAttempts=2)
    assert handler.batches == [EIGHT[:4], *[EIGHT[4:]] * 3]
    assert attached.discarded == [EIGHT[4:]]


def test_t25_without_a_limit_a_batch_blocks_until_it_succeeds(table: Table) -> None:
    table.put(*EIGHT)
    handler = raising("r1", times=3)
    attached = table.deliver(handler, BatchSize=4)
    assert handler.batches == [*[EIGHT[:4]] * 4, EIGHT[4:]]
    assert attached.attempts == [1, 2, 3, 4, 1]


def test_t26_throttled_calls_are_no_attempts(table: Table) -> None:
    table.put("r1")
    busy = iter([True] * 5)
    handler = Handler()
    attached = table.deliver(
        handler,
        around=lambda function: FaultyFunction(function=function, throttled=lambda _: next(busy, False)),
        MaximumRetryAttempts=0,
    )
    assert handler.batches == [["r1"]]
    assert len(attached.attempts) == 6
    assert attached.discarded == []


def test_t27_bisecting_finds_the_poison_record(table: Table) -> None:
    table.put(*EIGHT)
    handler = raising("r5")
    attached = table.deliver(handler, BatchSize=8, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True)
    assert handler.batches == [EIGHT, EIGHT[:4], EIGHT[4:], ["r5", "r6"], ["r5"], ["r6"], ["r7", "r8"]]
    assert attached.discarded == [["r5"]]


@pytest.mark.parametrize(
    ("destination", "metric"),
    [({}, "DroppedEventCount"), (to_queue(), "OnFailureDestinationDeliveredEventCount")],
    ids=["no destination", "destination"],
)
def test_t36_what_is_given_up_is_counted(table: Table, destination: dict[str, Any], metric: str) -> None:
    table.put("r1", "r2", "r3")
    attached = table.deliver(raising("r2"), MaximumRetryAttempts=0, DestinationConfig=destination)
    counted = attached.poller.metrics.snapshot()
    both = ("DroppedEventCount", "OnFailureDestinationDeliveredEventCount")
    assert {name: counted[name] for name in both} == {name: 3 * (name == metric) for name in both}


def test_t40_answers_that_report_nothing(table: Table) -> None:
    table.put(*EIGHT[:6])
    answers: Iterator[Any] = iter([None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": None}])
    handler = Handler(lambda _: next(answers))
    attached = table.deliver(handler, BatchSize=1, **_REPORTS)
    assert handler.batches == [[name] for name in EIGHT[:6]]
    assert attached.attempts == [1] * 6


def test_t41_identifiers_that_mean_nothing_fail_the_batch(table: Table) -> None:
    table.put(*EIGHT[:5])
    failures = [{"itemIdentifier": ""}, {"itemIdentifier": None}, {"foo": 123}, {"foo": None}, {"itemIdentifier": 123}]
    odd = dict(zip(EIGHT, failures, strict=False))
    handler = Handler(lambda records: {"batchItemFailures": [odd[key(records[0])]]})
    attached = table.deliver(handler, BatchSize=1, MaximumRetryAttempts=3, DestinationConfig=to_queue(), **_REPORTS)
    assert handler.batches == [[name] for name in EIGHT[:5] for _ in range(4)]
    assert [record["responseContext"]["functionError"] for record in attached.failures] == [None] * 5
    assert [record["requestContext"]["approximateInvokeCount"] for record in attached.failures] == [4] * 5


def test_t42_a_remainder_has_a_fresh_budget(table: Table) -> None:
    table.put(*EIGHT[:6])
    handler = reporting("r6")
    attached = table.deliver(handler, BatchSize=3, MaximumRetryAttempts=3, DestinationConfig=to_queue(), **_REPORTS)
    assert handler.batches == [EIGHT[:3], EIGHT[3:6], *[["r6"]] * 4]
    (record,) = attached.failures
    assert record["requestContext"]["approximateInvokeCount"] == 4
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1


def test_t45_reports_without_the_feature_are_ignored_and_warned_of(table: Table) -> None:
    table.put(*EIGHT)
    handler = reporting("r5")
    attached = table.deliver(handler)
    assert handler.batches == [EIGHT]
    assert attached.cautions == ["failures-ignored"]


def test_t48_filter_by_event_name(table: Table) -> None:
    table.put("r1", n={"N": "1"})
    table.put("r1", n={"N": "2"})
    handler = Handler()
    table.deliver(handler, **filtered({"eventName": ["INSERT"]}))
    assert [record["eventName"] for record in handler.records] == ["INSERT"]


@pytest.mark.parametrize(
    ("pattern", "passes"), [({"S": ["presentValue"]}, ["r1"]), (["presentValue"], [])], ids=["typed", "untyped"]
)
def test_t49_filter_by_a_value(table: Table, pattern: Any, passes: list[str]) -> None:
    table.put("r1", presentKey={"S": "presentValue"})
    table.put("r2")
    handler = Handler()
    table.deliver(handler, **filtered(image(presentKey=pattern)))
    assert handler.names == passes


def test_t50_exists_above_the_type_level_is_about_no_leaf(table: Table) -> None:
    table.put("r1")
    table.put("r2", presentKey={"S": "presentValue"})
    handler = Handler()
    table.deliver(handler, **filtered(image(presentKey=[{"exists": False}])))
    assert handler.names == ["r1", "r2"]


def test_t51_numbers_are_texts_to_a_filter(table: Table) -> None:
    table.put("r1", numericFilter={"N": "42"})
    table.put("r2", numericFilter={"N": "101"})
    handler = Handler()
    rules = [{"numeric": [">", 100]}, {"anything-but": "101"}]
    table.deliver(handler, **filtered(image(numericFilter={"N": rules})))
    assert handler.names == ["r1"]


def test_t52_filter_by_prefix(table: Table) -> None:
    table.put("r1", prefix={"S": "us-1-other-suffix"})
    table.put("r2", prefix={"S": "other-us-1-suffix"})
    handler = Handler()
    table.deliver(handler, **filtered(image(prefix={"S": [{"prefix": "us-1"}]})))
    assert handler.names == ["r1"]


def test_t53_the_time_of_a_record_is_a_number(table: Table) -> None:
    table.put("r1", "r2")
    handler = Handler()
    table.deliver(handler, **filtered({"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 0]}]}}))
    assert handler.names == ["r1", "r2"]


def test_t55_two_filters_pass_what_either_passes(table: Table) -> None:
    for name, state in zip(EIGHT, ["FL", "NY", "CA", "TX"], strict=False):
        table.put(name, state={"S": state})
    handler = Handler()
    table.deliver(handler, **filtered(image(state={"S": ["FL"]}), image(state={"S": ["CA"]})))
    assert handler.names == ["r1", "r3"]


def test_t56_filtered_records_are_passed_and_fill_no_batch(table: Table) -> None:
    for number in range(1, 7):
        table.put(f"r{number}", kind={"S": "odd" if number % 2 else "even"})
    everything = Handler()
    table.deliver(everything, name="everything")
    last = everything.records[-1]["dynamodb"]["SequenceNumber"]
    handler = Handler()
    attached = table.deliver(handler, BatchSize=2, **filtered(image(kind={"S": ["even"]})))
    assert handler.batches == [["r2", "r4"], ["r6"]]
    assert attached.checkpoints[-1] == last
    assert attached.poller.metrics.snapshot()["FilteredOutEventCount"] == 3


def test_t57_records_that_no_filter_passes_are_read_once(table: Table) -> None:
    table.put("r1", "r2", "r3")
    handler, checkpoints = Handler(), MemoryCheckpoints()
    terms = {"checkpoints": checkpoints, **filtered({"eventName": ["REMOVE"]})}
    first = table.deliver(handler, **terms)
    again = table.deliver(handler, **terms)
    assert handler.batches == []
    assert first.checkpoints
    assert (first.reads.given, again.reads.given) == (3, 0)


def test_t63_lanes_run_side_by_side_and_keep_the_order_of_each_item(table: Table) -> None:
    for n in range(5):
        for name in EIGHT:
            table.put(name, n={"N": str(n)})
    lock, together = Lock(), Barrier(2)
    met: list[bool] = []
    handled: dict[str, list[int]] = defaultdict(list)
    failures = iter(range(3))

    def script(records: list[dict[str, Any]]) -> None:
        if not met:
            try:
                together.wait(5)
                met.append(True)
            except BrokenBarrierError:
                met.append(False)
        with lock:
            if "r1" in map(key, records) and next(failures, None) is not None:
                raise ValueError("poison")
            for record in records:
                handled[key(record)].append(int(record["dynamodb"]["NewImage"]["n"]["N"]))

    handler = Handler(script)
    attached = table.deliver(handler, clock=SystemClock(), ParallelizationFactor=4, BatchSize=5)
    assert met[0], "two calls at a time"
    assert handled == {name: list(range(5)) for name in EIGHT}
    delayed = {name for batch, attempt in zip(batches(attached), attached.attempts, strict=True) if attempt > 1
               for name in batch}  # fmt: skip
    assert "r1" in delayed
    assert len(delayed) < len(EIGHT), "other lanes never had to try again"


def batches(attached: Any) -> list[list[str]]:
    """Return the items of each call, in the order in which the calls ended."""
    calls = [entry.invocation.records for entry in attached.entries if hasattr(entry, "invocation")]
    return [[key(dict(record.data)) for record in records] for records in calls]


def test_t67_a_deleted_table_leaves_its_last_records_and_no_crash(table: Table) -> None:
    handler = Handler()
    with table.attach(handler) as attached:
        table.put("r1")
        attached.poller.drain()
        table.put("r2")
        table.dynamodb.delete_table(TableName=NAME)
        attached.poller.drain()
        assert handler.names == ["r1", "r2"]
        create(table.dynamodb)
        table.put("r3")
        for _ in range(3):
            assert attached.poller.poll_once().invokes == 0
        assert attached.poller.mapping.enabled
    assert "r3" not in handler.names


def test_a_handler_with_awss_own_endpoint_in_its_code_updates_the_local_table(table: Table) -> None:
    (table.folder / "copies.py").write_text(HARD_CODED)
    table.put("r1", text={"S": "hello"})
    said = HandlerConfig(handler="copies.py:handler", isolation="process", timeout=60, memory=512)
    with table.attach(None, said=said) as attached:
        attached.poller.drain()
        again = attached.poller.drain()
    written = table.dynamodb.get_item(TableName=NAME, Key={"pk": {"S": "copy of r1"}})["Item"]
    assert written == {"pk": {"S": "copy of r1"}, "seen": {"S": "hello"}}
    assert attached.attempts == [1, 1], "the second call is for what the first one wrote"
    assert again.invokes == 0
