"""A whole trigger over a stream in memory, told so that a case reads like a row of a table: `invokes == "1-3 4-6 7-8"`."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from harness.streams.clock import SimulatedClock
from harness.streams.destination.base import DestinationFailed
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.inline import InlineFunction
from harness.streams.journal import Cautioned, Delivery, Discarded, Entry, Invoked
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.poller import Poller
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.simulation.stream import SimulatedStream
from harness.streams.workers import Inline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Executor

    from harness.streams.caution import Caution
    from harness.streams.inline import Handler
    from harness.streams.invocation import Function

E = TypeVar("E", bound=Entry)

#: A whole number of minutes, so that windows on the epoch's grid begin here.
START = 1_800_000_000.0
#: Records are called by their place in the stream: the simulated stream counts on from here.
FIRST = 10**20
REPORTING: dict[str, Any] = {"function_response_types": ("ReportBatchItemFailures",)}


def number_of(record: Mapping[str, Any]) -> int:
    """Return the record's place in the stream, from 1 on."""
    return int(record["dynamodb"]["SequenceNumber"]) - FIRST


def numbers_in(event: Mapping[str, Any]) -> list[int]:
    return [number_of(record) for record in event["Records"]]


def runs(numbers: Iterable[int]) -> str:
    """Write records as 1-4, or 1-2+4 where there is a hole; - for none."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return "+".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in found) or "-"


def sequence_number(number: int) -> str:
    return f"{FIRST + number:021d}"


def change(item: str, *, name: str = "INSERT", old: dict[str, Any] | None = None, **new: Any) -> dict[str, Any]:
    """Return what a stream takes: a change of an item, with attributes in DynamoDB JSON."""
    keys = {"pk": {"S": item}}
    images: dict[str, Any] = {} if name == "REMOVE" else {"NewImage": keys | new}
    if old is not None:
        images["OldImage"] = keys | old
    return {"eventName": name, "dynamodb": {"Keys": keys, **images}}


def raises(*poison: int, times: int = 10_000) -> Handler:
    """Raise whenever one of the records is in the batch; after so many times, no more."""
    left = iter(range(times))

    def handler(event: dict[str, Any], _context: object) -> None:
        hit = not poison or any(number in poison for number in numbers_in(event))
        if hit and next(left, None) is not None:
            raise ValueError("poison")

    return handler


def reports(*poison: int, times: int = 10_000) -> Handler:
    """Report these records whenever they are in the batch; after so many times, no more."""
    left = iter(range(times))

    def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
        found = [number for number in poison if number in numbers_in(event)]
        told = found if found and next(left, None) is not None else []
        return {"batchItemFailures": [{"itemIdentifier": sequence_number(number)} for number in told]}

    return handler


def returns(response: object) -> Handler:
    """Give the same answer each time."""
    return lambda _event, _context: response


@dataclass
class Told:
    """A destination that keeps what it is told, or refuses it."""

    refuses: bool = False
    records: list[dict[str, Any]] = field(default_factory=list)
    events: list[Mapping[str, Any] | None] = field(default_factory=list)
    describe: str = "a list"

    def send(self, record: Mapping[str, Any], *, event: Mapping[str, Any] | None) -> None:
        if self.refuses:
            raise DestinationFailed("the queue does not exist")
        self.records.append(dict(record))
        self.events.append(event)


class Stage:
    """Stream, clock, checkpoints and poller; the keywords that are not named are the mapping's."""

    def __init__(  # noqa: PLR0913 - what a case may replace
        self,
        handler: Handler = returns(None),  # noqa: B008 - has no state
        *,
        over: Stage | None = None,
        clock: SimulatedClock | None = None,
        stream: SimulatedStream | None = None,
        api: Any = None,
        destination: Any = None,
        emulation: Emulation | None = None,
        workers: Executor | None = None,
        around: Callable[[Function], Function] = lambda function: function,
        uuid: str = "5f1c6c80-0000-4000-8000-000000000001",
        starting_position: Any = "TRIM_HORIZON",
        **parameters: Any,
    ) -> None:
        """Attach to a new stream; `over` another stage: to its stream, by its clock, from its checkpoints."""
        self.clock: SimulatedClock = over.clock if over else clock or SimulatedClock(at=START)
        self.kept: MemoryCheckpoints = over.kept if over else MemoryCheckpoints()
        self.stream: SimulatedStream = stream or (over.stream if over else SimulatedStream(self.clock))
        self.items: count[int] = over.items if over else count(1)
        self.events: list[dict[str, Any]] = []
        self.entries: list[Entry] = []
        source = Source(arn=self.stream.arn)
        mapping = EventSourceMapping(
            uuid=uuid,
            event_source_arn=source.shown_arn,
            function_name="mover",
            starting_position=starting_position,
            **parameters,
        )

        def recorded(event: dict[str, Any], context: object) -> Any:
            self.events.append(deepcopy(event))
            return handler(event, context)

        choices = emulation or Emulation()
        self.reader = StreamReader(
            api or self.stream,
            source,
            starting_position=starting_position,
            uuid=uuid,
            checkpoints=self.kept,
            emulation=choices,
            clock=self.clock,
        )
        self.reader.attach()
        self.poller = Poller(
            mapping=mapping,
            function=around(InlineFunction(handler=recorded, name="mover")),
            reader=self.reader,
            destination=destination,
            emulation=choices,
            clock=self.clock,
            criteria=FilterCriteria.of(mapping.filter_patterns),
            partition_key="pk",
            workers=workers or Inline(),
            watch=self.entries.append,
        )

    def write(self, many: int = 1, **new: Any) -> Stage:
        """Put so many new items."""
        for _ in range(many):
            self.stream.put(change(f"item {next(self.items)}", **new))
        return self

    def put(self, *changes: dict[str, Any]) -> Stage:
        for each in changes:
            self.stream.put(each)
        return self

    def drain(self) -> Stage:
        """Deliver all there is."""
        self.poller.drain()
        return self

    def poll(self, times: int = 1) -> Delivery:
        """Look so many times, and let no time pass."""
        total = Delivery()
        for _ in range(times):
            total += self.poller.poll_once()
        return total

    def until(self, seconds: float) -> Stage:
        """Let time go on to so many seconds after the start, and do what is due on the way."""
        end = START + seconds
        for _ in range(10_000):
            while self.poller.step():
                pass
            if self.clock.now() >= end:
                return self
            self.poller.rest(end - self.clock.now())
        raise AssertionError("time does not go on")

    def told(self, kind: type[E]) -> list[E]:
        """Return the entries of a kind."""
        return [entry for entry in self.entries if isinstance(entry, kind)]

    @property
    def invokes(self) -> str:
        """The calls that reached the function: "1-4 5-8 5-8"."""
        return " ".join(runs(numbers_in(event)) for event in self.events)

    @property
    def discards(self) -> str:
        """What was given up, and after how many calls: "5-8 (3)"."""
        given_up = [entry.discard for entry in self.told(Discarded)]
        return " ".join(f"{runs(each.position - FIRST for each in one.records)} ({one.invokes})" for one in given_up)

    @property
    def cautions(self) -> list[Caution]:
        return [entry.caution for entry in self.told(Cautioned)]

    @property
    def calls(self) -> list[Invoked]:
        return self.told(Invoked)

    @property
    def checkpoint(self) -> int | None:
        """The last record up to which the only shard is done."""
        (place,) = self.kept.load(self.poller.mapping.uuid, self.stream.arn).values() or (None,)
        return None if place is None or place.sequence_number is None else int(place.sequence_number) - FIRST

    @property
    def metrics(self) -> dict[str, Any]:
        return self.poller.metrics.snapshot()
