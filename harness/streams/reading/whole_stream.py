"""All that a stream holds now, read once, with no checkpoint moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.streams.clock import HurriedClock
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader

if TYPE_CHECKING:
    from harness.stores.streams_api import StreamsApi
    from harness.streams.emulation import Emulation
    from harness.streams.event import Source
    from harness.streams.record import Record


def whole_stream(api: StreamsApi, source: Source, emulation: Emulation) -> list[Record]:
    """Return its records in the order of their sequence numbers."""
    reader = StreamReader(
        api,
        source,
        starting_position="TRIM_HORIZON",
        uuid="whole-stream",
        checkpoints=MemoryCheckpoints(),
        emulation=emulation,
        clock=HurriedClock(),
    )
    reader.attach()
    records: list[Record] = []
    busy = True
    while busy:
        busy = False
        for shard in reader.shards():
            page = reader.read(shard, 1000)
            records += page.records
            busy |= bool(page.records) or page.exhausted
            if page.exhausted:
                reader.finished(shard.shard_id)
    return sorted(records, key=lambda record: record.position)
