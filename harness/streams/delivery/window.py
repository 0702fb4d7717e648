"""Tumbling windows: the grid they stand on, how they end, and the state that each carries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any

from harness.streams.invocation import Invocation, Tumble, Window
from harness.streams.record import compact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: A state that is larger ends its window (1 MB a shard, by the Lambda guide's page on stateful processing).
STATE_LIMIT = 1024 * 1024


def window_of(created_at: float, seconds: int) -> Window | None:
    """Return the window that a record belongs to, on a grid that begins with the epoch; None without windows."""
    if not seconds:
        return None
    start = int(created_at // seconds) * seconds
    return Window(start=start, end=start + seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWindow:
    """A window that had records and not yet its final invocation."""

    window: Window
    #: What the function returned last; {} before that.
    state: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A final invocation that is due and has not succeeded: the limits of its retries reach beyond a process."""

    window: Window
    #: Calls that reached the function.
    attempts: int
    #: When it came to be due, in epoch seconds: it has no record whose age could count.
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneWindows:
    """What a lane carries from call to call: with it, the next process goes on where this one ended."""

    lane: int
    #: Oldest first.
    open: tuple[OpenWindow, ...] = ()
    #: End of the latest window that had its final invocation, in epoch seconds; 0 before the first.
    ended_to: int = 0
    #: In the order in which they first failed.
    endings: tuple[Ending, ...] = ()


def with_endings(kept: Iterable[LaneWindows], now: Iterable[LaneWindows]) -> tuple[LaneWindows, ...]:
    """Return what was kept of each lane, but with the endings that it has now."""
    of_lane = {each.lane: replace(each, endings=()) for each in kept}
    for each in now:
        if each.endings:
            of_lane[each.lane] = replace(of_lane.get(each.lane, LaneWindows(lane=each.lane)), endings=each.endings)
    return tuple(of_lane[lane] for lane in sorted(of_lane))


@dataclass(slots=True)
class Reading:
    """How far the shard was read, which tells whether a window may still get records."""

    #: When the youngest record that was read, filtered out or not, was made.
    created_to: float = -inf
    #: When a look found nothing. Unknown before the first, since windows that a restart finds open may have records
    #: waiting; and after a look that found some: while memory is full, the next one may be long in coming.
    quiet_at: float = inf
    #: The shard is closed and wholly read.
    finished: bool = False

    def saw(self, created_to: float | None, now: float) -> None:
        """Note a look at the stream; None where it found nothing."""
        if created_to is None:
            self.quiet_at = min(self.quiet_at, now)
        else:
            self.created_to, self.quiet_at = max(self.created_to, created_to), inf

    def whole_at(self, window: Window) -> float:
        """Return when all of the window's records have been read.

        By the clock that is at its end; but a reader that is behind must not end a window it is in the middle of.
        """
        if self.finished or self.created_to >= window.end:
            return -inf
        return max(window.end, self.quiet_at)


class Windows:
    """The windows of one lane that have state. Late records may make it more than one."""

    def __init__(self, kept: LaneWindows | None = None) -> None:
        """Go on with what an earlier process kept."""
        self._states: dict[Window, Any] = {each.window: each.state for each in kept.open} if kept else {}
        self._ended_to = kept.ended_to if kept else 0
        self._endings: dict[Window, Ending] = {each.window: each for each in kept.endings} if kept else {}

    def __iter__(self) -> Iterator[Window]:
        """Oldest first."""
        return iter(sorted(self._states, key=lambda window: window.start))

    def __len__(self) -> int:
        return len(self._states)

    @property
    def outgrown(self) -> list[Window]:
        """Those whose state is too large: their early end is due, or was when the process ended."""
        return [window for window in self if _size(self._states[window]) > STATE_LIMIT]

    def kept(self, lane: int) -> LaneWindows | None:
        """Return what must outlive the process; None where there is nothing."""
        if not (self._states or self._ended_to or self._endings):
            return None
        still_open = tuple(OpenWindow(window=window, state=self._states[window]) for window in self)
        endings = tuple(self._endings.values())
        return LaneWindows(lane=lane, open=still_open, ended_to=self._ended_to, endings=endings)

    def tumble(self, window: Window | None, *, final: bool = False, early: bool = False) -> Tumble | None:
        """Return what the next event of the window carries; None without windows."""
        if window is None:
            return None
        return Tumble(window=window, state=self._states.get(window, {}), final=final, terminated_early=early)

    def open(self, window: Window) -> bool:
        """Open it, unless it is open; return whether it had ended before."""
        late = window not in self._states and window.end <= self._ended_to
        self._states.setdefault(window, {})
        return late

    def keep(self, window: Window, state: Any) -> int:
        """Carry what the function returned to the window's next event; return its bytes."""
        self._states[window] = state
        return _size(state)

    def bytes_beside(self, window: Window, shard_id: str, stream_arn: str) -> int:
        """Return the bytes of the window's next event, but for its records."""
        event = Invocation(lane=0, shard_id=shard_id, records=(), attempt=1, tumble=self.tumble(window))
        return len(compact(event.event(stream_arn)).encode())

    def ending(self, window: Window, now: float) -> Ending:
        """Return how far its final invocation has come, which may be due only now."""
        return self._endings.get(window, Ending(window=window, attempts=0, since=now))

    def put_off(self, ending: Ending) -> None:
        """Note that a final invocation failed, or could not be made, and will be tried again."""
        self._endings[ending.window] = ending

    def end(self, window: Window, *, early: bool) -> None:
        """Forget the state. After an early end the window may open again, and that is not late."""
        del self._states[window]
        self._endings.pop(window, None)
        if not early:
            self._ended_to = max(self._ended_to, window.end)


def _size(state: Any) -> int:
    return len(compact(state).encode())
