"""Tumbling windows on random records, late ones among them: the poller and a plain model agree on every call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.streams.model import FOREVER, Change, Fate, Script
from tests.unit.streams.played import SMALL, START, Real, compact, limited, mapping_of, size_of
from tests.unit.streams.window_model import Call, Play, Windowed


@dataclass
class Seen:
    """What can be seen of a delivery from outside."""

    calls: list[Call]
    discards: list[tuple[list[int], str, int]]
    checkpoint: int
    stuck: bool


def envelope(real: Real) -> int:
    """Return the bytes of an event without records and state, as AWS's page on windows shows one."""
    window = {"start": "2027-01-15T08:00:00Z", "end": "2027-01-15T08:00:00Z"}
    event = {"Records": [], "window": window, "state": 0, "shardId": real.stream.open_shards[0]}
    event |= {"eventSourceARN": "arn", "isFinalInvokeForWindow": False, "isWindowTerminatedEarly": False}
    return len(compact(event)) - 1


def call_of(event: dict[str, Any], batch: list[int], window: int) -> Call:
    start, end = (int(datetime.fromisoformat(event["window"][name]).timestamp()) for name in ("start", "end"))
    assert end - start == window
    return Call(
        records=batch,
        start=start,
        state=event["state"],
        final=event["isFinalInvokeForWindow"],
        early=event["isWindowTerminatedEarly"],
    )


def deliver(
    bursts: list[tuple[int, list[int]]],
    changes: dict[int, Change],
    paddings: dict[int, int],
    given: Windowed,
    endings: list[Fate],
) -> tuple[Seen, Windowed]:
    """Play it through all of the real thing; return also what the model has to know of an event's bytes."""
    real = Real(mapping_of(given, tumbling_window_in_seconds=given.window), given)
    # The limit is of what a first event with so many small records would take.
    given = replace(given, envelope=envelope(real), limit=given.limit + envelope(real))
    script, left, calls = Script(changes), iter(endings), list[Call]()

    def play(event: dict[str, Any], batch: list[int]) -> tuple[Fate, list[int]]:
        calls.append(call_of(event, batch, given.window))
        return script.answer(batch) if batch else (next(left, "fine"), [])

    real.function.script = play
    stuck = False
    with limited(event=given.limit, state=given.state_limit):
        for now, burst in bursts:
            for number in burst:
                real.put(number, changes[number], paddings[number])
            assert real.clock.at <= now, "the windows before are over"
            real.clock.at = now
            stuck = stuck or real.drain()
    discards = [discard for _, discard in real.discards]
    return Seen(calls=calls, discards=discards, checkpoint=real.checkpoint, stuck=stuck), given


def expected(
    bursts: list[tuple[int, list[int]]], changes: dict[int, Change], given: Windowed, endings: list[Fate]
) -> Seen:
    play = Play(changes=changes, given=given, endings=iter(endings))
    for now, burst in bursts:
        if not play.stuck:
            play.burst(now, burst)
    return Seen(calls=play.calls, discards=play.discards, checkpoint=play.checkpoint, stuck=play.stuck)


@dataclass(frozen=True, kw_only=True)
class Late:
    """A record, how many seconds after its change it is there, and its padding."""

    change: Change
    by: int = 0
    padding: int = 0


#: Mostly fine: a batch goes as its gravest record does, and one that is stuck ends it all.
FATES = ["fine"] * 10 + ["raises", "raises", "reported", "reported", "nonsense", "throttled", "silent"]
LATES = st.builds(
    Late,
    change=st.builds(
        Change,
        made_at=st.just(0),
        passes=st.sampled_from([True, True, True, True, False]),
        fate=st.sampled_from(FATES),
        times=st.sampled_from([1, 1, 2, 2, FOREVER]),
        item=st.integers(0, 2),
    ),
    by=st.sampled_from([0, 0, 0, 1, 10, 30, 60, 100]),
    padding=st.sampled_from([0, 0, 0, 1, 300]),
)
BURSTS = st.lists(
    st.lists(LATES, min_size=1, max_size=3) | st.lists(LATES, min_size=5, max_size=9), min_size=1, max_size=3
)
#: Some bytes beside so many small records: what a state takes when it holds a few.
LIMITS = st.builds(
    lambda records, more: records * SMALL + (records - 1) + more,
    st.integers(1, 3),
    st.sampled_from([-1, 0, 1, 2, 3, 4, 5, 6, 7]),
)
SETTINGS = st.builds(
    Windowed,
    batch_size=st.sampled_from([1, 2, 3, 4, 5, 7]),
    retries=st.sampled_from([0, 1, 2, -1]),
    age=st.sampled_from([-1, -1, 60]),
    bisect=st.sampled_from([True, False]),
    partial=st.sampled_from([True, False]),
    window=st.sampled_from([10, 30, 60]),
    # Numbers of one or two digits: from one record on to more than a window ever has.
    state_limit=st.sampled_from([1024, 2, 4, 5, 8]),
    limit=st.just(6 * 1024 * 1024) | LIMITS,
)
ENDINGS = st.lists(st.sampled_from(["fine", "fine", "fine", "raises", "throttled", "silent"]), max_size=12)
ONCE = [Late(change=Change(made_at=0))]


@settings(max_examples=500, deadline=None)
@given(BURSTS, SETTINGS, st.sampled_from([0, 1, 3, 23, 53]), ENDINGS)
@example([ONCE * 3], Windowed(batch_size=2), 0, ["raises", "silent", "throttled"])
@example([ONCE, [*ONCE, Late(change=Change(made_at=0), by=100)]], Windowed(), 0, [])
def test_poller_and_model_agree_on_windows(
    lates: list[list[Late]], given: Windowed, pause: int, endings: list[Fate]
) -> None:
    """Each burst has a record that was made just then: what is older is over because of it, not by the reader's pace."""
    numbers = count(1)
    bursts, changes, paddings = [], {}, {}
    for place, burst in enumerate(lates):
        now = START + place * (given.window + pause)
        burst[len(burst) // 2] = replace(burst[len(burst) // 2], by=0)
        mine = []
        for late in burst:
            mine.append(number := next(numbers))
            change = replace(late.change, made_at=now - late.by)
            changes[number] = replace(change, size=size_of(change, late.padding))
            paddings[number] = late.padding
        bursts.append((now, mine))
    seen, told = deliver(bursts, changes, paddings, given, endings)
    assert seen == expected(bursts, changes, told, endings)


def test_the_model_plays_the_worked_windows() -> None:
    """T60's records at 10, 20 and 35 seconds, and the rules of AWS's page on windows, written out by hand."""
    at = [10, 20, 35]
    changes = {number: Change(made_at=made_at) for number, made_at in enumerate(at, 1)}
    plain = expected([(35, [1, 2, 3])], changes, Windowed(batch_size=1), [])
    assert plain.calls == [
        Call(records=[1], start=0, state={}),
        Call(records=[2], start=0, state=[1]),
        Call(records=[], start=0, state=[1, 2], final=True),
        Call(records=[3], start=30, state={}),
        Call(records=[], start=30, state=[3], final=True),
    ]
    early = expected([(35, [1, 2, 3])], changes, Windowed(batch_size=1, state_limit=3), ["raises"])
    assert early.calls[2:5] == [
        *[Call(records=[], start=0, state=[1, 2], final=True, early=True)] * 2,
        Call(records=[3], start=30, state={}),
    ]
    given_up = expected([(35, [1, 2, 3])], changes, Windowed(retries=0), ["silent"])
    assert [call.final for call in given_up.calls] == [False, True, False, True]
    assert (given_up.discards, given_up.checkpoint) == ([], 3)
