"""DynamoDB Streams through a boto3 client."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from harness.stores.streams_api import Unreachable, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator


class StreamsClient:
    """A boto3 `dynamodbstreams` client whose refusals are those of StreamsApi.

    The client tries again by itself as it was told to: one with botocore's default keeps quiet about a dead engine for
    seconds. The trigger itself reads through StreamsWire, which tells at once.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe_stream(self, **parameters: Any) -> dict[str, Any]:
        """DescribeStream."""
        return self._call("describe_stream", parameters)

    def get_shard_iterator(self, **parameters: Any) -> dict[str, Any]:
        """GetShardIterator."""
        return self._call("get_shard_iterator", parameters)

    def get_records(self, **parameters: Any) -> dict[str, Any]:
        """GetRecords."""
        return self._call("get_records", parameters)

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        with _translated():
            answer: dict[str, Any] = getattr(self._client, operation)(**parameters)
            return answer


@contextmanager
def _translated() -> Iterator[None]:
    # Only after somebody made a client: this pays for no import.
    from botocore.exceptions import ClientError, HTTPClientError  # noqa: PLC0415
    from botocore.exceptions import ConnectionError as NoConnection  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    try:
        yield
    except ClientError as exc:
        status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        error = refusal(exc.response["Error"].get("Code", ""), exc.response["Error"].get("Message", ""), status)
        if error is None:
            raise
        raise error from exc
    except (NoConnection, HTTPClientError, ResponseParserError) as exc:
        # No connection, a cut one, no answer in time; or an answer that nobody can read.
        raise Unreachable(str(exc)) from exc
