"""How records become batches: the longest run, from the oldest on, that may go into one event."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from harness.streams.delivery.window import window_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.streams.invocation import Window
    from harness.streams.record import Record

#: 6 MB, Lambda's limit for the event of a synchronous invocation, as its guide counts megabytes.
EVENT_LIMIT = 6 * 1024 * 1024
#: Bytes of an event without records.
ENVELOPE = len('{"Records":[]}')
_COMMA = 1


class Buffer:
    """Records that were read and wait for their batch, oldest first. Each is looked at once, not once a look."""

    def __init__(self, *, batch_size: int, window_seconds: int) -> None:
        self._batch_size, self._window_seconds = batch_size, window_seconds
        self._batch: list[Record] = []
        self._event_bytes = ENVELOPE
        self._behind: deque[Record] = deque()
        self._of_window: Counter[Window | None] = Counter()
        #: Bytes of everything that waits.
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._batch) + len(self._behind)

    def add(self, record: Record) -> None:
        """Take a record that comes after all others."""
        self.bytes += record.size
        self._of_window[self._window(record)] += 1
        self._behind.append(record)
        self._fill()

    @property
    def complete(self) -> bool:
        """Whether the batch can't grow: it is full, or the next record doesn't go with it."""
        return len(self._batch) == self._batch_size or bool(self._behind)

    @property
    def window(self) -> Window | None:
        """The tumbling window that the batch belongs to; None without windows."""
        return self._window(self._batch[0])

    def holds(self, window: Window) -> bool:
        """Whether a record of the window waits here."""
        return self._of_window[window] > 0

    def take(self) -> tuple[Record, ...]:
        """Give the batch away, and begin the next one with what is left."""
        batch, self._batch, self._event_bytes = tuple(self._batch), [], ENVELOPE
        self.bytes -= sum(record.size for record in batch)
        window = self._window(batch[0])
        self._of_window[window] -= len(batch)
        self._of_window += Counter()  # forget the windows that nothing waits for
        self._fill()
        return batch

    def _fill(self) -> None:
        while self._behind and self._fits(self._behind[0]):
            record = self._behind.popleft()
            self._event_bytes += record.size + (_COMMA if self._batch else 0)
            self._batch.append(record)

    def _fits(self, record: Record) -> bool:
        # One that is too large for any event goes alone.
        return not self._batch or (
            len(self._batch) < self._batch_size
            and self._event_bytes + _COMMA + record.size <= EVENT_LIMIT
            and self._window(record) == self._window(self._batch[0])
        )

    def _window(self, record: Record) -> Window | None:
        return window_of(record.created_at, self._window_seconds)


def fitting(records: Sequence[Record], envelope: int) -> int:
    """Return how many records, at least one, an event can take whose other parts have so many bytes."""
    size = envelope - _COMMA
    for count, record in enumerate(records):
        size += _COMMA + record.size
        if size > EVENT_LIMIT:
            return max(count, 1)
    return len(records)


def too_large(records: Sequence[Record]) -> bool:
    """Whether a single record makes more than an event."""
    return len(records) == 1 and ENVELOPE + records[0].size > EVENT_LIMIT
