"""A `dynamodbstreams` client in memory: shards that can be closed and followed by a child."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/2026-11-22T01:51:58.702"
STAMP = datetime(2026, 11, 22, 1, 51, tzinfo=UTC)


def stream_record(number: int, *, text: str = "") -> dict[str, Any]:
    """A record as boto3 gives it for DynamoDB Local."""
    keys = {"pk": {"S": f"MSG#{number}"}, "sk": {"S": "1"}}
    return {
        "eventID": f"58d755f3-d095-4596-86c3-{number:012d}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "ddblocal",
        "dynamodb": {
            "ApproximateCreationDateTime": STAMP,
            "Keys": keys,
            "NewImage": keys | {"message": {"S": text}},
            "SequenceNumber": f"{number:021d}",
            "SizeBytes": 0,
            "StreamViewType": "NEW_IMAGE",
        },
    }


@dataclass
class Shard:
    parent: str | None = None
    closed: bool = False
    records: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class FakeStreams:
    """Pages of DescribeStream hold one shard each, children before their parents."""

    shards: dict[str, Shard] = field(default_factory=lambda: {"s1": Shard()})
    limits: list[int] = field(default_factory=list)
    _last: int = 0

    def write(self, shard: str = "s1", count: int = 1) -> None:
        for _ in range(count):
            self._last += 1
            self.shards[shard].records.append(stream_record(self._last))

    def describe_stream(self, *, StreamArn: str, ExclusiveStartShardId: str | None = None) -> dict[str, Any]:  # noqa: N803
        assert StreamArn == ARN, "the engine knows its own ARN only"
        names = sorted(self.shards, reverse=True)
        at = names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0
        parent = self.shards[names[at]].parent
        shard = {"ShardId": names[at]} | ({"ParentShardId": parent} if parent else {})
        more = {"LastEvaluatedShardId": names[at]} if at + 1 < len(names) else {}
        return {"StreamDescription": {"Shards": [shard]} | more}

    def get_shard_iterator(self, *, StreamArn: str, ShardId: str, ShardIteratorType: str, **at: str) -> dict[str, str]:  # noqa: N803
        assert StreamArn == ARN
        records = self.shards[ShardId].records
        if ShardIteratorType == "TRIM_HORIZON":
            return {"ShardIterator": f"{ShardId}:0"}
        assert ShardIteratorType == "AFTER_SEQUENCE_NUMBER"
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        return {"ShardIterator": f"{ShardId}:{numbers.index(at['SequenceNumber']) + 1}"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> dict[str, Any]:  # noqa: N803
        self.limits.append(Limit)
        name, _, text = ShardIterator.partition(":")
        shard, start = self.shards[name], int(text)
        page = shard.records[start : start + Limit]
        end = start + len(page)
        following = {} if shard.closed and end == len(shard.records) else {"NextShardIterator": f"{name}:{end}"}
        return {"Records": page} | following
