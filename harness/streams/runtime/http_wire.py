"""As much of HTTP/1.1 as AWS's runtime clients speak: requests taken from pieces of a stream, answers as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from http import HTTPStatus

_END_OF_HEAD = b"\r\n\r\n"
_LONGEST_HEAD = 2 << 20  # the runtime client sends up to 1 MB of X-Ray data in a header
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Malformed(Exception):
    """It is no HTTP, or more of it than we understand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked."""

    method: str
    path: str
    #: As much of the body as the reader keeps.
    body: bytes
    #: Bytes that the whole body has.
    size: int


@dataclass(slots=True, kw_only=True)
class _Begun:
    """A request whose head is there."""

    method: str
    path: str
    size: int
    missing: int
    body: bytearray


class RequestReader:
    """Puts requests together. Of a body it keeps `limit` bytes, whatever the size."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._begun: _Begun | None = None
        #: Set when the sender waits for CONTINUE before it sends a body.
        self.expects_continue = False

    def feed(self, data: bytes) -> Iterator[Request]:
        """Take a piece; yield the requests that it completes."""
        self._buffer += data
        while True:
            begun = self._begun = self._begun or self._begin()
            if begun is None or not self._fill(begun):
                return
            self._begun = None
            self.expects_continue = False
            yield Request(method=begun.method, path=begun.path, body=bytes(begun.body), size=begun.size)

    def _begin(self) -> _Begun | None:
        end = self._buffer.find(_END_OF_HEAD)
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise Malformed("a request's head has no end")
            return None
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + len(_END_OF_HEAD)]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if "transfer-encoding" in headers:
            raise Malformed("a body without a length")
        self.expects_continue = headers.get("expect", "").lower() == "100-continue"
        try:
            method, path, _version = first.split(" ")
            size = int(headers.get("content-length", "0"))
        except ValueError as error:
            raise Malformed(f"no request begins with {first[:80]!r}") from error
        if size < 0:
            raise Malformed(f"a body of {size} bytes")
        return _Begun(method=method, path=path, size=size, missing=size, body=bytearray())

    def _fill(self, begun: _Begun) -> bool:
        taken = self._buffer[: begun.missing]
        del self._buffer[: len(taken)]
        begun.missing -= len(taken)
        begun.body += taken[: max(0, self._limit - len(begun.body))]
        return begun.missing == 0


def response(status: HTTPStatus, body: bytes = b"{}", headers: Mapping[str, str] | None = None) -> bytes:
    """Return head and body in one piece: in two, the second would wait 40 ms for the first one's acknowledgement."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode("latin-1") + body
