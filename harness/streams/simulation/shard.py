"""One shard of a stream in memory: what it holds, and where reading it may begin."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Any

from harness.stores.streams_api import TrimmedData

#: Seconds that records are kept (developer guide, "Change data capture for DynamoDB Streams").
RETENTION = 24 * 3600


class Refused(ValueError):
    """What DynamoDB Streams answers with a ValidationException."""


@dataclass(slots=True, kw_only=True)
class SimulatedShard:
    """Records with rising numbers, from one that comes after `before`."""

    shard_id: str
    parent_id: str | None
    #: Items whose key hashes into `[low, high)` are written here.
    low: int
    high: int
    before: int
    #: Number that it ended with; None while it is open.
    ending: int | None = None
    closed_at: float = 0.0
    #: Number of the last record that was trimmed.
    trimmed: int | None = None
    #: What is still there, oldest first, and beside it each one's number and the instant it came.
    records: list[dict[str, Any]] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _instants: list[float] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Number of the newest record, trimmed or not; before the first one, the number that it comes after."""
        if self._numbers:
            return self._numbers[-1]
        return self.before if self.trimmed is None else self.trimmed

    def append(self, record: dict[str, Any], *, now: float) -> None:
        """Take a record. Raises Refused for a number that does not rise."""
        number = int(record["dynamodb"]["SequenceNumber"])
        if number <= self.last:
            raise Refused(f"sequence number {number} comes after {self.last} in {self.shard_id}: numbers rise")
        self.records.append(record)
        self._numbers.append(number)
        self._instants.append(now)

    def close(self, now: float) -> None:
        """Take no more. An idle shard, too, uses up a number."""
        self.ending, self.closed_at = max(self.last, self.before + 1), now

    def trim(self, now: float) -> None:
        """Forget what is older than 24 hours."""
        count = bisect_left(self._instants, now - RETENTION)
        if count:
            self.trimmed = self._numbers[count - 1]
            for kept in (self.records, self._numbers, self._instants):
                del kept[:count]

    def place(self, kind: str, number: int | None) -> int:
        """Return the number after which an iterator of this kind begins to read."""
        match kind:
            case "LATEST":
                return self.last
            case "TRIM_HORIZON":
                if self.trimmed is not None and not self.records:
                    raise TrimmedData(f"{self.shard_id} has no record left")
                return self.before if self.trimmed is None else self.trimmed
            case "AT_SEQUENCE_NUMBER" | "AFTER_SEQUENCE_NUMBER":
                if number is None or number <= self.before:
                    raise Refused(f"Invalid SequenceNumber for the shard: {number} is none of {self.shard_id}")
                self._refuse_trimmed(number - 1)
                return number - 1 if kind == "AT_SEQUENCE_NUMBER" else number
        raise Refused(f"Invalid ShardIteratorType: {kind}")

    def page(self, after: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
        """Return the records after a number, and the number that the next page comes after; None at the shard's end."""
        self._refuse_trimmed(after)
        start = bisect_right(self._numbers, after)
        page = self.records[start : start + limit]
        end = start + len(page)
        if self.ending is not None and end == len(self.records):
            return page, None
        return page, self._numbers[end - 1] if page else after

    def described(self) -> dict[str, Any]:
        """Return what DescribeStream says of it."""
        numbers = {"StartingSequenceNumber": f"{self.before + 1:021d}"}
        if self.ending is not None:
            numbers["EndingSequenceNumber"] = f"{self.ending:021d}"
        parent = {"ParentShardId": self.parent_id} if self.parent_id else {}
        return {"ShardId": self.shard_id, "SequenceNumberRange": numbers} | parent

    def _refuse_trimmed(self, after: int) -> None:
        if self.trimmed is not None and after < self.trimmed:
            raise TrimmedData(f"what comes after {after} in {self.shard_id} is trimmed")
