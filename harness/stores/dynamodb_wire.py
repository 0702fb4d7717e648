"""AWS's JSON protocol, as DynamoDB and Cognito speak it, over kept-alive connections.

boto3 spends more time on a batch of 25 items than DynamoDB Local does; this is what makes loading fast
(docs/decisions.md), and what commands read with, without importing boto3.
"""

from __future__ import annotations

import http.client
import json
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from harness.stores.aws_api import DYNAMODB, AwsApi
from harness.stores.backoff import Backoff
from harness.stores.sigv4 import sign

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.endpoint import AwsEndpoint

_THROTTLED = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
_HTTP_SERVER_ERROR = 500
_HTTP_OK = 200


class ServiceError(Exception):
    """The service answered, and the answer is an error."""

    def __init__(self, operation: str, code: str, message: str, status: int) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.operation = operation
        self.code = code
        self.message = message
        self.status = status

    @property
    def passing(self) -> bool:
        """Trying again later may help."""
        return self.code in _THROTTLED or self.status >= _HTTP_SERVER_ERROR


class Unreachable(Exception):
    """Nobody answered, or not in the service's words."""


class Wire:
    """Calls operations on one endpoint. Safe to share between threads."""

    def __init__(
        self,
        endpoint: AwsEndpoint,
        *,
        timeout: float = 20.0,
        backoff: Backoff | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        api: AwsApi = DYNAMODB,
    ) -> None:
        self.endpoint = endpoint
        self.backoff = backoff or Backoff()
        self._timeout = timeout
        self._now = now
        self._api = api
        self._url = urlsplit(endpoint.url)
        self._path = self._url.path or "/"
        self._idle: deque[http.client.HTTPConnection] = deque()

    def with_key(self, access_key_id: str) -> Wire:
        """Return a wire to the same endpoint with another access key, on the same connections."""
        other = Wire(
            replace(self.endpoint, access_key_id=access_key_id, session_token=None),
            timeout=self._timeout,
            backoff=self.backoff,
            now=self._now,
            api=self._api,
        )
        other._idle = self._idle
        return other

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Call one operation; throttling and server errors are tried again."""
        body = json.dumps(parameters, separators=(",", ":"), ensure_ascii=False).encode()
        for attempt in range(self.backoff.attempts):
            try:
                return self.call_once(operation, body)
            except ServiceError as exc:
                if not exc.passing or attempt == self.backoff.attempts - 1:
                    raise
            self.backoff.wait(attempt)
        raise AssertionError("a backoff has at least one attempt")

    def pages(self, operation: str, parameters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Call a Query or Scan until there is no LastEvaluatedKey."""
        page = self.call(operation, parameters)
        yield page
        while key := page.get("LastEvaluatedKey"):
            page = self.call(operation, parameters | {"ExclusiveStartKey": key})
            yield page

    def call_once(self, operation: str, body: bytes) -> dict[str, Any]:
        """Send one request. Raises ServiceError or Unreachable."""
        status, answer = self._exchange(operation, body)
        try:
            data: dict[str, Any] = json.loads(answer)
        except ValueError as exc:
            if status >= _HTTP_SERVER_ERROR:
                raise ServiceError(operation, "ServiceUnavailable", f"HTTP {status}", status) from exc
            raise Unreachable(f"what answers is not {self._api.name}: HTTP {status}, {answer[:60]!r}") from exc
        if status == _HTTP_OK:
            return data
        raise service_error(operation, data, status)

    def close(self) -> None:
        """Close all connections; a later call makes a new one."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, operation: str, body: bytes) -> tuple[int, bytes]:
        """Send and receive. A kept connection that was closed meanwhile gets one more try on a new one."""
        headers = {
            "Host": self._url.netloc,
            "Content-Type": f"application/x-amz-json-{self._api.json_version}",
            "X-Amz-Target": f"{self._api.target_prefix}.{operation}",
        }
        signed = sign(self.endpoint, self._path, headers, body, self._now(), service=self._api.signing_name)
        connection = self._connection()
        while True:
            kept = connection.sock is not None
            try:
                answer = _send(connection, self._path, body, signed)
            except TimeoutError as exc:
                connection.close()
                raise Unreachable(f"no answer to {operation} within {self._timeout:g} s") from exc
            except (OSError, http.client.HTTPException) as exc:
                connection.close()
                if not kept:
                    raise Unreachable(str(exc) or type(exc).__name__) from exc
            else:
                self._idle.append(connection)
                return answer

    def _connection(self) -> http.client.HTTPConnection:
        """Take a connection that nobody uses right now, or a new one."""
        try:
            return self._idle.pop()
        except IndexError:
            kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
            return kind(self._url.netloc, timeout=self._timeout)


def service_error(operation: str, answer: dict[str, Any], status: int) -> ServiceError:
    """Return what an answer says that is an error."""
    code = str(answer.get("__type", "UnknownError")).rpartition("#")[2]
    return ServiceError(operation, code, str(answer.get("message") or answer.get("Message") or ""), status)


def _send(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    connection.request("POST", path, body, headers)
    response = connection.getresponse()
    return response.status, response.read()
