"""A DynamoDB stream in memory: shards that split and roll, iterators that expire, records that are trimmed.

It answers like boto3's `dynamodbstreams` client (StreamsApi), by the clock that it is given. Where AWS's pages leave it
open, it does as DynamoDB Local does.
"""

from __future__ import annotations

import base64
import hashlib
import json
from copy import deepcopy
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from harness.stores.streams_api import ExpiredIterator, StreamGone, Unreachable
from harness.streams.record import compact
from harness.streams.simulation.shard import RETENTION, Refused, SimulatedShard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.clock import Clock

#: Seconds that an iterator can be used (API_streams_GetShardIterator).
ITERATOR_LIFE = 15 * 60
_LARGEST_PAGE = 1000
_SHARDS_IN_PAGE = 100
#: How many values keys are hashed to.
_HASHES = 1 << 32
#: Numbers that it gives have 21 digits from the first on.
_FIRST_NUMBER = 10**20


class SimulatedStream:
    """A table's stream. Implements StreamsApi."""

    def __init__(  # noqa: PLR0913 - what a stream is known by
        self,
        clock: Clock,
        *,
        table: str = "simulated",
        region: str = "us-east-1",
        account: str = "123456789012",
        view_type: str = "NEW_AND_OLD_IMAGES",
        shards: int = 1,
    ) -> None:
        """Start with so many open shards, each for as large a part of the items."""
        self._clock, self._region, self._table, self._view_type = clock, region, table, view_type
        label = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        self.arn = f"arn:aws:dynamodb:{region}:{account}:table/{table}/stream/{label}"
        #: While set, every call fails as if nobody listened.
        self.unreachable = False
        self._disabled_at: float | None = None
        self._opened = 0
        self._shards: dict[str, SimulatedShard] = {}
        self._open_between(0, _HASHES, shards)

    @property
    def open_shards(self) -> tuple[str, ...]:
        """Ids of the shards that are written to."""
        return tuple(shard.shard_id for shard in self._shards.values() if shard.ending is None)

    def put(self, record: Mapping[str, Any], shard: str | None = None) -> str:
        """Append a record in the shape of boto3's GetRecords, and return its sequence number.

        It goes to the open shard that its keys belong to, or to the one named. Where the record has no
        `SequenceNumber`, `ApproximateCreationDateTime`, `StreamViewType` or `SizeBytes`, or misses an outer field other
        than `eventName`, it is given one. How long it is kept goes by when it was put. Raises Refused for a sequence
        number that is not larger than the last one in its shard, and where no such shard is open.
        """
        given = deepcopy(dict(record))
        place = self._writable(given["dynamodb"]["Keys"], shard)
        last = max(_FIRST_NUMBER, *(each.last for each in self._shards.values()))
        change = {
            "SequenceNumber": f"{last + 1:021d}",
            "ApproximateCreationDateTime": datetime.fromtimestamp(int(self._clock.now()), UTC),
            "StreamViewType": self._view_type,
            "SizeBytes": 0,
        } | given["dynamodb"]
        number = str(change["SequenceNumber"])
        outer = {
            "eventID": hashlib.sha256(f"{self.arn} {number}".encode()).hexdigest()[:32],
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": self._region,
        }
        place.append(outer | given | {"dynamodb": change}, now=self._clock.now())
        return number

    def close_shard(self, shard: str, *, children: int = 1) -> tuple[str, ...]:
        """Close a shard and open its children, each for a part of its items: 1 as it is rolled, 2 as it is split.

        There is no merging: a shard names one parent.
        """
        old = self._writable({}, shard)
        old.close(self._clock.now())
        return self._open_between(old.low, old.high, children, old)

    def split(self, shard: str) -> tuple[str, ...]:
        """Close a shard and open two children."""
        return self.close_shard(shard, children=2)

    def disable(self) -> None:
        """Switch it off, as deleting the table does: its shards close, and what they hold stays for 24 hours."""
        self._disabled_at = self._clock.now()
        for shard_id in self.open_shards:
            self._shards[shard_id].close(self._disabled_at)

    def describe_stream(self, **parameters: Any) -> dict[str, Any]:
        """DescribeStream: StreamArn, Limit, ExclusiveStartShardId."""
        self._answer(parameters["StreamArn"])
        start = parameters.get("ExclusiveStartShardId", "")
        shards = [shard for shard_id, shard in self._shards.items() if shard_id > start]
        page = shards[: parameters.get("Limit", _SHARDS_IN_PAGE)]
        more = {"LastEvaluatedShardId": page[-1].shard_id} if len(page) < len(shards) else {}
        description = {
            "StreamArn": self.arn,
            "StreamLabel": self.arn.rpartition("/")[2],
            "StreamStatus": "ENABLED" if self._disabled_at is None else "DISABLED",
            "StreamViewType": self._view_type,
            "TableName": self._table,
            "Shards": [shard.described() for shard in page],
        }
        return {"StreamDescription": description | more}

    def get_shard_iterator(self, **parameters: Any) -> dict[str, Any]:
        """GetShardIterator: StreamArn, ShardId, ShardIteratorType, SequenceNumber."""
        self._answer(parameters["StreamArn"])
        shard = self._shard(parameters["ShardId"])
        number = parameters.get("SequenceNumber")
        after = shard.place(parameters["ShardIteratorType"], None if number is None else int(number))
        return {"ShardIterator": self._iterator(shard, after)}

    def get_records(self, **parameters: Any) -> dict[str, Any]:
        """GetRecords: ShardIterator, Limit."""
        limit = parameters.get("Limit", _LARGEST_PAGE)
        if not 1 <= limit <= _LARGEST_PAGE:
            raise Refused(f"Limit should be between 1 and {_LARGEST_PAGE}, not {limit}")
        arn, shard_id, after, issued_at = _parts(parameters["ShardIterator"])
        self._answer(arn)
        shard = self._shard(shard_id)
        age = self._clock.now() - issued_at
        if age > ITERATOR_LIFE:
            raise ExpiredIterator(f"the iterator is {age:.0f} s old")
        page, following = shard.page(after, limit)
        more = {} if following is None else {"NextShardIterator": self._iterator(shard, following)}
        return {"Records": page} | more

    def _open_between(self, low: int, high: int, count: int, parent: SimulatedShard | None = None) -> tuple[str, ...]:
        bounds = [low + (high - low) * number // count for number in range(count + 1)]
        opened = []
        for begin, end in pairwise(bounds):
            self._opened += 1
            shard = SimulatedShard(
                shard_id=f"shardId-{self._opened:020d}-{begin:08x}",
                parent_id=None if parent is None else parent.shard_id,
                low=begin,
                high=end,
                before=0 if parent is None or parent.ending is None else parent.ending,
            )
            self._shards[shard.shard_id] = shard
            opened.append(shard.shard_id)
        return tuple(opened)

    def _writable(self, keys: Mapping[str, Any], shard_id: str | None) -> SimulatedShard:
        at = int.from_bytes(hashlib.sha256(repr(sorted(keys.items())).encode()).digest()[:4], "big")
        for name in self.open_shards:
            shard = self._shards[name]
            if shard_id == name or (shard_id is None and shard.low <= at < shard.high):
                return shard
        raise Refused(f"no open shard {shard_id or ''} in {self.arn}; open: {', '.join(self.open_shards) or 'none'}")

    def _shard(self, shard_id: str) -> SimulatedShard:
        if shard_id not in self._shards:
            raise StreamGone(f"Shard does not exist: {shard_id}")
        return self._shards[shard_id]

    def _answer(self, arn: str) -> None:
        """Be there, or not; and forget what is older than 24 hours."""
        if self.unreachable:
            raise Unreachable(f"{self.arn} is told not to answer")
        now = self._clock.now()
        if arn != self.arn or (self._disabled_at is not None and now - self._disabled_at > RETENTION):
            raise StreamGone(f"Stream: {arn} not found")
        for shard in [*self._shards.values()]:
            shard.trim(now)
            if shard.ending is not None and now - shard.closed_at > RETENTION:
                del self._shards[shard.shard_id]

    def _iterator(self, shard: SimulatedShard, after: int) -> str:
        parts = compact([self.arn, shard.shard_id, after, self._clock.now()])
        return base64.b64encode(parts.encode()).decode("ascii")


def _parts(iterator: str) -> tuple[str, str, int, float]:
    try:
        arn, shard_id, after, issued_at = json.loads(base64.b64decode(iterator, validate=True))
    except (TypeError, ValueError) as exc:
        raise Refused(f"Invalid ShardIterator: {iterator}") from exc
    return arn, shard_id, after, issued_at
