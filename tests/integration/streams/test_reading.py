"""The same steps on each engine and on the stream in memory, and reading that follows a table through its life."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.endpoint import DynamoDBEndpoint
from harness.engines.ports import free_port
from harness.errors import EnvironmentFailure
from harness.stores.clients import make_client
from harness.stores.streams_api import StreamGone, TrimmedData, Unreachable
from harness.stores.streams_client import StreamsClient
from harness.stores.streams_wire import StreamsWire
from harness.streams.clock import SystemClock
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.reading.checkpoints import FileCheckpoints, MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.simulation.stream import SimulatedStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.endpoint import Endpoints
    from harness.stores.streams_api import StreamsApi
    from harness.streams.reading.position import Checkpoints

_NUMBERS = count(779_000_000_001)
UUID = "5f1c6c80-0000-4000-8000-000000000002"


@dataclass
class Streamed:
    """A table with a stream, in an account of its own."""

    client: Any
    api: StreamsApi
    arn: str = ""
    kept: Checkpoints = field(default_factory=MemoryCheckpoints)

    def create(self) -> str:
        self.arn = self.client.create_table(
            TableName="streamed",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )["TableDescription"]["LatestStreamArn"]
        return self.arn

    def put(self, *names: str, **attributes: Any) -> None:
        for name in names:
            self.client.put_item(TableName="streamed", Item={"pk": {"S": name}} | attributes)

    def disable(self) -> None:
        self.client.update_table(TableName="streamed", StreamSpecification={"StreamEnabled": False})

    def delete(self) -> None:
        self.client.delete_table(TableName="streamed")

    def reader(self, position: Any = "TRIM_HORIZON", **emulation: Any) -> StreamReader:
        return StreamReader(
            self.api,
            Source(arn=self.arn),
            starting_position=position,
            uuid=UUID,
            checkpoints=self.kept,
            emulation=Emulation(**emulation),
            clock=SystemClock(),
        )


class InMemory(Streamed):
    """The same of a SimulatedStream."""

    def __init__(self) -> None:
        self.stream = SimulatedStream(SystemClock())
        super().__init__(None, self.stream, self.stream.arn)

    def put(self, *names: str, **attributes: Any) -> None:
        for name in names:
            keys = {"pk": {"S": name}}
            self.stream.put({"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": keys | attributes}})

    def disable(self) -> None:
        self.stream.disable()


def endpoint_of(request: pytest.FixtureRequest, engine: str) -> DynamoDBEndpoint:
    pair: Endpoints = request.getfixturevalue(f"{engine}_pair")
    return replace(pair.dynamodb, access_key_id=str(next(_NUMBERS)))


@contextmanager
def streamed_table(endpoint: DynamoDBEndpoint) -> Iterator[Streamed]:
    with closing(make_client(endpoint)) as client, closing(StreamsWire(endpoint)) as api:
        streamed = Streamed(client, api)
        streamed.create()
        yield streamed
        if "streamed" in client.list_tables()["TableNames"]:
            streamed.delete()


@pytest.fixture(params=["docker", "embedded"])
def table(request: pytest.FixtureRequest) -> Iterator[Streamed]:
    with streamed_table(endpoint_of(request, request.param)) as streamed:
        yield streamed


@pytest.fixture(params=["memory", "docker wire", "docker boto3", "embedded wire", "embedded boto3"])
def anywhere(request: pytest.FixtureRequest) -> Iterator[Streamed]:
    if request.param == "memory":
        yield InMemory()
        return
    engine, _, api = request.param.partition(" ")
    endpoint = endpoint_of(request, engine)
    with streamed_table(endpoint) as streamed, closing(make_client(endpoint, "dynamodbstreams")) as client:
        if api == "boto3":
            streamed.api = StreamsClient(client)
        yield streamed


def names(page: list[dict[str, Any]]) -> list[str]:
    return [each["dynamodb"]["Keys"]["pk"]["S"] for each in page]


def handled(reader: StreamReader, limit: int = 100) -> list[str]:
    seen: list[str] = []
    moved = True
    while moved:
        moved = False
        for shard in reader.shards():
            page = reader.read(shard, limit)
            seen += names([dict(record.data) for record in page.records])
            if page.records:
                reader.passed(shard.shard_id, page.records[-1].sequence_number)
            if page.exhausted:
                reader.finished(shard.shard_id)
            moved = moved or bool(page.records) or page.exhausted
    return seen


def test_api_does_the_same_everywhere(anywhere: Streamed) -> None:
    """What the stream in memory promises, on every engine. It differs from MiniStack in these:

    there AFTER_SEQUENCE_NUMBER of a number that no record has is refused as trimmed, a Limit above 1,000 is clamped,
    a stream that is off and empty has a shard without EndingSequenceNumber, and a shard's StartingSequenceNumber
    is missing until it has a record.
    """
    api, arn = anywhere.api, anywhere.arn
    description = api.describe_stream(StreamArn=arn)["StreamDescription"]
    (shard,) = description["Shards"]
    assert (description["StreamStatus"], shard.get("ParentShardId")) == ("ENABLED", None)
    assert "EndingSequenceNumber" not in shard["SequenceNumberRange"]

    def iterator(kind: str, **number: str) -> str:
        answer = api.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=kind, **number)
        return str(answer["ShardIterator"])

    def page(at: str, limit: int = 1000) -> tuple[list[str], str]:
        answer = api.get_records(ShardIterator=at, Limit=limit)
        return names(answer["Records"]), answer.get("NextShardIterator", "")

    oldest = iterator("TRIM_HORIZON")
    assert page(oldest)[0] == []
    anywhere.put("a", "b", bytes={"B": b"\x00\xff"})
    latest = iterator("LATEST")
    anywhere.put("c")
    assert page(latest)[0] == ["c"]
    found, following = page(oldest, 2)
    assert (found, page(following)[0], page(oldest, 2)[0]) == (["a", "b"], ["c"], ["a", "b"])
    assert page(page(following)[1])[0] == []

    first = api.get_records(ShardIterator=oldest, Limit=1)["Records"][0]
    number = first["dynamodb"]["SequenceNumber"]
    assert first["dynamodb"]["NewImage"]["bytes"] == {"B": b"\x00\xff"}
    assert first["dynamodb"]["ApproximateCreationDateTime"].tzinfo is not None
    assert page(iterator("AT_SEQUENCE_NUMBER", SequenceNumber=number))[0] == ["a", "b", "c"]
    assert page(iterator("AFTER_SEQUENCE_NUMBER", SequenceNumber=number))[0] == ["b", "c"]
    with pytest.raises(StreamGone):
        api.get_shard_iterator(StreamArn=arn, ShardId="shardId-" + "9" * 20, ShardIteratorType="LATEST")
    with pytest.raises(StreamGone):
        api.describe_stream(StreamArn=f"{arn[:-1]}{(int(arn[-1]) + 1) % 10}")

    at_the_end = page(following)[1]
    anywhere.disable()
    description = api.describe_stream(StreamArn=arn)["StreamDescription"]
    assert description["StreamStatus"] in {"DISABLING", "DISABLED"}
    assert int(description["Shards"][0]["SequenceNumberRange"]["EndingSequenceNumber"]) >= int(number)
    assert page(at_the_end) == ([], ""), "an iterator from before keeps working, to the end"
    assert page(iterator("TRIM_HORIZON")) == (["a", "b", "c"], ""), "the last records come with the end"
    assert page(iterator("LATEST")) == ([], "")


def test_numbers_that_no_record_has_are_beyond_the_end_or_refused(table: Streamed) -> None:
    """The reader never asks for one: where this differs, only the answer does."""
    table.put("a")
    (shard,) = table.api.describe_stream(StreamArn=table.arn)["StreamDescription"]["Shards"]
    asked = {"StreamArn": table.arn, "ShardId": shard["ShardId"], "ShardIteratorType": "AFTER_SEQUENCE_NUMBER"}
    try:
        at = table.api.get_shard_iterator(**asked, SequenceNumber="900000000".zfill(21))["ShardIterator"]
    except TrimmedData:
        return
    assert table.api.get_records(ShardIterator=at, Limit=1)["Records"] == []


def test_t18_more_than_a_page(table: Streamed) -> None:
    items = [{"PutRequest": {"Item": {"pk": {"S": f"{number:04}"}}}} for number in range(2500)]
    for start in range(0, 2500, 25):
        table.client.batch_write_item(RequestItems={"streamed": items[start : start + 25]})
    reader, read = table.reader(), list[str]()
    (shard,) = reader.shards()
    while len(read) < 2500:
        read += names([dict(record.data) for record in reader.read(shard, 2500 - len(read)).records])
    assert read == [f"{number:04}" for number in range(2500)]


def test_t19_trim_horizon(table: Streamed) -> None:
    table.put("r1", "r2", "r3")
    reader = table.reader()
    reader.attach()
    table.put("r4")
    assert handled(reader) == ["r1", "r2", "r3", "r4"]
    assert (handled(reader), reader.status) == ([], "ENABLED")


def test_t20_latest_also_after_a_restart(table: Streamed) -> None:
    table.put("r1", "r2", "r3")
    table.reader("LATEST").attach()
    table.put("r4")
    assert handled(table.reader("LATEST")) == ["r4"]


def test_latest_on_an_empty_stream(table: Streamed) -> None:
    table.reader("LATEST").attach()
    table.put("r1")
    assert handled(table.reader("LATEST")) == ["r1"]


def test_each_page_is_passed_for_good(table: Streamed, tmp_path: Path) -> None:
    table.put(*"abcdefg")
    table.kept = FileCheckpoints(tmp_path)
    reader = table.reader()
    (shard,) = reader.shards()
    page = reader.read(shard, 3)
    reader.passed(shard.shard_id, page.records[1].sequence_number)
    table.kept.close()
    table.kept = FileCheckpoints(tmp_path)
    assert handled(table.reader(), limit=2) == ["c", "d", "e", "f", "g"]
    table.kept.close()


@pytest.mark.parametrize("end", ["disable", "delete"])
def test_t67_stream_that_ends_while_it_is_read(table: Streamed, end: str) -> None:
    reader = table.reader()
    table.put("a")
    assert handled(reader) == ["a"]
    table.put("b", "c")
    getattr(table, end)()
    assert handled(reader) == ["b", "c"]
    assert (reader.status, reader.shards()) == ("DISABLED", ())
    if end == "delete":
        old = table.arn
        assert table.create() != old
        table.put("d")
        assert handled(reader) == [], "the new table is another stream"
        assert handled(table.reader()) == ["d"]


def test_stream_that_is_off_before_anybody_came(table: Streamed) -> None:
    table.put("a", "b")
    table.disable()
    latest = table.reader("LATEST")
    latest.attach()
    assert (handled(latest), latest.status) == ([], "DISABLED")
    table.kept = MemoryCheckpoints()
    assert handled(table.reader()) == ["a", "b"]


def test_idle_stream_that_is_switched_off(table: Streamed) -> None:
    reader = table.reader()
    assert handled(reader) == []
    table.disable()
    assert (handled(reader), reader.status, reader.shards()) == ([], "DISABLED", ())


def test_unknown_stream_is_gone(table: Streamed) -> None:
    table.arn = f"{table.arn[:-1]}{(int(table.arn[-1]) + 1) % 10}"
    reader = table.reader("LATEST")
    reader.attach()
    assert (reader.status, handled(reader)) == ("GONE", [])


def test_nobody_there_is_told() -> None:
    with (
        closing(StreamsWire(DynamoDBEndpoint(url=f"http://127.0.0.1:{free_port()}"))) as api,
        pytest.raises(Unreachable),
    ):
        api.describe_stream(StreamArn="arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-11-22T01:51:58.702")


_HOLDER = """
import sys
from pathlib import Path
from harness.streams.reading.checkpoints import FileCheckpoints
from harness.streams.reading.position import Checkpoint
kept = FileCheckpoints(Path(sys.argv[1]))
kept.load("m", "arn")
for number in range(1000):
    kept.save("m", "arn", "s1", Checkpoint(sequence_number=str(number)))
print("saved", flush=True)
sys.stdin.read()
"""


def test_killed_process_loses_no_checkpoint_and_lets_go_of_its_mapping(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env=os.environ,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "saved\n"
        with pytest.raises(EnvironmentFailure, match=f"by process {process.pid} "):
            FileCheckpoints(tmp_path).load("m", "arn")
        process.kill()
    kept = FileCheckpoints(tmp_path)
    assert kept.load("m", "arn")["s1"].sequence_number == "999"
    kept.close()
