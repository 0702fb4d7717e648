"""Random records, outcomes and settings: the poller and a plain model of the mapping agree on all that can be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.streams.journal import Invoked
from tests.unit.streams.model import FOREVER, Change, Outcome, Script, Settings, batches, play
from tests.unit.streams.played import SMALL, START, Real, lane_of, limited, mapping_of, size_of

#: The young records come so much later than the old ones.
LATER = 100
#: Bytes of padding that records may have.
LARGE = 300


def deliver(
    changes: dict[int, Change], given: Settings, *, pace: int, paddings: dict[int, int]
) -> tuple[dict[int, Outcome], int]:
    """The same as the model's `play`, through all of the real thing."""
    real = Real(mapping_of(given), given, pace=pace)
    for number, change in changes.items():
        real.put(number, change, paddings[number])
    real.clock.at = START + LATER
    real.plays(Script(changes))
    with limited(event=given.limit):
        stuck = real.drain() if given.lanes == 1 else real.drain_lanes()
    outcomes = {lane: Outcome() for lane in range(given.lanes)}
    calls = [entry for entry in real.entries if isinstance(entry, Invoked)]
    sent = [[record["dynamodb"]["SequenceNumber"] for record in event["Records"]] for event in real.function.events]
    assert [[record.sequence_number for record in call.invocation.records] for call in calls] == sent[: len(calls)]
    for call in calls:
        outcome = outcomes[call.invocation.lane]
        if not outcome.stuck:
            outcome.invokes.append(real.numbered(call.invocation.records))
            outcome.stuck = call.settled.stuck
    assert stuck == any(outcome.stuck for outcome in outcomes.values()), "told, and ended"
    for lane, discard in real.discards:
        outcomes[lane].discards.append(discard)
    return outcomes, real.checkpoint


#: Instants of changes: on a limit of MaximumRecordAgeInSeconds, before it, behind it.
INSTANTS = [START, START, START + LATER - 60, START + LATER, START + LATER]
#: Mostly fine: a batch goes as its gravest record does, and one that is stuck ends its lane.
FATES = ["fine"] * 8 + ["raises"] * 3 + ["reported"] * 3 + ["nonsense", "throttled"]
CHANGES = st.builds(
    Change,
    made_at=st.sampled_from(INSTANTS),
    passes=st.sampled_from([True, True, True, True, False]),
    fate=st.sampled_from(FATES),
    times=st.sampled_from([1, 1, 2, 3, FOREVER]),
    item=st.integers(0, 7),
)
#: Exactly so many small records go into an event, or one byte is missing or over.
LIMITS = st.builds(
    lambda count, more: len('{"Records":[]}') + count * SMALL + (count - 1) + more,
    st.sampled_from([1, 3, 4, 5]),
    st.sampled_from([-1, 0, 1]),
)
SETTINGS = st.builds(
    Settings,
    batch_size=st.sampled_from([1, 2, 3, 5, 7, 9]),
    retries=st.sampled_from([0, 1, 2, 3, -1]),
    age=st.sampled_from([-1, -1, 60, 110]),
    bisect=st.sampled_from([True, False]),
    partial=st.sampled_from([True, False]),
    limit=st.just(6 * 1024 * 1024) | LIMITS,
)
PADDINGS = st.lists(st.sampled_from([0, 0, 0, 1, LARGE]), min_size=20, max_size=20)


def numbered(changes: list[Change], given: Settings, paddings: list[int]) -> dict[int, Change]:
    """Put them into the stream's order, and tell the model what it can't know."""
    ordered = enumerate(sorted(changes, key=lambda change: change.made_at), 1)
    return {
        number: replace(change, lane=lane_of(change.item, given.lanes), size=size_of(change, paddings[number - 1]))
        for number, change in ordered
    }


def agree(changes: list[Change], given: Settings, paddings: list[int], *, pace: int) -> None:
    records = numbered(changes, given, paddings)
    padded = {number: paddings[number - 1] for number in records}
    assert deliver(records, given, pace=pace, paddings=padded) == play(records, given, now=START + LATER, pace=pace)


def eight(*, guilty: int, fate: Any, times: int = FOREVER) -> list[Change]:
    at = START + LATER
    return [
        Change(made_at=at, fate=fate, times=times) if number == guilty else Change(made_at=at) for number in range(1, 9)
    ]


NONE = [0] * 20
#: Not reached at first, and then poison: the calls that reached nothing must not go on counting.
BUSY = [Change(made_at=START, fate="throttled", times=1), Change(made_at=START, fate="raises")]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(CHANGES, max_size=5) | st.lists(CHANGES, min_size=8, max_size=16),
    SETTINGS,
    PADDINGS,
    st.sampled_from([0, 0, 25]),
)
@example(eight(guilty=5, fate="raises"), Settings(batch_size=8, retries=1, bisect=True), NONE, 0)
@example(eight(guilty=5, fate="reported"), Settings(batch_size=8, retries=3, partial=True), NONE, 0)
@example(eight(guilty=5, fate="raises"), Settings(batch_size=4, age=130), NONE, 25)
@example(BUSY, Settings(), NONE, 0)
def test_poller_and_model_agree(changes: list[Change], given: Settings, paddings: list[int], pace: int) -> None:
    agree(changes, given, paddings, pace=pace)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(CHANGES, max_size=8) | st.lists(CHANGES, min_size=12, max_size=20), SETTINGS, PADDINGS, st.integers(2, 4)
)
def test_they_agree_on_each_of_several_lanes(
    changes: list[Change], given: Settings, paddings: list[int], lanes: int
) -> None:
    """Calls take no time here: which of two lanes is called first is nobody's business, and must not age the other."""
    agree(changes, replace(given, lanes=lanes), paddings, pace=0)


def test_the_model_plays_the_worked_sequences() -> None:
    """Of the developer guide's rules, written out by hand: halves cost no retry, progress begins a new budget."""
    now = START + LATER
    raises = dict(enumerate(eight(guilty=5, fate="raises"), 1))
    (bisected,), place = _played(raises, Settings(batch_size=8, retries=1, bisect=True), now)
    assert bisected == Outcome(
        invokes=[[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4], [5, 6, 7, 8], [5, 6], [5], [5], [6], [7, 8]],
        discards=[([5], "RetryAttemptsExhausted", 2)],
    )
    assert place == 8
    reported = dict(enumerate(eight(guilty=5, fate="reported"), 1))
    (partial,), _ = _played(reported, Settings(batch_size=8, retries=3, partial=True), now)
    assert partial.invokes == [[1, 2, 3, 4, 5, 6, 7, 8], *[[5, 6, 7, 8]] * 4]
    assert partial.discards == [([5, 6, 7, 8], "RetryAttemptsExhausted", 4)]
    (blocked,), place = _played(raises, Settings(batch_size=4), now)
    assert (place, blocked.stuck, blocked.discards) == (4, True, [])


def test_the_model_keeps_lanes_apart_and_events_small() -> None:
    changes = {
        number: replace(change, lane=number % 2, size=10)
        for number, change in enumerate(eight(guilty=1, fate="raises"), 1)
    }
    (even, odd), place = _played(changes, Settings(lanes=2, batch_size=3), START + LATER)
    assert (even.invokes, odd.invokes, odd.stuck, place) == ([[2, 4, 6], [8]], [[1, 3, 5]] * 4, True, 0)
    # Two of them and a comma beside the envelope's 14 bytes.
    assert [*batches([1, 2, 3], changes, Settings(limit=35))] == [[1, 2], [3]]
    assert [*batches([1, 2, 3], changes, Settings(limit=34))] == [[1], [2], [3]]
    assert [*batches([1, 2], changes, Settings(limit=5))] == [[1], [2]]


def _played(changes: dict[int, Change], given: Settings, now: int) -> tuple[list[Outcome], int]:
    outcomes, place = play(changes, given, now=now)
    return [*outcomes.values()], place
