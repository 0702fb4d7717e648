"""Plays a function's answers against one shard, and writes down what was sent as "1-4 5-8"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.streams.delivery.shard import ShardDelivery
from harness.streams.emulation import Emulation
from harness.streams.invocation import Invocation, Result
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.streams.caution import Caution
    from harness.streams.delivery.decision import Discard, Settled

Function = Callable[[Invocation], Result]

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000"


def mapping(**options: Any) -> EventSourceMapping:
    if options.pop("reporting", False):
        options["function_response_types"] = ("ReportBatchItemFailures",)
    return EventSourceMapping(
        uuid="u", event_source_arn=ARN, function_name="f", starting_position="TRIM_HORIZON", **options
    )


def record(number: int, *, at: float = 0.0, item: str | None = None, partition: str = "p", text: str = "") -> Record:
    return Record.of(
        "shardId-1",
        {
            "eventName": "INSERT",
            "dynamodb": {
                "ApproximateCreationDateTime": at,
                "Keys": {"pk": {"S": partition}, "sk": {"S": item or str(number)}},
                "NewImage": {"text": {"S": text}},
                "SequenceNumber": f"{number:021}",
            },
        },
    )


def records(first: int, last: int, *, at: float = 0.0) -> list[Record]:
    return [record(number, at=at) for number in range(first, last + 1)]


def told(some: Iterable[Record]) -> str:
    """Write records as runs: 1-4, or 1-2+4 where there is a hole; - for none."""
    runs: list[list[int]] = []
    for each in some:
        if runs and each.position == runs[-1][-1] + 1:
            runs[-1].append(each.position)
        else:
            runs.append([each.position])
    return "+".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs) or "-"


def returned(response: Any = None) -> Result:
    return Result(outcome="returned", request_id="r", response=response)


def error() -> Result:
    return Result(outcome="function_error", request_id="e", error={"errorType": "ValueError", "errorMessage": "poison"})


def throttled() -> Result:
    return Result(outcome="not_invoked", request_id="t", reason="TooManyRequestsException")


def reported(*numbers: int) -> Result:
    return returned({"batchItemFailures": [{"itemIdentifier": f"{number:021}"} for number in numbers]})


def raises(*poison: int) -> Function:
    """Raise whenever one of the records is in the batch."""
    return lambda call: error() if any(each.position in poison for each in call.records) else returned()


def reports(*poison: int) -> Function:
    """Report these records whenever they are in the batch."""
    return lambda call: reported(*(each.position for each in call.records if each.position in poison))


def answers(*results: Result) -> Function:
    """Give these, one after the other, and succeed after that."""
    left = iter(results)
    return lambda _: next(left, returned())


@dataclass
class Play:
    """A shard with its function, at a time that only `run` and the test move."""

    function: Function
    options: dict[str, Any] = field(default_factory=dict)
    emulation: Emulation = field(default_factory=Emulation)
    now: float = 0.0
    passes: Callable[[Any], bool] = lambda _: True
    partition_key: str | None = "pk"
    calls: list[Invocation] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    discards: list[Discard] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)
    checkpoints: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shard = ShardDelivery(
            mapping(**self.options),
            self.emulation,
            shard_id="shardId-1",
            passes=self.passes,
            opened_at=self.now,
            partition_key=self.partition_key,
        )

    def step(self) -> tuple[bool, float | None]:
        """Do what is due at this moment; return whether anything was, and what comes next."""
        decisions = self.shard.decide(self.now)
        self.cautions += decisions.cautions
        for invocation in decisions.invocations:
            self.calls.append(invocation)
            self.settled.append(self.shard.settle(invocation, self.function(invocation), self.now))
            self.cautions += self.settled[-1].cautions
        for discard in decisions.discards:
            self.discards.append(discard)
            self.shard.drop(discard, self.now)
        self.checkpoints.append(self.shard.checkpoint)
        return bool(decisions.invocations or decisions.discards), decisions.next_at

    def due(self) -> Play:
        """Do what is due, without letting time pass."""
        for _ in range(100_000):
            if not self.step()[0] or (self.settled and self.settled[-1].stuck):
                return self
        raise AssertionError("no end")

    def run(self, some: Sequence[Record] = (), *, until: float = float("inf")) -> Play:
        """Accept records, find no more behind them, and let time pass until nothing is to come before `until`."""
        if some:
            self.shard.accept(some, self.now)
        looked = False
        for _ in range(100_000):
            busy, next_at = self.step()
            if not (busy or looked):
                self.shard.accept([], self.now)
                looked = busy = True
            if self.settled and self.settled[-1].stuck:
                return self
            if not busy and (next_at is None or next_at > until):
                return self
            if not busy:
                assert next_at is not None
                assert next_at > self.now, "next_at is not in the future, and nothing was due"
                self.now = next_at
        raise AssertionError("no end")

    @property
    def invokes(self) -> str:
        return " ".join(told(call.records) for call in self.calls)

    @property
    def discarded(self) -> str:
        return " ".join(f"{told(discard.records)}({discard.invokes})" for discard in self.discards)

    @property
    def codes(self) -> list[str]:
        return [caution.code for caution in self.cautions]

    @property
    def checkpoint(self) -> int | None:
        return int(self.shard.checkpoint) if self.shard.checkpoint else None


def play(function: Function, some: Sequence[Record], **options: Any) -> Play:
    """Run the records through a shard until nothing is left to do."""
    return Play(function, options).run(some)
