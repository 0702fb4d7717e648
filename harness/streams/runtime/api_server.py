"""Lambda's Runtime API on loopback, for one process, as AWS's runtime clients call it.

Source: developer guide, "Using the Lambda runtime API". One path more is ours: on it the process tells its AWS calls.
It runs in the thread that invokes: nothing happens between two invocations, as in a frozen execution environment.
"""

from __future__ import annotations

import json
import selectors
import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from harness.endpoint import LOOPBACK
from harness.streams.invocation import AwsCall
from harness.streams.runtime.failures import RESPONSE_LIMIT
from harness.streams.runtime.http_wire import CONTINUE, Malformed, Request, RequestReader, response

if TYPE_CHECKING:
    from collections.abc import Mapping

_RUNTIME = "/2018-06-01/runtime/"
CALLS = "/harness/calls"
_PIECE = 1 << 18
#: Bytes of any request's body that are kept; a call with a batch of 16 MB must fit.
_LARGEST_BODY = 32 << 20
#: Seconds in which an answer must be taken; the process reads, or is beyond help.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back for an event."""

    failed: bool
    body: bytes
    too_large: bool = False


class RuntimeApi:
    """Serves one process. Its sockets are watched by the selector; each key's data is what to call."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._listener = socket.create_server((LOOPBACK, 0))
        self._readers: dict[socket.socket, RequestReader] = {}
        #: The connection on which the process asks for its next event.
        self._asking: socket.socket | None = None
        self._request_id: str | None = None
        self._calls: list[AwsCall] = []
        #: What came back for the event last given.
        self.answer: Answer | None = None
        #: Lambda's error payload, where the handler could not be loaded.
        self.init_error: Mapping[str, Any] | None = None
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    @property
    def address(self) -> str:
        """`host:port`."""
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    @property
    def is_asked(self) -> bool:
        """Whether the process waits for an event."""
        return self._asking is not None

    def give(self, event: bytes, headers: Mapping[str, str], request_id: str) -> None:
        """Hand an event to the process that asks for one."""
        connection, self._asking = self._asking, None
        self._request_id, self.answer = request_id, None
        if connection is not None:
            self._send(connection, response(HTTPStatus.OK, event, headers))

    def take_calls(self) -> tuple[AwsCall, ...]:
        """Return the AWS calls heard since the last time."""
        calls, self._calls = tuple(self._calls), []
        return calls

    def close(self) -> None:
        """Close every socket."""
        for connection in list(self._readers):
            self._drop(connection)
        self._selector.unregister(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(_PATIENCE)
        self._readers[connection] = RequestReader(limit=_LARGEST_BODY)
        self._selector.register(connection, selectors.EVENT_READ, lambda: self._hear(connection))

    def _hear(self, connection: socket.socket) -> None:
        reader = self._readers[connection]
        try:
            data = connection.recv(_PIECE)
            for request in reader.feed(data):
                self._route(connection, request)
        except (OSError, Malformed, ValueError, TypeError, RecursionError):
            data = b""  # whatever the function sends here of its own accord, it harms nobody else
        if not data:
            self._drop(connection)
        elif reader.expects_continue:
            reader.expects_continue = False
            self._send(connection, CONTINUE)

    def _route(self, connection: socket.socket, request: Request) -> None:
        if request.path == f"{_RUNTIME}invocation/next":
            self._asking = connection
            return
        status, body = HTTPStatus.ACCEPTED, b"{}"
        if request.path == CALLS:
            self._calls.append(AwsCall(**json.loads(request.body)))
        elif request.path == f"{_RUNTIME}init/error":
            self.init_error = dict(json.loads(request.body))
        elif request.path.startswith(f"{_RUNTIME}invocation/"):
            status, body = self._take_answer(request)
        else:
            status = HTTPStatus.NOT_FOUND
        self._send(connection, response(status, body))

    def _take_answer(self, request: Request) -> tuple[HTTPStatus, bytes]:
        request_id, _, what = request.path.removeprefix(f"{_RUNTIME}invocation/").partition("/")
        if request_id != self._request_id or self.answer is not None or what not in {"response", "error"}:
            # For instance from a forked child, after its parent has answered.
            return HTTPStatus.BAD_REQUEST, _error("InvalidRequestID", "Invalid request ID")
        too_large = what == "response" and request.size > RESPONSE_LIMIT
        self.answer = Answer(failed=what == "error", body=request.body, too_large=too_large)
        if too_large:
            message = f"Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _error("RequestEntityTooLarge", message)
        return HTTPStatus.ACCEPTED, b"{}"

    def _send(self, connection: socket.socket, data: bytes) -> None:
        try:
            connection.sendall(data)
        except OSError:
            self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        if self._readers.pop(connection, None) is not None:
            self._selector.unregister(connection)
            connection.close()
        if self._asking is connection:
            self._asking = None


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"errorMessage": message, "errorType": kind}).encode()
