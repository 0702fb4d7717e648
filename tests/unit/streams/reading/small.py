"""Small records, and streams that are watched while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.streams.clock import SimulatedClock
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.forest import Shard
from harness.streams.reading.shard_reader import ShardReader
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.simulation.stream import SimulatedStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.streams.reading.position import Checkpoints
    from harness.streams.record import Record

NOON = 1_800_000_000.0
UUID = "5f1c6c80-0000-4000-8000-000000000001"


def change(name: str, **attributes: dict[str, Any]) -> dict[str, Any]:
    """The least that a stream takes."""
    keys = {"pk": {"S": name}}
    return {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": keys | attributes}}


def names(records: tuple[Record, ...]) -> list[str]:
    return [record.data["dynamodb"]["Keys"]["pk"]["S"] for record in records]


class Watched(SimulatedStream):
    """Counts calls, keeps limits, and does something before a call when told to."""

    def __init__(self, clock: SimulatedClock, **options: Any) -> None:
        super().__init__(clock, **options)
        self.calls: list[str] = []
        self.limits: list[int] = []
        self.before: dict[str, Callable[[], object]] = {}

    def describe_stream(self, **parameters: Any) -> dict[str, Any]:
        self._heard("describe_stream")
        return super().describe_stream(**parameters, Limit=2)

    def get_shard_iterator(self, **parameters: Any) -> dict[str, Any]:
        self._heard(parameters["ShardIteratorType"])
        return super().get_shard_iterator(**parameters)

    def get_records(self, **parameters: Any) -> dict[str, Any]:
        self._heard("get_records")
        self.limits.append(parameters["Limit"])
        return super().get_records(**parameters)

    def _heard(self, call: str) -> None:
        self.calls.append(call)
        self.before.pop(call, lambda: None)()


class Place:
    """A stream under a clock, and what reads it."""

    def __init__(self, **options: Any) -> None:
        self.clock = SimulatedClock(at=NOON)
        self.stream = Watched(self.clock, **options)
        self.kept: Checkpoints = MemoryCheckpoints()

    def put(self, *items: str, shard: str | None = None) -> list[str]:
        return [self.stream.put(change(item), shard) for item in items]

    @property
    def shard_id(self) -> str:
        return self.stream.open_shards[0]

    def shard_reader(self, after: str | None = None, *, closed: bool = False, **emulation: Any) -> ShardReader:
        return ShardReader(
            self.stream,
            Source(arn=self.stream.arn),
            Shard(shard_id=self.shard_id, closed=closed),
            after=after,
            emulation=Emulation(**emulation),
            clock=self.clock,
        )

    def reader(self, position: Any = "TRIM_HORIZON", **emulation: Any) -> StreamReader:
        return StreamReader(
            self.stream,
            Source(arn=self.stream.arn),
            starting_position=position,
            uuid=UUID,
            checkpoints=self.kept,
            emulation=Emulation(**emulation),
            clock=self.clock,
        )


def handled(reader: StreamReader, limit: int = 100) -> list[str]:
    """Read until a round brings nothing, each page handled at once; the items in their order."""
    seen: list[str] = []
    while True:
        moved = False
        for shard in reader.shards():
            page = reader.read(shard, limit)
            seen += names(page.records)
            if page.records:
                reader.passed(shard.shard_id, page.records[-1].sequence_number)
            if page.exhausted:
                reader.finished(shard.shard_id)
            moved = moved or bool(page.records) or page.exhausted
        if not moved:
            return seen
