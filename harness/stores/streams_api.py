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


_HTTP_SERVER_ERROR = 500
_PASSING = frozenset({"InternalServerError", "LimitExceededException", "ServiceUnavailable", "ThrottlingException"})


def refusal(code: str, message: str, status: int) -> Exception | None:
    """Return which of the four an error of the service is; None where it is another.

    DynamoDB Local says "Invalid ShardId in ShardIterator" of an iterator from before its restart, or from another
    pair of access key and region; whether that is a ResourceNotFoundException depends on its version.
    """
    if code == "ResourceNotFoundException" or "Invalid ShardId" in message:
        return StreamGone(message)
    if code == "ExpiredIteratorException":
        return ExpiredIterator(message)
    if code == "TrimmedDataAccessException":
        return TrimmedData(message)
    if code in _PASSING or status >= _HTTP_SERVER_ERROR:
        return Unreachable(f"{code}: {message}")
    return None


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
