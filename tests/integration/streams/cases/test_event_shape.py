"""T1 to T12 on real engines: what boto3 writes, what GetRecords tells of it, and what a handler is shown."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count, pairwise
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from harness.engines.readiness import wait_until
from harness.stores.clients import make_client
from harness.streams.emulation import Emulation
from harness.streams.event import Source, to_lambda_event
from harness.streams.invocation import Invocation
from harness.streams.record import Record
from harness.streams.simulation.disturbance import disturb
from harness.streams.simulation.lambda_shape import to_stream_record
from harness.streams.simulation.record_checks import record_complaints

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import DynamoDBEndpoint, Endpoints

TABLE = "stream-cases"
#: Stand in where the engine has placeholders only, as DynamoDB Local has.
REGION, ACCOUNT = "ca-central-1", "111122223333"
#: A name space of its own for each test.
_ACCESS_KEYS = count(779_000_000_001)


@dataclass
class Streamed:
    """A table with a stream, and what was read of it so far."""

    dynamodb: Any
    streams: Any
    arn: str
    raw: list[dict[str, Any]] = field(default_factory=list)
    _iterators: dict[str, str | None] = field(default_factory=dict)

    def put(self, name: str, **attributes: dict[str, Any]) -> None:
        self.dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": name}} | attributes)

    def delete(self, name: str) -> None:
        self.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": name}})

    def update(self, name: str, expression: str = "", values: dict[str, Any] | None = None, **options: Any) -> None:
        if expression:
            options["UpdateExpression"] = expression
        if values:
            options["ExpressionAttributeValues"] = values
        self.dynamodb.update_item(TableName=TABLE, Key={"pk": {"S": name}}, **options)

    def transact(self, *writes: dict[str, Any]) -> None:
        self.dynamodb.transact_write_items(
            TransactItems=[{kind: {"TableName": TABLE} | rest for kind, rest in write.items()} for write in writes]
        )

    def read(self) -> list[dict[str, Any]]:
        """Return what is new, as the event of a handler shows it; to `raw`, add it as boto3 gives it."""
        new: list[dict[str, Any]] = []
        description = self.streams.describe_stream(StreamArn=self.arn)["StreamDescription"]
        for shard in description["Shards"]:
            new += self._read_shard(shard["ShardId"])
        self.raw += new
        source = Source(arn=self.arn, region=REGION, account=ACCOUNT)
        records: list[dict[str, Any]] = to_lambda_event(new, source, seen_at=datetime.now(UTC))["Records"]
        return records

    def _read_shard(self, shard: str) -> list[dict[str, Any]]:
        if shard not in self._iterators:
            start = self.streams.get_shard_iterator(StreamArn=self.arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
            self._iterators[shard] = start["ShardIterator"]
        found: list[dict[str, Any]] = []
        while (iterator := self._iterators[shard]) is not None:
            page = self.streams.get_records(ShardIterator=iterator)
            self._iterators[shard] = page.get("NextShardIterator")
            found += page["Records"]
            if not page["Records"]:
                break
        return found


@pytest.fixture
def endpoint(engine_pair: Endpoints) -> DynamoDBEndpoint:
    return replace(engine_pair.dynamodb, access_key_id=str(next(_ACCESS_KEYS)))


@pytest.fixture
def table(endpoint: DynamoDBEndpoint) -> Iterator[Streamed]:
    with streamed(endpoint) as made:
        yield made


@contextmanager
def streamed(endpoint: DynamoDBEndpoint, *, key: str = "pk", view: str = "NEW_AND_OLD_IMAGES") -> Iterator[Streamed]:
    """Make a table with a stream until the block ends."""
    with closing(make_client(endpoint)) as dynamodb, closing(make_client(endpoint, "dynamodbstreams")) as streams:
        made = dynamodb.create_table(
            TableName=TABLE,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )
        try:
            yield Streamed(dynamodb, streams, made["TableDescription"]["LatestStreamArn"])
        finally:
            dynamodb.delete_table(TableName=TABLE)


def test_t01_binary_size_and_version(endpoint: DynamoDBEndpoint) -> None:
    with streamed(endpoint, key="my_partition_key", view="NEW_IMAGE") as table:
        item = {"my_partition_key": {"S": "hello world"}, "binary_key": {"B": b"foobar"}}
        table.dynamodb.put_item(TableName=TABLE, Item=item)
        (record,) = table.read()
    assert (record["eventName"], record["eventVersion"]) == ("INSERT", "1.1")
    assert record["dynamodb"]["NewImage"]["binary_key"]["B"] == "Zm9vYmFy"
    assert record["dynamodb"]["SizeBytes"] == 70
    assert "OldImage" not in record["dynamodb"]


def test_t02_creation_time_is_a_float_of_whole_seconds(table: Streamed) -> None:
    """The second of the write, or of the first look at it: DynamoDB Local itself tells the minute only."""
    before = int(datetime.now(UTC).timestamp())
    table.put("a")
    (record,) = table.read()
    created = record["dynamodb"]["ApproximateCreationDateTime"]
    assert isinstance(created, float)
    assert created.is_integer()
    assert before <= created <= datetime.now(UTC).timestamp()


@pytest.mark.parametrize(
    ("view", "images"),
    [
        ("KEYS_ONLY", [set(), set(), set()]),
        ("NEW_IMAGE", [{"NewImage"}, {"NewImage"}, set()]),
        ("OLD_IMAGE", [set(), {"OldImage"}, {"OldImage"}]),
        ("NEW_AND_OLD_IMAGES", [{"NewImage"}, {"NewImage", "OldImage"}, {"OldImage"}]),
    ],
)
def test_t03_images_of_each_view_type(endpoint: DynamoDBEndpoint, view: str, images: list[set[str]]) -> None:
    with streamed(endpoint, view=view) as table:
        table.put("a", n={"N": "1"})
        table.update("a", "SET n = :n", {":n": {"N": "2"}})
        table.delete("a")
        records = table.read()
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    always = {"ApproximateCreationDateTime", "Keys", "SequenceNumber", "SizeBytes", "StreamViewType"}
    assert [set(record["dynamodb"]) - always for record in records] == images
    assert {record["dynamodb"]["StreamViewType"] for record in records} == {view}
    assert [complaint for record in records for complaint in record_complaints(record)] == []


def test_t04_every_type_is_json(table: Streamed) -> None:
    """The whole trip: boto3 writes, GetRecords tells, the event shows, and it can be turned back."""
    table.put(
        "a",
        n={"N": "1.50"},
        b={"B": b"\xfb\xff"},
        bool={"BOOL": True},
        null={"NULL": True},
        l={"L": [{"N": "1e2"}, {"B": b"x"}]},
        m={"M": {"ns": {"NS": ["2", "1"]}}},
        ss={"SS": ["b", "a"]},
        ns={"NS": ["10", "9"]},
        bs={"BS": [b"\x00", b"\xff"]},
    )
    (record,) = table.read()
    assert json.loads(json.dumps(record)) == record
    image = record["dynamodb"]["NewImage"]
    assert (image["n"], image["b"], image["bool"], image["null"]) == (
        {"N": "1.5"},
        {"B": "+/8="},
        {"BOOL": True},
        {"NULL": True},
    )
    assert image["l"] == {"L": [{"N": "100"}, {"B": "eA=="}]}
    assert sorted(image["m"]["M"]["ns"]["NS"]) == ["1", "2"]
    assert [sorted(image[name][kind]) for name, kind in (("ss", "SS"), ("ns", "NS"), ("bs", "BS"))] == [
        ["a", "b"],
        ["10", "9"],
        ["/w==", "AA=="],
    ]
    back = to_stream_record(record)["dynamodb"]["NewImage"]
    assert (back["b"], sorted(back["bs"]["BS"])) == ({"B": b"\xfb\xff"}, [b"\x00", b"\xff"])


def test_t05_deletion_by_time_to_live_is_signed_and_a_plain_one_is_not(docker_pair: Endpoints) -> None:
    """DynamoDB Local only: it looks for expired items every ten seconds.

    MiniStack (the embedded engine) does so every 60 seconds, and then deletes without telling the stream.
    """
    with streamed(replace(docker_pair.dynamodb, access_key_id=str(next(_ACCESS_KEYS)))) as table:
        table.dynamodb.update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "exp"}
        )
        table.put("plain")
        table.delete("plain")
        table.put("old", exp={"N": str(int(datetime.now(UTC).timestamp()) - 60)})
        found = table.read()

        def probe() -> None:
            found.extend(table.read())
            if len(found) < 4:
                raise OSError(f"{len(found)} records")

        wait_until("time to live", probe, timeout=60, alive=lambda: None, logs=lambda: "")
    _, deleted, inserted, expired = found
    assert [each["eventName"] for each in found] == ["INSERT", "REMOVE", "INSERT", "REMOVE"]
    assert expired["dynamodb"]["OldImage"] == inserted["dynamodb"]["NewImage"]
    assert expired["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert "userIdentity" not in deleted
    assert table.raw[-1]["userIdentity"] == to_stream_record(expired)["userIdentity"]


def test_t06_region_account_label_and_id(table: Streamed, endpoint: DynamoDBEndpoint) -> None:
    """MiniStack has a region (the client's) and an account (a key of twelve digits), DynamoDB Local neither."""
    table.put("a")
    table.put("b")
    first, second = table.read()
    local = ":ddblocal:000000000000:" in table.arn
    region, account = (REGION, ACCOUNT) if local else (endpoint.region, endpoint.access_key_id)
    label = table.arn.rpartition("/")[2]
    assert first["awsRegion"] == region
    assert first["eventSourceARN"] == f"arn:aws:dynamodb:{region}:{account}:table/{TABLE}/stream/{label}"
    assert all(re.fullmatch(r"[0-9a-f]{32}", record["eventID"]) for record in (first, second))
    assert first["eventID"] != second["eventID"]


def test_t07_a_handler_that_clears_its_event_leaves_the_retry_whole(table: Streamed) -> None:
    for name in "abc":
        table.put(name, text={"S": name})
    records = tuple(Record.of("shard", data) for data in table.read())
    events = [
        Invocation(lane=0, shard_id="shard", records=records, attempt=attempt).event(table.arn) for attempt in (1, 2)
    ]
    events[0]["Records"][0]["dynamodb"].clear()
    events[0]["Records"].clear()
    assert [record["dynamodb"]["NewImage"]["text"]["S"] for record in events[1]["Records"]] == ["a", "b", "c"]


def test_t08_the_same_item_twice_is_one_record(table: Streamed) -> None:
    item: dict[str, Any] = {"n": {"N": "1"}, "ss": {"SS": ["x", "y"]}, "m": {"M": {"n": {"N": "1000"}}}}
    table.put("a", **item)
    table.put("a", **item)
    table.put("a", **item | {"n": {"N": "1.0"}, "m": {"M": {"n": {"N": "1e3"}}}})
    table.transact({"Put": {"Item": {"pk": {"S": "a"}} | item}})
    assert [record["eventName"] for record in table.read()] == ["INSERT"]


def test_t08_a_set_in_another_order_is_the_same_set(table: Streamed) -> None:
    """MiniStack compares sets as lists and tells of a change; DynamoDB Local does as AWS."""
    table.put("a", ss={"SS": ["x", "y"]})
    table.put("a", ss={"SS": ["y", "x"]})
    names = [record["eventName"] for record in table.read()]
    assert names == (["INSERT"] if ":ddblocal:" in table.arn else ["INSERT", "MODIFY"])


def test_t09_writes_that_change_nothing_make_no_record(table: Streamed) -> None:
    table.put("a", n={"N": "1"}, ss={"SS": ["x"]})
    assert len(table.read()) == 1
    table.update("a", "SET n = :n", {":n": {"N": "1"}})
    table.update("a", "REMOVE nowhere")
    table.update("a", "ADD ss :s", {":s": {"SS": ["x"]}})
    table.update("a")
    table.delete("nobody")
    with pytest.raises(table.dynamodb.exceptions.ConditionalCheckFailedException):
        table.update("a", "SET n = :n", {":n": {"N": "2"}}, ConditionExpression="attribute_not_exists(pk)")
    check = {"Key": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}
    with pytest.raises(table.dynamodb.exceptions.TransactionCanceledException):
        table.transact({"Put": {"Item": {"pk": {"S": "b"}}}}, {"ConditionCheck": check})
    assert table.read() == []


def test_t10_an_update_of_a_missing_item_is_an_insert(table: Streamed) -> None:
    table.update("a", "SET n = :n", {":n": {"N": "1"}})
    table.update("b")
    assert [(record["eventName"], record["dynamodb"]["NewImage"]) for record in table.read()] == [
        ("INSERT", {"pk": {"S": "a"}, "n": {"N": "1"}}),
        ("INSERT", {"pk": {"S": "b"}}),
    ]


def test_t11_a_transaction_in_order_and_scattered(table: Streamed) -> None:
    table.transact(*({"Put": {"Item": {"pk": {"S": name}}}} for name in ("p5", "p1", "p9")))
    table.transact(*({"Put": {"Item": {"pk": {"S": name}, "n": {"N": "2"}}}} for name in ("p5", "p1", "p9")))
    records = tuple(Record.of("shard", data) for data in table.read())
    assert [json.loads(record.item)["pk"]["S"] for record in records] == ["p5", "p1", "p9"] * 2
    scattering = Emulation(scatter_transactions=True)
    orders = [disturb(records, scattering, Random(seed)) for seed in range(50)]
    assert any(order != records for order in orders)
    for order in orders:
        assert sorted(record.position for record in order) == [record.position for record in records]
        for item in {record.item for record in records}:
            positions = [record.position for record in order if record.item == item]
            assert positions == sorted(positions)


def test_t12_counters_incremented_by_eight_threads(table: Streamed) -> None:
    def increment(writer: int) -> None:
        for turn in range(60):
            table.update(f"item{(turn + writer) % 4}", "ADD n :one", {":one": {"N": "1"}})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(increment, range(8)))
    changes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    records = table.read()
    assert len(records) == len({record["eventID"] for record in records}) == 480
    for record in records:
        changes[record["dynamodb"]["Keys"]["pk"]["S"]].append(record["dynamodb"])
    assert len(changes) == 4
    for found in changes.values():
        assert [change["NewImage"]["n"]["N"] for change in found] == [str(number) for number in range(1, 121)]
        assert all(later["OldImage"] == earlier["NewImage"] for earlier, later in pairwise(found))
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in records]
    assert numbers == sorted(set(numbers))
