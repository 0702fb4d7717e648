"""A plain poller: reads a table's stream from its oldest record and hands it, batch by batch, to a handler."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from harness.errors import HarnessError
from harness.streams.event import Source, to_lambda_event
from harness.streams.inline import invoke

if TYPE_CHECKING:
    from collections.abc import Callable

    #: What a batch is handed to, as Lambda calls it: `handler(event, context)`.
    Handler = Callable[[dict[str, Any], object], Any]

log = logging.getLogger(__name__)

#: GetRecords refuses more.
_LARGEST_PAGE = 1000


class NotDelivered(HarnessError):
    """The handler did not come to an end with what the stream holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What was handed to the handler, and how that went."""

    #: Records that the handler was done with.
    records: int = 0
    #: Batches that they came in.
    batches: int = 0
    #: Calls of the handler; more than batches where one was retried.
    invokes: int = 0
    #: Calls that raised.
    failures: int = 0

    def __add__(self, other: Delivery) -> Delivery:
        return Delivery(
            records=self.records + other.records,
            batches=self.batches + other.batches,
            invokes=self.invokes + other.invokes,
            failures=self.failures + other.failures,
        )


@dataclass(slots=True)
class _Shard:
    """How far a shard is done."""

    shard_id: str
    parent_id: str | None
    #: Sequence number of the last record that the handler was done with.
    position: str | None = None
    #: Closed, and every record done.
    finished: bool = False


@dataclass(kw_only=True)
class Poller:
    """Reads one stream for one handler. It keeps its place, so that each record is delivered once."""

    #: A boto3 `dynamodbstreams` client.
    client: Any
    source: Source
    handler: Handler
    name: str = "handler"
    batch_size: int = 100
    #: Calls of the handler for one batch before it counts as failed.
    attempts: int = 5
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _shards: dict[str, _Shard] = field(default_factory=dict)

    def drain(self, *, at_most: int = 100_000) -> Delivery:
        """Deliver until nothing is left: neither what was there, nor what the handler itself wrote meanwhile.

        Raises NotDelivered when a batch keeps failing, or when there is no end after `at_most` records.
        """
        total = Delivery()
        while True:
            finished = self._finished()
            delivery = self.poll_once()
            if not delivery.records and self._finished() == finished:
                return total
            total += delivery
            if total.records > at_most:
                raise NotDelivered(
                    f"{self.name}: no end of the stream after {total.records} records: every batch makes new ones",
                    hint="look at what the handler writes: its own records must not make it write again",
                )

    def poll_once(self) -> Delivery:
        """Hand over one batch of each shard whose parent is finished; nothing where a shard has nothing new."""
        self._discover()
        total = Delivery()
        for shard in self._shards.values():
            parent = self._shards.get(shard.parent_id or "")
            if shard.finished or (parent is not None and not parent.finished):
                continue
            page = self.client.get_records(
                ShardIterator=self._iterator(shard), Limit=min(self.batch_size, _LARGEST_PAGE)
            )
            if page["Records"]:
                total += self._deliver(page["Records"])
                shard.position = page["Records"][-1]["dynamodb"]["SequenceNumber"]
            shard.finished = not page.get("NextShardIterator")
        return total

    def _finished(self) -> int:
        return sum(shard.finished for shard in self._shards.values())

    def _discover(self) -> None:
        parameters = {"StreamArn": self.source.arn}
        while True:
            description = self.client.describe_stream(**parameters)["StreamDescription"]
            for shard in description["Shards"]:
                shard_id = shard["ShardId"]
                self._shards.setdefault(shard_id, _Shard(shard_id, shard.get("ParentShardId")))
            if not description.get("LastEvaluatedShardId"):
                return
            parameters["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]

    def _iterator(self, shard: _Shard) -> str:
        """Take a new one for each pass: they expire after 15 minutes."""
        at: dict[str, str] = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard.position is not None:
            at = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": shard.position}
        answer = self.client.get_shard_iterator(StreamArn=self.source.arn, ShardId=shard.shard_id, **at)
        return str(answer["ShardIterator"])

    def _deliver(self, batch: list[dict[str, Any]]) -> Delivery:
        seen_at = self.clock()
        for failures in range(self.attempts):
            event = to_lambda_event(batch, self.source, seen_at=seen_at)
            error = invoke(self.handler, event, name=self.name).error
            if error is None:
                return Delivery(records=len(batch), batches=1, invokes=failures + 1, failures=failures)
            log.info("%s raised %r on a batch of %d records", self.name, error, len(batch))
        raise NotDelivered(
            f"{self.name} raised on each of {self.attempts} calls with a batch of {len(batch)} records, the last time:\n"
            + "".join(traceback.format_exception(error)).rstrip(),
            hint="mend the handler; on AWS this batch would now be retried until it expires and block its shard",
        )
