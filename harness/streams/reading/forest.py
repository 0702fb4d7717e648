"""A stream's shards, as DescribeStream lists them, and which of them may be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from harness.stores.streams_api import StreamsApi


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One shard; a table's every partition writes to its own, and a full or old one is followed by its children."""

    shard_id: str
    #: None for a root.
    parent_id: str | None = None
    #: Nothing is written to it any more.
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Shards by id. A parent that is not among them was trimmed away, and counts as done."""

    #: In the order of their ids, which tell their age.
    shards: tuple[Shard, ...] = ()

    @staticmethod
    def of(descriptions: Iterable[Mapping[str, Any]], *, enabled: bool = True) -> Forest:
        """Read the `Shards` of DescribeStream's pages, in whatever order. A stream that is off has no open shard.

        Raises EnvironmentFailure for a shard without id, one with two parents, and one that is its own ancestor.
        """
        shards: dict[str, Shard] = {}
        for each in descriptions:
            ends = each.get("SequenceNumberRange", {}).get("EndingSequenceNumber")
            shard_id, parent_id = each.get("ShardId"), each.get("ParentShardId") or None
            if not isinstance(shard_id, str) or not shard_id:
                raise _nonsense(f"a shard without an id: {dict(each)}")
            if shard_id in shards and shards[shard_id].parent_id != parent_id:
                raise _nonsense(f"{shard_id} has two parents, {shards[shard_id].parent_id} and {parent_id}")
            shards[shard_id] = Shard(shard_id=shard_id, parent_id=parent_id, closed=bool(ends) or not enabled)
        _refuse_circles(shards)
        return Forest(shards=tuple(shards[shard_id] for shard_id in sorted(shards)))

    def __contains__(self, shard_id: object) -> bool:
        return any(shard.shard_id == shard_id for shard in self.shards)

    def ready(self, finished: Collection[str]) -> tuple[Shard, ...]:
        """Return the shards that may be read: not done themselves, and all that came before them is."""
        open_ended = {shard.shard_id for shard in self.shards if shard.shard_id not in finished}
        return tuple(
            shard for shard in self.shards if shard.shard_id in open_ended and shard.parent_id not in open_ended
        )


def describe(api: StreamsApi, stream_arn: str) -> tuple[str, Forest]:
    """Return the stream's status (ENABLING, ENABLED, DISABLING, DISABLED) and its shards, from all pages."""
    parameters = {"StreamArn": stream_arn}
    shards: list[Mapping[str, Any]] = []
    while True:
        description = api.describe_stream(**parameters)["StreamDescription"]
        shards += description["Shards"]
        last = description.get("LastEvaluatedShardId")
        if not last:
            status = str(description.get("StreamStatus", "ENABLED"))
            return status, Forest.of(shards, enabled=status != "DISABLED")
        if last == parameters.get("ExclusiveStartShardId"):
            raise _nonsense(f"the page after {last} ends with {last}")
        parameters["ExclusiveStartShardId"] = last


def _refuse_circles(shards: Mapping[str, Shard]) -> None:
    """Follow every line of ancestors once."""
    rooted: set[str] = set()
    for shard_id in shards:
        line: dict[str, None] = {}
        at: str | None = shard_id
        while at is not None and at in shards and at not in rooted:
            if at in line:
                raise _nonsense(f"{at} is its own ancestor: {' < '.join([*line, at])}")
            line[at] = None
            at = shards[at].parent_id
        rooted.update(line)


def _nonsense(what: str) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"the stream's shards make no sense: {what}", hint="restart the engine: harness down, then harness up"
    )
