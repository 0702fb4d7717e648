"""Reads one shard from a position to its end, whatever happens to iterators and old records meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.stores.streams_api import ExpiredIterator, StreamGone, TrimmedData
from harness.streams.caution import Caution
from harness.streams.event import to_lambda_record
from harness.streams.record import Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.stores.streams_api import StreamsApi
    from harness.streams.clock import Clock
    from harness.streams.emulation import Emulation
    from harness.streams.event import Source
    from harness.streams.reading.forest import Shard

#: GetRecords refuses more.
LARGEST_PAGE = 1000
#: What GetRecords returns at most on AWS, in bytes (API_streams_GetRecords).
LARGEST_PAGE_BYTES = 1024 * 1024
#: A kept iterator, and a fresh one after it was refused.
_TRIES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one look at a shard gave."""

    #: In the order of the stream. None may be there although more will come.
    records: tuple[Record, ...] = ()
    #: The shard is closed and these were its last records.
    exhausted: bool = False
    cautions: tuple[Caution, ...] = ()


class ShardReader:
    """Reads one shard; keeps its iterator from page to page."""

    def __init__(  # noqa: PLR0913 - what a reader stands on
        self,
        api: StreamsApi,
        source: Source,
        shard: Shard,
        *,
        after: str | None,
        emulation: Emulation,
        clock: Clock,
    ) -> None:
        """Begin behind the record with sequence number `after`, or with the oldest one where that is None."""
        self.shard_id = shard.shard_id
        #: A page has told that it was the last one.
        self.exhausted = False
        self._api, self._source, self._shard = api, source, shard
        self._after = after
        self._emulation, self._clock = emulation, clock
        self._iterator: str | None = None
        #: The engine has no more, though some may be held back.
        self._ended = False
        #: Converted, and held back because the page was larger than AWS's.
        self._held: tuple[Record, ...] = ()
        self._cautions: list[Caution] = []

    def read(self, limit: int) -> Page:
        """Return at most `limit` records, and at most 1,000, that come next.

        Raises StreamGone when the engine doesn't know the shard, Unreachable when nobody answers; the place is kept.
        """
        limit = min(limit, LARGEST_PAGE)
        records = self._held or self._converted(self._fetch(limit))
        cut = min(limit, len(records))
        if self._emulation.strict_paging_1mb:
            cut = min(cut, _fitting(records))
        self._held = records[cut:]
        cautions, self._cautions = tuple(self._cautions), []
        self.exhausted = self._ended and not self._held
        return Page(records=records[:cut], exhausted=self.exhausted, cautions=cautions)

    def end(self) -> None:
        """Take it for exhausted: the engine has forgotten it."""
        self.exhausted = self._ended = True

    def skip_to_end(self) -> str | None:
        """Pass over what is there now; return the sequence number of its last record, or None without one."""
        while self._fetch(LARGEST_PAGE):
            pass
        return self._after

    def _fetch(self, limit: int) -> Sequence[dict[str, Any]]:
        for _ in range(_TRIES):
            kept = self._iterator
            if not self._ended:
                self._iterator = kept or self._seek()
            if self._iterator is None:
                self._ended = True
                return ()
            try:
                return self._next(limit)
            except (ExpiredIterator, TrimmedData, StreamGone) as exc:
                self._iterator = None
                if isinstance(exc, TrimmedData):
                    self._lose("the records that came next were trimmed before they were read")
                elif isinstance(exc, StreamGone) and kept is None:
                    raise
                # DynamoDB Local says StreamGone of iterators that it doesn't understand any more, too.
        return ()

    def _next(self, limit: int) -> Sequence[dict[str, Any]]:
        answer = self._api.get_records(ShardIterator=self._iterator, Limit=limit)
        records: Sequence[dict[str, Any]] = answer["Records"]
        if records:
            self._after = records[-1]["dynamodb"]["SequenceNumber"]
        self._iterator = answer.get("NextShardIterator")
        self._ended = not self._iterator
        return records

    def _seek(self) -> str | None:
        """Return an iterator for the record after the last one READ; None where a closed shard has nothing left."""
        if self._after is not None:
            try:
                return self._iterator_at("AFTER_SEQUENCE_NUMBER", SequenceNumber=self._after)
            except TrimmedData:
                self._lose(f"record {self._after}, the last one that was read, is trimmed, and perhaps more behind it")
        try:
            return self._iterator_at("TRIM_HORIZON")
        except TrimmedData:
            # So says DynamoDB Local when every record of the shard is trimmed.
            if self._shard.closed:
                return None
        end = self._iterator_at("LATEST")
        try:
            # A record may have come between the two questions: then it is the oldest one.
            return self._iterator_at("TRIM_HORIZON")
        except TrimmedData:
            return end

    def _iterator_at(self, kind: str, **at: str) -> str:
        answer = self._api.get_shard_iterator(
            StreamArn=self._source.arn, ShardId=self.shard_id, ShardIteratorType=kind, **at
        )
        return str(answer["ShardIterator"])

    def _lose(self, what: str) -> None:
        text = f"{self.shard_id}: {what}; a stream keeps its records for 24 hours. Reading goes on with the oldest left"
        numbers = () if self._after is None else (self._after,)
        self._cautions.append(Caution(code="records-trimmed", text=text, sequence_numbers=numbers))
        self._after = None

    def _converted(self, records: Sequence[dict[str, Any]]) -> tuple[Record, ...]:
        if not records:
            return ()
        seen_at = datetime.fromtimestamp(self._clock.now(), UTC)
        canonical = self._emulation.canonical_numbers
        return tuple(
            Record.of(self.shard_id, to_lambda_record(each, self._source, seen_at=seen_at, canonical_numbers=canonical))
            for each in records
        )


def _fitting(records: Sequence[Record]) -> int:
    """Return how many of them AWS would have put into one page; the first one whatever its size."""
    total = 0
    for count, record in enumerate(records):
        total += record.size
        if count and total > LARGEST_PAGE_BYTES:
            return count
    return len(records)
