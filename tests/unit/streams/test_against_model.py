"""Random records, outcomes and settings: the poller and a plain model of the mapping agree on all that can be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.streams.clock import SimulatedClock
from harness.streams.emulation import Emulation
from harness.streams.event import Source
from harness.streams.filters.criteria import FilterCriteria
from harness.streams.invocation import Result
from harness.streams.journal import Discarded
from harness.streams.mapping.model import EventSourceMapping
from harness.streams.not_delivered import NotDelivered
from harness.streams.poller import Poller
from harness.streams.reading.checkpoints import MemoryCheckpoints
from harness.streams.reading.stream_reader import StreamReader
from harness.streams.simulation.stream import SimulatedStream
from tests.unit.streams.model import FOREVER, Change, Outcome, Script, Settings, play

if TYPE_CHECKING:
    from harness.streams.journal import Entry

#: Not on a whole minute: an instant that is may be one that an engine cut.
START = 1_800_000_007
#: The young records come so much later than the old ones.
LATER = 100
PASSING = '{"dynamodb": {"NewImage": {"passes": {"BOOL": [true]}}}}'


@dataclass
class Scripted:
    """A function that answers as its script says, and takes its time."""

    script: Script
    clock: SimulatedClock
    numbers: dict[str, int]
    pace: int
    calls: list[list[int]] = field(default_factory=list)
    name: str = "scripted"
    arn: str = "arn:aws:lambda:us-east-1:123456789012:function:scripted"
    version: str = "$LATEST"

    def invoke(self, event: dict[str, Any]) -> Result:
        texts = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        self.calls.append([self.numbers[text] for text in texts])
        assert len(self.calls) < 1000, "no end of calls"
        fate, guilty = self.script.answer(self.calls[-1])
        self.clock.at += self.pace
        called = f"call {len(self.calls)}"
        if fate == "throttled":
            return Result(outcome="not_invoked", request_id=called, reason="Rate Exceeded.")
        if fate == "raises":
            return Result(outcome="function_error", request_id=called, error={"errorType": "KeyError"})
        names = [""] if fate == "nonsense" else [text for text in texts if self.numbers[text] in guilty]
        return Result(
            outcome="returned",
            request_id=called,
            response={"batchItemFailures": [{"itemIdentifier": name} for name in names]},
        )

    def close(self) -> None:
        """Nothing runs."""


def deliver(changes: dict[int, Change], given: Settings, *, pace: int) -> Outcome:
    """The same as the model's `play`, through all of the real thing."""
    clock = SimulatedClock(at=START)
    stream, kept = SimulatedStream(clock), MemoryCheckpoints()
    numbers = {}
    for number, change in changes.items():
        clock.at = change.made_at
        keys = {"pk": {"S": f"item {number % 3}"}}
        image = keys | {"passes": {"BOOL": change.passes}}
        numbers[stream.put({"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": image}})] = number
    clock.at = START + LATER
    mapping = EventSourceMapping(
        uuid="one",
        event_source_arn=stream.arn,
        function_name="scripted",
        starting_position="TRIM_HORIZON",
        batch_size=given.batch_size,
        maximum_retry_attempts=given.retries,
        maximum_record_age_in_seconds=given.age,
        bisect_batch_on_function_error=given.bisect,
        function_response_types=("ReportBatchItemFailures",) if given.partial else (),
        filter_patterns=(PASSING,),
    )
    emulation = Emulation(retry_cap=given.stuck_after)
    reader = StreamReader(
        stream,
        Source(arn=stream.arn),
        starting_position=mapping.starting_position,
        uuid=mapping.uuid,
        checkpoints=kept,
        emulation=emulation,
        clock=clock,
    )
    function = Scripted(Script(changes), clock, numbers, pace)
    entries: list[Entry] = []
    poller = Poller(
        mapping=mapping,
        function=function,
        reader=reader,
        destination=None,
        emulation=emulation,
        clock=clock,
        criteria=FilterCriteria.of(mapping.filter_patterns),
        watch=entries.append,
    )
    outcome = Outcome(invokes=function.calls)
    try:
        poller.drain()
    except NotDelivered:
        outcome.stuck = True
    for entry in entries:
        if isinstance(entry, Discarded):
            discard = entry.discard
            which = [numbers[record.sequence_number] for record in discard.records]
            outcome.discards.append((which, discard.condition, discard.invokes))
    for checkpoint in kept.load(mapping.uuid, stream.arn).values():
        outcome.checkpoint = numbers[checkpoint.sequence_number] if checkpoint.sequence_number else 0
    return outcome


FATES = st.sampled_from(["fine", "fine", "fine", "raises", "reported", "nonsense"])
CHANGES = st.builds(
    Change,
    made_at=st.sampled_from([START, START + LATER]),
    passes=st.sampled_from([True, True, True, False]),
    fate=FATES,
    times=st.sampled_from([1, 2, 3, FOREVER]),
) | st.builds(Change, made_at=st.just(START + LATER), fate=st.just("throttled"), times=st.integers(1, 3))
SETTINGS = st.builds(
    Settings,
    batch_size=st.integers(1, 9),
    retries=st.sampled_from([-1, 0, 1, 2, 3]),
    age=st.sampled_from([-1, -1, 60, 130]),
    bisect=st.booleans(),
    partial=st.booleans(),
)


def numbered(changes: list[Change]) -> dict[int, Change]:
    return dict(enumerate(sorted(changes, key=lambda change: change.made_at), 1))


def eight(*, guilty: int, fate: Any, times: int = FOREVER) -> list[Change]:
    at = START + LATER
    return [
        Change(made_at=at, fate=fate, times=times) if number == guilty else Change(made_at=at) for number in range(1, 9)
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(CHANGES, max_size=16), SETTINGS, st.sampled_from([0, 0, 25]))
@example(eight(guilty=5, fate="raises"), Settings(batch_size=8, retries=1, bisect=True), 0)
@example(eight(guilty=5, fate="reported"), Settings(batch_size=8, retries=3, partial=True), 0)
@example(eight(guilty=5, fate="raises"), Settings(batch_size=4, age=130), 25)
def test_poller_and_model_agree(changes: list[Change], given: Settings, pace: int) -> None:
    records = numbered(changes)
    assert deliver(records, given, pace=pace) == play(records, given, now=START + LATER, pace=pace)


def test_the_model_plays_the_worked_sequences() -> None:
    """Of the developer guide's rules, written out by hand: halves cost no retry, progress begins a new budget."""
    raises = numbered(eight(guilty=5, fate="raises"))
    bisected = play(raises, Settings(batch_size=8, retries=1, bisect=True), now=START + LATER, pace=0)
    assert bisected == Outcome(
        invokes=[[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [5], [6], [7, 8]],
        discards=[([5], "RetryAttemptsExhausted", 2)],
        checkpoint=8,
    )
    reported = numbered(eight(guilty=5, fate="reported"))
    partial = play(reported, Settings(batch_size=8, retries=3, partial=True), now=START + LATER, pace=0)
    assert partial.invokes == [[1, 2, 3, 4, 5, 6, 7, 8], *[[5, 6, 7, 8]] * 4]
    assert partial.discards == [([5, 6, 7, 8], "RetryAttemptsExhausted", 4)]
    blocked = play(raises, Settings(batch_size=4), now=START + LATER, pace=0)
    assert (blocked.checkpoint, blocked.stuck, blocked.discards) == (4, True, [])
