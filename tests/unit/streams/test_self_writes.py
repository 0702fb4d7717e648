"""A function that writes to its own table: its records come back to it, and a loop comes to an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from harness.streams.emulation import Emulation
from harness.streams.invocation import AwsCall, Function, Result
from harness.streams.not_delivered import NotDelivered
from tests.unit.streams.cases.stage import Stage, change

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class SelfWriting:
    """A function that has written an item with each call that `writes` lets it."""

    function: Function
    stage: list[Stage]
    writes: Callable[[int], bool] = lambda _: True
    calls: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.function, name)

    def invoke(self, event: dict[str, Any]) -> Result:
        answer = self.function.invoke(event)
        self.calls += 1
        if not self.writes(self.calls):
            return answer
        item = {"pk": {"S": "own"}, "n": {"N": str(self.calls)}}
        (stage,) = self.stage
        stage.put(change("own", n=item["n"]))
        parameters = {"TableName": "simulated", "Item": item}
        call = AwsCall(service="dynamodb", operation="PutItem", parameters=parameters, region="us-east-1")
        return Result(outcome="returned", request_id=answer.request_id, calls=(call,))


def self_writing(**options: Any) -> Stage:
    known: list[Stage] = []
    writes = options.pop("writes", lambda _: True)
    stage = Stage(around=lambda function: SelfWriting(function=function, stage=known, writes=writes), **options)
    known.append(stage)
    return stage


def test_what_the_function_writes_is_delivered_before_drain_ends() -> None:
    stage = self_writing(writes=lambda call: call < 4).write()
    assert stage.drain().invokes == "1 2 3 4"
    generations = [record.generation for call in stage.calls for record in call.invocation.records]
    assert generations == [0, 1, 2, 3]


def test_a_function_that_triggers_itself_is_stopped_and_the_chain_is_shown() -> None:
    stage = self_writing(emulation=Emulation(generation_limit=3)).write()
    with pytest.raises(NotDelivered, match="mover triggers itself: 4 generations") as caught:
        stage.drain()
    assert stage.invokes == "1 2 3 4"
    lines = str(caught.value).splitlines()[1:6]
    assert [line.split(":")[0].strip() for line in lines] == [f"generation {number}" for number in range(5)]
    assert "item 1" in lines[0]
    assert "PutItem" in lines[4]
    assert "own" in lines[4]


def test_a_stream_without_end_is_left() -> None:
    known: list[Stage] = []

    def handler(_event: object, _context: object) -> None:
        known[0].write()

    stage = Stage(handler)
    known.append(stage)
    with pytest.raises(NotDelivered, match="no end of the stream after 51 records"):
        stage.write().poller.drain(at_most=50)
