"""The protocol against a server that misbehaves: a script of answers on loopback."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

import pytest

from harness.endpoint import DynamoDBEndpoint
from harness.engines.ports import free_port
from harness.stores.backoff import Backoff
from harness.stores.dynamodb_wire import ServiceError, Unreachable, Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Close the connection without an answer; never answer.
HANG_UP, SILENCE = b"hang up", b"silence"


def answer(status: int, body: object) -> bytes:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n%s" % (status, len(text), text)


THROTTLED = answer(400, {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "slow"})


def read_request(stream: BinaryIO) -> bool:
    """Read one whole request; False when the client has gone."""
    length = 0
    try:
        while (line := stream.readline()) not in {b"", b"\r\n"}:
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return bool(line) and len(stream.read(length)) == length
    except OSError:
        return False


@contextmanager
def scripted(*answers: bytes, timeout: float = 20.0) -> Iterator[tuple[Wire, list[float]]]:
    """Yield a wire to a server that gives these answers in turn, over as many connections as it takes."""
    listener = socket.create_server(("127.0.0.1", 0))
    pauses: list[float] = []
    script = iter(answers)
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            kept.append(connection)
            requests = connection.makefile("rb")
            while read_request(requests):
                said = next(script)
                if said == HANG_UP:
                    break
                if said != SILENCE:
                    connection.sendall(said)
            requests.close()
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    wire = Wire(
        DynamoDBEndpoint(url=f"http://127.0.0.1:{listener.getsockname()[1]}"),
        timeout=timeout,
        backoff=Backoff(attempts=3, pause=pauses.append),
    )
    try:
        yield wire, pauses
    finally:
        wire.close()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in kept:
            connection.close()
        thread.join(10)


def test_throttling_and_server_errors_are_tried_again() -> None:
    with scripted(THROTTLED, answer(500, {"__type": "InternalServerError"}), answer(200, {"ok": 1})) as (wire, pauses):
        assert wire.call("Scan", {}) == {"ok": 1}
        assert len(pauses) == 2


def test_endless_throttling_ends_in_its_error() -> None:
    with scripted(THROTTLED, THROTTLED, THROTTLED) as (wire, _), pytest.raises(ServiceError) as caught:
        wire.call("Scan", {})
    assert (caught.value.code, caught.value.message) == ("ThrottlingException", "slow")


def test_error_that_does_not_pass_is_raised_at_once() -> None:
    with scripted(answer(400, {"__type": "x#ValidationException", "Message": "no"})) as (wire, pauses):
        with pytest.raises(ServiceError, match="Scan: ValidationException: no"):
            wire.call("Scan", {})
        assert pauses == []


def test_kept_connection_that_was_closed_meanwhile_is_made_anew() -> None:
    with scripted(answer(200, {"n": 1}), HANG_UP, answer(200, {"n": 2})) as (wire, _):
        assert wire.call("Scan", {}) == {"n": 1}
        assert wire.call("Scan", {}) == {"n": 2}


def test_new_connection_that_is_closed_is_unreachable() -> None:
    with scripted(HANG_UP) as (wire, _), pytest.raises(Unreachable, match="closed connection without response"):
        wire.call("Scan", {})


def test_server_that_never_answers_is_not_waited_for() -> None:
    with (
        scripted(SILENCE, timeout=0.05) as (wire, _),
        pytest.raises(Unreachable, match=r"no answer to Scan within 0.05 s"),
    ):
        wire.call("Scan", {})


def test_something_else_at_the_port_is_said() -> None:
    page = answer(200, b"<html>It works!</html>")
    with scripted(page) as (wire, _), pytest.raises(Unreachable, match="not DynamoDB: HTTP 200, b'<html>"):
        wire.call("Scan", {})


def test_nobody_at_the_port_is_unreachable() -> None:
    wire = Wire(DynamoDBEndpoint(url=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(Unreachable, match="Connection refused"):
        wire.call("Scan", {})


def test_pages_go_on_until_there_is_no_last_key() -> None:
    pages = (answer(200, {"Items": [1], "LastEvaluatedKey": {"pk": 1}}), answer(200, {"Items": [2]}))
    with scripted(*pages) as (wire, _):
        assert [page["Items"] for page in wire.pages("Scan", {"TableName": "t"})] == [[1], [2]]


def test_threads_that_come_and_go_share_one_kept_connection() -> None:
    with scripted(*[answer(200, {})] * 5) as (wire, _):
        for _number in range(5):
            thread = threading.Thread(target=wire.call, args=("Scan", {}))
            thread.start()
            thread.join(10)
        assert len(wire._idle) == 1
