"""How far a mapping has come in a shard, and where that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.streams.delivery.window import LaneWindows


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything up to here is handled, discarded or filtered out."""

    #: Of the last such record; None where there is none yet, and reading begins at the shard's oldest record.
    sequence_number: str | None = None
    #: The shard is closed and all of it is done: its children may begin.
    finished: bool = False
    #: Tumbling windows whose state includes records up to here, and no later one.
    windows: tuple[LaneWindows, ...] = ()


class Checkpoints(Protocol):
    """Keeps checkpoints by mapping, stream and shard: on disk, or in memory."""

    def load(self, mapping_uuid: str, stream_arn: str) -> dict[str, Checkpoint]:
        """Return what is known, by shard id. Another stream's checkpoints are none of ours."""

    def begin(self, mapping_uuid: str, stream_arn: str, checkpoints: Mapping[str, Checkpoint]) -> None:
        """Keep where a mapping starts in every shard: all of them, or after a crash none."""

    def save(self, mapping_uuid: str, stream_arn: str, shard_id: str, checkpoint: Checkpoint) -> None:
        """Keep it so that a crash right after still finds it, whole."""
