from __future__ import annotations

from http import HTTPStatus
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.streams.runtime.http_wire import Malformed, Request, RequestReader, response


def post(path: str, body: bytes, extra: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\ncontent-length: {len(body)}\r\n{extra}\r\n".encode() + body


def read(reader: RequestReader, *pieces: bytes) -> list[Request]:
    return [request for piece in pieces for request in reader.feed(piece)]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.lists(st.integers(0, 400), max_size=8))
def test_requests_come_out_whole_wherever_the_stream_is_cut(bodies: list[bytes], cuts: list[int]) -> None:
    data = b"".join(post(f"/{number}", body) for number, body in enumerate(bodies)) + b"GET /next HTTP/1.1\r\n\r\n"
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    found = read(RequestReader(limit=1000), *pieces)
    assert [(request.method, request.path, request.body) for request in found] == [
        *(("POST", f"/{number}", body) for number, body in enumerate(bodies)),
        ("GET", "/next", b""),
    ]


def test_a_large_body_is_counted_and_not_kept() -> None:
    (request,) = read(RequestReader(limit=10), post("/a", b"x" * 25), b"")
    assert (request.size, request.body) == (25, b"x" * 10)
    reader = RequestReader(limit=10)
    first, second = read(reader, post("/a", b"x" * 25) + post("/b", b"y"))
    assert (first.size, second.path, second.body) == (25, "/b", b"y")


def test_a_sender_that_waits_is_noticed_once_the_head_is_there() -> None:
    head, body = post("/a", b"abc", "Expect: 100-continue\r\n")[:-3], b"abc"
    reader = RequestReader(limit=10)
    assert read(reader, head) == []
    assert reader.expects_continue
    assert [request.body for request in read(reader, body)] == [b"abc"]
    assert not reader.expects_continue


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(garbage: bytes) -> None:
    with pytest.raises(Malformed):
        read(RequestReader(limit=10), garbage)


def test_a_head_without_end_is_refused() -> None:
    reader = RequestReader(limit=10)
    with pytest.raises(Malformed):
        read(reader, *[b"x" * (1 << 20)] * 3)


def test_an_answer_is_one_piece() -> None:
    assert response(HTTPStatus.OK, b"[]", {"A": "1"}) == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nA: 1\r\n\r\n[]"
    )
