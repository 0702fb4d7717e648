"""T67: the table is deleted, and perhaps created again, while the mapping is enabled."""

from __future__ import annotations

from typing import Any

from harness.streams.simulation.stream import SimulatedStream
from tests.unit.streams.cases.stage import Stage


class Engine:
    """Whatever stream a table has now; another ARN's is not known to it."""

    def __init__(self, stream: SimulatedStream) -> None:
        self.stream = stream

    def __getattr__(self, call: str) -> Any:
        return getattr(self.stream, call)


def test_t67_what_a_deleted_table_left_is_delivered() -> None:
    stage = Stage(batch_size=2).write(3)
    stage.stream.disable()
    assert stage.drain().invokes == "1-2 3"
    assert stage.poll(times=3).invokes == 0
    assert stage.reader.status == "DISABLED"
    assert stage.poller.mapping.enabled


def test_t67_a_recreated_table_does_not_feed_the_old_mapping() -> None:
    before = Stage()
    engine = Engine(before.stream)
    stage = Stage(over=before, api=engine).write(2).drain()
    stage.clock.wait(5)
    engine.stream = SimulatedStream(stage.clock)
    again = Stage(over=stage, stream=engine.stream).write(3)
    assert stage.poll(times=3).entries == ()
    assert stage.drain().invokes == "1-2"
    assert stage.reader.status == "GONE"
    assert again.drain().invokes == "1-3"
