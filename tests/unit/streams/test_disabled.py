"""A mapping that is switched off, and on again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.streams.clock import SimulatedClock
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.inline import InlineFunction
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.mapping.rules import cautions
from harness.streams.poller import Poller
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.simulation.stream import SimulatedStream
from harness.streams.simulation.table import TableSimulation


def test_disabled_mapping_reads_nothing_and_resumes_where_it_was() -> None:
    clock = SimulatedClock(at=1_700_000_000.0)
    table, stream = TableSimulation(keys=("pk",), clock=clock), SimulatedStream(clock)
    seen: list[str] = []

    def handler(event: dict[str, Any], _context: object) -> None:
        seen.extend(record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"])

    def write(name: str) -> None:
        record = table.put_item({"pk": {"S": name}})
        assert record is not None
        stream.put(record)

    checkpoints = MemoryCheckpoints()

    def drain(*, enabled: bool) -> int:
        mapping = EventSourceMapping(
            uuid="1",
            event_source_arn=stream.arn,
            function_name="f",
            starting_position="TRIM_HORIZON",
            enabled=enabled,
        )
        reader = StreamReader(
            stream,
            Source(arn=stream.arn),
            starting_position="TRIM_HORIZON",
            uuid="1",
            checkpoints=checkpoints,
            emulation=Emulation(),
            clock=clock,
        )
        poller = Poller(
            mapping=mapping,
            function=InlineFunction(handler=handler),
            reader=reader,
            destination=None,
            emulation=Emulation(),
            clock=clock,
            criteria=FilterCriteria.of(()),
        )
        return poller.drain().invokes

    write("a")
    assert drain(enabled=True) == 1
    write("b")
    assert drain(enabled=False) == 0
    assert drain(enabled=True) == 1
    assert seen == ["a", "b"]


def test_disabled_mapping_says_so() -> None:
    mapping = EventSourceMapping(
        uuid="1", event_source_arn="arn", function_name="f", starting_position="LATEST", enabled=False
    )
    assert [caution.code for caution in cautions(mapping)] == ["mapping-disabled"]
    assert cautions(replace(mapping, enabled=True)) == ()
