"""What DynamoDB Streams is asked for, and the answers that a reader must expect, without boto3's types."""

from __future__ import annotations

from typing import Any, Protocol


class ExpiredIterator(Exception):
    """The iterator is older than 15 minutes."""


class TrimmedData(Exception):
    """The position lies before the oldest record that the shard still holds."""


class StreamGone(Exception):
    """The stream, or the shard, is not there (any more)."""


class Unreachable(Exception):
    """Nobody answers, or the answer is none: the engine is gone or being restarted."""


class StreamsApi(Protocol):
    """The three calls of `dynamodbstreams`, with its parameters and answers as boto3 gives them.

    Raises the exceptions above; anything else is passed on as it is.
    """

    def describe_stream(self, **parameters: Any) -> dict[str, Any]:
        """Return `{"StreamDescription": {…}}`."""

    def get_shard_iterator(self, **parameters: Any) -> dict[str, Any]:
        """Return `{"ShardIterator": …}`."""

    def get_records(self, **parameters: Any) -> dict[str, Any]:
        """Return `{"Records": […], "NextShardIterator": …}`; the second is missing at the end of a closed shard."""
